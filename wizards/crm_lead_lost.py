from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmLeadLost(models.TransientModel):
    """One more tap when an opportunity is lost: to whom, and by which promotion."""

    _inherit = "crm.lead.lost"

    value_competitor_id = fields.Many2one(
        "customer.competitor", string="Lost To", help="The rival that won it."
    )
    value_promotion_id = fields.Many2one(
        "customer.competitor.promotion",
        string="Rival's Promotion",
        compute="_compute_value_promotion_id",
        store=True,
        readonly=False,
        domain="[('competitor_id', '=', value_competitor_id)]",
    )
    value_is_cheaper = fields.Boolean(
        string="They Were Cheaper",
        help="Notes a promotion of this rival, to be looked into, unless one is known.",
    )

    @api.depends("value_competitor_id")
    def _compute_value_promotion_id(self):
        """A promotion is one of its rival."""
        for wizard in self:
            if wizard.value_promotion_id.competitor_id != wizard.value_competitor_id:
                wizard.value_promotion_id = False

    def action_lost_reason_apply(self):
        self._note_rival()
        return super().action_lost_reason_apply()

    def _note_rival(self):
        rival = self.value_competitor_id
        if not rival:
            return
        for company, leads in self.lead_ids.grouped("company_id").items():
            company = company or self.env.company
            promotion = self.value_promotion_id
            if promotion and promotion.company_id != company:
                raise UserError(
                    self.env._(
                        "“%(promotion)s” was noted for %(company)s. Leave the "
                        "promotion empty, or mark its opportunities by themselves.",
                        promotion=promotion.name,
                        company=promotion.company_id.name,
                    )
                )
            if not promotion and self.value_is_cheaper:
                promotion = promotion._heard_of(
                    rival, company, place=self.env._("lost opportunity")
                )
            leads.write(
                {
                    "value_competitor_id": rival.id,
                    "value_promotion_id": promotion.id,
                }
            )
