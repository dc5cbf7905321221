import {Component} from "@odoo/owl";
import {deserializeDateTime, formatDateTime} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** Last contact, closeness, and who knows the customer best, in a line. */
export class ContactStripField extends Component {
    static template = "customer_value.ContactStripField";
    static props = {...standardFieldProps};

    setup() {
        this.action = useService("action");
    }

    get contact() {
        return this.props.record.data[this.props.name];
    }

    get when() {
        return deserializeDateTime(this.contact.date);
    }

    get moment() {
        return formatDateTime(this.when, {showSeconds: false});
    }

    /** "visit, Ana, 41 days ago" */
    get words() {
        const {kind, user} = this.contact;
        const days = {unit: ["years", "months", "days"]};
        const today = luxon.DateTime.local().startOf("day");
        const ago = this.when.startOf("day").toRelative({base: today, ...days});
        const words = this.when.hasSame(today, "day") ? _t("today") : ago;
        return [kind, user.name, words].filter(Boolean).join(", ");
    }

    get closeness() {
        const {level_words: level, score, tie_words: tie} = this.contact;
        return _t("%(level)s (%(score)s of 100), %(tie)s tie", {
            level,
            score,
            tie: tie.toLowerCase(),
        });
    }

    get knownBy() {
        return this.contact.known_by
            .map(({name, level_words: level}) => `${name} (${level.toLowerCase()})`)
            .join(", ");
    }

    open() {
        const {model, id} = this.contact.opens;
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("fields").add("customer_value_contact", {
    component: ContactStripField,
    displayName: _t("Last contact"),
    supportedTypes: ["json", "jsonb"],
});
