import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.rhythm import ENOUGH, PERCENTS, Rhythm, random_percentile


class CustomerLoyaltyRhythm(models.Model):
    """How often a company's customers buy, as measured at the end of a month.

    It holds for the whole month that follows, so that from day to day only what a
    customer does moves him, one customer or all can be evaluated with the same
    result, and a past day is evaluated as it was then. See ``tools/rhythm.py``.
    """

    _name = "customer.loyalty.rhythm"
    _description = "Rhythm of Purchases"
    _order = "date desc, id desc"
    _log_access = False

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Date(
        required=True, readonly=True, help="Purchases until this day were measured."
    )
    interval_count = fields.Integer(string="Intervals", readonly=True)
    pooled = fields.Float(
        string="Mean Interval (Days)",
        readonly=True,
        aggregator=None,
        help="Over all intervals of all customers.",
    )
    percentiles = fields.Json(
        readonly=True,
        help="From 1 to 99: the ratio of elapsed to expected days that so many percent "
        "of the intervals stayed below.",
    )
    at_risk = fields.Float(
        string="80 % Return Before",
        compute="_compute_ratios",
        help="Times the expected interval.",
    )
    lost = fields.Float(
        string="95 % Return Before",
        compute="_compute_ratios",
        help="Times the expected interval.",
    )

    _company_date_unique = models.Constraint(
        "UNIQUE (company_id, date)", "The rhythm of a month is measured once."
    )

    @api.depends("percentiles")
    def _compute_ratios(self):
        for rhythm in self:
            values = rhythm._values()
            rhythm.at_risk = values.percentile(80)
            rhythm.lost = values.percentile(95)

    @api.model
    def _for(self, company, as_of):
        """The rhythm that holds on a day; measured if nobody did yet."""
        day = as_of.replace(day=1) - timedelta(days=1)
        rhythm = self.sudo().search(
            [("company_id", "=", company.id), ("date", "=", day)], limit=1
        )
        return rhythm or self._measure(company, day)

    @api.model
    def _measure(self, company, day):
        """Measure all intervals that ended until a day, in one statement."""
        history = self.env["customer.loyalty.history"]
        statement = history._composer(company, day).rhythm()
        [(count, pooled, percentiles)] = self.env.execute_query(statement)
        enough = count >= ENOUGH
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO customer_loyalty_rhythm
                            (company_id, date, interval_count, pooled, percentiles)
                     VALUES (%s, %s, %s, %s, %s::jsonb) ON CONFLICT DO NOTHING
                """,
                company.id,
                day,
                count,
                pooled or 0,
                json.dumps(percentiles) if enough else None,
            )
        )
        return self.sudo().search(
            [("company_id", "=", company.id), ("date", "=", day)], limit=1
        )

    def _values(self):
        """As pure arithmetic takes it."""
        self.ensure_one()
        return Rhythm(
            self.pooled if self.interval_count else None,
            self.percentiles or [random_percentile(percent) for percent in PERCENTS],
        )
