/**
 * Where every seat of a map stands: arithmetic alone, nothing of a browser.
 *
 * The tree is tidy in the way of Reingold and Tilford: rows by rank, subtrees as near to
 * each other as they can be, a manager in the middle above those who report to him. Two
 * things are added. Many people without reports hang in two columns below their manager,
 * else a department would be a mile wide; in a map so wide that nobody could read it,
 * whole departments hang so. And who has no reporting line at all stands in a grid below,
 * which is honest, and leaves the tree as it is.
 *
 * The order is that of the seats' ids: the same at each opening, and an edit moves only
 * what it concerns.
 */

export const CARD = {width: 196, height: 92};
export const SCALES = [0.92, 0.88, 0.94, 1, 1.1, 1.22]; // by power, 0: not known
export const GAP = {
    across: 48,
    down: 66,
    stacked: 16,
    trunk: 20,
    indent: 24,
    trees: 72,
};

const HANG_FROM = 4; // leaves of one manager
const LARGE = 40; // seats from which departments may hang
const FRAME = {width: 1200, height: 800}; // what a map is made to fit
const SHELF = 3200; // forests wider than this continue below
// From which rank on departments hang, and how many seats on one trunk.
const USUAL = {level: Infinity, perTrunk: 16};
const COMPACT = [2, 1].flatMap((level) =>
    [16, 32, 64].map((perTrunk) => ({level, perTrunk}))
);

export function sizeOf({power}) {
    const scale = SCALES[power] ?? SCALES[0];
    return {
        scale,
        width: Math.round(CARD.width * scale),
        height: Math.round(CARD.height * scale),
    };
}

/**
 * The seats as a forest. A manager who is not on the map makes a root; so does the seat
 * with the lowest id of a circle, which the server refuses, but a map has to be drawn.
 *
 * @param {{ id: number, manager_id: number|false, power: number }[]} seats
 * @returns {Object[]} roots, each `{ seat, children, count }`
 */
export function forestOf(seats) {
    const ordered = [...seats].sort((a, b) => a.id - b.id);
    const branches = new Map(
        ordered.map((seat) => [seat.id, {seat, children: [], count: 1}])
    );
    const roots = [];
    for (const branch of branches.values()) {
        const manager = branches.get(branch.seat.manager_id);
        if (manager && !isRootOfCircle(branch, branches)) {
            manager.children.push(branch);
        } else {
            roots.push(branch);
        }
    }
    roots.forEach(countBranch);
    return roots;
}

function isRootOfCircle({seat}, branches) {
    const seen = new Set();
    let above = branches.get(seat.manager_id);
    while (above && !seen.has(above.seat.id)) {
        if (above.seat.id === seat.id) {
            return [...seen].every((id) => id >= seat.id);
        }
        seen.add(above.seat.id);
        above = branches.get(above.seat.manager_id);
    }
    return false;
}

function countBranch(branch) {
    branch.count = branch.children.reduce((sum, child) => sum + countBranch(child), 1);
    return branch.count;
}

/**
 * @param {Object[]} seats as `forestOf` takes them
 * @returns {{ nodes: Map, lines: Object[], bounds: Object, loose: Object|null }}
 *  `nodes`: seat id -> `{ id, x, y, width, height, scale, level }`, x and y of the top
 *  left corner; `lines`: reporting lines `{ id, d }` of the seat that reports; `loose`:
 *  where the grid of seats without any reporting line begins
 */
export function layoutMap(seats) {
    const roots = forestOf(seats);
    const trees = roots.filter(({children}) => children.length);
    const loose = roots.filter(({children}) => !children.length);
    const tall = bestForest(trees, seats.length);
    const drawing = {nodes: new Map(), lines: [], loose: null};
    settle(drawing, tall.items, 0, 0);
    placeLoose(drawing, loose, tall);
    return {...drawing, bounds: boundsOf([...drawing.nodes.values()])};
}

/** Of the ways to draw a forest the one that is read best; small maps know but one. */
function bestForest(trees, seatCount) {
    const manners = seatCount > LARGE ? [USUAL, ...COMPACT] : [USUAL];
    const ways = manners.map((manner) => shelve(trees, manner));
    const zoom = ({width, height}) =>
        Math.min(FRAME.width / (width || 1), FRAME.height / (height || 1));
    return ways.reduce((best, way) => (zoom(way) > zoom(best) ? way : best));
}

/** Trees beside each other, on as many shelves as their width asks for. */
function shelve(trees, manner) {
    const items = [];
    let [left, top, width, height] = [0, 0, 0, 0];
    for (const tree of trees) {
        const block = treeBlock(tree, manner);
        const bounds = boundsOf(block);
        if (left && left + bounds.width > SHELF) {
            [left, top] = [0, height + GAP.trees];
        }
        items.push(...moved(block, left - bounds.left, top - bounds.top));
        left += bounds.width + GAP.trees;
        width = Math.max(width, left - GAP.trees);
        height = Math.max(height, top + bounds.height);
    }
    return {items, width, height};
}

// --------------------------------------------------------------------------- trees

function treeBlock(root, manner) {
    const tops = rowTops(root, manner);
    return spread(root, 0, tops, manner);
}

function hangs(branch, level, manner) {
    const {children, count} = branch;
    const areLeaves = children.every((child) => !child.children.length);
    return areLeaves
        ? children.length >= HANG_FROM
        : level >= manner.level && count > HANG_FROM;
}

/** Where each rank begins: the tallest card of a rank makes its height. */
function rowTops(root, manner) {
    const heights = [];
    const visit = (branch, level) => {
        heights[level] = Math.max(heights[level] || 0, sizeOf(branch.seat).height);
        if (!hangs(branch, level, manner)) {
            branch.children.forEach((child) => visit(child, level + 1));
        }
    };
    visit(root, 0);
    const tops = [0];
    heights.forEach((height, level) => {
        tops[level + 1] = tops[level] + height + GAP.down;
    });
    return tops;
}

/** A seat at x = 0 and all below it, as a list of items placed around it. */
function spread(branch, level, tops, manner) {
    const {seat} = branch;
    const size = sizeOf(seat);
    const item = {
        seat,
        level,
        ...size,
        x: -size.width / 2,
        y: tops[level],
        children: [],
    };
    const blocks = hangs(branch, level, manner)
        ? stacks(branch.children, manner.perTrunk).map((part) =>
              hang(part, level + 1, tops[level + 1])
          )
        : branch.children.map((child) => ({
              axis: 0,
              items: spread(child, level + 1, tops, manner),
          }));
    const placed = pack(blocks);
    const busY = tops[level + 1] - GAP.down / 2;
    for (const {items, axis} of placed) {
        for (const one of items) {
            if (!one.above) {
                one.above = {x: 0, y: item.y + item.height, busY, trunkX: axis};
            }
        }
    }
    return [item, ...placed.flatMap(({items}) => items)];
}

/** Blocks pushed together from the left, then centred around x = 0. */
function pack(blocks) {
    const placed = [];
    for (const {items} of blocks) {
        const others = placed.flatMap((block) => block.items);
        const shift = others.length ? pushed(others, items) : 0;
        placed.push({axis: shift, items: moved(items, shift, 0)});
    }
    if (!placed.length) {
        return placed;
    }
    const middle = (placed[0].axis + placed.at(-1).axis) / 2;
    return placed.map(({axis, items}) => ({
        axis: axis - middle,
        items: moved(items, -middle, 0),
    }));
}

/** How far a block goes to the right so that nothing overlaps; its axis goes, too. */
function pushed(others, items) {
    let shift = 0;
    for (const other of others) {
        const right = other.x + other.width + GAP.across;
        for (const item of items) {
            const isBeside =
                item.y < other.y + other.height + GAP.stacked &&
                other.y < item.y + item.height + GAP.stacked;
            if (isBeside && right - item.x > shift) {
                shift = right - item.x;
            }
        }
    }
    const axes = others.map(({x, width}) => x + width / 2);
    return Math.max(shift, Math.min(...axes));
}

function moved(items, x, y) {
    return items.map((item) => ({
        ...item,
        x: item.x + x,
        y: item.y + y,
        above: item.above && {
            ...item.above,
            x: item.above.x + x,
            y: item.above.y + y,
            busY: item.above.busY === null ? null : item.above.busY + y,
            trunkX: item.above.trunkX + x,
        },
    }));
}

// -------------------------------------------------------------------------- stacks

/** Reports in parts that hang on a trunk each, all in order. */
function stacks(children, perTrunk) {
    const total = children.reduce((sum, {count}) => sum + count, 0);
    const parts = [];
    const wanted = total / Math.ceil(total / perTrunk);
    let filled = 0;
    for (const child of children) {
        if (!parts.length || filled + child.count / 2 > wanted * parts.length) {
            parts.push([]);
        }
        parts.at(-1).push(child);
        filled += child.count;
    }
    return parts;
}

/** Two columns on the sides of a trunk at x = 0, the shorter one takes the next. */
function hang(children, level, top) {
    const columns = [
        {side: -1, bottom: top},
        {side: 1, bottom: top},
    ];
    const items = [];
    for (const child of children) {
        const column = columns[1].bottom < columns[0].bottom ? columns[1] : columns[0];
        items.push(...indented(child, level, column, 0));
    }
    return {axis: 0, items};
}

function indented(branch, level, column, depth) {
    const {seat} = branch;
    const size = sizeOf(seat);
    const inner = column.side * (GAP.trunk + depth * GAP.indent);
    const x = column.side < 0 ? inner - size.width : inner;
    const y = column.bottom;
    column.bottom = y + size.height + GAP.stacked;
    const item = {seat, level, ...size, x, y, side: column.side, inner};
    const below = branch.children.flatMap((child) =>
        indented(child, level + 1, column, depth + 1)
    );
    const trunkX = inner + (column.side * GAP.indent) / 2;
    for (const one of below) {
        if (!one.above) {
            one.above = {x: trunkX, y: y + size.height, busY: null, trunkX};
        }
    }
    return [item, ...below];
}

// --------------------------------------------------------------------- the drawing

function settle({nodes, lines}, items, x, y) {
    for (const item of moved(items, x, y)) {
        const {seat, level, width, height, scale, above} = item;
        nodes.set(seat.id, {
            id: seat.id,
            x: Math.round(item.x),
            y: Math.round(item.y),
            width,
            height,
            scale,
            level,
        });
        if (above) {
            lines.push({id: seat.id, managerId: seat.manager_id, d: lineTo(item)});
        }
    }
}

/** From the manager down, along the bus to the trunk, and in from above or the side. */
function lineTo({above, x, y, width, height, side}) {
    const [startX, startY, trunkX] = [above.x, above.y, above.trunkX].map(Math.round);
    const steps = [`M${startX} ${startY}`];
    if (above.busY !== null && startX !== trunkX) {
        steps.push(`V${Math.round(above.busY)}`, `H${trunkX}`);
    }
    if (side) {
        const edge = Math.round(side < 0 ? x + width : x);
        steps.push(`V${Math.round(y + height / 2)}`, `H${edge}`);
    } else {
        steps.push(`V${Math.round(y)}`);
    }
    return steps.join("");
}

/** Who has no reporting line: a grid, as wide as the trees or as a screen. */
function placeLoose(drawing, loose, {width, height}) {
    if (!loose.length) {
        return;
    }
    const widest = CARD.width * Math.max(...SCALES) + GAP.across;
    const tallest = CARD.height * Math.max(...SCALES) + GAP.across;
    const square = Math.ceil(Math.sqrt(loose.length) * 1.1);
    const most = Math.max(Math.floor((width + GAP.across) / widest), square, 4);
    const columns = Math.min(most, loose.length);
    const left = (width - columns * widest + GAP.across) / 2;
    const top = height ? height + GAP.trees + GAP.down : 0;
    loose.forEach(({seat}, at) => {
        const size = sizeOf(seat);
        const [column, row] = [at % columns, Math.floor(at / columns)];
        drawing.nodes.set(seat.id, {
            id: seat.id,
            x: Math.round(
                left + column * widest + (widest - GAP.across - size.width) / 2
            ),
            y: Math.round(top + row * tallest),
            ...size,
            level: 0,
        });
    });
    drawing.loose = {x: Math.round(left), y: top - GAP.across, count: loose.length};
}

export function boundsOf(items) {
    if (!items.length) {
        return {left: 0, top: 0, width: 0, height: 0};
    }
    const left = Math.min(...items.map(({x}) => x));
    const top = Math.min(...items.map(({y}) => y));
    const right = Math.max(...items.map(({x, width}) => x + width));
    const bottom = Math.max(...items.map(({y, height}) => y + height));
    return {left, top, width: right - left, height: bottom - top};
}

/** The seat below a place of the map. */
export function nodeAt(nodes, x, y, margin = 0) {
    for (const node of nodes.values()) {
        if (
            x >= node.x - margin &&
            x <= node.x + node.width + margin &&
            y >= node.y - margin &&
            y <= node.y + node.height + margin
        ) {
            return node;
        }
    }
    return null;
}
