from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Histories move to the contact that stays; its score is computed anew.

        The score is derived from the documents that move too. Left alone, the merge
        would delete it in some companies and keep a stale one in others.
        """
        self.env.cr.execute(
            SQL(
                "DELETE FROM customer_value_score WHERE partner_id = ANY(%s)",
                src_partners.ids,
            )
        )
        self.env["customer.value.score"].invalidate_model()
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env["customer.value.dirty"]._mark_partners(dst_partner)
        return result
