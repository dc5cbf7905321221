import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useWhy} from "../../why/why_dialog/why_action";
import {roundHalfUp} from "../rounding";
import {ValueLink} from "../value_link/value_link";

const RADIUS = 35;
export const CIRCUMFERENCE = 2 * Math.PI * RADIUS;

/** A score as a ring in the colour of its tier, with the number inside. */
export class ValueRing extends Component {
    static template = "customer_value.ValueRing";
    static props = {
        score: Number,
        color: {type: String, optional: true},
        small: {type: Boolean, optional: true},
        label: {type: String, optional: true},
    };
    static defaultProps = {color: "", small: false, label: ""};

    get shown() {
        return roundHalfUp(this.props.score);
    }

    get arc() {
        const share = Math.min(Math.max(this.props.score, 0), 100) / 100;
        return `${(share * CIRCUMFERENCE).toFixed(1)} ${CIRCUMFERENCE.toFixed(1)}`;
    }

    get label() {
        return this.props.label || _t("Value score %s of 100", this.shown);
    }

    get style() {
        return this.props.color ? `--o-value-color: ${this.props.color}` : "";
    }
}

/** The ring in lists and on cards: it opens why the customer's score moved. */
export class ValueRingField extends Component {
    static template = "customer_value.ValueRingField";
    static components = {ValueLink, ValueRing};
    static props = {
        ...standardFieldProps,
        colorField: {type: String, optional: true},
        tierField: {type: String, optional: true},
    };

    setup() {
        this.why = useWhy();
    }

    get data() {
        return this.props.record.data;
    }

    /** The contact itself, or the one a document is about. */
    get partnerId() {
        const {resModel, resId} = this.props.record;
        return resModel === "res.partner" ? resId : this.data.partner_id?.id;
    }

    get explain() {
        const {color, partnerId} = this;
        return partnerId ? () => this.why({partnerId, color}) : undefined;
    }

    /** Not scored is not a score of zero: every tier, even the lowest, has a name. */
    get isScored() {
        const tier = this.props.tierField && this.data[this.props.tierField];
        return Boolean(tier || this.data[this.props.name]);
    }

    get color() {
        return (this.props.colorField && this.data[this.props.colorField]) || "";
    }
}

export const valueRingField = {
    component: ValueRingField,
    displayName: _t("Value ring"),
    supportedTypes: ["float", "integer"],
    listViewWidth: [68, 80],
    supportedOptions: [
        {label: _t("Colour field"), name: "color_field", type: "field"},
        {label: _t("Tier field"), name: "tier_field", type: "field"},
    ],
    extractProps: ({options}) => ({
        colorField: options.color_field,
        tierField: options.tier_field,
    }),
};

registry.category("fields").add("customer_value_ring", valueRingField);
