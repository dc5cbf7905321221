"""When a care rule fires: courses of levels, and the fall or rise within one.

Every trigger watches a *level* of the customer, a whole number: the shown score, the
place of the tier in the pyramid, whether a stage is held, whether a complaint has been
open for too long. A *course* is the rows in which the level moved:

    partner_id, day, moment     in order; the last row of a day stands at its end
    level                       higher is better, whatever the trigger
    shift                       what steps (a new configuration, a calibration, a
                                merge) added to the level so far: not the customer's
                                doing, so ``level - shift`` is what is compared
    seg                         levels of two segments cannot be compared
    rank                        place of the tier beside a score, upwards; else empty

A rule fires on a day when the level stood higher by its threshold on some day of the
window (lower, for what watches a rise), in the same segment. A case is recovered when
the former level is regained. ``tools/care.py`` replays the same over many days.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from odoo.tools import SQL

from .measure_sql import CARRIED, MEASURED

EVER = date(1900, 1, 1)
DAY = timedelta(days=1)


@dataclass
class CareSql:
    """Composes the statements of one rule as of a day.

    :param rule: a ``customer.care.rule`` with superuser rights
    :param whom: a subselect of customers, to look at nobody else
    """

    rule: object
    as_of: date
    whom: SQL | None = None

    @property
    def env(self):
        return self.rule.env

    @property
    def company(self):
        return self.rule.company_id

    @property
    def sign(self):
        """1 for what watches a fall, -1 for what watches a rise."""
        return -1 if self.rule.is_gain else 1

    @property
    def window_begin(self):
        if self.rule.trigger == "complaint":
            return EVER
        return self.as_of - timedelta(days=self.rule.days)

    # ----------------------------------------------------------------- courses

    def course(self, since):
        """The course from the standing at the end of ``since`` to ``as_of``."""
        build = getattr(self, f"_course_{self.rule.trigger}")
        return SQL(
            """
            SELECT partner_id, day, moment, seg, level, shift, rank,
                   LEAD(day) OVER (PARTITION BY partner_id
                                   ORDER BY day, moment, seg) AS until
              FROM (%s) course WHERE day <= %s
            """,
            build(since),
            self.as_of,
        )

    def _course_fell(self, since):
        shown = SQL("FLOOR(ROUND(computed_score::numeric, 6) + 0.5)::int")
        before = SQL("FLOOR(ROUND(before_score::numeric, 6) + 0.5)::int")
        return self._history_course(
            since,
            level=shown,
            step=SQL(
                "CASE WHEN is_step THEN %s - COALESCE(%s, %s) ELSE 0 END",
                shown,
                before,
                shown,
            ),
            breaks=SQL("FALSE"),
            rank=SQL("ranked.rank"),
        )

    _course_rose = _course_fell

    def _course_tier(self, since):
        level = SQL("COALESCE(ranked.rank, -1000)")
        if self.rule.tier_change == "lost":
            level = SQL(
                "COALESCE(tier_id = ANY(%s), FALSE)::int", self.rule._tier_versions()
            )
        return self._history_course(
            since,
            level=level,
            step=SQL("0"),
            breaks=SQL("is_step OR cause = 'override'"),
        )

    def _course_band(self, since):
        """History knows the days on which the score moved; today is known anyway."""
        slot = self.rule.indicator_id.slot
        level = SQL("(points[%s] >= %s)::int", slot, self.rule.band_id.points)
        known = SQL(
            "model_id = ANY(%s) AND COALESCE(states[%s], 0) = ANY(%s)",
            self.rule.indicator_id.model_id._lineage().ids,
            slot,
            [MEASURED, CARRIED],
        )
        scored = SQL(
            """
            SELECT score.partner_id, score.model_id, %(level)s AS level
              FROM customer_value_score score
             WHERE score.company_id = %(company)s AND %(known)s AND %(whom)s
            """,
            level=level,
            company=self.company.id,
            known=known,
            whom=self._whom(SQL("score.partner_id")),
        )
        return SQL(
            """
            WITH scored AS (%(scored)s), past AS (%(past)s)
            SELECT partner_id, day, moment, seg, level, shift, rank FROM past
         UNION ALL
            SELECT scored.partner_id, %(as_of)s, 'infinity'::timestamp, latest.seg,
                   scored.level, 0, NULL
              FROM scored
              JOIN (SELECT DISTINCT ON (partner_id) partner_id, seg, model_id
                      FROM past ORDER BY partner_id, day DESC, moment DESC) latest
                ON latest.partner_id = scored.partner_id
               AND latest.model_id = scored.model_id
             WHERE %(is_now)s
            """,
            scored=scored,
            past=self._history_course(
                since,
                level=level,
                step=SQL("0"),
                breaks=SQL("is_step"),
                known=known,
                moved=SQL("SELECT partner_id FROM scored"),
            ),
            as_of=self.as_of,
            is_now=self.as_of >= self.rule._today(),
        )

    def _history_course(
        self,
        since,
        level,
        step,
        breaks,
        rank=None,
        known=None,
        moved=None,
    ):
        """A course of ``customer.value.history``, of who ``moved`` since a day."""
        return SQL(
            """
            SELECT partner_id, day, moment,
                   (SUM(broken::int) OVER sofar)::int AS seg, level,
                   (SUM(step) OVER sofar)::int AS shift, rank, model_id
              FROM (SELECT history.id, history.partner_id, history.date AS day,
                           history.recorded AS moment, %(level)s AS level,
                           %(step)s AS step, %(rank)s AS rank, history.model_id,
                           (%(breaks)s OR NOT is_step
                            AND history.model_id IS DISTINCT FROM
                                LAG(history.model_id) OVER course) AS broken
                      FROM (%(rows)s) history
                 LEFT JOIN (%(ranked)s) ranked ON ranked.id = history.tier_id
                     WHERE %(known)s
                    WINDOW course AS (PARTITION BY history.partner_id
                           ORDER BY history.date, history.recorded, history.id)
                   ) marked
            WINDOW sofar AS (PARTITION BY partner_id ORDER BY day, moment, id)
            """,
            rows=self._history_rows(since, moved or self._moved(since)),
            ranked=self._ranked(),
            level=level,
            step=step,
            breaks=breaks,
            rank=rank or SQL("NULL::int"),
            known=known or SQL("TRUE"),
        )

    def _moved(self, since):
        """Who has a row after ``since``: a look into the index for each customer.

        The history is many times the customers, and most of it is old.
        """
        return SQL(
            """
            SELECT customer.id AS partner_id
              FROM res_partner customer, LATERAL (
                   SELECT 1 FROM customer_value_history recent
                    WHERE recent.partner_id = customer.id
                      AND recent.company_id = %s AND recent.former_id = 0
                      AND recent.date > %s AND recent.date <= %s LIMIT 1) moved
             WHERE (customer.is_company OR customer.parent_id IS NULL) AND %s
            """,
            self.company.id,
            since,
            self.as_of,
            self._whom(SQL("customer.id")),
        )

    def _history_rows(self, since, moved):
        """Rows after ``since`` of who moved, and the one that stood at its end.

        OFFSET keeps the database from reading the whole history instead.
        """
        return SQL(
            """
            SELECT told.*
              FROM (%(moved)s) moved, LATERAL (
                   SELECT MAX(stood.date) AS day FROM customer_value_history stood
                    WHERE stood.partner_id = moved.partner_id
                      AND stood.company_id = %(company)s
                      AND stood.former_id = 0 AND stood.date <= %(since)s) begin,
                   LATERAL (
                   SELECT * FROM customer_value_history course
                    WHERE course.partner_id = moved.partner_id
                      AND course.company_id = %(company)s AND course.former_id = 0
                      AND course.date <= %(as_of)s
                      AND course.date >= COALESCE(begin.day, %(since)s) OFFSET 0) told
            """,
            moved=moved,
            company=self.company.id,
            since=since,
            as_of=self.as_of,
        )

    def _ranked(self):
        """``id, rank`` of every tier: its place from below in the present version."""
        return SQL(
            """
            SELECT tier.id, COALESCE(present.rank, own.rank) AS rank
              FROM customer_value_tier tier
              JOIN customer_value_model scheme ON scheme.id = tier.model_id
              JOIN (%(places)s) own ON own.id = tier.id
         LEFT JOIN customer_value_model active
                ON active.code = scheme.code AND active.state = 'active'
               AND active.company_id = scheme.company_id
         LEFT JOIN (%(places)s) present
                ON present.model_id = active.id AND present.code = tier.code
             WHERE scheme.company_id = %(company)s
            """,
            places=SQL(
                "SELECT id, model_id, code, -(ROW_NUMBER() OVER (PARTITION BY model_id "
                "ORDER BY sequence, id))::int AS rank FROM customer_value_tier"
            ),
            company=self.company.id,
        )

    def _course_stage(self, since):
        """Every step from stage to stage; who was nowhere before was not in it."""
        levels = self.rule._stage_levels()
        level = SQL(
            "(CASE step.stage_id %s ELSE 1 END)",
            SQL(" ").join(SQL("WHEN %s THEN %s", *pair) for pair in levels.items()),
        )
        before_first = SQL(
            """
            UNION ALL
            SELECT step.partner_id, step.date - 1, step.recorded, 0, 0, 0, NULL
              FROM customer_loyalty_history step
             WHERE step.company_id = %s AND step.former_id = 0
               AND step.from_stage_id IS NULL AND %s
            """,
            self.company.id,
            self._whom(SQL("step.partner_id")),
        )
        return SQL(
            """
            SELECT step.partner_id, step.date AS day,
                   step.recorded + step.id * INTERVAL '1 microsecond' AS moment,
                   0 AS seg, %(level)s AS level, 0 AS shift, NULL::int AS rank
              FROM customer_loyalty_history step
             WHERE step.company_id = %(company)s AND step.former_id = 0 AND %(whom)s
            %(before_first)s
            """,
            level=level,
            company=self.company.id,
            whom=self._whom(SQL("step.partner_id")),
            before_first=before_first if self.rule.is_gain else SQL(""),
        )

    def _course_complaint(self, since):
        """0 while a complaint is open that has been so for the days of the rule."""
        tz = self.company.value_tz
        return self._counted_course(
            SQL(
                """
                SELECT customer.commercial_partner_id AS partner_id,
                       %(received)s + %(days)s AS first, %(closed)s AS after
                  FROM customer_feedback feedback
                  JOIN res_partner customer ON customer.id = feedback.partner_id
                 WHERE feedback.kind = 'complaint' AND feedback.active
                   AND feedback.company_id = %(company)s
                """,
                received=_local_day(SQL("feedback.date"), tz),
                closed=_local_day(SQL("feedback.date_closed"), tz),
                days=self.rule.days,
                company=self.company.id,
            ),
            during=0,
        )

    def _course_override(self, since):
        """1 while a manager's word counts, 0 when it has expired."""
        return self._counted_course(
            SQL(
                """
                SELECT partner_id, date_from AS first, date_to + 1 AS after
                  FROM customer_value_override
                 WHERE active AND company_id = %s
                """,
                self.company.id,
            ),
            during=1,
        )

    def _counted_course(self, spans, during):
        """A course of spans of days: ``during`` in any of them, else the opposite."""
        return SQL(
            """
            SELECT partner_id, day, day::timestamp AS moment, 0 AS seg,
                   CASE WHEN SUM(SUM(change)) OVER (PARTITION BY partner_id
                                                   ORDER BY day) > 0
                        THEN %(during)s ELSE %(outside)s END AS level,
                   0 AS shift, NULL::int AS rank
              FROM (%(spans)s) span,
           LATERAL (VALUES (first, 1), (after, -1), (%(ever)s::date, 0)) AS
                   event (day, change)
             WHERE event.day IS NOT NULL AND (after IS NULL OR after > first)
               AND %(whom)s
          GROUP BY partner_id, day
            """,
            spans=spans,
            during=during,
            outside=1 - during,
            ever=EVER,
            whom=self._whom(SQL("partner_id")),
        )

    def _whom(self, partner):
        return SQL("%s IN %s", partner, self.whom) if self.whom else SQL("TRUE")

    # ------------------------------------------------------------------ firing

    def fires(self):
        """Customers for whom the rule holds, and who have no case of it under way.

        ``partner_id, former_date, former_level`` and where the customer stood on both
        days: ``former_score, former_tier_id, score, tier_id, stake``.
        """
        return SQL(
            """
            WITH course AS MATERIALIZED (%(course)s),
            closed AS (
                SELECT partner_id, MAX(date_closed) AS day,
                       MAX(date_closed) FILTER (WHERE outcome NOT IN
                           ('recovered', 'passed')) AS unrecovered
                  FROM customer_care_case
                 WHERE rule_id = %(rule)s AND state = 'closed' GROUP BY partner_id
            ), now AS (
                SELECT DISTINCT ON (course.partner_id) course.*,
                       GREATEST(%(begin)s, closed.day) AS begin,
                       COALESCE(closed.unrecovered, %(ever)s) AS unrecovered
                  FROM course LEFT JOIN closed USING (partner_id)
              ORDER BY course.partner_id, course.day DESC, course.moment DESC
            ), former AS (
                SELECT DISTINCT ON (course.partner_id) course.partner_id,
                       course.until - 1 AS date, course.level AS level,
                       %(sign)s * (course.level - course.shift
                                   - now.level + now.shift) AS change,
                       now.level AS present
                  FROM course
                  JOIN now ON now.partner_id = course.partner_id
                          AND now.seg = course.seg
                 WHERE course.until > course.day AND course.until > now.begin
                   AND %(reset)s
              ORDER BY course.partner_id,
                       %(sign)s * (course.level - course.shift) DESC,
                       course.day DESC, course.moment DESC
            )
            SELECT former.partner_id, former.date AS former_date,
                   former.level AS former_level, %(stood)s
              FROM former
              %(standings)s
             WHERE former.change >= %(threshold)s AND %(exact)s
               AND former.partner_id IN %(population)s AND %(meant)s
               AND NOT EXISTS (
                   SELECT 1 FROM customer_care_case live
                    WHERE live.rule_id = %(rule)s AND live.state <> 'closed'
                      AND live.partner_id = former.partner_id)
          ORDER BY former.partner_id
            """,
            course=self.course(self.window_begin),
            rule=self.rule.id,
            begin=self.window_begin,
            ever=EVER,
            sign=self.sign,
            # the history does not know of every crossing: it must have been seen
            reset=SQL("course.day > now.unrecovered")
            if self.rule.trigger == "band"
            else SQL("TRUE"),
            stood=self._stood(),
            standings=self._standings(SQL("former.partner_id"), SQL("former.date")),
            threshold=self.rule._threshold(),
            exact=self._exact(),
            population=self.rule._population().subselect(),
            meant=self._meant(),
        )

    def _exact(self):
        """A stage that is bad is reached from a better one, not from a worse one."""
        if self.rule.trigger == "stage":
            return SQL("present = %s", 1 if self.rule.is_gain else 0)
        return SQL("TRUE")

    def _stood(self):
        return SQL(
            """
            before.score AS former_score, before.tier_id AS former_tier_id,
            after.score AS score, after.tier_id AS tier_id,
            GREATEST(COALESCE(before.stake, after.stake, 0), 0) AS stake
            """
        )

    def _standings(self, partner, former):
        """Where the customer stood on the former day and on the day of the rule."""
        return SQL(
            "LEFT JOIN LATERAL (%s) before ON TRUE "
            "LEFT JOIN LATERAL (%s) after ON TRUE",
            self.standing(partner, former),
            self.standing(partner, SQL("%s::date", self.as_of)),
        )

    def standing(self, partner, day):
        return standing_sql(self.company, partner, day)

    def _meant(self):
        """The rule's tiers, then or now, and its value model, now."""
        conditions = [SQL("TRUE")]
        if self.rule._filters_tiers():
            tiers = self.rule._tier_versions()
            conditions.append(
                SQL(
                    "(before.tier_id = ANY(%(tiers)s) "
                    "OR after.tier_id = ANY(%(tiers)s))",
                    tiers=tiers,
                )
            )
        if self.rule.model_id:
            conditions.append(
                SQL("after.model_id = ANY(%s)", self.rule.model_id._lineage().ids)
            )
        return SQL(" AND ").join(conditions)

    # --------------------------------------------------------------- recovering

    def recovered(self):
        """Ids of cases under way whose customer regained the former level, or tier.

        For what watches a rise: whose gain is gone again.
        """
        return SQL(
            """
            WITH live AS (
                SELECT * FROM customer_care_case
                 WHERE rule_id = %(rule)s AND state <> 'closed' AND %(whom)s
            ), course AS MATERIALIZED (%(course)s), now AS (
                SELECT DISTINCT ON (partner_id) * FROM course
              ORDER BY partner_id, day DESC, moment DESC
            ), past AS (
                SELECT DISTINCT ON (live.id) live.id, course.shift
                  FROM live JOIN course ON course.partner_id = live.partner_id
                                       AND course.day <= live.former_date
              ORDER BY live.id, course.day DESC, course.moment DESC
            )
            SELECT live.id
              FROM live
              JOIN now ON now.partner_id = live.partner_id
         LEFT JOIN past ON past.id = live.id
         LEFT JOIN (%(ranked)s) old ON old.id = live.former_tier_id
         LEFT JOIN (%(ranked)s) opened ON opened.id = live.opening_tier_id
             WHERE %(sign)s * (now.level - now.shift + COALESCE(past.shift, 0)
                               - live.former_level) >= 0
                OR %(by_tier)s
            """,
            rule=self.rule.id,
            whom=self._whom(SQL("partner_id")),
            course=self._course_of_cases(),
            ranked=self._ranked(),
            sign=self.sign,
            by_tier=SQL(
                "now.rank >= old.rank AND opened.rank < old.rank "
                "AND now.shift = COALESCE(past.shift, 0)"
            )
            if self.rule.trigger == "fell"
            else SQL("FALSE"),
        )

    def _course_of_cases(self):
        """The course of who has a case under way, since its former day."""
        self.env.cr.execute(
            SQL(
                "SELECT MIN(former_date) FROM customer_care_case "
                "WHERE rule_id = %s AND state <> 'closed'",
                self.rule.id,
            )
        )
        [since] = self.env.cr.fetchone()
        cases = SQL(
            "(SELECT partner_id FROM customer_care_case "
            "WHERE rule_id = %s AND state <> 'closed' AND %s)",
            self.rule.id,
            self._whom(SQL("partner_id")),
        )
        composer = CareSql(self.rule, self.as_of, cases)
        return composer.course(since or self.as_of)

    # --------------------------------------------------------------- previewing

    def candidates(self, since):
        """Courses, in order, of who could have had a case on a day after ``since``."""
        begin = EVER
        if self.rule.trigger != "complaint":
            begin = since - timedelta(days=self.rule.days)
        return SQL(
            """
            WITH course AS MATERIALIZED (%(course)s)
            SELECT partner_id, day, until, seg, level, shift, rank FROM course
             WHERE partner_id IN %(population)s AND partner_id IN (
                   SELECT partner_id FROM course GROUP BY partner_id, seg
                   HAVING MAX(level - shift) - MIN(level - shift) >= %(threshold)s)
               AND %(of_model)s
          ORDER BY partner_id, day, moment, seg
            """,
            course=self.course(begin),
            population=self.rule._population().subselect(),
            threshold=self.rule._threshold(),
            of_model=self._of_model(),
        )

    def _of_model(self):
        if not self.rule.model_id:
            return SQL("TRUE")
        return SQL(
            "(SELECT model_id FROM (%s) stood) = ANY(%s)",
            self.standing(SQL("course.partner_id"), SQL("%s::date", self.as_of)),
            self.rule.model_id._lineage().ids,
        )

    def tiers_of(self, partner_ids):
        """``partner_id, date, tier_id`` in order, for the filter by tiers."""
        return SQL(
            """
            SELECT partner_id, date, tier_id FROM customer_value_history
             WHERE company_id = %s AND former_id = 0 AND partner_id = ANY(%s)
               AND date <= %s
          ORDER BY partner_id, date, recorded, id
            """,
            self.company.id,
            partner_ids,
            self.as_of,
        )


def standing_sql(company, partner, day):
    """The last row of history until a day: score, tier, and what is at stake."""
    return SQL(
        """
        SELECT FLOOR(ROUND(stood.computed_score::numeric, 6) + 0.5)::int AS score,
               stood.tier_id, stood.model_id, %(stake)s AS stake
          FROM customer_value_history stood
         WHERE stood.partner_id = %(partner)s AND stood.company_id = %(company)s
           AND stood.former_id = 0 AND stood.date <= %(day)s
      ORDER BY stood.date DESC, stood.recorded DESC, stood.id DESC LIMIT 1
        """,
        partner=partner,
        company=company.id,
        day=day,
        stake=stake_sql(SQL("stood.model_id"), SQL("stood.raw")),
    )


def stake_sql(model_id, raw):
    """What a customer's sales come to, as the value model measures them: in money.

    The weightiest sum of money of the realised value that everybody may see.
    """
    return SQL(
        """
        (SELECT %(raw)s[staked.slot]
           FROM customer_value_indicator staked
           JOIN customer_value_source money ON money.id = staked.source_id
           JOIN customer_value_dimension part ON part.id = staked.dimension_id
          WHERE staked.model_id = %(model)s AND staked.aggregate = 'sum'
            AND money.amount_unit = 'money' AND part.component = 'realised'
            AND staked.confidential IS NOT TRUE
       ORDER BY staked.weight DESC, staked.id LIMIT 1)
        """,
        raw=raw,
        model=model_id,
    )


def _local_day(column, tz):
    return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", column, tz)
