import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {forestOf} from "../layout";
import {StanceMark} from "../stance_mark/stance_mark";

/** The same map for a narrow screen: an indented list, a tap edits. */
export class MapList extends Component {
    static template = "customer_value.MapList";
    static components = {StanceMark};
    static props = {
        picture: Object,
        marks: Object,
        selectedId: {type: [Number, {value: null}], optional: true},
        choose: Function,
    };

    get rows() {
        const {picture} = this.props;
        const cards = new Map(picture.items.map(({id, card}) => [id, card]));
        return forestOf(picture.data.seats).flatMap((root) =>
            rowsOf(root, 0, cards, picture)
        );
    }

    classesOf({card, seat}) {
        const {marks, selectedId} = this.props;
        return [
            `o_stance_${card.stance}`,
            marks[seat.id] && `o_map_mark_${marks[seat.id]}`,
            card.isPlaceholder && "o_map_row_vacant",
            card.isGone && "o_map_row_gone",
            seat.id === selectedId && "active",
        ]
            .filter(Boolean)
            .join(" ");
    }
}

function rowsOf({seat, children}, depth, cards, picture) {
    const edges = [...picture.edges.values()];
    const influences = edges
        .filter(({source_id: source}) => source === seat.id)
        .map(({id, kind, target_id: target}) => ({
            id,
            kind,
            words: lineWords(kind, picture.nameOf(target)),
        }));
    const row = {seat, depth: Math.min(depth, 6), card: cards.get(seat.id), influences};
    return [
        row,
        ...children.flatMap((child) => rowsOf(child, depth + 1, cards, picture)),
    ];
}

function lineWords(kind, name) {
    const words = {
        influences: () => _t("influences %s", name),
        opposes: () => _t("opposes %s", name),
        tie: () => _t("tied to %s", name),
    };
    return (words[kind] || words.influences)();
}
