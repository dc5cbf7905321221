import {_t} from "@web/core/l10n/translation";
import {formatFloat, formatMonetary} from "@web/views/fields/formatters";

const COMPONENTS = {
    realised: () => _t("realised value"),
    potential: () => _t("potential value"),
    reference: () => _t("model value"),
};

/** "Purchase · realised value"; "Potential value" where both say the same. */
export function groupWords({dimension, component}) {
    const words = COMPONENTS[component]().toString();
    return words.toLowerCase().startsWith(dimension.toLowerCase())
        ? words.charAt(0).toUpperCase() + words.slice(1)
        : `${dimension} · ${words}`;
}

/** One decimal from tenths: 728 is 72.8; a dash for what is not counted. */
export function tenthsWords(tenths) {
    if (tenths === null) {
        return "–";
    }
    return formatFloat(tenths / 10, {digits: [16, 1]});
}

function plain(value, decimals = 0) {
    return formatFloat(value, {digits: [16, decimals]});
}

function money(value, currencyId) {
    const decimals = Math.abs(value) >= 1000 ? {digits: [16, 0]} : {};
    return formatMonetary(value, {currencyId, ...decimals});
}

/** A number in the unit of its indicator: 1,284 days; 12 %; ¥ 1,284,300. */
export function inUnit(value, {unit, aggregate, decays}, currencyId) {
    switch (unit) {
        case "money":
            return money(value, currencyId);
        case "day":
            return Math.abs(Math.round(value)) === 1
                ? _t("%s day", plain(value))
                : _t("%s days", plain(value));
        case "month":
            return value === 1 ? _t("1 month") : _t("%s months", plain(value));
        case "percent": {
            const sign = aggregate === "growth" && value > 0 ? "+" : "";
            return `${sign}${plain(value)} %`;
        }
    }
    return plain(value, decays || !Number.isInteger(value) ? 1 : 0);
}

function occasionsTaken({raw, basis}) {
    return Math.round((raw * basis) / 100);
}

/** What was measured, in words: "3 of 4", "23 days", "never". */
export function measuredWords(row, currencyId) {
    if (row.state === "none") {
        if (row.unit === "value") {
            return _t("not filled in");
        }
        return row.has_occasions ? _t("no occasion") : _t("nothing yet");
    }
    if (row.state === "unavailable") {
        return "";
    }
    if (row.unit === "value") {
        return row.value_label || (row.raw === null ? "" : plain(row.raw, 1));
    }
    if (row.raw === null) {
        return row.aggregate === "recency" ? _t("never") : _t("none");
    }
    if (row.aggregate === "rate" && row.basis) {
        const taken = occasionsTaken(row);
        return _t("%(taken)s of %(basis)s", {
            taken: plain(taken),
            basis: plain(row.basis),
        });
    }
    return inUnit(row.raw, row, currencyId);
}

/** What the next band takes: "1 more", "¥ 115,700 more", "under 30 days". */
export function nextWords(row, currencyId) {
    if (row.points === null || row.state === "confidential") {
        return "";
    }
    if (!row.next) {
        return row.points >= Math.max(...row.bands, 0) ? _t("top band") : "";
    }
    const {threshold, distance} = row.next;
    if (distance <= 0) {
        return _t("under %s", inUnit(threshold, row, currencyId));
    }
    if (row.aggregate === "rate" && row.basis) {
        const wanted = Math.ceil((threshold * row.basis) / 100 - 1e-9);
        const more = plain(wanted - occasionsTaken(row));
        return _t("%(more)s more of %(basis)s", {more, basis: plain(row.basis)});
    }
    if (row.unit === "percent" || row.unit === "value") {
        return _t("reach %s", inUnit(threshold, row, currencyId));
    }
    const missing = row.decays ? distance : Math.ceil(distance - 1e-9);
    return _t("%s more", inUnit(missing, row, currencyId));
}

/** The points of the score that the next band would add. */
export function nextGain({next, points, share}) {
    return next ? ((next.points - points) * share) / 100 : 0;
}

/** What an indicator without figures has to say for itself. */
export function absenceWords(row) {
    if (row.state === "unavailable") {
        return row.unavailable_reason || _t("not available: not counted");
    }
    return _t("not counted, not held against them");
}
