"""Composes the statement that finds everybody's loyalty stage, for one company and day.

From the documents to the stage, by commercial entity, in steps:

``purchase``  days on which something was bought
``spaced``    each of them with the interval that it ended and what was expected
``bought``    per customer: how often, since when, the last return after a long time
``said``      touches, ratings, participation: of the sources with a use in loyalty
``breadth``   categories bought from
``pursuit``   opportunities as they stood on the day
``known``     all of it beside each member of the population
``standing``  expected interval, idleness of prospects, both indices
``staged``    the first stage whose rule holds

What the words mean is written in ``tools/rhythm.py`` and in the stages.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from ..tools.rhythm import PERCENTS, SHRINKAGE, Rhythm
from ..tools.window import start_of_day_utc
from .measure_sql import Stamp
from .scoring_plan import EVERYBODY, Scope

ACTS = ("participation", "recommendation")
ASKED = ("occasion", "recommendation")
"""Uses of sources that count as taking part, and as having been asked to."""

ATTITUDE_MONTHS = 24
"""Ratings and participation of so many months are the customer's attitude."""

TENURE_YEARS = 5
"""Who has bought over so many years has full tenure."""

CATEGORIES = 4
"""Who buys from so many categories of products has full breadth."""

QUADRANT_EDGE = 50
"""From so many points on an index is high."""

NOBODY = SQL("SELECT NULL::int AS partner_id WHERE FALSE")


@dataclass
class LoyaltySql:
    """One evaluation: who, when, by which stages and rhythm.

    :param since: the first day that no evaluation has looked at before
    :param models: the active value models, whose populations are evaluated
    :param sources: sources with a ``loyalty_use``
    """

    env: object
    company: object
    as_of: date
    since: date = None
    scope: Scope = EVERYBODY
    stages: object = ()
    models: object = ()
    sources: object = ()
    rhythm_now: Rhythm = None

    # ------------------------------------------------------------------ readings

    @property
    def after(self):
        """The UTC instant at which the day is over."""
        return start_of_day_utc(self.as_of + timedelta(days=1), self.company.value_tz)

    def local_day(self, stamp: SQL) -> SQL:
        return Stamp(stamp, True).local_day(self.company.value_tz)

    def population(self):
        """Members of any active model's population who were known on the day.

        A contact that was entered later than it bought was known when it bought.
        """
        partners = self.env["res.partner"].with_company(self.company)
        members = [
            partners._search(model._population_domain()).subselect()
            for model in self.models
        ]
        return SQL(
            """
            SELECT customer.id AS partner_id, %(created)s AS created
              FROM res_partner customer
             WHERE (%(members)s) AND %(scope)s
            """,
            created=self.local_day(SQL("customer.create_date")),
            members=SQL(" OR ").join(SQL("customer.id IN %s", one) for one in members)
            if members
            else SQL("FALSE"),
            scope=self.scope.entity(SQL("customer.id")),
        )

    def records(self, source):
        """``(query, entity, day)`` of a source's records until the day."""
        query = source._query(self.company, self.scope)
        contact = source._path_sql(query, source.partner_path)
        query.add_where(source._condition(query, self.company))
        query.add_join(
            "JOIN", "cv_contact", "res_partner", SQL("cv_contact.id = %s", contact)
        )
        stamp = Stamp(source._path_sql(query, source.date_field), source._is_datetime())
        after = self.after if stamp.is_datetime else self.as_of + timedelta(days=1)
        query.add_where(SQL("%s < %s", stamp.sql, after))
        if self.scope.has_table:
            query.add_where(self.scope.contact(contact))
        entity = SQL.identifier("cv_contact", "commercial_partner_id")
        return query, entity, stamp.local_day(self.company.value_tz)

    def purchase(self):
        source = self.env["customer.value.source"].new(
            {
                "res_model": "customer.value.purchase",
                "partner_path": "partner_id",
                "date_field": "date",
                "company_path": "company_id",
                "domain": "[]",
            }
        )
        query, entity, day = self.records(source.sudo())
        return query.select(
            SQL("DISTINCT %s AS partner_id", entity), SQL("%s AS day", day)
        )

    def said(self):
        """Per customer: last touch, ratings given, occasions and participation."""
        readings = [
            self._saying(source)
            for source in self.sources
            if source.loyalty_use != "breadth"
        ]
        return SQL(
            """
            SELECT partner_id, MAX(touch) AS touch,
                   SUM(rated) / NULLIF(SUM(ratings), 0) AS rating,
                   SUM(acts) AS acts, SUM(asked) AS asked
              FROM (%s) reading GROUP BY partner_id
            """,
            SQL(" UNION ALL ").join(
                readings
                or [
                    SQL(
                        "SELECT NULL::int AS partner_id, NULL::date AS touch, "
                        "0::numeric AS rated, 0 AS ratings, 0 AS acts, 0 AS asked "
                        "WHERE FALSE"
                    )
                ]
            ),
        )

    def _saying(self, source):
        query, entity, day = self.records(source)
        use = source.loyalty_use
        recent = SQL("%s > %s", day, self.as_of - relativedelta(months=ATTITUDE_MONTHS))
        counted = SQL("COUNT(*) FILTER (WHERE %s)", recent)
        amount = SQL("NULL::numeric")
        if use == "rating" and source.amount_field:
            amount = SQL(
                "SUM((%s)::numeric) FILTER (WHERE %s)",
                source._amount_sql(query),
                recent,
            )
        query.groupby = entity
        return query.select(
            SQL("%s AS partner_id", entity),
            SQL("NULL::date AS touch")
            if use == "occasion"
            else SQL("MAX(%s) AS touch", day),
            SQL("%s AS rated", amount),
            SQL("%s AS ratings", counted if use == "rating" else SQL("0")),
            SQL("%s AS acts", counted if use in ACTS else SQL("0")),
            SQL("%s AS asked", counted if use in ASKED else SQL("0")),
        )

    def breadth(self):
        """Per customer: of how many categories something was ever bought."""
        readings = []
        for source in self.sources:
            if source.loyalty_use == "breadth":
                query, entity, __ = self.records(source)
                path = "product_id.product_tmpl_id.categ_id"
                category = source._path_sql(query, path)
                query.add_where(SQL("%s IS NOT NULL", category))
                readings.append(
                    query.select(
                        SQL("DISTINCT %s AS partner_id", entity),
                        SQL("%s AS category", category),
                    )
                )
        return SQL(
            "SELECT partner_id, COUNT(DISTINCT category) AS categories "
            "FROM (%s) reading GROUP BY partner_id",
            SQL(" UNION ALL ").join(
                readings
                or [
                    SQL(
                        "SELECT NULL::int AS partner_id, NULL::int AS category "
                        "WHERE FALSE"
                    )
                ]
            ),
        )

    def pursuit(self):
        """Per customer: opportunities as they stood on the day."""
        closed = self.local_day(SQL("lead.date_closed"))
        return SQL(
            """
            SELECT cv_contact.commercial_partner_id AS partner_id,
                   MAX(%(created)s) AS pursued,
                   BOOL_OR(CASE WHEN lead.won_status IN ('won', 'lost')
                                THEN %(closed)s > %(as_of)s
                                ELSE lead.active END) AS is_open,
                   MAX(%(closed)s) FILTER (
                       WHERE lead.won_status = 'lost' AND %(closed)s <= %(as_of)s
                   ) AS lost_on
              FROM crm_lead lead
              JOIN res_partner cv_contact ON cv_contact.id = lead.partner_id
             WHERE lead.type = 'opportunity' AND lead.create_date < %(after)s
               AND (lead.company_id = %(company)s OR lead.company_id IS NULL)
               AND %(scope)s
          GROUP BY cv_contact.commercial_partner_id
            """,
            created=self.local_day(SQL("lead.create_date")),
            closed=closed,
            as_of=self.as_of,
            after=self.after,
            company=self.company.id,
            scope=self.scope.contact(SQL("lead.partner_id"))
            if self.scope.has_table
            else SQL("TRUE"),
        )

    # -------------------------------------------------------------------- rhythm

    def spaced(self):
        """Purchase days with the interval each one ended."""
        return SQL(
            """
            SELECT partner_id, day, day - LAG(day) OVER own AS gap,
                   LAG(day) OVER own - FIRST_VALUE(day) OVER own AS span,
                   ROW_NUMBER() OVER own - 2 AS intervals,
                   COUNT(*) OVER (PARTITION BY partner_id)
                       - ROW_NUMBER() OVER own AS later
              FROM purchase
            WINDOW own AS (PARTITION BY partner_id ORDER BY day)
            """
        )

    @staticmethod
    def expected(span: SQL, intervals: SQL, pooled: SQL) -> SQL:
        """:func:`~..tools.rhythm.expected_interval`; ``span`` is their sum."""
        return SQL(
            "CASE WHEN %(pooled)s IS NULL THEN %(span)s::float8 / NULLIF(%(own)s, 0) "
            "ELSE (%(span)s + %(k)s * %(pooled)s) / (%(own)s + %(k)s) END",
            span=span,
            own=intervals,
            pooled=pooled,
            k=SHRINKAGE,
        )

    def rhythm(self):
        """``(number of intervals, their mean, percentiles of the ratios)``."""
        return SQL(
            """
            WITH purchase AS (%(purchase)s), spaced AS MATERIALIZED (%(spaced)s),
                 pool AS (SELECT COUNT(gap) AS intervals, AVG(gap)::float8 AS pooled
                            FROM spaced)
            SELECT MAX(pool.intervals), MAX(pool.pooled),
                   PERCENTILE_CONT(%(shares)s::float8[])
                       WITHIN GROUP (ORDER BY gap / (%(expected)s))
              FROM pool LEFT JOIN spaced ON spaced.gap IS NOT NULL
            """,
            purchase=self.purchase(),
            spaced=self.spaced(),
            shares=[percent / 100 for percent in PERCENTS],
            expected=self.expected(
                SQL("spaced.span"), SQL("spaced.intervals"), SQL("pool.pooled")
            ),
        )

    @property
    def pooled(self):
        return SQL("%s::float8", self.rhythm_now.pooled)

    def allowed(self, expected: SQL, percent: int) -> SQL:
        """:func:`~..tools.rhythm.days_allowed`."""
        return SQL(
            "CEIL(ROUND((%s * %s)::numeric, 6))::int",
            expected,
            self.rhythm_now.percentile(percent),
        )

    def bought(self):
        expected = self.expected(SQL("span"), SQL("intervals"), self.pooled)
        returns = [
            SQL(
                ", MAX(day) FILTER (WHERE gap >= %s AND later < %s) AS %s",
                self.allowed(expected, stage.percentile),
                stage.purchases,
                SQL.identifier(f"back_{stage.id}"),
            )
            for stage in self.returned_stages
        ]
        return SQL(
            """
            SELECT partner_id, COUNT(*) AS purchases, MIN(day) AS first_day,
                   MAX(day) AS last_day, ARRAY_AGG(day ORDER BY day) AS days,
                   MAX(gap) FILTER (WHERE later = 0) AS last_gap %s
              FROM spaced GROUP BY partner_id
            """,
            SQL("").join(returns),
        )

    @property
    def returned_stages(self):
        return self.stages.filtered(lambda stage: stage.kind == "returned")

    # ------------------------------------------------------------------- indices

    def standing(self):
        """Everything the rules ask, beside each member of the population."""
        return SQL(
            """
            SELECT fact.*, %(quadrant)s AS quadrant
              FROM (
                SELECT known.*, %(behavioural)s AS behavioural,
                       %(attitudinal)s AS attitudinal,
                       CASE WHEN lost_on >= idle_since AND is_open IS NOT TRUE
                            THEN lost_on END AS given_up
                  FROM (
                    SELECT population.*, bought.purchases, bought.first_day,
                           bought.last_day, bought.days, bought.last_gap %(backs)s,
                           %(as_of)s - bought.last_day AS elapsed,
                           %(expected)s AS expected,
                           said.rating, said.acts, said.asked, breadth.categories,
                           pursuit.is_open, pursuit.lost_on,
                           GREATEST(said.touch, pursuit.pursued,
                                    LEAST(population.created, %(as_of)s))
                               AS idle_since
                      FROM population
                 LEFT JOIN bought USING (partner_id)
                 LEFT JOIN said USING (partner_id)
                 LEFT JOIN breadth USING (partner_id)
                 LEFT JOIN pursuit USING (partner_id)
                     WHERE population.created <= %(as_of)s
                        OR bought.purchases > 0
                       ) known
                   ) fact
            """,
            backs=SQL("").join(
                SQL(", bought.%s", SQL.identifier(f"back_{stage.id}"))
                for stage in self.returned_stages
            ),
            as_of=self.as_of,
            expected=self.expected(
                SQL("(bought.last_day - bought.first_day)"),
                SQL("(bought.purchases - 1)"),
                self.pooled,
            ),
            behavioural=self._mean(*self.behavioural_parts()),
            attitudinal=self._mean(*self.attitudinal_parts()),
            quadrant=SQL(
                """
                CASE WHEN behavioural IS NULL OR attitudinal IS NULL THEN NULL
                     WHEN behavioural >= %(edge)s AND attitudinal >= %(edge)s
                     THEN 'loyal'
                     WHEN behavioural >= %(edge)s THEN 'captive'
                     WHEN attitudinal >= %(edge)s THEN 'well_wisher'
                     ELSE 'at_risk' END
                """,
                edge=QUADRANT_EDGE,
            ),
        )

    @staticmethod
    def _mean(*parts: SQL) -> SQL:
        """Of the parts that are known; NULL if none is.

        ``LEAST`` and ``GREATEST`` pass over NULL: each part has to keep it by itself.
        """
        return SQL(
            "(SELECT ROUND(AVG(part::numeric), 2)::float8 FROM UNNEST(ARRAY[%s]) part)",
            SQL(", ").join(SQL("(%s)::float8", part) for part in parts),
        )

    def behavioural_parts(self):
        """Rhythm kept, tenure, breadth; nothing for who never bought.

        Who bought once has no rhythm that he could keep or break: unknown.
        """
        lost = max(self.rhythm_now.percentile(95), 1)
        return (
            SQL(
                """
                CASE WHEN purchases IS NULL OR purchases < 2 THEN NULL
                     WHEN elapsed <= expected THEN 100
                     WHEN %(lost)s <= 1 THEN 0
                     ELSE GREATEST(0, 100 * (%(lost)s - elapsed / expected)
                                          / NULLIF(%(lost)s - 1, 0)) END
                """,
                lost=SQL("%s::float8", lost),
            ),
            SQL(
                "CASE WHEN purchases > 0 "
                "THEN LEAST(100, 100.0 * (last_day - first_day) / %s) END",
                TENURE_YEARS * 365,
            ),
            SQL(
                "CASE WHEN purchases > 0 AND categories > 0 "
                "THEN LEAST(100, 100.0 * categories / %s) END",
                CATEGORIES,
            ),
        )

    def attitudinal_parts(self):
        """Ratings given, and participation where there was an occasion."""
        return (
            SQL(
                "CASE WHEN rating IS NOT NULL "
                "THEN LEAST(GREATEST((rating - 1) * 25, 0), 100) END"
            ),
            SQL(
                "CASE WHEN asked > 0 THEN LEAST(100.0 * COALESCE(acts, 0) / asked, 100)"
                " END"
            ),
        )

    # -------------------------------------------------------------------- stages

    def holds(self, stage) -> SQL:
        """Condition: the stage's rule holds for the customer."""
        if stage.kind == "overdue":
            return SQL("elapsed >= %s", self.allowed(SQL("expected"), stage.percentile))
        if stage.kind == "returned":
            return SQL("%s IS NOT NULL", SQL.identifier(f"back_{stage.id}"))
        if stage.kind == "advocate":
            return SQL(
                "purchases >= %s AND attitudinal >= %s", stage.purchases, stage.attitude
            )
        if stage.kind == "purchases":
            return SQL("purchases >= %s", stage.purchases)
        if stage.kind == "dormant":
            return SQL(
                "purchases IS NULL AND (%s - idle_since >= %s%s)",
                self.as_of,
                stage.idle_days,
                SQL(" OR given_up IS NOT NULL" if stage.after_lost else ""),
            )
        return SQL("TRUE")

    def entered(self, stage) -> SQL:
        """The day from which the rule holds, where the documents tell."""
        if stage.kind == "overdue":
            return SQL("last_day + %s", self.allowed(SQL("expected"), stage.percentile))
        if stage.kind == "returned":
            return SQL.identifier(f"back_{stage.id}")
        if stage.kind == "purchases":
            return SQL("days[%s]", stage.purchases)
        if stage.kind == "dormant":
            idle = SQL("idle_since + %s", stage.idle_days)
            return SQL("LEAST(given_up, %s)", idle) if stage.after_lost else idle
        if stage.kind == "otherwise":
            return SQL("CASE WHEN purchases IS NULL THEN created END")
        return SQL("NULL::date")

    def moved_on(self, stage) -> SQL:
        """The day of a step into the stage, if it was not taken today.

        Who comes from elsewhere than from fewer purchases does so by buying again.
        """
        if stage.kind == "purchases":
            again = SQL(
                "(SELECT MIN(day) FROM UNNEST(days) day WHERE day >= %s)", self.since
            )
            return SQL("GREATEST(days[%s], %s)", stage.purchases, again)
        if stage.kind == "otherwise":
            return SQL("CASE WHEN purchases IS NULL THEN idle_since END")
        return self.entered(stage)

    def limit(self, stage) -> SQL:
        """The number in the evidence that the rule compared with."""
        if stage.kind == "overdue":
            return self.allowed(SQL("expected"), stage.percentile)
        if stage.kind == "returned":
            day = SQL.identifier(f"back_{stage.id}")
            return SQL(
                "%s - (SELECT MAX(before) FROM UNNEST(days) before WHERE before < %s)",
                day,
                day,
            )
        return SQL("NULL::int")

    def staged(self):
        """Each customer with the first stage whose rule holds, and its evidence."""

        def by_stage(build):
            return SQL(
                "CASE stage_id %s END",
                SQL(" ").join(
                    SQL("WHEN %s THEN %s", stage.id, build(stage))
                    for stage in self.stages
                ),
            )

        found = SQL(" ").join(
            SQL("WHEN %s THEN %s", self.holds(stage), stage.id) for stage in self.stages
        )
        return SQL(
            """
            SELECT found.*, LEAST(%(entered)s, %(as_of)s) AS entered,
                   GREATEST(LEAST(%(moved_on)s, %(as_of)s), %(since)s) AS moved_on,
                   JSONB_STRIP_NULLS(JSONB_BUILD_OBJECT(
                       'kind', %(kind)s, 'percent', %(percent)s, 'limit', %(limit)s,
                       'purchases', purchases, 'first', first_day, 'last', last_day,
                       'expected', ROUND(expected::numeric, 1),
                       'back', %(back)s,
                       'attitude', ROUND(attitudinal::numeric),
                       'touch', CASE WHEN purchases IS NULL THEN idle_since END,
                       'given_up', CASE WHEN purchases IS NULL THEN given_up END,
                       'open', CASE WHEN purchases IS NULL THEN is_open END
                   )) AS evidence
              FROM (SELECT standing.*, (CASE %(found)s END)::int AS stage_id
                      FROM standing) found
            """,
            found=found,
            as_of=self.as_of,
            since=self.since,
            entered=by_stage(self.entered),
            moved_on=by_stage(self.moved_on),
            kind=by_stage(lambda stage: SQL("%s::varchar", stage.kind)),
            percent=by_stage(
                lambda stage: SQL(
                    "%s::int",
                    stage.percentile if stage.kind in ("overdue", "returned") else None,
                )
            ),
            limit=by_stage(self.limit),
            back=by_stage(
                lambda stage: SQL.identifier(f"back_{stage.id}")
                if stage.kind == "returned"
                else SQL("NULL::date")
            ),
        )

    def evaluated(self):
        """All steps, up to ``staged``, as a list of common table expressions."""
        steps = (
            ("population", True, self.population()),
            ("purchase", False, self.purchase()),
            ("spaced", False, self.spaced()),
            ("bought", False, self.bought()),
            ("said", False, self.said()),
            ("breadth", False, self.breadth()),
            ("pursuit", False, self.pursuit()),
            ("standing", True, self.standing()),
            ("staged", True, self.staged()),
        )
        return SQL(", ").join(
            SQL(
                "%s AS %s (%s)",
                SQL.identifier(name),
                SQL("MATERIALIZED" if kept else ""),
                step,
            )
            for name, kept, step in steps
        )
