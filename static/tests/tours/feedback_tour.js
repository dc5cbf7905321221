import {registry} from "@web/core/registry";

/** What an account manager does with a complaint, and with an idea said twice. */
registry.category("web_tour.tours").add("customer_feedback_listening", {
    steps: () => [
        {
            content: "open the complaint",
            trigger: '.o_kanban_record:contains("The parcel was open")',
            run: "click",
        },
        {
            content: "nothing of it is heard yet",
            trigger: ".o_feedback_steps .fa-circle-o:first",
        },
        {
            content: "somebody listens",
            trigger: '.o_statusbar_status button:contains("Heard")',
            run: "click",
        },
        {
            content: "and it is noted who",
            trigger:
                '.o_feedback_steps [name="heard_user_id"]:contains("feedback_anna")',
        },
        {
            content: "the customer cannot be left without an answer",
            trigger: '.o_form_view:not(:has(button[name="action_close"]))',
        },
        {
            content: "say what is done",
            trigger: '[name="answer"] textarea',
            run: "edit A new parcel is on its way.",
        },
        {
            content: "write to the customer",
            trigger: 'button[name="action_answer"]',
            run: "click",
        },
        {
            content: "the letter says it, and waits to be sent",
            trigger: '.modal .o_field_html:contains("A new parcel is on its way.")',
        },
        {
            content: "send it",
            trigger: ".modal button[name=action_send_mail]",
            run: "click",
        },
        {
            content: "the customer is told",
            trigger:
                'body:not(:has(.modal)) .o_statusbar_status button.o_arrow_button_current:contains("Customer Told")',
        },
        {
            content: "now it can be closed",
            trigger: 'button[name="action_close"]',
            run: "click",
        },
        {
            content: "closed",
            trigger:
                '.o_statusbar_status button.o_arrow_button_current:contains("Closed")',
        },
    ],
});

registry.category("web_tour.tours").add("customer_feedback_quotation", {
    steps: () => [
        {
            content: "the customer says something (1)",
            trigger: 'button[name="action_note_value_feedback"]',
            run: "click",
        },
        {
            content: "a suggestion (2)",
            trigger: '.modal [name="kind"] .o_radio_item:contains("Suggestion") input',
            run: "click",
        },
        {
            content: "in a line",
            trigger: '.modal [name="subject"] input',
            run: "edit Paper bags",
        },
        {
            content: "that is all (3)",
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "back on the quotation",
            trigger: "body:not(:has(.modal)) .o_form_view",
        },
    ],
});
