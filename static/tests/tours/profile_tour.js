import {registry} from "@web/core/registry";

const QUESTION = ".o_value_profile_question:contains(Who belongs to the household)";

registry.category("web_tour.tours").add("customer_value_profile_answer", {
    steps: () => [
        {trigger: "a[name=customer_profile]", run: "click"},
        {trigger: `${QUESTION} input`, run: "edit Two children"},
        {trigger: `${QUESTION} input`, run: "press Enter"},
        {trigger: `.o_value_profile:not(:has(${QUESTION}))`},
        {
            trigger: "[name=value_profile_fact_ids] .o_data_row:contains(Two children)",
        },
    ],
});
