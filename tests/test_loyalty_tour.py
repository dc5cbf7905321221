from datetime import timedelta

from odoo.tests import HttpCase, tagged

from .test_loyalty import LoyaltyCommon


@tagged("post_install", "-at_install")
class TestLoyaltyTour(HttpCase, LoyaltyCommon):
    def test_timeline(self):
        """A customer who became at risk, in a browser, as a salesperson sees it."""
        today = self.model._today()
        month = today.replace(day=1)
        for back in (0, 31, 62, 93, 124):
            day = (month - timedelta(days=back)).replace(day=1) - timedelta(days=1)
            self.set_rhythm(day, pooled=20, at_risk=2.0, lost=9.0)
        partner = self.customer(name="Ada")
        self.buy(partner, today - timedelta(days=80), today - timedelta(days=60))
        self.update(today - timedelta(days=30))
        self.update(today)
        self.score(self.model, today - timedelta(days=40))
        self.score(self.model)
        seller = self.env["res.users"].create(
            {
                "name": "Seller",
                "login": "loyalty_seller",
                "password": "loyalty_seller",
                "group_ids": [
                    (4, self.env.ref("sales_team.group_sale_salesman").id),
                    (4, self.env.ref("base.group_user").id),
                ],
                "company_id": self.company.id,
                "company_ids": [(4, self.company.id)],
            }
        )
        self.start_tour(
            f"/odoo/m-res.partner/{partner.id}",
            "customer_value_loyalty",
            login=seller.login,
        )
