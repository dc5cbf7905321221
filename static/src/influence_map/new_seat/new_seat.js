import {Component, onMounted, useRef, useState} from "@odoo/owl";
import {RecordSelector} from "@web/core/record_selectors/record_selector";
import {seatName} from "../map_words";

/** A person for the map, or a seat of which nobody knows who sits there. */
export class NewSeat extends Component {
    static template = "customer_value.NewSeat";
    static components = {RecordSelector};
    static props = {
        picture: Object,
        managerId: {type: [Number, {value: false}]},
        create: Function,
        close: Function,
    };

    setup() {
        this.state = useState({partnerId: false, managerId: this.props.managerId});
        this.jobRef = useRef("job");
        this.panelRef = useRef("panel");
        onMounted(() => this.panelRef.el.querySelector("input")?.focus());
    }

    get accountId() {
        return this.props.picture.data.account.id;
    }

    get domain() {
        const seated = [...this.props.picture.seats.values()]
            .map(({partner_id: id}) => id)
            .filter(Boolean);
        return [
            ["is_company", "=", false],
            ["id", "not in", seated],
        ];
    }

    get context() {
        return {default_parent_id: this.accountId, default_is_company: false};
    }

    get managers() {
        return [...this.props.picture.seats.values()]
            .map((seat) => ({id: seat.id, name: seatName(seat)}))
            .sort((a, b) => a.name.localeCompare(b.name));
    }

    choose(id) {
        this.state.partnerId = id;
    }

    chooseManager(ev) {
        this.state.managerId = Number(ev.target.value) || false;
    }

    save() {
        const job = this.jobRef.el.value.trim();
        const {partnerId, managerId} = this.state;
        if (!partnerId && !job) {
            this.jobRef.el.focus();
            return;
        }
        this.props.create({
            partner_id: partnerId,
            ...(job && {job}),
            manager_id: managerId,
        });
    }

    onKey(ev) {
        if (ev.key === "Enter" && ev.target === this.jobRef.el) {
            this.save();
        }
    }
}
