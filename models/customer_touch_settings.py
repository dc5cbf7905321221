from odoo import fields, models


class ResCompany(models.Model):
    """How much of what is said of us counts: the caps against gaming."""

    _inherit = "res.company"

    value_mention_limit = fields.Integer(
        string="Mentions That Count (per Month)",
        default=3,
        help="So many mentions of one customer count in a calendar month, the first "
        "ones.",
    )
    value_mention_reach = fields.Integer(
        string="Reach That Counts (per Mention)",
        default=10_000,
        help="A mention that reached more people counts with so many.",
    )

    _value_mention_caps_positive = models.Constraint(
        "CHECK (value_mention_limit >= 0 AND value_mention_reach >= 0)",
        "The caps on mentions are 0 or more.",
    )

    def write(self, vals):
        """Customers who are spoken of are scored again under the new caps."""
        result = super().write(vals)
        if not {"value_mention_limit", "value_mention_reach"}.isdisjoint(vals):
            mentions = self.env["customer.touchpoint"].sudo()._search(
                [("kind", "=", "mention"), ("company_id", "in", self.ids)]
            )
            self.env["customer.value.dirty"]._mark(
                "customer.touchpoint", list(mentions)
            )
        return result


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    value_mention_limit = fields.Integer(
        related="company_id.value_mention_limit", readonly=False
    )
    value_mention_reach = fields.Integer(
        related="company_id.value_mention_reach", readonly=False
    )
