import {
    Component,
    onMounted,
    onPatched,
    onWillUnmount,
    useEffect,
    useRef,
    useState,
} from "@odoo/owl";
import {nodeAt} from "../layout";
import {MapCurve} from "../map_curve/map_curve";
import {MapNode} from "../map_node/map_node";
import {draftPath} from "../routing";
import {textMeasure, twoLines} from "../text_fit";
import {fit, nearIds, pinch, reveal, toMap, zoomAt} from "../viewport";
import {Layer} from "./layer";
import {useMapGestures} from "./map_gestures";

const MOST_LABELS = 14;
const SIGN_WIDTH = 6;
const LABEL = {least: 70, width: 110}; // of a line, so that it is labelled in two rows
const SETTLES_AFTER = 120; // milliseconds without a movement

/**
 * The drawing. Moving and zooming it, and the card in the hand, bypass the rendering: a
 * frame moves one layer. Cards that are too small to be read, or out of sight, are drawn
 * without their details, so a map of hundreds is as fluid as one of ten. `picture` is
 * made by `map_picture.js`.
 */
export class MapCanvas extends Component {
    static template = "customer_value.MapCanvas";
    static components = {MapCurve, MapNode};
    static props = {
        picture: Object,
        handle: Object,
        marks: Object,
        lineMarks: Object,
        hiddenKinds: Object,
        focusedId: {type: [Number, {value: null}], optional: true},
        selectedId: {type: [Number, {value: null}], optional: true},
        selectedLineId: {type: [Number, {value: null}], optional: true},
        canEdit: Boolean,
        press: Function,
        setManager: Function,
        drawLine: Function,
        showZoom: Function,
    };

    setup() {
        this.groundRef = useRef("ground");
        this.svgRef = useRef("svg");
        this.ghostRef = useRef("ghost");
        this.draftRef = useRef("draft");
        this.drag = useState({kind: "", id: null, targetId: null, isRefused: false});
        this.dropZone = useState({isOver: false});
        this.near = useState({ids: new Set(), isAll: false});
        this.view = {x: 0, y: 0, zoom: 1};
        const {fontFamily} = getComputedStyle(document.body);
        this.measure = textMeasure(`11.5px ${fontFamily}`);
        this.frame = 0;
        this.isFitted = false;
        useMapGestures(this.groundRef, {
            press: (target) => this.press(target),
            pan: (x, y) =>
                this.show({...this.view, x: this.view.x + x, y: this.view.y + y}),
            zoom: (point, factor) => this.show(zoomAt(this.view, point, factor)),
            pinch: (before, after) => this.show(pinch(this.view, before, after)),
            grab: (...args) => this.grab(...args),
            drag: (point) => this.dragTo(point),
            drop: (point) => this.drop(point),
            cancel: () => this.endDrag(),
        });
        Object.assign(this.props.handle, {
            fit: () => this.fit(),
            zoomBy: (factor) => this.zoomBy(factor),
            reveal: (id, isReadable) => this.reveal(id, isReadable),
            focus: (id) => this.focus(id),
            svg: () => this.svgRef.el,
            detailed: (task) => this.detailed(task),
        });
        onMounted(() => this.watchSize());
        onPatched(() => this.apply());
        useEffect(
            () => this.fitFirst(),
            () => [this.props.picture]
        );
        useEffect(
            () => this.settle(),
            () => [this.props.picture]
        );
        onWillUnmount(() => {
            cancelAnimationFrame(this.frame);
            clearTimeout(this.settling);
            this.observer?.disconnect();
        });
    }

    // ------------------------------------------------------------------- drawing

    get picture() {
        return this.props.picture;
    }

    get nodes() {
        return this.picture.items;
    }

    get curves() {
        const {hiddenKinds} = this.props;
        return this.picture.curves.filter(({edge}) => !hiddenKinds[edge.kind]);
    }

    get hasManyLines() {
        return this.picture.curves.length > MOST_LABELS;
    }

    /** How we know stands at the line if there is room for it, else in its tooltip. */
    labelOf({edge, length}) {
        const text = edge.evidence || "";
        const isRoomy = length > text.length * SIGN_WIDTH;
        if (edge.id === this.props.selectedLineId || (isRoomy && !this.hasManyLines)) {
            return [text];
        }
        return this.hasManyLines || length < LABEL.least
            ? []
            : twoLines(text, Math.max(LABEL.width, length), this.measure);
    }

    markOf(id) {
        if (id === this.drag.targetId) {
            return this.drag.isRefused ? "refused" : "target";
        }
        return this.props.marks[id] || "";
    }

    get box() {
        const {left, top, width, height} = this.picture.bounds;
        return [left, top, Math.max(width, 1), Math.max(height, 1)].join(" ");
    }

    get tabStop() {
        const {focusedId} = this.props;
        return this.picture.nodes.has(focusedId) ? focusedId : this.picture.firstId;
    }

    get dragged() {
        return this.drag.kind === "card"
            ? this.nodes.find(({id}) => id === this.drag.id)
            : null;
    }

    get isDroppable() {
        return this.dragged && this.picture.seats.get(this.drag.id).manager_id;
    }

    // ------------------------------------------------------------------- viewport

    get size() {
        const {clientWidth, clientHeight} = this.groundRef.el;
        return {width: clientWidth, height: clientHeight};
    }

    /** Drawn at the next frame, however often it is asked for before. */
    show(view) {
        this.view = view;
        if (!this.frame) {
            this.frame = requestAnimationFrame(() => {
                this.frame = 0;
                this.apply();
            });
        }
    }

    /** A layer of its own while it moves: then the browser has nothing to draw anew. */
    apply() {
        const {x, y, zoom} = this.view;
        const {left, top} = this.picture.bounds;
        const svg = this.svgRef.el;
        if (!svg) {
            return;
        }
        this.layer = layerOf(this.layer, svg);
        if (this.layer.moveTo({x: x + left * zoom, y: y + top * zoom, zoom})) {
            svg.classList.add("o_map_moving");
            clearTimeout(this.settling);
            this.settling = setTimeout(() => this.settle(), SETTLES_AFTER);
        }
    }

    /** Drawn sharply where it came to rest, with what can be read there. */
    settle() {
        if (!this.svgRef.el) {
            return;
        }
        this.svgRef.el.classList.remove("o_map_moving");
        const ids = nearIds(this.view, this.size, this.picture.nodes);
        const known = this.near.ids;
        const isSame = ids.size === known.size && [...ids].every((id) => known.has(id));
        if (!isSame) {
            this.near.ids = ids;
        }
        this.props.showZoom(this.view.zoom);
    }

    isNear(id) {
        return this.near.isAll || this.near.ids.has(id);
    }

    get isFar() {
        return !this.near.isAll && !this.near.ids.size;
    }

    /** For paper and pictures: with all details, for as long as the task takes. */
    async detailed(task) {
        this.near.isAll = true;
        await new Promise((resolve) => {
            requestAnimationFrame(() => requestAnimationFrame(resolve));
        });
        try {
            return await task();
        } finally {
            this.near.isAll = false;
        }
    }

    watchSize() {
        this.observer = new ResizeObserver(() => this.fitFirst());
        this.observer.observe(this.groundRef.el);
    }

    /** A map is fitted when it is first seen, and left alone afterwards. */
    fitFirst() {
        if (!this.isFitted && this.size.width && this.nodes.length) {
            this.isFitted = true;
            this.fit();
            this.apply();
            this.settle();
        }
    }

    fit() {
        this.show(fit(this.picture.bounds, this.size));
    }

    zoomBy(factor) {
        const {width, height} = this.size;
        this.show(zoomAt(this.view, {x: width / 2, y: height / 2}, factor));
    }

    reveal(id, isReadable = false) {
        const node = this.picture.nodes.get(id);
        if (node) {
            this.show(reveal(this.view, node, this.size, isReadable));
        }
    }

    focus(id) {
        const el = this.svgRef.el?.querySelector(`[data-seat="${id}"]`);
        el?.focus({preventScroll: true});
    }

    // -------------------------------------------------------------------- gestures

    press(target) {
        const seat = target.closest("[data-seat]");
        const line = target.closest("[data-line]");
        this.props.press({
            seatId: seat ? Number(seat.dataset.seat) : null,
            lineId: line ? Number(line.dataset.line) : null,
        });
    }

    grab(target, point, isLoose = false) {
        const seat = target.closest("[data-seat]");
        if (!seat || !this.props.canEdit) {
            return false;
        }
        const id = Number(seat.dataset.seat);
        const isHandle = Boolean(target.closest(".o_map_handle"));
        if (isLoose && !isHandle && id !== this.props.selectedId) {
            return false;
        }
        Object.assign(this.drag, {kind: isHandle ? "line" : "card", id});
        this.start = toMap(this.view, point);
        return true;
    }

    dragTo(point) {
        const place = toMap(this.view, point);
        this.dragPlace = place;
        this.aim(place, point);
        if (!this.dragFrame) {
            this.dragFrame = requestAnimationFrame(() => {
                this.dragFrame = 0;
                this.drawDrag();
            });
        }
    }

    drawDrag() {
        const {kind, id} = this.drag;
        const node = this.picture.nodes.get(id);
        if (!node) {
            return;
        }
        const {x, y} = this.dragPlace;
        if (kind === "card" && this.ghostRef.el) {
            const {view} = this;
            this.ghost = layerOf(this.ghost, this.ghostRef.el);
            this.ghost.moveTo({
                x: (node.x + x - this.start.x) * view.zoom + view.x,
                y: (node.y + y - this.start.y) * view.zoom + view.y,
                zoom: view.zoom,
            });
        } else if (this.draftRef.el) {
            const from = {x: node.x + node.width, y: node.y + node.height / 2};
            this.draftRef.el.setAttribute("d", draftPath(from, {x, y}));
        }
    }

    /** Which card is aimed at; only a change of it is rendered. */
    aim({x, y}, point) {
        const {id, kind} = this.drag;
        const node = nodeAt(this.picture.nodes, x, y, 6);
        const targetId = node && node.id !== id ? node.id : null;
        if (targetId !== this.drag.targetId) {
            this.drag.isRefused =
                kind === "card" &&
                targetId !== null &&
                this.picture.isBelow(targetId, id);
            this.drag.targetId = targetId;
        }
        const isOver = Boolean(this.isDroppable) && point.y < 48 && !targetId;
        if (isOver !== this.dropZone.isOver) {
            this.dropZone.isOver = isOver;
        }
    }

    drop() {
        const {kind, id, targetId, isRefused} = this.drag;
        const isRoot = this.dropZone.isOver;
        this.endDrag();
        if (isRefused) {
            return;
        }
        if (kind === "card" && (targetId || isRoot)) {
            this.props.setManager(id, targetId || false);
        } else if (kind === "line" && targetId) {
            this.props.drawLine(id, targetId);
        }
    }

    endDrag() {
        Object.assign(this.drag, {
            kind: "",
            id: null,
            targetId: null,
            isRefused: false,
        });
        this.dropZone.isOver = false;
    }
}

/** Of the element as it is now; after it was rendered anew another one. */
function layerOf(layer, el) {
    return layer?.el === el ? layer : new Layer(el);
}
