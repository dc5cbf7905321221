from datetime import date

from odoo.tests import TransactionCase, tagged

from ..models.counted import counted


@tagged("post_install", "-at_install")
class TestCounted(TransactionCase):
    """One is not told as many."""

    def test_one_and_several(self):
        for what, one, many in (
            ("meeting", "1 meeting", "2 meetings"),
            ("signed", "signed 1 order", "signed 2 orders"),
            ("activity", "1 activity", "2 activities"),
            ("every", "every day", "every 2 days"),
            ("days_before", "1 day before", "2 days before"),
        ):
            self.assertEqual(counted(self.env, what, 1), one)
            self.assertEqual(counted(self.env, what, 2), many)

    def test_a_care_rule_of_one_day(self):
        rule = self.env["customer.care.rule"].new({"trigger": "fell", "points": 5})
        for days, words in ((1, "within a day"), (30, "within 30 days")):
            rule.days = days
            self.assertIn(f"fell by 5 or more {words}", rule._in_words())
        rule.trigger = "complaint"
        for days, words in ((1, "for a day or"), (3, "for 3 days or")):
            rule.days = days
            self.assertIn(words, rule._in_words())

    def test_a_daily_buyer(self):
        told = self.env["customer.loyalty.history"]._in_words(
            date(2024, 3, 2),
            {
                "kind": "overdue",
                "purchases": 9,
                "last": "2024-03-01",
                "expected": 1.2,
                "percent": 40,
                "limit": 3,
            },
        )
        self.assertIn("1 day before; expected every day.", told)
