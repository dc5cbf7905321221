"""Who of us knows whom: closeness by our own word or by contact, and its evidence."""

from odoo import api, models

from ..tools.window import local_today
from .counted import counted
from .customer_influence_graph import Graph


class CustomerKeyContact(models.Model):
    _inherit = "customer.key.contact"

    @api.depends("partner_id", "stated_closeness")
    def _compute_contact(self):
        for company, seats in self.grouped("company_id").items():
            company = company.sudo() or self.env.company
            today = local_today(company.value_tz)
            touches = Graph._touches_of(seats.sudo(), company, today)
            for seat in seats:
                person = seat.partner_id.id
                by_contact = touches.closeness(person)
                seat.last_contact = touches.last(person) or False
                seat.closeness = seat.stated_closeness or (
                    str(by_contact) if by_contact is not None else False
                )

    def who_knows(self):
        """Colleagues by strength of evidence: meetings, calls, mails, orders.

        :return: ``[{user_id, name, strength, evidence}]``, the closest first
        """
        graph = self._graph_to_ask()
        person = self.partner_id.id
        known = [
            {
                "user_id": user.id,
                "name": user.name,
                "strength": round(graph.touches.warmth(person, user.id), 3),
                "evidence": self._evidence_text(graph.touches, person, user.id),
            }
            for user in self.env["res.users"].sudo().browse(graph.touches.days(person))
        ]
        return sorted(known, key=lambda one: (-one["strength"], one["name"]))

    def _evidence_text(self, touches, person, user):
        counts = touches.counts(person, user)
        told = [
            counted(self.env, kind, counts[kind])
            for kind in ("meeting", "call", "mail", "order", "activity")
            if kind in counts
        ]
        return ", ".join(told)
