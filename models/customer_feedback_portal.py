from odoo import models


class CustomerFeedback(models.Model):
    _inherit = "customer.feedback"

    def _for_portal(self):
        """What the customer may know of the own feedback."""
        self.ensure_one()
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return {
            "id": self.id,
            "subject": self.subject,
            "kind": kinds[self.kind],
            "description": self.description or "",
            "answer": self.answer or "" if self.date_answered or self.date_closed else "",
            "date": self.date,
            "date_answered": self.date_answered,
            "state": self._public_state(),
            "is_adopted": self.is_adopted,
        }

    def _public_state(self):
        """Our own steps, in words for the customer."""
        words = {
            "new": self.env._("Received"),
            "told": self.env._("Answered"),
            "adopted": self.env._("Put into practice"),
            "declined": self.env._("Not put into practice"),
            "closed": self.env._("Closed"),
        }
        return words.get(self.step, self.env._("We are looking into it"))
