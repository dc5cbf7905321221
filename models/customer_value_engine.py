import logging
from dataclasses import replace

import psycopg2

from odoo import SUPERUSER_ID, api, models, tools
from odoo.exceptions import UserError
from odoo.tools import SQL

from .customer_value_dirty import AGAIN
from .customer_value_history import STEPS
from .customer_value_source import SourceDefinitionError
from .kept_sql import Blank, filled
from .scoring_plan import EVERYBODY, FEW, SCOPE_TABLE, Plan, Scope
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

CHANGED_TABLE = SQL.identifier("customer_value_changed")
"""Temporary: the results of many customers that are to be stored or told."""

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
    "calibration",
    "raw",
    "basis",
    "points",
    "states",
)

TOLD = (
    "model_id",
    "score",
    "computed_score",
    "tier_id",
    "coverage",
    "raw",
    "basis",
    "points",
    "states",
    "cause",
)
"""What the history keeps of a result; its cause last."""


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
    def _score(self, model, as_of, scope=EVERYBODY, cause="evidence", run=None):
        """Score and store; who left the model's population loses the score.

        :param run: the run this is a part of, which may have read the sources already
        :return: ``(rows changed, {source or indicator: message})``
        """
        plan = self._plan(model, as_of, scope, run)
        if plan.scope.ids == ():
            return 0, {}
        changed = self._isolated(plan, lambda: self._store(plan, cause))
        self._report(plan)
        return changed, plan.errors

    @api.model
    def _results(self, model, as_of, partner_ids):
        """What scoring the entities would give, without writing; one dict each."""
        plan = self._plan(model, as_of, Scope(ids=tuple(partner_ids)))
        return self._isolated(
            plan,
            lambda: self.env.execute_query_dict(self._statement(plan, "results")),
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
    def _score_held(self, version, as_of, scope=EVERYBODY, run=None):
        """Bring those up to date whom a replaced version still scores.

        What they did since is then told apart from what the new version does.
        """
        for model in version:
            plan = self._plan(model, as_of, scope, run, only_held=True)
            self._isolated(plan, lambda plan=plan: self._store(plan, "time"))

    @api.model
    def _write_past(self, model, as_of, scope, run=None):
        """History of a past day, for customers of whom nothing was recorded so early.

        :return: the number of rows
        """
        return self._replay(
            model,
            as_of,
            scope,
            SQL("recorded.date <= %s AND NOT recorded.is_replayed", as_of),
            run,
        )

    @api.model
    def _write_closing(self, model, as_of, scope, run=None):
        """History of a month's end, for customers who did not move on that day."""
        self._replay(model, as_of, scope, SQL("FALSE"), run, is_replayed=False)

    def _replay(self, model, as_of, scope, unless, run, is_replayed=True):
        plan = self._plan(model, as_of, scope, run, keeps_last_good=False)

        def write():
            self._fill_changed_table(self._past_sql(plan, unless))
            self.env.cr.execute(self._past_told_sql(plan, is_replayed))
            return self.env.cr.rowcount

        return self._isolated(plan, write)

    # ------------------------------------------------------------------ planning

    def _plan(self, model, as_of, scope, run=None, **options):
        """What to compose and execute, the same whoever asks for it."""
        self.env.flush_all()
        plan = Plan(model.with_env(self._plain_env()), as_of, scope, **options)
        if run:
            plan.errors = run._errors()
            plan.readings = run.reading_ids._tables(model, as_of)
        if scope.ids is not None:
            self._narrow(plan)
        elif scope.first is not None:
            self._fill_scope_table(scope.entity(SQL("commercial_partner_id")))
            plan.scope = replace(scope, has_table=True)
        self._suit_database(plan.scope)
        return plan

    def _plain_env(self):
        """Nobody's language, companies or rights: a filter always means the same."""
        return self.env(user=SUPERUSER_ID, context={})

    def _narrow(self, plan):
        """Only the entities that the model concerns, with all their contacts."""
        rows = self.env.execute_query(self._statement(plan, "concerned"))
        ids = tuple(entity for entity, __ in rows)
        contacts = tuple(contact for __, contacts in rows for contact in contacts)
        if len(contacts) <= FEW:
            plan.scope = Scope(ids=ids, contacts=contacts)
            return
        everyone = list({*ids, *contacts})
        self._fill_scope_table(SQL("id = ANY(%s)", everyone))
        plan.scope = Scope(ids=ids, has_table=True)

    def _scope_of(self, entities):
        """These entities with all their contacts, by name if they are few."""
        if len(entities) <= FEW:
            rows = self.env.execute_query(
                SQL(
                    "SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)",
                    entities,
                )
            )
            contacts = {contact for (contact,) in rows} | set(entities)
            if len(contacts) <= FEW:
                return Scope(ids=tuple(entities), contacts=tuple(sorted(contacts)))
        self._fill_scope_table(SQL("commercial_partner_id = ANY(%s)", entities))
        return Scope(ids=tuple(entities), has_table=True)

    def _fill_scope_table(self, condition):
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS pg_temp.%(table)s;
                CREATE TEMPORARY TABLE %(table)s ON COMMIT DROP AS
                    SELECT id AS contact FROM res_partner WHERE %(condition)s;
                CREATE UNIQUE INDEX ON pg_temp.%(table)s (contact);
                ANALYZE pg_temp.%(table)s
                """,
                table=SCOPE_TABLE,
                condition=condition,
            )
        )

    def _suit_database(self, scope):
        """Settings for such statements, until the transaction ends.

        Compiling one (JIT) takes longer than running it. Documents of a few contacts
        are read by the contact's index alone: combined with another (a bitmap), all of
        the company's would be looked up. Sorting those of many wants memory: never
        less than the server grants.
        """
        self.env.cr.execute(
            "SET LOCAL jit = off; SET LOCAL enable_bitmapscan = off"
            if scope.is_few
            else "SET LOCAL jit = off; SET LOCAL enable_bitmapscan TO DEFAULT"
        )
        if not scope.is_few:
            self.env.cr.execute(
                SQL(
                    "SELECT SET_CONFIG('work_mem', %(ours)s, TRUE) WHERE "
                    "PG_SIZE_BYTES(CURRENT_SETTING('work_mem')) "
                    "< PG_SIZE_BYTES(%(ours)s)",
                    ours=WORK_MEM,
                )
            )

    # ---------------------------------------------------------------- statements

    def _statement(self, plan, part):
        """One of :data:`STATEMENTS`, ready to be executed."""
        kept = None
        few = plan.scope.is_few or part == "concerned"
        if few and plan.model.state == "active" and not plan.errors:
            kept = self._kept_statements(plan.model.id, plan.as_of)
        statement = kept[part] if kept else STATEMENTS[part](self, plan)
        values = {
            Blank.ENTITIES: plan.scope.ids,
            Blank.CONTACTS: plan.scope.contacts,
            Blank.NOW: self.env.cr.now(),
            Blank.USER: self.env.uid,
            Blank.CAUSE: plan.cause,
        }
        return filled(statement, values)

    @tools.ormcache("model_id", "as_of")
    def _kept_statements(self, model_id, as_of):
        """Statements for a few customers, to be filled in; None if not to be kept.

        Forgotten with the other caches when a value model, its parts, a source, a
        dimension or a company's time zone changes.
        """
        model = self._plain_env()["customer.value.model"].browse(model_id)
        scope = Scope(ids=Blank.ENTITIES, contacts=Blank.CONTACTS)
        plan = Plan(model, as_of, scope)
        if not plan.is_steady():
            return None
        return {part: STATEMENTS[part](self, plan) for part in KEPT}

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
        """Tell on each source's form what went wrong, or that it works again.

        That a few customers were scored without an error proves nothing.
        """
        sources = plan.indicators.source_id | plan.indicators.opportunity_source_id
        if plan.scope.ids is not None:
            sources &= sources.browse(
                record.id for record in plan.errors if record._name == sources._name
            )
        for source in sources:
            if source._is_broken():
                plan.errors.setdefault(source, source.unavailable_reason)
            source._note_error(plan.errors.get(source))

    # ------------------------------------------------------------------- storing

    def _store(self, plan, cause):
        """Upsert what differs, with its history; returns the number of rows changed."""
        plan.cause = cause
        if not plan.scope.is_few:
            self._fill_changed_table(self._statement(plan, "changed"))
        [(changed, removed)] = self.env.execute_query(self._statement(plan, "store"))
        if changed or removed:
            self._forget_cached_scores()
        return changed

    def _fill_changed_table(self, changed):
        """Find out beforehand what differs.

        PostgreSQL reads in parallel for a table, and never for a statement that
        writes. And what it plans for an empty history is not what a history wants
        that grows under it.
        """
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS pg_temp.%(table)s;
                CREATE TEMPORARY TABLE %(table)s ON COMMIT DROP AS %(changed)s
                """,
                table=CHANGED_TABLE,
                changed=changed,
            )
        )

    def _changed_sql(self, plan):
        """Results that differ from the ``old`` rows, with the cause and the old."""
        new = SQL(", ").join(SQL.identifier("result", name) for name in WRITTEN)
        old = SQL(", ").join(SQL.identifier("old", name) for name in WRITTEN)
        return SQL(
            """
            SELECT result.*, (%(caused)s)::varchar AS cause,
                   old.id IS NULL
                   OR FLOOR(old.score + 0.5) <> FLOOR(result.score + 0.5)
                   OR old.tier_id IS DISTINCT FROM result.tier_id
                   OR ROUND(old.coverage) <> ROUND(result.coverage) AS moved,
                   old.model_id AS before_model_id, old.computed_score AS before_score,
                   old.points AS before_points, old.states AS before_states
              FROM (%(result)s) result
         LEFT JOIN customer_value_score old
                ON old.partner_id = result.partner_id
               AND old.company_id = result.company_id
             WHERE (%(new)s) IS DISTINCT FROM (%(old)s) AND %(unless)s
            """,
            result=ScoringSql(plan).tiered(),
            caused=self._cause_sql(plan),
            unless=self._unless_known_better(plan),
            new=new,
            old=old,
        )

    def _unless_known_better(self, plan):
        """Who was scored after the run had read is left alone until the run is over."""
        if not plan.readings:
            return SQL("TRUE")
        return SQL(
            "NOT EXISTS (SELECT 1 FROM customer_value_dirty mark "
            "WHERE mark.res_model = %s AND mark.res_id = result.partner_id)",
            AGAIN,
        )

    def _store_sql(self, plan):
        statement = ScoringSql(plan)
        names = SQL(", ").join(map(SQL.identifier, WRITTEN))
        updates = SQL(", ").join(
            SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name))
            for name in WRITTEN
        )
        few = plan.scope.is_few
        return SQL(
            """
            WITH changed AS MATERIALIZED (
                %(changed)s
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
            ), removed AS (
                DELETE FROM customer_value_score score
                      WHERE score.partner_id IN (%(held)s EXCEPT %(members)s)
                        AND score.company_id = %(company)s
                  RETURNING 1
            ), told AS (
                %(told)s
            )
            SELECT (SELECT COUNT(*) FROM changed), (SELECT COUNT(*) FROM removed)
            """,
            changed=self._changed_sql(plan) if few else SQL("TABLE %s", CHANGED_TABLE),
            held=statement.held(),
            members=statement.members(),
            company=plan.company.id,
            names=names,
            updates=updates,
            uid=Blank.USER,
            now=Blank.NOW,
            told=self._told_sql(plan),
        )

    def _cause_sql(self, plan):
        """Why the row differs from the ``old`` one: whatever run came upon it."""
        return SQL(
            """
            CASE WHEN old.id IS NULL THEN %(cause)s
                 WHEN old.model_id <> result.model_id THEN 'configuration'
                 WHEN old.calibration IS DISTINCT FROM result.calibration
                 THEN 'calibration'
                 WHEN old.is_overridden <> result.is_overridden THEN 'override'
                 ELSE %(cause)s END
            """,
            cause=Blank.CAUSE,
        )

    def _told_sql(self, plan):
        """History of the ``changed``: the day's last row stands, steps beside it."""
        names = SQL(", ").join(map(SQL.identifier, TOLD))
        updates = SQL(", ").join(
            SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name))
            for name in TOLD
        )
        return SQL(
            """
            INSERT INTO customer_value_history
                        (partner_id, company_id, date, is_step, former_id, recorded,
                         is_replayed, %(names)s, before_model_id, before_score,
                         before_points, before_states)
                 SELECT partner_id, company_id, %(as_of)s, step, 0, %(now)s, FALSE,
                        %(names)s,
                        CASE WHEN step THEN before_model_id END,
                        CASE WHEN step THEN before_score END,
                        CASE WHEN step THEN before_points END,
                        CASE WHEN step THEN before_states END
                   FROM changed,
                LATERAL (SELECT cause IN %(steps)s AND before_model_id IS NOT NULL
                                AS step) kind
                  WHERE moved
                     OR step AND (points, states) IS DISTINCT FROM
                                 (before_points, before_states)
            ON CONFLICT (partner_id, company_id, date, is_step, former_id)
              DO UPDATE SET recorded = EXCLUDED.recorded, is_replayed = FALSE,
                            %(updates)s
            """,
            names=names,
            updates=updates,
            as_of=plan.as_of,
            now=Blank.NOW,
            steps=STEPS,
        )

    def _forget_cached_scores(self):
        self.env["customer.value.score"].invalidate_model()
        self.env["customer.value.history"].invalidate_model()
        self.env["res.partner"]._invalidate_value_fields()

    def _past_sql(self, plan, unless):
        """Results of a past day; none for who was not there yet and brought nothing.

        :param unless: condition on ``recorded`` rows that make it superfluous
        """
        return SQL(
            """
            SELECT result.*
              FROM (%(result)s) result
              JOIN res_partner customer ON customer.id = result.partner_id
             WHERE (customer.create_date < %(as_of)s + INTERVAL '1 day'
                    OR result.computed_score > 0)
               AND NOT EXISTS (
                   SELECT 1 FROM customer_value_history recorded
                    WHERE recorded.partner_id = result.partner_id
                      AND recorded.company_id = result.company_id
                      AND recorded.former_id = 0
                      AND %(unless)s)
            """,
            as_of=plan.as_of,
            unless=unless,
            result=ScoringSql(plan).tiered(),
        )

    def _past_told_sql(self, plan, is_replayed):
        names = SQL(", ").join(map(SQL.identifier, TOLD[:-1]))
        return SQL(
            """
            INSERT INTO customer_value_history
                        (partner_id, company_id, date, is_step, former_id, recorded,
                         is_replayed, cause, %(names)s)
                 SELECT partner_id, company_id, %(as_of)s, FALSE, 0, %(now)s,
                        %(is_replayed)s, 'time', %(names)s
                   FROM %(table)s
            ON CONFLICT (partner_id, company_id, date, is_step, former_id) DO NOTHING
            """,
            as_of=plan.as_of,
            now=self.env.cr.now(),
            names=names,
            is_replayed=is_replayed,
            table=CHANGED_TABLE,
        )

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


STATEMENTS = {
    "concerned": lambda engine, plan: ScoringSql(plan).concerned(),
    "results": lambda engine, plan: ScoringSql(plan).tiered(),
    "changed": lambda engine, plan: engine._changed_sql(plan),
    "store": lambda engine, plan: engine._store_sql(plan),
}
"""What is executed for a plan."""

KEPT = ("concerned", "results", "store")
"""What is kept for a few customers; ``changed`` is a part of ``store`` for them."""
