import {deserializeDateTime} from "@web/core/l10n/dates";

/**
 * Entries by month, in the order in which they come: latest first.
 *
 * @param {Object[]} entries as of `customer.timeline`, each with a UTC `moment`
 * @returns {{key: String, start: luxon.DateTime, entries: Object[]}[]}
 */
export function byMonth(entries) {
    const months = [];
    for (const entry of entries) {
        const when = deserializeDateTime(entry.moment);
        const key = when.toFormat("yyyy-MM");
        if (!months.length || months.at(-1).key !== key) {
            months.push({key, start: when.startOf("month"), entries: []});
        }
        months.at(-1).entries.push({...entry, when});
    }
    return months;
}

/** First and last day of a period as texts; null is open. */
export function daysOf(period, today) {
    const back = {month: {months: 1}, quarter: {months: 3}, year: {years: 1}}[period];
    return back
        ? {start: today.minus(back).plus({days: 1}).toISODate(), end: null}
        : {start: null, end: null};
}

/** Whether anything is left out. */
export function isNarrowed({groups, text, start, end, alone}) {
    return Boolean(groups.length || text || start || end || alone);
}

/** Chosen groups after a click on one. */
export function toggled(groups, code) {
    return groups.includes(code)
        ? groups.filter((other) => other !== code)
        : [...groups, code];
}

/**
 * Append a page, but for what is there already: a record that was dated anew meanwhile
 * may come a second time.
 */
export function appended(entries, page) {
    const known = new Set(entries.map((entry) => entry.key));
    return [...entries, ...page.filter((entry) => !known.has(entry.key))];
}
