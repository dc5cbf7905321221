/* global posmodel */

import {registry} from "@web/core/registry";
import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as Offline from "@point_of_sale/../tests/generic_helpers/offline_util";
import * as PaymentScreen from "@point_of_sale/../tests/pos/tours/utils/payment_screen_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import {run} from "@point_of_sale/../tests/generic_helpers/utils";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";
import {enterOrder, leaveOrder} from "@customer_value/../tests/tours/pos_feedback_util";

const BUTTON = ".o_referrer_button";

/** Steps that wait for the server, which a busy machine takes long to answer. */
function patiently(steps) {
    return [steps].flat().map((step) => ({...step, timeout: 60000}));
}

function startPoS() {
    return patiently(Chrome.startPoS());
}

/** Two taps: the button, and the contact. */
function sentBy(name) {
    return [
        enterOrder(),
        {content: "who sent you?", trigger: BUTTON, run: "click"},
        {
            content: `it was ${name}`,
            trigger: `.o_referrer_choice:contains("${name}")`,
            run: "click",
        },
        saysReferrer(name),
        leaveOrder(),
    ];
}

function saidWas(words) {
    return [
        enterOrder(),
        {content: "who sent you?", trigger: BUTTON, run: "click"},
        {content: "type it", trigger: ".o_referrer_words", run: `edit ${words}`},
        {content: "keep it", trigger: ".o_referrer_keep", run: "click"},
        saysReferrer(words),
        leaveOrder(),
    ];
}

function saysReferrer(words) {
    return {
        content: `the button says ${words}`,
        trigger: `${BUTTON}:contains("${words}")`,
    };
}

function sellTo(customer) {
    return [
        ...ProductScreen.addOrderline("Desk Organizer", "1"),
        ...ProductScreen.clickPartnerButton(),
        ...ProductScreen.clickCustomer(customer),
    ];
}

function pay() {
    return [
        ...ProductScreen.clickPayButton(),
        ...PaymentScreen.clickPaymentMethod("Cash"),
        ...PaymentScreen.clickValidate(),
        ...patiently(ReceiptScreen.receiptIsThere()),
    ];
}

function nextOrder() {
    return patiently(ReceiptScreen.clickNextOrder());
}

function connectionIsBack() {
    return run(
        () => window.dispatchEvent(new Event("online")),
        "the browser tells the till, which then sends what it kept"
    );
}

function allAreSent() {
    const waiting = () =>
        posmodel.models["pos.order"].filter((one) => one.finalized && !one.isSynced);
    return patiently(
        run(async () => {
            for (let tries = 0; tries < 250 && waiting().length; tries++) {
                await new Promise((resolve) => setTimeout(resolve, 200));
            }
            if (waiting().length) {
                throw new Error(`${waiting().length} orders were not sent`);
            }
        }, "all orders are sent")
    );
}

registry.category("web_tour.tours").add("CustomerValueReferralOnline", {
    steps: () =>
        [
            startPoS(),
            Dialog.confirm("Open Register"),
            sellTo("Newcomer One"),
            sentBy("Ada Advocate"),
            pay(),
            nextOrder(),
            sellTo("Newcomer Two"),
            saidWas("021 555 0199"),
            pay(),
            allAreSent(),
        ].flat(),
});

registry.category("web_tour.tours").add("CustomerValueReferralOffline", {
    steps: () =>
        [
            startPoS(),
            Dialog.confirm("Open Register"),
            Offline.setOfflineMode(),
            sellTo("Newcomer One"),
            sentBy("Ada Advocate"),
            pay(),
            Dialog.confirm("Continue with limited functionality"),
            nextOrder(),
            sellTo("Newcomer Two"),
            saidWas("021 555 0199"),
            pay(),
            nextOrder(),
            Offline.setOnlineMode(),
            connectionIsBack(),
            allAreSent(),
            sellTo("Newcomer Three"),
            pay(),
            allAreSent(),
        ].flat(),
});
