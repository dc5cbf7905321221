import {serializeDate, today} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";

export const PRESETS = [
    {key: "7", back: {days: 7}, label: () => _t("7 days")},
    {key: "30", back: {days: 30}, label: () => _t("30 days")},
    {key: "90", back: {days: 90}, label: () => _t("90 days")},
    {key: "365", back: {years: 1}, label: () => _t("1 year")},
];
export const USUAL = "30";

/** Until now, since so many days ago; `end` is empty for now. */
export function presetPeriod(key) {
    const {back} = PRESETS.find((preset) => preset.key === key);
    return {key, start: serializeDate(today().minus(back)), end: false};
}

/** Between two days, in whatever order they are given; a future day is now. */
export function chosenPeriod(one, other) {
    const now = serializeDate(today());
    const [start, end] = [one, other || now].sort();
    return {key: "", start, end: end < now && end};
}

/**
 * What there is to tell about a period: "moved", "still", or "none" where there was no
 * score to compare with.
 */
export function findingOf({start: first, end: last, from, to, lines}, {start, end}) {
    const isTooEarly = end && first > end;
    if (isTooEarly || (first === last && first > start)) {
        return "none";
    }
    const isMoved = from !== to || lines.some((line) => line.shown);
    return isMoved ? "moved" : "still";
}
