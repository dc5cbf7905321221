from odoo import api, fields, models

from .pos_value_badge import CASHIER
from .res_partner import GROUP

CRON = "customer_value.ir_cron_referral"


class CustomerReferralDocument(models.AbstractModel):
    """A document on which it can be said who brought its customer.

    It keeps what was said and calls the scheduled action, nothing more: no referral is
    made, looked for or judged while a customer waits.
    """

    _name = "customer.referral.document"
    _description = "Document That Names a Referrer"

    value_referrer_id = fields.Many2one(
        "res.partner",
        string="Referred by",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Who brought this customer. Found by name, phone or share code.",
    )
    value_referrer_hint = fields.Char(
        string="Referred by (as Said)",
        copy=False,
        index="btree_not_null",
        help="A phone number, an e-mail address, a share code or a name, looked up "
        "later.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        if any(self._says_referrer(vals) for vals in vals_list):
            self._call_referrals()
        return documents

    def write(self, vals):
        result = super().write(vals)
        if self._says_referrer(vals):
            self._correct_referrals()
            self._call_referrals()
        return result

    @api.model
    def _says_referrer(self, vals):
        return "value_referrer_id" in vals or "value_referrer_hint" in vals

    @api.model
    def _call_referrals(self):
        """Have the scheduled action come once this is saved."""
        cron = self.env.ref(CRON, raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    def _correct_referrals(self):
        """What was said is corrected where it stands, as long as nothing came of it."""
        referrals = (
            self.env["customer.referral"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("state", "in", ("pending", "flagged")),
                ]
            )
        )
        for referral in referrals:
            document = self.sudo().browse(referral.res_id)
            referral.write(
                {
                    "referrer_id": document.value_referrer_id.id,
                    "code": document.value_referrer_hint,
                }
            )


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "customer.referral.document"]

    value_referrer_id = fields.Many2one(groups=GROUP)
    value_referrer_hint = fields.Char(groups=GROUP)


class PosOrder(models.Model):
    _name = "pos.order"
    _inherit = ["pos.order", "customer.referral.document"]

    value_referrer_id = fields.Many2one(groups=f"{GROUP},{CASHIER}")
    value_referrer_hint = fields.Char(groups=f"{GROUP},{CASHIER}")

    @api.model
    def _process_order(self, order, existing_order):
        """A referrer who was merged or deleted meanwhile must not stop the order.

        What the till said of him stands beside, and is looked up later.
        """
        referrer_id = order.get("value_referrer_id")
        if referrer_id and not self.env["res.partner"].browse(referrer_id).exists():
            order["value_referrer_id"] = False
        return super()._process_order(order, existing_order)


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "customer.referral.document"]

    value_referrer_id = fields.Many2one(groups=GROUP)
    value_referrer_hint = fields.Char(groups=GROUP)

    def _prepare_opportunity_quotation_context(self):
        context = super()._prepare_opportunity_quotation_context()
        field = self._fields["value_referrer_id"]
        if self._has_field_access(field, "read") and self.value_referrer_id:
            context["default_value_referrer_id"] = self.value_referrer_id.id
        return context

    def _merge_dependences(self, opportunities):
        """What was said on merged opportunities goes on, on the one that stays."""
        result = super()._merge_dependences(opportunities)
        merged, others = self.sudo(), opportunities.sudo()
        self.env["customer.referral"].sudo()._move_leads(others, merged)
        if not (merged.value_referrer_id or merged.value_referrer_hint):
            said = others.filtered(
                lambda lead: lead.value_referrer_id or lead.value_referrer_hint
            )[:1]
            if said:
                merged.write(
                    {
                        "value_referrer_id": said.value_referrer_id.id,
                        "value_referrer_hint": said.value_referrer_hint,
                    }
                )
        return result
