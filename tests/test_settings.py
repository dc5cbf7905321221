from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged

from ..models.customer_value_model import READY_MODELS


@tagged("post_install", "-at_install")
class TestSettings(TransactionCase):
    """The delivered models, for a company that came after the installation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Late Works"})
        cls.admin = cls._make_user("late.admin", "customer_value.group_manager")
        cls.customer = cls.env["res.partner"].create(
            {"name": "Late Firm", "is_company": True, "customer_rank": 1}
        )

    @classmethod
    def _make_user(cls, login, *groups):
        return new_test_user(
            cls.env,
            login,
            ",".join(["base.group_system", *groups]),
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _settings(self, user):
        return self.env["res.config.settings"].with_user(user).create({})

    def _active(self):
        return self.env["customer.value.model"].search(
            [("company_id", "=", self.company.id), ("state", "=", "active")]
        )

    def test_activate_the_ready_models(self):
        settings = self._settings(self.admin)
        for name in ("Distributors (ABC)", "Key accounts", "Consumers"):
            self.assertIn(name, settings.value_ready_names)
        action = settings.action_activate_ready_models()
        active = self._active()
        self.assertEqual(set(active.mapped("code")), set(READY_MODELS))
        self.assertEqual(set(active.mapped("version")), {1})
        self.assertEqual(action["res_model"], "customer.value.run")
        self.assertEqual(active.run_ids.mapped("state"), ["pending"] * 3)
        active.run_ids._work_through()
        score = self.customer.with_company(self.company).value_score_id
        self.assertEqual(score.model_id.code, "key_accounts")
        self.assertFalse(self._settings(self.admin).value_ready_names)

    def test_only_what_is_missing(self):
        """A company keeps the version that it has changed for itself."""
        self._settings(self.admin).action_activate_ready_models()
        consumers = self._active().filtered(lambda model: model.code == "consumers")
        consumers.action_retire()
        settings = self._settings(self.admin)
        self.assertFalse(settings.value_ready_names, "retired on purpose")
        settings.action_activate_ready_models()
        self.assertEqual(len(self._active()), 2)

    def test_other_companies_are_left_alone(self):
        elsewhere = [("company_id", "!=", self.company.id)]
        models = self.env["customer.value.model"]
        before = models.search(elsewhere).mapped("state")
        self._settings(self.admin).action_activate_ready_models()
        self.assertEqual(models.search(elsewhere).mapped("state"), before)

    def test_managers_only(self):
        settings = self._settings(self._make_user("late.system"))
        with self.assertRaises(AccessError):
            settings.action_activate_ready_models()
        self.assertFalse(self._active())
