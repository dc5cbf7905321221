import {expect, test} from "@odoo/hoot";
import {keyDown, press, queryFirst} from "@odoo/hoot-dom";
import {animationFrame} from "@odoo/hoot-mock";

import {Sparkline} from "@customer_value/why/sparkline/sparkline";
import {mountAlone, speakEnglish} from "./unit_helpers";

speakEnglish();

const COURSE = [
    {date: "2026-01-31", score: 40, tier: "Silver", is_replayed: false},
    {date: "2026-02-28", score: 50, tier: "Silver", is_replayed: false},
    {date: "2026-03-31", score: 62, tier: "Gold", is_replayed: false},
];

const plot = () => queryFirst(".o_value_sparkline_plot");
const spoken = () => plot().getAttribute("aria-valuetext");

async function type(...keys) {
    for (const key of keys) {
        await press(key);
        await animationFrame();
    }
}

test("two days are chosen by the keyboard", async () => {
    await mountAlone(Sparkline, {
        course: COURSE,
        compare: (one, other) => expect.step(`${one} and ${other}`),
    });
    expect(plot()).toHaveAttribute("role", "slider");
    plot().focus();
    await animationFrame();
    expect(spoken()).toBe("Mar 31, 2026: 62, Gold");
    await type("ArrowRight");
    expect(spoken()).toBe("Mar 31, 2026: 62, Gold", {message: "the last stays last"});
    await type("ArrowLeft", "Enter");
    expect("figcaption").toHaveText(/Feb 28, 2026 is chosen/);
    await type("Home", " ");
    expect.verifySteps(["2026-02-28 and 2026-01-31"]);
    await type("Enter", "Escape", "End", "Enter");
    expect.verifySteps([], {message: "Escape took the first day back"});
    expect("figcaption").toHaveText(/Mar 31, 2026 is chosen/);
});

test("other keys are left to the page", async () => {
    await mountAlone(Sparkline, {
        course: COURSE,
        compare: () => expect.step("compared"),
    });
    plot().focus();
    const {defaultPrevented} = (await keyDown("Tab"))[0] ?? {};
    expect(Boolean(defaultPrevented)).toBe(false);
    expect(".o_value_sparkline_picked").toHaveCount(0);
    expect.verifySteps([]);
});

test("what cannot be compared takes no focus", async () => {
    await mountAlone(Sparkline, {course: COURSE});
    expect(plot()).not.toHaveAttribute("tabindex");
    expect(plot()).not.toHaveAttribute("role");
});
