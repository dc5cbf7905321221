from odoo import fields, models


class CustomerFeedbackCause(models.Model):
    """Why there was something to say: what a report of complaints is grouped by."""

    _name = "customer.feedback.cause"
    _description = "Cause of Feedback"
    _order = "sequence, name"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _name_unique = models.Constraint("UNIQUE (name)", "This cause is there already.")
