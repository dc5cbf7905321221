import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("customer_value_contact", {
    steps: () => [
        {
            content: "The strip shows score, tier and whose they are",
            trigger: ".o_value_strip:contains(87):contains(Gold)",
        },
        {
            content: "A person shows the score of the company",
            trigger: ".o_value_strip_note:contains(Score of Gold Works)",
        },
        {
            content: "What is known and what is not",
            trigger: ".o_value_strip_evidence:contains(2 of 3 indicators)",
        },
        {
            content: "See how the score comes about",
            trigger: ".o_value_strip button:has(.o_value_ring)",
            run: "click",
        },
        {
            content: "The lines of the company's score",
            trigger:
                ".o_form_view .o_value_breakdown .o_value_total .o_value_adds:contains(86.7)",
        },
    ],
});

registry.category("web_tour.tours").add("customer_value_partner", {
    steps: () => [
        {
            content: "The company needs no note",
            trigger: ".o_form_view:not(:has(.o_value_strip_note)) .o_value_strip",
        },
        {
            content: "Open the Value tab",
            trigger: ".o_notebook a[name=customer_value]",
            run: "click",
        },
        {
            content: "The indicators, with what each adds",
            trigger: "[data-code=color] .o_value_adds:contains(60.0)",
        },
        {
            content: "What nobody knows is not counted",
            trigger: "[data-code=ref].o_value_line_none .o_value_absence",
        },
        {
            content: "Confidential measures are one sum",
            trigger:
                ".o_value_line_confidential:contains(1 confidential measure) .o_value_adds:contains(26.7)",
        },
        {
            content: "The column adds up to the score",
            trigger: ".o_value_total .o_value_adds:contains(86.7)",
        },
        {
            content: "Fill in what was not known",
            trigger: ".o_notebook a[name=sales_purchases]",
            run: "click",
        },
        {
            content: "The reference",
            trigger: ".o_field_widget[name=ref] input",
            run: "edit A",
        },
        {
            content: "Back to the Value tab",
            trigger: ".o_notebook a[name=customer_value]",
            run: "click",
        },
        {
            content: "Score at once",
            trigger: ".o_value_foot button:contains(Score now)",
            run: "click",
        },
        {
            content: "The indicator counts now",
            trigger:
                "[data-code=ref].o_value_line_measured .o_value_adds:contains(10.0)",
        },
        {
            content: "And the strip follows",
            trigger: ".o_value_strip_evidence:contains(All 3 indicators have evidence)",
        },
        {
            content: "With the new score",
            trigger: ".o_value_strip .o_value_ring_number:contains(88)",
        },
        {
            content: "Who else is in this tier",
            trigger: ".o_value_strip button:has(.o_value_tier)",
            run: "click",
        },
        {
            content: "The customers of the tier, and nobody else",
            trigger:
                ".o_list_view:not(:has(.o_data_row:contains(Silver Works))) .o_data_row:contains(Gold Works)",
        },
        {
            content: "The tier is a filter one can take off",
            trigger: ".o_searchview_facet:contains(Gold)",
        },
    ],
});

registry.category("web_tour.tours").add("customer_value_partner_list", {
    steps: () => [
        {
            content: "Ring and tier stand in the list",
            trigger: ".o_data_row:contains(Gold Works) .o_value_tier:contains(Gold)",
        },
        {
            content: "Who is not scored shows neither",
            trigger: ".o_data_row:contains(Unscored Works):not(:has(.o_value_ring))",
        },
        {
            content: "Sort by score: upwards, then downwards",
            trigger: "th[data-name=value_score]",
            run: "click",
        },
        {
            content: "The least valuable first: by name Silver would not be next",
            trigger:
                ".o_data_row:contains(Basic Works) + .o_data_row:contains(Silver Works)",
        },
        {
            content: "The unscored not before him",
            trigger: ".o_data_row:first:contains(Basic Works)",
        },
        {
            content: "Downwards",
            trigger: "th[data-name=value_score]",
            run: "click",
        },
        {
            content: "The most valuable first",
            trigger: ".o_data_row:first:contains(Gold Works)",
        },
        {
            content: "Open the filters",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: "Only the top of the customers",
            trigger: ".o_filter_menu .dropdown-item:contains(Top 20 %)",
            run: "click",
        },
        {
            content: "Gold stays",
            trigger:
                ".o_list_view:not(:has(.o_data_row:contains(Silver Works))) .o_data_row:contains(Gold Works)",
        },
        {
            content: "Group by tier",
            trigger: ".o_group_by_menu .dropdown-item:contains(Value Tier)",
            run: "click",
        },
        {
            content: "A group for each tier",
            trigger: ".o_group_header:contains(Gold)",
        },
    ],
});

registry.category("web_tour.tours").add("customer_value_partner_unscored", {
    steps: () => [
        {
            content: "Nothing is invented for who has no score",
            trigger: ".o_value_strip_empty:contains(Not scored yet)",
        },
        {
            content: "Open the Value tab",
            trigger: ".o_notebook a[name=customer_value]",
            run: "click",
        },
        {
            content: "It says why",
            trigger: ".o_value_empty:contains(Not scored yet)",
        },
    ],
});

registry.category("web_tour.tours").add("customer_value_without_group", {
    steps: () => [
        {
            content: "The form opens without a strip",
            trigger: ".o_form_view:not(:has([name=value_strip])) .o_form_sheet",
        },
        {
            content: "And without a Value tab",
            trigger: ".o_form_view .o_notebook:not(:has(a[name=customer_value]))",
        },
    ],
});
