import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {KINDS, kindWords} from "../map_words";

const STRENGTHS = [1, 2, 3, 4, 5];
const TIES = [
    {key: "family", label: () => _t("Family")},
    {key: "school", label: () => _t("School")},
    {key: "home_town", label: () => _t("Home town")},
    {key: "former_colleague", label: () => _t("Former colleague")},
    {key: "other", label: () => _t("Other")},
];

/** A line of influence: which kind, how strong, and how we know. */
export class LinePanel extends Component {
    static template = "customer_value.LinePanel";
    static props = {
        picture: Object,
        lineId: Number,
        canEdit: Boolean,
        write: Function,
        remove: Function,
        chooseSeat: Function,
        close: Function,
    };

    strengths = STRENGTHS;
    kinds = KINDS;
    ties = TIES;

    get edge() {
        return this.props.picture.edges.get(this.props.lineId);
    }

    get kindWords() {
        return kindWords(this.edge.kind);
    }

    get tieWords() {
        return TIES.find(({key}) => key === this.edge.tie_type)?.label() || "";
    }

    get arrow() {
        return this.edge.kind === "tie" ? "↔" : "→";
    }

    nameOf(id) {
        return this.props.picture.nameOf(id);
    }

    write(values) {
        return this.props.write(this.edge.id, values);
    }

    setKind(kind) {
        this.write(kind === "tie" ? {kind} : {kind, tie_type: false});
    }

    writeEvidence(ev) {
        const value = ev.target.value.trim();
        if (value !== (this.edge.evidence || "")) {
            this.write({evidence: value});
        }
    }
}
