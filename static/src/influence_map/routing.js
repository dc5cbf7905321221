/**
 * How lines of influence run: curves from card to card that go around the others as far
 * as they can. Pure arithmetic on the boxes of `layout.js`.
 */

const OUT = {left: [-1, 0], right: [1, 0], top: [0, -1], bottom: [0, 1]};
const SAMPLES = [...Array(19).keys()].map((step) => (step + 1) / 20);
const BENDS = [
    [1, 1],
    [0.3, 0.3],
    [0.6, 0.6],
    [1.8, 1.8],
    [0.4, 2.2],
    [2.2, 0.4],
];
const CROSSING = 150; // as if the way were so much longer
const CROWDED = 70;
const CELL = 260;

export const widthOf = (strength) => 1 + 0.8 * Math.min(Math.max(strength || 1, 1), 5);

/**
 * @param {Object[]} edges `{ id, source_id, target_id, kind, strength }`
 * @param {Map} nodes boxes by seat id
 * @returns {Object[]} `{ edge, d, head, bar, middle, width }`, in the order of ids; edges
 *  of seats that are not drawn are left out
 */
export function routeEdges(edges, nodes) {
    const grid = gridOf(nodes);
    const used = new Map();
    return [...edges]
        .sort((a, b) => a.id - b.id)
        .filter((edge) => nodes.has(edge.source_id) && nodes.has(edge.target_id))
        .map((edge) => {
            const source = nodes.get(edge.source_id);
            const target = nodes.get(edge.target_id);
            const way = bestWay(source, target, grid, used);
            for (const {key} of [way.from, way.to]) {
                used.set(key, (used.get(key) || 0) + 1);
            }
            return drawn(edge, way);
        });
}

/** The straight preview of a line that is being drawn. */
export function draftPath({x, y}, to) {
    const bend = Math.min(Math.abs(to.x - x) / 2, 80);
    return `M${x} ${y}C${x + bend} ${y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`;
}

function drawn(edge, {from, to, bend}) {
    const width = widthOf(edge.strength);
    const isDirected = edge.kind !== "tie";
    const size = isDirected ? 6 + 1.9 * width : 0;
    const end = {...to, x: to.x + to.out[0] * size, y: to.y + to.out[1] * size};
    const points = curve(from, end, bend);
    return {
        edge,
        width,
        d: pathOf(points),
        head: isDirected ? headOf(to, size) : "",
        bar: edge.kind === "opposes" ? barOf(end, size) : "",
        middle: at(points, 0.5),
        length: lengthOf(points),
    };
}

/** Of all ways between the ports the shortest one that crosses the fewest cards. */
function bestWay(source, target, grid, used) {
    let best = null;
    for (const from of portsOf(source)) {
        for (const to of portsOf(target)) {
            const crowd = (used.get(from.key) || 0) + (used.get(to.key) || 0);
            for (const bend of BENDS) {
                const points = curve(from, to, bend);
                const length = lengthOf(points) + CROWDED * crowd;
                if (!best || length < best.cost - 0.01) {
                    const crossed = crossings(points, grid, source, target);
                    const cost = length + CROSSING * crossed;
                    best =
                        !best || cost < best.cost - 0.01
                            ? {cost, from, to, bend}
                            : best;
                }
            }
        }
    }
    return best;
}

/** Not where reporting lines leave and arrive: the middle of the top and the bottom. */
function portsOf({id, x, y, width, height}) {
    const place = (side, across, down) => ({
        key: `${id}-${side}-${across}-${down}`,
        out: OUT[side],
        x: Math.round(x + width * across),
        y: Math.round(y + height * down),
    });
    return [
        place("left", 0, 0.35),
        place("left", 0, 0.75),
        place("right", 1, 0.35),
        place("right", 1, 0.75),
        place("top", 0.2, 0),
        place("top", 0.8, 0),
        place("bottom", 0.2, 1),
        place("bottom", 0.8, 1),
    ];
}

function curve(from, to, bend) {
    const distance = Math.hypot(to.x - from.x, to.y - from.y);
    const reach = Math.min(Math.max(distance * 0.4, 28), 200);
    const [near, far] = bend.map((part) => part * reach);
    return [
        from,
        {x: from.x + from.out[0] * near, y: from.y + from.out[1] * near},
        {x: to.x + to.out[0] * far, y: to.y + to.out[1] * far},
        to,
    ];
}

function at([a, b, c, d], part) {
    const rest = 1 - part;
    const weigh = (name) =>
        rest ** 3 * a[name] +
        3 * rest ** 2 * part * b[name] +
        3 * rest * part ** 2 * c[name] +
        part ** 3 * d[name];
    return {x: weigh("x"), y: weigh("y")};
}

function lengthOf(points) {
    const [a, b, c, d] = points;
    const far = (from, to) => Math.hypot(to.x - from.x, to.y - from.y);
    return (far(a, d) + far(a, b) + far(b, c) + far(c, d)) / 2;
}

/** How many samples of a way lie on cards; its own ones must not be run through. */
function crossings(points, grid, source, target) {
    let count = 0;
    for (const part of SAMPLES) {
        const {x, y} = at(points, part);
        for (const node of grid.get(cellKey(x, y)) || []) {
            const isInside =
                x > node.x &&
                x < node.x + node.width &&
                y > node.y &&
                y < node.y + node.height;
            if (isInside) {
                count += node.id === source.id || node.id === target.id ? 2 : 1;
            }
        }
    }
    return count;
}

function cellKey(x, y) {
    return `${Math.floor(x / CELL)},${Math.floor(y / CELL)}`;
}

function gridOf(nodes) {
    const grid = new Map();
    for (const node of nodes.values()) {
        for (
            let x = Math.floor(node.x / CELL) * CELL;
            x < node.x + node.width;
            x += CELL
        ) {
            for (
                let y = Math.floor(node.y / CELL) * CELL;
                y < node.y + node.height;
                y += CELL
            ) {
                const key = cellKey(x, y);
                grid.set(key, [...(grid.get(key) || []), node]);
            }
        }
    }
    return grid;
}

const digits = (number) => Math.round(number * 10) / 10;

function pathOf([a, b, c, d]) {
    const pair = ({x, y}) => `${digits(x)} ${digits(y)}`;
    return `M${pair(a)}C${pair(b)} ${pair(c)} ${pair(d)}`;
}

/** An arrow whose tip touches the card; its own path, so that it is also exported. */
function headOf({x, y, out}, size) {
    const [outX, outY] = out;
    const half = size * 0.52;
    const base = [x + outX * size, y + outY * size];
    const left = [base[0] - outY * half, base[1] + outX * half];
    const right = [base[0] + outY * half, base[1] - outX * half];
    return `M${digits(x)} ${digits(y)}L${left.map(digits).join(" ")}L${right.map(digits).join(" ")}Z`;
}

/** A bar across the line says "against" to who does not tell red from purple. */
function barOf({x, y, out}, size) {
    const [outX, outY] = out;
    const half = size * 0.75;
    const [midX, midY] = [x + outX * 4, y + outY * 4];
    const ends = [
        [midX - outY * half, midY + outX * half],
        [midX + outY * half, midY - outX * half],
    ];
    return `M${ends[0].map(digits).join(" ")}L${ends[1].map(digits).join(" ")}`;
}
