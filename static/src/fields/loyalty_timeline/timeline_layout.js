import {deserializeDate} from "@web/core/l10n/dates";

const MOST_TICKS = 8;
const MONTHS_BETWEEN = [1, 2, 3, 6, 12, 24];
const NARROW = 4;

/**
 * A scale of days: where a day lies between two others, in percent, not beyond them.
 *
 * @returns {(day: string) => number}
 */
export function dayScale(start, end) {
    const [first, last] = [start, end].map((day) => deserializeDate(day).toMillis());
    return (day) => {
        const at = (deserializeDate(day).toMillis() - first) / (last - first || 1);
        return 100 * Math.min(Math.max(at, 0), 1);
    };
}

/**
 * The stages as spans across; the last one reaches the right edge. What is too narrow
 * for its name is told by hand or tooltip.
 *
 * @param {Object[]} spans with `start` and `end`, oldest first
 */
export function placeSpans(spans, place) {
    return spans.map((span) => {
        const left = place(span.start);
        const width = place(span.end) - left;
        return {...span, left, width, isNarrow: width < NARROW};
    });
}

/** The score as a line in steps: what was recorded stands until the next change. */
export function scorePath(scores, place) {
    const round = (number) => Math.round(number * 100) / 100;
    return scores
        .map(({date, score}, at) => {
            const [x, y] = [round(place(date)), round(100 - score)];
            return at ? `H${x}V${y}` : `M${x} ${y}`;
        })
        .join("");
}

/** First days of months between two days, few enough to be labelled. */
export function monthTicks(start, end, place) {
    const [from, to] = [deserializeDate(start), deserializeDate(end)];
    const months = to.diff(from, "months").months;
    const step = MONTHS_BETWEEN.find((one) => months / one <= MOST_TICKS) || 24;
    const ticks = [];
    let day = from.startOf("month").plus({months: 1});
    while (day <= to) {
        if ((day.month - 1) % Math.min(step, 12) === 0) {
            ticks.push({key: day.toISODate(), place: place(day.toISODate()), day});
        }
        day = day.plus({months: 1});
    }
    return ticks;
}
