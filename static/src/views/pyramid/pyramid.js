import {Component, useState} from "@odoo/owl";
import {formatInteger} from "@web/views/fields/formatters";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const NARROWEST = 30;

/** The tiers of a model as the levels of a pyramid, the top first. */
export class TierPyramid extends Component {
    static template = "customer_value.TierPyramid";
    static props = {...standardWidgetProps};

    setup() {
        this.record = useState(this.props.record);
    }

    get levels() {
        const tiers = this.record.data.tier_ids?.records || [];
        const total = tiers.reduce((sum, tier) => sum + tier.data.customer_count, 0);
        return tiers.map((tier, place) => ({
            id: tier.id,
            name: tier.data.name,
            color: tier.data.color,
            who: tier.data.rule_summary,
            count: total ? formatInteger(tier.data.customer_count) : "",
            share: total ? Math.round((100 * tier.data.customer_count) / total) : 0,
            width: NARROWEST + ((100 - NARROWEST) * (place + 1)) / tiers.length,
        }));
    }
}

registry.category("view_widgets").add("customer_value_pyramid", {
    component: TierPyramid,
});
