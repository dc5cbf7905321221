import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {RecordSelector} from "@web/core/record_selectors/record_selector";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {imageUrl} from "@web/core/utils/urls";
import {SEAT} from "../map_commands";
import {
    CLOSENESS,
    COVERAGES,
    KINDS,
    POWERS,
    STANCES,
    ageWords,
    closenessWords,
    kindWords,
    pathHow,
    pathWords,
    powerWords,
    seatName,
    stanceWords,
} from "../map_words";
import {StanceMark} from "../stance_mark/stance_mark";

/** Everything about one person: to read, to edit, and what Odoo makes of it. */
export class SeatPanel extends Component {
    static template = "customer_value.SeatPanel";
    static components = {RecordSelector, StanceMark};
    static props = {
        picture: Object,
        seatId: Number,
        canEdit: Boolean,
        pathShown: {type: [Number, {value: null}]},
        previewed: {type: [Object, {value: null}]},
        write: Function,
        setManager: Function,
        drawLine: Function,
        chooseSeat: Function,
        chooseLine: Function,
        showPath: Function,
        preview: Function,
        remove: Function,
        addBelow: Function,
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.keepLast = new KeepLast();
        this.state = useState({paths: null, knowers: null, lineTo: "", lineKind: ""});
        onWillStart(() => {
            this.ask(this.props);
        });
        onWillUpdateProps((next) => {
            const {seatId, picture} = this.props;
            if (next.seatId !== seatId || next.picture !== picture) {
                this.ask(next, next.seatId !== seatId);
            }
        });
    }

    /** The ways in and who knows the person come after the panel is there. */
    async ask({seatId, picture}, isOther = true) {
        if (isOther) {
            Object.assign(this.state, {paths: null, knowers: null, lineTo: ""});
        }
        if (!picture.seats.has(seatId)) {
            return;
        }
        const [paths, knowers] = await this.keepLast.add(
            Promise.all([
                this.orm.call(SEAT, "best_path", [[seatId]]),
                this.orm.call(SEAT, "who_knows", [[seatId]]),
            ])
        );
        Object.assign(this.state, {paths, knowers});
    }

    // --------------------------------------------------------------------- words

    get seat() {
        return this.props.picture.seats.get(this.props.seatId);
    }

    get data() {
        return this.props.picture.data;
    }

    get name() {
        return seatName(this.seat);
    }

    get subtitle() {
        const {job, department, placeholder} = this.seat;
        const words = placeholder ? [department] : [job, department];
        return words.filter(Boolean).join(" · ");
    }

    get facts() {
        const {seat} = this;
        const owners = this.data.users.filter(({id}) => seat.owner_ids.includes(id));
        const roles = this.data.roles.filter(({id}) => seat.role_ids.includes(id));
        const manager = this.props.picture.seats.get(seat.manager_id);
        return [
            {label: _t("Stance"), value: stanceWords(seat.stance)},
            {label: _t("Roles"), value: roles.map(({name}) => name).join(", ")},
            {label: _t("Power"), value: powerWords(seat.power)},
            {label: _t("Closeness"), value: closenessWords(seat.closeness)},
            {label: _t("Reports to"), value: manager ? seatName(manager) : ""},
            {label: _t("Ours"), value: owners.map(({name}) => name).join(", ")},
            {label: _t("Note"), value: seat.note},
        ].filter(({value}) => value);
    }

    get contactWords() {
        const {last_contact: last} = this.seat;
        return last ? _t("last contact: %s", ageWords(last)) : _t("never met");
    }

    get goneWords() {
        return this.seat.gone_how === "archived"
            ? _t("The contact is archived. Who sits here now?")
            : _t("Works for somebody else now. Who sits here now?");
    }

    get weightWords() {
        return `${Math.round(this.seat.weight)} %`;
    }

    get stances() {
        return STANCES;
    }

    get powers() {
        return POWERS.map((label, key) => ({key, label: label()}));
    }

    /** Empty where it follows contact. */
    get closenesses() {
        return CLOSENESS.map((label, key) => ({key, label: label()}));
    }

    get followsWords() {
        const {closeness} = this.seat;
        return closeness === false
            ? _t("By contact: not known")
            : _t("By contact: %s", closenessWords(closeness));
    }

    get kinds() {
        return KINDS;
    }

    get managers() {
        return this.others.filter(
            ({id}) => !this.props.picture.isBelow(id, this.seat.id)
        );
    }

    get others() {
        return [...this.props.picture.seats.values()]
            .filter(({id}) => id !== this.seat.id)
            .map((seat) => ({id: seat.id, name: seatName(seat)}))
            .sort((a, b) => a.name.localeCompare(b.name));
    }

    get lines() {
        const {picture, seatId} = this.props;
        return [...picture.edges.values()]
            .filter((edge) => [edge.source_id, edge.target_id].includes(seatId))
            .map((edge) => ({
                id: edge.id,
                kind: edge.kind,
                words: kindWords(edge.kind),
                isOut: edge.source_id === seatId,
                other: picture.nameOf(
                    edge.source_id === seatId ? edge.target_id : edge.source_id
                ),
                strength: edge.strength,
            }));
    }

    get owners() {
        return this.data.users.filter(({id}) => this.seat.owner_ids.includes(id));
    }

    get freeUsers() {
        return this.data.users.filter(({id}) => !this.seat.owner_ids.includes(id));
    }

    get personDomain() {
        return [["is_company", "=", false]];
    }

    pathWords(path) {
        return pathWords(path);
    }

    pathHow(path) {
        return pathHow(path);
    }

    coverageWords({percent, colour}) {
        const verdict = COVERAGES[colour] || COVERAGES.unknown;
        return _t("%(percent)s % (%(verdict)s)", {
            percent: Math.round(percent),
            verdict: verdict(),
        });
    }

    stanceWords(stance) {
        return stanceWords(stance);
    }

    imageOf(user) {
        return imageUrl("res.users", user.id, "avatar_128");
    }

    // ------------------------------------------------------------------- editing

    write(values) {
        return this.props.write(this.seat.id, values);
    }

    /** Text is written when the field is left, and only if it is another one. */
    writeText(name, ev) {
        const value = ev.target.value.trim();
        if (value !== (this.seat[name] || "")) {
            this.write({[name]: value});
        }
    }

    toggleRole({id}) {
        const {role_ids: roles} = this.seat;
        const next = roles.includes(id)
            ? roles.filter((one) => one !== id)
            : [...roles, id];
        this.write({role_ids: next});
    }

    addOwner(ev) {
        const id = Number(ev.target.value);
        if (id) {
            this.write({owner_ids: [...this.seat.owner_ids, id]});
        }
    }

    removeOwner({id}) {
        this.write({owner_ids: this.seat.owner_ids.filter((one) => one !== id)});
    }

    setCloseness(name, ev) {
        const {value} = ev.target;
        this.write({[name]: value === "" ? false : Number(value)});
    }

    setManager(ev) {
        this.props.setManager(this.seat.id, Number(ev.target.value) || false);
    }

    addLine(ev) {
        const id = Number(ev.target.value);
        if (id) {
            this.props.drawLine(this.seat.id, id);
        }
    }

    // ------------------------------------------------------------------- leading on

    openPerson() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: this.seat.partner_id,
            views: [[false, "form"]],
        });
    }

    async askIntroduction() {
        const action = await this.orm.call(SEAT, "action_introduction_mail", [
            [this.seat.id],
        ]);
        return this.action.doAction(action);
    }

    async planIntroduction() {
        await this.orm.call(SEAT, "action_introduction_activity", [[this.seat.id]]);
        this.notification.add(_t("A to-do is planned."), {type: "success"});
    }
}
