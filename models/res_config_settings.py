from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    value_tz = fields.Selection(
        related="company_id.value_tz", readonly=False, required=True
    )
