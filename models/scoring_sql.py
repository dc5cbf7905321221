import hashlib
from dataclasses import replace
from datetime import timedelta

from odoo.tools import SQL

from . import measure_sql as measure
from .customer_value_score import TREND_DAYS
from .scoring_plan import EVERYBODY


class ScoringSql:
    """The statement that scores one model: a tower of sub-queries.

    Each floor reads the one below::

        population      who: entities of the model's domain, their attributes
        reading         per sort of record: every indicator's aggregate by entity
        measured        x, occasions and evidence state per indicator
        pointed         points per indicator
        scored          score, components, coverage, vectors
        tiered          tier, segment, override, trend: the row as it is stored

    ``OFFSET 0`` keeps PostgreSQL from folding a floor into the next, where every
    expression would be evaluated again for each use.

    :param plan: a :class:`~.scoring_plan.Plan`; what it knows to be broken is left out
    """

    def __init__(self, plan):
        self.plan = plan
        self.env = plan.model.env

    # --------------------------------------------------------------- population

    def population(self, only=None):
        """``partner_id`` and the attributes; ``only`` one indicator to probe."""
        partners = self.env["res.partner"].sudo().with_company(self.plan.company)
        partners, query = self._members()
        columns = [SQL("res_partner.id AS partner_id")]
        for indicator in only or self.plan.measured:
            if indicator.aggregate == "attribute":
                columns.append(self._attribute_sql(indicator, query))
        for rule in () if only else self._domain_rules():
            condition = rule._partner_domain().optimize_full(partners)
            columns.append(
                SQL(
                    "COALESCE(%s, FALSE) AS %s",
                    condition._to_sql(partners, "res_partner", query),
                    self.flag(rule),
                )
            )
        return query.select(*columns)

    def members(self):
        """``id`` of the entities the model scores."""
        __, query = self._members()
        return query.select(SQL("res_partner.id"))

    def held(self):
        """``id`` of those whose score is by this scheme, in whatever version."""
        return SQL(
            "SELECT partner_id AS id FROM customer_value_score "
            "WHERE company_id = %s AND model_id = ANY(%s) AND %s",
            self.plan.company.id,
            self._holding_versions(),
            self.plan.scope.entity(SQL("partner_id")),
        )

    def _holding_versions(self):
        model = self.plan.model
        return model.ids if self.plan.only_held else model._lineage().ids

    def concerned(self):
        """Entities that gain, keep or lose a score, each with all who belong to it."""
        return SQL(
            """
            SELECT concerned.id,
                   ARRAY(SELECT contact.id FROM res_partner contact
                          WHERE contact.commercial_partner_id = concerned.id)
              FROM (%s UNION %s) concerned
            """,
            self.members(),
            self.held(),
        )

    def _members(self):
        partners = self.env["res.partner"].sudo().with_company(self.plan.company)
        query = partners._search(self.population_domain())
        query.add_where(self.plan.scope.entity(SQL.identifier("res_partner", "id")))
        if self.plan.only_held:
            query.add_where(
                SQL("%s IN (%s)", SQL.identifier("res_partner", "id"), self.held())
            )
        return partners, query

    def _domain_rules(self):
        """Tier rules that ask whether the customer matches a filter."""
        return self.plan.model.tier_ids.rule_ids.filtered(
            lambda rule: rule.kind in ("domain", "share")
        )

    def flag(self, rule):
        return SQL.identifier(f"d{rule.id}")

    def population_domain(self):
        """Entities of the model that no earlier active model of the company takes."""
        domain = self.plan.model._population_domain()
        if self.plan.model.state != "active":
            return domain
        for rival in self.plan.model._earlier_active_models():
            domain &= ~rival._population_domain()
        return domain

    def _attribute_sql(self, indicator, query):
        """``v<k>`` (texts) for a map of values, ``x<k>`` (a number) otherwise."""
        source = self.env["customer.value.source"].new({"res_model": "res.partner"})
        source = source.sudo().with_company(self.plan.company)
        *__, (owner, attribute) = source._walk(
            self.env["res.partner"], indicator.attribute_path
        )
        if attribute.type == "many2many":
            owner_id = source._path_sql(
                query, source._beside(indicator.attribute_path, "id")
            )
            return self._tags_sql(attribute, owner_id, indicator)
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

    def _tags_sql(self, attribute, owner_id, indicator):
        return SQL(
            "(SELECT ARRAY_AGG(%s::text) FROM %s WHERE %s = %s) AS %s",
            SQL.identifier(attribute.column2),
            SQL.identifier(attribute.relation),
            SQL.identifier(attribute.column1),
            owner_id,
            measure.column("v", indicator),
        )

    # ------------------------------------------------------------------- sources

    def by_source(self):
        """``{source: indicators}`` of everything that has to be read."""
        found = {}
        for indicator in self.plan.measured:
            sources = indicator.source_id | indicator.opportunity_source_id
            for source in sources.with_company(self.plan.company):
                found[source] = found.get(source, indicator.browse()) | indicator
        return found

    def readings(self):
        """``[{source: indicators}]``: sources of the same records are read together."""
        found = {}
        for source, indicators in self.by_source().items():
            found.setdefault(source._shape(), {})[source] = indicators
        return list(found.values())

    def reading(self, sources, names=()):
        """All aggregates over the records the sources share, by entity: one pass.

        :param sources: ``{source: indicators}``
        :param names: columns of other readings, to be left empty
        """
        plan = self.plan
        first = next(iter(sources))
        query = first._query(plan.company, plan.scope)
        contact = first._path_sql(query, first.partner_path)
        columns = dict.fromkeys(names, SQL("NULL::numeric"))
        wanted = []
        for source, indicators in sources.items():
            counts = source._condition(query, plan.company)
            if len(sources) == 1:
                query.add_where(counts)
                counts = SQL("TRUE")
            records = measure.Records(source, query, counts, plan.clock)
            columns |= self._evidence_columns(records, indicators)
            wanted.append(records.within(measure.span(indicators, plan.clock)))
        query.add_where(SQL("(%s)", SQL(" OR ").join(wanted)))
        entity = SQL.identifier("cv_contact", "commercial_partner_id")
        query.add_join(
            "JOIN", "cv_contact", "res_partner", SQL("cv_contact.id = %s", contact)
        )
        query.add_where(plan.scope.entity(entity))
        if plan.scope.is_few:
            query.add_where(plan.scope.contact(contact))
        query.groupby = entity
        return query.select(
            SQL("%s AS partner_id", entity),
            *(
                SQL("(%s)::numeric AS %s", value, SQL.identifier(name))
                for name, value in columns.items()
            ),
        )

    def _evidence_columns(self, records, indicators):
        columns = {}
        for indicator in indicators:
            if indicator.source_id == records.source:
                columns |= measure.evidence_columns(indicator, records)
            if indicator.opportunity_source_id == records.source:
                columns |= measure.occasion_columns(indicator, records)
        return columns

    def _evidence(self):
        """Joins that bring all readings to ``who``."""
        before, now = [], []
        for sources in self.readings():
            table = self._read_before(sources)
            (before if table else now).append(table or sources)
        joins = [self._join_table(table) for table in before]
        if now:
            joins.append(
                SQL(
                    "LEFT JOIN (%s) evidence ON evidence.partner_id = who.partner_id",
                    self._stacked(now),
                )
            )
        return SQL(" ").join(joins)

    def _join_table(self, table):
        """What was read for everybody; of whom one chunk is enough."""
        table = SQL.identifier(table)
        partner = SQL("%s.partner_id", table)
        return SQL(
            "LEFT JOIN %s ON %s = who.partner_id AND %s",
            table,
            partner,
            self.plan.scope.entity(partner),
        )

    def _stacked(self, readings):
        """Several readings, by entity.

        Stacked and grouped rather than joined one by one: of sub-queries PostgreSQL
        knows no size, so it takes long to choose an order of joins, and a bad one.
        """
        names = sorted(
            {name for sources in readings for name in self._names_read(sources)}
        )
        return SQL(
            "SELECT partner_id, %s FROM (%s) stacked GROUP BY partner_id",
            SQL(", ").join(
                SQL("MAX(%s) AS %s", SQL.identifier(name), SQL.identifier(name))
                for name in names
            ),
            SQL(" UNION ALL ").join(
                self.reading(sources, names) for sources in readings
            ),
        )

    def reading_key(self, sources):
        """Tells a reading for everybody from any other, by what it is in SQL."""
        everybody = ScoringSql(replace(self.plan, scope=EVERYBODY))
        statement = everybody.reading(sources)
        text = repr((statement.code, statement.params))
        return hashlib.sha256(text.encode()).hexdigest()

    def _names_read(self, sources):
        return {
            name
            for source, indicators in sources.items()
            for indicator in indicators
            for name in measure.evidence_names(indicator, source)
        }

    def _read_before(self, sources):
        """The table of a reading that was made for everybody, or None."""
        if not self.plan.readings:
            return None
        return self.plan.readings.get(self.reading_key(sources))

    # ------------------------------------------------------- measured to tiered

    def measured(self):
        """Per entity and indicator: ``x``, ``o``, ``e``, and ``s`` where carried."""
        columns = [SQL("who.partner_id"), *map(self.flag, self._domain_rules())]
        columns.append(
            SQL("old.computed_tier_id AS old_tier")
            if self.plan.keeps_last_good
            else SQL("NULL::int AS old_tier")
        )
        for indicator in self.plan.usable:
            columns += self._measured_columns(indicator)
        return SQL(
            """
            SELECT %(columns)s FROM (%(who)s) who %(evidence)s
            LEFT JOIN customer_value_score old
                   ON old.partner_id = who.partner_id AND old.company_id = %(company)s
            OFFSET 0
            """,
            columns=SQL(", ").join(columns),
            who=self.population(),
            evidence=self._evidence(),
            company=self.plan.company.id,
        )

    def _measured_columns(self, indicator):
        if self.plan.state_of(indicator) == measure.CARRIED:
            return self._carried_columns(indicator)
        raw = measure.raw_value(indicator)
        state = measure.evidence_state(indicator)
        columns = [
            SQL("%s AS %s", raw, measure.column("x", indicator)),
            SQL("%s AS %s", state, measure.column("e", indicator)),
        ]
        if indicator.opportunity_source_id:
            columns.append(measure.column("o", indicator))
        if indicator.scale == "enumeration":
            columns.append(measure.column("v", indicator))
        return columns

    def _carried_columns(self, indicator):
        """The last good measure of a broken source, flagged; none if there is none."""
        lineage = self.plan.model._lineage().ids
        slot = indicator.slot
        known = SQL("FALSE")
        if self.plan.keeps_last_good:
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
            columns.append(
                carried(SQL("old.basis[%s]", slot), "o", SQL("NULL::float8"))
            )
        return columns

    def pointed(self):
        """``s``: points of every indicator that has evidence, else NULL.

        ``evidenced`` is the weight of those that have it.
        """
        evidenced = self._sum(
            SQL(
                "CASE WHEN %s > %s THEN %s ELSE 0 END",
                measure.column("e", indicator),
                measure.NONE,
                indicator.weight,
            )
            for indicator in self.plan.usable.filtered("weight")
        )
        columns = [SQL("(%s)::float8 AS evidenced", evidenced)]
        for indicator in self.plan.usable:
            carried = self.plan.state_of(indicator) == measure.CARRIED
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
            SQL(", ").join(columns),
            self.measured(),
        )

    def scored(self):
        """Score, components, coverage and vectors."""
        weighted = self.plan.usable.filtered("weight")

        def part(indicators):
            if not indicators:
                return SQL("0::float8")
            total = self._sum(
                SQL(
                    "%s * COALESCE(%s, 0)",
                    indicator.weight,
                    measure.column("s", indicator),
                )
                for indicator in indicators
            )
            return SQL(
                "COALESCE(ROUND(((%s) / NULLIF(evidenced, 0))::numeric, 6), 0)::float8",
                total,
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
                   ROUND((100.0 * evidenced / %(possible)s)::numeric, 6)::float8
                       AS coverage,
                   (%(count)s)::int AS evidence_count, %(vectors)s
              FROM (%(pointed)s) pointed OFFSET 0
            """,
            score=part(weighted),
            components=components,
            possible=possible or 1,
            count=count,
            vectors=self._vectors_sql(),
            pointed=self.pointed(),
        )

    def _sum(self, terms):
        terms = list(terms)
        return SQL(" + ").join(terms) if terms else SQL("0")

    def _vectors_sql(self):
        """``raw``, ``basis``, ``points``, ``states`` with the slot as index."""
        by_slot = {indicator.slot: indicator for indicator in self.plan.usable}
        gone = {indicator.slot for indicator in self.plan.indicators} - set(by_slot)
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

    def tiered(self):
        """Tier, segment, override and trend: one row as it is to be stored."""
        weighted = self.plan.usable.filtered("weight")
        flagged = any(
            self.plan.state_of(indicator) == measure.CARRIED
            for indicator in self.plan.indicators
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
                   %(calibration)s AS calibration,
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
                 LEFT JOIN (%(override)s) override USING (partner_id)
                 LEFT JOIN LATERAL (
                            SELECT history.score
                              FROM customer_value_history history
                             WHERE history.partner_id = valued.partner_id
                               AND history.company_id = %(company)s
                               AND history.date <= %(then)s
                               AND history.former_id = 0
                          ORDER BY history.date DESC, history.recorded DESC
                             LIMIT 1) earlier ON TRUE
                    OFFSET 0
                   ) graded
            """,
            company=self.plan.company.id,
            model=self.plan.model.id,
            count=len(weighted),
            flagged=flagged,
            calibration=self.plan.model.calibration,
            tier=self._tier_sql(),
            segment=self._segment_sql(),
            scored=self.scored(),
            override=self.env["customer.value.override"]._sql_active(
                self.plan.model, self.plan.as_of, self.plan.scope
            ),
            then=self.plan.as_of - timedelta(days=TREND_DAYS),
        )

    def _tier_sql(self):
        cases = [
            SQL("WHEN %s THEN %s", self._tier_condition(tier), tier.id)
            for tier in self.plan.model.tier_ids
        ]
        if not cases:
            return SQL("NULL::int")
        return SQL("(CASE %s END)::int", SQL(" ").join(cases))

    def _tier_condition(self, tier):
        rules = [self._rule_condition(tier, rule) for rule in tier.rule_ids]
        if not rules:
            return SQL("TRUE")
        word = SQL(" AND ") if tier.match == "all" else SQL(" OR ")
        return SQL("(%s)", word.join(rules))

    def _rule_condition(self, tier, rule):
        """One rule; a score may lie the hysteresis lower for who holds the tier."""
        shown = SQL("FLOOR(scored.computed_score + 0.5)")
        if rule.kind == "score":
            return self._holding(tier, shown, rule.number)
        if rule.kind == "domain":
            return self.flag(rule)
        if rule.kind == "share":
            if not rule.is_cut:
                return SQL("FALSE")
            if rule.indicator_id:
                reached = self._reaches(rule.indicator_id, "x", rule.cut)
            else:
                score = SQL("scored.computed_score")
                reached = self._holding(tier, score, rule.cut)
            return SQL("(%s AND %s)", reached, self.flag(rule))
        prefix = "x" if rule.kind == "value" else "s"
        return self._reaches(rule.indicator_id, prefix, rule.number)

    def _holding(self, tier, score, entry):
        same = self.plan.model._lineage().tier_ids.filtered(
            lambda other: other.code == tier.code
        )
        return SQL(
            "%s >= %s - CASE WHEN scored.old_tier = ANY(%s) THEN %s ELSE 0 END",
            score,
            entry,
            same.ids,
            tier.hysteresis,
        )

    def _reaches(self, indicator, prefix, number):
        if indicator not in self.plan.usable:
            return SQL("FALSE")
        return SQL(
            "COALESCE(%s > 0 AND %s >= %s, FALSE)",
            measure.column("e", indicator),
            measure.column(prefix, indicator),
            number,
        )

    def _segment_sql(self):
        """The segment of the recency, frequency, monetary cell; NULL without all.

        Who never bought has no last purchase, and so no segment.
        """
        model = self.plan.model
        measures = (
            model.rfm_recency_id,
            model.rfm_frequency_id,
            model.rfm_monetary_id,
        )
        if not model.segment_ids or not all(
            indicator in self.plan.usable for indicator in measures
        ):
            return SQL("NULL::int")
        cell = SQL("1 + 25 * %s + 5 * %s + %s", *map(self._level_sql, measures))
        segment = SQL("(%s::int[])[%s]", model.segment_ids._by_cell(), cell)
        recency = model.rfm_recency_id
        if recency.aggregate == "recency":
            bought = SQL("%s IS NOT NULL", measure.column("x", recency))
            segment = SQL("CASE WHEN %s THEN %s END", bought, segment)
        return segment

    def _level_sql(self, indicator):
        """0 to 4: a fifth of the points each."""
        gained = SQL("COALESCE(%s, 0)", measure.column("s", indicator))
        return SQL("LEAST(GREATEST(CEIL(%s / 20) - 1, 0), 4)::int", gained)
