import {registry} from "@web/core/registry";

/** The map by fingers, on a narrow screen, and taken along. */

const SIDE = ".o_map_side";
const CANVAS = ".o_map_canvas";
const cardOf = (name) => `.o_map_node[aria-label^="${name}"]`;
const faceOf = (name) => `${cardOf(name)} .o_map_card`;
const rowOf = (name) => `.o_map_row[aria-label^="${name}"]`;

const frame = () => new Promise(requestAnimationFrame);
const wait = (time) =>
    new Promise((resolve) => {
        setTimeout(resolve, time);
    });

function middleOf(selector) {
    const box = document.querySelector(selector).getBoundingClientRect();
    return {x: box.left + box.width / 2, y: box.top + box.height / 2};
}

/** Events of a finger, as a browser gives them. */
function finger(name, target, {x, y}, pointerId = 1) {
    target.dispatchEvent(
        new PointerEvent(name, {
            bubbles: true,
            cancelable: true,
            pointerType: "touch",
            isPrimary: pointerId === 1,
            pointerId,
            clientX: x,
            clientY: y,
        })
    );
}

/** A finger put down, held if asked, drawn to another place, and taken off. */
async function swipe(selector, to, held = 0) {
    const from = middleOf(selector);
    finger("pointerdown", document.querySelector(selector), from);
    if (held) {
        await wait(held);
    }
    for (const part of [0.1, 0.5, 1]) {
        const way = {x: (to.x - from.x) * part, y: (to.y - from.y) * part};
        finger("pointermove", window, {x: from.x + way.x, y: from.y + way.y});
        await frame();
    }
    finger("pointerup", window, to);
    await frame();
}

const tap = (selector) => swipe(selector, middleOf(selector));

async function pinchApart() {
    const {x, y} = middleOf(CANVAS);
    const ground = document.querySelector(CANVAS);
    finger("pointerdown", ground, {x: x - 40, y}, 1);
    finger("pointerdown", ground, {x: x + 40, y}, 2);
    for (const apart of [50, 60, 80]) {
        finger("pointermove", window, {x: x - apart, y}, 1);
        finger("pointermove", window, {x: x + apart, y}, 2);
        await frame();
    }
    finger("pointerup", window, {x: x - 80, y}, 1);
    finger("pointerup", window, {x: x + 80, y}, 2);
    await wait(200);
}

const zoomed = () => parseInt(document.querySelector(".o_map_fit").textContent, 10);

function check(isTrue, words) {
    if (!isTrue) {
        throw new Error(words);
    }
}

registry.category("web_tour.tours").add("customer_value_influence_map_touch", {
    steps: () => [
        {
            content: "One finger on the ground moves the map",
            trigger: `${CANVAS}:has(.o_map_node:count(3))`,
            async run({anchor}) {
                const before = middleOf(cardOf("Chen Hao"));
                const {left, top} = anchor.getBoundingClientRect();
                const ground = {x: left + 20, y: top + 300};
                finger("pointerdown", anchor, ground);
                finger("pointermove", window, {x: ground.x + 20, y: ground.y + 10});
                finger("pointermove", window, {x: ground.x + 90, y: ground.y + 60});
                finger("pointerup", window, {x: ground.x + 90, y: ground.y + 60});
                await frame();
                await frame();
                const after = middleOf(cardOf("Chen Hao"));
                check(Math.abs(after.x - before.x - 90) < 2, "not moved along");
                check(Math.abs(after.y - before.y - 60) < 2, "not moved down");
            },
        },
        {
            content: "On a card that is not chosen, too: it is not dragged by mistake",
            trigger: cardOf("Wang Li"),
            async run() {
                const before = middleOf(cardOf("Chen Hao"));
                await swipe(faceOf("Wang Li"), before);
                await frame();
                const after = middleOf(cardOf("Chen Hao"));
                check(Math.hypot(after.x - before.x, after.y - before.y) > 20, "still");
            },
        },
        {
            content: "Nobody reports to anybody",
            trigger: `${CANVAS}:not(:has(.o_map_line))`,
        },
        {
            content: "Two fingers zoom",
            trigger: CANVAS,
            async run() {
                const before = zoomed();
                await pinchApart();
                check(zoomed() > 1.5 * before, `${before} % to ${zoomed()} %`);
            },
        },
        {
            content: "Fit the whole map again",
            trigger: ".o_map_fit",
            run: "click",
        },
        {
            content: "Tap a person",
            trigger: `${CANVAS}:has(.o_map_node:count(3))`,
            async run() {
                await wait(200);
                await tap(faceOf("Wang Li"));
            },
        },
        {
            content: "The panel is open",
            trigger: `${SIDE} [data-panel]:contains(Wang Li)`,
        },
        {
            content: "Drag the chosen person onto another",
            trigger: `${cardOf("Wang Li")}.o_map_selected`,
            run: () => swipe(faceOf("Wang Li"), middleOf(cardOf("Chen Hao"))),
        },
        {
            content: "Who is the manager now",
            trigger: `${SIDE} #o_map_manager:has(option:selected:contains(Chen Hao))`,
        },
        {
            content: "A card that is held comes off the ground, whoever is chosen",
            trigger: `${CANVAS}:has(.o_map_line) ${cardOf("Liu Fang")}`,
            async run() {
                await wait(400);
                const from = middleOf(faceOf("Liu Fang"));
                finger("pointerdown", document.querySelector(faceOf("Liu Fang")), from);
                await wait(600);
                check(document.querySelector(".o_map_ghost"), "it is not lifted");
                finger("pointerup", window, from);
                await wait(400);
                check(!document.querySelector(".o_map_ghost"), "it is not put down");
            },
        },
        {
            content: "Put down again, it is only chosen",
            trigger: `${SIDE} [data-panel]:contains(Liu Fang)`,
        },
        {
            content: "Choose another",
            trigger: `${CANVAS}:has(${cardOf("Liu Fang")}.o_map_selected)`,
            run: () => tap(faceOf("Chen Hao")),
        },
        {
            content: "Hold, then drag",
            trigger: `${SIDE} [data-panel]:contains(Chen Hao)`,
            run: () => swipe(faceOf("Liu Fang"), middleOf(cardOf("Wang Li")), 600),
        },
        {
            content: "The second line is there",
            trigger: `${CANVAS}:has(.o_map_line:count(2))`,
            run: () => tap(faceOf("Liu Fang")),
        },
        {
            content: "Her dot can be seen",
            trigger: `${SIDE} [data-panel]:contains(Liu Fang)`,
            async run() {
                await wait(400);
                await swipe(
                    `${cardOf("Liu Fang")} .o_map_handle circle`,
                    middleOf(cardOf("Chen Hao"))
                );
            },
        },
        {
            content: "Influence is drawn by finger",
            trigger: `${CANVAS}:has(.o_map_curve_influences.o_map_selected)`,
        },
    ],
});

registry.category("web_tour.tours").add("customer_value_influence_map_list", {
    steps: () => [
        {
            content: "A narrow screen has a list, which tells of ties, too",
            trigger: `.o_map_list:not(:has(${CANVAS})) ${rowOf("Wang Li")}:contains(tied to Chen Hao)`,
            run: "click",
        },
        {
            content: "The panel lies over the list",
            trigger: `${SIDE}.o_map_side_open [data-panel]:contains(Wang Li) [data-stance=supporter]`,
            run: "click",
        },
        {
            content: "Whom does he report to?",
            trigger: `${SIDE} #o_map_manager`,
            run: "selectByLabel Chen Hao",
        },
        {
            content: "Back to the list",
            trigger: `${SIDE} [data-panel]:has(#o_map_manager option:selected:contains(Chen Hao)) .btn-close`,
            run: "click",
        },
        {
            content: "He stands below his manager",
            trigger: `.o_map_list li[style*="--o-map-depth: 1"] ${rowOf("Wang Li")}.o_stance_supporter`,
        },
        {
            content: "A line is drawn in the panel",
            trigger: rowOf("Liu Fang"),
            run: "click",
        },
        {
            content: "To whom",
            trigger: `${SIDE} [data-panel]:contains(Liu Fang) .o_map_new_line`,
            run: "selectByLabel Wang Li",
        },
        {
            content: "How strong",
            trigger: `${SIDE} [data-line-panel] [data-strength="4"]`,
            run: "click",
        },
        {
            content: "Close it",
            trigger: `${SIDE} [data-line-panel]:has([data-strength="4"].active) .btn-close`,
            run: "click",
        },
        {
            content: "The list tells so",
            trigger: `${rowOf("Liu Fang")}:contains(influences Wang Li)`,
        },
        {
            content: "Find somebody",
            trigger: ".o_map_search input",
            run: "edit chen hao",
        },
        {
            content: "He is marked",
            trigger: `${rowOf("Chen Hao")}.o_map_mark_found`,
        },
        {
            content: "Coverage and proposals stand below",
            trigger: `${SIDE} .o_map_proposal:contains(Zhou Qing) .o_map_accept`,
            run: "click",
        },
        {
            content: "A person more",
            trigger: rowOf("Zhou Qing"),
        },
        {
            content: "Nothing is wider than the screen",
            trigger: ".o_map_list",
            run() {
                const {scrollWidth, clientWidth} =
                    document.querySelector(".o_map_body");
                check(scrollWidth <= clientWidth, `${scrollWidth} > ${clientWidth}`);
            },
        },
    ],
});

registry.category("web_tour.tours").add("customer_value_influence_map_whole", {
    steps: () => [
        {
            content: "How we know stands at the line",
            trigger: `${CANVAS}:has(.o_map_curve_influences .o_map_curve_label)`,
        },
        {
            content: "Which lines are shown",
            trigger: ".o_map_kinds",
            run: "click",
        },
        {
            content: "No ties",
            trigger: ".o_map_kind_tie",
            run: "click",
        },
        {
            content: "Influence stays",
            trigger: `${CANVAS}:has(.o_map_curve_influences):not(:has(.o_map_curve_tie))`,
        },
        {
            content: "With ties again",
            trigger: ".o_map_kind_tie",
            run: "click",
        },
        {
            content: "They are back",
            trigger: `${CANVAS}:has(.o_map_curve_tie)`,
        },
        {
            content: "As in one of the deals",
            trigger: ".o_map_deals",
            run: "click",
        },
        {
            content: "The big one",
            trigger: ".o-dropdown-item:contains(Big deal)",
            run: "click",
        },
        {
            content: "There she is critical; who has no part in it steps back",
            trigger: `${CANVAS}:has(${cardOf("Liu Fang")}.o_stance_critical:not(.o_map_mark_dim)) ${cardOf("Chen Hao")}.o_map_mark_dim`,
        },
        {
            content: "As a picture",
            trigger: ".o_map_png",
            async run({anchor}) {
                const known = URL.createObjectURL;
                const saved = new Promise((resolve) => {
                    URL.createObjectURL = (blob) => {
                        if (blob.type === "image/png") {
                            resolve(blob);
                        }
                        return known.call(URL, blob);
                    };
                });
                anchor.click();
                const picture = await window.createImageBitmap(await saved);
                URL.createObjectURL = known;
                const {width, height} = picture;
                check(width > 600 && height > 200, `${width} x ${height}`);
                document.body.dataset.mapPicture = coloursOf(picture) > 20 ? "yes" : "";
            },
        },
        {
            content: "It is a picture of something",
            trigger: "body[data-map-picture=yes]",
        },
    ],
});

/** How many colours a picture has: an empty one has one. */
function coloursOf(picture) {
    const canvas = new window.OffscreenCanvas(picture.width, picture.height);
    const context = canvas.getContext("2d");
    context.drawImage(picture, 0, 0);
    const {data} = context.getImageData(0, 0, picture.width, picture.height);
    return new Set(new Uint32Array(data.buffer)).size;
}
