from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Promotions in which any of them was due are judged anew, by what both bought.

        The rows are derived from documents, which move. What was said as feedback, and
        which opportunities were lost to whom, moves by itself.
        """
        rows = (
            self.env["customer.held.firm"]
            .sudo()
            .search([("partner_id", "in", (src_partners | dst_partner).ids)])
        )
        promotions = rows.promotion_id
        self._drop_derived(self.env["customer.held.firm"], src_partners)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.cr.execute(
            SQL(
                "UPDATE customer_competitor_promotion SET is_settled = FALSE "
                "WHERE id = ANY(%s)",
                promotions.ids,
            )
        )
        promotions.invalidate_recordset(["is_settled"])
        promotions._evaluate_soon()
        return result
