from odoo import models
from odoo.tools import SQL

DERIVED = "customer.profile.state"


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """What was noted of the contacts is noted of the one that stays.

        Of two answers to one question the later one stays, with the other behind it.
        Completeness is reckoned anew.
        """
        self._drop_derived(self.env[DERIVED], src_partners)
        self._join_facts(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        dst_partner._value_forget_personal_facts()
        dst_partner._value_profile_changed()
        return result

    def _join_facts(self, src_partners, dst_partner):
        facts = self.env["customer.profile.fact"].sudo()
        entity = dst_partner.commercial_partner_id - src_partners or dst_partner
        moved = facts.search([("partner_id", "in", src_partners.ids)])
        for fact in moved:
            keeper = dst_partner if fact.topic_id.is_personal else entity
            there = facts.search(
                [
                    ("partner_id", "=", keeper.id),
                    ("topic_id", "=", fact.topic_id.id),
                    ("company_id", "=", fact.company_id.id),
                ]
            )
            if there:
                self._join_fact(there, fact)
                continue
            self.env.cr.execute(
                SQL(
                    "UPDATE customer_profile_fact SET partner_id = %s WHERE id = %s",
                    keeper.id,
                    fact.id,
                )
            )
            facts.invalidate_model(["partner_id"])

    def _join_fact(self, there, fact):
        """The later answer, and the earlier one behind it if it says something else."""
        later, earlier = (there | fact).sorted(
            lambda one: (one.noted_on, one.id), reverse=True
        )
        words = later.value or ""
        old = ", ".join(filter(None, [earlier.value, str(earlier.date or "")]))
        if (later.value, later.date) != (earlier.value, earlier.date):
            words = self.env._("%(new)s (before: %(old)s)", new=words, old=old).strip()
        vals = {
            "value": words,
            "date": later.date,
            "noted_on": later.noted_on,
            "noted_by": later.noted_by.id,
        }
        fact.unlink()
        there.write(vals)
