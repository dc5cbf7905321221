from odoo import models
from odoo.tools import SQL

from ..models.customer_value_dirty import MERGED

DERIVED = (
    "customer.value.score",
    "customer.loyalty.state",
    "customer.closeness",
    "customer.closeness.tie",
)
"""Worked out from documents: dropped, and worked out anew."""


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Histories move to the contact that stays; its score is computed anew.

        The score is derived from the documents that move too. Left alone, the merge
        would delete it in some companies and keep a stale one in others. A history
        keeps the number of the contact it was of, lest two stories become one.
        """
        self.env.flush_all()
        for name in DERIVED:
            self._drop_derived(self.env[name], src_partners)
        for name in ("customer.value.history", "customer.loyalty.history"):
            self._keep_history(self.env[name], src_partners)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        entity = dst_partner.commercial_partner_id
        self.env["customer.value.dirty"]._mark(MERGED, entity.ids)
        return result

    def _drop_derived(self, model, partners):
        """Remove rows that are worked out anew from documents."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM %s WHERE partner_id = ANY(%s)",
                SQL.identifier(model._table),
                partners.ids,
            )
        )
        model.invalidate_model()

    def _keep_history(self, model, partners):
        """Note whose history it was."""
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET former_id = partner_id "
                "WHERE partner_id = ANY(%s) AND former_id = 0",
                SQL.identifier(model._table),
                partners.ids,
            )
        )
        model.invalidate_model()
