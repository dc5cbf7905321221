import "@mail/chatter/web/chatter_patch";

import {Chatter} from "@mail/chatter/web_portal/chatter";
import {Thread} from "@mail/core/common/thread_model";
import {TouchLog} from "@customer_value/touch/touch_log/touch_log";
import {patch} from "@web/core/utils/patch";

patch(Thread.prototype, {
    setup() {
        super.setup(...arguments);
        /** Whether a touch can be logged here, as the server says. */
        this.value_may_log_touch = false;
    },
});

Object.assign(Chatter.components, {TouchLog});

/** The *Log* button above the chatter of documents that lead to a customer. */
patch(Chatter.prototype, {
    setup() {
        super.setup(...arguments);
        this.state.isTouchLogOpen = false;
    },

    get requestList() {
        return [...super.requestList, "customer_touch"];
    },

    changeThread() {
        super.changeThread(...arguments);
        this.state.isTouchLogOpen = false;
    },

    toggleComposer() {
        this.state.isTouchLogOpen = false;
        return super.toggleComposer(...arguments);
    },

    toggleTouchLog() {
        this.closeSearch();
        this.state.composerType = false;
        this.state.isTouchLogOpen = !this.state.isTouchLogOpen;
    },

    closeTouchLog() {
        this.state.isTouchLogOpen = false;
    },

    async onTouchLogged({planned}) {
        this.closeTouchLog();
        if (planned) {
            this.load(this.state.thread, ["activities"]);
        }
        await this.reloadTouchedRecord();
    },

    /** What was logged or answered may stand on the form. */
    async reloadTouchedRecord() {
        const {record} = this.props;
        if (record && !(await record.isDirty())) {
            await record.load();
        }
    },
});
