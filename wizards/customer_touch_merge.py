from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Touches move to the contact that stays, and count for its company.

        Odoo moves what points to the contacts. A person merged into one of another
        company takes her touches along, and what was logged on the contact that goes
        is found on the one that stays.
        """
        result = super()._update_foreign_keys(src_partners, dst_partner)
        touchpoints = self.env["customer.touchpoint"].sudo()
        self.env.cr.execute(
            SQL(
                "UPDATE customer_touchpoint SET res_id = %s "
                "WHERE res_model = 'res.partner' AND res_id = ANY(%s)",
                dst_partner.id,
                src_partners.ids,
            )
        )
        touchpoints.invalidate_model()
        moved = touchpoints.with_context(active_test=False).search(
            [("partner_id", "=", dst_partner.id)]
        )
        self.env.add_to_compute(touchpoints._fields["commercial_partner_id"], moved)
        return result
