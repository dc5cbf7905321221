from odoo import api, fields, models

from .res_partner import GROUP


class ResPartner(models.Model):
    """A distributor's campaign sheets."""

    _inherit = "res.partner"

    value_campaign_count = fields.Integer(
        string="Campaigns", compute="_compute_value_campaign_count", groups=GROUP
    )
    value_campaign_offered = fields.Boolean(
        compute="_compute_value_campaign_count",
        groups=GROUP,
        exportable=False,
        help="Private persons are no distributors.",
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid")
    def _compute_value_campaign_count(self):
        counts = {}
        for partner, count in self.env["customer.campaign.sheet"]._read_group(
            self._value_campaign_domain(), ["partner_id"], ["__count"]
        ):
            entity = partner.sudo().commercial_partner_id.id
            counts[entity] = counts.get(entity, 0) + count
        for partner in self:
            entity = partner.commercial_partner_id._origin.id
            partner.value_campaign_offered = partner.commercial_partner_id.is_company
            partner.value_campaign_count = counts.get(entity, 0)

    def _value_campaign_domain(self):
        entities = self.commercial_partner_id.ids
        return [
            ("partner_id.commercial_partner_id", "in", entities),
            ("company_id", "=", self.env.company.id),
        ]

    def action_open_campaign_sheets(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_value.customer_campaign_sheet_action"
        )
        return {
            **action,
            "domain": self._value_campaign_domain(),
            "context": {"default_partner_id": self.commercial_partner_id.id},
        }
