from odoo import fields, models

from .res_partner import GROUP


class SaleOrder(models.Model):
    _inherit = "sale.order"

    value_tier_id = fields.Many2one(
        related="partner_id.value_tier_id", string="Value Tier", groups=GROUP
    )
    value_tier_color = fields.Char(related="partner_id.value_tier_color", groups=GROUP)
    value_score = fields.Float(
        related="partner_id.value_score", string="Value Score", groups=GROUP
    )
    value_trend = fields.Selection(related="partner_id.value_trend", groups=GROUP)
    value_strip = fields.Json(related="partner_id.value_strip", groups=GROUP)
