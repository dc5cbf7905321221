from odoo import models
from odoo.tools import SQL

from ..models.customer_value_dirty import MERGED


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Histories move to the contact that stays; its score is computed anew.

        The score is derived from the documents that move too. Left alone, the merge
        would delete it in some companies and keep a stale one in others. A history
        keeps the number of the contact it was of, lest two stories become one.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "DELETE FROM customer_value_score WHERE partner_id = ANY(%s)",
                src_partners.ids,
            )
        )
        self.env.cr.execute(
            SQL(
                "UPDATE customer_value_history SET former_id = partner_id "
                "WHERE partner_id = ANY(%s) AND former_id = 0",
                src_partners.ids,
            )
        )
        self.env["customer.value.score"].invalidate_model()
        self.env["customer.value.history"].invalidate_model()
        result = super()._update_foreign_keys(src_partners, dst_partner)
        entity = dst_partner.commercial_partner_id
        self.env["customer.value.dirty"]._mark(MERGED, entity.ids)
        return result
