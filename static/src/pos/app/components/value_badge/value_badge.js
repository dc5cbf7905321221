import {Component} from "@odoo/owl";

/**
 * A customer's tier: a dot of its colour and its name, never the colour alone.
 * Shows nothing for a customer without a tier.
 */
export class ValueBadge extends Component {
    static template = "customer_value.ValueBadge";
    static props = {
        badge: {optional: true}, // JSON text of {tier, color, line}, or false
        showLine: {type: Boolean, optional: true},
    };

    get parsed() {
        return this.props.badge && JSON.parse(this.props.badge);
    }

    titleOf({tier, line}) {
        return line ? `${tier} · ${line}` : tier;
    }
}
