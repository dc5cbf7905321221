import {registry} from "@web/core/registry";

const DIALOG = ".o_why_dialog";

registry.category("web_tour.tours").add("customer_value_why", {
    steps: () => [
        {
            content: "The course of the score is drawn when the form is there",
            trigger: ".o_value_strip .o_value_sparkline_line",
        },
        {
            content: "Ask why it moved",
            trigger: ".o_value_strip .o_value_why",
            run: "click",
        },
        {
            content: "Both scores stand in the title",
            trigger: `${DIALOG} .modal-title:contains("Why 60 became 35")`,
        },
        {
            content: "From the old score",
            trigger: `${DIALOG} .o_why_bar_from .o_why_value:contains(60)`,
        },
        {
            content: "A bar for what fell, with its sign",
            trigger: `${DIALOG} .o_why_bar_fall.o_why_bar_line-sales .o_why_value:contains("−37")`,
        },
        {
            content: "A bar for what rose",
            trigger: `${DIALOG} .o_why_bar_rise.o_why_bar_line-deals .o_why_value:contains("+12")`,
        },
        {
            content: "To the new score",
            trigger: `${DIALOG} .o_why_bar_to .o_why_value:contains(35)`,
        },
        {
            content: "In a plain sentence",
            trigger: `${DIALOG} [data-code=sales] .o_why_words:contains("80.00"):contains("→"):contains("30.00"):contains("minus 37")`,
        },
        {
            content: "It sums to the point",
            trigger: `${DIALOG} .o_why_sum:contains("Sums to the point: −25")`,
        },
        {
            content: "Open the documents behind it",
            trigger: `${DIALOG} [data-code=sales] button.o_why_sentence`,
            run: "click",
        },
        {
            content: "An order came in",
            trigger: `${DIALOG} [data-side=entered]:contains("(1)") .o_why_amount:contains(30.00)`,
        },
        {
            content: "Of two that left, one may be read",
            trigger: `${DIALOG} [data-side=left]:contains("(2)") .o_why_document a:count(1)`,
        },
        {
            content: "The other is counted",
            trigger: `${DIALOG} [data-side=left] .o_why_missing:contains("1 you may not read")`,
        },
        {
            content: "Look back a week",
            trigger: `${DIALOG} [data-days="7"]`,
            run: "click",
        },
        {
            content: "Nothing moved since",
            trigger: `${DIALOG} .o_why_nothing:contains("Nothing moved")`,
        },
        {
            content: "What moved nothing can be opened, too",
            trigger: `${DIALOG} .o_why_others button`,
            run: "click",
        },
        {
            content: "It stands where it stood",
            trigger: `${DIALOG} [data-code=deals] .o_why_words:contains("no effect")`,
        },
        {
            content: "Look back a year",
            trigger: `${DIALOG} [data-days="365"]`,
            run: "click",
        },
        {
            content: "The history is shorter than that",
            trigger: `${DIALOG} .o_why_note:contains("No score is known before")`,
        },
        {
            content: "A bar opens the documents, too",
            trigger: `${DIALOG} .o_why_bar_line-sales .o_why_block`,
            run: "click",
        },
        {
            content: "Follow the order that came in",
            trigger: `${DIALOG} [data-side=entered] .o_why_document a`,
            run: "click",
        },
        {
            content: "The dialog is gone, the order is open",
            trigger: `body:not(:has(${DIALOG})) .o_form_view .o_field_widget[name=order_line]`,
        },
    ],
});

registry.category("web_tour.tours").add("customer_value_why_quotation", {
    steps: () => [
        {
            content: "The compact strip draws no course",
            trigger: ".o_value_strip_compact:not(:has(.o_value_course))",
        },
        {
            content: "But it tells why",
            trigger: ".o_value_strip_compact .o_value_why",
            run: "click",
        },
        {
            content: "The same explanation",
            trigger: `${DIALOG} .o_why_customer:contains(Told)`,
        },
        {
            content: "Escape closes it",
            trigger: `${DIALOG} .o_why_sum`,
            run: "press Escape",
        },
        {
            content: "Back on the quotation",
            trigger: `body:not(:has(${DIALOG})) .o_value_strip_compact`,
        },
    ],
});

registry.category("web_tour.tours").add("customer_value_why_score", {
    steps: () => [
        {
            content: "The score has a button",
            trigger: "button[name=action_explain]",
            run: "click",
        },
        {
            content: "That tells why",
            trigger: `${DIALOG} .o_why_sum:contains("−25")`,
        },
        {
            content: "And leads to the whole history",
            trigger: `${DIALOG} .modal-footer button:contains(Whole history)`,
            run: "click",
        },
        {
            content: "Which is drawn",
            trigger: `body:not(:has(${DIALOG})) .o_graph_view`,
        },
    ],
});

registry.category("web_tour.tours").add("customer_value_why_points", {
    steps: () => [
        {
            content: "The course of the score",
            trigger: ".o_value_sparkline_plot",
            run({anchor}) {
                clickAcross(anchor, 0);
            },
        },
        {
            content: "The first day is marked",
            trigger: ".o_value_sparkline_picked",
        },
        {
            content: "The caption says how to go on",
            trigger: ".o_value_sparkline figcaption:contains(now choose the day)",
        },
        {
            content: "The other day",
            trigger: ".o_value_sparkline_plot",
            run({anchor}) {
                clickAcross(anchor, 1);
            },
        },
        {
            content: "Both are compared",
            trigger: `${DIALOG} .modal-title:contains("Why 60 became 35")`,
        },
    ],
});

/** A click at a share of the width. */
function clickAcross(target, share) {
    const {left, width, top} = target.getBoundingClientRect();
    target.dispatchEvent(
        new MouseEvent("click", {
            bubbles: true,
            clientX: left + share * width,
            clientY: top + 5,
        })
    );
}

registry.category("web_tour.tours").add("customer_value_why_list", {
    steps: () => [
        {
            content: "Ask why from the list",
            trigger: ".o_list_view .o_data_row .o_field_customer_value_ring button",
            run: "click",
        },
        {
            content: "It is explained without leaving the list",
            trigger: `${DIALOG} .modal-title:contains("Why 60 became 35")`,
        },
        {
            content: "Close it",
            trigger: `${DIALOG} .btn-close`,
            run: "click",
        },
        {trigger: "body:not(:has(.o_why_dialog)) .o_list_view .o_data_row"},
    ],
});
