import {expect, test} from "@odoo/hoot";
import {mockTimeZone} from "@odoo/hoot-mock";
import {
    appended,
    byMonth,
    daysOf,
    isNarrowed,
    toggled,
} from "@customer_value/timeline/timeline_layout";

const {DateTime} = luxon;

const entry = (key, moment) => ({key, moment});

test("entries come by month, in their order", () => {
    mockTimeZone(0);
    const months = byMonth([
        entry("a", "2026-03-02 10:00:00"),
        entry("b", "2026-03-01 00:00:00"),
        entry("c", "2026-02-28 23:59:59"),
        entry("d", "2025-03-01 00:00:00"),
    ]);
    expect(months.map((month) => month.key)).toEqual(["2026-03", "2026-02", "2025-03"]);
    expect(months[0].entries.map((one) => one.key)).toEqual(["a", "b"]);
    expect(months[0].start.toISODate()).toBe("2026-03-01");
    expect(byMonth([])).toEqual([]);
});

test("a month is one of the reader's own clock", () => {
    mockTimeZone(2);
    expect(byMonth([entry("a", "2026-02-28 23:00:00")])[0].key).toBe("2026-03");
});

test("periods end today", () => {
    const today = DateTime.fromISO("2026-11-22");
    expect(daysOf("month", today)).toEqual({start: "2026-10-23", end: null});
    expect(daysOf("quarter", today)).toEqual({start: "2026-08-23", end: null});
    expect(daysOf("year", today)).toEqual({start: "2025-11-23", end: null});
    expect(daysOf("", today)).toEqual({start: null, end: null});
});

test("what narrows", () => {
    const everything = {groups: [], text: "", start: null, end: null, alone: false};
    expect(isNarrowed(everything)).toBe(false);
    for (const change of [
        {groups: ["sales"]},
        {text: "x"},
        {start: "2026-01-01"},
        {end: "2026-01-01"},
        {alone: true},
    ]) {
        expect(isNarrowed({...everything, ...change})).toBe(true);
    }
});

test("chips are chosen one by one", () => {
    expect(toggled([], "sales")).toEqual(["sales"]);
    expect(toggled(["sales"], "talks")).toEqual(["sales", "talks"]);
    expect(toggled(["sales", "talks"], "sales")).toEqual(["talks"]);
});

test("a page never repeats an entry", () => {
    const known = [entry("a", ""), entry("b", "")];
    const keys = appended(known, [entry("b", ""), entry("c", "")]).map(
        (one) => one.key
    );
    expect(keys).toEqual(["a", "b", "c"]);
});
