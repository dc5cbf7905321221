"""The arithmetic of rhythm: properties, not examples."""

import doctest
from datetime import date, timedelta
from random import Random

from odoo.tests import BaseCase

from ..tools import rhythm


class TestRhythm(BaseCase):
    def setUp(self):
        super().setUp()
        seed = Random().randrange(10**6)
        self.random = Random(seed)
        self.enterContext(self.subTest(seed=seed))

    def days(self, longest=20):
        count = self.random.randint(1, longest)
        first = date(2019, 1, 1).toordinal()
        chosen = self.random.sample(range(first, first + 2000), count)
        return sorted(map(date.fromordinal, chosen))

    def test_examples(self):
        failed, tried = doctest.testmod(
            rhythm, extraglobs={"date": date}, raise_on_error=False
        )
        self.assertFalse(failed)
        self.assertGreaterEqual(tried, 5)

    def test_expected_lies_between_own_and_pooled(self):
        for __ in range(200):
            own = rhythm.intervals(self.days())
            pooled = self.random.uniform(1, 200)
            expected = rhythm.expected_interval(own, pooled)
            if not own:
                self.assertEqual(expected, pooled)
                continue
            mean = sum(own) / len(own)
            self.assertLessEqual(min(mean, pooled) - 1e-9, expected)
            self.assertLessEqual(expected, max(mean, pooled) + 1e-9)

    def test_more_is_known_the_more_the_own_mean_counts(self):
        distances = [
            abs(rhythm.expected_interval([10] * count, 100) - 10) for count in range(30)
        ]
        self.assertEqual(distances, sorted(distances, reverse=True))
        # two own intervals weigh as much as the population
        self.assertAlmostEqual(rhythm.expected_interval([10, 10], 100), 55)

    def test_unknown_is_unknown(self):
        self.assertIsNone(rhythm.expected_interval([], None))
        self.assertEqual(rhythm.expected_interval([10, 20], None), 15)
        self.assertEqual(rhythm.returns([date(2024, 1, 1)], 30), [])

    def test_a_return_is_judged_by_what_was_known_before(self):
        """Adding later purchases changes no judgement of an earlier return."""
        for __ in range(100):
            days = self.days()
            cut = self.random.randint(1, len(days))
            whole = rhythm.returns(days, 40)
            self.assertEqual(rhythm.returns(days[:cut], 40), whole[: cut - 1])

    def test_percentiles_ascend_and_split_the_population(self):
        population = [self.days() for __ in range(60)]
        measured = rhythm.measure_rhythm(population)
        values = list(measured.percentiles)
        self.assertEqual(values, sorted(values))
        ratios = [
            one.interval / one.expected
            for days in population
            for one in rhythm.returns(days, measured.pooled)
        ]
        for percent in (50, 80, 95):
            below = sum(r <= measured.percentile(percent) for r in ratios) / len(ratios)
            self.assertAlmostEqual(below, percent / 100, delta=1.5 / len(ratios) + 0.01)

    def test_few_intervals_have_the_percentiles_of_chance(self):
        measured = rhythm.measure_rhythm([[date(2024, 1, 1), date(2024, 1, 11)]])
        self.assertEqual(measured.pooled, 10)
        self.assertAlmostEqual(measured.percentile(95), 2.9957, places=4)
        self.assertIsNone(rhythm.measure_rhythm([[date(2024, 1, 1)]]).pooled)

    def test_late_from_is_the_first_late_day(self):
        for __ in range(200):
            last = self.days()[-1]
            expected = self.random.uniform(1, 100)
            ratio = self.random.uniform(0.1, 5)
            late = rhythm.late_from(last, expected, ratio)
            elapsed = (late - last).days
            self.assertGreaterEqual(elapsed, expected * ratio - 1e-6)
            self.assertLess(elapsed - 1, expected * ratio)
        # noise in the last digit moves nobody
        self.assertEqual(
            rhythm.late_from(date(2024, 2, 28), 30, 0.1),
            date(2024, 2, 28) + timedelta(days=3),
        )

    def test_rhythm_kept_falls_from_due_to_lost(self):
        kept = [rhythm.rhythm_kept(elapsed, 30, 3) for elapsed in range(0, 100, 5)]
        self.assertEqual(kept, sorted(kept, reverse=True))
        self.assertEqual((kept[0], kept[6], kept[-1]), (100, 100, 0))
        self.assertEqual(rhythm.rhythm_kept(31, 30, 1), 0)
