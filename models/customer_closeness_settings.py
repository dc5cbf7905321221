from odoo import api, fields, models
from odoo.exceptions import ValidationError

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

    @api.constrains("value_tie_capacity")
    def _check_value_tie_capacity(self):
        if any(company.value_tie_capacity < 1 for company in self):
            raise ValidationError(
                self.env._("One person can hold one tie at least: set a larger number.")
            )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    value_tie_capacity = fields.Integer(
        related="company_id.value_tie_capacity", readonly=False, required=True
    )
