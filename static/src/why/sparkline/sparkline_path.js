import {deserializeDate} from "@web/core/l10n/dates";

const SMALLEST_SPAN = 10;
const MARGIN = 0.12;

/**
 * Where the points of a course lie, in percent of the width and from the top.
 *
 * @param {{ date: string, score: number }[]} course oldest first
 */
export function placePoints(course) {
    const days = course.map(({date}) => deserializeDate(date).toMillis());
    const scores = course.map(({score}) => score);
    const [first, last] = [days[0], days.at(-1)];
    const middle = (Math.min(...scores) + Math.max(...scores)) / 2;
    const span = Math.max(Math.max(...scores) - Math.min(...scores), SMALLEST_SPAN);
    const high = middle + span / 2;
    return course.map((point, at) => ({
        ...point,
        x: last > first ? (100 * (days[at] - first)) / (last - first) : 0,
        y: 100 * (MARGIN + ((1 - 2 * MARGIN) * (high - scores[at])) / span),
    }));
}

/** A course can be drawn and compared if it knows two days. */
export function hasCourse(course) {
    return course.length > 1 && course[0].date !== course.at(-1).date;
}

/**
 * The lines of a course: what was recorded stands until the next change, so it is
 * drawn in steps; what was reconstructed knows months' ends alone.
 *
 * @returns {{ recorded: string, replayed: string }} paths of an SVG
 */
export function coursePaths(points) {
    const paths = {recorded: "", replayed: ""};
    points.slice(1).forEach((here, at) => {
        const before = points[at];
        const name = before.is_replayed || here.is_replayed ? "replayed" : "recorded";
        const step = name === "recorded" ? ` H${digits(here.x)}` : "";
        const end = ` L${digits(here.x)} ${digits(here.y)}`;
        paths[name] += `M${digits(before.x)} ${digits(before.y)}${step}${end}`;
    });
    return paths;
}

function digits(number) {
    return Math.round(number * 100) / 100;
}

/** The point nearest to a place across; of one day's points the last. */
export function nearestPoint(points, x) {
    return points.reduce((best, point) =>
        Math.abs(point.x - x) <= Math.abs(best.x - x) ? point : best
    );
}
