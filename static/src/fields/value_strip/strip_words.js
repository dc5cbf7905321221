import {_t} from "@web/core/l10n/translation";
import {trendWords} from "../value_trend/value_trend";

/** "Top 8 %", or for the lower half how many customers are behind; "" if not known. */
export function shareWords(topShare) {
    if (!topShare) {
        return "";
    }
    if (topShare <= 50) {
        return _t("Top %s %", topShare);
    }
    return topShare < 100 ? _t("Above %s % of customers", 100 - topShare) : "";
}

/**
 * How far the next tier is: the lower one for who falls, else the higher one. Only tiers
 * that are entered by score alone have a distance.
 */
export function distanceWords({trend, next_tier: next, lower_tier: lower}) {
    if (lower && (trend === "down" || !next)) {
        return lowerTierWords(lower);
    }
    if (!next) {
        return "";
    }
    return next.points === 1
        ? _t("1 point to %s", next.name)
        : _t("%(points)s points to %(tier)s", {points: next.points, tier: next.name});
}

function lowerTierWords({name, points}) {
    if (!points) {
        return _t("just above %s", name);
    }
    return points === 1
        ? _t("1 point above %s", name)
        : _t("%(points)s points above %(tier)s", {points, tier: name});
}

/** "7 of 8 indicators have evidence". */
export function evidenceWords({evidence_count: found, indicator_count: all}) {
    return found === all
        ? _t("All %s indicators have evidence", all)
        : _t("%(found)s of %(all)s indicators have evidence", {found, all});
}

/** Whether a manager set the score itself, and not the tier alone. */
export function isScoreSet(strip) {
    return strip.is_overridden && strip.score !== strip.computed_score;
}

/** "Set by a manager, computed 61 (Silver)"; "Tier set by a manager, computed Silver". */
export function overrideWords(strip) {
    const {computed_score: score, computed_tier: tier} = strip;
    const isTierSet = tier && tier !== strip.tier;
    if (isTierSet && isScoreSet(strip)) {
        return _t("Set by a manager, computed %(score)s (%(tier)s)", {score, tier});
    }
    return isTierSet
        ? _t("Tier set by a manager, computed %s", tier)
        : _t("Set by a manager, computed %s", score);
}

/** Realised, potential and model value; the numbers add up to the computed score. */
export function componentsOf(strip) {
    return [
        {key: "realised", label: _t("Realised"), points: strip.realised},
        {key: "potential", label: _t("Potential"), points: strip.potential},
        {key: "reference", label: _t("Model"), points: strip.reference},
    ];
}

/** The whole strip in one sentence, for who does not see it. */
export function stripSentence(strip) {
    const parts = [
        _t("Value score %s of 100", strip.score),
        strip.tier,
        shareWords(strip.top_share),
        distanceWords(strip),
        strip.is_overridden && overrideWords(strip),
        isScoreSet(strip)
            ? ""
            : trendWords(strip.trend, strip.trend_points, strip.trend_days),
        ...componentsOf(strip).map(({label, points}) => `${label} ${points}`),
        evidenceWords(strip),
        strip.segment,
    ];
    return parts.filter(Boolean).join(", ");
}
