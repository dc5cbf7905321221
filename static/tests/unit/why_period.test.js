import {describe, expect, mockDate, test} from "@odoo/hoot";

import {chosenPeriod, findingOf, presetPeriod} from "@customer_value/why/why_period";

describe.current.tags("headless");

test("presets look back from today", () => {
    mockDate("2028-02-29T12:00:00");
    expect(presetPeriod("30")).toEqual({key: "30", start: "2028-01-30", end: false});
    expect(presetPeriod("365").start).toBe("2027-02-28");
});

test("two days in any order; today is now", () => {
    mockDate("2026-11-22T12:00:00");
    const wanted = {key: "", start: "2026-03-01", end: "2026-05-01"};
    expect(chosenPeriod("2026-03-01", "2026-05-01")).toEqual(wanted);
    expect(chosenPeriod("2026-05-01", "2026-03-01")).toEqual(wanted);
    const now = {key: "", start: "2026-03-01", end: false};
    expect(chosenPeriod("2026-03-01", "2026-11-22")).toEqual(now);
    expect(chosenPeriod("2026-03-01", false)).toEqual(now);
});

const told = (values) => ({
    start: "2026-10-20",
    end: "2026-11-22",
    from: 82,
    to: 73,
    lines: [{shown: -9}],
    ...values,
});
const period = {start: "2026-10-23", end: false};

test("what there is to tell", () => {
    expect(findingOf(told(), period)).toBe("moved");
    expect(findingOf(told({from: 73, lines: [{shown: 0}]}), period)).toBe("still");
    expect(findingOf(told({from: 73, lines: [{shown: 2}, {shown: -2}]}), period)).toBe(
        "moved"
    );
});

test("without an earlier score there is nothing to compare", () => {
    const today = {start: "2026-11-22", from: 73, lines: []};
    expect(findingOf(told(today), period)).toBe("none");
    const past = {start: "2026-01-01", end: "2026-02-01"};
    expect(findingOf(told(today), past)).toBe("none");
    // both days after the last change
    const same = {start: "2026-10-01", end: "2026-10-01", from: 73, lines: []};
    expect(findingOf(told(same), period)).toBe("still");
});
