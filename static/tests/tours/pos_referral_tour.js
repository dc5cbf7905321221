import {registry} from "@web/core/registry";
import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as Offline from "@point_of_sale/../tests/generic_helpers/offline_util";
import * as PaymentScreen from "@point_of_sale/../tests/pos/tours/utils/payment_screen_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";

const BUTTON = ".o_referrer_button";

function startPoS() {
    return Chrome.startPoS().map((step) => ({...step, timeout: 60000}));
}

/** Two taps: the button, and the contact. */
function sentBy(name) {
    return [
        {content: "who sent you?", trigger: BUTTON, run: "click"},
        {
            content: `it was ${name}`,
            trigger: `.o_referrer_choice:contains("${name}")`,
            run: "click",
        },
        saysReferrer(name),
    ];
}

function saidWas(words) {
    return [
        {content: "who sent you?", trigger: BUTTON, run: "click"},
        {content: "type it", trigger: ".o_referrer_words", run: `edit ${words}`},
        {content: "keep it", trigger: ".o_referrer_keep", run: "click"},
        saysReferrer(words),
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
    ];
}

function nextOrder() {
    return ReceiptScreen.clickNextOrder();
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
            ReceiptScreen.receiptIsThere(),
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
            // With the connection back the next order takes those before along.
            sellTo("Newcomer Three"),
            pay(),
            ReceiptScreen.receiptIsThere(),
            Chrome.isSynced(),
        ].flat(),
});
