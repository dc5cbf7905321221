from odoo import api, fields, models

from .res_partner import GROUP


class CrmLead(models.Model):
    """An opportunity says in a line what is worth asking."""

    _inherit = "crm.lead"

    value_profile_ask = fields.Char(
        string="Ask",
        compute="_compute_value_profile_ask",
        groups=GROUP,
        exportable=False,
        help="What is worth asking the customer next.",
    )

    @api.depends("partner_id")
    @api.depends_context("company", "uid", "lang")
    def _compute_value_profile_ask(self):
        readable = self.partner_id._filtered_access("read")
        for lead in self:
            customer = lead.partner_id & readable
            lead.value_profile_ask = customer.value_profile_ask
