import {patch} from "@web/core/utils/patch";
import {PosOrder} from "@point_of_sale/app/models/pos_order";

patch(PosOrder.prototype, {
    /** The customer said something, which must reach the server whether he buys or not. */
    get hasSaid() {
        return Boolean(this.value_feedback_kind || this.value_competitor_id);
    },

    /** What is left of a deleted order, until it is sent. */
    get isUnsentSaying() {
        return this.state === "cancel" && !this.isSynced && this.hasSaid;
    },
});
