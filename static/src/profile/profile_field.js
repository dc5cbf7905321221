import {Component, useState} from "@odoo/owl";
import {ProfileQuestion} from "@customer_value/profile/profile_question";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** What we do not know yet of a customer: each question is answered where it stands. */
export class ProfileField extends Component {
    static template = "customer_value.ProfileField";
    static components = {ProfileQuestion};
    static props = {...standardFieldProps};

    setup() {
        this.orm = useService("orm");
        this.state = useState({busy: false});
    }

    get profile() {
        return this.props.record.data[this.props.name];
    }

    get percent() {
        return _t("%s % known", this.profile.percent);
    }

    /** Saves the form first: the answer may stand in one of its own fields. */
    async answer(question, value) {
        const {record} = this.props;
        this.state.busy = true;
        try {
            if (await record.save()) {
                const args = [[this.profile.partner], question.id, value];
                await this.orm.call("res.partner", "value_profile_answer", args);
                await record.load();
            }
        } finally {
            this.state.busy = false;
        }
    }
}

registry.category("fields").add("customer_value_profile", {
    component: ProfileField,
    displayName: _t("What we do not know yet"),
    supportedTypes: ["json", "jsonb"],
});
