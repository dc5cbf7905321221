/**
 * What is set apart on the map at this moment, and what steps back: a way in, somebody
 * who might leave, a gap, what was searched, who plays a part in a deal.
 *
 * @returns {Object} seat id -> "path", "leaves", "gap", "found" or "dim"
 */
export function seatMarks(picture, {path, leavingId, gap, leadId, found, picking}) {
    const marks = {};
    const set = (ids, mark, isExclusive) => {
        const chosen = new Set(ids);
        for (const id of picture.seats.keys()) {
            if (chosen.has(id)) {
                marks[id] = mark;
            } else if (isExclusive) {
                marks[id] ||= "dim";
            }
        }
    };
    const inDeal = picture.data.seats.filter((seat) => seat.in_deal);
    if (leadId && inDeal.length) {
        set(
            inDeal.map(({id}) => id),
            "",
            true
        );
    }
    if (gap?.seat_ids.length) {
        set(gap.seat_ids, "gap", true);
    }
    if (path) {
        set(path.seatIds, "path", true);
    }
    if (found) {
        set(found, "found", true);
    }
    if (leavingId) {
        set([leavingId], "leaves", false);
    }
    if (picking) {
        set([picking.id], "path", false);
    }
    return marks;
}

const MANY = 14;

/** Among many lines those of the chosen person. */
function ownLines({edges}, selectedId) {
    if (!selectedId || edges.size <= MANY) {
        return {};
    }
    const isOwn = (edge) => [edge.source_id, edge.target_id].includes(selectedId);
    return Object.fromEntries(
        [...edges.values()].map((edge) => [edge.id, isOwn(edge) ? "own" : "dim"])
    );
}

/**
 * The lines of a way in: curves by their ids, reporting lines by "report-" and the id of
 * who reports.
 */
export function lineMarks(picture, path, selectedId = null) {
    if (!path) {
        return ownLines(picture, selectedId);
    }
    const pairs = new Set();
    path.seatIds.slice(1).forEach((id, at) => {
        pairs.add(`${path.seatIds[at]}-${id}`).add(`${id}-${path.seatIds[at]}`);
    });
    const marks = {};
    for (const {id, source_id: source, target_id: target} of picture.edges.values()) {
        marks[id] = pairs.has(`${source}-${target}`) ? "path" : "dim";
    }
    for (const {id, managerId} of picture.lines) {
        marks[`report-${id}`] = pairs.has(`${id}-${managerId}`) ? "path" : "";
    }
    return marks;
}
