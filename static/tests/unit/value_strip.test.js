import {expect, test} from "@odoo/hoot";
import {click, queryAllTexts} from "@odoo/hoot-dom";

import {ValueBreakdown} from "@customer_value/fields/value_breakdown/value_breakdown";
import {ValueRing} from "@customer_value/fields/value_ring/value_ring";
import {ValueStrip} from "@customer_value/fields/value_strip/value_strip";
import {mountAlone, speakEnglish} from "./unit_helpers";

speakEnglish();

const STRIP = {
    score_id: 1,
    score: 73,
    computed_score: 73,
    is_overridden: false,
    is_flagged: false,
    tier: "Gold",
    tier_color: "#c58b1b",
    computed_tier: "Gold",
    segment: "Champions",
    advice: "Thank them",
    trend: "down",
    trend_points: 9,
    trend_days: 30,
    top_share: 8,
    next_tier: null,
    lower_tier: {name: "Silver", points: 4},
    realised: 42,
    potential: 9,
    reference: 22,
    evidence_count: 7,
    indicator_count: 8,
    model: "Key accounts",
    as_of: "2026-11-22",
};

function row(values) {
    return {
        id: values.code,
        indicator: values.code,
        description: "",
        window: "last 12 months",
        dimension: "Purchase",
        component: "realised",
        aggregate: "count",
        unit: "number",
        state: "measured",
        raw: 4,
        basis: null,
        points: 60,
        share: 50,
        contribution: 30,
        weight: 10,
        bands: [20, 60, 100],
        next: null,
        confidential: false,
        ...values,
    };
}

const ABSENT = {raw: null, points: null, share: null, contribution: null};

test("the strip says everything at one glance", async () => {
    await mountAlone(ValueStrip, {strip: STRIP});
    expect(".o_value_ring_number").toHaveText("73");
    expect(".o_value_tier").toHaveText("Gold");
    expect(".o_value_strip_hint:first").toHaveText("Top 8 % · 4 points above Silver");
    expect(".o_value_trend_down").toHaveText("▼Fell 9 in 30 days", {inline: true});
    expect(queryAllTexts(".o_value_part_points")).toEqual(["42", "9", "22"]);
    expect(".o_value_strip_bar .o_value_part_realised").toHaveStyle({
        width: /px/,
    });
    expect(".o_value_strip_evidence").toHaveText("7 of 8 indicators have evidence");
    expect(".o_value_strip_segment").toHaveText("Champions");
    expect(".o_value_strip").toHaveAttribute(
        "aria-label",
        /^Value score 73 of 100, Gold, Top 8 %/
    );
    expect(".o_value_strip_note").toHaveCount(0);
});

test("a strip set by a manager shows no trend, and what was computed", async () => {
    const strip = {...STRIP, is_overridden: true, computed_score: 61, is_flagged: true};
    await mountAlone(ValueStrip, {strip});
    expect(".o_value_strip_override").toHaveText("Set by a manager, computed 61");
    expect(".o_value_trend").toHaveCount(0);
    expect(".o_value_strip_note").toHaveText(/A source could not be read/);
});

test("the trend stays where a manager set the tier alone", async () => {
    const strip = {...STRIP, is_overridden: true, computed_tier: "Silver"};
    await mountAlone(ValueStrip, {strip});
    expect(".o_value_strip_override").toHaveText(
        "Tier set by a manager, computed Silver"
    );
    expect(".o_value_trend_down").toHaveCount(1);
});

test("the parts of a strip lead somewhere", async () => {
    const strip = {...STRIP, is_overridden: true, entity: "Huaxin Kitchens Ltd"};
    await mountAlone(ValueStrip, {strip, open: (part) => expect.step(part)});
    for (const part of [
        ".o_value_ring",
        ".o_value_tier",
        ".o_value_strip_override i",
        ".o_value_trend",
        ".o_value_strip_note button",
    ]) {
        await click(part);
    }
    expect.verifySteps(["score", "tier", "override", "why", "entity"]);
});

test("a strip that is only tried out leads nowhere", async () => {
    await mountAlone(ValueStrip, {strip: STRIP});
    expect(".o_value_strip button").toHaveCount(0);
});

test("the compact strip keeps to the essential", async () => {
    const strip = {...STRIP, entity: "Huaxin Kitchens Ltd"};
    await mountAlone(ValueStrip, {strip, compact: true});
    expect(queryAllTexts(".o_value_part_points")).toEqual(["42", "9", "22"]);
    expect(".o_value_strip_evidence").toHaveCount(0);
    expect(".o_value_strip_segment").toHaveCount(0);
    expect(".o_value_strip_hint").toHaveText("Top 8 %");
    expect(".o_value_strip_note").toHaveText("Score of Huaxin Kitchens Ltd");
});

test("a ring of zero has no arc, one of a hundred is closed", async () => {
    await mountAlone(ValueRing, {score: 0});
    expect(".o_value_ring_arc").toHaveCount(0);
    await mountAlone(ValueRing, {score: 100, color: "#123456"});
    expect(".o_value_ring_arc").toHaveAttribute("stroke-dasharray", "219.9 219.9");
});

test("three absences look like three things, and the sums are shown", async () => {
    const breakdown = {
        strip: {...STRIP, score: 68, computed_score: 68},
        currency_id: false,
        rows: [
            row({code: "orders"}),
            row({code: "old", state: "carried", contribution: 12.3}),
            row({code: "unweighted", weight: 0, share: 0, contribution: 0}),
            row({code: "events", state: "none", ...ABSENT}),
            row({
                code: "fleet",
                state: "unavailable",
                unavailable_reason: "Needs the module Fleet.",
                ...ABSENT,
            }),
            {id: 0, state: "confidential", count: 2, share: 20, contribution: 25.4},
        ],
    };
    await mountAlone(ValueBreakdown, {breakdown});
    expect(".o_value_total .o_value_adds").toHaveText("67.7");
    expect(".o_value_total .o_value_next").toHaveText("shown as 68");
    expect("[data-code=old]").toHaveClass("o_value_line_carried");
    expect("[data-code=old] .o_value_hint").toHaveText(/last good figure/);
    expect("[data-code=events]").toHaveClass("o_value_line_none");
    expect("[data-code=events] .o_value_absence").toHaveText(/not held against them/);
    expect("[data-code=events] .o_value_adds").toHaveText("–");
    expect("[data-code=fleet] .o_value_absence").toHaveText("Needs the module Fleet.");
    expect("[data-code=unweighted] .o_value_next").toHaveText("not part of the score");
    expect(".o_value_line_confidential").toHaveText(/2 confidential measures/);
    expect(".o_value_line_confidential .o_value_adds").toHaveText("25.4");
});
