/* global posmodel */

import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as PaymentScreen from "@point_of_sale/../tests/pos/tours/utils/payment_screen_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";
import {negate, run} from "@point_of_sale/../tests/generic_helpers/utils";

const BUTTON = ".product-screen .o_feedback_button";

/** The till's own first step, which a busy machine takes long to come to. */
export function startPoS() {
    return Chrome.startPoS().map((step) => ({...step, timeout: 60000}));
}

// On a small screen the button lies on the order's pane, which is left again.

export const enterOrder = () => ProductScreen.clickReview();
export const leaveOrder = () => ({...ProductScreen.back(), isActive: ["mobile"]});

export function ask() {
    return [
        enterOrder(),
        {content: "ask what the customer says", trigger: BUTTON, run: "click"},
    ].flat();
}

export function say(kind) {
    return {
        content: `it is a ${kind}`,
        trigger: `.modal .o_feedback_kind[data-kind="${kind}"]`,
        run: "click",
    };
}

export function write(text) {
    return {
        content: "in the customer's words",
        trigger: ".modal .o_feedback_popup textarea",
        run: `edit ${text}`,
    };
}

export function nameRival(name) {
    return {
        content: `cheaper at ${name}`,
        trigger: `.modal .o_feedback_rival:contains("${name}")`,
        run: "click",
    };
}

export function isNoted() {
    return [
        {content: "the popup is closed", trigger: negate(".modal")},
        {content: "the button shows it", trigger: `${BUTTON}.btn-primary`},
        leaveOrder(),
    ];
}

export function isNotNoted() {
    return [
        enterOrder(),
        {content: "nothing said yet", trigger: `${BUTTON}.btn-secondary`},
        leaveOrder(),
    ].flat();
}

export function pay() {
    return [
        ProductScreen.clickPayButton(),
        PaymentScreen.clickPaymentMethod("Cash"),
        PaymentScreen.clickValidate(),
        ReceiptScreen.clickNextOrder().map((step) => ({...step, timeout: 60000})),
    ].flat();
}

export function waitUntilSynced() {
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
