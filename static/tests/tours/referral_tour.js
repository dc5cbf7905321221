/* global ZXing */

import {loadJS} from "@web/core/assets";
import {registry} from "@web/core/registry";

function chooseReferrer(words, name) {
    return [
        {
            content: "say who sent the customer",
            trigger: ".o_field_widget[name=value_referrer_id] input",
            run: `edit ${words}`,
        },
        {
            content: `${name} is found`,
            trigger: `.o-autocomplete--dropdown-item:contains("${name}")`,
            run: "click",
        },
    ];
}

/** What a telephone reads from a picture of a QR code. */
async function readQr(image) {
    await loadJS("/web/static/lib/zxing-library/zxing-library.js");
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    canvas.getContext("2d").drawImage(image, 0, 0);
    const light = new ZXing.HTMLCanvasElementLuminanceSource(canvas);
    const bitmap = new ZXing.BinaryBitmap(new ZXing.HybridBinarizer(light));
    return new ZXing.MultiFormatReader().decode(bitmap).getText();
}

const save = [
    {content: "it is not saved yet", trigger: ".o_form_dirty"},
    {content: "save", trigger: ".o_form_button_save", run: "click"},
    {content: "saved", trigger: ".o_form_saved"},
];

/** A salesperson finds the referrer of a quotation by phone. */
registry.category("web_tour.tours").add("customer_value_referral_quotation", {
    steps: () => [...chooseReferrer("5550199", "Ada"), ...save],
});

/** A manager reads why a referral waits, gives a reason, and approves. */
registry.category("web_tour.tours").add("customer_value_referral_decide", {
    steps: () => [
        {
            content: "it says why",
            trigger: '.alert-warning:contains("same phone number")',
        },
        {
            content: "the reason in words",
            trigger: ".o_field_widget[name=decision_note] input",
            run: "edit The phone of their office",
        },
        {
            content: "approve",
            trigger: "button[name=action_approve]",
            run: "click",
        },
        {
            content: "it goes on",
            trigger: '.o_arrow_button_current:contains("Pending")',
        },
    ],
});

/** The tree of who brought whom unfolds from the customer's form. */
registry.category("web_tour.tours").add("customer_value_referral_tree", {
    steps: () => [
        {
            content: "the tab",
            trigger: ".o_notebook a[name=customer_referral]",
            run: "click",
        },
        {
            content: "make a personal link",
            trigger: "button[name=action_make_share_link]",
            run: "click",
        },
        {
            content: "the link is there to be copied",
            trigger: '.o_field_widget[name=value_share_url]:contains("/r/")',
        },
        {
            content: "the QR code leads to the same address",
            trigger: ".o_field_widget[name=value_share_qr] img",
            run: async ({anchor}) => {
                const url = document.querySelector(
                    ".o_field_widget[name=value_share_url]"
                ).textContent;
                const read = await readQr(anchor);
                if (!url.includes(read)) {
                    throw new Error(`${read} should be ${url}`);
                }
            },
        },
        {
            content: "see the tree",
            trigger: "button[name=action_open_referral_tree]",
            run: "click",
        },
        {
            content: "whom she brought",
            trigger: '.o_hierarchy_node:contains("Ben")',
        },
    ],
});
