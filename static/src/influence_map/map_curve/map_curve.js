import {Component} from "@odoo/owl";

/** A line of influence. `curve` is made by `routing.js`. */
export class MapCurve extends Component {
    static template = "customer_value.MapCurve";
    static props = {
        curve: Object,
        sentence: String,
        label: {type: Array, optional: true},
        mark: {type: String, optional: true},
        isSelected: {type: Boolean, optional: true},
    };
    static defaultProps = {label: [], mark: "", isSelected: false};

    get classes() {
        const {curve, mark, isSelected} = this.props;
        return [
            `o_map_curve_${curve.edge.kind}`,
            mark && `o_map_mark_${mark}`,
            isSelected && "o_map_selected",
        ]
            .filter(Boolean)
            .join(" ");
    }
}
