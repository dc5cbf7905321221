import {Component} from "@odoo/owl";

/** The sign of a stance: up for us, down against us, a question where nobody knows. */
export class StanceMark extends Component {
    static template = "customer_value.StanceMark";
    static props = {
        stance: String,
        x: {type: Number, optional: true},
        y: {type: Number, optional: true},
        size: {type: Number, optional: true},
    };
    static defaultProps = {x: 0, y: 0, size: 12};
}
