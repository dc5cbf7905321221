import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {ValueTier} from "../../fields/value_tier/value_tier";
import {COVERAGES, UNKNOWN, pathHow, pathWords} from "../map_words";

const FEW = 5;

/** How well the account is covered, where the map is thin, and what Odoo proposes. */
export class MapInsight extends Component {
    static template = "customer_value.MapInsight";
    static components = {ValueTier};
    static props = {
        account: Object,
        coverage: Object,
        ours: Array,
        chooseSeat: Function,
        proposals: Array,
        canEdit: Boolean,
        isEmpty: Boolean,
        way: {type: [Object, {value: false}]},
        showWay: Function,
        chosenGap: String,
        chooseGap: Function,
        accept: Function,
        acceptAll: Function,
        dismiss: Function,
        isBusy: Boolean,
    };

    setup() {
        this.state = useState({isUnfolded: false});
    }

    get colour() {
        const {colour} = this.props.coverage;
        return colour in COVERAGES ? colour : UNKNOWN;
    }

    get isKnown() {
        return this.colour !== UNKNOWN;
    }

    get percent() {
        return Math.round(this.props.coverage.percent || 0);
    }

    get verdict() {
        return COVERAGES[this.colour]();
    }

    get scoreWords() {
        const {score} = this.props.account;
        return score === false ? "" : _t("value score %s", Math.round(score));
    }

    get gaps() {
        return this.props.coverage.gaps.map((gap, at) => ({
            ...gap,
            key: `${gap.code}-${at}`,
        }));
    }

    get wayTitle() {
        return _t("Way in to %s", this.props.way.name);
    }

    get wayWords() {
        const [path] = this.props.way.paths;
        return path ? pathWords(path) : _t("Nobody of us knows one yet");
    }

    get wayHow() {
        const [path] = this.props.way.paths;
        return path ? pathHow(path) : "";
    }

    get proposals() {
        const {proposals} = this.props;
        return this.state.isUnfolded || proposals.length <= FEW + 1
            ? proposals
            : proposals.slice(0, FEW);
    }

    get foldedWords() {
        const more = this.props.proposals.length - this.proposals.length;
        return more ? _t("Show %s more", more) : "";
    }

    unfold() {
        this.state.isUnfolded = true;
    }
}
