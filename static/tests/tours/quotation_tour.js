import {registry} from "@web/core/registry";

function chooseCustomer(name) {
    return [
        {
            content: `Type ${name}`,
            trigger: ".o_field_widget[name=partner_id] input",
            run: `edit ${name}`,
        },
        {
            content: `Choose ${name}`,
            trigger: `.o-autocomplete--dropdown-item:contains(${name})`,
            run: "click",
        },
    ];
}

registry.category("web_tour.tours").add("customer_value_quotation", {
    steps: () => [
        {
            content: "No customer, no strip",
            trigger: ".o_form_view:not(:has([name=value_strip])) [name=partner_id]",
        },
        ...chooseCustomer("Bo Buyer"),
        {
            content: "The strip is there before anything is saved",
            trigger: ".o_value_strip_compact:contains(87):contains(Gold)",
        },
        {
            content: "It names the company that was scored",
            trigger: ".o_value_strip_note:contains(Gold Works)",
        },
        ...chooseCustomer("Unscored Works"),
        {
            content: "Who has no score is not given one",
            trigger: ".o_value_strip_empty:contains(Not scored yet)",
        },
        ...chooseCustomer("Silver Works"),
        {
            content: "The strip follows the customer",
            trigger: ".o_value_strip_compact:contains(50):contains(Silver)",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Saved",
            trigger: ".o_form_saved",
        },
        {
            content: "The strip is still there",
            trigger: ".o_value_strip_compact:contains(50):contains(Silver)",
        },
    ],
});

registry.category("web_tour.tours").add("customer_value_quotation_list", {
    steps: () => [
        {
            content: "The tier stands in the list",
            trigger:
                ".o_data_row:contains(Silver Works) .o_value_tier:contains(Silver)",
        },
        {
            content: "Open the filters",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: "Group by tier",
            trigger: ".o_group_by_menu .dropdown-item:contains(Value Tier)",
            run: "click",
        },
        {
            content: "A group for each tier",
            trigger: ".o_group_header:contains(Silver)",
        },
        {
            content: "In the cards as well",
            trigger: ".o_switch_view.o_kanban",
            run: "click",
        },
        {
            content: "A ring and a tier",
            trigger: ".o_kanban_record .o_value_card .o_value_tier:contains(Silver)",
        },
    ],
});
