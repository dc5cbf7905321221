/* global posmodel */

import {registry} from "@web/core/registry";
import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as Offline from "@point_of_sale/../tests/generic_helpers/offline_util";
import * as PaymentScreen from "@point_of_sale/../tests/pos/tours/utils/payment_screen_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";
import {negate, refresh, run} from "@point_of_sale/../tests/generic_helpers/utils";

const BUTTON = ".product-screen .o_feedback_button";

/** The till's own first step, which a busy machine takes long to come to. */
function startPoS() {
    return Chrome.startPoS().map((step) => ({...step, timeout: 60000}));
}

// On a small screen the button lies on the order's pane, which is left again.

const enterOrder = () => ProductScreen.clickReview();
const leaveOrder = () => ({...ProductScreen.back(), isActive: ["mobile"]});

function ask() {
    return [
        enterOrder(),
        {content: "ask what the customer says", trigger: BUTTON, run: "click"},
    ].flat();
}

function say(kind) {
    return {
        content: `it is a ${kind}`,
        trigger: `.modal .o_feedback_kind[data-kind="${kind}"]`,
        run: "click",
    };
}

function write(text) {
    return {
        content: "in the customer's words",
        trigger: ".modal .o_feedback_popup textarea",
        run: `edit ${text}`,
    };
}

function nameRival(name) {
    return {
        content: `cheaper at ${name}`,
        trigger: `.modal .o_feedback_rival:contains("${name}")`,
        run: "click",
    };
}

function isNoted() {
    return [
        {content: "the popup is closed", trigger: negate(".modal")},
        {content: "the button shows it", trigger: `${BUTTON}.btn-primary`},
        leaveOrder(),
    ];
}

function isNotNoted() {
    return [
        enterOrder(),
        {content: "nothing said yet", trigger: `${BUTTON}.btn-secondary`},
        leaveOrder(),
    ].flat();
}

function pay() {
    return [
        ProductScreen.clickPayButton(),
        PaymentScreen.clickPaymentMethod("Cash"),
        PaymentScreen.clickValidate(),
        ReceiptScreen.clickNextOrder().map((step) => ({...step, timeout: 60000})),
    ].flat();
}

function waitUntilSynced() {
    return run(async () => {
        const waits = () =>
            posmodel.models["pos.order"].some(
                (order) => order.finalized && !order.isSynced
            );
        for (let tries = 0; tries < 100 && waits(); tries++) {
            await posmodel.syncAllOrders();
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        if (waits()) {
            throw new Error("Every paid order should have reached the server");
        }
    }, "every paid order reaches the server");
}

registry.category("web_tour.tours").add("customer_value_pos_feedback", {
    steps: () =>
        [
            startPoS(),
            Dialog.confirm("Open Register"),

            // online, two taps
            ProductScreen.addOrderline("Desk Pad", "1"),
            ask(),
            say("suggestion"),
            isNoted(),
            pay(),
            waitUntilSynced(),

            // a new order knows nothing of it
            isNotNoted(),

            // without connection: words, a rival, changed to a complaint; then the
            // till is loaded again from the browser's store
            Offline.setOfflineMode(),
            ProductScreen.addOrderline("Desk Pad", "2"),
            ask(),
            write("Too dear"),
            say("praise"),
            isNoted(),
            ask(),
            nameRival("Discount Barn"),
            isNoted(),
            ask(),
            {
                content: "what was said before is still there",
                trigger: '.modal .o_feedback_kind[data-kind="praise"].active',
            },
            say("complaint"),
            isNoted(),
            pay(),
            Offline.setOnlineMode(),
            waitUntilSynced(),
            refresh(),
            waitUntilSynced(),

            // noted by mistake, taken back
            ProductScreen.addOrderline("Desk Pad", "3"),
            ask(),
            say("praise"),
            isNoted(),
            ask(),
            {
                content: "take it back",
                trigger: ".modal .o_feedback_forget",
                run: "click",
            },
            leaveOrder(),
            isNotNoted(),
            pay(),
            waitUntilSynced(),
            Chrome.endTour(),
        ].flat(),
});
