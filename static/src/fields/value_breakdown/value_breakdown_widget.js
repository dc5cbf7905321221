import {Component, useState} from "@odoo/owl";
import {deserializeDate, formatDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {useRecordObserver} from "@web/model/relational_model/utils";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {ValueBreakdown} from "./value_breakdown";

/**
 * The Value tab of a contact. The breakdown is fetched when the tab is opened, and again
 * whenever the form has loaded the contact anew.
 */
export class ValueBreakdownWidget extends Component {
    static template = "customer_value.ValueBreakdownWidget";
    static components = {ValueBreakdown};
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.state = useState({breakdown: false, isScoring: false});
        useRecordObserver((record) =>
            this.fetch(record.resId, record.data.value_strip)
        );
    }

    /** Reading the strip ties the fetch to it: a new strip means a new breakdown. */
    async fetch(contactId, strip) {
        if (!contactId || !strip) {
            this.state.breakdown = false;
            return;
        }
        this.state.breakdown = await this.keepLast.add(
            this.orm.call("res.partner", "value_breakdown", [[contactId]])
        );
    }

    get asOf() {
        const {model, as_of: day} = this.state.breakdown.strip;
        return day
            ? _t("%(model)s, scored as of %(day)s", {
                  model,
                  day: formatDate(deserializeDate(day)),
              })
            : model;
    }

    async scoreNow() {
        const {record} = this.props;
        this.state.isScoring = true;
        try {
            if (await record.save()) {
                await this.orm.call("res.partner", "action_score_now", [
                    [record.resId],
                ]);
                await record.load();
            }
        } finally {
            this.state.isScoring = false;
        }
    }
}

export const valueBreakdownWidget = {
    component: ValueBreakdownWidget,
    fieldDependencies: [{name: "value_strip", type: "json"}],
};

registry.category("view_widgets").add("customer_value_breakdown", valueBreakdownWidget);
