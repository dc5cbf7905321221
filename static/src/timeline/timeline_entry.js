import {Component} from "@odoo/owl";
import {formatDate, formatDateTime} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {formatCurrency} from "@web/core/currency";

/** One thing that happened, see `customer.timeline`. */
export class TimelineEntry extends Component {
    static template = "customer_value.TimelineEntry";
    static props = {entry: Object, open: Function};

    get entry() {
        return this.props.entry;
    }

    get day() {
        return this.entry.when.toFormat("ccc d");
    }

    get moment() {
        const {when, is_day: isDay} = this.entry;
        return isDay ? formatDate(when) : formatDateTime(when, {showSeconds: false});
    }

    get hasAmount() {
        return typeof this.entry.amount === "number" && this.entry.currency_id;
    }

    get amount() {
        return formatCurrency(this.entry.amount, this.entry.currency_id);
    }

    get direction() {
        return {in: _t("from them"), out: _t("from us")}[this.entry.direction] || "";
    }

    /** Whose picture: the customer's person, else ours. */
    get face() {
        const {person, user} = this.entry;
        if (person.id) {
            return {...person, url: `/web/image/res.partner/${person.id}/avatar_128`};
        }
        return user.id
            ? {...user, url: `/web/image/res.users/${user.id}/avatar_128`}
            : null;
    }

    get people() {
        const {person, user} = this.entry;
        return [person.name, user.name].filter(Boolean).join(" · ");
    }
}
