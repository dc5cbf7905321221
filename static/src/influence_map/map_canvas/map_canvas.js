import {
    Component,
    onMounted,
    onPatched,
    onWillUnmount,
    onWillUpdateProps,
    useEffect,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import {nodeAt} from "../layout";
import {MapCurve} from "../map_curve/map_curve";
import {MapNode} from "../map_node/map_node";
import {draftPath} from "../routing";
import {ZOOM, fit, pinch, reveal, toMap, zoomAt} from "../viewport";
import {useMapGestures} from "./map_gestures";

const MOST_LABELS = 14;
const SIGN_WIDTH = 6;
const PRINT_MARGIN = 24;

/**
 * The drawing. Moving and zooming it, and the card in the hand, bypass the rendering: a
 * frame sets one attribute. `picture` is made by `map_picture.js`.
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
        this.svgRef = useRef("svg");
        this.worldRef = useRef("world");
        this.ghostRef = useRef("ghost");
        this.draftRef = useRef("draft");
        this.drag = useState({kind: "", id: null, targetId: null, isRefused: false});
        this.dropZone = useState({isOver: false});
        this.view = {x: 0, y: 0, zoom: 1};
        this.frame = 0;
        this.isFitted = false;
        useMapGestures(this.svgRef, {
            press: (target) => this.press(target),
            pan: (x, y) => this.show({...this.view, x: this.view.x + x, y: this.view.y + y}),
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
        });
        onMounted(() => this.watchSize());
        onPatched(() => this.apply());
        onWillUpdateProps(({picture}) => {
            this.hasNewPicture = picture !== this.props.picture;
        });
        useEffect(
            () => this.fitFirst(),
            () => [this.props.picture]
        );
        useExternalListener(window, "beforeprint", () => this.printed(true));
        useExternalListener(window, "afterprint", () => this.printed(false));
        onWillUnmount(() => {
            cancelAnimationFrame(this.frame);
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

    /** How we know stands at the line if there is room for it, else in its tooltip. */
    labelOf({edge, length}) {
        const text = edge.evidence || "";
        const isFew = this.picture.curves.length <= MOST_LABELS;
        const isRoomy = length > text.length * SIGN_WIDTH;
        return (isFew && isRoomy) || edge.id === this.props.selectedLineId ? text : "";
    }

    markOf(id) {
        if (id === this.drag.targetId) {
            return this.drag.isRefused ? "refused" : "target";
        }
        return this.props.marks[id] || "";
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
        const {clientWidth, clientHeight} = this.svgRef.el;
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

    apply() {
        const {x, y, zoom} = this.view;
        const world = this.worldRef.el;
        if (!world || this.isPrinting) {
            return;
        }
        world.setAttribute("transform", `translate(${x} ${y}) scale(${zoom})`);
        this.svgRef.el.classList.toggle("o_map_is_far", zoom < ZOOM.far);
        if (this.shownZoom !== zoom) {
            this.shownZoom = zoom;
            this.props.showZoom(zoom);
        }
    }

    watchSize() {
        this.observer = new ResizeObserver(() => this.fitFirst());
        this.observer.observe(this.svgRef.el);
    }

    /** A map is fitted when it is first seen, and left alone afterwards. */
    fitFirst() {
        if (!this.isFitted && this.size.width && this.nodes.length) {
            this.isFitted = true;
            this.fit();
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

    /** On paper the whole map is seen, whatever part of it the screen shows. */
    printed(isPrinting) {
        const {left, top, width, height} = this.picture.bounds;
        const svg = this.svgRef.el;
        this.isPrinting = isPrinting;
        if (isPrinting) {
            const box = [
                left - PRINT_MARGIN,
                top - PRINT_MARGIN,
                width + 2 * PRINT_MARGIN,
                height + 2 * PRINT_MARGIN,
            ];
            svg.setAttribute("viewBox", box.join(" "));
            this.worldRef.el.removeAttribute("transform");
            svg.classList.remove("o_map_is_far");
        } else {
            svg.removeAttribute("viewBox");
            this.apply();
        }
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

    grab(target, point, isTouch) {
        const seat = target.closest("[data-seat]");
        if (!seat || !this.props.canEdit) {
            return false;
        }
        const id = Number(seat.dataset.seat);
        const isHandle = Boolean(target.closest(".o_map_handle"));
        if (isTouch && !isHandle && id !== this.props.selectedId) {
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
            const left = node.x + x - this.start.x;
            const top = node.y + y - this.start.y;
            this.ghostRef.el.setAttribute("transform", `translate(${left} ${top})`);
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
                kind === "card" && targetId !== null && this.picture.isBelow(targetId, id);
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
        Object.assign(this.drag, {kind: "", id: null, targetId: null, isRefused: false});
        this.dropZone.isOver = false;
    }
}
