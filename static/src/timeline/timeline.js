import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {formatDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";
import {appended, byMonth, daysOf, isNarrowed, toggled} from "./timeline_layout";
import {TimelineEntry} from "./timeline_entry";
import {useReached} from "./timeline_reached";

const {DateTime} = luxon;
const TYPING_MS = 300;

/** Everything that touched a customer, latest first, a page at a time. */
export class Timeline extends Component {
    static template = "customer_value.Timeline";
    static components = {TimelineEntry};
    static props = {partnerId: Number, loaded: {type: Function, optional: true}};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({
            entries: [],
            after: null,
            groups: [],
            contact: "",
            isLoading: false,
            isReady: false,
            period: "",
            asked: {groups: [], text: "", start: null, end: null, alone: false},
        });
        this.typed = useDebounced((text) => this.ask({text}), TYPING_MS);
        useReached("end", () => this.loadMore());
        onWillStart(() => {
            this.load(this.props.partnerId);
        });
        onWillUpdateProps(({partnerId}) => {
            if (partnerId !== this.props.partnerId) {
                this.load(partnerId);
            }
        });
    }

    get months() {
        return byMonth(this.state.entries);
    }

    get isNarrowed() {
        return isNarrowed(this.state.asked);
    }

    get periods() {
        return [
            {code: "", label: _t("At any time")},
            {code: "month", label: _t("Last month")},
            {code: "quarter", label: _t("Last 3 months")},
            {code: "year", label: _t("Last 12 months")},
            {code: "chosen", label: _t("From ... to")},
        ];
    }

    get foundWords() {
        const count = this.state.entries.length;
        const first = this.state.entries.at(-1);
        if (!first || this.state.after) {
            return "";
        }
        const day = formatDate(this.months.at(-1).entries.at(-1).when);
        return count === 1
            ? _t("1 entry, on %s", day)
            : _t("%(count)s entries, the first on %(day)s", {count, day});
    }

    monthWords(month) {
        return month.start.toLocaleString({month: "long", year: "numeric"});
    }

    isChosen(group) {
        return this.state.asked.groups.includes(group.code);
    }

    toggle(group) {
        return this.ask({groups: toggled(this.state.asked.groups, group.code)});
    }

    choosePeriod(period) {
        this.state.period = period;
        if (period !== "chosen") {
            this.ask(daysOf(period, DateTime.local()));
        }
    }

    chooseDay(name, day) {
        this.ask({[name]: day || null});
    }

    clear() {
        this.state.period = "";
        this.ask({groups: [], text: "", start: null, end: null, alone: false});
    }

    ask(change) {
        Object.assign(this.state.asked, change);
        return this.load(this.props.partnerId);
    }

    /** The first page. */
    async load(partnerId) {
        this.state.isLoading = true;
        const page = await this.fetch(partnerId, null);
        Object.assign(this.state, {
            entries: page.entries,
            after: page.after,
            groups: page.groups,
            contact: page.contact,
            isLoading: false,
            isReady: true,
        });
        this.props.loaded?.(page);
    }

    async loadMore() {
        if (!this.state.after || this.state.isLoading) {
            return;
        }
        this.state.isLoading = true;
        const page = await this.fetch(this.props.partnerId, this.state.after);
        this.state.entries = appended(this.state.entries, page.entries);
        this.state.after = page.after;
        this.state.isLoading = false;
    }

    /** A page; one that was asked for later drops those still under way. */
    async fetch(partnerId, after) {
        const asked = {...this.state.asked, groups: [...this.state.asked.groups]};
        return this.keepLast.add(
            this.orm.silent.call("res.partner", "value_timeline", [
                [partnerId],
                asked,
                after && [...after],
            ])
        );
    }

    open({opens}) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: opens.model,
            res_id: opens.id,
            views: [[false, "form"]],
        });
    }
}
