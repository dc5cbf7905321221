from odoo import api, fields, models

from .customer_feedback_stage import KINDS


class CustomerFeedbackDeadline(models.Model):
    """Within how many days a customer of a tier has an answer.

    The most particular line holds: of the company before one of all companies, of the
    tier before one of everybody.
    """

    _name = "customer.feedback.deadline"
    _description = "Deadline of Feedback"
    _order = "kind, tier_code, company_id, id"

    kind = fields.Selection(KINDS, required=True)
    tier_code = fields.Selection(
        lambda self: self.env["customer.feedback"]._selection_tier_code(),
        string="Tier",
        help="Empty: customers of every other tier, and those without one.",
    )
    days = fields.Integer(
        required=True,
        default=5,
        aggregator=None,
        help="Days from the day of receipt to the day on which the answer is due.",
    )
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="cascade", help="Empty: every company."
    )

    _days_positive = models.Constraint(
        "CHECK (days >= 0)", "The number of days cannot be negative."
    )
    _case_unique = models.UniqueIndex(
        "(kind, COALESCE(tier_code, ''), COALESCE(company_id, 0))",
        "There is a deadline for this kind, tier and company already: change that one.",
    )

    @api.model
    def _days_by_case(self):
        """``{(kind, tier code or False, company id or False): days}``."""
        return {
            (line.kind, line.tier_code, line.company_id.id): line.days
            for line in self.sudo().search([])
        }
