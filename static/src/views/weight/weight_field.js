import {Component, useEffect} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {formatFloat} from "@web/views/fields/formatters";
import {useInputField} from "@web/views/fields/input_field_hook";
import {parseFloat} from "@web/views/fields/parsers";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {typedWeights} from "./weights";

/** A weight that is edited where it stands, in a list whose rows open a form. */
export class WeightField extends Component {
    static template = "customer_value.WeightField";
    static props = {...standardFieldProps};

    setup() {
        this.weights = typedWeights(this.props.record.model);
        this.input = useInputField({
            getValue: () => this.formattedValue,
            parse: (text) => this.parse(text),
            refName: "input",
        });
        // What was typed has reached the record, or was discarded
        useEffect(
            () => {
                delete this.weights[this.props.record.id];
            },
            () => [this.props.record.data[this.props.name]]
        );
    }

    get formattedValue() {
        return formatFloat(this.props.record.data[this.props.name], {
            digits: [16, 2],
            trailingZeros: false,
        });
    }

    get isReadonly() {
        return this.props.record.data.model_state
            ? this.props.record.data.model_state !== "draft"
            : this.props.readonly;
    }

    parse(text) {
        const weight = parseFloat(text || "0");
        if (weight < 0) {
            throw new Error(_t("A weight cannot be negative."));
        }
        return weight;
    }

    /** Let the shares of all lines follow while the number is typed. */
    onInput(ev) {
        try {
            this.weights[this.props.record.id] = this.parse(ev.target.value);
        } catch {
            delete this.weights[this.props.record.id];
        }
    }

    /** A value set by the arrow keys is no change to the browser: tell it. */
    onBlur(ev) {
        ev.target.dispatchEvent(new Event("change", {bubbles: true}));
    }

    onKeydown(ev) {
        const step = {ArrowUp: 1, ArrowDown: -1}[ev.key];
        if (!step) {
            return;
        }
        ev.preventDefault();
        const weight = Math.max(this.parse(ev.target.value) + step, 0);
        ev.target.value = formatFloat(weight, {digits: [16, 2], trailingZeros: false});
        ev.target.dispatchEvent(new Event("input", {bubbles: true}));
    }
}

registry.category("fields").add("customer_value_weight", {
    component: WeightField,
    displayName: _t("Weight"),
    supportedTypes: ["float"],
});
