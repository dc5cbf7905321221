import {deserializeDate, today} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";

export const UNKNOWN = "unknown";
const SILENT = 30; // days
const MONTH = 30.4;
const STRONG = 0.5; // of ways in
const FAIR = 0.2;

/** Stances from for to against; each has its shape, so that colour is never alone. */
export const STANCES = [
    {key: "supporter", label: () => _t("Supporter")},
    {key: "favourable", label: () => _t("Favourable")},
    {key: "neutral", label: () => _t("Neutral")},
    {key: "critical", label: () => _t("Critical")},
    {key: "opponent", label: () => _t("Opponent")},
    {key: UNKNOWN, label: () => _t("Stance unknown")},
];

export const CLOSENESS = [
    () => _t("No relationship"),
    () => _t("Acquainted"),
    () => _t("Trusted"),
    () => _t("Close"),
];

export const POWERS = [
    () => _t("Power unknown"),
    () => _t("Hardly any power"),
    () => _t("Little power"),
    () => _t("Some power"),
    () => _t("Much power"),
    () => _t("Decides"),
];

export const KINDS = [
    {key: "influences", label: () => _t("Influences")},
    {key: "opposes", label: () => _t("Opposes")},
    {key: "tie", label: () => _t("Personal tie")},
];

export const COVERAGES = {
    green: () => _t("Covered"),
    amber: () => _t("Partly covered"),
    red: () => _t("Exposed"),
    [UNKNOWN]: () => _t("Not known yet"),
};

export const stanceWords = (key) =>
    (STANCES.find((one) => one.key === key) || STANCES.at(-1)).label().toString();

export const kindWords = (key) =>
    (KINDS.find((one) => one.key === key) || KINDS[0]).label().toString();

export const powerWords = (power) => (POWERS[power] || POWERS[0])().toString();

/** Closeness is false where nobody said anything; none at all is an answer. */
export const closenessWords = (closeness) =>
    isKnown(closeness) ? CLOSENESS[closeness]().toString() : _t("Closeness unknown");

export function isKnown(closeness) {
    return closeness !== false && closeness in CLOSENESS;
}

/** How long ago, as short as it is said: "today", "6 d", "5 mo", "2 y". */
export function ageWords(day) {
    if (!day) {
        return _t("never met").toString();
    }
    const days = daysSince(day);
    if (days < 1) {
        return _t("today").toString();
    }
    if (days < 60) {
        return _t("%s d", days).toString();
    }
    return days < 700
        ? _t("%s mo", Math.round(days / MONTH)).toString()
        : _t("%s y", Math.round(days / 365)).toString();
}

export function daysSince(day) {
    return Math.round(today().diff(deserializeDate(day), "days").days);
}

/** "never", "silent" or "fresh". */
export function contactState(day) {
    if (!day) {
        return "never";
    }
    return daysSince(day) > SILENT ? "silent" : "fresh";
}

/** "WL" of Wang Li, the first sign of names that are written without spaces. */
export function initialsOf(name) {
    const words = (name || "").split(/[\s,.]+/u).filter(Boolean);
    const letters = words.map((word) => [...word][0].toUpperCase());
    return letters.length > 1 ? letters[0] + letters.at(-1) : letters[0] || "?";
}

/** The name that a seat goes by, if nobody sits there its title. */
export function seatName(seat) {
    return seat.placeholder
        ? seat.job || seat.department || _t("Vacant seat").toString()
        : seat.name;
}

/** A card in one sentence, for who does not see it. */
export function seatSentence(seat, roles, owners) {
    const contact = seat.last_contact
        ? _t("last contact %s ago", ageWords(seat.last_contact))
        : _t("never met");
    const parts = [
        seatName(seat),
        seat.placeholder ? _t("nobody known") : seat.job,
        seat.gone ? _t("has left") : "",
        ...roles.map(({name}) => name),
        stanceWords(seat.stance),
        powerWords(seat.power),
        closenessWords(seat.closeness),
        _t("decision weight %s %", Math.round(seat.weight)),
        seat.placeholder ? "" : contact,
        owners.length
            ? _t("known by %s", owners.map(({name}) => name).join(", "))
            : _t("known by nobody of us"),
    ];
    return parts.filter(Boolean).join(", ");
}

export function lineSentence(edge, nameOf) {
    const names = {source: nameOf(edge.source_id), target: nameOf(edge.target_id)};
    const words = {
        influences: () => _t("%(source)s influences %(target)s", names),
        opposes: () => _t("%(source)s opposes %(target)s", names),
        tie: () => _t("%(source)s and %(target)s are tied", names),
    };
    const evidence = edge.evidence || edge.tie_type;
    const told = (words[edge.kind] || words.influences)().toString();
    return evidence ? `${told}: ${evidence}` : told;
}

/** A way in: from one of us to the person, by whom. */
export const pathWords = ({steps}) => steps.map(({name}) => name).join(" → ");

export function pathHow({steps, strength}) {
    const hows = steps.map(({how}) => how).filter(Boolean);
    return [strengthWords(strength), ...hows].join(", ");
}

function strengthWords(strength) {
    if (strength >= STRONG) {
        return _t("strong");
    }
    return strength >= FAIR ? _t("fair") : _t("weak");
}
