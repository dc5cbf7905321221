import {describe, expect, test} from "@odoo/hoot";

import {
    largestRemainder,
    roundHalfUp,
    scoreInTenths,
} from "@customer_value/fields/rounding";

describe.current.tags("headless");

const sum = (numbers) => numbers.reduce((before, number) => before + number, 0);

test("largest remainders keep the sum", () => {
    expect(largestRemainder([41.6, 9.6, 21.6])).toEqual([42, 9, 22]);
    expect(largestRemainder([0.5, 0.5])).toEqual([1, 0]);
    expect(largestRemainder([33.3, 33.3, 33.3], 100)).toEqual([34, 33, 33]);
    expect(largestRemainder([1, 2, 3], 5)).toEqual([1, 2, 2]);
    expect(largestRemainder([], 0)).toEqual([]);
});

test("whatever the values, they add up and stay within one of their own", () => {
    let seed = 42;
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
    for (let turn = 0; turn < 200; turn++) {
        const values = Array.from({length: 1 + Math.floor(random() * 12)}, () =>
            random() < 0.2 ? 0 : random() * 300
        );
        const rounded = largestRemainder(values);
        expect(sum(rounded)).toBe(roundHalfUp(sum(values)));
        rounded.forEach((shown, at) => {
            expect(Math.abs(shown - values[at])).toBeLessThan(1.000001);
        });
    }
});

test("one decimal never contradicts the integer beside it", () => {
    expect(scoreInTenths(72.8)).toBe(728);
    expect(scoreInTenths(72.46)).toBe(724); // 72.5 would be shown as 73
    expect(scoreInTenths(72.5)).toBe(725);
    expect(scoreInTenths(0)).toBe(0);
    expect(scoreInTenths(100)).toBe(1000);
    for (let hundredths = 0; hundredths <= 10000; hundredths++) {
        const score = hundredths / 100;
        const tenths = scoreInTenths(score);
        if (roundHalfUp(tenths / 10) !== roundHalfUp(score)) {
            expect(score).toBe("shown in tenths that round to another integer");
        }
    }
});
