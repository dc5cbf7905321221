/**
 * Rounding that keeps sums: what is shown adds up to what is shown. The same as
 * `tools/rounding.py`, for the browser.
 */

/** The integer a score is shown as: 72.5 is shown as 73. */
export function roundHalfUp(value) {
    return Math.floor(value + 0.5);
}

/**
 * Round `values` to integers that add up to `total`, by Hamilton's method: everyone gets
 * the floor, the units left over go to the largest fractions.
 *
 * @param {number[]} values
 * @param {number} [total] the sum, rounded half up, by default
 * @returns {number[]}
 */
export function largestRemainder(values, total) {
    const sum = values.reduce((before, value) => before + value, 0);
    const rounded = values.map(Math.floor);
    const wanted = total ?? roundHalfUp(sum);
    const missing = wanted - rounded.reduce((before, value) => before + value, 0);
    const order = values.map((value, at) => at);
    order.sort((a, b) => rounded[a] - values[a] - (rounded[b] - values[b]) || a - b);
    if (missing < 0) {
        order.reverse();
    }
    for (let turn = 0; turn < Math.abs(missing) && order.length; turn++) {
        rounded[order[turn % order.length]] += Math.sign(missing);
    }
    return rounded;
}

/**
 * A score with one decimal that rounds to the integer shown beside it: 72.46 is shown
 * as 72, so it is 72.4 and not 72.5.
 *
 * @returns {number} in tenths
 */
export function scoreInTenths(score) {
    const shown = 10 * roundHalfUp(score);
    return Math.min(Math.max(roundHalfUp(score * 10), shown - 5), shown + 4);
}
