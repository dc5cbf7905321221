"""Reconstructing the past on demand, and how long history is kept."""

from datetime import date

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .test_history import HistoryCommon


@tagged("post_install", "-at_install")
class TestReplayWizard(HistoryCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.make_user("group_manager")

    @classmethod
    def make_user(cls, group):
        return new_test_user(
            cls.env,
            f"replay.{group}",
            f"sales_team.group_sale_salesman,customer_value.{group}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def wizard(self, user=None, **vals):
        """As opened from the form of the model."""
        wizards = self.env["customer.value.replay"].with_user(user or self.manager)
        return wizards.with_context(
            active_model=self.model._name, active_ids=self.model.ids
        ).create(vals)

    def test_the_past_is_there_afterwards(self):
        self.buy(40, date(2025, 11, 25))
        with freeze_time(self.local(date(2026, 1, 10))):
            wizard = self.wizard(months=3)
            self.assertEqual(wizard.model_ids, self.model)
            action = wizard.action_replay()
            self.assertEqual(action["res_model"], "customer.value.run")
            self.assertEqual(set(self.model.run_ids.mapped("cause")), {"replay"})
            self.assertEqual(len(self.model.run_ids), 3)
            self.assertEqual(self.company.loyalty_replay_months, 3)
            self.model.run_ids._work_through()
        scores = dict(
            (row.date, row.score) for row in self.history() if row.is_replayed
        )
        self.assertEqual(scores[date(2025, 11, 30)], 30)

    def test_two_years_unless_told_otherwise(self):
        self.assertEqual(self.wizard().months, 24)

    def test_from_elsewhere_it_takes_all_active_models(self):
        wizard = self.env["customer.value.replay"].with_user(self.manager).create({})
        active = self.env["customer.value.model"].search(
            [("state", "=", "active"), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(wizard.model_ids, active)
        self.assertIn(self.model, active)

    @mute_logger("odoo.sql_db")
    def test_neither_none_nor_too_many_months(self):
        for months in (0, -1, 61):
            with (
                self.subTest(months=months),
                self.assertRaises(CheckViolation),
            ):
                self.wizard(months=months)
        self.assertTrue(self.wizard(months=60))

    def test_managers_only(self):
        with self.assertRaises(AccessError):
            self.wizard(user=self.make_user("group_user"))


@tagged("post_install", "-at_install")
class TestRetentionSettings(HistoryCommon):
    def save(self, **vals):
        settings = self.env["res.config.settings"].create(vals)
        settings.execute()

    def kept(self):
        history = self.env["customer.value.history"]
        return history._days_kept(), history._months_kept()

    def test_what_is_set_is_kept(self):
        self.assertEqual(self.kept(), (90, 0))
        self.save(value_history_days=30, value_history_months=36)
        self.assertEqual(self.kept(), (30, 36))
        self.save(value_history_months=0)
        self.assertEqual(self.kept(), (30, 0))

    def test_less_than_nothing_is_refused(self):
        for vals in (
            {"value_history_days": 0},
            {"value_history_days": -1},
            {"value_history_months": -1},
        ):
            with self.subTest(vals), self.assertRaises(ValidationError):
                self.save(**vals)
