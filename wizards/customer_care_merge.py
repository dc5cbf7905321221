from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Cases move before anything else does: two under way would abort the merge."""
        self.env["customer.care.case"].sudo()._move_to(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)
