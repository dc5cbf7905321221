import {registry} from "@web/core/registry";

const TAB = ".o_loyalty";

registry.category("web_tour.tours").add("customer_value_loyalty", {
    steps: () => [
        {
            content: "Open the Loyalty tab",
            trigger: ".o_notebook a[name=customer_loyalty]",
            run: "click",
        },
        {
            content: "The present stage stands above",
            trigger: `${TAB} .o_loyalty_head .o_value_tier:contains("At risk")`,
        },
        {
            content: "What is not known is drawn as not known",
            trigger: `${TAB} .o_loyalty_index:contains("Attitude"):contains("unknown") .o_loyalty_unknown`,
        },
        {
            content: "A span for each stage, the present one told in words",
            trigger: `${TAB} .o_loyalty_span:count(2)`,
        },
        {
            content: "Why it is so",
            trigger: `${TAB} .o_loyalty_told_words:contains("At risk since"):contains("80 of 100 come back within")`,
        },
        {
            content: "The score is drawn above the stages",
            trigger: `${TAB} .o_loyalty_score svg`,
        },
        {
            content: "Ask about the stage before",
            trigger: `${TAB} .o_loyalty_span:contains("Repeat")`,
            run: "click",
        },
        {
            content: "It is told instead",
            trigger: `${TAB} .o_loyalty_told_words:contains("Repeat"):contains("Bought on 2 days since")`,
        },
        {
            content: "Open all steps",
            trigger: "button[name=action_open_loyalty_history]",
            run: "click",
        },
        {
            content: "Each with its evidence",
            trigger:
                '.o_list_view .o_data_row:contains("At risk"):contains("expected every")',
        },
        {
            content: "And the first one",
            trigger:
                '.o_list_view .o_data_row:contains("Repeat"):contains("Bought on")',
        },
    ],
});
