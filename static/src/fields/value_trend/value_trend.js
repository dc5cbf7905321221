import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {roundHalfUp} from "../rounding";

const ARROWS = {up: "▲", down: "▼", flat: "▬", new: "✦"};

/** "Fell 9 in 30 days": the movement as one would say it. */
export function trendWords(trend, points, days) {
    switch (trend) {
        case "up":
            return _t("Rose %(points)s in %(days)s days", {points, days});
        case "down":
            return _t("Fell %(points)s in %(days)s days", {points, days});
        case "flat":
            return _t("Steady for %s days", days);
        case "new":
            return _t("New: no earlier score");
    }
    return "";
}

/** Whether the score moves: an arrow and words; compact, an arrow and points. */
export class ValueTrend extends Component {
    static template = "customer_value.ValueTrend";
    static props = {
        trend: String,
        points: {type: Number, optional: true},
        days: {type: Number, optional: true},
        compact: {type: Boolean, optional: true},
    };
    static defaultProps = {points: 0, days: 30, compact: false};

    get arrow() {
        return ARROWS[this.props.trend];
    }

    get words() {
        return trendWords(this.props.trend, this.props.points, this.props.days);
    }

    get short() {
        if (this.props.trend === "new") {
            return _t("New");
        }
        return this.props.trend === "flat" ? "" : String(this.props.points);
    }
}

export class ValueTrendField extends Component {
    static template = "customer_value.ValueTrendField";
    static components = {ValueTrend};
    static props = {
        ...standardFieldProps,
        pointsField: {type: String, optional: true},
    };

    get trend() {
        return this.props.record.data[this.props.name] || "";
    }

    get points() {
        const {pointsField, record} = this.props;
        return roundHalfUp(Math.abs((pointsField && record.data[pointsField]) || 0));
    }
}

export const valueTrendField = {
    component: ValueTrendField,
    displayName: _t("Value trend"),
    supportedTypes: ["selection"],
    listViewWidth: [60, 80],
    supportedOptions: [
        {label: _t("Points field"), name: "points_field", type: "field"},
    ],
    extractProps: ({options}) => ({pointsField: options.points_field}),
};

registry.category("fields").add("customer_value_trend", valueTrendField);
