import {Component, onWillStart, useState} from "@odoo/owl";
import {useRecordObserver} from "@web/model/relational_model/utils";
import {ModelSelector} from "@web/core/model_selector/model_selector";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useService} from "@web/core/utils/hooks";

/** The technical name of a model, picked and shown by its title. */
export class ResModelField extends Component {
    static template = "customer_value.ResModelField";
    static components = {ModelSelector};
    static props = {...standardFieldProps, placeholder: {type: String, optional: true}};

    setup() {
        this.orm = useService("orm");
        this.state = useState({title: ""});
        onWillStart(() => this.loadTitle(this.value));
        useRecordObserver((record) => this.loadTitle(record.data[this.props.name]));
    }

    get value() {
        return this.props.record.data[this.props.name] || "";
    }

    async loadTitle(name) {
        if (!name) {
            this.state.title = "";
            return;
        }
        const [model] = await this.orm
            .cache()
            .call("ir.model", "display_name_for", [[name]]);
        this.state.title = model.display_name;
    }

    onModelSelected({label, technical}) {
        this.state.title = label;
        this.props.record.update({[this.props.name]: technical});
    }
}

registry.category("fields").add("customer_value_res_model", {
    component: ResModelField,
    displayName: _t("Model"),
    supportedTypes: ["char"],
    extractProps: ({placeholder}) => ({placeholder}),
});
