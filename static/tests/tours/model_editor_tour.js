import {registry} from "@web/core/registry";

const SERVER_WORKS_MS = 60000;
const share = (place) =>
    `.o_field_widget[name=indicator_ids] .o_data_row:nth-child(${place}) .o_cv_share_label`;
const weight = (place) =>
    `.o_field_widget[name=indicator_ids] .o_data_row:nth-child(${place}) .o_cv_weight`;

/** An administrator changes a weight, sees who would move, and makes it count. */
registry.category("web_tour.tours").add("customer_value_model_editor", {
    steps: () => [
        {
            content: "Open the configuration",
            trigger:
                ".o_menu_sections button[data-menu-xmlid='customer_value.customer_value_configuration_menu']",
            run: "click",
        },
        {
            content: "Open the models",
            trigger: "a[data-menu-xmlid='customer_value.customer_value_model_menu']",
            run: "click",
        },
        {
            content: "Open the model",
            trigger: ".o_data_row td[name=name]:contains(Tour Model)",
            run: "click",
        },
        {
            content: "An active version is locked: its weights are plain text",
            trigger:
                ".o_field_widget[name=indicator_ids]:not(:has(.o_cv_weight)) .o_data_row",
        },
        {
            content: "Make a draft of it",
            trigger: "button[name=action_new_draft]",
            run: "click",
        },
        {
            content: "The draft is open",
            trigger:
                ".o_statusbar_status button[data-value=draft].o_arrow_button_current",
            timeout: SERVER_WORKS_MS,
        },
        {
            content: "The first indicator has half of the weights",
            trigger: `${share(1)}:contains("50.0 %")`,
        },
        {
            content: "Type another weight",
            trigger: weight(1),
            run: "edit 30",
        },
        {
            content: "Its share has moved",
            trigger: `${share(1)}:contains("75.0 %")`,
        },
        {
            content: "So has the other's",
            trigger: `${share(2)}:contains("25.0 %")`,
        },
        {
            content: "Nothing is saved yet",
            trigger: ".o_form_button_save:visible",
        },
        {
            content: "See who would move",
            trigger: "button[name=action_preview]",
            run: "click",
        },
        {
            content: "Everybody is scored by the draft",
            trigger: ".o_cv_card[name=scored]:contains(4)",
            timeout: SERVER_WORKS_MS,
        },
        {
            content: "Two rise, and open",
            trigger: ".o_cv_card[name=rises]:contains(2)",
            run: "click",
        },
        {
            content: "The customers who rise",
            trigger: ".o_list_view .o_data_row:contains(Tour Customer 3)",
            timeout: SERVER_WORKS_MS,
        },
        {
            content: "Back to the preview",
            trigger: ".o_breadcrumb .o_back_button",
            run: "click",
        },
        {
            content: "The draft counts from now on",
            trigger: "button[name=action_activate]",
            run: "click",
        },
        {
            content: "Yes",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "The run is shown, waiting for its workers",
            trigger: ".o_cv_run_progress .progress",
            timeout: SERVER_WORKS_MS,
        },
        {
            content: "It belongs to the model",
            trigger: ".o_field_widget[name=model_id]:contains(Tour Model)",
        },
    ],
});
