from datetime import timedelta

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .test_history import HistoryCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestWhyTour(HttpCase, HistoryCommon):
    """Why a score fell, in a browser, as a salesperson who sees his own orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(
            cls.env,
            "why.seller",
            "sales_team.group_sale_salesman,base.group_partner_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        today = cls.model._today()
        before, after = today - 40 * DAY, today - 20 * DAY
        cls.buy_as(50, before, cls.seller)
        cls.buy_as(30, before, cls.env.user)
        cls.score(cls.model, before)
        lead = cls.make_lead(cls.partner)
        lead.action_set_won()
        lead.date_closed = cls.local(after)
        cls.entered = cls.buy_as(30, today - 9 * DAY, cls.seller)
        cls.score(cls.model, today - 9 * DAY)
        cls.score(cls.model, today)
        cls.score_row = cls.env["customer.value.score"].search(
            [("partner_id", "=", cls.partner.id)]
        )

    @classmethod
    def buy_as(cls, amount, day, user):
        order = cls.make_order(cls.partner, [(1, amount)], when=cls.local(day))
        order.user_id = user
        return order

    def _open(self, record, tour):
        self.start_tour(
            f"/odoo/m-{record._name}/{record.id}", tour, login=self.seller.login
        )

    def test_the_history_is_what_the_tours_tell(self):
        self.assertEqual([score for __, score, __ in self.told()], [60, 35])

    def test_partner(self):
        self._open(self.partner, "customer_value_why")

    def test_list(self):
        self.start_tour(
            "/odoo/customer-value", "customer_value_why_list", login=self.seller.login
        )

    def test_two_points(self):
        self._open(self.partner, "customer_value_why_points")

    def test_quotation(self):
        quotation = self.make_order(self.partner, confirm=False, user_id=self.seller.id)
        self._open(quotation, "customer_value_why_quotation")

    def test_score(self):
        self._open(self.score_row, "customer_value_why_score")
