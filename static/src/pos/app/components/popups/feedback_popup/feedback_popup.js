import {Component, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {_t} from "@web/core/l10n/translation";

/**
 * What the customer says: the words, if the cashier likes, and one tap. The tap closes
 * the popup. A rival that is cheaper is a tap as well.
 */
export class FeedbackPopup extends Component {
    static template = "customer_value.FeedbackPopup";
    static components = {Dialog};
    static props = {
        said: Object, // {kind, text, rivalId} noted before
        rivals: Array, // [{id, name}]
        getPayload: Function, // called with what is said now
        close: Function,
    };

    setup() {
        this.state = useState({text: this.props.said.text || ""});
        this.kinds = [
            {name: "suggestion", label: _t("Suggestion"), icon: "fa-lightbulb-o"},
            {name: "complaint", label: _t("Complaint"), icon: "fa-frown-o"},
            {name: "praise", label: _t("Praise"), icon: "fa-smile-o"},
        ];
    }

    get hasSaid() {
        return Boolean(this.props.said.kind || this.props.said.rivalId);
    }

    say(changes) {
        const {said} = this.props;
        this.props.getPayload({...said, text: this.state.text.trim(), ...changes});
        this.props.close();
    }

    forget() {
        this.props.getPayload({kind: false, text: "", rivalId: false});
        this.props.close();
    }
}
