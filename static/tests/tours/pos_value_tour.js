/* global posmodel */

import {registry} from "@web/core/registry";
import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as Offline from "@point_of_sale/../tests/generic_helpers/offline_util";
import * as PartnerList from "@point_of_sale/../tests/pos/tours/utils/partner_list_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import {negate, refresh, run} from "@point_of_sale/../tests/generic_helpers/utils";

const LINE = (name) => `.partner-list .partner-info:has(b:contains("${name}"))`;
const BUTTON = ".product-screen .set-partner";

/** The till's own first step, which a busy machine takes long to come to. */
function startPoS() {
    return Chrome.startPoS().map((step) => ({...step, timeout: 60000}));
}

function badgeIs(place, tier) {
    return {
        content: `the badge says ${tier}`,
        trigger: `${place} .o_value_badge .o_value_badge_name:contains("${tier}")`,
    };
}

function hasDot(place) {
    return {
        content: "the badge has a dot in the tier's colour beside the name",
        trigger: `${place} .o_value_badge_dot[style*="background-color"]`,
    };
}

function hasNoBadge(place) {
    return {
        content: "no badge",
        trigger: negate(`${place} .o_value_badge`),
    };
}

function isShortened(place) {
    return {
        content: "a long tier's name is shortened, and stands in the title",
        trigger: `${place} .o_value_badge[title*="and their families"] .o_value_badge_name`,
        run({anchor}) {
            if (anchor.scrollWidth <= anchor.clientWidth) {
                throw new Error("The name should not fit");
            }
            const right = (element) => element.getBoundingClientRect().right;
            const around = anchor.closest(".o_value_badge").parentElement;
            if (right(anchor.closest(".o_value_badge_tier")) > right(around)) {
                throw new Error("The badge should stay inside its place");
            }
        },
    };
}

/** Change the customer on the server, by ways the till does not hear of. */
function rescore(name, values) {
    return run(async () => {
        const orm = posmodel.env.services.orm;
        const domain = [["name", "=", name]];
        const ids = await orm.search("res.partner", domain);
        await orm.call("res.partner", "rescore_for_tour", [ids, values]);
    }, `rescore ${name}`);
}

/** Without looking at the customer, which would renew the badge. */
function waitUntilKnown(name, tier) {
    return run(async () => {
        const partner = posmodel.models["res.partner"].find((p) => p.name === name);
        const isKnown = () => (partner.value_badge || "").includes(tier);
        for (let tries = 0; tries < 50 && !isKnown(); tries++) {
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
        if (!isKnown()) {
            throw new Error(`${name} should be known as ${tier}`);
        }
    }, `the till knows that ${name} is ${tier}`);
}

// On a small screen the customer's button lies on the order's pane, which is left
// again after each look at it.

const leaveOrder = () => ({...ProductScreen.back(), isActive: ["mobile"]});

function openList() {
    return ProductScreen.clickPartnerButton();
}

function closeList() {
    return [Dialog.discard(), leaveOrder()];
}

function choose(name) {
    return [PartnerList.clickPartner(name), leaveOrder()];
}

function onButton(name, ...steps) {
    return [ProductScreen.customerIsSelected(name), ...steps, leaveOrder()].flat();
}

registry.category("web_tour.tours").add("customer_value_pos", {
    steps: () =>
        [
            startPoS(),
            Dialog.confirm("Open Register"),

            // the list: company, contact of the company, no score
            openList(),
            badgeIs(LINE("Ada Works"), "Gold"),
            hasDot(LINE("Ada Works")),
            {
                content: "one human line beside the tier",
                trigger: `${LINE("Ada Works")} .o_value_badge_line:contains("3 purchases")`,
            },
            badgeIs(LINE("Ada Buyer"), "Gold"),
            badgeIs(LINE("Ben Silver"), "Silver"),
            hasNoBadge(LINE("Cleo Unscored")),

            // the selected customer's button
            choose("Ada Buyer"),
            onButton("Ada Buyer", badgeIs(BUTTON, "Gold"), hasDot(BUTTON)),

            // rescored while the till is open: opening the list renews both
            rescore("Ada Works", {color: 5}),
            openList(),
            badgeIs(LINE("Ada Buyer"), "Silver"),
            closeList(),
            onButton("Ada Buyer", badgeIs(BUTTON, "Silver")),

            // rescored while the list is open: choosing the customer renews the button
            openList(),
            badgeIs(LINE("Ben Silver"), "Silver"),
            rescore("Ben Silver", {color: 10}),
            choose("Ben Silver"),
            onButton("Ben Silver", badgeIs(BUTTON, "Founding partners")),
            openList(),
            isShortened(LINE("Ben Silver")),
            closeList(),

            // rescored, then the till is loaded again from the browser's store: it
            // renews all badges by itself, and shows them without connection
            rescore("Ben Silver", {color: 1}),
            rescore("Ada Works", {color: 8}),
            refresh(),
            onButton("Ben Silver", badgeIs(BUTTON, "Bronze")),
            waitUntilKnown("Ada Works", "Gold"),
            rescore("Ada Works", {color: 5}),
            Offline.setOfflineMode(),
            openList(),
            badgeIs(LINE("Ada Works"), "Gold"),
            choose("Ada Works"),
            onButton("Ada Works", badgeIs(BUTTON, "Gold")),
            Offline.setOnlineMode(),
            openList(),
            badgeIs(LINE("Ada Works"), "Silver"),
            closeList(),

            // a customer who leaves the model loses the badge
            rescore("Ada Works", {ref: "GONE"}),
            openList(),
            hasNoBadge(LINE("Ada Works")),
            closeList(),
            onButton("Ada Works", hasNoBadge(BUTTON)),

            // the customer's button of the payment screen
            openList(),
            choose("Ben Silver"),
            ProductScreen.clickDisplayedProduct("Desk Pad"),
            ProductScreen.clickPayButton(),
            badgeIs(".payment-screen .partner-button", "Bronze"),
            Chrome.endTour(),
        ].flat(),
});
