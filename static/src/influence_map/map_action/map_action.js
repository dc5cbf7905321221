import {
    Component,
    onWillStart,
    useEffect,
    useExternalListener,
    useRef,
    useState,
} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {CardMaker} from "../cards";
import {CommandStack} from "../commands";
import {download, pngOf, standaloneSvg} from "../export/map_image";
import {printAcross} from "../export/map_print";
import {LinePanel} from "../line_panel/line_panel";
import {MapCanvas} from "../map_canvas/map_canvas";
import {MapCommands, SEAT} from "../map_commands";
import {MapGate} from "../map_gate/map_gate";
import {MapInsight} from "../map_insight/map_insight";
import {useMapKeys} from "../map_keys";
import {MapLegend} from "../map_legend/map_legend";
import {MapList} from "../map_list/map_list";
import {lineMarks, seatMarks} from "../map_marks";
import {foundSeats, oursOf, pictureOf} from "../map_picture";
import {MapToolbar} from "../map_toolbar/map_toolbar";
import {nextSeat} from "../navigation";
import {NewSeat} from "../new_seat/new_seat";
import {SeatPanel} from "../seat_panel/seat_panel";
import {ZOOM} from "../viewport";

const NARROW = window.matchMedia("(max-width: 576px)");
const IN_DEAL = ["role_ids", "stance"];

/** The influence map of an account: who decides, behind the reporting lines. */
export class InfluenceMapAction extends Component {
    static template = "customer_value.InfluenceMapAction";
    static components = {
        Layout,
        LinePanel,
        MapCanvas,
        MapGate,
        MapInsight,
        MapLegend,
        MapList,
        MapToolbar,
        NewSeat,
        SeatPanel,
    };
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.keepLast = new KeepLast();
        this.stack = new CommandStack();
        this.rootRef = useRef("root");
        this.canvas = {};
        this.memos = new Map();
        const asked = this.asked();
        this.state = useState({
            accountId: asked.accountId,
            leadId: asked.leadId,
            picture: null,
            problem: "",
            isBusy: false,
            panel: {kind: "", id: null},
            focusedId: null,
            picking: null,
            query: "",
            foundAt: 0,
            hiddenKinds: {},
            path: null,
            preview: null,
            gap: null,
            zoom: 1,
            isFull: false,
            isNarrow: NARROW.matches,
            undoLabel: "",
            redoLabel: "",
        });
        if (asked.seatId) {
            this.state.panel = {kind: "seat", id: asked.seatId};
            this.state.focusedId = asked.seatId;
        }
        useMapKeys(this.rootRef, this.keyActions);
        useExternalListener(NARROW, "change", () => {
            this.state.isNarrow = NARROW.matches;
        });
        useExternalListener(document, "fullscreenchange", () => {
            this.state.isFull = Boolean(document.fullscreenElement);
        });
        useEffect(
            (id) => this.canvas.focus?.(id),
            () => [this.state.focusedId]
        );
        onWillStart(() => this.load());
    }

    /** What the map is asked for: by a button, by an address, or by a reload. */
    asked() {
        const {params = {}, context = {}} = this.props.action;
        const {active_model: model = "res.partner", active_id: activeId} = context;
        return {
            accountId:
                params.account_id ||
                context.influence_account_id ||
                (model === "res.partner" && activeId) ||
                false,
            leadId: params.lead_id || context.influence_lead_id || false,
            seatId: params.seat_id || context.influence_seat_id || false,
        };
    }

    // ------------------------------------------------------------------- loading

    get picture() {
        return this.state.picture;
    }

    get data() {
        return this.picture?.data;
    }

    get canEdit() {
        return Boolean(this.data?.can_edit);
    }

    get gate() {
        if (this.state.problem) {
            return "problem";
        }
        if (!this.state.accountId) {
            return "choose";
        }
        return this.data?.confidential ? "confidential" : "";
    }

    get isEmpty() {
        return !this.data.seats.length;
    }

    async load() {
        const {accountId, leadId} = this.state;
        if (!accountId) {
            return;
        }
        try {
            const data = await this.keepLast.add(
                this.orm.call(SEAT, "map_data", [accountId, leadId])
            );
            this.show(data);
        } catch (error) {
            this.state.problem = error.data?.message || _t("Something went wrong.");
        }
    }

    show(data) {
        const cards = new CardMaker(data);
        this.commands ||= new MapCommands(this.orm, data.account.id);
        this.state.picture = pictureOf(data, (seat) => cards.make(seat));
        this.state.problem = "";
        this.env.config.setDisplayName(_t("Influence map: %s", data.account.name));
        this.props.updateActionState?.({active_id: data.account.id});
        this.forgetMissing();
    }

    /** The panel of what is not on the map any more closes. */
    forgetMissing() {
        const {panel, focusedId, picture} = this.state;
        const known = {seat: picture.seats, line: picture.edges}[panel.kind];
        if (known && !known.has(panel.id)) {
            this.closePanel();
        }
        if (!picture.seats.has(focusedId)) {
            this.state.focusedId = null;
        }
    }

    chooseAccount(id) {
        if (id) {
            this.state.accountId = id;
            this.load();
        }
    }

    retry() {
        return this.load();
    }

    chooseDeal(leadId) {
        this.state.leadId = leadId;
        return this.load();
    }

    // -------------------------------------------------------------------- marks

    /** Computed again only if what it depends on is another. */
    memo(name, depends, compute) {
        const known = this.memos.get(name);
        if (known && known.depends.every((one, at) => one === depends[at])) {
            return known.value;
        }
        const value = compute();
        this.memos.set(name, {depends, value});
        return value;
    }

    get found() {
        const {picture, query} = this.state;
        return this.memo("found", [picture, query], () =>
            foundSeats(picture.seats, query)
        );
    }

    get marks() {
        const {picture, path, preview, gap, leadId, query, picking} = this.state;
        const depends = [picture, path, preview, gap, leadId, query, picking];
        return this.memo("marks", depends, () =>
            seatMarks(picture, {
                path,
                leavingId: preview?.seatId,
                gap,
                leadId,
                found: query.trim() ? this.found : null,
                picking,
            })
        );
    }

    get lineMarks() {
        const {picture, path} = this.state;
        const {selectedId} = this;
        return this.memo("lines", [picture, path, selectedId], () =>
            lineMarks(picture, path, selectedId)
        );
    }

    get hiddenKinds() {
        return this.state.hiddenKinds;
    }

    // -------------------------------------------------------------------- panel

    get selectedId() {
        const {kind, id} = this.state.panel;
        return kind === "seat" ? id : null;
    }

    get selectedLineId() {
        const {kind, id} = this.state.panel;
        return kind === "line" ? id : null;
    }

    get previewed() {
        const {preview, panel} = this.state;
        return preview && preview.seatId === panel.id ? preview.told : null;
    }

    get pathShown() {
        const {path, panel} = this.state;
        return path && path.seatId === panel.id ? path.index : null;
    }

    press({seatId, lineId}) {
        if (this.state.picking && seatId) {
            this.pickSeat(seatId);
        } else if (seatId) {
            this.chooseSeat(seatId);
        } else if (lineId) {
            this.chooseLine(lineId);
        } else {
            this.closePanel();
        }
    }

    chooseSeat(id) {
        this.openPanel("seat", id);
        this.state.focusedId = id;
        this.canvas.reveal?.(id);
    }

    chooseLine(id) {
        this.openPanel("line", id);
    }

    openPanel(kind, id) {
        const {panel} = this.state;
        if (panel.kind !== kind || panel.id !== id) {
            Object.assign(this.state, {path: null, preview: null, gap: null});
        }
        this.state.panel = {kind, id};
    }

    closePanel() {
        Object.assign(this.state, {path: null, preview: null, gap: null});
        this.state.panel = {kind: "", id: null};
        if (this.state.focusedId) {
            this.canvas.focus?.(this.state.focusedId);
        }
    }

    addPerson(managerId = false) {
        if (this.canEdit) {
            this.openPanel("new", managerId);
        }
    }

    // ------------------------------------------------------------------- insight

    get ours() {
        return this.memo("ours", [this.picture], () => oursOf(this.picture));
    }

    chooseGap(gap) {
        const isChosen = this.state.gap?.key === gap.key;
        this.state.path = null;
        this.state.gap = isChosen ? null : gap;
        if (!isChosen && gap.seat_ids.length) {
            this.canvas.reveal?.(gap.seat_ids[0]);
        }
    }

    showPath(index, {steps}) {
        const {panel, path} = this.state;
        const isShown = path?.seatId === panel.id && path.index === index;
        const seatIds = steps.filter(({type}) => type === "seat").map(({id}) => id);
        this.state.gap = null;
        this.state.path = isShown ? null : {seatId: panel.id, index, seatIds, steps};
    }

    /** From the overview: whom it leads to, and the way on the map. */
    showWay({seat_id: id, paths: [path]}) {
        this.chooseSeat(id);
        if (path) {
            this.showPath(0, path);
        }
    }

    async preview(seatId) {
        if (this.state.preview?.seatId === seatId) {
            this.state.preview = null;
            return;
        }
        const told = await this.orm.call(SEAT, "what_if_leaves", [[seatId]]);
        this.state.preview = {seatId, told};
    }

    /** A proposal once accepted is undone like everything else. */
    accept(proposal) {
        return this.acceptMany([proposal]);
    }

    acceptAll() {
        return this.acceptMany(this.data.proposals);
    }

    acceptMany(proposals) {
        return this.run(this.commands.accept(proposals, this.picture.seats));
    }

    async dismiss({id}) {
        this.state.isBusy = true;
        try {
            await this.orm.call(SEAT, "dismiss_proposal", [id]);
            await this.load();
        } finally {
            this.state.isBusy = false;
        }
    }

    // -------------------------------------------------------------------- editing

    /** What the server refuses is told by it; the map shows what is true afterwards. */
    async run(command) {
        this.state.isBusy = true;
        try {
            return await this.stack.run(command);
        } finally {
            await this.settle();
        }
    }

    async undo() {
        await this.shift(
            () => this.stack.undo(),
            (label) => _t("Undone: %s", label)
        );
    }

    async redo() {
        await this.shift(
            () => this.stack.redo(),
            (label) => _t("Done again: %s", label)
        );
    }

    async shift(move, words) {
        this.state.isBusy = true;
        try {
            const command = await move();
            if (command) {
                this.notification.add(words(command.label), {type: "info"});
            }
        } finally {
            await this.settle();
        }
    }

    async settle() {
        await this.load();
        Object.assign(this.state, {
            isBusy: false,
            undoLabel: this.stack.undoLabel,
            redoLabel: this.stack.redoLabel,
        });
    }

    writeSeat(id, values) {
        const seat = this.picture.seats.get(id);
        const {leadId} = this.state;
        const isInDeal =
            leadId && Object.keys(values).every((one) => IN_DEAL.includes(one));
        if (isInDeal) {
            return this.run(this.commands.writeInDeal(id, leadId, values));
        }
        const before = Object.fromEntries(
            Object.keys(values).map((name) => [name, seat[name] ?? false])
        );
        return this.run(this.commands.writeSeat(id, values, before));
    }

    setManager(id, managerId) {
        const {manager_id: before} = this.picture.seats.get(id);
        if (before === managerId || (!before && !managerId)) {
            return null;
        }
        if (managerId && this.picture.isBelow(managerId, id)) {
            this.notification.add(
                _t("Reporting lines may not run in a circle; influence may."),
                {type: "warning"}
            );
            return null;
        }
        return this.run(this.commands.setManager(id, managerId, before));
    }

    async drawLine(sourceId, targetId) {
        const known = [...this.picture.edges.values()].find(
            (edge) =>
                edge.source_id === sourceId &&
                edge.target_id === targetId &&
                edge.kind === "influences"
        );
        if (known) {
            this.chooseLine(known.id);
            return;
        }
        const id = await this.run(
            this.commands.createLine({
                source_id: sourceId,
                target_id: targetId,
                kind: "influences",
                strength: 3,
            })
        );
        this.chooseLine(id);
    }

    writeLine(id, values) {
        const edge = this.picture.edges.get(id);
        const before = Object.fromEntries(
            Object.keys(values).map((name) => [name, edge[name] ?? false])
        );
        return this.run(this.commands.writeLine(id, values, before));
    }

    async createSeat(values) {
        const id = await this.run(this.commands.createSeat(values));
        if (this.picture.seats.has(id)) {
            this.chooseSeat(id);
        }
    }

    /** What the panel shows is taken off, else what has the focus. */
    remove() {
        const {panel, focusedId} = this.state;
        if (!this.canEdit) {
            return null;
        }
        if (panel.kind === "line") {
            return this.run(this.commands.removeLine(panel.id));
        }
        const seat = this.picture.seats.get(
            panel.kind === "seat" ? panel.id : focusedId
        );
        if (!seat) {
            return null;
        }
        const reports = this.data.seats.filter(({manager_id: id}) => id === seat.id);
        const reportIds = reports.map(({id}) => id);
        return this.run(this.commands.removeSeat(seat, reportIds));
    }

    // ------------------------------------------------------------------ keyboard

    get keyActions() {
        return {
            arrow: (key) => this.moveFocus(key),
            edit: () => this.editFocused(),
            pick: (kind) => this.startPicking(kind),
            nobody: () => this.pickNobody(),
            remove: () => this.remove(),
            escape: () => this.escape(),
            undo: () => this.canEdit && this.undo(),
            redo: () => this.canEdit && this.redo(),
            zoom: (way) => this.zoomBy(way),
            fit: () => this.canvas.fit?.(),
            find: () => this.rootRef.el.querySelector(".o_map_search input")?.focus(),
            full: () => this.toggleFull(),
            add: () => this.addPerson(),
        };
    }

    moveFocus(key) {
        const {nodes, lines} = this.picture;
        const from = this.state.focusedId ?? this.selectedId;
        const next = nextSeat(nodes, lines, from, key);
        if (next !== null) {
            this.state.focusedId = next;
            this.canvas.reveal?.(next);
        }
    }

    editFocused() {
        const {picking, focusedId} = this.state;
        if (focusedId && picking) {
            this.pickSeat(focusedId);
        } else if (focusedId) {
            this.chooseSeat(focusedId);
        }
    }

    startPicking(kind) {
        const id = this.state.focusedId ?? this.selectedId;
        if (this.canEdit && id) {
            this.state.picking = {kind, id};
        }
    }

    get pickingWords() {
        const {kind, id} = this.state.picking;
        const name = this.picture.nameOf(id);
        return kind === "manager"
            ? _t(
                  "Whom does %s report to? Arrows and Enter, or click. Backspace: nobody.",
                  name
              )
            : _t("Whom does %s influence? Arrows and Enter, or click.", name);
    }

    pickSeat(targetId) {
        const {kind, id} = this.state.picking;
        this.state.picking = null;
        if (targetId === id) {
            return null;
        }
        return kind === "manager"
            ? this.setManager(id, targetId)
            : this.drawLine(id, targetId);
    }

    pickNobody() {
        const {picking} = this.state;
        if (picking?.kind === "manager") {
            this.state.picking = null;
            this.setManager(picking.id, false);
        }
    }

    escape() {
        const {picking, path, preview, gap, panel} = this.state;
        if (picking) {
            this.state.picking = null;
        } else if (path || preview || gap) {
            Object.assign(this.state, {path: null, preview: null, gap: null});
        } else if (panel.kind) {
            this.closePanel();
        }
    }

    // ------------------------------------------------------------------ the whole

    search(query) {
        Object.assign(this.state, {query, foundAt: 0});
        this.showFound();
    }

    nextFound() {
        this.state.foundAt = (this.state.foundAt + 1) % (this.found.length || 1);
        this.showFound();
    }

    showFound() {
        const id = this.found[this.state.foundAt];
        if (id && this.state.isNarrow) {
            this.rootRef.el
                .querySelector(`[data-row="${id}"]`)
                ?.scrollIntoView({block: "center"});
        } else if (id) {
            this.canvas.reveal?.(id, true);
        }
    }

    toggleKind(kind) {
        const {hiddenKinds} = this.state;
        this.state.hiddenKinds = {...hiddenKinds, [kind]: !hiddenKinds[kind]};
    }

    showZoom(zoom) {
        this.state.zoom = Math.round(100 * zoom) / 100;
    }

    zoomBy(way) {
        this.canvas.zoomBy?.(ZOOM.step ** way);
    }

    fit() {
        this.canvas.fit?.();
    }

    toggleFull() {
        if (document.fullscreenElement) {
            document.exitFullscreen();
        } else {
            document.documentElement.requestFullscreen?.();
        }
    }

    print() {
        return this.canvas.detailed(() => printAcross(this.picture.bounds));
    }

    async exportImage() {
        const {bounds, data} = this.picture;
        const text = await this.canvas.detailed(() =>
            standaloneSvg(this.canvas.svg(), bounds)
        );
        download(await pngOf(text, bounds), `${data.account.name}.png`);
    }
}

registry.category("actions").add("customer_value.influence_map", InfluenceMapAction);
