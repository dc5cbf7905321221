import {Component, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useRecordObserver} from "@web/model/relational_model/utils";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {Timeline} from "./timeline";

/** The Timeline tab of a contact: nothing is fetched before it is opened. */
export class TimelineWidget extends Component {
    static template = "customer_value.TimelineWidget";
    static components = {Timeline};
    static props = {...standardWidgetProps};

    setup() {
        this.state = useState({partnerId: false});
        useRecordObserver((record) => {
            this.state.partnerId = record.resId;
        });
    }
}

registry
    .category("view_widgets")
    .add("customer_value_timeline", {component: TimelineWidget});
