import {Component, onWillStart, useExternalListener, useRef, useState} from "@odoo/owl";
import {useAutofocus, useService} from "@web/core/utils/hooks";
import {FeelingPicker} from "@customer_value/touch/feeling_picker/feeling_picker";
import {ProfileQuestion} from "@customer_value/profile/profile_question";
import {KINDS} from "@customer_value/touch/feelings";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";

const LAST_KIND = "customer_value.touch_kind";

/** Questions put off, until the page is loaded again: nobody is asked twice in a row. */
const putOff = new Set();

let instances = 0;

/**
 * A touch in two fields and Enter, on the document where it came up.
 *
 * Beside stands one question about the customer that is still open. It may be answered
 * by Enter, put off or left alone: logging goes on without it.
 *
 * It counts its own clicks: what capture costs is measured where it is paid.
 */
export class TouchLog extends Component {
    static template = "customer_value.TouchLog";
    static components = {FeelingPicker, ProfileQuestion};
    static props = {
        resModel: String,
        resId: Number,
        onClose: Function,
        onLogged: Function,
        onAnswered: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.action = useService("action");
        this.root = useRef("root");
        this.name = `customer_touch_${++instances}`;
        this.kinds = KINDS;
        this.clicks = 1; // The one that opened it
        this.isPointing = true;
        const last = browser.localStorage.getItem(LAST_KIND);
        this.state = useState({
            values: {
                kind: KINDS.some(({value}) => value === last) ? last : "call",
                direction: "out",
                feeling: false,
                note: "",
            },
            planning: false,
            saving: false,
            problem: "",
            ask: false,
            answering: false,
            answered: false,
        });
        useAutofocus({refName: "note"});
        useExternalListener(window, "keydown", (ev) => this.onKeydown(ev));
        onWillStart(async () => {
            this.about = await this.orm.call("customer.touchpoint", "log_prepare", [
                this.props.resModel,
                this.props.resId,
            ]);
            if (!putOff.has(this.askKey)) {
                this.state.ask = this.about.ask;
            }
        });
    }

    get isPromise() {
        return this.state.values.kind === "promise";
    }

    get isMention() {
        return this.state.values.kind === "mention";
    }

    get placeholder() {
        if (this.isPromise) {
            return _t("What was promised?");
        }
        return this.isMention ? _t("What was said?") : _t("What is worth remembering?");
    }

    get directions() {
        if (this.isPromise) {
            return [
                {value: "out", word: _t("We promised")},
                {value: "in", word: _t("They promised")},
            ];
        }
        return [
            {value: "out", word: _t("From us")},
            {value: "in", word: _t("From them")},
        ];
    }

    // ------------------------------------------------------------- events

    chooseKind(kind) {
        this.state.values.kind = kind;
        this.state.problem = "";
        this.backToNote();
    }

    chooseFeeling(feeling) {
        this.state.values.feeling = feeling;
        this.backToNote();
    }

    /** Who points goes on typing; who walks by keys is not carried away. */
    backToNote() {
        if (this.isPointing) {
            this.focusNote();
        }
    }

    focusNote() {
        this.root.el.querySelector("textarea").focus();
    }

    /** Clicks on the question are no price of logging. */
    onPointerDown(ev) {
        if (!ev.target.closest(".o_touch_ask")) {
            this.clicks++;
        }
        this.isPointing = true;
    }

    onKeydown(ev) {
        this.isPointing = false;
        if (ev.key === "Escape" && this.root.el?.contains(ev.target)) {
            ev.stopPropagation();
            this.props.onClose();
        }
    }

    onNoteKeydown(ev) {
        if (ev.key === "Enter" && !ev.shiftKey && !ev.isComposing) {
            ev.preventDefault();
            this.save();
        }
    }

    // ------------------------------------------------------------- asking

    get askKey() {
        const {ask} = this.about;
        return ask && `${ask.partner}-${ask.question.id}`;
    }

    putOff() {
        putOff.add(this.askKey);
        this.state.ask = false;
        this.focusNote();
    }

    async answer(value) {
        const {partner, question} = this.state.ask;
        this.state.answering = true;
        try {
            const args = [[partner], question.id, value];
            await this.orm.call("res.partner", "value_profile_answer", args);
            Object.assign(this.state, {ask: false, answered: true});
        } finally {
            this.state.answering = false;
        }
    }

    async onAnswer(value) {
        await this.answer(value);
        this.focusNote();
        this.props.onAnswered();
    }

    /** What was typed as an answer, and is not noted yet. */
    get typedAnswer() {
        return this.root.el.querySelector(".o_touch_ask input")?.value.trim();
    }

    // ------------------------------------------------------------- saving

    /** What is entered; fields of other kinds that were filled in before are left. */
    entered() {
        const {kind, direction, feeling, note, ...others} = this.state.values;
        const values = {kind, feeling, note: note.trim()};
        if (!this.isMention) {
            values.direction = direction;
        } else {
            values.direction = "in";
            values.mention_channel = others.mention_channel || false;
            values.mention_url = (others.mention_url || "").trim() || false;
            values.mention_reach = parseInt(others.mention_reach, 10) || 0;
        }
        if (this.isPromise) {
            values.promise_due = others.promise_due || false;
        }
        if (this.state.planning && !this.isMention && others.next_step) {
            values.next_step = others.next_step.trim();
            values.next_date = others.next_date || false;
        }
        return values;
    }

    problem() {
        const {promise_due, mention_channel, next_step, next_date} = this.state.values;
        if (this.isPromise && !promise_due) {
            return _t("Until when? Enter the day on which the promise is due.");
        }
        if (this.isMention && !mention_channel) {
            return _t("Where? Choose the channel of the mention.");
        }
        if (this.state.planning && next_date && !(next_step || "").trim()) {
            return _t("Say what the next step is, or remove its day.");
        }
        return "";
    }

    async save() {
        this.state.problem = this.problem();
        if (this.state.problem || this.state.saving) {
            return;
        }
        this.state.saving = true;
        try {
            const logged = await this.orm.call("customer.touchpoint", "log", [
                this.props.resModel,
                this.props.resId,
                this.entered(),
                this.clicks,
            ]);
            browser.localStorage.setItem(LAST_KIND, this.state.values.kind);
            this.tell(logged);
            try {
                if (this.typedAnswer) {
                    await this.answer(this.typedAnswer);
                }
            } finally {
                this.props.onLogged(logged);
            }
        } finally {
            this.state.saving = false;
        }
    }

    tell(logged) {
        this.notification.add(logged.name, {
            title: logged.planned ? _t("Logged, next step planned") : _t("Logged"),
            type: "success",
            buttons: [
                {
                    name: _t("Open"),
                    onClick: () =>
                        this.action.doAction({
                            type: "ir.actions.act_window",
                            res_model: "customer.touchpoint",
                            res_id: logged.id,
                            views: [[false, "form"]],
                        }),
                },
            ],
        });
    }
}
