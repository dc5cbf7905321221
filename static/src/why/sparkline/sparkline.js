import {Component, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {roundHalfUp} from "../../fields/rounding";
import {dayWords, monthWords} from "../why_words";
import {coursePaths, nearestPoint, placePoints} from "./sparkline_path";

/** The course of a score. A click on two points compares these days. */
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
                "%s is chosen: now click the day to compare it with.",
                dayWords(picked.date)
            );
        }
        const since = _t("Score since %s.", monthWords(this.points[0].date));
        return this.props.compare
            ? _t("%s Click two points to compare.", since)
            : since;
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

    pick(ev) {
        if (!this.props.compare) {
            return;
        }
        const point = this.pointAt(ev);
        const {picked} = this.state;
        this.state.picked = picked ? null : point;
        if (picked && picked.date !== point.date) {
            this.props.compare(picked.date, point.date);
        }
    }
}
