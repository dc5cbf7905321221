import {patch} from "@web/core/utils/patch";
import {PosStore} from "@point_of_sale/app/services/pos_store";

patch(PosStore.prototype, {
    /**
     * An order whose sending failed is still to be sent. The till forgets so of the one
     * that met the loss of the connection: it counts as unchanged once it is packed, and
     * would wait, with who sent its customer, for the next start of the till.
     */
    getPendingOrder() {
        const pending = super.getPendingOrder(...arguments);
        for (const order of pending.orderToCreate) {
            if (!order.isSynced) {
                order._markDirty();
            }
        }
        return pending;
    },
});
