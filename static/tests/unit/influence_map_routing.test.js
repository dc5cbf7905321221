import {describe, expect, test} from "@odoo/hoot";

import {layoutMap} from "@customer_value/influence_map/layout";
import {routeEdges, widthOf} from "@customer_value/influence_map/routing";

describe.current.tags("headless");

const seats = [
    {id: 1, manager_id: false, power: 5},
    {id: 2, manager_id: 1, power: 3},
    {id: 3, manager_id: 1, power: 3},
    {id: 4, manager_id: 1, power: 3},
];
const {nodes} = layoutMap(seats);
const edge = (id, source, target, kind = "influences", strength = 3) => ({
    id,
    source_id: source,
    target_id: target,
    kind,
    strength,
});
const numbers = (d) => d.match(/-?\d+(\.\d+)?/gu).map(Number);

test("a line ends at the card it leads to, with an arrow", () => {
    const [{d, head, bar}] = routeEdges([edge(1, 2, 4)], nodes);
    const {x, y, width, height} = nodes.get(4);
    const [tipX, tipY] = numbers(head);
    expect(tipX >= x && tipX <= x + width && tipY >= y && tipY <= y + height).toBe(
        true
    );
    expect(d.startsWith("M")).toBe(true);
    expect(bar).toBe("");
});

test("kinds differ by more than colour", () => {
    const [influence, against, tie] = routeEdges(
        [edge(1, 2, 3), edge(2, 3, 2, "opposes"), edge(3, 3, 4, "tie")],
        nodes
    );
    expect([influence, against, tie].map(({head}) => Boolean(head))).toEqual([
        true,
        true,
        false,
    ]);
    expect([influence, against, tie].map(({bar}) => Boolean(bar))).toEqual([
        false,
        true,
        false,
    ]);
});

test("a stronger line is wider", () => {
    const widths = [1, 2, 3, 4, 5].map(widthOf);
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    expect(widthOf(9)).toBe(widthOf(5));
});

test("from one end of a row to the other the way leads around who stands between", () => {
    const [{d}] = routeEdges([edge(1, 2, 4)], nodes);
    const [x0, y0, x1, y1, x2, y2, x3, y3] = numbers(d);
    const between = nodes.get(3);
    for (let part = 0; part <= 1; part += 0.05) {
        const rest = 1 - part;
        const weigh = (a, b, c, e) =>
            rest ** 3 * a +
            3 * rest ** 2 * part * b +
            3 * rest * part ** 2 * c +
            part ** 3 * e;
        const [x, y] = [weigh(x0, x1, x2, x3), weigh(y0, y1, y2, y3)];
        const isInside =
            x > between.x &&
            x < between.x + between.width &&
            y > between.y &&
            y < between.y + between.height;
        expect(isInside).toBe(false);
    }
});

test("two lines between the same two do not lie on each other", () => {
    const [there, back] = routeEdges([edge(1, 2, 3), edge(2, 3, 2)], nodes);
    const gap = Math.hypot(
        there.middle.x - back.middle.x,
        there.middle.y - back.middle.y
    );
    expect(gap > 8).toBe(true);
});

test("the same picture whatever order they come in; seats not drawn are left out", () => {
    const edges = [edge(5, 2, 3), edge(2, 3, 4, "tie"), edge(9, 4, 77)];
    const drawn = routeEdges(edges, nodes);
    expect(drawn.map((curve) => curve.edge.id)).toEqual([2, 5]);
    expect(routeEdges([...edges].reverse(), nodes)).toEqual(drawn);
});
