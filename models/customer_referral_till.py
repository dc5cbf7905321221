import json

from odoo import api, models
from odoo.tools import SQL

from .customer_referral import EARNED


class CustomerValueScore(models.Model):
    _inherit = "customer.value.score"

    @api.model
    def _till_badges(self, partner_ids):
        """Tell the cashier also whom the customer brought: “brought 4 friends”."""
        badges = super()._till_badges(partner_ids)
        for partner_id, number in self._till_brought(badges):
            badge = json.loads(badges[partner_id])
            words = (
                self.env._("brought a friend")
                if number == 1
                else self.env._("brought %s friends", number)
            )
            badge["line"] = " · ".join(filter(None, (badge["line"], words)))
            badges[partner_id] = json.dumps(badge)
        return badges

    def _till_brought(self, partner_ids):
        """``(contact, number)`` of the contacts whose customer brought somebody."""
        if not partner_ids:
            return []
        self.env["customer.referral"].flush_model()
        links = self.env["res.partner"]._links_sql(EARNED)
        return self.env.execute_query(
            SQL(
                """
                SELECT contact.id, brought.number
                  FROM (SELECT link.referrer, COUNT(DISTINCT link.referred) AS number
                          FROM (%s) link
                         WHERE link.company_id = %s
                      GROUP BY link.referrer) brought
                  JOIN res_partner contact
                    ON contact.commercial_partner_id = brought.referrer
                 WHERE contact.id = ANY(%s)
                """,
                links,
                self.env.company.id,
                list(partner_ids),
            )
        )
