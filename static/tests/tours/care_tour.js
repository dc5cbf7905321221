import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("customer_care_rule", {
    steps: () => [
        {
            content: "A draft says what it asks",
            trigger: ".o_form_view .alert-info:contains(The score fell by 10 or more)",
        },
        {
            content: "It cannot be activated unseen",
            trigger:
                ".o_form_statusbar:not(:has(button[name=action_activate])) button[name=action_preview]",
            run: "click",
        },
        {
            content: "It would have opened two cases",
            trigger: ".o_care_preview_title:contains(2 cases in the last 90 days)",
        },
        {
            content: "The weeks are drawn",
            trigger: ".o_care_bars .o_care_bar_count:contains(1)",
        },
        {
            content: "It is told for whom",
            trigger: ".o_care_person:contains(care.seller):contains(2)",
        },
        {
            content: "Activate it",
            trigger: "button[name=action_activate]",
            run: "click",
        },
        {
            content: "It is active, and cannot be changed",
            trigger: ".o_field_widget[name=points].o_readonly_modifier",
        },
        {
            content: "Look for cases now",
            trigger: "button[name=action_evaluate]",
            run: "click",
        },
        {
            content: "Who has not recovered has a case",
            trigger: "button[name=action_open_cases] .o_stat_value:contains(1)",
            run: "click",
        },
        {
            content: "It is there",
            trigger: ".o_kanban_record:contains(Fallen Works):contains(80 → 60)",
        },
    ],
});

registry.category("web_tour.tours").add("customer_care_case", {
    steps: () => [
        {
            content: "My day lists the case",
            trigger: ".o_my_day .o_data_row:contains(Fallen Works) td[name=name]",
            run: "click",
        },
        {
            content: "The case tells the causes",
            trigger: ".o_care_cause[data-code=sales]:contains(minus 20)",
        },
        {
            content: "And explains them exactly",
            trigger: ".o_care_why",
            run: "click",
        },
        {
            content: "Why 80 became 60",
            trigger: '.o_why_dialog .modal-title:contains("Why 80 became 60")',
        },
        {
            content: "Back to the case",
            trigger: ".o_why_dialog .o_why_sum",
            run: "press Escape",
        },
        {
            content: "The plan waits",
            trigger:
                ".o-mail-Activity:contains(Call and listen) .o-mail-Activity-markDone",
            run: "click",
        },
        {
            content: "The call is done",
            trigger: ".o-mail-ActivityMarkAsDone button[aria-label=Done]",
            run: "click",
        },
        {
            content: "Nothing is planned any more",
            trigger: ".o-mail-Chatter:not(:has(.o-mail-Activity))",
        },
        {
            content: "Has he recovered?",
            trigger: "button[name=action_check_now]",
            run: "click",
        },
        {
            content: "Not yet: the answer is there, and the case is still open",
            trigger:
                ".o_form_view:has(button[name=action_check_now]:enabled) .o_arrow_button_current:contains(Open)",
        },
        {
            content: "The call counts among what was done",
            trigger: "button[name=action_open_activities] .o_stat_value:contains(1)",
        },
        {
            content: "Until next week",
            trigger: "button[name=action_snooze]",
            run: "click",
        },
        {
            content: "With a reason",
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit Their buyer is away",
        },
        {
            content: "Snooze",
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "It rests, and says why",
            trigger:
                "body:not(:has(.modal)) .o_form_view .alert-info:contains(Their buyer is away)",
        },
    ],
});

registry.category("web_tour.tours").add("customer_care_recovered", {
    steps: () => [
        {
            content: "The customer bought again: ask the case",
            trigger: "button[name=action_check_now]",
            run: "click",
        },
        {
            content: "It closed by itself",
            trigger: ".ribbon:contains(Recovered)",
        },
        {
            content: "And tells how long it took",
            trigger: ".o_field_widget[name=days_to_recover]",
        },
        {
            content: "My day",
            trigger: ".o_menu_sections a:contains(My Day)",
            run: "click",
        },
        {
            content: "All done",
            trigger: ".o_view_nocontent:contains(All done)",
        },
    ],
});

registry.category("web_tour.tours").add("customer_care_partner", {
    steps: () => [
        {
            content: "The contact says that somebody takes care",
            trigger: ".o_care_line button:contains(Key customer fell, day)",
            run: "click",
        },
        {
            content: "Of this",
            trigger: ".o_care_cause[data-code=sales]",
        },
        {
            content: "Close it by hand",
            trigger: "button[name=action_close]",
            run: "click",
        },
        {
            content: "It was a wrong alarm",
            trigger: ".modal .o_radio_item:contains(Wrong alarm) input",
            run: "click",
        },
        {
            content: "Close",
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            content: "Closed; the dialog is gone",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name=outcome]:contains(Wrong alarm)",
        },
    ],
});
