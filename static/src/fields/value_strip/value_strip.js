import {Component} from "@odoo/owl";
import {formatDate, deserializeDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {ValueRing} from "../value_ring/value_ring";
import {ValueTier} from "../value_tier/value_tier";
import {ValueTrend} from "../value_trend/value_trend";
import {useWhy} from "../../why/why_dialog/why_action";
import {ValueCourse} from "../../why/value_course/value_course";
import {
    componentsOf,
    distanceWords,
    evidenceWords,
    overrideWords,
    shareWords,
    stripSentence,
} from "./strip_words";

/**
 * What a customer is worth, at one glance. `strip`: `customer.value.score._strip`;
 * `explain` opens the explanation, between two days if these are given.
 */
export class ValueStrip extends Component {
    static template = "customer_value.ValueStrip";
    static components = {ValueCourse, ValueRing, ValueTier, ValueTrend};
    static props = {
        strip: Object,
        compact: {type: Boolean, optional: true},
        explain: {type: Function, optional: true},
    };
    static defaultProps = {compact: false};

    get strip() {
        return this.props.strip;
    }

    get sentence() {
        return stripSentence(this.strip);
    }

    get standing() {
        const words = [shareWords(this.strip.top_share), distanceWords(this.strip)];
        return words.filter(Boolean).join(" · ");
    }

    get share() {
        return shareWords(this.strip.top_share);
    }

    get override() {
        return overrideWords(this.strip);
    }

    get evidence() {
        return evidenceWords(this.strip);
    }

    get parts() {
        return componentsOf(this.strip);
    }

    get origin() {
        const {model, as_of: day} = this.strip;
        return day
            ? _t("%(model)s, as of %(day)s", {
                  model,
                  day: formatDate(deserializeDate(day)),
              })
            : model;
    }
}

export class ValueStripField extends Component {
    static template = "customer_value.ValueStripField";
    static components = {ValueStrip};
    static props = {
        ...standardFieldProps,
        compact: {type: Boolean, optional: true},
    };
    static defaultProps = {compact: false};

    setup() {
        this.why = useWhy();
    }

    get strip() {
        return this.props.record.data[this.props.name];
    }

    /** A score that is only tried out has no history to tell. */
    get explain() {
        const {score_id: scoreId, partner_id: partnerId, tier_color: color} = this.strip;
        return scoreId
            ? (days) => this.why({scoreId, partnerId, color, days})
            : undefined;
    }
}

export const valueStripField = {
    component: ValueStripField,
    displayName: _t("Value strip"),
    supportedTypes: ["json", "jsonb"],
    supportedOptions: [{label: _t("Compact"), name: "compact", type: "boolean"}],
    extractProps: ({options}) => ({compact: Boolean(options.compact)}),
};

registry.category("fields").add("customer_value_strip", valueStripField);
