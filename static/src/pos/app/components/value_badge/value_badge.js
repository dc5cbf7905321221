import { Component } from "@odoo/owl";

/**
 * A customer's tier: a dot of its colour and its name, never the colour alone.
 * Shows nothing for a customer without a tier.
 */
export class ValueBadge extends Component {
    static template = "customer_value.ValueBadge";
    static props = {
        badge: { optional: true },
        showLine: { type: Boolean, optional: true },
    };

    get title() {
        const { tier, line } = this.props.badge;
        return line ? `${tier} · ${line}` : tier;
    }
}
