import {Component, useEffect, useState} from "@odoo/owl";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {Sparkline} from "../sparkline/sparkline";
import {hasCourse} from "../sparkline/sparkline_path";
import {callOfCompany} from "../why_calls";

const MONTHS = 24;

/**
 * The course of a customer's score in the strip. Asked for when the form is shown
 * already, and left out where it is too short or cannot be had.
 */
export class ValueCourse extends Component {
    static template = "customer_value.ValueCourse";
    static components = {Sparkline};
    static props = {
        strip: Object,
        explain: {type: Function, optional: true},
    };

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.state = useState({course: null});
        useEffect(
            () => {
                this.load();
            },
            () => {
                const {score_id: scoreId, score, as_of: asOf} = this.props.strip;
                return [scoreId, score, asOf];
            }
        );
    }

    async load() {
        try {
            this.state.course = await this.keepLast.add(this.read());
        } catch {
            this.state.course = [];
        }
    }

    read() {
        const {partner_id: partnerId, company_id: companyId} = this.props.strip;
        const args = [[partnerId], MONTHS];
        return callOfCompany(this.orm, companyId, "value_history", args);
    }

    get isWaiting() {
        return !this.state.course;
    }

    get isShown() {
        return !this.isWaiting && hasCourse(this.state.course);
    }

    get compare() {
        const {explain} = this.props;
        return explain && ((...days) => explain(days));
    }
}
