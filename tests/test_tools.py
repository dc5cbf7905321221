"""Properties of the plain arithmetic in ``tools/``, over random numbers."""

import math
import re
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from zoneinfo import ZoneInfo

from odoo.tests import BaseCase, tagged

from ..tools.change import Effect, Standing, decompose
from ..tools.qr import QUIET, qr_svg
from ..tools.rounding import largest_remainder, round_half_up
from ..tools.scale import interpolated_points, next_better_band, step_points
from ..tools.window import start_of_day_utc, window_ending


@tagged("post_install", "-at_install")
class TestRounding(BaseCase):
    def test_largest_remainder(self):
        draw = Random(5)
        for __ in range(2000):
            values = [draw.uniform(-40, 60) for __ in range(draw.randrange(1, 9))]
            if draw.random() < 0.3:
                values = [math.floor(value * 2) / 2 for value in values]
            shown = largest_remainder(values)
            self.assertEqual(sum(shown), round_half_up(sum(values)), values)
            for value, integer in zip(values, shown, strict=True):
                self.assertLessEqual(abs(value - integer), 1, values)
            self.assertEqual(largest_remainder([float(one) for one in shown]), shown)

    def test_given_total(self):
        draw = Random(6)
        for __ in range(500):
            values = [draw.uniform(0, 30) for __ in range(3)]
            total = round_half_up(sum(values)) + draw.randrange(-4, 5)
            self.assertEqual(sum(largest_remainder(values, total)), total)
        self.assertEqual(largest_remainder([]), [])
        self.assertEqual(largest_remainder([0.5, 0.5], 1), [1, 0])

    def test_half_up(self):
        for value, shown in ((72.5, 73), (72.49, 72), (0.5, 1), (-0.5, 0), (-1.5, -1)):
            self.assertEqual(round_half_up(value), shown)


@tagged("post_install", "-at_install")
class TestScale(BaseCase):
    def _scales(self):
        draw = Random(7)
        for __ in range(400):
            count = draw.randrange(1, 7)
            edges = sorted(draw.sample(range(-20, 100), count))
            points = [draw.randrange(0, 101) for __ in range(count)]
            shape = draw.choice(["rising", "falling", "any"])
            if shape != "any":
                points.sort(reverse=shape == "falling")
            yield draw, list(zip(edges, points, strict=True))

    def test_steps_and_lines(self):
        for draw, scale in self._scales():
            for edge, points in scale:
                self.assertEqual(step_points(edge, scale), points, "edge inclusive")
                self.assertAlmostEqual(interpolated_points(edge, scale), points)
            self.assertEqual(step_points(scale[0][0] - 0.001, scale), 0)
            self.assertEqual(interpolated_points(scale[0][0] - 9, scale), scale[0][1])
            self.assertEqual(interpolated_points(scale[-1][0] + 9, scale), scale[-1][1])
            gained = [points for __, points in scale]
            value = draw.uniform(-30, 110)
            self.assertIn(step_points(value, scale), [0, *gained])
            line = interpolated_points(value, scale)
            self.assertTrue(min(gained) <= line <= max(gained))

    def test_next_better_band(self):
        """Following the advice brings the points it promises, and no band is nearer."""
        for draw, scale in self._scales():
            value = draw.uniform(-30, 110)
            now = step_points(value, scale)
            advice = next_better_band(value, now, scale)
            if advice is None:
                better = [points for edge, points in scale if points > now]
                # a better band below the first reachable edge may still be there
                self.assertFalse(better, scale)
                continue
            target = advice.threshold
            self.assertAlmostEqual(value + advice.distance, target)
            if advice.distance <= 0:
                target -= 1e-6  # has to drop below the edge
            self.assertEqual(step_points(target, scale), advice.points)
            self.assertGreater(advice.points, now)
            for nearer in range(1, 100):
                for side in (-1, 1):
                    shift = side * abs(advice.distance) * nearer / 100
                    self.assertLessEqual(step_points(value + shift, scale), now)

    def test_none_at_the_top(self):
        self.assertIsNone(next_better_band(50, 100, [(0, 10), (50, 100)]))
        self.assertIsNone(next_better_band(5, 100, [(0, 100), (30, 10)]))


@tagged("post_install", "-at_install")
class TestWindow(BaseCase):
    def test_windows_are_contiguous(self):
        draw = Random(8)
        for __ in range(3000):
            day = date(2020, 1, 1) + timedelta(days=draw.randrange(0, 3000))
            unit = draw.choice(["day", "month", "year"])
            number = draw.randrange(1, 25)
            later = window_ending(day, number, unit)
            self.assertEqual(later.last, day)
            self.assertLessEqual(later.first, later.last)
            for shift in range(1, 4):
                earlier = window_ending(day, number, unit, shift)
                self.assertEqual(
                    earlier.last + timedelta(days=1), later.first, (day, number, unit)
                )
                later = earlier

    def test_month_ends(self):
        for end, first in (
            (date(2026, 3, 31), date(2026, 3, 1)),
            (date(2026, 2, 28), date(2026, 1, 29)),
            (date(2024, 2, 29), date(2024, 1, 30)),
            (date(2026, 7, 15), date(2026, 6, 16)),
        ):
            self.assertEqual(window_ending(end, 1, "month").first, first)
        self.assertEqual(
            window_ending(date(2024, 2, 29), 1, "year").first, date(2023, 3, 1)
        )
        self.assertIsNone(window_ending(date(2026, 1, 1), 0, "day", 3).first)

    def test_days_begin_where_the_company_is(self):
        """Every instant lies in exactly one day, also when clocks change."""
        for tz in ("Pacific/Auckland", "America/Los_Angeles", "Africa/Cairo", "UTC"):
            zone = ZoneInfo(tz)
            day = date(2025, 1, 1)
            before = start_of_day_utc(day, tz)
            for __ in range(400):
                day += timedelta(days=1)
                begins = start_of_day_utc(day, tz)
                self.assertIn(
                    begins - before, [timedelta(hours=h) for h in (23, 24, 25)]
                )
                there = begins.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
                self.assertEqual(there.date(), day)
                utc = begins.replace(tzinfo=ZoneInfo("UTC")) - timedelta(seconds=1)
                self.assertEqual(utc.astimezone(zone).date(), day - timedelta(days=1))
                before = begins


@tagged("post_install", "-at_install")
class TestChange(BaseCase):
    """An account of a change is exact, whatever happened in between."""

    def standing(self, draw):
        keys = draw.sample(range(6), draw.randrange(0, 7))
        return Standing(
            {key: Fraction(draw.randrange(1, 30)) for key in keys},
            {key: Fraction(draw.randrange(0, 1001), 10) for key in keys},
        )

    def test_effects_add_up_to_the_change(self):
        draw = Random(11)
        for __ in range(3000):
            before, after = self.standing(draw), self.standing(draw)
            effects = decompose(before, after)
            change = sum(effect.points + effect.share for effect in effects.values())
            self.assertEqual(change, after.score - before.score, (before, after))

    def test_the_score_is_the_weighted_mean(self):
        self.assertEqual(Standing({1: 3, 2: 1}, {1: 80, 2: 40}).score, 70)
        self.assertEqual(Standing({}, {}).score, 0)

    def test_points_alone(self):
        """With the same evidence and weights an effect is share times points."""
        before = Standing({1: 3, 2: 1}, {1: 80, 2: 40})
        after = Standing({1: 3, 2: 1}, {1: 60, 2: 50})
        self.assertEqual(
            decompose(before, after), {1: Effect(-15, 0), 2: Effect(2.5, 0)}
        )

    def test_evidence_that_appears(self):
        """An indicator better than the score raises it by its share, and so do those
        below it that now weigh less."""
        before = Standing({1: 1}, {1: 40})
        after = Standing({1: 1, 2: 1}, {1: 40, 2: 100})
        effects = decompose(before, after)
        self.assertEqual(effects[2].points, 0)
        self.assertGreater(effects[2].share, 0)
        self.assertEqual(effects[1].points, 0)
        self.assertEqual(effects[1].share + effects[2].share, 30)

    def test_the_other_way_round_is_the_opposite(self):
        draw = Random(12)
        for __ in range(300):
            before, after = self.standing(draw), self.standing(draw)
            forth, back = decompose(before, after), decompose(after, before)
            for key, effect in forth.items():
                self.assertEqual(effect.points, -back[key].points)
                self.assertEqual(effect.share, -back[key].share)


@tagged("post_install", "-at_install")
class TestQr(BaseCase):
    def dark(self, picture):
        """The dark modules of a picture, and how many it is wide."""
        size = int(re.search(r'viewBox="0 0 (\d+) ', picture)[1])
        found = re.findall(r"M(\d+) (\d+)h1v1h-1z", picture)
        modules = [(int(x), int(y)) for x, y in found]
        self.assertEqual(len(modules), len(set(modules)), "none is drawn twice")
        return set(modules), size

    def test_what_every_reader_looks_for(self):
        """Quiet ground on all sides and the three eyes, whatever the text."""
        draw = Random(7)
        eye = {
            (x, y)
            for x in range(7)
            for y in range(7)
            if max(abs(x - 3), abs(y - 3)) in (0, 1, 3)
        }
        for length in (1, 20, 40, 90, 200):
            text = "".join(draw.choices('abcXYZ019-_/.:?=&<"', k=length))
            dark, size = self.dark(qr_svg(text))
            self.assertEqual(min(min(one) for one in dark), QUIET)
            self.assertEqual(max(max(one) for one in dark), size - QUIET - 1)
            far = size - QUIET - 7
            for left, top in ((QUIET, QUIET), (far, QUIET), (QUIET, far)):
                seen = {
                    (x - left, y - top)
                    for x, y in dark
                    if 0 <= x - left < 7 and 0 <= y - top < 7
                }
                self.assertEqual(seen, eye)
            self.assertNotEqual(qr_svg(text), qr_svg(text + "1"))
