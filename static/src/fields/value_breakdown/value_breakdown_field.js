import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {ValueBreakdown} from "./value_breakdown";

/** The breakdown held by a Json field, as `{strip, rows, currency_id}`. */
export class ValueBreakdownField extends Component {
    static template = "customer_value.ValueBreakdownField";
    static components = {ValueBreakdown};
    static props = {...standardFieldProps};

    get breakdown() {
        return this.props.record.data[this.props.name];
    }
}

export const valueBreakdownField = {
    component: ValueBreakdownField,
    displayName: _t("Value breakdown"),
    supportedTypes: ["json", "jsonb"],
};

registry.category("fields").add("customer_value_breakdown", valueBreakdownField);
