"""Days that are not like others: clocks put forward and back, leap days, month ends.

An order's local day is reckoned here with nothing but the standard library.
"""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from odoo.tests import tagged

from ..models.scoring_plan import EVERYBODY
from .history_common import HistoryCommon

DAY = timedelta(days=1)

CHANGES = {
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "Pacific/Auckland": ("2026-04-05", "2026-09-27"),
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),
}
"""Days on which clocks are put forward or back; the last one by half an hour."""


def around(day, tz):
    """Instants in UTC, every half hour from two days before a day to two after."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(tz))
    middle = noon.astimezone(timezone.utc).replace(tzinfo=None)
    return [middle + timedelta(minutes=30 * at) for at in range(-120, 121)]


def local_day(instant, tz):
    return instant.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(tz)).date()


@tagged("post_install", "-at_install")
class TestCalendar(HistoryCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model.action_retire()
        common = {"source": "sales", "aggregate": "count", "scale": "interpolated"}
        cls.windows = {
            "day": (1, "day"),
            "month": (1, "month"),
            "year": (1, "year"),
            "leap_year": (4, "year"),
        }
        cls.model = cls.make_model(
            [
                {**common, "code": code, "window": window, "bands": ((0, 0), (99, 99))}
                for code, window in cls.windows.items()
            ],
            partners=cls.partner,
            recalibration="never",
        )

    def order_at(self, instants):
        """Confirmed orders of 1, at instants in UTC."""
        return [self.make_order(self.partner, [(1, 1)], when=at) for at in instants]

    def counted(self, as_of):
        """``{window: number of orders}`` as the engine finds them."""
        result = self.results(self.model, self.partner, as_of)[self.partner.id]
        return {
            indicator.code: int(self.measure(result, indicator)[0] or 0)
            for indicator in self.model.indicator_ids
        }

    def test_a_day_of_23_or_25_hours_is_a_day(self):
        """Each order counts on the day that its customer's calendar showed."""
        for tz, changes in CHANGES.items():
            self.company.value_tz = tz
            for change in map(date.fromisoformat, changes):
                with self.subTest(tz=tz, change=change), self.env.cr.savepoint() as sp:
                    instants = around(change, tz)[::5]
                    self.order_at(instants)
                    days = [local_day(instant, tz) for instant in instants]
                    for offset in (-2, -1, 0, 1, 2):
                        day = change + offset * DAY
                        self.assertEqual(self.counted(day)["day"], days.count(day), day)
                    sp.rollback()

    def test_windows_around_a_leap_day(self):
        """A month and a year that end on the day; the first day is inside, the day
        before it is not."""
        self.company.value_tz = "Europe/Berlin"
        firsts = {
            date(2028, 2, 28): (date(2028, 1, 29), date(2027, 3, 1)),
            date(2028, 2, 29): (date(2028, 1, 30), date(2027, 3, 1)),
            date(2028, 3, 1): (date(2028, 2, 2), date(2027, 3, 2)),
            date(2029, 2, 28): (date(2029, 1, 29), date(2028, 2, 29)),
            date(2029, 3, 1): (date(2029, 2, 2), date(2028, 3, 2)),
        }
        for as_of, (month, year) in firsts.items():
            with self.subTest(as_of=as_of), self.env.cr.savepoint() as savepoint:
                days = {year - DAY, year, month - DAY, month, as_of, as_of + DAY}
                self.order_at(self.local(day, "00:10", "Europe/Berlin") for day in days)
                found = self.counted(as_of)
                for code, first in (("month", month), ("year", year)):
                    inside = sum(first <= day <= as_of for day in days)
                    self.assertEqual(found[code], inside, code)
                savepoint.rollback()

    def test_four_years_from_leap_day_to_leap_day(self):
        days = [date(2024, 2, 29), date(2024, 3, 1), date(2028, 2, 29)]
        self.order_at(self.local(day) for day in days)
        self.assertEqual(self.counted(date(2028, 2, 29))["leap_year"], 2)

    def test_a_replay_sees_a_months_end_as_a_run_did(self):
        """A minute to midnight and a minute after, on the last day of a month that
        ended an hour later or earlier than others."""
        for tz, last in (
            ("America/New_York", date(2026, 10, 31)),  # clocks change the next night
            ("Pacific/Auckland", date(2026, 9, 30)),
            ("Europe/Berlin", date(2028, 2, 29)),
        ):
            with self.subTest(tz=tz), self.env.cr.savepoint() as savepoint:
                self.company.value_tz = tz
                self.order_at(
                    [
                        self.local(last, "23:59", tz),
                        self.local(last + DAY, "00:01", tz),
                    ]
                )
                self.score(self.model, last)
                stored = self.history()[-1]
                self.assertEqual(self.vectors(stored)[0][0], 1)
                run = self.vectors(stored)[:3]
                self.env.cr.execute("DELETE FROM customer_value_history")
                engine = self.env["customer.value.engine"]
                engine._write_past(self.model, last, EVERYBODY)
                self.assertEqual(self.vectors(self.history()[-1])[:3], run)
                savepoint.rollback()
