import {Component, onMounted, onWillStart, useRef, useState} from "@odoo/owl";
import {DateTimeInput} from "@web/core/datetime/datetime_input";
import {Dialog} from "@web/core/dialog/dialog";
import {deserializeDate, serializeDate, today} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {Waterfall} from "../waterfall/waterfall";
import {callOfCompany} from "../why_calls";
import {fold, sumOf} from "../why_layout";
import {WhyLine} from "../why_line/why_line";
import {PRESETS, USUAL, chosenPeriod, findingOf, presetPeriod} from "../why_period";
import {dayWords, othersWords, pointsWords, signed, titleWords} from "../why_words";

/**
 * Why a score changed between two days: a waterfall, a sentence for each line, and the
 * documents behind it. `days`: two days to compare; else now against 30 days ago.
 */
export class WhyDialog extends Component {
    static template = "customer_value.WhyDialog";
    static components = {DateTimeInput, Dialog, Waterfall, WhyLine};
    static props = {
        close: Function,
        partnerId: Number,
        companyId: {type: Number, optional: true},
        scoreId: {type: Number, optional: true},
        color: {type: String, optional: true},
        days: {type: Array, optional: true},
    };
    static defaultProps = {color: ""};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        const {days} = this.props;
        this.state = useState({
            period: days ? chosenPeriod(...days) : presetPeriod(USUAL),
            told: null,
            toldPeriod: null,
            problem: "",
            isLoading: true,
            isUnfolded: false,
            opened: "",
        });
        this.presetsRef = useRef("presets");
        onWillStart(() => {
            this.load();
        });
        onMounted(() => this.presetsRef.el.querySelector(".active")?.focus());
    }

    // ------------------------------------------------------------------- loading

    async load() {
        const {period} = this.state;
        Object.assign(this.state, {isLoading: true, problem: ""});
        try {
            const told = await this.keepLast.add(
                this.call("value_change", period.start, period.end)
            );
            Object.assign(this.state, {told, toldPeriod: period, opened: ""});
        } catch (error) {
            this.state.told = null;
            this.state.problem =
                error.data?.message || _t("The explanation could not be loaded.");
        }
        this.state.isLoading = false;
    }

    call(method, ...args) {
        const {partnerId, companyId} = this.props;
        return callOfCompany(this.orm, companyId, method, [[partnerId], ...args]);
    }

    /** Of the days whose standings are compared: then the documents fit the measures. */
    loadDocuments({id}) {
        const {start, end} = this.told;
        return this.call("value_change_documents", id, start, end);
    }

    // -------------------------------------------------------------------- period

    get presets() {
        return PRESETS;
    }

    get startDate() {
        return deserializeDate(this.state.period.start);
    }

    get endDate() {
        const {end} = this.state.period;
        return end ? deserializeDate(end) : today();
    }

    get today() {
        return today();
    }

    choosePreset(key) {
        this.choosePeriod(presetPeriod(key));
    }

    chooseStart(date) {
        this.chooseDays(date, this.endDate);
    }

    chooseEnd(date) {
        this.chooseDays(this.startDate, date);
    }

    chooseDays(...dates) {
        if (dates.every(Boolean)) {
            this.choosePeriod(chosenPeriod(...dates.map(serializeDate)));
        }
    }

    choosePeriod(period) {
        const {start, end, key} = this.state.period;
        if (period.start !== start || period.end !== end || period.key !== key) {
            this.state.period = period;
            this.load();
        }
    }

    // --------------------------------------------------------------------- words

    get told() {
        return this.state.told;
    }

    get title() {
        return this.finding && this.finding !== "none"
            ? titleWords(this.told).toString()
            : _t("Why?").toString();
    }

    get finding() {
        return this.told && findingOf(this.told, this.state.toldPeriod);
    }

    /** The history may begin after the day that was asked for. */
    get firstDay() {
        const {start} = this.told;
        return start > this.state.toldPeriod.start ? start : "";
    }

    get firstDayWords() {
        return _t(
            "No score is known before %s: the explanation begins there.",
            dayWords(this.firstDay)
        );
    }

    get noneWords() {
        return _t("The first known score is of %s.", dayWords(this.told.start));
    }

    get startWords() {
        return dayWords(this.firstDay || this.state.toldPeriod.start);
    }

    get endWords() {
        return dayWords(this.state.toldPeriod.end || this.told.end);
    }

    get folded() {
        const {kept, others} = fold(this.told.lines);
        const isUnfolded = this.state.isUnfolded;
        const moved = others.filter(({shown}) => shown);
        return {
            kept,
            others,
            bars: isUnfolded ? [...kept, ...moved] : kept,
            foldedBars: isUnfolded ? [] : others,
        };
    }

    get sumWords() {
        return _t("Sums to the point: %s", signed(this.told.to - this.told.from));
    }

    othersWords(others) {
        const points = sumOf(others);
        return _t("%(others)s, %(effect)s", {
            others: othersWords(others.length),
            effect: pointsWords(points),
        });
    }

    // ------------------------------------------------------------------- opening

    toggleLine({code}) {
        this.state.opened = this.state.opened === code ? "" : code;
    }

    toggleOthers() {
        this.state.isUnfolded = !this.state.isUnfolded;
    }

    /** A bar leads to its sentence, and to what stands behind it. */
    chooseBar({code}) {
        if (code === "others") {
            this.state.isUnfolded = true;
        } else if (this.state.opened !== code) {
            this.state.opened = code;
        }
    }

    openDocument({model, id}) {
        this.props.close();
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openHistory() {
        this.props.close();
        return this.action.doActionButton({
            type: "object",
            name: "action_open_history",
            resModel: "customer.value.score",
            resId: this.props.scoreId,
        });
    }
}
