import {largestRemainder, roundHalfUp, scoreInTenths} from "../rounding";

/**
 * Arrange the lines of a breakdown: by dimension, with the figures as they are shown.
 *
 * What is shown adds up: the tenths to the score, the shares to 100 percent.
 *
 * @param {Object[]} rows as `customer.value.indicator._row` gives them
 * @returns {{ groups: Object[], tenths: number, shown: number }} each group with a
 *  `dimension`, a `component`, its `rows` and their sum in `tenths`, null if none counts
 */
export function arrange(rows) {
    const lines = rows.map((row) => ({...row, tenths: null, percent: null}));
    const counted = lines.filter((line) => typeof line.contribution === "number");
    const exact = counted.reduce((sum, line) => sum + line.contribution, 0);
    const score = Math.round(exact * 1e6) / 1e6;
    const tenths = largestRemainder(
        counted.map((line) => line.contribution * 10),
        scoreInTenths(score)
    );
    const percents = largestRemainder(
        counted.map((line) => line.share),
        counted.length ? 100 : 0
    );
    counted.forEach((line, at) => {
        line.tenths = tenths[at];
        line.percent = percents[at];
    });
    return {
        groups: byDimension(lines),
        tenths: counted.length ? scoreInTenths(score) : 0,
        shown: roundHalfUp(score),
    };
}

function byDimension(lines) {
    const groups = new Map();
    for (const line of lines) {
        const hidden = line.state === "confidential";
        const key = hidden ? "confidential" : `${line.component}-${line.dimension}`;
        if (!groups.has(key)) {
            const {dimension, component} = line;
            const rows = [];
            groups.set(key, {key, hidden, dimension, component, rows, tenths: null});
        }
        const group = groups.get(key);
        group.rows.push(line);
        if (line.tenths !== null) {
            group.tenths += line.tenths;
        }
    }
    return [...groups.values()];
}

/**
 * The bar of a line: one segment for each step of points between 0 and 100.
 *
 * @param {number[]} bands points of the bands, in any order
 * @param {number} points what the customer has
 * @returns {{ width: number, filled: number }[]} in percent of the bar, of the segment
 */
export function barSegments(bands, points) {
    const edges = [...new Set([0, ...bands, 100])].sort((a, b) => a - b);
    return edges.slice(1).map((high, at) => {
        const low = edges[at];
        const filled = Math.min(Math.max((points - low) / (high - low), 0), 1);
        return {low, width: high - low, filled: Math.round(filled * 100)};
    });
}
