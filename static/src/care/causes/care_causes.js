import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useWhy} from "../../why/why_dialog/why_action";
import {moveWords, nameWords, pointsWords} from "../../why/why_words";

/** Why a customer needs care: the greatest lines of the explanation, each opens it. */
export class CareCauses extends Component {
    static template = "customer_value.CareCauses";
    static props = {...standardFieldProps};

    setup() {
        this.openWhy = useWhy();
    }

    get causes() {
        return this.props.record.data[this.props.name];
    }

    get lines() {
        const {lines, currency_id: currencyId} = this.causes;
        return lines.map((line) => ({
            code: line.code,
            name: nameWords(line),
            move: moveWords(line, currencyId),
            points: pointsWords(line.shown),
            isFall: line.shown < 0,
        }));
    }

    get restWords() {
        const {rest} = this.causes;
        return rest ? _t("all the rest, %s", pointsWords(rest)) : "";
    }

    explain() {
        const {start, end, partner_id, company_id, score_id, color} = this.causes;
        const days = [start, end || luxon.DateTime.now().toISODate()];
        this.openWhy({
            partnerId: partner_id,
            companyId: company_id,
            scoreId: score_id,
            color,
            days,
        });
    }
}

export const careCauses = {
    component: CareCauses,
    displayName: _t("Causes of a change"),
    supportedTypes: ["json", "jsonb"],
};

registry.category("fields").add("customer_care_causes", careCauses);
