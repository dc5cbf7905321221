import {describe, expect, test} from "@odoo/hoot";

import {
    effectsWords,
    missingWords,
    moveWords,
    nameWords,
    pointsWords,
    signed,
    titleWords,
    waterfallSentence,
} from "@customer_value/why/why_words";
import {EURO, speakEnglish} from "./unit_helpers";

describe.current.tags("headless");

speakEnglish();

const plain = (words) => String(words).replaceAll("\u00a0", " ");
const side = (raw, values) => ({
    state: "measured",
    raw,
    basis: null,
    points: 0,
    ...values,
});
const NONE = {state: "none", raw: null, basis: null, points: null};

function line(values) {
    return {
        code: "orders",
        name: "Orders",
        window: "last 90 days",
        unit: "number",
        aggregate: "count",
        before: side(6),
        after: side(2),
        shown: -9,
        effects: {evidence: -9, coverage: 0},
        ...values,
    };
}

const move = (values) => plain(moveWords(line(values), EURO));
const effects = (values) => effectsWords(line(values)).map(({words}) => plain(words));

test("a line in a sentence", () => {
    expect(plain(nameWords(line()))).toBe("Orders, last 90 days");
    expect(move()).toBe("6 → 2");
    expect(plain(pointsWords(-9))).toBe("minus 9");
    expect(plain(pointsWords(3))).toBe("plus 3");
    expect(plain(pointsWords(0))).toBe("no effect");
});

test("a period is not told where there is none", () => {
    expect(plain(nameWords(line({aggregate: "recency"})))).toBe("Orders");
    expect(plain(nameWords(line({aggregate: "attribute"})))).toBe("Orders");
    expect(plain(nameWords({name: "Set by hand"}))).toBe("Set by hand");
});

test("measures speak their own unit", () => {
    const money = {unit: "money", aggregate: "sum"};
    expect(move({...money, before: side(3418.8), after: side(null)})).toBe(
        "€ 3,419 → € 0.00"
    );
    expect(
        move({unit: "day", aggregate: "recency", before: side(1), after: side(31)})
    ).toBe("1 day → 31 days");
    const rate = {unit: "percent", aggregate: "rate", has_occasions: true};
    expect(move({...rate, before: side(100, {basis: 1}), after: NONE})).toBe(
        "1 of 1 → no occasion"
    );
    expect(move({before: NONE, after: side(3)})).toBe("nothing yet → 3");
});

test("where the measure stands still, its points are told", () => {
    expect(move({after: side(6)})).toBe("still 6");
    expect(move({after: side(6, {points: 40})})).toBe("6, 0 → 40 points");
    const value = {
        unit: "value",
        aggregate: "attribute",
        before: side(null, {points: 80}),
    };
    expect(move({...value, after: side(null, {points: 50})})).toBe("80 → 50 points");
    expect(move({...value, after: side(null, {points: 80})})).toBe("unchanged");
});

test("lines of no indicator have nothing measured", () => {
    expect(moveWords({code: "override", shown: 4, effects: {}}, EURO)).toBe("");
});

test("what goes without saying is not said", () => {
    expect(effects()).toEqual([]);
    expect(effects({effects: {evidence: -8.9, coverage: -0.1}})).toEqual([]);
    expect(effects({effects: {override: 47}})).toEqual([]);
    expect(effects({effects: {scheme: -4}})).toEqual([]);
    expect(effects({effects: {evidence: 0, coverage: 0}})).toEqual([]);
});

test("separate effects are told, and add up", () => {
    expect(effects({effects: {evidence: -8.41, coverage: 0, weight: -0.58}})).toEqual([
        "−8.4 what was measured",
        "−0.6 a new weight",
    ]);
    expect(effects({effects: {configuration: 2, weight: -1}})).toEqual([
        "+2.0 new bands",
        "−1.0 a new weight",
    ]);
    expect(effects({effects: {calibration: 1.5}})).toEqual(["+1.5 bands cut anew"]);
    expect(effects({effects: {merge: 3}})).toEqual(["+3.0 a merged contact"]);
});

test("evidence of its own that comes or goes, and of others", () => {
    const coverage = {evidence: 0, coverage: -3};
    expect(effects({effects: coverage, after: NONE})).toEqual([
        "−3.0 no evidence any more: not counted",
    ]);
    expect(effects({effects: coverage, before: NONE})).toEqual([
        "−3.0 counts now that there is evidence",
    ]);
    expect(effects({effects: coverage})).toEqual([
        "−3.0 its share, as other evidence came or went",
    ]);
});

test("the dialog in words", () => {
    expect(plain(titleWords({from: 82, to: 73}))).toBe("Why 82 became 73");
    expect(plain(titleWords({from: 73, to: 73}))).toBe("Why 73 stayed the same");
    expect([3, -9, 0].map(signed)).toEqual(["+3", "−9", "0"]);
    expect(
        plain(
            waterfallSentence({from: 82, to: 76}, [
                {name: "Orders", shown: -9},
                {name: "Referrals", shown: 3},
            ])
        )
    ).toBe("From 82 to 76: Orders −9, Referrals +3");
});

test("documents that are not listed are counted", () => {
    const records = [{}, {}];
    expect(missingWords({count: 2, hidden: 0, records})).toBe("");
    expect(plain(missingWords({count: 5, hidden: 3, records}))).toBe(
        "… and 3 you may not read"
    );
    expect(plain(missingWords({count: 9, hidden: 3, records}))).toBe(
        "… and 4 more, 3 you may not read"
    );
});
