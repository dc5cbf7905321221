from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    value_feedback_rating = fields.Integer(
        string="Low Rating",
        default=2,
        help="A customer's rating of so many stars of 5, or fewer, becomes a "
        "complaint by itself. 0: never.",
    )

    _value_feedback_rating_range = models.Constraint(
        "CHECK (value_feedback_rating BETWEEN 0 AND 5)",
        "A rating has up to 5 stars: enter 0 to 5.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    value_feedback_rating = fields.Integer(
        related="company_id.value_feedback_rating", readonly=False
    )
