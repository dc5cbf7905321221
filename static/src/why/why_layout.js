const MOST_KEPT = 6;
const STEPS = [1, 2, 5, 10, 20, 25, 50];
const MOST_TICKS = 5;
const SMALLEST_SPAN = 5;

const size = ({shown}) => Math.abs(shown);

export function sumOf(lines) {
    return lines.reduce((sum, {shown}) => sum + shown, 0);
}

/**
 * The lines that are told one by one, and the others: what moved nothing, and beyond
 * half a dozen what moved little. A single small line is told, too.
 *
 * @param {Object[]} lines as `customer.value.change` gives them
 * @returns {{ kept: Object[], others: Object[] }} each in the given order
 */
export function fold(lines) {
    const moved = lines.filter((line) => line.shown);
    const largest = [...moved].sort((a, b) => size(b) - size(a));
    const most = moved.length === MOST_KEPT + 1 ? MOST_KEPT + 1 : MOST_KEPT;
    const told = new Set(largest.slice(0, most));
    return {
        kept: lines.filter((line) => told.has(line)),
        others: lines.filter((line) => !told.has(line)),
    };
}

/**
 * The part of 0..100 that a waterfall shows. Small changes are seen at high scores
 * because it need not begin at zero.
 *
 * @param {number[]} levels scores that have to be seen
 * @returns {{ base: number, top: number, ticks: number[] }}
 */
export function scaleOf(levels) {
    const low = Math.min(...levels);
    const high = Math.max(...levels);
    const span = Math.max(high - low, SMALLEST_SPAN);
    const floor = Math.max(low - span / 2, 0);
    const step = STEPS.find((one) => (high - floor) / one <= MOST_TICKS);
    const base = Math.max(Math.floor(floor / step) * step, 0);
    const top = Math.max(Math.ceil(high / step) * step, base + step);
    const ticks = [];
    for (let tick = base; tick <= top; tick += step) {
        ticks.push(tick);
    }
    return {base, top, ticks};
}

function kindOf({shown}) {
    if (!shown) {
        return "still";
    }
    return shown > 0 ? "rise" : "fall";
}

/**
 * The bars of a waterfall: the old score, a bar for each line that hangs where the one
 * before it ended, the new score. Edges are in percent of the plot's height.
 *
 * @param {number} from the old score
 * @param {Object[]} lines with `code` and `shown`
 * @returns {{ bars: Object[], scale: Object }}
 */
export function waterfall(from, lines) {
    let level = from;
    const steps = lines.map((line) => {
        const before = level;
        level += line.shown;
        return {
            key: `line-${line.code}`,
            kind: kindOf(line),
            line,
            before,
            after: level,
        };
    });
    const total = (key, after) => ({key, kind: "total", after});
    const all = [total("from", from), ...steps, total("to", level)];
    const scale = scaleOf(all.map(({after}) => after));
    const place = (score) => (100 * (score - scale.base)) / (scale.top - scale.base);
    const bars = all.map((bar) => {
        const before = bar.before ?? scale.base;
        return {
            ...bar,
            low: place(Math.min(before, bar.after)),
            high: place(Math.max(before, bar.after)),
            level: place(bar.after),
        };
    });
    return {bars, scale: {...scale, places: scale.ticks.map(place)}};
}
