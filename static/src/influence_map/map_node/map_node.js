import {Component} from "@odoo/owl";
import {imageUrl} from "@web/core/utils/urls";
import {CARD} from "../layout";
import {StanceMark} from "../stance_mark/stance_mark";

const BARS = [1, 2, 3, 4, 5];
const ICON_STEP = 17;

/** A person on the map. Whose events the canvas hears: two hundred of them listen to nothing. */
export class MapNode extends Component {
    static template = "customer_value.MapNode";
    static components = {StanceMark};
    static props = {
        card: Object,
        node: Object,
        mark: {type: String, optional: true},
        isNear: {type: Boolean, optional: true},
        isSelected: {type: Boolean, optional: true},
        isTabStop: {type: Boolean, optional: true},
        hasHandle: {type: Boolean, optional: true},
        isGhost: {type: Boolean, optional: true},
    };
    static defaultProps = {
        mark: "",
        isNear: false,
        isSelected: false,
        isTabStop: false,
        hasHandle: false,
        isGhost: false,
    };

    get size() {
        return CARD;
    }

    get bars() {
        const {power} = this.props.card;
        return BARS.map((step) => ({
            step,
            x: CARD.width - 31 + step * 4,
            height: 2 + step * 2,
            state: power ? (step <= power && "full") || "open" : "ask",
        }));
    }

    get icons() {
        const {icons} = this.props.card;
        return icons.map((icon, at) => ({
            ...icon,
            x: CARD.width - 18 - ICON_STEP * (icons.length - 1 - at),
        }));
    }

    get ownerImage() {
        return imageUrl("res.users", this.props.card.owner.id, "avatar_128");
    }

    get place() {
        const {x, y} = this.props.node;
        return this.props.isGhost ? "" : `transform: translate(${x}px, ${y}px)`;
    }

    get classes() {
        const {card, mark, isSelected} = this.props;
        return [
            `o_stance_${card.stance}`,
            `o_map_contact_${card.contact}`,
            mark && `o_map_mark_${mark}`,
            isSelected && "o_map_selected",
            card.isPlaceholder && "o_map_placeholder",
            card.isGone && "o_map_gone",
            !card.power && "o_map_powerless",
        ]
            .filter(Boolean)
            .join(" ");
    }
}
