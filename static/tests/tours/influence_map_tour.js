import {registry} from "@web/core/registry";

const SIDE = ".o_map_side";
const cardOf = (name) => `.o_map_node[aria-label^="${name}"]`;

function middleOf(selector) {
    const {left, top, width, height} = document
        .querySelector(selector)
        .getBoundingClientRect();
    return {clientX: left + width / 2, clientY: top + height / 2};
}

/** From one place to another with the button down, as a hand does it. */
async function drag(from, to) {
    const send = (name, target, place) =>
        target.dispatchEvent(
            new PointerEvent(name, {bubbles: true, pointerId: 1, ...place})
        );
    const [start, end] = [middleOf(from), middleOf(to)];
    send("pointerdown", document.querySelector(from), start);
    for (const part of [0.2, 0.6, 1]) {
        send("pointermove", window, {
            clientX: start.clientX + (end.clientX - start.clientX) * part,
            clientY: start.clientY + (end.clientY - start.clientY) * part,
        });
        await new Promise(requestAnimationFrame);
    }
    send("pointerup", window, end);
}

const dragTo = (from, to, content) => ({
    content,
    trigger: from,
    async run() {
        await drag(from, to);
    },
});

const press = (name) => ({
    content: `Choose ${name}`,
    trigger: `${cardOf(name)} .o_map_card`,
    async run() {
        await drag(`${cardOf(name)} .o_map_card`, `${cardOf(name)} .o_map_card`);
    },
});

registry.category("web_tour.tours").add("customer_value_influence_map", {
    steps: () => [
        {
            content: "Nobody is on the map, and it says what to do",
            trigger: ".o_map_empty:contains(Nobody on the map yet)",
        },
        {
            content: "See all who are proposed",
            trigger: `${SIDE} .o_map_unfold`,
            run: "click",
        },
        {
            content: "Dismiss who has no say",
            trigger: `${SIDE} .o_map_proposal:contains(Olga Odd) .o_map_dismiss`,
            run: "click",
        },
        {
            content: "She is not proposed any more",
            trigger: `${SIDE}:not(:contains(Olga Odd)) .o_map_proposal`,
        },
        {
            content: "Accept one person",
            trigger: `${SIDE} .o_map_proposal:contains(Chen Hao) .o_map_accept`,
            run: "click",
        },
        {
            content: "He stands on the map, what is not known is unknown",
            trigger: `.o_map_canvas:has(${cardOf("Chen Hao")}.o_stance_unknown .o_map_ring_ask)`,
        },
        {
            content: "Accept the other people",
            trigger: `${SIDE} .o_map_accept_all`,
            run: "click",
        },
        {
            content: "Eight people stand on it",
            trigger: ".o_map_canvas:has(.o_map_node:count(8))",
        },
        {
            content: "Somebody without title reports to nobody yet",
            trigger: `${cardOf("Sun Yan")}`,
        },
        dragTo(
            `${cardOf("Sun Yan")} .o_map_card`,
            `${cardOf("Wang Li")} .o_map_card`,
            "Drag a person onto another to set the manager"
        ),
        press("Sun Yan"),
        {
            content: "The reporting line is drawn",
            trigger: `${SIDE} #o_map_manager:has(option:selected:contains(Wang Li))`,
        },
        {
            content: "Undo by keyboard",
            trigger: ".o_map_canvas",
            run: () => hotkey("z", {ctrlKey: true}),
        },
        {
            content: "She reports to nobody again",
            trigger: `${SIDE} #o_map_manager:has(option[value=""]:selected)`,
        },
        {
            content: "Redo",
            trigger: ".o_map_toolbar .o_map_redo:enabled",
            run: "click",
        },
        {
            content: "And to him again",
            trigger: `${SIDE} #o_map_manager:has(option:selected:contains(Wang Li))`,
        },
        press("Wang Li"),
        {
            content: "He is for us",
            trigger: `${SIDE} [data-panel]:contains(Wang Li) [data-stance=supporter]`,
            run: "click",
        },
        {
            content: "A supporter has his shape",
            trigger: `${cardOf("Wang Li")}.o_stance_supporter .o_stance_full`,
        },
        {
            content: "We are close to him",
            trigger: `${SIDE} #o_map_closeness`,
            run: "select 3",
        },
        {
            content: "The ring is full",
            trigger: `${cardOf("Wang Li")} .o_map_ring_reached:count(3)`,
        },
        {
            content: "One of us looks after him",
            trigger: `${SIDE} #o_map_owner`,
            run: "selectByLabel Map Seller",
        },
        {
            content: "Whose avatar stands on the card",
            trigger: `${cardOf("Wang Li")} .o_map_owner`,
        },
        dragTo(
            `${cardOf("Wang Li")} .o_map_handle`,
            `${cardOf("Chen Hao")} .o_map_card`,
            "Drag the dot on the edge to draw influence"
        ),
        {
            content: "The line is there, its panel open",
            trigger:
                ".o_map_canvas:has(.o_map_curve_influences.o_map_selected .o_map_curve_head)",
        },
        {
            content: "It is a strong one",
            trigger: `${SIDE} [data-line-panel] [data-strength="5"]`,
            run: "click",
        },
        {
            content: "So it is wide",
            trigger:
                '.o_map_canvas:has(.o_map_curve_influences[style*="--o-map-width: 5px"])',
        },
        press("Liu Fang"),
        {
            content: "She is against us",
            trigger: `${SIDE} [data-panel]:contains(Liu Fang) [data-stance=opponent]`,
            run: "click",
        },
        {
            content: "She has another shape and colour",
            trigger: `${cardOf("Liu Fang")}.o_stance_opponent`,
        },
        {
            content: "Close the panel to see the whole",
            trigger: `${SIDE} .btn-close`,
            run: "click",
        },
        {
            content: "The account is not covered: the decider is not for us",
            trigger: `${SIDE} .o_map_coverage:not([data-colour=green])`,
        },
        {
            content: "A gap leads to who it is about",
            trigger: `${SIDE} .o_map_gap[data-gap=decider_untouched]`,
            run: "click",
        },
        {
            content: "He is marked",
            trigger: `${cardOf("Chen Hao")}.o_map_mark_gap`,
        },
        press("Chen Hao"),
        {
            content: "The way in leads over who knows him",
            trigger: `${SIDE} .o_map_ways .o_map_way:contains("Map Seller → Wang Li → Chen Hao")`,
            run: "click",
        },
        {
            content: "It is set apart on the map",
            trigger: `.o_map_canvas:has(${cardOf("Chen Hao")}.o_map_mark_path) ${cardOf("Wang Li")}.o_map_mark_path`,
        },
        {
            content: "What if he left",
            trigger: `${SIDE} .o_map_what_if button`,
            run: "click",
        },
        {
            content: "The others would hold more",
            trigger: `${SIDE} .o_map_preview:contains("→")`,
        },
        {
            content: "Now he is won",
            trigger: `${SIDE} [data-panel] [data-stance=supporter]`,
            run: "click",
        },
        {
            content: "His card says so",
            trigger: `${cardOf("Chen Hao")}.o_stance_supporter`,
        },
        {
            content: "And he decides",
            trigger: `${SIDE} [data-panel] [data-power="5"]`,
            run: "click",
        },
        {
            content: "Which makes his card large",
            trigger: `${cardOf("Chen Hao")}:not(.o_map_powerless) .o_map_power_full:count(5)`,
        },
        {
            content: "Escape closes what is shown, then the panel",
            trigger: `${SIDE} [data-panel]`,
            run() {
                hotkey("Escape");
                hotkey("Escape");
            },
        },
        {
            content: "Coverage has turned",
            trigger: `${SIDE} .o_map_coverage[data-colour=green]`,
        },
        {
            content: "Find somebody",
            trigger: ".o_map_search input",
            run: "edit liu fang",
        },
        {
            content: "She is marked, the others step back",
            trigger: `.o_map_canvas:has(${cardOf("Liu Fang")}.o_map_mark_found) ${cardOf("Chen Hao")}.o_map_mark_dim`,
        },
        {
            content: "Print it",
            trigger: ".o_map_print",
            run({anchor}) {
                window.print = () => {
                    document.body.dataset.mapPrinted = "yes";
                };
                anchor.click();
            },
        },
        {
            content: "It went to the printer",
            trigger: "body[data-map-printed=yes]",
        },
    ],
});

registry.category("web_tour.tours").add("customer_value_influence_map_keys", {
    steps: () => [
        {
            content: "Two people",
            trigger: ".o_map_canvas:has(.o_map_node:count(2))",
            run: () => hotkey("ArrowDown"),
        },
        {
            content: "The first has the focus",
            trigger: `${cardOf("Chen Hao")}:focus`,
            run: () => hotkey("ArrowRight"),
        },
        {
            content: "An arrow leads to the next",
            trigger: `${cardOf("Wang Li")}:focus`,
            run: () => hotkey("m"),
        },
        {
            content: "M asks for the manager",
            trigger: ".o_map_picking:contains(Wang Li)",
            run: () => hotkey("ArrowLeft"),
        },
        {
            content: "Who is chosen with the arrows",
            trigger: `${cardOf("Chen Hao")}:focus`,
            run: () => hotkey("Enter"),
        },
        {
            content: "The line is drawn",
            trigger: ".o_map_canvas:has(.o_map_line)",
            run: () => hotkey("i"),
        },
        {
            content: "I asks whom he influences",
            trigger: ".o_map_picking:contains(Chen Hao)",
            run: () => hotkey("ArrowDown"),
        },
        {
            content: "Down leads to who reports",
            trigger: `${cardOf("Wang Li")}:focus`,
            run: () => hotkey("Enter"),
        },
        {
            content: "Influence is drawn",
            trigger: ".o_map_canvas:has(.o_map_curve_influences.o_map_selected)",
            run: () => hotkey("Delete"),
        },
        {
            content: "And removed",
            trigger: ".o_map_canvas:not(:has(.o_map_curve))",
            run: () => hotkey("z", {ctrlKey: true}),
        },
        {
            content: "And there again",
            trigger: ".o_map_canvas:has(.o_map_curve_influences)",
            run: () => hotkey("z", {ctrlKey: true}),
        },
        {
            content: "Undone, too",
            trigger: ".o_map_canvas:has(.o_map_line):not(:has(.o_map_curve))",
            run: () => hotkey("Enter"),
        },
        {
            content: "Enter edits",
            trigger: `${SIDE} [data-panel]:contains(Wang Li)`,
            run: () => hotkey("Delete"),
        },
        {
            content: "Delete takes off the map",
            trigger: ".o_map_canvas:has(.o_map_node:count(1))",
        },
    ],
});

registry.category("web_tour.tours").add("customer_value_influence_map_outside", {
    steps: () => [
        {
            content: "That there is a map, and whom to ask",
            trigger: ".o_map_gate_confidential:contains(Map Works)",
        },
        {
            content: "Nothing of it",
            trigger: "body:not(:has(.o_map_node)):not(:contains(Chen Hao))",
        },
    ],
});

function hotkey(key, options = {}) {
    const {activeElement} = document;
    const isHere = activeElement?.closest(".o_influence_map");
    const target = isHere ? activeElement : document.body;
    target.dispatchEvent(
        new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true, ...options})
    );
}
