from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    value_tz = fields.Selection(
        related="company_id.value_tz", readonly=False, required=True
    )
    value_history_days = fields.Integer(
        string="Daily History (Days)",
        config_parameter="customer_value.history_days",
        default=90,
        help="Of the time before only the ends of months are kept, and the steps of "
        "configuration.",
    )
    value_history_months = fields.Integer(
        string="History (Months)",
        config_parameter="customer_value.history_months",
        help="Older history is deleted. 0 keeps it for ever.",
    )

    @api.constrains("value_history_days", "value_history_months")
    def _check_value_history(self):
        for settings in self:
            if settings.value_history_days < 1:
                raise ValidationError(
                    self.env._("The history of every day is kept for a day at least.")
                )
            if settings.value_history_months < 0:
                raise ValidationError(
                    self.env._("History is kept for some months, or 0 for ever.")
                )
