import {deserializeDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {formatFloat} from "@web/views/fields/formatters";
import {measuredWords} from "../fields/value_breakdown/breakdown_words";
import {largestRemainder} from "../fields/rounding";

const MINUS = "−";

/** Effects that the name of the line and what was measured say already. */
const SELF_EXPLAINED = ["evidence", "override", "scheme"];
const WORTH_TELLING = 3; // tenths of a point

const EFFECTS = {
    evidence: () => _t("what was measured"),
    coverage: coverageWords,
    weight: () => _t("a new weight"),
    configuration: () => _t("new bands"),
    calibration: () => _t("bands cut anew"),
    merge: () => _t("a merged contact"),
    override: () => _t("set by hand"),
    scheme: () => _t("another value model"),
};

/** "Oct 23, 2026", in the language of the user. */
export function dayWords(day) {
    return deserializeDate(day).toLocaleString(luxon.DateTime.DATE_MED);
}

/** "Nov 2024". */
export function monthWords(day) {
    return deserializeDate(day).toLocaleString({month: "short", year: "numeric"});
}

/** +3, −9, 0: with a minus that is as wide as the plus. */
export function signed(points) {
    const sign = {1: "+", [-1]: MINUS}[Math.sign(points)] || "";
    return `${sign}${Math.abs(points)}`;
}

function signedTenths(tenths) {
    const sign = tenths < 0 ? MINUS : "+";
    return `${sign}${formatFloat(Math.abs(tenths) / 10, {digits: [16, 1]})}`;
}

/** "minus 9": the effect as one would say it. */
export function pointsWords(points) {
    if (!points) {
        return _t("no effect");
    }
    return points > 0 ? _t("plus %s", points) : _t("minus %s", -points);
}

/** "Why 82 became 73". */
export function titleWords({from, to}) {
    return from === to
        ? _t("Why %s stayed the same", to)
        : _t("Why %(from)s became %(to)s", {from, to});
}

/** "Orders, last 90 days"; no period for what is read as it stands. */
export function nameWords({name, window, aggregate}) {
    const hasPeriod = window && !["attribute", "recency"].includes(aggregate);
    return hasPeriod ? _t("%(name)s, %(period)s", {name, period: window}) : name;
}

/**
 * "6 → 2", "still 2", or by points where the measure cannot be told in words or did
 * not move. Nothing for lines that are no indicator's.
 */
export function moveWords(line, currencyId) {
    const {before, after} = line;
    if (!before) {
        return "";
    }
    const old = sideWords(line, before, currencyId);
    const now = sideWords(line, after, currencyId);
    if (old !== now) {
        return `${old} → ${now}`;
    }
    const [earlier, later] = [before, after].map((side) => Math.round(side.points));
    if (before.points !== null && after.points !== null && earlier !== later) {
        const points = _t("%(before)s → %(after)s points", {
            before: earlier,
            after: later,
        });
        return line.unit === "value" ? points : `${old}, ${points}`;
    }
    return old ? _t("still %s", old) : _t("unchanged");
}

/** No documents at all sum up to zero; an average or a day of nothing does not exist. */
function sideWords(line, side, currencyId) {
    const isZero = line.aggregate === "sum" && side.raw === null;
    return measuredWords({...line, ...side, ...(isZero && {raw: 0})}, currencyId);
}

/** Evidence of its own that came or went, or of others, which shifts the shares. */
function coverageWords({before, after}) {
    if (before && before.state !== after.state) {
        return after.state === "none"
            ? _t("no evidence any more: not counted")
            : _t("counts now that there is evidence");
    }
    return _t("its share, as other evidence came or went");
}

/**
 * What one line is made of, if not of what was measured alone: "−8.4 what was measured",
 * "−0.6 a new weight". Tenths that add up to the line's exact amount.
 */
export function effectsWords(line) {
    const kinds = Object.keys(line.effects);
    const tenths = largestRemainder(kinds.map((kind) => 10 * line.effects[kind]));
    const told = kinds
        .map((kind, at) => ({kind, tenths: tenths[at]}))
        .filter((effect) => effect.tenths);
    const beside = told.filter(({kind}) => !SELF_EXPLAINED.includes(kind));
    if (beside.every((effect) => Math.abs(effect.tenths) < WORTH_TELLING)) {
        return [];
    }
    return told.map(({kind, tenths: points}) => ({
        kind,
        words: `${signedTenths(points)} ${EFFECTS[kind](line)}`,
    }));
}

/** "3 others" of the waterfall and the list. */
export function othersWords(count) {
    return count === 1 ? _t("1 other") : _t("%s others", count);
}

/** The whole waterfall in one sentence, for who does not see it. */
export function waterfallSentence({from, to}, lines) {
    const steps = lines.map(({name, shown}) => `${name} ${signed(shown)}`);
    return _t("From %(from)s to %(to)s: %(steps)s", {
        from,
        to,
        steps: steps.join(", "),
    });
}

/** "2 you may not read" and "40 more" below a list of documents. */
export function missingWords({count, hidden, records}) {
    const more = count - hidden - records.length;
    const words = [
        more ? _t("%s more", more) : "",
        hidden ? _t("%s you may not read", hidden) : "",
    ].filter(Boolean);
    return words.length ? _t("… and %s", words.join(", ")) : "";
}
