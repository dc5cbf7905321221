import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {isScoreSet, overrideWords} from "../value_strip/strip_words";
import {arrange, barSegments} from "./breakdown_rows";
import {
    absenceWords,
    groupWords,
    measuredWords,
    nextGain,
    nextWords,
    tenthsWords,
} from "./breakdown_words";

/**
 * How a score comes about: a line per indicator, grouped by dimension, with sums that
 * add up to the score. `breakdown`: `res.partner.value_breakdown`.
 */
export class ValueBreakdown extends Component {
    static template = "customer_value.ValueBreakdown";
    static props = {breakdown: Object};

    get strip() {
        return this.props.breakdown.strip;
    }

    get table() {
        return arrange(this.props.breakdown.rows);
    }

    get overrideWords() {
        return overrideWords(this.strip);
    }

    get isScoreSet() {
        return isScoreSet(this.strip);
    }

    groupWords(group) {
        return groupWords(group);
    }

    tenthsWords(tenths) {
        return tenthsWords(tenths);
    }

    hasFigures(row) {
        return row.state === "measured" || row.state === "carried";
    }

    /** A field of the customer is read as it stands: no window. */
    hasWindow(row) {
        return row.window && row.aggregate !== "attribute";
    }

    /** Measured for a tier rule or a segment alone, with a weight of zero. */
    isUnweighted(row) {
        return this.hasFigures(row) && !row.weight;
    }

    absenceWords(row) {
        return absenceWords(row);
    }

    measuredWords(row) {
        return measuredWords(row, this.props.breakdown.currency_id);
    }

    nextWords(row) {
        return nextWords(row, this.props.breakdown.currency_id);
    }

    gainWords(row) {
        const tenths = Math.round(nextGain(row) * 10);
        return tenths > 0 ? `+${tenthsWords(tenths)}` : "";
    }

    nextTitle(row) {
        return row.next
            ? _t("Then %(points)s points, which adds %(gain)s to the score.", {
                  points: row.next.points,
                  gain: this.gainWords(row) || "+0",
              })
            : "";
    }

    segments(row) {
        return barSegments(row.bands, row.points);
    }

    barWords(row) {
        return _t("%s of 100 points", Math.round(row.points));
    }

    points(row) {
        return Math.round(row.points);
    }

    confidentialWords({count}) {
        return count === 1
            ? _t("1 confidential measure")
            : _t("%s confidential measures", count);
    }
}
