import {describe, expect, test} from "@odoo/hoot";

import {
    coursePaths,
    hasCourse,
    nearestPoint,
    placePoints,
} from "@customer_value/why/sparkline/sparkline_path";

describe.current.tags("headless");

const point = (date, score, isReplayed = false) => ({
    date,
    score,
    is_replayed: isReplayed,
});

test("points lie by day and score", () => {
    const points = placePoints([
        point("2026-01-01", 40),
        point("2026-01-11", 80),
        point("2026-01-21", 60),
    ]);
    expect(points.map(({x}) => x)).toEqual([0, 50, 100]);
    const [low, high, middle] = points.map(({y}) => y);
    expect([low, high, middle].map(Math.round)).toEqual([88, 12, 50]);
});

test("a steady score is a line in the middle", () => {
    const points = placePoints([point("2026-01-01", 70), point("2026-02-01", 70)]);
    expect(points.map(({y}) => y)).toEqual([50, 50]);
});

test("what was recorded is drawn in steps, what was reconstructed is not", () => {
    const {recorded, replayed} = coursePaths([
        {x: 0, y: 10, is_replayed: true},
        {x: 50, y: 20, is_replayed: true},
        {x: 60, y: 30, is_replayed: false},
        {x: 100, y: 90, is_replayed: false},
    ]);
    expect(replayed).toBe("M0 10 L50 20M50 20 L60 30");
    expect(recorded).toBe("M60 30 H100 L100 90");
    expect(coursePaths([])).toEqual({recorded: "", replayed: ""});
});

test("the nearest point, of one day the last", () => {
    const points = [{x: 0}, {x: 50, name: "before"}, {x: 50, name: "after"}, {x: 100}];
    expect(nearestPoint(points, 20).x).toBe(0);
    expect(nearestPoint(points, 60).name).toBe("after");
    expect(nearestPoint(points, 400).x).toBe(100);
});

test("two days make a course", () => {
    expect(hasCourse([])).toBe(false);
    expect(hasCourse([point("2026-01-01", 1)])).toBe(false);
    expect(hasCourse([point("2026-01-01", 1), point("2026-01-01", 2)])).toBe(false);
    expect(hasCourse([point("2026-01-01", 1), point("2026-01-02", 1)])).toBe(true);
});
