import {registry} from "@web/core/registry";

const told = (kind) => `.o_value_told[data-kind="${kind}"]`;

registry.category("web_tour.tours").add("customer_value_timeline", {
    steps: () => [
        {
            content: "the last contact stands on the form",
            trigger: ".o_value_contact_last:contains('Meeting, Ana')",
        },
        {
            content: "how close we are, in words",
            trigger: ".o_value_contact_closeness:contains('Closeness')",
        },
        {
            content: "nothing is fetched before the tab is opened",
            trigger: "body:not(:has(.o_value_timeline))",
        },
        {
            content: "open the tab",
            trigger: "a[name='customer_timeline']",
            run: "click",
        },
        {trigger: told("order")},
        {
            content: "the oldest is on another page",
            trigger: `.o_value_timeline:not(:has(.o_value_told:contains("The first one")))`,
        },
        {
            content: "only talks",
            trigger: ".o_value_chip_talks",
            run: "click",
        },
        {trigger: `.o_value_timeline:not(:has(${told("order")})) ${told("meeting")}`},
        {
            content: "everything again",
            trigger: ".o_value_chip_talks[aria-pressed='true']",
            run: "click",
        },
        {trigger: told("order")},
        {
            content: "search",
            trigger: ".o_value_timeline_search",
            run: "edit The first",
        },
        {
            content: "found on whatever page",
            trigger: `.o_value_timeline:not(:has(${told("meeting")})) .o_value_told:contains("The first one")`,
        },
        {
            content: "search in vain",
            trigger: ".o_value_timeline_search",
            run: "edit Nothing like this",
        },
        {
            trigger:
                ".o_value_timeline .o_value_empty button:contains('Show everything')",
            run: "click",
        },
        {trigger: told("meeting")},
        {
            content: "scroll to the end",
            trigger: ".o_value_timeline_end",
            run: ({anchor}) => anchor.scrollIntoView(),
        },
        {
            content: "more comes",
            trigger: `.o_value_told:contains("The first one")`,
        },
        {
            content: "on a page of its own",
            trigger: "button[name='action_open_timeline']",
            run: "click",
        },
        {trigger: ".o_value_timeline_page .o_value_told"},
        {trigger: ".o_breadcrumb:contains('Timeline of Eta Works')"},
        {
            content: "open a document",
            trigger: `.o_value_timeline_page ${told("meeting")} .o_value_told_title`,
            run: "click",
        },
        {trigger: ".o_form_view .o_field_widget[name='partner_ids']"},
    ],
});
