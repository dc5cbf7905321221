import {markRaw} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {layoutMap} from "./layout";
import {lineSentence, seatName} from "./map_words";
import {firstSeat} from "./navigation";
import {routeEdges} from "./routing";

/**
 * A map as it is drawn: what the server told, and where everything stands. Made anew
 * after each edit, never changed in between.
 *
 * @param {Object} data as `map_data` gives it
 * @param {(seat: Object) => Object} makeCard
 */
export function pictureOf(data, makeCard) {
    const seats = new Map(data.seats.map((seat) => [seat.id, seat]));
    const {nodes, lines, bounds, loose} = layoutMap(data.seats);
    const nameOf = (id) => (seats.has(id) ? seatName(seats.get(id)) : "?");
    const items = [...seats.values()]
        .sort((a, b) => a.id - b.id)
        .map((seat) => ({id: seat.id, card: makeCard(seat), node: nodes.get(seat.id)}));
    return markRaw({
        data,
        seats,
        edges: new Map(data.edges.map((edge) => [edge.id, edge])),
        nodes,
        lines,
        bounds,
        loose,
        items,
        curves: routeEdges(data.edges, nodes),
        sentences: new Map(
            data.edges.map((edge) => [edge.id, lineSentence(edge, nameOf)])
        ),
        firstId: firstSeat(nodes),
        nameOf,
        isBelow: (id, aboveId) => isBelow(seats, id, aboveId),
    });
}

/** Whether a seat reports to another, over however many steps; also to himself. */
export function isBelow(seats, id, aboveId) {
    const seen = new Set();
    let now = id;
    while (now && !seen.has(now)) {
        if (now === aboveId) {
            return true;
        }
        seen.add(now);
        now = seats.get(now)?.manager_id;
    }
    return false;
}

/** Seats whose name, job, department or note has all the words. */
export function foundSeats(seats, query) {
    const plain = (text) =>
        (text || "")
            .normalize("NFD")
            .replace(/\p{Diacritic}/gu, "")
            .toLowerCase();
    const words = plain(query).split(/\s+/u).filter(Boolean);
    if (!words.length) {
        return [];
    }
    return [...seats.values()]
        .filter((seat) => {
            const text = plain(
                [seat.name, seat.job, seat.department, seat.note]
                    .filter(Boolean)
                    .join(" ")
            );
            return words.every((word) => text.includes(word));
        })
        .map(({id}) => id);
}

const MOST_NAMED = 8;

/** Our owners, each with whom he looks after; who looks after most comes first. */
export function oursOf({data, seats, nameOf}) {
    return data.users
        .map((user) => {
            const ids = [...seats.values()]
                .filter(({owner_ids: owners}) => owners.includes(user.id))
                .map(({id}) => id);
            const more = ids.length - MOST_NAMED;
            return {
                ...user,
                count: ids.length,
                seats: ids.slice(0, MOST_NAMED).map((id) => ({id, name: nameOf(id)})),
                more: more > 0 ? _t("and %s more", more) : "",
            };
        })
        .filter(({count}) => count)
        .sort((a, b) => b.count - a.count || a.id - b.id);
}
