from odoo import api, fields, models
from odoo.tools import SQL

CAUSES = [
    ("evidence", "Evidence"),
    ("time", "Time"),
    ("calibration", "Calibration"),
    ("configuration", "Configuration"),
    ("merge", "Merge"),
    ("override", "Override"),
]
STEPS = ("calibration", "configuration", "merge")
"""Causes that are not the customer's doing: such a row knows the moment before, too."""


class CustomerValueHistory(models.Model):
    """Where a customer stood, append-only: a row when the shown score or tier moved.

    At most one row per customer, company and day; the last of the day stands. A day on
    which the configuration changed has a second one, the *step*: it holds what the old
    configuration gave (``before_…``) beside what the new one gave, so that behaviour
    and configuration never mix, and later rows of the day do not replace it. Rows are
    in the order of their day, then of ``recorded``.

    Beside the fields stand the vectors of the score (``raw``, ``basis``, ``points``,
    ``states``) and of the moment before a step (``before_points``, ``before_states``).
    Written by the engine alone.
    """

    _name = "customer.value.history"
    _description = "Customer Value History"
    _order = "date desc, recorded desc, id desc"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    model_id = fields.Many2one(
        "customer.value.model",
        readonly=True,
        ondelete="cascade",
        string="Value Model",
        help="The version that gave the score.",
    )
    date = fields.Date(required=True, readonly=True)
    recorded = fields.Datetime(readonly=True, default=fields.Datetime.now)
    score = fields.Float(readonly=True, aggregator="avg")
    computed_score = fields.Float(readonly=True, aggregator="avg")
    tier_id = fields.Many2one("customer.value.tier", readonly=True, ondelete="set null")
    coverage = fields.Float(readonly=True, aggregator="avg")
    cause = fields.Selection(CAUSES, readonly=True)
    is_step = fields.Boolean(
        readonly=True,
        required=True,
        default=False,
        help="A change of configuration, or a merge: not what the customer did.",
    )
    is_replayed = fields.Boolean(
        string="Reconstructed",
        readonly=True,
        help="Worked out later, from the documents of that time and the value model "
        "of today.",
    )
    former_id = fields.Integer(
        string="Merged Contact",
        readonly=True,
        required=True,
        default=0,
        help="Number of the contact whose history this was before it was merged into "
        "this customer; 0 for the customer's own.",
    )
    before_model_id = fields.Many2one(
        "customer.value.model", readonly=True, ondelete="set null"
    )
    before_score = fields.Float(readonly=True, aggregator=None)

    _day_unique = models.UniqueIndex(
        "(partner_id, company_id, date, is_step, former_id)",
        "A customer has one history row for a day.",
    )

    def init(self):
        """The vectors are no Odoo fields: arrays, written by the engine in SQL."""
        self.env.cr.execute("""
            ALTER TABLE customer_value_history
                ADD COLUMN IF NOT EXISTS raw double precision[],
                ADD COLUMN IF NOT EXISTS basis double precision[],
                ADD COLUMN IF NOT EXISTS points double precision[],
                ADD COLUMN IF NOT EXISTS states smallint[],
                ADD COLUMN IF NOT EXISTS before_points double precision[],
                ADD COLUMN IF NOT EXISTS before_states smallint[]
        """)

    @api.model
    def _course(self, score, months):
        """A score's points over time, the present one last, for the browser.

        :param score: a ``customer.value.score`` the user may read
        """
        today = score.model_id.sudo()._today()
        rows = self.search(
            [
                ("partner_id", "=", score.partner_id.id),
                ("company_id", "=", score.company_id.id),
                ("former_id", "=", 0),
                ("date", ">", fields.Date.subtract(today, months=months)),
            ],
            order="date, recorded, id",
        )
        course = [
            {
                "date": fields.Date.to_string(row.date),
                "score": row.score,
                "cause": row.cause,
                "is_replayed": row.is_replayed,
                "tier": tier.name or "",
                "color": tier.color or "",
            }
            for row, tier in ((row, row.sudo().tier_id) for row in rows)
        ]
        tier = score.sudo().tier_id
        course.append(
            {
                "date": fields.Date.to_string(today),
                "score": score.score,
                "cause": "",
                "is_replayed": False,
                "tier": tier.name or "",
                "color": tier.color or "",
            }
        )
        return course

    # ---------------------------------------------------------------- retention

    @api.autovacuum
    def _gc_thin(self):
        """Of every month that lies back long enough keep the last row, and all steps.

        A month is thinned once, when all of it is older than the days that are kept.
        """
        parameters = self.env["ir.config_parameter"].sudo()
        limit = fields.Date.subtract(fields.Date.today(), days=self._days_kept())
        until = limit.replace(day=1)
        since = parameters.get_param("customer_value.history_thinned") or "1900-01-01"
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM customer_value_history history
                 WHERE history.date >= %(since)s AND history.date < %(until)s
                   AND NOT history.is_step
                   AND EXISTS (
                       SELECT 1 FROM customer_value_history later
                        WHERE later.partner_id = history.partner_id
                          AND later.company_id = history.company_id
                          AND later.former_id = history.former_id
                          AND (later.date, later.recorded)
                              > (history.date, history.recorded)
                          AND later.date < DATE_TRUNC('month', history.date)
                                           + INTERVAL '1 month')
                """,
                since=since,
                until=until,
            )
        )
        parameters.set_param("customer_value.history_thinned", str(until))
        self.invalidate_model()

    @api.autovacuum
    def _gc_expired(self):
        """Delete what is older than the months to be kept; 0 keeps everything."""
        months = self._months_kept()
        if months:
            limit = fields.Date.subtract(fields.Date.today(), months=months)
            self.env.cr.execute(
                SQL("DELETE FROM customer_value_history WHERE date < %s", limit)
            )
            self.invalidate_model()

    def _days_kept(self):
        return self._parameter("customer_value.history_days", 90)

    def _months_kept(self):
        return self._parameter("customer_value.history_months", 0)

    def _parameter(self, name, default):
        text = self.env["ir.config_parameter"].sudo().get_param(name, default)
        return max(int(text), 0)
