import logging

import psycopg2

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .customer_value_source import SourceDefinitionError
from .scoring_plan import EVERYBODY, Plan, Scope
from .scoring_sql import ScoringSql

_logger = logging.getLogger(__name__)

BROKEN = (
    psycopg2.DataError,
    psycopg2.ProgrammingError,
    psycopg2.NotSupportedError,
    SourceDefinitionError,
    UserError,
    ValueError,
    KeyError,
)
"""What a wrong definition raises; anything else (a lost connection, a conflict with
another transaction, a time-out) is not the source's fault and goes through."""

MAX_LITERAL_CONTACTS = 100_000
"""Up to so many contacts their ids are named in the query, so that each document table
is read by its index on the contact; above, a hash join is faster."""

FEW_CONTACTS = 500
WORK_MEM = "64MB"
"""For each sort or hash of a statement about more than a few contacts."""

WRITTEN = (
    "model_id",
    "score",
    "score_band",
    "computed_score",
    "tier_id",
    "computed_tier_id",
    "segment_id",
    "trend",
    "trend_points",
    "realised",
    "potential",
    "reference",
    "coverage",
    "evidence_count",
    "indicator_count",
    "is_flagged",
    "is_overridden",
    "raw",
    "basis",
    "points",
    "states",
)


class CustomerValueEngine(models.AbstractModel):
    """Scores customers in SQL, one pass per source, and writes only what changed.

    The statement is composed by :class:`~.scoring_sql.ScoringSql`.

    A source that cannot be read is found out by itself, left out with its last good
    points carried, and reported; the others are scored as usual.
    """

    _name = "customer.value.engine"
    _description = "Customer Value Engine"

    # ------------------------------------------------------------- entry points

    @api.model
    def _score(self, model, as_of, scope=EVERYBODY, cause="evidence"):
        """Score and store.

        :return: ``(rows changed, {source or indicator: message})``
        """
        plan = self._plan(model, as_of, scope)
        changed = self._isolated(plan, lambda: self._store(plan, cause))
        self._remove_leavers(plan)
        self._report(plan)
        return changed, plan.errors

    @api.model
    def _results(self, model, as_of, partner_ids):
        """What scoring the entities would give, without writing; one dict each."""
        plan = self._plan(model, as_of, Scope(ids=tuple(partner_ids)))
        return self._isolated(
            plan, lambda: self.env.execute_query_dict(ScoringSql(plan).tiered())
        )

    @api.model
    def _results_table(self, model, as_of, table):
        """Score the whole population into a temporary table, for a preview."""
        plan = self._plan(model, as_of, EVERYBODY)
        create = "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s"
        self._isolated(
            plan,
            lambda: self.env.cr.execute(
                SQL(create, SQL.identifier(table), ScoringSql(plan).tiered())
            ),
        )
        return plan.errors

    @api.model
    def _write_baseline(self, model, as_of, scope):
        """History rows of a past day for entities that have none so early.

        Gives the first run something to compare with: the trend is known at once.
        """
        plan = self._plan(model, as_of, scope)
        plan.keeps_last_good = False
        self._isolated(plan, lambda: self.env.cr.execute(self._baseline_sql(plan)))

    # ------------------------------------------------------------------ planning

    def _plan(self, model, as_of, scope):
        self.env.flush_all()
        model = model.sudo()
        plan = Plan(model, as_of, scope)
        if scope != EVERYBODY:
            plan.contacts = self._contacts(scope)
        self._suit_database(plan)
        return plan

    def _suit_database(self, plan):
        """Settings for large statements, until the transaction ends.

        Compiling such a statement (JIT) takes longer than running it, and sorting the
        documents of many customers wants memory: never less than the server grants.
        """
        self.env.cr.execute("SET LOCAL jit = off")
        if plan.contacts is None or len(plan.contacts) > FEW_CONTACTS:
            self.env.cr.execute(
                SQL(
                    "SELECT SET_CONFIG('work_mem', %(ours)s, TRUE) WHERE "
                    "PG_SIZE_BYTES(CURRENT_SETTING('work_mem')) "
                    "< PG_SIZE_BYTES(%(ours)s)",
                    ours=WORK_MEM,
                )
            )

    def _contacts(self, scope):
        """Ids of the entities and their contacts, archived ones too; None if many."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM res_partner WHERE %s LIMIT %s",
                scope.contains(SQL("commercial_partner_id")),
                MAX_LITERAL_CONTACTS + 1,
            )
        )
        if len(rows) > MAX_LITERAL_CONTACTS:
            return None
        return tuple(row[0] for row in rows)

    def _isolated(self, plan, action):
        """Run ``action``; when a definition breaks it, find which, and go without."""
        try:
            with self.env.cr.savepoint(flush=False):
                return action()
        except BROKEN as error:
            if not self._find_broken(plan):
                raise
            _logger.warning(
                "Customer value: %s is scored without %s",
                plan.model.name,
                ", ".join(record.display_name for record in plan.errors),
            )
            _logger.debug("Broken statement", exc_info=error)
        return self._isolated(plan, action)

    def _find_broken(self, plan):
        """Try every part by itself; True if a new culprit was found."""
        before = len(plan.errors)
        for source, indicators in ScoringSql(plan).by_source().items():
            self._probe(
                plan,
                source,
                lambda s=source, i=indicators: ScoringSql(plan).reading({s: i}),
            )
        for indicator in plan.measured:
            if indicator.aggregate == "attribute":
                self._probe(
                    plan,
                    indicator,
                    lambda i=indicator: ScoringSql(plan).population(i),
                )
        return len(plan.errors) > before

    def _probe(self, plan, culprit, build):
        try:
            with self.env.cr.savepoint(flush=False):
                # the whole row is counted: of "*" every column would be optimised away
                self.env.cr.execute(SQL("SELECT COUNT(probe) FROM (%s) probe", build()))
        except BROKEN as error:
            plan.errors[culprit] = str(error).strip()

    def _report(self, plan):
        """Tell on each source's form what went wrong, or that it works again."""
        sources = plan.indicators.source_id | plan.indicators.opportunity_source_id
        for source in sources:
            if source._is_broken():
                plan.errors.setdefault(source, source.unavailable_reason)
            # a few customers without an error do not prove that all are well again
            if source in plan.errors or plan.scope.ids is None:
                source._note_error(plan.errors.get(source))

    # ------------------------------------------------------------------- storing

    def _store(self, plan, cause):
        """Upsert what differs, with its history; returns the number of rows changed."""
        names = SQL(", ").join(map(SQL.identifier, WRITTEN))
        new = SQL(", ").join(SQL.identifier("result", name) for name in WRITTEN)
        old = SQL(", ").join(SQL.identifier("old", name) for name in WRITTEN)
        updates = SQL(", ").join(
            SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name))
            for name in WRITTEN
        )
        [(changed,)] = self.env.execute_query(
            SQL(
                """
                WITH changed AS MATERIALIZED (
                    SELECT result.*,
                           old.id IS NULL
                           OR FLOOR(old.score + 0.5) <> FLOOR(result.score + 0.5)
                           OR old.tier_id IS DISTINCT FROM result.tier_id
                           OR ROUND(old.coverage) <> ROUND(result.coverage) AS moved
                      FROM (%(result)s) result
                 LEFT JOIN customer_value_score old
                        ON old.partner_id = result.partner_id
                       AND old.company_id = result.company_id
                     WHERE (%(new)s) IS DISTINCT FROM (%(old)s)
                ), stored AS (
                    INSERT INTO customer_value_score
                                (partner_id, company_id, %(names)s,
                                 create_uid, create_date, write_uid, write_date)
                         SELECT partner_id, company_id, %(names)s,
                                %(uid)s, %(now)s, %(uid)s, %(now)s
                           FROM changed
                    ON CONFLICT (partner_id, company_id) DO UPDATE
                            SET %(updates)s, write_uid = EXCLUDED.write_uid,
                                write_date = EXCLUDED.write_date
                ), replaced AS (
                    DELETE FROM customer_value_history history
                          USING changed
                          WHERE changed.moved
                            AND history.partner_id = changed.partner_id
                            AND history.company_id = changed.company_id
                            AND history.date = %(as_of)s
                ), told AS (
                    INSERT INTO customer_value_history
                                (partner_id, company_id, model_id, date, score,
                                 tier_id, coverage, cause)
                         SELECT partner_id, company_id, model_id, %(as_of)s, score,
                                tier_id, coverage, %(cause)s
                           FROM changed WHERE moved
                )
                SELECT COUNT(*) FROM changed
                """,
                result=ScoringSql(plan).tiered(),
                new=new,
                old=old,
                names=names,
                updates=updates,
                uid=self.env.uid,
                now=self.env.cr.now(),
                as_of=plan.as_of,
                cause=cause,
            )
        )
        self._forget_cached_scores(changed)
        return changed

    def _forget_cached_scores(self, changed):
        if changed:
            self.env["customer.value.score"].invalidate_model()
            self.env["customer.value.history"].invalidate_model()
            self.env["res.partner"]._invalidate_value_fields()

    def _baseline_sql(self, plan):
        return SQL(
            """
            INSERT INTO customer_value_history
                        (partner_id, company_id, model_id, date, score, tier_id,
                         coverage, cause)
                 SELECT result.partner_id, result.company_id, result.model_id,
                        %(as_of)s, result.computed_score, result.computed_tier_id,
                        result.coverage, 'time'
                   FROM (%(result)s) result
                  WHERE NOT EXISTS (
                        SELECT 1 FROM customer_value_history history
                         WHERE history.partner_id = result.partner_id
                           AND history.company_id = result.company_id
                           AND history.date <= %(as_of)s)
            """,
            as_of=plan.as_of,
            result=ScoringSql(plan).tiered(),
        )

    def _remove_leavers(self, plan):
        """Take the score off who is no longer in the model's population."""
        partners = self.env["res.partner"].sudo().with_company(plan.company)
        population = partners._search(ScoringSql(plan).population_domain())
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM customer_value_score score
                      WHERE score.company_id = %s AND score.model_id = ANY(%s)
                        AND %s
                        AND NOT EXISTS (
                            SELECT 1 FROM (%s) stays
                             WHERE stays.id = score.partner_id)
                """,
                plan.company.id,
                plan.model._lineage().ids,
                plan.scope.contains(SQL("score.partner_id")),
                population.select(),
            )
        )
        self._forget_cached_scores(self.env.cr.rowcount)

    @api.model
    def _update_histogram(self, model, as_of):
        """Customers by shown score, from which percentiles are read at no cost."""
        rows = self.env.execute_query(
            SQL(
                "SELECT LEAST(GREATEST(FLOOR(score + 0.5), 0), 100)::int, COUNT(*) "
                "FROM customer_value_score WHERE model_id = %s GROUP BY 1",
                model.id,
            )
        )
        counts = dict(rows)
        model.sudo().write(
            {
                "histogram": [counts.get(score, 0) for score in range(101)],
                "scored_as_of": as_of,
            }
        )
