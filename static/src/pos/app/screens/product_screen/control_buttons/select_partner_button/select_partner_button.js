import {useEffect} from "@odoo/owl";
import {patch} from "@web/core/utils/patch";
import {SelectPartnerButton} from "@point_of_sale/app/screens/product_screen/control_buttons/select_partner_button/select_partner_button";
import {ValueBadge} from "@customer_value/pos/app/components/value_badge/value_badge";

patch(SelectPartnerButton, {
    components: {...SelectPartnerButton.components, ValueBadge},
});

patch(SelectPartnerButton.prototype, {
    setup() {
        super.setup(...arguments);
        useEffect(
            () => {
                if (this.props.partner) {
                    this.pos.refreshValueBadges([this.props.partner]);
                }
            },
            () => [this.props.partner?.id]
        );
    },
});
