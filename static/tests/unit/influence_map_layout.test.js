import {describe, expect, test} from "@odoo/hoot";

import {
    CARD,
    GAP,
    boundsOf,
    forestOf,
    layoutMap,
    nodeAt,
    sizeOf,
} from "@customer_value/influence_map/layout";

describe.current.tags("headless");

const seat = (id, managerId = false, power = 3) => ({id, manager_id: managerId, power});

/** Numbers that look random, and are the same at each run. */
function dice(seed) {
    let state = seed;
    return (sides) => {
        state = (state * 48271) % 2147483647;
        return state % sides;
    };
}

/** Anything from a chain to a heap of loose people. */
function randomSeats(count, seed) {
    const roll = dice(seed);
    return [...Array(count).keys()].map((at) => {
        const isRoot = at === 0 || roll(12) === 0;
        const nearby = 1 + roll(Math.max(Math.min(at, 1 + roll(at + 1)), 1));
        return seat(at + 1, isRoot ? false : nearby, roll(6));
    });
}

function overlaps(nodes) {
    const list = [...nodes.values()];
    return list.flatMap((a, at) =>
        list
            .slice(at + 1)
            .filter(
                (b) =>
                    a.x < b.x + b.width &&
                    b.x < a.x + a.width &&
                    a.y < b.y + b.height &&
                    b.y < a.y + a.height
            )
            .map((b) => [a.id, b.id])
    );
}

const middle = ({x, width}) => x + width / 2;

test("nobody is nowhere", () => {
    const {nodes, lines, bounds} = layoutMap([]);
    expect(nodes.size).toBe(0);
    expect(lines).toEqual([]);
    expect(bounds.width).toBe(0);
});

test("a manager stands in the middle above who reports to him", () => {
    const {nodes} = layoutMap([
        seat(1),
        seat(2, 1),
        seat(3, 1),
        seat(4, 2),
        seat(5, 2),
    ]);
    const [boss, left, right] = [1, 2, 3].map((id) => nodes.get(id));
    expect(Math.abs(middle(boss) - (middle(left) + middle(right)) / 2) <= 1).toBe(true);
    expect(left.y).toBe(right.y);
    expect(left.y >= boss.y + boss.height + GAP.down).toBe(true);
    expect(nodes.get(4).y > left.y + left.height).toBe(true);
});

test("those of one rank stand in order of their ids, whatever order they come in", () => {
    const seats = [seat(9, 1), seat(1), seat(4, 1), seat(7, 1)];
    const {nodes} = layoutMap(seats);
    expect(nodes.get(4).x < nodes.get(7).x && nodes.get(7).x < nodes.get(9).x).toBe(
        true
    );
    const mirrored = layoutMap([...seats].reverse());
    expect([...mirrored.nodes].sort()).toEqual([...nodes].sort());
});

test("many without reports hang in two columns on the trunk", () => {
    const {nodes, lines} = layoutMap([
        seat(1),
        ...[2, 3, 4, 5, 6].map((id) => seat(id, 1)),
    ]);
    const boss = middle(nodes.get(1));
    const sides = [2, 3, 4, 5, 6].map((id) => Math.sign(middle(nodes.get(id)) - boss));
    expect(sides).toEqual([-1, 1, -1, 1, -1]);
    expect(lines.length).toBe(5);
    expect(nodes.get(4).y > nodes.get(2).y).toBe(true);
});

test("power is seen as size, unknown power is no little power", () => {
    const widths = [1, 2, 3, 4, 5].map((power) => sizeOf({power}).width);
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    expect(new Set(widths).size).toBe(5);
    expect(sizeOf({power: 3})).toEqual({scale: 1, ...CARD});
    expect(sizeOf({power: undefined})).toEqual(sizeOf({power: 0}));
});

test("trees stand beside each other, the loose ones below them", () => {
    const {nodes, loose} = layoutMap([
        seat(1),
        seat(2, 1),
        seat(3),
        seat(4, 3),
        seat(5),
        seat(6),
    ]);
    expect(nodes.get(1).y).toBe(nodes.get(3).y);
    expect(nodes.get(3).x > nodes.get(1).x).toBe(true);
    const lowest = nodes.get(4).y + nodes.get(4).height;
    expect(nodes.get(5).y > lowest && nodes.get(6).y > lowest).toBe(true);
    expect(loose.count).toBe(2);
});

test("a manager who is not on the map makes a root", () => {
    const [root] = forestOf([seat(5, 99)]);
    expect(root.seat.id).toBe(5);
    expect(layoutMap([seat(5, 99), seat(6, 5)]).nodes.size).toBe(2);
});

test("a circle is drawn all the same, from its lowest id", () => {
    const circle = [seat(1, 3), seat(2, 1), seat(3, 2), seat(4, 3)];
    expect(forestOf(circle).map((root) => root.seat.id)).toEqual([1]);
    expect(layoutMap(circle).nodes.size).toBe(4);
    expect(layoutMap([seat(8, 8)]).nodes.size).toBe(1);
});

test("random forests: everybody is there, nobody overlaps, again the same", () => {
    for (let seed = 1; seed <= 60; seed++) {
        const seats = randomSeats(1 + ((seed * 7) % 90), seed);
        const {nodes, lines, bounds} = layoutMap(seats);
        expect(nodes.size).toBe(seats.length);
        expect(overlaps(nodes)).toEqual([]);
        expect(boundsOf([...nodes.values()])).toEqual(bounds);
        expect(lines.length).toBe(seats.filter((one) => one.manager_id).length);
        expect([...layoutMap([...seats].reverse()).nodes.values()].length).toBe(
            nodes.size
        );
        expect(layoutMap([...seats].reverse()).nodes.get(1)).toEqual(nodes.get(1));
        for (const {id, manager_id: managerId} of seats) {
            if (managerId) {
                expect(nodes.get(id).y > nodes.get(managerId).y).toBe(true);
            }
        }
    }
});

test("random trees: who has up to three reports stands in the middle above them", () => {
    for (let seed = 1; seed <= 40; seed++) {
        const seats = randomSeats(30, 1000 + seed);
        const {nodes} = layoutMap(seats);
        for (const {id} of seats) {
            const reports = seats.filter((one) => one.manager_id === id);
            if (reports.length && reports.length <= 3) {
                const [first, last] = [reports[0], reports.at(-1)].map((one) =>
                    middle(nodes.get(one.id))
                );
                const off = middle(nodes.get(id)) - (first + last) / 2;
                expect(Math.abs(off) <= 1).toBe(true);
            }
        }
    }
});

test("a new report moves nobody past another", () => {
    const seats = randomSeats(36, 5);
    const before = layoutMap(seats).nodes;
    const after = layoutMap([...seats, seat(99, 7)]).nodes;
    const siblings = seats.filter((one) => one.manager_id === 1).map(({id}) => id);
    const order = (nodes) =>
        [...siblings].sort((a, b) => nodes.get(a).x - nodes.get(b).x || a - b);
    expect(order(after)).toEqual(order(before));
});

test("200 seats are laid out at once, and fit a screen", () => {
    const roll = dice(3);
    const seats = [...Array(200).keys()].map((at) =>
        seat(at + 1, at ? 1 + Math.floor((at - 1) / (at < 9 ? 8 : 5)) : false, roll(6))
    );
    const times = [1, 2, 3, 4, 5].map(() => {
        const started = window.performance.now();
        layoutMap(seats);
        return window.performance.now() - started;
    });
    expect(Math.min(...times) < 250).toBe(true);
    const {nodes, bounds} = layoutMap(seats);
    expect(overlaps(nodes)).toEqual([]);
    const zoom = Math.min(1200 / bounds.width, 800 / bounds.height);
    expect(zoom > 0.15).toBe(true);
});

test("200 people of whom nobody knows to whom they report make a grid", () => {
    const {nodes, bounds} = layoutMap([...Array(200).keys()].map((at) => seat(at + 1)));
    expect(overlaps(nodes)).toEqual([]);
    expect(bounds.width / bounds.height > 1 && bounds.width / bounds.height < 4).toBe(
        true
    );
});

test("the seat below the pointer", () => {
    const {nodes} = layoutMap([seat(1), seat(2, 1)]);
    const {x, y} = nodes.get(2);
    expect(nodeAt(nodes, x + 3, y + 3).id).toBe(2);
    expect(nodeAt(nodes, x - 3, y - 3)).toBe(null);
    expect(nodeAt(nodes, x - 3, y - 3, 6).id).toBe(2);
});
