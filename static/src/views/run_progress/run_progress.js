import {Component, onWillUnmount, useEffect, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const POLL_MS = 2000;
const PATIENCE_MS = 15000;
const OPEN_STATES = ["pending", "running"];

/** How far a run is; reads the record again every two seconds while it is open. */
export class RunProgress extends Component {
    static template = "customer_value.RunProgress";
    static props = {...standardWidgetProps};

    setup() {
        this.state = useState({waited: 0});
        useEffect(
            (isOpen) => {
                if (isOpen) {
                    this.timer = setInterval(() => this.poll(), POLL_MS);
                }
                return () => clearInterval(this.timer);
            },
            () => [this.isOpen]
        );
        onWillUnmount(() => clearInterval(this.timer));
    }

    get data() {
        return this.props.record.data;
    }

    get isOpen() {
        return (
            Boolean(this.props.record.resId) && OPEN_STATES.includes(this.data.state)
        );
    }

    get percent() {
        return Math.min(Math.round(this.data.progress), 100);
    }

    get barClass() {
        return (
            {
                done: "bg-success",
                failed: "bg-danger",
                cancelled: "bg-secondary",
            }[this.data.state] ||
            "progress-bar-striped progress-bar-animated bg-primary"
        );
    }

    get isWaitingLong() {
        return this.data.state === "pending" && this.state.waited >= PATIENCE_MS;
    }

    get label() {
        return _t("%s %", this.percent);
    }

    async poll() {
        if (document.hidden || this.isPolling) {
            return;
        }
        this.isPolling = true;
        try {
            const before = this.data.state;
            await this.props.record.load();
            this.state.waited =
                this.data.state === before ? this.state.waited + POLL_MS : 0;
        } finally {
            this.isPolling = false;
        }
    }
}

registry.category("view_widgets").add("customer_value_run_progress", {
    component: RunProgress,
    fieldDependencies: [
        {name: "state", type: "selection"},
        {name: "progress", type: "float"},
    ],
});
