/** What part of a map is seen: `{ x, y, zoom }`, a place p is drawn at p * zoom + (x, y). */

export const ZOOM = {least: 0.08, most: 2.5, step: 1.25, far: 0.5, readable: 0.62};
const MARGIN = 28;

export const clampZoom = (zoom) => Math.min(Math.max(zoom, ZOOM.least), ZOOM.most);

/** All of the bounds, in the middle, not larger than life. */
export function fit(bounds, frame, most = 1) {
    const room = (name) => Math.max(frame[name] - 2 * MARGIN, 1);
    const zoom = clampZoom(
        Math.min(
            room("width") / (bounds.width || 1),
            room("height") / (bounds.height || 1),
            most
        )
    );
    const spare = frame.height - bounds.height * zoom;
    return {
        zoom,
        x: (frame.width - bounds.width * zoom) / 2 - bounds.left * zoom,
        y: Math.min(spare / 2, 2 * MARGIN) - bounds.top * zoom,
    };
}

/** Nearer or farther; the place below the point stays where it is. */
export function zoomAt(view, point, factor) {
    const zoom = clampZoom(view.zoom * factor);
    const ratio = zoom / view.zoom;
    return {
        zoom,
        x: point.x - (point.x - view.x) * ratio,
        y: point.y - (point.y - view.y) * ratio,
    };
}

export const toMap = (view, {x, y}) => ({
    x: (x - view.x) / view.zoom,
    y: (y - view.y) / view.zoom,
});

/** The least move after which a box is wholly seen; near enough to be read if asked. */
export function reveal(view, box, frame, isReadable = false) {
    const zoom = isReadable ? Math.max(view.zoom, ZOOM.readable) : view.zoom;
    if (zoom !== view.zoom) {
        return {
            zoom,
            x: frame.width / 2 - (box.x + box.width / 2) * zoom,
            y: frame.height / 2 - (box.y + box.height / 2) * zoom,
        };
    }
    const shift = (low, high, size) => {
        if (low < MARGIN) {
            return MARGIN - low;
        }
        return high > size - MARGIN ? size - MARGIN - high : 0;
    };
    const left = box.x * zoom + view.x;
    const top = box.y * zoom + view.y;
    return {
        zoom,
        x: view.x + shift(left, left + box.width * zoom, frame.width),
        y: view.y + shift(top, top + box.height * zoom, frame.height),
    };
}

/** Two fingers: what was below them stays below them. */
export function pinch(view, before, after) {
    const middle = ([a, b]) => ({x: (a.x + b.x) / 2, y: (a.y + b.y) / 2});
    const apart = ([a, b]) => Math.hypot(a.x - b.x, a.y - b.y) || 1;
    const [from, to] = [middle(before), middle(after)];
    const zoomed = zoomAt(view, from, apart(after) / apart(before));
    return {...zoomed, x: zoomed.x + to.x - from.x, y: zoomed.y + to.y - from.y};
}

/** The seats that are large enough to be read, in sight or next to it. */
export function nearIds({x, y, zoom}, {width, height}, nodes) {
    const ids = new Set();
    if (zoom < ZOOM.far) {
        return ids;
    }
    for (const node of nodes.values()) {
        const [left, top] = [node.x * zoom + x, node.y * zoom + y];
        const isAcross = left < 1.5 * width && left + node.width * zoom > -width / 2;
        const isDown = top < 1.5 * height && top + node.height * zoom > -height / 2;
        if (isAcross && isDown) {
            ids.add(node.id);
        }
    }
    return ids;
}
