import {Component, useState} from "@odoo/owl";
import {deserializeDate, formatDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {roundHalfUp} from "../rounding";
import {ValueTier} from "../value_tier/value_tier";
import {dayScale, monthTicks, placeSpans, scorePath} from "./timeline_layout";

function shortDay(day) {
    return formatDate(deserializeDate(day));
}

function daysInWords(days) {
    return days === 1 ? _t("1 day") : _t("%s days", days);
}

/** A customer's stages as coloured spans, the score as a line above them. */
export class LoyaltyTimeline extends Component {
    static template = "customer_value.LoyaltyTimeline";
    static components = {ValueTier};
    static props = {course: Object};

    setup() {
        this.state = useState({chosen: null});
    }

    get place() {
        const {start, end} = this.props.course;
        return dayScale(start, end);
    }

    get spans() {
        return placeSpans(this.props.course.spans, this.place);
    }

    /** Empty while the score of one day only is known. */
    get path() {
        const {scores} = this.props.course;
        return scores[0]?.date === scores.at(-1)?.date
            ? ""
            : scorePath(scores, this.place);
    }

    get ticks() {
        const {start, end} = this.props.course;
        return monthTicks(start, end, this.place).map(({key, place, day}) => ({
            key,
            place,
            label: day.toLocaleString({month: "short", year: "2-digit"}),
        }));
    }

    /** The span that is told in words: the one clicked, else the present one. */
    get told() {
        const {spans} = this.props.course;
        return spans.find(({id}) => id === this.state.chosen) || spans.at(-1);
    }

    get isPresent() {
        return this.told === this.props.course.spans.at(-1);
    }

    get toldWhen() {
        const {start, end, days} = this.told;
        if (this.isPresent) {
            return _t("since %(start)s (%(days)s)", {
                start: shortDay(start),
                days: daysInWords(days),
            });
        }
        return _t("%(start)s to %(end)s (%(days)s)", {
            start: shortDay(start),
            end: shortDay(end),
            days: daysInWords(days),
        });
    }

    get indices() {
        const {behavioural, attitudinal} = this.props.course.present;
        return [
            {key: "behavioural", label: _t("Behaviour"), value: behavioural},
            {key: "attitudinal", label: _t("Attitude"), value: attitudinal},
        ].map((index) => ({
            ...index,
            isKnown: index.value !== null,
            words: index.value === null ? _t("unknown") : roundHalfUp(index.value),
        }));
    }

    spanWords({stage, start, end, evidence}) {
        const when = _t("%(stage)s, %(start)s to %(end)s", {
            stage,
            start: shortDay(start),
            end: shortDay(end),
        });
        return evidence ? `${when}. ${evidence}` : when;
    }

    spanStyle({left, width, color}) {
        return `left: ${left}%; width: ${width}%; --o-value-color: ${color}`;
    }

    choose(span) {
        this.state.chosen = span.id === this.state.chosen ? null : span.id;
    }
}
