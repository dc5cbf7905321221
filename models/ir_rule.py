from odoo import api, models
from odoo.fields import Domain

FOLLOW_CONTACT = (
    "customer.value.score",
    "customer.value.measure",
    "customer.value.history",
    "customer.value.override",
    "customer.loyalty.state",
    "customer.loyalty.history",
    "customer.touchpoint",
    "customer.held.firm",
    "customer.closeness",
    "customer.closeness.tie",
    "customer.care.case",
    "customer.profile.state",
    "customer.profile.fact",
    "customer.campaign.sheet",
)
"""Models whose records may be read by who may read the contact they speak of."""

CONTACT_KNOWN = "customer_value_contact_known"
"""Context key: the rules of the contact are looked after by the caller."""


class IrRule(models.Model):
    _inherit = "ir.rule"

    @api.model
    def _compute_domain(self, model_name, mode="read"):
        """Scores follow the rules of their contact, whatever these are.

        The way ``_inherits`` follows its parent: rules that a company adds to contacts
        hold for the figures about them too, without being written twice.
        """
        domain = super()._compute_domain(model_name, mode)
        if model_name not in FOLLOW_CONTACT or self.env.context.get(CONTACT_KNOWN):
            return domain
        contact = super()._compute_domain("res.partner", "read")
        if contact.is_true():
            return domain
        return domain & Domain("partner_id", "any", contact)
