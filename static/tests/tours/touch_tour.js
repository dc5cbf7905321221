import {registry} from "@web/core/registry";

const PANEL = ".o_touch_log";

function enter(value) {
    return ({anchor}) => {
        anchor.value = value;
        anchor.dispatchEvent(new Event("input", {bubbles: true}));
    };
}

function typeIntoFocused(text) {
    return (helpers) => {
        if (document.activeElement !== helpers.anchor) {
            throw new Error("One has to click before one can type");
        }
        enter(text)(helpers);
    };
}

registry.category("web_tour.tours").add("customer_value_touch_quotation", {
    steps: () => [
        {
            content: "First click: open the panel",
            trigger: ".o-mail-Chatter .o_touch_log_open",
            run: "click",
        },
        {
            content: "The customer is known, the note waits to be typed",
            trigger: `${PANEL} .o_touch_log_partner:contains(Buyer)`,
        },
        {
            content: "What was said before stands there",
            trigger: `${PANEL} .o_touch_before:contains(Asked for samples)`,
        },
        {
            content: "Second click: it was a visit",
            trigger: `${PANEL} .o_touch_kind[data-kind=visit]`,
            run: "click",
        },
        {
            content: "Third click: it felt good",
            trigger: `${PANEL} .o_feeling[data-feeling='1']`,
            run: "click",
        },
        {
            content: "The note waits to be typed, without another click",
            trigger: `${PANEL} .o_touch_note`,
            run: typeIntoFocused("Saw the new shelf"),
        },
        {
            content: "Enter",
            trigger: `${PANEL} .o_touch_note`,
            run: "press Enter",
        },
        {
            content: "It is logged and the panel gone",
            trigger: ".o_notification:contains(Logged):contains(Visit)",
        },
        {trigger: `.o-mail-Chatter:not(:has(${PANEL}))`},
    ],
});

const ASK = `${PANEL} .o_touch_ask`;

registry.category("web_tour.tours").add("customer_value_touch_ask", {
    steps: () => [
        {
            content: "Open the panel: the note waits, a question stands beside",
            trigger: ".o-mail-Chatter .o_touch_log_open",
            run: "click",
        },
        {trigger: `${ASK}:contains(Who belongs to the household)`},
        {
            content: "One may answer it by Enter",
            trigger: `${ASK} input`,
            run: "edit Two children",
        },
        {trigger: `${ASK} input`, run: "press Enter"},
        {trigger: `${PANEL}:not(:has(.o_touch_ask)) .o_touch_answered`},
        {
            content: "And goes on logging",
            trigger: `${PANEL} .o_touch_note`,
            run: typeIntoFocused("Called about the shelf"),
        },
        {trigger: `${PANEL} .o_touch_note`, run: "press Enter"},
        {trigger: ".o_notification:contains(Logged)"},
        {
            content: "Another time another question, which is put off",
            trigger: `.o-mail-Chatter:not(:has(${PANEL})) .o_touch_log_open`,
            run: "click",
        },
        {trigger: `${ASK}:contains(When is the birthday)`},
        {trigger: `${ASK} .o_touch_ask_later`, run: "click"},
        {trigger: `${PANEL}:not(:has(.o_touch_ask))`},
        {trigger: `${PANEL} .btn-close`, run: "click"},
        {
            content: "It is not asked again right away",
            trigger: `.o-mail-Chatter:not(:has(${PANEL})) .o_touch_log_open`,
            run: "click",
        },
        {trigger: `${PANEL}:not(:has(.o_touch_ask)) .o_touch_note`},
    ],
});

registry.category("web_tour.tours").add("customer_value_touch_ask_left_alone", {
    steps: () => [
        {trigger: ".o-mail-Chatter .o_touch_log_open", run: "click"},
        {trigger: `${ASK}:contains(Who belongs to the household)`},
        {
            content: "What was typed and not entered is noted with the touch",
            trigger: `${ASK} input`,
            run: "edit Three cats",
        },
        {trigger: `${PANEL} .o_touch_save`, run: "click"},
        {trigger: ".o_notification:contains(Logged)"},
        {
            trigger: `.o-mail-Chatter:not(:has(${PANEL})) .o_touch_log_open`,
            run: "click",
        },
        {
            content: "A question that is left alone keeps nobody from logging",
            trigger: `${ASK}:contains(When is the birthday)`,
        },
        {
            trigger: `${PANEL} .o_touch_note`,
            run: typeIntoFocused("Nothing new"),
        },
        {trigger: `${PANEL} .o_touch_note`, run: "press Enter"},
        {trigger: `.o-mail-Chatter:not(:has(${PANEL}))`},
    ],
});

registry.category("web_tour.tours").add("customer_value_touch_promise", {
    steps: () => [
        {
            content: "The overdue promise stands on the customer",
            trigger: ".o_value_promises button:contains(1):contains(Promises overdue)",
        },
        {
            content: "Open the panel",
            trigger: ".o-mail-Chatter .o_touch_log_open",
            run: "click",
        },
        {
            trigger: `${PANEL} .o_touch_kind[data-kind=promise]`,
            run: "click",
        },
        {
            trigger: `${PANEL} .o_touch_note`,
            run: "edit Two aprons",
        },
        {
            trigger: `${PANEL} .o_touch_note`,
            run: "press Enter",
        },
        {
            content: "Not without a day",
            trigger: `${PANEL} .o_touch_problem:contains(Until when)`,
        },
        {
            trigger: `${PANEL} .o_touch_due`,
            run: enter("2099-12-31"),
        },
        {
            content: "With a next step",
            trigger: `${PANEL} .o_touch_plan`,
            run: "click",
        },
        {
            trigger: `${PANEL} .o_touch_next`,
            run: "edit Sew them",
        },
        {
            trigger: `${PANEL} .o_touch_next_date`,
            run: enter("2099-12-01"),
        },
        {
            trigger: `${PANEL} .o_touch_save`,
            run: "click",
        },
        {
            content: "The next step is planned",
            trigger: ".o-mail-ActivityList:contains(Sew them)",
        },
        {
            content: "Both promises stand there, the form was read anew",
            trigger: ".o_value_promises button:contains(1):contains(of):contains(2)",
        },
        {
            content: "Keep the late one",
            trigger: ".o_notebook a[name=customer_promises]",
            run: "click",
        },
        {
            trigger:
                "[name=value_promise_ids] .o_data_row:contains(Old promise) button[name=action_keep_promise]",
            run: "click",
        },
        {
            content: "One is left, and nothing is overdue",
            trigger: ".o_value_promises button:contains(1):contains(Open promises)",
        },
    ],
});

registry.category("web_tour.tours").add("customer_value_touch_done", {
    steps: () => [
        {
            content: "Mark the call as done",
            trigger: ".o-mail-Activity-markDone",
            run: "click",
        },
        {
            content: "How did it feel?",
            trigger: ".o_touch_done_feeling .o_feeling[data-feeling='2']",
            run: "click",
        },
        {
            trigger: ".o-mail-ActivityMarkAsDone button[aria-label='Done']",
            run: "click",
        },
        {
            trigger: ".o-mail-Chatter:not(:has(.o-mail-Activity))",
        },
    ],
});

registry.category("web_tour.tours").add("customer_value_touch_without_group", {
    steps: () => [
        {
            content: "The chatter is there",
            trigger: ".o-mail-Chatter .o-mail-Chatter-logNote:enabled",
        },
        {
            content: "With its activity, and nothing of ours",
            trigger: ".o-mail-Chatter .o-mail-Activity",
        },
        {
            trigger:
                ".o_form_view:not(:has(.o_touch_log_open)):not(:has(.o_value_promises))",
        },
        {
            trigger: ".o-mail-Activity-markDone",
            run: "click",
        },
        {
            trigger: ".o-mail-ActivityMarkAsDone:not(:has(.o_feeling_picker))",
        },
    ],
});
