import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** What a rule would have done: cases by week as bars, and what each person would get. */
export class CarePreview extends Component {
    static template = "customer_value.CarePreview";
    static props = {...standardFieldProps};

    get told() {
        return this.props.record.data[this.props.name];
    }

    get title() {
        const {count, days} = this.told;
        return count === 1
            ? _t("1 case in the last %s days", days)
            : _t("%(count)s cases in the last %(days)s days", {count, days});
    }

    get details() {
        const {customers, recovered} = this.told;
        return customers === 1
            ? _t("1 customer; %s recovered meanwhile", recovered)
            : _t("%(customers)s customers; %(recovered)s recovered meanwhile", {
                  customers,
                  recovered,
              });
    }

    get bars() {
        const {weeks} = this.told;
        const highest = Math.max(...weeks, 1);
        return weeks.map((count, at) => ({
            key: at,
            count,
            height: `${Math.round((100 * count) / highest)}%`,
            title: this.weekWords(count, weeks.length - 1 - at),
        }));
    }

    weekWords(count, back) {
        if (back > 1) {
            return _t("%(count)s, %(weeks)s weeks ago", {count, weeks: back});
        }
        return back ? _t("%s, a week ago", count) : _t("%s in the last 7 days", count);
    }

    get people() {
        return this.told.people.map((person) => ({
            ...person,
            key: person.user_id || 0,
            name: person.name || _t("Nobody in charge"),
            isTooMuch: person.busiest > this.told.cap,
        }));
    }

    get capWords() {
        return _t("At most %s a day and person; the rest waits.", this.told.cap);
    }
}

export const carePreview = {
    component: CarePreview,
    displayName: _t("Preview of a care rule"),
    supportedTypes: ["json", "jsonb"],
};

registry.category("fields").add("customer_care_preview", carePreview);
