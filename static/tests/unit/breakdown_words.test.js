import {describe, expect, test} from "@odoo/hoot";

import {
    absenceWords,
    groupWords,
    measuredWords,
    nextGain,
    nextWords,
    tenthsWords,
} from "@customer_value/fields/value_breakdown/breakdown_words";
import {EURO, speakEnglish} from "./unit_helpers";

describe.current.tags("headless");

speakEnglish();

const plain = (words) => String(words).replaceAll("\u00a0", " ");
const measured = (values) =>
    plain(measuredWords({state: "measured", basis: null, ...values}, EURO));
const next = (values) =>
    plain(nextWords({state: "measured", bands: [100], points: 0, ...values}, EURO));

test("measured values speak their own unit", () => {
    expect(measured({raw: 1284300.4, unit: "money", aggregate: "sum"})).toBe(
        "€ 1,284,300"
    );
    expect(measured({raw: 12.5, unit: "money", aggregate: "avg"})).toBe("€ 12.50");
    expect(measured({raw: 6, unit: "number", aggregate: "count"})).toBe("6");
    expect(
        measured({raw: 2.345, unit: "number", aggregate: "count", decays: true})
    ).toBe("2.3");
    expect(measured({raw: 1, unit: "day", aggregate: "recency"})).toBe("1 day");
    expect(measured({raw: 99, unit: "day", aggregate: "recency"})).toBe("99 days");
    expect(measured({raw: -0.6, unit: "day", aggregate: "avg"})).toBe("-1 day");
    expect(measured({raw: 3, unit: "month", aggregate: "months"})).toBe("3 months");
    expect(measured({raw: 12, unit: "percent", aggregate: "growth"})).toBe("+12 %");
    expect(measured({raw: -60, unit: "percent", aggregate: "growth"})).toBe("-60 %");
    expect(measured({raw: 75, basis: 4, unit: "percent", aggregate: "rate"})).toBe(
        "3 of 4"
    );
    expect(
        measured({
            raw: null,
            unit: "value",
            aggregate: "attribute",
            value_label: "Hotels",
        })
    ).toBe("Hotels");
});

test("nothing measured is not zero", () => {
    expect(measured({raw: null, unit: "day", aggregate: "recency"})).toBe("never");
    expect(measured({raw: null, unit: "money", aggregate: "avg"})).toBe("none");
    expect(measured({state: "none", unit: "number"})).toBe("nothing yet");
    expect(measured({state: "none", unit: "percent", has_occasions: true})).toBe(
        "no occasion"
    );
    expect(measured({state: "none", unit: "value"})).toBe("not filled in");
    expect(measured({state: "unavailable", unit: "number"})).toBe("");
});

test("what the next band takes", () => {
    const band = (threshold, distance) => ({threshold, distance, points: 80});
    expect(
        next({raw: 1, unit: "money", aggregate: "sum", next: band(115700, 115699.2)})
    ).toBe("€ 115,700 more");
    expect(next({raw: 2, unit: "number", aggregate: "count", next: band(3, 1)})).toBe(
        "1 more"
    );
    expect(next({raw: 99, unit: "day", aggregate: "recency", next: band(90, -9)})).toBe(
        "under 90 days"
    );
    expect(
        next({raw: 5, unit: "percent", aggregate: "growth", next: band(10, 5)})
    ).toBe("reach +10 %");
    expect(
        next({
            raw: 25,
            basis: 4,
            unit: "percent",
            aggregate: "rate",
            next: band(50, 25),
        })
    ).toBe("1 more of 4");
    expect(next({points: 100, next: null})).toBe("top band");
    // a map of values has no next band to tell
    expect(next({points: 40, bands: [20, 40, 100], next: null})).toBe("");
    expect(next({points: null, next: null})).toBe("");
});

test("what the next band adds to the score", () => {
    expect(nextGain({next: {points: 80}, points: 60, share: 25})).toBe(5);
    expect(nextGain({next: null, points: 60, share: 25})).toBe(0);
});

test("groups, tenths and absences", () => {
    expect(groupWords({dimension: "Purchase", component: "realised"})).toBe(
        "Purchase · realised value"
    );
    expect(groupWords({dimension: "Potential", component: "potential"})).toBe(
        "Potential value"
    );
    expect(tenthsWords(728)).toBe("72.8");
    expect(tenthsWords(0)).toBe("0.0");
    expect(tenthsWords(null)).toBe("–");
    expect(absenceWords({state: "none"}).toString()).toBe(
        "not counted, not held against them"
    );
    expect(
        absenceWords({state: "unavailable", unavailable_reason: "Needs Fleet."})
    ).toBe("Needs Fleet.");
});
