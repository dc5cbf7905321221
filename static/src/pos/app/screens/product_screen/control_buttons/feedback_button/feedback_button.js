import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";
import {useService} from "@web/core/utils/hooks";
import {usePos} from "@point_of_sale/app/hooks/pos_hook";
import {ActionpadWidget} from "@point_of_sale/app/screens/product_screen/action_pad/action_pad";
import {ControlButtons} from "@point_of_sale/app/screens/product_screen/control_buttons/control_buttons";
import {FeedbackPopup} from "@customer_value/pos/app/components/popups/feedback_popup/feedback_popup";

/**
 * Two taps for what a customer says. It is noted on the order, which keeps it without
 * connection and brings it to the server, where it becomes feedback once.
 */
export class FeedbackButton extends Component {
    static template = "customer_value.FeedbackButton";
    static props = {};

    setup() {
        this.pos = usePos();
        this.dialog = useService("dialog");
        this.notification = useService("notification");
    }

    get order() {
        return this.pos.getOrder();
    }

    get hasSaid() {
        return Boolean(this.order?.hasSaid);
    }

    get rivals() {
        const rivals = this.pos.models["customer.competitor"]?.getAll() || [];
        return rivals.map(({id, name}) => ({id, name}));
    }

    ask() {
        const {order} = this;
        this.dialog.add(FeedbackPopup, {
            said: {
                kind: order.value_feedback_kind,
                text: order.value_feedback_text,
                rivalId: order.value_competitor_id?.id,
            },
            rivals: this.rivals,
            getPayload: (said) => this.note(order, said),
        });
    }

    note(order, {kind, text, rivalId}) {
        order.update({
            value_feedback_kind: kind || false,
            value_feedback_text: text || false,
            value_competitor_id: rivalId || false,
        });
        if (kind || rivalId) {
            this.notification.add(
                _t("Noted. It arrives even if the order is cancelled."),
                {
                    type: "success",
                }
            );
        }
    }
}

patch(ControlButtons, {
    components: {...ControlButtons.components, FeedbackButton},
});

// On a small screen the buttons beside the customer's are the action pad's.
patch(ActionpadWidget, {
    components: {...ActionpadWidget.components, FeedbackButton},
});
