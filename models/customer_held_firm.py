from odoo import api, fields, models

from ..tools.window import local_today
from .held_firm_sql import HeldFirmSql

OUTCOMES = [
    ("held", "Held firm"),
    ("delayed", "Delayed"),
    ("lapsed", "Lapsed"),
    ("pending", "Still open"),
]


class CustomerHeldFirm(models.Model):
    """What a customer did who was due while a rival was cheaper.

    One row for each customer and promotion, written in SQL by the evaluation alone.
    Who was not due in the window has no row: nobody knows what he would have done.

    * *held firm*: bought from us within the window;
    * *delayed*: bought after it, within one more interval of the own rhythm;
    * *lapsed*: did not;
    * *still open*: may still come.
    """

    _name = "customer.held.firm"
    _inherit = ["customer.value.about"]
    _description = "Customer Under a Rival's Promotion"
    _rec_name = "partner_id"
    _order = "promotion_id, due_date, id"
    _log_access = False

    promotion_id = fields.Many2one(
        "customer.competitor.promotion",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    competitor_id = fields.Many2one(
        related="promotion_id.competitor_id", string="Rival"
    )
    partner_id = fields.Many2one(index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    outcome = fields.Selection(OUTCOMES, required=True, readonly=True)
    date = fields.Date(
        string="Known On",
        readonly=True,
        help="The day on which the outcome was certain. Empty while it is open.",
    )
    last_date = fields.Date(
        string="Last Purchase Before", readonly=True, help="Before the promotion began."
    )
    expected_days = fields.Float(
        string="Every (Days)", readonly=True, digits=(6, 1), aggregator="avg"
    )
    due_date = fields.Date(
        string="Was Due On",
        readonly=True,
        help="The last purchase before, and the days expected by the own rhythm.",
    )
    grace_date = fields.Date(
        string="Awaited Until",
        readonly=True,
        help="The end of the promotion and one more interval.",
    )
    bought_date = fields.Date(
        string="Bought On", readonly=True, help="The first purchase since it began."
    )
    amount = fields.Monetary(
        string="Bought For",
        readonly=True,
        currency_field="currency_id",
        help="Net sales from that day to the one until which he was awaited.",
    )
    usual_amount = fields.Monetary(
        string="Usually",
        readonly=True,
        currency_field="currency_id",
        help="Net sales of a usual purchase day, of the year before the promotion.",
    )

    _promotion_partner_unique = models.Constraint(
        "UNIQUE (promotion_id, partner_id)", "A customer is judged once."
    )
    _known_idx = models.Index("(company_id, partner_id, date) WHERE date IS NOT NULL")

    # ------------------------------------------------------------------ business

    @api.model
    def _cron_evaluate(self):
        """Look again at every promotion that is not settled, the oldest look first."""
        promotions = self.env["customer.competitor.promotion"].search(
            [("is_settled", "=", False)], order="evaluated_on NULLS FIRST, id"
        )
        begun = promotions.filtered(lambda one: one.phase != "coming")
        remaining = len(begun)
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        for promotion in begun:
            self._evaluate(promotion)
            remaining -= 1
            if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                break

    @api.model
    def _evaluate(self, promotion, as_of=None):
        """Judge the customers who were due in a promotion's window.

        :return: the customers whose row changed; they are marked to be scored again
        """
        company = promotion.company_id
        as_of = as_of or local_today(company.value_tz)
        if not promotion.active or promotion.date_from > as_of:
            changed = self._forget(promotion)
        else:
            changed = self._write(promotion, as_of)
        self.invalidate_model()
        promotion.invalidate_recordset()
        pending = self.search_count(
            [("promotion_id", "=", promotion.id), ("outcome", "=", "pending")], limit=1
        )
        promotion.write(
            {
                "evaluated_on": as_of,
                "is_settled": promotion.date_to < as_of and not pending,
            }
        )
        self.env["customer.value.dirty"]._mark("res.partner", changed)
        return changed

    def _write(self, promotion, as_of):
        """Bring the rows up to date in one statement; whose changed, is returned."""
        company = promotion.company_id
        history = self.env["customer.loyalty.history"]
        rhythm = self.env["customer.loyalty.rhythm"]._for(company, promotion.date_from)
        reader = history._composer(company, as_of)
        reader.sources = reader.env["customer.value.source"]._for_loyalty()
        composer = HeldFirmSql(reader, promotion, rhythm._values().pooled)
        rows = self.env.execute_query(composer.update())
        return [partner_id for (partner_id,) in rows]

    def _forget(self, promotion):
        rows = self.search([("promotion_id", "=", promotion.id)])
        changed = rows.partner_id.ids
        rows.unlink()
        return changed
