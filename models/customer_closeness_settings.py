from odoo import fields, models

from ..tools.closeness import CAPACITY


class ResCompany(models.Model):
    _inherit = "res.company"

    value_tie_capacity = fields.Integer(
        string="Ties One Person Can Hold",
        default=CAPACITY,
        required=True,
        help="Nobody keeps more than about 150 relationships alive; who tends each of "
        "them closely holds fewer.",
    )

    _value_tie_capacity_positive = models.Constraint(
        "CHECK (value_tie_capacity > 0)",
        "One person can hold one tie at least: set a larger number.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    value_tie_capacity = fields.Integer(
        related="company_id.value_tie_capacity", readonly=False, required=True
    )
