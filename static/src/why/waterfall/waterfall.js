import {Component} from "@odoo/owl";
import {sumOf, waterfall} from "../why_layout";
import {moveWords, othersWords, signed, waterfallSentence} from "../why_words";

/** From the old score to the new one, a hanging bar for each line that moved it. */
export class Waterfall extends Component {
    static template = "customer_value.Waterfall";
    static props = {
        told: Object,
        lines: Array,
        others: Array,
        startWords: String,
        endWords: String,
        color: {type: String, optional: true},
        choose: Function,
    };
    static defaultProps = {color: ""};

    get steps() {
        const {lines, others} = this.props;
        const moved = others.filter(({shown}) => shown);
        if (!moved.length) {
            return lines;
        }
        const name = othersWords(moved.length).toString();
        return [...lines, {code: "others", name, shown: sumOf(moved)}];
    }

    get sentence() {
        return waterfallSentence(this.props.told, this.steps);
    }

    get chart() {
        return waterfall(this.props.told.from, this.steps);
    }

    /** A score that does not begin at zero is drawn as if torn off. */
    get isTorn() {
        return this.chart.scale.base > 0;
    }

    get style() {
        const {color} = this.props;
        return color ? `--o-why-color: ${color}` : "";
    }

    nameOf(bar) {
        const totals = {from: this.props.startWords, to: this.props.endWords};
        return bar.line ? bar.line.name : totals[bar.key];
    }

    valueOf(bar) {
        return bar.line ? signed(bar.line.shown) : bar.after;
    }

    hintOf(bar) {
        return bar.line ? moveWords(bar.line, this.props.told.currency_id) : "";
    }

    choose(bar) {
        if (bar.line) {
            this.props.choose(bar.line);
        }
    }
}
