import {Component} from "@odoo/owl";
import {formatDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {formatFloat, formatInteger} from "@web/views/fields/formatters";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useService} from "@web/core/utils/hooks";

const PERCENT = {digits: [16, 1], trailingZeros: false};

/** What a draft would do to everybody: distribution, moves, risers and fallers. */
export class PreviewField extends Component {
    static template = "customer_value.PreviewField";
    static props = {...standardFieldProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get result() {
        return this.props.record.data[this.props.name];
    }

    get intro() {
        return _t(
            "What the draft would do to everybody as of %s. Nothing has been written.",
            formatDate(this.props.record.data.as_of)
        );
    }

    get cards() {
        const {scored, today, average, average_today: before, moves} = this.result;
        return [
            {
                name: "scored",
                label: _t("Customers scored"),
                value: formatInteger(scored),
                hint: _t("%s today", formatInteger(today)),
            },
            {
                name: "average",
                label: _t("Average score"),
                value: this.points(average),
                hint: _t("%s today", this.points(before)),
            },
            {
                name: "rises",
                label: _t("Rise"),
                value: formatInteger(moves.rises || 0),
                hint: this.shareOf(moves.rises || 0, scored),
                move: "rises",
            },
            {
                name: "falls",
                label: _t("Fall"),
                value: formatInteger(moves.falls || 0),
                hint: this.shareOf(moves.falls || 0, scored),
                move: "falls",
            },
            {
                name: "tiers",
                label: _t("Change tier"),
                value: formatInteger(this.tierChanges),
                hint: this.shareOf(this.tierChanges, scored),
            },
        ];
    }

    /** Customers scored on both sides whose tier differs. */
    get tierChanges() {
        const levels = this.levels;
        return levels.reduce(
            (sum, level, from) =>
                sum +
                level.to.reduce(
                    (moving, count, to) => moving + (from === to ? 0 : count),
                    0
                ),
            0
        );
    }

    /** The levels that somebody is in, or that the draft has. */
    get levels() {
        return this.result.tiers;
    }

    get places() {
        return this.levels
            .map((level, place) => ({...level, place}))
            .filter(
                (level) =>
                    level.today || level.draft || (level.name && level.new_ids[0])
            );
    }

    get widest() {
        return Math.max(
            1,
            ...this.levels.map((level) => Math.max(level.today, level.draft))
        );
    }

    points(value) {
        return value === null ? "–" : formatFloat(value, {digits: [16, 1]});
    }

    count(value) {
        return formatInteger(value);
    }

    signed(value) {
        return value > 0 ? `+${formatInteger(value)}` : formatInteger(value);
    }

    shareOf(part, whole) {
        return _t("%s %", whole ? formatFloat((100 * part) / whole, PERCENT) : 0);
    }

    cellClass(from, to, count) {
        if (!count) {
            return "text-muted";
        }
        if (from === to) {
            return "o_cv_stays";
        }
        return to < from ? "o_cv_rises" : "o_cv_falls";
    }

    async open(params) {
        const action = await this.orm.call(
            this.props.record.resModel,
            "action_open_lines",
            [this.props.record.resId],
            params
        );
        this.action.doAction(action);
    }

    openCell(from, to) {
        this.open({old_tiers: from.old_ids, new_tiers: to.new_ids});
    }

    openPartner(partnerId) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: partnerId,
            views: [[false, "form"]],
        });
    }
}

registry.category("fields").add("customer_value_preview", {
    component: PreviewField,
    displayName: _t("Preview of a Value Model"),
    supportedTypes: ["json"],
});
