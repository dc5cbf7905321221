import logging
from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..tools.window import local_today, month_ends
from .counted import counted
from .customer_loyalty_sql import LoyaltySql
from .customer_value_engine import BROKEN
from .kept_sql import Blank, filled
from .scoring_plan import EVERYBODY, Scope

_logger = logging.getLogger(__name__)

STATE = {
    "stage_id": "stage_id",
    "since": "since",
    "behavioural": "behavioural",
    "attitudinal": "attitudinal",
    "quadrant": "quadrant",
    "purchases": "COALESCE(purchases, 0)",
    "first_date": "first_day",
    "last_date": "last_day",
    "touch_date": "CASE WHEN purchases IS NULL THEN idle_since END",
    "expected_days": "ROUND(expected::numeric, 2)::float8",
    "due_date": "last_day + CEIL(ROUND(expected::numeric, 6))::int",
}
"""Columns of the present state, and what each is in the evaluation."""


class CustomerLoyaltyHistory(models.Model):
    """Every step of a customer from one loyalty stage to the next, append-only.

    A step has the day on which it was found, which evaluating at night and after every
    change makes the day it happened. The very first step of a customer, and those found
    by a replay, have the day on which the rule began to hold, as far as documents tell.
    What was worked out later than its day is marked *reconstructed*.
    """

    _name = "customer.loyalty.history"
    _inherit = ["customer.value.about", "customer.value.following"]
    _description = "Loyalty History"
    _order = "date desc, id desc"
    _log_access = False

    company_id = fields.Many2one(index=False)
    date = fields.Date(required=True, readonly=True)
    from_stage_id = fields.Many2one(
        "customer.loyalty.stage",
        string="Stage Before",
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    stage_id = fields.Many2one(
        "customer.loyalty.stage",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    stage_color = fields.Char(related="stage_id.color", string="Stage Colour")
    days_before = fields.Integer(
        string="Days in the Stage Before", readonly=True, aggregator="avg"
    )
    evidence_values = fields.Json(readonly=True)
    evidence = fields.Char(
        compute="_compute_evidence", help="What put the customer into the stage."
    )
    recorded = fields.Datetime(readonly=True)
    is_replayed = fields.Boolean(
        string="Reconstructed",
        readonly=True,
        help="Worked out later, from documents.",
    )
    former_id = fields.Integer(
        string="Merged Contact",
        readonly=True,
        required=True,
        default=0,
        help="Number of the contact whose history this was before it was merged into "
        "this customer; 0 for the customer's own.",
    )

    _course_idx = models.Index("(partner_id, company_id, date)")

    # ------------------------------------------------------------------- evidence

    @api.depends("evidence_values", "date")
    @api.depends_context("lang")
    def _compute_evidence(self):
        for step in self:
            step.evidence = self._in_words(step.date, step.evidence_values or {})

    @api.model
    def _in_words(self, day, values):
        """A sentence in the reader's language, as of the day of the step."""
        told = {
            name: format_date(self.env, values[name])
            for name in ("first", "last", "back", "touch", "given_up")
            if values.get(name)
        }
        told = {**values, **told}
        for name, since in (("elapsed", "last"), ("idle", "touch")):
            if values.get(since):
                days = (day - fields.Date.to_date(values[since])).days
                told[name] = counted(self.env, "days_before", days)
        if "expected" in values:
            days = round(values["expected"]) or 1
            told["every"] = counted(self.env, "every", days)
        kind = values.get("kind")
        if "purchases" not in values:
            return self._prospect_in_words(kind, told)
        if kind == "overdue":
            return self.env._(
                "Last purchase on %(last)s, %(elapsed)s; expected %(every)s. "
                "%(percent)s of 100 come back within %(limit)s days.",
                **told,
            )
        if kind == "returned":
            return self.env._(
                "Bought on %(back)s after %(limit)s days away; expected %(every)s.",
                **told,
            )
        if kind == "advocate":
            return self.env._(
                "Bought on %(purchases)s days, the last time on %(last)s; attitude "
                "%(attitude)s of 100.",
                **told,
            )
        if values["purchases"] == 1:
            return self.env._("Bought once, on %s.", told["last"])
        return self.env._(
            "Bought on %(purchases)s days since %(first)s, the last time on %(last)s.",
            **told,
        )

    def _prospect_in_words(self, kind, told):
        if "touch" not in told:
            return ""
        if kind == "dormant" and "given_up" in told:
            return self.env._(
                "Never bought. The last opportunity was lost on %s, nobody in touch "
                "since.",
                told["given_up"],
            )
        if kind == "dormant" and told.get("open"):
            return self.env._(
                "Never bought. An opportunity is open, but nobody was in touch since "
                "%(touch)s, %(idle)s.",
                **told,
            )
        if kind == "dormant":
            return self.env._(
                "Never bought. Last in touch on %(touch)s, %(idle)s.",
                **told,
            )
        return self.env._("Never bought. Last in touch on %s.", told["touch"])

    @api.model
    def _spans(self, state, start, end):
        """A customer's stages between two days, oldest first, for the browser.

        The first one may have begun before ``start``: it is told by its own day.
        """
        steps = self.search(
            [
                ("partner_id", "=", state.partner_id.id),
                ("company_id", "=", state.company_id.id),
                ("former_id", "=", 0),
            ],
            order="date, id",
        )
        ends = [*steps[1:].mapped("date"), end]
        return [
            {
                "id": step.id,
                "stage": step.stage_id.sudo().name,
                "color": step.stage_id.sudo().color,
                "start": fields.Date.to_string(step.date),
                "end": fields.Date.to_string(until),
                "days": (until - step.date).days,
                "evidence": step.evidence,
                "is_replayed": step.is_replayed,
            }
            for step, until in zip(steps, ends, strict=False)
            if until >= start
        ]

    # ----------------------------------------------------------------- evaluating

    @api.model
    def _update_company(self, company):
        """A company whose past is to be worked out gets that first."""
        if not company.loyalty_replay_months:
            return super()._update_company(company)
        self._replay_months(company, company.loyalty_replay_months)
        company.loyalty_replay_months = 0
        return None

    @api.model
    def _start_replay(self, companies, months):
        """Have the stages of past months worked out by the scheduled action."""
        companies.sudo().loyalty_replay_months = months
        self.env.ref("customer_value.ir_cron_loyalty").sudo()._trigger()

    @api.model
    def _update(self, company, as_of, ids=None, since=None):
        """Bring stages and indices up to date; each step is told in the history.

        :param ids: commercial entities, everybody if None
        :param since: the first day that was not evaluated, if that is not ``as_of``
        :return: the number of steps
        """
        if ids is not None and not ids:
            return 0
        self.env.flush_all()
        engine = self.env["customer.value.engine"]
        scope = EVERYBODY if ids is None else engine._scope_of(sorted(ids))
        steps = None
        if scope.is_few and not since:
            steps = self._update_few(company, as_of, scope)
        if steps is None:
            composer = self._composer(company, as_of, scope, since or as_of)
            steps = self._isolated(
                composer, lambda: self._told_steps(self._update_sql(composer), scope)
            )
        self._forget_cached()
        return steps

    def _update_few(self, company, as_of, scope):
        """By the statement that was kept; None if there is none that works."""
        statement = self._kept_update(company.id, as_of)
        if not statement:
            return None
        self.env["customer.value.engine"]._suit_database(scope)
        try:
            with self.env.cr.savepoint(flush=False):
                return self._told_steps(statement, scope)
        except BROKEN:
            return None  # what is broken is found, told and left out, one by one

    def _told_steps(self, statement, scope):
        values = {
            Blank.ENTITIES: scope.ids,
            Blank.CONTACTS: scope.contacts,
            Blank.NOW: self.env.cr.now(),
        }
        return self.env.execute_query(filled(statement, values))[0][0]

    @tools.ormcache("company_id", "as_of")
    def _kept_update(self, company_id, as_of):
        """The statement for a few customers, to be filled in; None if not to be kept.

        Forgotten with the other caches when a stage, a value model, a source or a
        company's time zone changes.
        """
        company = self.env["res.company"].browse(company_id)
        scope = Scope(ids=Blank.ENTITIES, contacts=Blank.CONTACTS)
        composer = self._composer(company, as_of, scope, as_of)
        return self._update_sql(composer) if composer.is_steady() else None

    @api.model
    def _replay(self, company, days):
        """Work out stages of past days from documents, as far as none were recorded.

        What was recorded at the time stays as it is; what was reconstructed before is
        worked out again. Of several steps between two of the days only the last is
        found; it has the day on which it was taken, as far as documents tell.

        :param days: month ends for instance; the more, the more exact
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "DELETE FROM customer_loyalty_history "
                "WHERE company_id = %s AND is_replayed AND former_id = 0",
                company.id,
            )
        )
        since = None
        for day in sorted(days):
            composer = self._composer(company, day, since=since or day)
            since = day + timedelta(days=1)
            self._isolated(
                composer,
                lambda c=composer: self.env.cr.execute(
                    filled(self._past_sql(c), {Blank.NOW: self.env.cr.now()})
                ),
            )
        self.env.cr.execute(self._link_sql(company))
        self.env.cr.execute(
            SQL(
                "DELETE FROM customer_loyalty_history "
                "WHERE company_id = %s AND former_id = 0 AND from_stage_id = stage_id",
                company.id,
            )
        )
        self._update(company, local_today(company.value_tz), since=since)

    @api.model
    def _replay_months(self, company, months):
        """The ends of the past months."""
        today = local_today(company.value_tz)
        self._replay(company, month_ends(today, months))

    @api.model
    def _composer(self, company, as_of, scope=EVERYBODY, since=None):
        """What composes the statement.

        :param since: the first day not evaluated before; None for reading documents
            only, without stages and rhythm
        """
        self.env.flush_all()
        engine = self.env["customer.value.engine"]
        env = engine._plain_env()
        company = company.with_env(env)
        composer = LoyaltySql(env, company, as_of, since, scope)
        if since:
            rhythm = env["customer.loyalty.rhythm"]._for(company, as_of)
            composer.rhythm_now = rhythm._values()
            composer.stages = env["customer.loyalty.stage"].search([])
            composer.models = env["customer.value.model"].search(
                [("state", "=", "active"), ("company_id", "=", company.id)]
            )
            composer.sources = env["customer.value.source"]._for_loyalty()
        engine._suit_database(composer.scope)
        return composer

    def _isolated(self, composer, action):
        """Run ``action``; when a source cannot be read, find which, and go without."""
        try:
            with self.env.cr.savepoint(flush=False):
                return action()
        except BROKEN:
            readable = composer.sources.filtered(
                lambda source: self._reads(composer, source)
            )
            if readable == composer.sources:
                raise
            _logger.warning(
                "Customer loyalty: %s is evaluated without %s",
                composer.company.name,
                ", ".join((composer.sources - readable).mapped("name")),
            )
        composer.sources = readable
        return self._isolated(composer, action)

    def _reads(self, composer, source):
        """Whether the source can be read by itself."""
        alone = replace(composer, sources=source)
        reading = alone.breadth() if source.loyalty_use == "breadth" else alone.said()
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(SQL("SELECT COUNT(probe) FROM (%s) probe", reading))
        except BROKEN:
            return False
        return True

    def _update_sql(self, composer):
        """Tells the steps, keeps the state, drops who left; ``(steps, states)``."""
        names = SQL(", ").join(map(SQL.identifier, STATE))
        values = SQL(", ").join(map(SQL, STATE.values()))
        new = SQL(", ").join(SQL.identifier("fresh", name) for name in STATE)
        old = SQL(", ").join(SQL.identifier("old", name) for name in STATE)
        updates = SQL(", ").join(
            SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name))
            for name in STATE
        )
        return SQL(
            """
            WITH %(evaluated)s, compared AS MATERIALIZED (
                SELECT staged.*, before.stage_id AS before_id,
                       before.date AS before_date,
                       before.stage_id IS DISTINCT FROM staged.stage_id AS moved,
                       CASE WHEN before.stage_id IS NULL THEN staged.entered
                            WHEN before.stage_id <> staged.stage_id
                            THEN GREATEST(staged.moved_on, before.date)
                            ELSE before.date END AS since
                  FROM staged
                  %(before)s
            ), told AS (
                %(told)s
            ), fresh (partner_id, %(names)s) AS (
                SELECT partner_id, %(values)s FROM compared
            ), stored AS (
                INSERT INTO customer_loyalty_state (partner_id, company_id, %(names)s)
                     SELECT fresh.partner_id, %(company)s, %(new)s
                       FROM fresh
                  LEFT JOIN customer_loyalty_state old
                         ON old.partner_id = fresh.partner_id
                        AND old.company_id = %(company)s
                      WHERE old.id IS NULL
                         OR (%(new)s) IS DISTINCT FROM (%(old)s)
                ON CONFLICT (partner_id, company_id) DO UPDATE SET %(updates)s
                  RETURNING 1
            ), removed AS (
                DELETE FROM customer_loyalty_state state
                      WHERE state.company_id = %(company)s AND %(scope)s
                        AND NOT EXISTS (
                            SELECT 1 FROM staged
                             WHERE staged.partner_id = state.partner_id)
            )
            SELECT (SELECT COUNT(*) FROM told), (SELECT COUNT(*) FROM stored)
            """,
            evaluated=composer.evaluated(),
            before=self._before_sql(composer),
            told=self._told_sql(composer),
            as_of=composer.as_of,
            company=composer.company.id,
            scope=composer.scope.entity(SQL("state.partner_id")),
            names=names,
            values=values,
            new=new,
            old=old,
            updates=updates,
        )

    def _before_sql(self, composer):
        """The step before, of those until the day."""
        return SQL(
            """
            LEFT JOIN LATERAL (
                SELECT step.stage_id, step.date
                  FROM customer_loyalty_history step
                 WHERE step.partner_id = staged.partner_id
                   AND step.company_id = %s AND step.former_id = 0 AND step.date <= %s
              ORDER BY step.date DESC, step.id DESC LIMIT 1
                 ) before ON TRUE
            """,
            composer.company.id,
            composer.as_of,
        )

    def _told_sql(self, composer, is_replayed=False):
        """History of those ``compared`` who moved, with what was bought by then."""
        return SQL(
            """
            INSERT INTO customer_loyalty_history
                        (partner_id, company_id, former_id, date, from_stage_id,
                         stage_id, days_before, evidence_values, recorded, is_replayed)
                 SELECT partner_id, %(company)s, 0, since, before_id, stage_id,
                        since - before_date,
                        evidence || JSONB_STRIP_NULLS(JSONB_BUILD_OBJECT(
                            'purchases', by_then.purchases, 'last', by_then.last)),
                        %(now)s, %(replayed)s
                   FROM compared,
                LATERAL (SELECT NULLIF(COUNT(*), 0) AS purchases, MAX(day) AS last
                           FROM UNNEST(days) day WHERE day <= since) by_then
                  WHERE moved
              RETURNING 1
            """,
            company=composer.company.id,
            now=Blank.NOW,
            replayed=SQL("TRUE") if is_replayed else SQL("since < %s", composer.as_of),
        )

    def _past_sql(self, composer):
        """Steps found on a past day, but for whom something was recorded by then."""
        return SQL(
            """
            WITH %(evaluated)s, compared AS (
                SELECT staged.*, before.stage_id AS before_id,
                       before.date AS before_date,
                       before.stage_id IS DISTINCT FROM staged.stage_id
                       AND NOT EXISTS (
                           SELECT 1 FROM customer_loyalty_history recorded
                            WHERE recorded.partner_id = staged.partner_id
                              AND recorded.company_id = %(company)s
                              AND recorded.former_id = 0
                              AND recorded.date <= %(as_of)s
                              AND NOT recorded.is_replayed) AS moved,
                       CASE WHEN before.stage_id IS NULL THEN staged.entered
                            ELSE GREATEST(staged.moved_on, before.date) END AS since
                  FROM staged
                  %(before)s
            )
            %(told)s
            """,
            evaluated=composer.evaluated(),
            before=self._before_sql(composer),
            told=self._told_sql(composer, is_replayed=True),
            company=composer.company.id,
            as_of=composer.as_of,
        )

    def _link_sql(self, company):
        """Let the first recorded step follow upon the last reconstructed one."""
        return SQL(
            """
            UPDATE customer_loyalty_history step
               SET from_stage_id = linked.from_id,
                   days_before = step.date - linked.from_date
              FROM (SELECT id, LAG(stage_id) OVER course AS from_id,
                           LAG(date) OVER course AS from_date
                      FROM customer_loyalty_history
                     WHERE company_id = %s AND former_id = 0
                    WINDOW course AS (PARTITION BY partner_id ORDER BY date, id)
                   ) linked
             WHERE linked.id = step.id
               AND step.from_stage_id IS DISTINCT FROM linked.from_id
            """,
            company.id,
        )

    def _forget_cached(self):
        self.invalidate_model()
        self.env["customer.loyalty.state"].invalidate_model()
        self.env["res.partner"]._invalidate_loyalty_fields()
