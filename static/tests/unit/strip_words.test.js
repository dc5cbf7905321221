import {describe, expect, test} from "@odoo/hoot";

import {
    distanceWords,
    evidenceWords,
    overrideWords,
    shareWords,
    stripSentence,
} from "@customer_value/fields/value_strip/strip_words";
import {trendWords} from "@customer_value/fields/value_trend/value_trend";
import {speakEnglish} from "./unit_helpers";

describe.current.tags("headless");

speakEnglish();

test("the place among all customers", () => {
    expect(shareWords(8).toString()).toBe("Top 8 %");
    expect(shareWords(50).toString()).toBe("Top 50 %");
    expect(shareWords(62).toString()).toBe("Above 38 % of customers");
    expect(shareWords(100)).toBe("");
    expect(shareWords(null)).toBe("");
});

test("the distance that matters: down for who falls, else up", () => {
    const next_tier = {name: "Gold", points: 6};
    const lower_tier = {name: "Bronze", points: 4};
    const words = (strip) => distanceWords(strip).toString();
    expect(words({trend: "up", next_tier, lower_tier})).toBe("6 points to Gold");
    expect(words({trend: "down", next_tier, lower_tier})).toBe("4 points above Bronze");
    expect(words({trend: "up", next_tier: null, lower_tier})).toBe(
        "4 points above Bronze"
    );
    expect(words({trend: "down", next_tier, lower_tier: null})).toBe(
        "6 points to Gold"
    );
    expect(words({trend: "up", next_tier: null, lower_tier: null})).toBe("");
    expect(words({trend: "flat", next_tier: {name: "Gold", points: 1}})).toBe(
        "1 point to Gold"
    );
    expect(words({trend: "down", lower_tier: {name: "Bronze", points: 0}})).toBe(
        "just above Bronze"
    );
});

test("a movement is a word, not a colour", () => {
    expect(trendWords("up", 4, 30).toString()).toBe("Rose 4 in 30 days");
    expect(trendWords("down", 9, 30).toString()).toBe("Fell 9 in 30 days");
    expect(trendWords("flat", 0, 30).toString()).toBe("Steady for 30 days");
    expect(trendWords("new", 0, 30).toString()).toBe("New: no earlier score");
});

test("evidence and override", () => {
    expect(evidenceWords({evidence_count: 7, indicator_count: 8}).toString()).toBe(
        "7 of 8 indicators have evidence"
    );
    expect(evidenceWords({evidence_count: 8, indicator_count: 8}).toString()).toBe(
        "All 8 indicators have evidence"
    );
    const strip = {
        is_overridden: true,
        score: 85,
        computed_score: 61,
        tier: "Gold",
        computed_tier: "Silver",
    };
    expect(overrideWords(strip).toString()).toBe(
        "Set by a manager, computed 61 (Silver)"
    );
    expect(overrideWords({...strip, computed_tier: "Gold"}).toString()).toBe(
        "Set by a manager, computed 61"
    );
    expect(overrideWords({...strip, score: 61}).toString()).toBe(
        "Tier set by a manager, computed Silver"
    );
});

test("the strip in one sentence", () => {
    expect(
        stripSentence({
            score: 73,
            computed_score: 73,
            tier: "Gold",
            top_share: 8,
            trend: "down",
            trend_points: 9,
            trend_days: 30,
            lower_tier: {name: "Silver", points: 4},
            next_tier: null,
            realised: 42,
            potential: 9,
            reference: 22,
            evidence_count: 7,
            indicator_count: 8,
            segment: "",
        })
    ).toBe(
        "Value score 73 of 100, Gold, Top 8 %, 4 points above Silver, " +
            "Fell 9 in 30 days, Realised 42, Potential 9, Model 22, " +
            "7 of 8 indicators have evidence"
    );
});
