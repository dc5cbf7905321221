from odoo import api, fields, models

from .customer_feedback_stage import KINDS


class PosOrder(models.Model):
    """What a customer says at the till rides on the order, without connection too.

    The server makes feedback of it once, whenever the order arrives, and however often.
    """

    _inherit = "pos.order"

    value_feedback_kind = fields.Selection(
        KINDS, string="Customer Said", copy=False, help="Noted by the cashier."
    )
    value_feedback_text = fields.Char(string="In the Customer's Words", copy=False)
    value_competitor_id = fields.Many2one(
        "customer.competitor",
        string="Cheaper Rival",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
    )
    value_promotion_id = fields.Many2one(
        "customer.competitor.promotion",
        string="Rival's Promotion",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
    )

    @api.model
    def _process_order(self, order, existing_order):
        order_id = super()._process_order(order, existing_order)
        self.browse(order_id)._note_what_was_said()
        return order_id

    def _note_what_was_said(self):
        """With the engine's rights: cashiers have none on feedback."""
        for order in self.sudo():
            if order.value_feedback_kind:
                self.env["customer.feedback"].sudo()._of_till(order)
            if order.value_competitor_id and not order.value_promotion_id:
                promotions = self.env["customer.competitor.promotion"].sudo()
                order.value_promotion_id = promotions._heard_of(
                    order.value_competitor_id,
                    order.company_id,
                    order.value_feedback_text,
                    self.env._("till"),
                )


class CustomerFeedback(models.Model):
    _inherit = "customer.feedback"

    @api.model
    def _of_till(self, order):
        """The order's feedback: made once, kept in step until somebody listens."""
        known = self.with_context(active_test=False).search(
            [
                ("channel", "=", "till"),
                ("res_model", "=", order._name),
                ("res_id", "=", order.id),
            ]
        )
        said = {
            "kind": order.value_feedback_kind,
            "description": order.value_feedback_text,
            "partner_id": order.partner_id.id,
        }
        if not known:
            return self.with_company(order.company_id).create(
                {
                    **said,
                    "channel": "till",
                    "res_model": order._name,
                    "res_id": order.id,
                    "company_id": order.company_id.id,
                    "date": order.date_order,
                }
            )
        changed = {
            name: value
            for name, value in said.items()
            if value != (known[name].id if name == "partner_id" else known[name])
        }
        if changed and known.step == "new":
            known.write(changed)
        return known
