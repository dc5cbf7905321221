/** Where an arrow key leads: along the reporting lines, else to the nearest that way. */

const WAYS = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
};

export const isArrow = (key) => key in WAYS;

/**
 * @param {Map} nodes boxes by seat id
 * @param {Object[]} lines reporting lines, `{ id, managerId }`
 * @returns {number|null} the id of the next seat
 */
export function nextSeat(nodes, lines, from, key) {
    if (!nodes.has(from)) {
        return firstSeat(nodes);
    }
    return alongLine(nodes, lines, from, key) ?? nearest(nodes, from, WAYS[key]);
}

/** The one at the top left. */
export function firstSeat(nodes) {
    const [first] = [...nodes.values()].sort((a, b) => a.y - b.y || a.x - b.x);
    return first ? first.id : null;
}

function alongLine(nodes, lines, from, key) {
    if (key === "ArrowUp") {
        return lines.find(({id}) => id === from)?.managerId;
    }
    if (key === "ArrowDown") {
        const reports = lines.filter(({managerId}) => managerId === from);
        const places = reports.map(({id}) => nodes.get(id));
        return places.sort((a, b) => a.y - b.y || a.x - b.x)[0]?.id;
    }
    return undefined;
}

function nearest(nodes, from, [wayX, wayY]) {
    const middle = ({x, y, width, height}) => [x + width / 2, y + height / 2];
    const [startX, startY] = middle(nodes.get(from));
    let best = null;
    for (const node of nodes.values()) {
        const [x, y] = middle(node);
        const along = (x - startX) * wayX + (y - startY) * wayY;
        const aside = Math.abs((x - startX) * wayY) + Math.abs((y - startY) * wayX);
        const cost = along + 2.5 * aside;
        if (node.id !== from && along > 1 && (!best || cost < best.cost)) {
            best = {id: node.id, cost};
        }
    }
    return best ? best.id : null;
}
