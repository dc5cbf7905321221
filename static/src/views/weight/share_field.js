import {Component, useState} from "@odoo/owl";
import {barLength, share, siblings, typedWeights} from "./weights";
import {_t} from "@web/core/l10n/translation";
import {formatFloat} from "@web/views/fields/formatters";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** The weight among all weights, as a bar and a percentage, before it is saved. */
export class ShareField extends Component {
    static template = "customer_value.ShareField";
    static props = {...standardFieldProps};

    setup() {
        this.weights = useState(typedWeights(this.props.record.model));
        this.root = useState(this.props.record.model.root);
    }

    get lines() {
        return siblings(this.props.record) && this.root.data.indicator_ids.records;
    }

    get share() {
        const {record, name} = this.props;
        return this.lines ? share(record, this.lines, this.weights) : record.data[name];
    }

    get barLength() {
        const {record} = this.props;
        return this.lines ? barLength(record, this.lines, this.weights) : this.share;
    }

    get label() {
        return _t("%s %", formatFloat(this.share, {digits: [16, 1]}));
    }
}

registry.category("fields").add("customer_value_share", {
    component: ShareField,
    displayName: _t("Share of the Score"),
    supportedTypes: ["float"],
});
