const ELLIPSIS = "…";

/**
 * As much of a text as fits; SVG has no ellipsis of its own.
 *
 * @param {(text: string) => number} measure the width of a text
 */
export function fitText(text, width, measure) {
    if (!text || measure(text) <= width) {
        return text || "";
    }
    const signs = [...text];
    let [low, high] = [0, signs.length];
    while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if (measure(signs.slice(0, middle).join("").trimEnd() + ELLIPSIS) <= width) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return signs.slice(0, low).join("").trimEnd() + ELLIPSIS;
}

/** In one or two lines, broken between words. */
export function twoLines(text, width, measure) {
    const words = (text || "").split(/\s+/u).filter(Boolean);
    let first = "";
    while (words.length && measure(`${first} ${words[0]}`.trim()) <= width) {
        first = `${first} ${words.shift()}`.trim();
    }
    if (!first) {
        return [fitText(text, width, measure)];
    }
    return words.length ? [first, fitText(words.join(" "), width, measure)] : [first];
}

/** Measures by a canvas, with the font that the page uses. */
export function textMeasure(font) {
    const context = document.createElement("canvas").getContext("2d");
    const known = new Map();
    return (text) => {
        if (!known.has(text)) {
            context.font = font;
            known.set(text, context.measureText(text).width);
        }
        return known.get(text);
    };
}
