import {Component, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {useRecordObserver} from "@web/model/relational_model/utils";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {LoyaltyTimeline} from "./loyalty_timeline";

/** The Loyalty tab of a contact, fetched when it is opened or loaded anew. */
export class LoyaltyTimelineWidget extends Component {
    static template = "customer_value.LoyaltyTimelineWidget";
    static components = {LoyaltyTimeline};
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.state = useState({course: false});
        useRecordObserver((record) =>
            this.fetch(record.resId, record.data.loyalty_state_id)
        );
    }

    async fetch(contactId, loyalty) {
        this.state.course =
            contactId && loyalty
                ? await this.keepLast.add(
                      this.orm.call("res.partner", "loyalty_course", [[contactId]])
                  )
                : false;
    }
}

export const loyaltyTimelineWidget = {
    component: LoyaltyTimelineWidget,
    fieldDependencies: [{name: "loyalty_state_id", type: "many2one"}],
};

registry
    .category("view_widgets")
    .add("customer_loyalty_timeline", loyaltyTimelineWidget);
