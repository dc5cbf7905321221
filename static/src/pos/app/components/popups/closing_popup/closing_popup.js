import {patch} from "@web/core/utils/patch";
import {ClosePosPopup} from "@point_of_sale/app/components/popups/closing_popup/closing_popup";

patch(ClosePosPopup.prototype, {
    /** What was said and not followed by a sale is not left to the next customer. */
    async closeSession() {
        await this.pos.deleteOrdersWithoutSale();
        return super.closeSession(...arguments);
    },
});
