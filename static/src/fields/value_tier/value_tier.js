import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** A tier: always its name, and its colour beside it. */
export class ValueTier extends Component {
    static template = "customer_value.ValueTier";
    static props = {
        name: String,
        color: {type: String, optional: true},
    };
    static defaultProps = {color: ""};

    get style() {
        return this.props.color ? `--o-value-color: ${this.props.color}` : "";
    }
}

export class ValueTierField extends Component {
    static template = "customer_value.ValueTierField";
    static components = {ValueTier};
    static props = {
        ...standardFieldProps,
        colorField: {type: String, optional: true},
    };

    get name() {
        return this.props.record.data[this.props.name]?.display_name || "";
    }

    get color() {
        const {colorField, record} = this.props;
        return (colorField && record.data[colorField]) || "";
    }
}

export const valueTierField = {
    component: ValueTierField,
    displayName: _t("Value tier"),
    supportedTypes: ["many2one"],
    listViewWidth: [100, 180],
    supportedOptions: [{label: _t("Colour field"), name: "color_field", type: "field"}],
    extractProps: ({options}) => ({colorField: options.color_field}),
};

registry.category("fields").add("customer_value_tier", valueTierField);
