from odoo import fields, models

from .res_partner import GROUP


class CrmLead(models.Model):
    _inherit = "crm.lead"

    value_competitor_id = fields.Many2one(
        "customer.competitor",
        string="Lost To",
        index="btree_not_null",
        ondelete="restrict",
        groups=GROUP,
        help="The rival that won it.",
    )
    value_promotion_id = fields.Many2one(
        "customer.competitor.promotion",
        string="Rival's Promotion",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        groups=GROUP,
    )
