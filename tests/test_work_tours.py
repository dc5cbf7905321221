from odoo import Command
from odoo.tests import HttpCase, tagged

from .work_common import WorkCommon


@tagged("post_install", "-at_install")
class TestWorkTours(HttpCase, WorkCommon):
    """The screens where people work, in a browser, as the people who work there."""

    def _open(self, record, tour, user):
        self.start_tour(f"/odoo/m-{record._name}/{record.id}", tour, login=user.login)

    def test_contact_of_a_company(self):
        self._open(self.buyer, "customer_value_contact", self.seller)

    def test_partner(self):
        self._open(self.gold, "customer_value_partner", self.seller)
        self.env.invalidate_all()
        self.assertEqual(self.gold.ref, "A")
        self.assertEqual(self.gold.value_score, 88)

    def test_partner_list(self):
        partners = self.env["ir.actions.act_window"].create(
            {
                "name": "Partners",
                "res_model": "res.partner",
                "view_mode": "list,form",
                "domain": str([("id", "in", (self.everybody - self.buyer).ids)]),
                "view_id": self.env.ref("base.view_partner_tree").id,
            }
        )
        self.start_tour(
            f"/odoo/action-{partners.id}",
            "customer_value_partner_list",
            login=self.seller.login,
        )

    def test_partner_without_a_score(self):
        self._open(self.unscored, "customer_value_partner_unscored", self.seller)

    def test_quotation(self):
        self.start_tour(
            "/odoo/m-sale.order/new",
            "customer_value_quotation",
            login=self.seller.login,
        )
        order = self.env["sale.order"].search([("partner_id", "=", self.silver.id)])
        self.assertEqual(order.user_id, self.seller)

    def test_quotation_list(self):
        self.make_order(self.silver, confirm=False, user_id=self.seller.id)
        self.start_tour(
            "/odoo/action-sale.action_quotations_with_onboarding",
            "customer_value_quotation_list",
            login=self.seller.login,
        )

    def test_plain_user_on_a_contact(self):
        self._open(self.gold, "customer_value_without_group", self.plain)

    # A company may take the group away from its salespeople.

    def _blind_seller(self):
        self.env.ref("sales_team.group_sale_salesman").implied_ids = [
            Command.unlink(self.env.ref("customer_value.group_user").id)
        ]
        return self.make_user("blind", "sales_team.group_sale_salesman_all_leads")

    def test_quotation_without_the_group(self):
        order = self.make_order(self.gold, confirm=False)
        self._open(order, "customer_value_without_group", self._blind_seller())

    def test_opportunity_without_the_group(self):
        lead = self.make_lead(self.gold)
        self._open(lead, "customer_value_without_group", self._blind_seller())
