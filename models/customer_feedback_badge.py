import json

from odoo import api, models
from odoo.tools import SQL


class CustomerValueScore(models.Model):
    _inherit = "customer.value.score"

    @api.model
    def _till_badges(self, partner_ids):
        """The cashier also sees whose idea was put into practice, to say thank you.

        One query more, however many contacts.
        """
        badges = super()._till_badges(partner_ids)
        for partner_id, ideas in self._till_adopted(list(badges)):
            badge = json.loads(badges[partner_id])
            words = [badge["line"]] if badge["line"] else []
            badge["line"] = " · ".join([*words, self._till_ideas(ideas)])
            badges[partner_id] = json.dumps(badge)
        return badges

    def _till_adopted(self, partner_ids):
        """``(contact, number of adopted ideas)`` of those whose company has any."""
        if not partner_ids:
            return []
        feedback = self.env["customer.feedback"]
        feedback.flush_model(["is_adopted", "partner_id", "idea_id", "active"])
        return self.env.execute_query(
            SQL(
                """
                SELECT contact.id, COUNT(DISTINCT said.idea_id)
                  FROM customer_feedback said
                  JOIN res_partner author ON author.id = said.partner_id
                  JOIN res_partner contact
                    ON contact.commercial_partner_id = author.commercial_partner_id
                 WHERE said.is_adopted AND said.active AND said.company_id = %s
                   AND contact.id = ANY(%s)
              GROUP BY contact.id
                """,
                self.env.company.id,
                partner_ids,
            )
        )

    def _till_ideas(self, number):
        if number == 1:
            return self.env._("idea adopted")
        return self.env._("%s ideas adopted", number)
