import {describe, expect, test} from "@odoo/hoot";

import {fold, scaleOf, sumOf, waterfall} from "@customer_value/why/why_layout";

describe.current.tags("headless");

const lines = (...points) =>
    points.map((shown, at) => ({code: `i${at}`, name: `I${at}`, shown}));
const points = (list) => list.map(({shown}) => shown);

test("what moved nothing is folded away", () => {
    const {kept, others} = fold(lines(-8, 0, 3, 0));
    expect(points(kept)).toEqual([-8, 3]);
    expect(points(others)).toEqual([0, 0]);
});

test("beyond six the small ones are folded away, in the given order", () => {
    const {kept, others} = fold(lines(-9, 1, -5, 4, 3, -1, 2, 1, 0));
    expect(points(kept)).toEqual([-9, 1, -5, 4, 3, 2]);
    expect(points(others)).toEqual([-1, 1, 0]);
    expect(sumOf(kept) + sumOf(others)).toBe(-4);
});

test("a seventh line is told, too: to fold it would save nothing", () => {
    const {kept, others} = fold(lines(-7, 6, 5, 4, 3, 2, 1));
    expect(kept.length).toBe(7);
    expect(others).toEqual([]);
});

test("nothing to fold", () => {
    expect(fold([])).toEqual({kept: [], others: []});
});

test("every bar hangs where the one before it ended", () => {
    const {bars} = waterfall(82, lines(-8, -4, 3, 0));
    expect(bars.map(({key}) => key)).toEqual([
        "from",
        "line-i0",
        "line-i1",
        "line-i2",
        "line-i3",
        "to",
    ]);
    expect(bars.map(({kind}) => kind)).toEqual([
        "total",
        "fall",
        "fall",
        "rise",
        "still",
        "total",
    ]);
    expect(bars.map(({after}) => after)).toEqual([82, 74, 70, 73, 73, 73]);
    for (const [at, bar] of bars.entries()) {
        expect(bar.low <= bar.high).toBe(true);
        expect(bar.low >= 0 && bar.high <= 100).toBe(true);
        if (bar.line) {
            const edges = [bar.low, bar.high];
            expect(edges.includes(bars[at - 1].level)).toBe(true);
            expect(edges.includes(bar.level)).toBe(true);
        }
    }
    expect(bars.at(-1).low).toBe(0);
});

test("a rise from nothing begins at zero", () => {
    const {bars, scale} = waterfall(0, lines(30));
    expect(scale.base).toBe(0);
    expect(bars[0]).toMatchObject({low: 0, high: 0});
    expect(bars[1].high).toBe(bars[2].high);
});

test("small changes of high scores are seen", () => {
    const {base, top, ticks} = scaleOf([82, 74, 70, 73]);
    expect([base, top]).toEqual([60, 85]);
    expect(ticks).toEqual([60, 65, 70, 75, 80, 85]);
    expect(scaleOf([73]).base).toBe(70);
    expect(scaleOf([0]).base).toBe(0);
});

test("the scale stays within what a score may be", () => {
    for (const levels of [
        [0, 100],
        [100, 100],
        [3, 1],
        [97, 12, 55],
        [0, 1],
    ]) {
        const {base, top, ticks} = scaleOf(levels);
        expect(base >= 0 && top <= 100).toBe(true);
        expect(base <= Math.min(...levels) && top >= Math.max(...levels)).toBe(true);
        expect(ticks.length > 1 && ticks.length < 9).toBe(true);
    }
});
