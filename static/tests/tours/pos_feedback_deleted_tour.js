/* global posmodel */

import {registry} from "@web/core/registry";
import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as Offline from "@point_of_sale/../tests/generic_helpers/offline_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import {refresh, run} from "@point_of_sale/../tests/generic_helpers/utils";
import {
    ask,
    enterOrder,
    isNotNoted,
    isNoted,
    nameRival,
    say,
    startPoS,
    waitUntilSynced,
    write,
} from "@customer_value/../tests/tours/pos_feedback_util";

function sellTo(customer) {
    return [
        ProductScreen.addOrderline("Desk Pad", "1"),
        ProductScreen.clickPartnerButton(),
        ProductScreen.clickCustomer(customer),
    ].flat();
}

function complain(words) {
    return [ask(), write(words), say("complaint"), isNoted()].flat();
}

/** The order of the screen goes, and with it what was in it. */
function cancelOrder() {
    return [
        enterOrder(),
        ProductScreen.clickControlButton("Cancel Order"),
        Dialog.confirm("Ok"),
        ProductScreen.orderIsEmpty(),
        isNotNoted(),
    ].flat();
}

function isKept(number) {
    return run(() => {
        const {length} = posmodel.unsentSayings;
        if (length !== number) {
            throw new Error(`${length} sayings wait to be sent, not ${number}`);
        }
    }, `${number} sayings wait to be sent`);
}

function draftIsSent() {
    return run(async () => {
        const order = posmodel.getOrder();
        await posmodel.syncAllOrders({orders: [order]});
        if (!order.isSynced) {
            throw new Error("The draft should have been sent");
        }
    }, "the draft is sent, as when it is saved for later");
}

function isStored() {
    return run(
        () => posmodel.data.synchronizeLocalDataInIndexedDB(),
        "the browser's store has it"
    );
}

function connectionIsBack() {
    return run(
        () => window.dispatchEvent(new Event("online")),
        "the browser tells the till that the connection is back"
    );
}

function start() {
    return [startPoS(), Dialog.confirm("Open Register")].flat();
}

function addTour(name, ...steps) {
    registry
        .category("web_tour.tours")
        .add(name, {steps: () => steps.flatMap((step) => step())});
}

addTour(
    "customer_value_pos_feedback_deleted",
    start,
    () => sellTo("Ada Works"),
    () => complain("Too dear"),
    () => [ask(), nameRival("Discount Barn"), isNoted()].flat(),
    cancelOrder,
    waitUntilSynced,
    () => isKept(0),
    Chrome.endTour
);

addTour(
    "customer_value_pos_feedback_deleted_offline",
    start,
    Offline.setOfflineMode,
    () => sellTo("Ada Works"),
    () => complain("Too cold"),
    cancelOrder,
    () => isKept(1),
    Offline.setOnlineMode,
    connectionIsBack,
    waitUntilSynced,
    () => isKept(0),
    // the next order is another one, and brings nothing of it again
    () => ProductScreen.addOrderline("Desk Pad", "2"),
    cancelOrder,
    waitUntilSynced,
    Chrome.endTour
);

addTour(
    "customer_value_pos_feedback_deleted_reloaded",
    start,
    Offline.setOfflineMode,
    () => ProductScreen.addOrderline("Desk Pad", "1"),
    () => complain("Too loud"),
    cancelOrder,
    isStored,
    Offline.setOnlineMode,
    refresh,
    waitUntilSynced,
    () => isKept(0),
    refresh,
    waitUntilSynced,
    Chrome.endTour
);

addTour(
    "customer_value_pos_feedback_deleted_known",
    start,
    () => sellTo("Ada Works"),
    draftIsSent,
    () => complain("Too late"),
    cancelOrder,
    Chrome.endTour
);

addTour(
    "customer_value_pos_feedback_closed",
    start,
    () => [ask(), say("praise"), isNoted()].flat(),
    () => Chrome.clickMenuOption("Close Register"),
    () => ({
        content: "close the register",
        trigger: ".modal .modal-footer .btn-primary:contains(Close Register)",
        run: "click",
        expectUnloadPage: true,
    }),
    Chrome.endTour
);
