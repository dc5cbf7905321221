import {registry} from "@web/core/registry";
import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as Offline from "@point_of_sale/../tests/generic_helpers/offline_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import {refresh} from "@point_of_sale/../tests/generic_helpers/utils";
import {
    ask,
    isNotNoted,
    isNoted,
    leaveOrder,
    nameRival,
    pay,
    say,
    startPoS,
    waitUntilSynced,
    write,
} from "@customer_value/../tests/tours/pos_feedback_util";

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
