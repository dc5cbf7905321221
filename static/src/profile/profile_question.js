import {Component} from "@odoo/owl";

let instances = 0;

/**
 * One question that is open of a customer, answered where it stands: by Enter, by the
 * button, or by a choice.
 *
 * @param question see `_in_short` of customer.profile.field
 * @param onAnswer is given what was answered, never nothing
 */
export class ProfileQuestion extends Component {
    static template = "customer_value.ProfileQuestion";
    static props = {
        question: Object,
        isBusy: Boolean,
        onAnswer: Function,
    };

    setup() {
        this.id = `o_value_question_${++instances}`;
    }

    get inputType() {
        const {input} = this.props.question;
        return input === "number" ? "text" : input;
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && !ev.isComposing) {
            ev.preventDefault();
            ev.stopPropagation();
            this.answer(ev.target.value);
        }
    }

    answer(value) {
        if (value && value.trim() && !this.props.isBusy) {
            this.props.onAnswer(value);
        }
    }
}
