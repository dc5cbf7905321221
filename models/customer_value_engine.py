import logging
from dataclasses import dataclass, field
from datetime import date, timedelta

import psycopg2

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from . import measure_sql as measure
from .customer_value_score import TREND_DAYS
from .customer_value_source import SourceDefinitionError

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

MAX_LITERAL_CONTACTS = 50_000
"""Up to so many contacts their ids are named in the query, so that each document table
is read by its index on the contact; above, a hash join is faster."""

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


@dataclass(frozen=True)
class Scope:
    """Which commercial entities: all, an id range (both ends included), or some ids."""

    first: int | None = None
    last: int | None = None
    ids: tuple[int, ...] | None = None

    def contains(self, entity: SQL) -> SQL:
        if self.ids is not None:
            return SQL("%s = ANY(%s)", entity, list(self.ids))
        if self.first is not None:
            return SQL("%s BETWEEN %s AND %s", entity, self.first, self.last)
        return SQL("TRUE")


EVERYBODY = Scope()


@dataclass
class Plan:
    """One scoring of one model: what, when, for whom, and what turned out broken."""

    model: object
    as_of: date
    scope: Scope = EVERYBODY
    contacts: tuple[int, ...] | None = None
    keeps_last_good: bool = True
    errors: dict = field(default_factory=dict)

    @property
    def company(self):
        return self.model.company_id

    @property
    def clock(self):
        return measure.Clock(self.as_of, self.company.value_tz)

    @property
    def indicators(self):
        return self.model.indicator_ids

    def state_of(self, indicator):
        """UNAVAILABLE, CARRIED (its source is broken) or None: to be measured."""
        sources = indicator.source_id | indicator.opportunity_source_id
        if sources.filtered(lambda source: not source.available):
            broken = sources.filtered(lambda source: source._is_broken())
            return measure.CARRIED if broken else measure.UNAVAILABLE
        if indicator in self.errors or any(source in self.errors for source in sources):
            return measure.CARRIED
        return None

    @property
    def measured(self):
        return self.indicators.filtered(lambda record: self.state_of(record) is None)

    @property
    def usable(self):
        """Indicators that may have evidence: all but the unavailable ones."""
        return self.indicators.filtered(
            lambda record: self.state_of(record) != measure.UNAVAILABLE
        )


class CustomerValueEngine(models.AbstractModel):
    """Scores customers in SQL, one pass per source, and writes only what changed.

    The statement is a tower of sub-queries, each reading the one below::

        population      who: entities of the model's domain, their attributes
        source          per source: every indicator's aggregate by entity
        measured        x, occasions and evidence state per indicator
        pointed         points per indicator
        scored          score, components, coverage, vectors
        tiered          tier, segment, override, trend
        changed         the rows that differ from the stored ones -> upsert, history

    ``OFFSET 0`` keeps PostgreSQL from folding a floor into the next, where every
    expression would be evaluated again for each use.

    A source that cannot be read is found out by itself, left out with its last good
    points carried, and reported; the others are scored as usual.
    """

    _name = "customer.value.engine"
    _description = "Customer Value Engine"

    # ------------------------------------------------------------- entry points

    @api.model
    def _score(self, model, as_of, scope=EVERYBODY, cause="evidence"):
        """Score and store; returns ``(rows changed, {source or indicator: message})``."""
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
            plan, lambda: self.env.execute_query_dict(self._tiered_sql(plan))
        )

    @api.model
    def _results_table(self, model, as_of, table):
        """Score the whole population into a temporary table, for a preview."""
        plan = self._plan(model, as_of, EVERYBODY)
        create = "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s"
        self._isolated(
            plan,
            lambda: self.env.cr.execute(
                SQL(create, SQL.identifier(table), self._tiered_sql(plan))
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
        if scope.ids is not None:
            plan.contacts = self._contacts(scope.ids)
        return plan

    def _contacts(self, entity_ids):
        """Ids of the entities and their contacts, archived ones too; None if many."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s) "
                "LIMIT %s",
                list(entity_ids),
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
        for source, indicators in self._by_source(plan).items():
            self._probe(
                plan, source, lambda s=source, i=indicators: self._source_sql(plan, s, i)
            )
        for indicator in plan.measured:
            if indicator.aggregate == "attribute":
                self._probe(
                    plan,
                    indicator,
                    lambda i=indicator: self._population_sql(plan, i),
                )
        return len(plan.errors) > before

    def _probe(self, plan, culprit, build):
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(SQL("SELECT COUNT(*) FROM (%s) probe", build()))
        except BROKEN as error:
            plan.errors[culprit] = str(error).strip()

    def _report(self, plan):
        """Tell on each source's form what went wrong, or that it works again."""
        sources = plan.indicators.source_id | plan.indicators.opportunity_source_id
        for source in sources:
            message = plan.errors.get(source) or (
                source._is_broken() and source.unavailable_reason
            )
            source._note_error(message)

    # --------------------------------------------------------------- population

    def _population_sql(self, plan, only=None):
        """``partner_id`` and the attributes; ``only`` one indicator to probe."""
        partners = self.env["res.partner"].sudo().with_company(plan.company)
        query = partners._search(self._population_domain(plan))
        query.add_where(plan.scope.contains(SQL.identifier("res_partner", "id")))
        columns = [SQL("res_partner.id AS partner_id")]
        for indicator in only or plan.measured:
            if indicator.aggregate == "attribute":
                columns.append(self._attribute_sql(plan, indicator, query))
        for rule in () if only else self._domain_rules(plan):
            condition = rule._partner_domain().optimize_full(partners)
            columns.append(
                SQL(
                    "COALESCE(%s, FALSE) AS %s",
                    condition._to_sql(partners, "res_partner", query),
                    self._flag(rule),
                )
            )
        return query.select(*columns)

    def _domain_rules(self, plan):
        """Tier rules that ask whether the customer matches a filter."""
        return plan.model.tier_ids.rule_ids.filtered(
            lambda rule: rule.kind in ("domain", "share")
        )

    def _flag(self, rule):
        return SQL.identifier(f"d{rule.id}")

    def _population_domain(self, plan):
        """Entities of the model that no earlier active model of the company takes."""
        domain = plan.model._population_domain()
        if plan.model.state != "active":
            return domain
        for rival in plan.model._earlier_active_models():
            domain &= ~rival._population_domain()
        return domain

    def _attribute_sql(self, plan, indicator, query):
        """``v<k>`` (texts) for a map of values, ``x<k>`` (a number) for other scales."""
        source = self.env["customer.value.source"].new({"res_model": "res.partner"})
        source = source.sudo().with_company(plan.company)
        *__, (owner, attribute) = source._walk(
            self.env["res.partner"], indicator.attribute_path
        )
        if attribute.type == "many2many":
            return self._tags_sql(attribute, indicator)
        value = source._path_sql(query, indicator.attribute_path)
        if indicator.scale != "enumeration":
            return SQL("(%s)::numeric AS %s", value, measure.column("x", indicator))
        if attribute.type == "boolean":
            value = SQL("COALESCE(%s, FALSE)", value)
        return SQL(
            "CASE WHEN %s IS NOT NULL THEN ARRAY[(%s)::text] END AS %s",
            value,
            value,
            measure.column("v", indicator),
        )

    def _tags_sql(self, attribute, indicator):
        return SQL(
            "(SELECT ARRAY_AGG(%s::text) FROM %s WHERE %s = res_partner.id) AS %s",
            SQL.identifier(attribute.column2),
            SQL.identifier(attribute.relation),
            SQL.identifier(attribute.column1),
            measure.column("v", indicator),
        )

    # ------------------------------------------------------------------- sources

    def _by_source(self, plan):
        """``{source: indicators}`` of everything that has to be read."""
        found = {}
        for indicator in plan.measured:
            for source in indicator.source_id | indicator.opportunity_source_id:
                found[source] = found.get(source, indicator.browse()) | indicator
        return found

    def _source_sql(self, plan, source, indicators):
        """All aggregates of the indicators over one source, by entity: one pass."""
        query = source._query(plan.company)
        contact = source._path_sql(query, source.partner_path)
        columns = [SQL("cv_contact.commercial_partner_id AS partner_id")]
        for indicator in indicators:
            if indicator.source_id == source:
                columns += measure.evidence_columns(
                    indicator, source, query, plan.clock
                )
            if indicator.opportunity_source_id == source:
                columns.append(
                    measure.occasion_column(indicator, source, query, plan.clock)
                )
        stamp = measure.Stamp(
            source._path_sql(query, source.date_field), source._is_datetime()
        )
        days = measure.span(indicators, plan.clock)
        query.add_where(stamp.within(days, plan.clock.tz))
        entity = SQL.identifier("cv_contact", "commercial_partner_id")
        query.add_join(
            "JOIN", "cv_contact", "res_partner", SQL("cv_contact.id = %s", contact)
        )
        query.add_where(plan.scope.contains(entity))
        if plan.contacts is not None:
            query.add_where(SQL("%s = ANY(%s)", contact, list(plan.contacts)))
        query.groupby = entity
        return query.select(*columns)

    # ------------------------------------------------------- measured to tiered

    def _measured_sql(self, plan):
        """Per entity and indicator: ``x``, ``o``, ``e``, and ``s`` where carried."""
        columns = [SQL("who.partner_id"), *map(self._flag, self._domain_rules(plan))]
        columns.append(
            SQL("old.computed_tier_id AS old_tier")
            if plan.keeps_last_good
            else SQL("NULL::int AS old_tier")
        )
        for indicator in plan.usable:
            if plan.state_of(indicator) == measure.CARRIED:
                columns += self._carried_columns(plan, indicator)
                continue
            columns += [
                SQL("%s AS %s", measure.raw_value(indicator), measure.column("x", indicator)),
                SQL("%s AS %s", measure.evidence_state(indicator), measure.column("e", indicator)),
            ]
            if indicator.opportunity_source_id:
                columns.append(measure.column("o", indicator))
            if indicator.scale == "enumeration":
                columns.append(measure.column("v", indicator))
        joins = [
            SQL("LEFT JOIN (%s) %s USING (partner_id)", sql, SQL.identifier(name))
            for name, sql in self._source_joins(plan)
        ]
        return SQL(
            "SELECT %s FROM (%s) who %s LEFT JOIN customer_value_score old "
            "ON old.partner_id = who.partner_id AND old.company_id = %s OFFSET 0",
            SQL(", ").join(columns),
            self._population_sql(plan),
            SQL(" ").join(joins),
            plan.company.id,
        )

    def _source_joins(self, plan):
        for source, indicators in self._by_source(plan).items():
            yield f"src{source.id}", self._source_sql(plan, source, indicators)

    def _carried_columns(self, plan, indicator):
        """The last good measure of a broken source, flagged; nothing if there is none."""
        lineage = plan.model._lineage().ids
        slot = indicator.slot
        known = SQL("FALSE")
        if plan.keeps_last_good:
            known = SQL(
                "old.model_id = ANY(%s) AND old.states[%s] IN (%s, %s)",
                lineage,
                slot,
                measure.MEASURED,
                measure.CARRIED,
            )

        def carried(what, name, otherwise):
            return SQL(
                "CASE WHEN %s THEN %s ELSE %s END AS %s",
                known,
                what,
                otherwise,
                measure.column(name, indicator),
            )

        state = SQL("%s::smallint", measure.CARRIED)
        columns = [
            carried(SQL("old.raw[%s]", slot), "x", SQL("NULL::float8")),
            carried(SQL("old.points[%s]", slot), "c", SQL("0::float8")),
            carried(state, "e", SQL("%s::smallint", measure.NONE)),
        ]
        if indicator.opportunity_source_id:
            columns.append(carried(SQL("old.basis[%s]", slot), "o", SQL("NULL::float8")))
        return columns

    def _pointed_sql(self, plan):
        """``s``: points of every indicator that has evidence, else NULL."""
        columns = []
        for indicator in plan.usable:
            carried = plan.state_of(indicator) == measure.CARRIED
            gained = (
                measure.column("c", indicator) if carried else measure.points(indicator)
            )
            columns.append(
                SQL(
                    "CASE WHEN %s > %s THEN %s END AS %s",
                    measure.column("e", indicator),
                    measure.NONE,
                    gained,
                    measure.column("s", indicator),
                )
            )
        return SQL(
            "SELECT measured.*, %s FROM (%s) measured OFFSET 0",
            SQL(", ").join(columns) if columns else SQL("NULL AS nothing"),
            self._measured_sql(plan),
        )

    def _scored_sql(self, plan):
        """Score, components, coverage and vectors."""
        weighted = plan.usable.filtered("weight")
        evidenced = self._sum(
            SQL(
                "CASE WHEN %s > 0 THEN %s ELSE 0 END",
                measure.column("e", indicator),
                indicator.weight,
            )
            for indicator in weighted
        )

        def part(indicators):
            total = self._sum(
                SQL(
                    "%s * COALESCE(%s, 0)",
                    indicator.weight,
                    measure.column("s", indicator),
                )
                for indicator in indicators
            )
            return SQL(
                "COALESCE(ROUND(((%s) / NULLIF(%s, 0))::numeric, 6), 0)::float8",
                total,
                evidenced,
            )

        components = SQL(", ").join(
            SQL(
                "%s AS %s",
                part(weighted.filtered(lambda i, n=name: i.component == n)),
                SQL.identifier(name),
            )
            for name in ("realised", "potential", "reference")
        )
        count = self._sum(
            SQL("(%s > 0)::int", measure.column("e", indicator))
            for indicator in weighted
        )
        possible = sum(weighted.mapped("weight"))
        return SQL(
            """
            SELECT pointed.*, %(score)s AS computed_score, %(components)s,
                   ROUND((100.0 * (%(evidenced)s) / %(possible)s)::numeric, 6)::float8
                       AS coverage,
                   (%(count)s)::int AS evidence_count, %(vectors)s
              FROM (%(pointed)s) pointed OFFSET 0
            """,
            score=part(weighted),
            components=components,
            evidenced=evidenced,
            possible=possible or 1,
            count=count,
            vectors=self._vectors_sql(plan),
            pointed=self._pointed_sql(plan),
        )

    def _sum(self, terms):
        terms = list(terms)
        return SQL(" + ").join(terms) if terms else SQL("0")

    def _vectors_sql(self, plan):
        """``raw``, ``basis``, ``points``, ``states`` with the slot as index."""
        by_slot = {indicator.slot: indicator for indicator in plan.usable}
        gone = {indicator.slot for indicator in plan.indicators} - set(by_slot)
        slots = range(1, max([*by_slot, *gone], default=0) + 1)

        def vector(prefix, kind, name, missing, wanted):
            items = [
                SQL("%s::%s", measure.column(prefix, by_slot[slot]), SQL(kind))
                if slot in by_slot and wanted(by_slot[slot])
                else missing(slot)
                for slot in slots
            ]
            return SQL("ARRAY[%s]::%s[] AS %s", SQL(", ").join(items), SQL(kind), name)

        def null(slot):
            return SQL("NULL")

        def no_state(slot):
            return SQL("%s", measure.UNAVAILABLE if slot in gone else None)

        def always(indicator):
            return True

        return SQL(", ").join(
            (
                vector("x", "float8", SQL("raw"), null, always),
                vector(
                    "o",
                    "float8",
                    SQL("basis"),
                    null,
                    lambda indicator: indicator.opportunity_source_id,
                ),
                vector("s", "float8", SQL("points"), null, always),
                vector("e", "smallint", SQL("states"), no_state, always),
            )
        )

    def _tiered_sql(self, plan):
        """Tier, segment, override and trend: one row as it is to be stored."""
        weighted = plan.usable.filtered("weight")
        flagged = any(
            plan.state_of(indicator) == measure.CARRIED for indicator in plan.indicators
        )
        return SQL(
            """
            SELECT graded.partner_id, %(company)s AS company_id, %(model)s AS model_id,
                   graded.score,
                   (LEAST(FLOOR((graded.score + 0.5) / 10), 9) * 10)::int::varchar
                       AS score_band,
                   graded.computed_score, graded.tier_id, graded.computed_tier_id,
                   graded.segment_id,
                   CASE WHEN graded.before IS NULL THEN 'new'
                        WHEN graded.shown > FLOOR(graded.before + 0.5) THEN 'up'
                        WHEN graded.shown < FLOOR(graded.before + 0.5) THEN 'down'
                        ELSE 'flat' END AS trend,
                   COALESCE(graded.shown - FLOOR(graded.before + 0.5), 0)
                       AS trend_points,
                   graded.realised, graded.potential, graded.reference,
                   graded.coverage, graded.evidence_count,
                   %(count)s AS indicator_count, %(flagged)s AS is_flagged,
                   graded.is_overridden,
                   graded.raw, graded.basis, graded.points, graded.states
              FROM (
                    SELECT valued.*, override.id IS NOT NULL AS is_overridden,
                           COALESCE(override.score, valued.computed_score) AS score,
                           FLOOR(COALESCE(override.score, valued.computed_score) + 0.5)
                               AS shown,
                           COALESCE(override.tier_id, valued.computed_tier_id)
                               AS tier_id,
                           earlier.score AS before
                      FROM (SELECT scored.*, %(tier)s AS computed_tier_id,
                                   %(segment)s AS segment_id
                              FROM (%(scored)s) scored OFFSET 0) valued
                 LEFT JOIN LATERAL (%(override)s) override ON TRUE
                 LEFT JOIN LATERAL (
                            SELECT history.score
                              FROM customer_value_history history
                             WHERE history.partner_id = valued.partner_id
                               AND history.company_id = %(company)s
                               AND history.date <= %(then)s
                          ORDER BY history.date DESC, history.id DESC
                             LIMIT 1) earlier ON TRUE
                    OFFSET 0
                   ) graded
            """,
            company=plan.company.id,
            model=plan.model.id,
            count=len(weighted),
            flagged=flagged,
            tier=self._tier_sql(plan),
            segment=self._segment_sql(plan),
            scored=self._scored_sql(plan),
            override=self.env["customer.value.override"]._sql_active(
                plan.company, plan.as_of
            ),
            then=plan.as_of - timedelta(days=TREND_DAYS),
        )

    def _tier_sql(self, plan):
        cases = [
            SQL("WHEN %s THEN %s", self._tier_condition(plan, tier), tier.id)
            for tier in plan.model.tier_ids
        ]
        if not cases:
            return SQL("NULL::int")
        return SQL("(CASE %s END)::int", SQL(" ").join(cases))

    def _tier_condition(self, plan, tier):
        rules = [self._rule_condition(plan, tier, rule) for rule in tier.rule_ids]
        if not rules:
            return SQL("TRUE")
        word = SQL(" AND ") if tier.match == "all" else SQL(" OR ")
        return SQL("(%s)", word.join(rules))

    def _rule_condition(self, plan, tier, rule):
        """One rule; a score may lie the hysteresis lower for who holds the tier."""
        shown = SQL("FLOOR(scored.computed_score + 0.5)")
        if rule.kind == "score":
            return self._holding(plan, tier, shown, rule.number)
        if rule.kind == "domain":
            return self._flag(rule)
        if rule.kind == "share":
            if not rule.is_cut:
                return SQL("FALSE")
            if rule.indicator_id:
                reached = self._reaches(plan, rule.indicator_id, "x", rule.cut)
            else:
                score = SQL("scored.computed_score")
                reached = self._holding(plan, tier, score, rule.cut)
            return SQL("(%s AND %s)", reached, self._flag(rule))
        prefix = "x" if rule.kind == "value" else "s"
        return self._reaches(plan, rule.indicator_id, prefix, rule.number)

    def _holding(self, plan, tier, score, entry):
        same = plan.model._lineage().tier_ids.filtered(
            lambda other: other.code == tier.code
        )
        return SQL(
            "%s >= %s - CASE WHEN scored.old_tier = ANY(%s) THEN %s ELSE 0 END",
            score,
            entry,
            same.ids,
            tier.hysteresis,
        )

    def _reaches(self, plan, indicator, prefix, number):
        if indicator not in plan.usable:
            return SQL("FALSE")
        return SQL(
            "COALESCE(%s > 0 AND %s >= %s, FALSE)",
            measure.column("e", indicator),
            measure.column(prefix, indicator),
            number,
        )

    def _segment_sql(self, plan):
        """The segment of the recency, frequency, monetary cell; NULL without all."""
        model = plan.model
        measures = (
            model.rfm_recency_id,
            model.rfm_frequency_id,
            model.rfm_monetary_id,
        )
        if not model.segment_ids or not all(
            indicator in plan.usable for indicator in measures
        ):
            return SQL("NULL::int")
        levels = [
            SQL(
                "GREATEST(CEIL(%s / 20), 1)",
                SQL("COALESCE(%s, 0)", measure.column("s", indicator)),
            )
            for indicator in measures
        ]
        cases = []
        for segment in model.segment_ids:
            bounds = (
                (segment.recency_min, segment.recency_max),
                (segment.frequency_min, segment.frequency_max),
                (segment.monetary_min, segment.monetary_max),
            )
            inside = SQL(" AND ").join(
                SQL("%s BETWEEN %s AND %s", level, *ends)
                for level, ends in zip(levels, bounds, strict=True)
            )
            cases.append(SQL("WHEN %s THEN %s", inside, segment.id))
        return SQL("(CASE %s END)::int", SQL(" ").join(cases))

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
                result=self._tiered_sql(plan),
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
            result=self._tiered_sql(plan),
        )

    def _remove_leavers(self, plan):
        """Take the score off who is no longer in the model's population."""
        partners = self.env["res.partner"].sudo().with_company(plan.company)
        population = partners._search(self._population_domain(plan))
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

    # --------------------------------------------------------------- calibration

    @api.model
    def _calibrate(self, model, as_of):
        """Cut calibrated bands, then top shares, at mid-rank percentiles.

        Mid-rank: a value's percentile is the share of the population below it plus
        half of those who share it, so ties share points. A cut is the lowest value
        whose percentile reaches the edge, and stays until the next calibration.
        """
        plan = self._plan(model, as_of, EVERYBODY)
        banded = plan.measured.filtered(lambda record: record.scale == "quantile")
        rules = plan.model.tier_ids.rule_ids.filtered(lambda r: r.kind == "share")
        if banded or rules:
            self._isolated(plan, lambda: self._fill_measured_table(plan))
        for indicator in banded & plan.measured:
            self._cut_bands(indicator)
        for rule in rules:
            self._cut_share(plan, rule)
        self.env.cr.execute("DROP TABLE IF EXISTS cv_measured")

    def _fill_measured_table(self, plan):
        self.env.cr.execute("DROP TABLE IF EXISTS cv_measured")
        self.env.cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE cv_measured ON COMMIT DROP AS %s",
                self._measured_sql(plan),
            )
        )

    def _cut_bands(self, indicator):
        bands = indicator.band_ids
        cuts = self._cuts(
            SQL(
                "SELECT %s AS value FROM cv_measured WHERE %s > 0",
                measure.column("x", indicator),
                measure.column("e", indicator),
            ),
            bands.mapped("percentile"),
        )
        for band in bands:
            cut = cuts.get(band.percentile)
            band.write({"threshold": cut or 0, "unreachable": cut is None})

    def _cut_share(self, plan, rule):
        if rule.indicator_id and rule.indicator_id not in plan.measured:
            return
        table = SQL("cv_measured")
        value = SQL("computed_score")
        asked = SQL("TRUE")
        if rule.indicator_id:
            value = measure.column("x", rule.indicator_id)
            asked = SQL("%s > 0", measure.column("e", rule.indicator_id))
        else:
            table = SQL("(%s) scored", self._scored_sql(plan))
        edge = 100 - rule.number
        cut = self._cuts(
            SQL(
                "SELECT %s AS value FROM %s WHERE %s AND %s",
                value,
                table,
                asked,
                self._flag(rule),
            ),
            [edge],
        ).get(edge)
        rule.write({"cut": cut or 0, "is_cut": cut is not None})

    def _cuts(self, values, edges):
        """``{edge: lowest value whose mid-rank percentile reaches it, or None}``."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH tied AS (
                    SELECT value, COUNT(*) AS size FROM (%(values)s) AS drawn
                     WHERE value IS NOT NULL GROUP BY value
                ), ranked AS (
                    SELECT value, 100.0 * (SUM(size) OVER (ORDER BY value) - size / 2.0)
                                        / SUM(size) OVER () AS percentile
                      FROM tied
                )
                SELECT edge, MIN(ranked.value)
                  FROM UNNEST(%(edges)s::numeric[]) AS edge
             LEFT JOIN ranked ON ranked.percentile >= edge
              GROUP BY edge
                """,
                values=values,
                edges=list(edges),
            )
        )
        return {float(edge): value for edge, value in rows}

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
