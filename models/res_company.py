import pytz

from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    value_tz = fields.Selection(
        lambda self: [(name, name) for name in pytz.common_timezones],
        string="Customer Value Time Zone",
        compute="_compute_value_tz",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="Days, months and windows of customer value begin and end here.",
    )

    loyalty_replay_months = fields.Integer(
        help="Loyalty stages of so many past months are to be worked out.",
    )

    @api.depends("partner_id.tz")
    def _compute_value_tz(self):
        for company in self:
            company.value_tz = company.value_tz or company.partner_id.tz or "UTC"

    def write(self, vals):
        result = super().write(vals)
        if "value_tz" in vals:
            self.env.registry.clear_cache("stable")
        return result
