import {describe, expect, test} from "@odoo/hoot";

import {
    dayScale,
    monthTicks,
    placeSpans,
    scorePath,
} from "@customer_value/fields/loyalty_timeline/timeline_layout";

describe.current.tags("headless");

test("a day lies between the ends, never beyond them", () => {
    const place = dayScale("2026-01-01", "2026-01-11");
    expect(place("2026-01-01")).toBe(0);
    expect(Math.round(place("2026-01-06"))).toBe(50);
    expect(place("2026-01-11")).toBe(100);
    expect(place("2020-01-01")).toBe(0);
    expect(place("2030-01-01")).toBe(100);
    // a timeline of one day divides nothing by zero
    expect(dayScale("2026-01-01", "2026-01-01")("2026-01-01")).toBe(0);
});

test("spans meet end to end and reach the right edge", () => {
    const spans = placeSpans(
        [
            {start: "2020-05-01", end: "2024-03-01"},
            {start: "2024-03-01", end: "2024-03-03"},
            {start: "2024-03-03", end: "2024-12-31"},
        ],
        dayScale("2024-01-01", "2024-12-31")
    );
    expect(spans[0].left).toBe(0);
    spans.slice(1).forEach((span, at) => {
        expect(Math.abs(span.left - spans[at].left - spans[at].width)).toBeLessThan(
            1e-9
        );
    });
    expect(Math.round(spans[2].left + spans[2].width)).toBe(100);
    expect(spans.map(({isNarrow}) => isNarrow)).toEqual([false, true, false]);
});

test("the score stands until the next change", () => {
    const place = dayScale("2026-01-01", "2026-01-11");
    const scores = [
        {date: "2026-01-01", score: 40},
        {date: "2026-01-11", score: 75},
    ];
    expect(scorePath(scores, place)).toBe("M0 60H100V25");
    expect(scorePath([], place)).toBe("");
});

test("months are labelled, and never too many of them", () => {
    for (const [start, end, first] of [
        ["2026-01-15", "2026-04-02", "2026-02-01"],
        ["2024-11-22", "2026-11-22", "2025-01-01"],
        ["2010-06-30", "2026-11-22", "2011-01-01"],
    ]) {
        const ticks = monthTicks(start, end, dayScale(start, end));
        expect(ticks[0].key).toBe(first);
        expect(ticks.length).toBeLessThan(18);
        expect(ticks.length).toBeGreaterThan(1);
    }
});
