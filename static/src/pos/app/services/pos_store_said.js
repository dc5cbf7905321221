import {patch} from "@web/core/utils/patch";
import {pick} from "@web/core/utils/objects";
import {PosStore} from "@point_of_sale/app/services/pos_store";

/** What is kept of an order that was deleted before it was ever sent. */
const KEPT = [
    "uuid",
    "date_order",
    "partner_id",
    "preset_id",
    "value_feedback_kind",
    "value_feedback_text",
    "value_competitor_id",
];

/**
 * What a customer said outlives the order on which it was noted. The till forgets a
 * deleted order that was never sent; of one on which something was said a cancelled
 * order without lines stays, which is sent like every other: without connection later,
 * and by the same identifier, so that the server takes it once.
 */
patch(PosStore.prototype, {
    removeOrder(order) {
        const isKept = order.hasSaid && !order.isSynced && !order.finalized;
        const kept = isKept && pick(order, ...KEPT);
        const result = super.removeOrder(...arguments);
        if (kept) {
            const said = this.createNewOrder(kept);
            said.state = "cancel";
            said.uiState.displayed = false;
        }
        return result;
    },

    /** An order that the server knows takes along what was said since it was sent. */
    async deleteOrders(orders) {
        const known = orders.filter((order) => order?.isSynced && order.hasSaid);
        if (known.length) {
            await this.syncAllOrders({orders: known});
        }
        return super.deleteOrders(...arguments);
    },

    async onDeleteOrder() {
        const isDeleted = await super.onDeleteOrder(...arguments);
        if (this.unsentSayings.length) {
            await this.syncAllOrders();
        }
        return isDeleted;
    },

    /** Orders on which nothing was sold, only said. */
    async deleteOrdersWithoutSale() {
        const orders = this.getOpenOrders().filter(
            (order) => order.hasSaid && !order.isSynced && !order.lines.length
        );
        for (const order of orders) {
            await this.onDeleteOrder(order);
        }
    },

    get unsentSayings() {
        return this.models["pos.order"].filter((order) => order.isUnsentSaying);
    },

    getPendingOrder() {
        this.addPendingOrder(this.unsentSayings.map(({id}) => id));
        return super.getPendingOrder(...arguments);
    },

    shouldCreatePendingOrder(order) {
        return order.isUnsentSaying || super.shouldCreatePendingOrder(...arguments);
    },

    /** The next customer does not get an order on which another one said something. */
    getEmptyOrder() {
        const order = super.getEmptyOrder(...arguments);
        return order.hasSaid ? this.addNewOrder() : order;
    },
});
