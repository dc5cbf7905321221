import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .customer_feedback_stage import KINDS
from .pos_value_badge import CASHIER
from .res_partner import GROUP

_logger = logging.getLogger(__name__)

REFUSED = (UserError, psycopg2.IntegrityError)
"""What a wrong configuration of feedback raises; a sale is not lost by it."""

READERS = f"{GROUP},{CASHIER}"
"""Others who may read till orders (a warehouse) learn nothing of what was said."""

DAYS_BACK = 30

TAPS = 2
"""What it takes at the till: the button, and what it was."""


class PosSession(models.Model):
    _inherit = "pos.session"

    @api.model
    def _load_pos_data_models(self, config):
        return [*super()._load_pos_data_models(config), "customer.competitor"]


class PosOrder(models.Model):
    """What a customer says at the till rides on the order, without connection too.

    The server makes feedback of it once, whenever the order arrives, and however often.
    """

    _inherit = "pos.order"

    value_feedback_kind = fields.Selection(
        KINDS,
        string="Customer Said",
        copy=False,
        groups=READERS,
        help="Noted by the cashier.",
    )
    value_feedback_text = fields.Char(
        string="In the Customer's Words", copy=False, groups=READERS
    )
    value_competitor_id = fields.Many2one(
        "customer.competitor",
        string="Cheaper Rival",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        groups=READERS,
    )
    value_promotion_id = fields.Many2one(
        "customer.competitor.promotion",
        string="Rival's Promotion",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        groups=READERS,
    )

    @api.model
    def _process_order(self, order, existing_order):
        order_id = super()._process_order(order, existing_order)
        self.browse(order_id)._note_what_was_said()
        return order_id

    def _note_what_was_said(self):
        """With the engine's rights: cashiers have none on feedback.

        What is refused stays on the order; the scheduled action tries again.
        """
        for order in self.sudo():
            if not (order.value_feedback_kind or order.value_competitor_id):
                continue
            try:
                with self.env.cr.savepoint():
                    order._note_feedback()
                    order._note_rival()
            except REFUSED:
                _logger.exception("Feedback of till order %s: later", order.id)

    def _note_feedback(self):
        if self.value_feedback_kind:
            self.env["customer.feedback"]._of_till(self)

    def _note_rival(self):
        rival = self.value_competitor_id
        if rival and self.value_promotion_id.competitor_id != rival:
            self.value_promotion_id = self.env[
                "customer.competitor.promotion"
            ]._heard_of(
                rival, self.company_id, self.value_feedback_text, self.env._("till")
            )

    @api.model
    def _unnoted(self):
        """Orders whose feedback was refused when they arrived."""
        self.env["customer.feedback"].flush_model(["channel", "res_model", "res_id"])
        noted = SQL(
            "SELECT res_id FROM customer_feedback "
            "WHERE channel = 'till' AND res_model = 'pos.order'"
        )
        since = fields.Datetime.now() - timedelta(days=DAYS_BACK)
        return self.sudo().search(
            [
                ("write_date", ">=", since),
                "|",
                "&",
                ("value_feedback_kind", "!=", False),
                ("id", "not in", noted),
                "&",
                ("value_competitor_id", "!=", False),
                ("value_promotion_id", "=", False),
            ]
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
                    "clicks": TAPS,
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
