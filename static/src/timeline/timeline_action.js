import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {Timeline} from "./timeline";

/** The timeline on a page of its own; the contact is the action's `active_id`. */
export class TimelineAction extends Component {
    static template = "customer_value.TimelineAction";
    static components = {Layout, Timeline};
    static props = {...standardActionServiceProps};

    get partnerId() {
        return this.props.action.context.active_id;
    }

    get display() {
        return {controlPanel: {}};
    }

    named({customer}) {
        this.env.config.setDisplayName(_t("Timeline of %s", customer));
    }
}

registry.category("actions").add("customer_value_timeline", TimelineAction);
