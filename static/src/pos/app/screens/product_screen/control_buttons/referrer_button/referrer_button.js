import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {patch} from "@web/core/utils/patch";
import {useService} from "@web/core/utils/hooks";
import {usePos} from "@point_of_sale/app/hooks/pos_hook";
import {makeAwaitable} from "@point_of_sale/app/utils/make_awaitable_dialog";
import {ActionpadWidget} from "@point_of_sale/app/screens/product_screen/action_pad/action_pad";
import {ControlButtons} from "@point_of_sale/app/screens/product_screen/control_buttons/control_buttons";
import {ReferrerPopup} from "@customer_value/pos/app/components/popups/referrer_popup/referrer_popup";

/** "Who sent you?": kept on the order, so that it works without a connection. */
export class ReferrerButton extends Component {
    static template = "customer_value.ReferrerButton";
    static props = {};

    setup() {
        this.pos = usePos();
        this.dialog = useService("dialog");
        this.title = _t("Who sent you?");
    }

    get said() {
        const order = this.pos.getOrder();
        return order?.value_referrer_id?.name || order?.value_referrer_hint || "";
    }

    async onClick() {
        const order = this.pos.getOrder();
        const choice = await makeAwaitable(this.dialog, ReferrerPopup, {
            customer: order.getPartner(),
            said: this.said,
        });
        if (choice) {
            // The words stay beside the contact, should it be gone when they arrive.
            order.value_referrer_id = choice.partner;
            order.value_referrer_hint = choice.words;
        }
    }
}

patch(ControlButtons, {
    components: {...ControlButtons.components, ReferrerButton},
});

// On a small screen the buttons beside the customer's are the action pad's.
patch(ActionpadWidget, {
    components: {...ActionpadWidget.components, ReferrerButton},
});
