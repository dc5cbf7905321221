import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {roundHalfUp} from "../../fields/rounding";
import {dayWords, monthWords} from "../why_words";
import {coursePaths, nearestPoint, placePoints} from "./sparkline_path";

const STEPS = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1};

/**
 * The course of a score. A click on two points compares these days; by the keyboard the
 * arrow keys go from point to point, Enter or the space bar chooses, Escape takes back.
 */
export class Sparkline extends Component {
    static template = "customer_value.Sparkline";
    static props = {
        course: Array,
        compare: {type: Function, optional: true},
    };

    setup() {
        this.state = useState({hovered: null, picked: null});
    }

    get points() {
        return placePoints(this.props.course);
    }

    get paths() {
        return coursePaths(this.points);
    }

    get last() {
        return this.points.at(-1);
    }

    get marked() {
        const {hovered, picked} = this.state;
        return [
            {key: "last", point: this.last},
            {key: "picked", point: picked},
            {key: "hovered", point: hovered},
        ].filter(({point}) => point);
    }

    get style() {
        const {color} = this.last;
        return color ? `--o-value-color: ${color}` : "";
    }

    get sentence() {
        const [first, last] = [this.points[0], this.last];
        return _t("Score from %(from)s on %(start)s to %(to)s on %(end)s", {
            from: roundHalfUp(first.score),
            start: dayWords(first.date),
            to: roundHalfUp(last.score),
            end: dayWords(last.date),
        });
    }

    get caption() {
        const {picked} = this.state;
        if (picked) {
            return _t(
                "%s is chosen: now choose the day to compare it with.",
                dayWords(picked.date)
            );
        }
        const since = _t("Score since %s.", monthWords(this.points[0].date));
        return this.props.compare
            ? _t("%s Click two points to compare.", since)
            : since;
    }

    /** What makes the plot a thing to be worked by keys; nothing where it only shows. */
    get handle() {
        if (!this.props.compare) {
            return {};
        }
        return {
            role: "slider",
            tabindex: 0,
            "aria-label": this.sentence,
            "aria-valuemin": 1,
            "aria-valuemax": this.points.length,
            "aria-valuenow": this.hoveredAt + 1,
            "aria-valuetext": this.words(this.points[this.hoveredAt]),
        };
    }

    get hoveredAt() {
        const {hovered} = this.state;
        return hovered
            ? this.points.findLastIndex(({date}) => date === hovered.date)
            : this.points.length - 1;
    }

    get hasReplayed() {
        return Boolean(this.paths.replayed);
    }

    words({date, score, tier, is_replayed: isReplayed}) {
        const words = [
            `${dayWords(date)}: ${roundHalfUp(score)}`,
            tier,
            isReplayed ? _t("reconstructed") : "",
        ];
        return words.filter(Boolean).join(", ");
    }

    place(point) {
        return `left: ${point.x}%; top: ${point.y}%`;
    }

    /** The bubble stays within the strip. */
    bubblePlace({x, y}) {
        return `left: ${x}%; top: ${y}%; transform: translate(-${x}%, calc(-100% - 8px))`;
    }

    pointAt(ev) {
        const {left, width} = ev.currentTarget.getBoundingClientRect();
        return nearestPoint(this.points, (100 * (ev.clientX - left)) / width);
    }

    hover(ev) {
        this.state.hovered = this.pointAt(ev);
    }

    leave() {
        this.state.hovered = null;
    }

    focus() {
        if (this.props.compare) {
            this.state.hovered = this.points[this.hoveredAt];
        }
    }

    onKeydown(ev) {
        const places = {Home: 0, End: this.points.length - 1};
        const at = places[ev.key] ?? this.hoveredAt + STEPS[ev.key];
        if (!Number.isNaN(at)) {
            this.state.hovered = this.points.at(
                Math.min(Math.max(at, 0), this.points.length - 1)
            );
        } else if (ev.key === "Enter" || ev.key === " ") {
            this.choose(this.points[this.hoveredAt]);
        } else if (ev.key === "Escape" && this.state.picked) {
            this.state.picked = null;
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    pick(ev) {
        this.choose(this.pointAt(ev));
    }

    choose(point) {
        if (!this.props.compare) {
            return;
        }
        const {picked} = this.state;
        this.state.picked = picked ? null : point;
        if (picked && picked.date !== point.date) {
            this.props.compare(picked.date, point.date);
        }
    }
}
