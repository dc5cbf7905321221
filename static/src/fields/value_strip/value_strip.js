import {Component} from "@odoo/owl";
import {formatDate, deserializeDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {ValueLink} from "../value_link/value_link";
import {ValueRing} from "../value_ring/value_ring";
import {ValueTier} from "../value_tier/value_tier";
import {ValueTrend} from "../value_trend/value_trend";
import {useWhy} from "../../why/why_dialog/why_action";
import {ValueCourse} from "../../why/value_course/value_course";
import {
    componentsOf,
    distanceWords,
    evidenceWords,
    isScoreSet,
    overrideWords,
    shareWords,
    stripSentence,
} from "./strip_words";

/**
 * What a customer is worth, at one glance. `strip`: `customer.value.score._strip`;
 * `open` is called with the part that is clicked; `explain` with two days to compare.
 */
export class ValueStrip extends Component {
    static template = "customer_value.ValueStrip";
    static components = {ValueCourse, ValueLink, ValueRing, ValueTier, ValueTrend};
    static props = {
        strip: Object,
        compact: {type: Boolean, optional: true},
        open: {type: Function, optional: true},
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

    get entity() {
        return _t("Score of %s", this.strip.entity);
    }

    get evidence() {
        return evidenceWords(this.strip);
    }

    get parts() {
        return componentsOf(this.strip);
    }

    get isScoreSet() {
        return isScoreSet(this.strip);
    }

    get tierTitle() {
        const words = [this.strip.tier_meaning, _t("Show all customers of this tier")];
        return words.filter(Boolean).join("\n");
    }

    opener(part) {
        return this.props.open && (() => this.props.open(part));
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
        this.action = useService("action");
        this.why = useWhy();
    }

    get strip() {
        return this.props.record.data[this.props.name];
    }

    /** A score that is only tried out has no history to tell. */
    get explain() {
        const {
            score_id: scoreId,
            partner_id: partnerId,
            tier_color: color,
        } = this.strip;
        const {company_id: companyId} = this.strip;
        return scoreId
            ? (days) => this.why({scoreId, partnerId, companyId, color, days})
            : undefined;
    }

    /** A score that is only tried out has nothing behind it to open. */
    get open() {
        return this.strip.score_id ? (part) => this.openers[part]() : undefined;
    }

    get openers() {
        const {score_id: scoreId, tier_id: tierId, partner_id: partnerId} = this.strip;
        return {
            score: () => this.openForm("customer.value.score", scoreId),
            tier: () =>
                this.press("customer.value.tier", tierId, "action_open_customers"),
            why: () => this.explain(),
            override: () =>
                this.action.doAction("customer_value.customer_value_override_action", {
                    additionalContext: {search_default_partner_id: partnerId},
                }),
            entity: () => this.openForm("res.partner", partnerId),
        };
    }

    openForm(resModel, resId) {
        const views = [[false, "form"]];
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: resModel,
            res_id: resId,
            views,
        });
    }

    press(resModel, resId, name) {
        this.action.doActionButton({type: "object", name, resModel, resId});
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
