import {describe, expect, test} from "@odoo/hoot";

import {
    arrange,
    barSegments,
} from "@customer_value/fields/value_breakdown/breakdown_rows";

describe.current.tags("headless");

function row(values) {
    return {
        id: values.code,
        state: "measured",
        dimension: "Purchase",
        component: "realised",
        share: 0,
        contribution: 0,
        points: 0,
        bands: [],
        ...values,
    };
}

const NONE = {state: "none", share: null, contribution: null, points: null};

test("shown tenths add up by group and in all", () => {
    const {groups, tenths, shown} = arrange([
        row({code: "sales", share: 26, contribution: 23.92}),
        row({code: "orders", share: 18, contribution: 7.2}),
        row({code: "held", share: 14, contribution: 10.5}),
        row({code: "next", share: 12, contribution: 9.64, dimension: "Potential"}),
        row({code: "events", ...NONE, dimension: "Engagement"}),
    ]);
    expect(tenths).toBe(513);
    expect(shown).toBe(51);
    expect(groups.map((group) => group.tenths)).toEqual([416, 97, null]);
    const lines = groups.flatMap((group) => group.rows);
    expect(lines.map((line) => line.tenths)).toEqual([239, 72, 105, 97, null]);
    const sum = lines.reduce((total, line) => total + (line.tenths || 0), 0);
    expect(sum).toBe(tenths);
});

test("shares add up to 100 percent", () => {
    const third = 100 / 3;
    const {groups} = arrange(
        ["a", "b", "c"].map((code) => row({code, share: third, contribution: 10}))
    );
    expect(groups[0].rows.map((line) => line.percent)).toEqual([34, 33, 33]);
});

test("confidential measures are a line of their own, and count", () => {
    const {groups, tenths} = arrange([
        row({code: "sales", share: 60, contribution: 40}),
        {id: 0, state: "confidential", count: 2, share: 40, contribution: 15.5},
    ]);
    expect(tenths).toBe(555);
    expect(groups.map((group) => group.hidden)).toEqual([false, true]);
    expect(groups[1].tenths).toBe(155);
});

test("nothing has evidence", () => {
    const {groups, tenths, shown} = arrange([row({code: "events", ...NONE})]);
    expect(tenths).toBe(0);
    expect(shown).toBe(0);
    expect(groups[0].tenths).toBe(null);
    expect(arrange([]).groups).toEqual([]);
});

test("the same dimension name in two components is two groups", () => {
    const {groups} = arrange([
        row({code: "a", contribution: 1}),
        row({code: "b", contribution: 1, component: "potential"}),
    ]);
    expect(groups.length).toBe(2);
});

test("a bar has a segment for each step of points", () => {
    expect(barSegments([0, 40, 100], 40)).toEqual([
        {low: 0, width: 40, filled: 100},
        {low: 40, width: 60, filled: 0},
    ]);
    // on the line between two bands
    expect(barSegments([0, 50, 100], 75).map((one) => one.filled)).toEqual([100, 50]);
    // more of the measure may bring fewer points
    expect(barSegments([100, 50, 0], 50).map((one) => one.filled)).toEqual([100, 0]);
    expect(barSegments([], 0)).toEqual([{low: 0, width: 100, filled: 0}]);
});
