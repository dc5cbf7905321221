from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from ..tools import closeness as formula
from ..tools.window import local_today
from .customer_value_contact import CONTACT_KINDS
from .scoring_plan import EVERYBODY, Scope

MEASURES = ("score", "level", "tie", "days", "days_in", "days_out", "depth")
LAST = ("last_date", "last_kind", "last_user_id", "last_model", "last_res_id")


class CustomerCloseness(models.Model):
    """How close the company and a customer are, and their last contact.

    One row per commercial entity and company, of those we were ever in touch with: no
    row means that nothing is known. What one of us has with a customer stands in
    ``customer.closeness.tie``. The formula and its numbers: ``tools/closeness.py``;
    what a contact is: ``customer.value.contact``.

    Written in SQL, and only where something changed: every night for everybody, since
    silence alone loosens ties, and for those who were in touch soon after.
    """

    _name = "customer.closeness"
    _inherit = ["customer.value.following", "customer.closeness.measured"]
    _description = "Closeness of a Customer"
    _log_access = False

    last_kind = fields.Selection(CONTACT_KINDS, string="Last Contact By", readonly=True)
    last_user_id = fields.Many2one(
        "res.users", string="Last Contact With", readonly=True, ondelete="set null"
    )
    last_model = fields.Char(readonly=True)
    last_res_id = fields.Many2oneReference(
        string="Last Contact Document", model_field="last_model", readonly=True
    )
    tie_ids = fields.One2many(
        "customer.closeness.tie", compute="_compute_tie_ids", string="Who Knows Them"
    )

    _partner_company_unique = models.Constraint(
        "UNIQUE (partner_id, company_id)", "A customer has one closeness in a company."
    )

    def _compute_tie_ids(self):
        ties = self.env["customer.closeness.tie"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        )
        found = ties.grouped(lambda tie: (tie.partner_id, tie.company_id))
        for row in self:
            row.tie_ids = found.get((row.partner_id, row.company_id), False)

    # ------------------------------------------------------------------- updating

    @api.model
    def _cron_meetings(self):
        """Meetings become contacts when they are over: mark whom they were with."""
        now = fields.Datetime.now()
        ended = self.env["calendar.attendee"].search(
            [
                ("event_id.stop", "<=", now),
                ("event_id.stop", ">", fields.Datetime.subtract(now, hours=2)),
            ]
        )
        self.env["customer.value.dirty"]._mark("calendar.attendee", ended.ids)

    @api.model
    def _update(self, company, as_of, ids=None):
        """Bring rows and ties up to date, as of a day.

        :param ids: commercial entities, everybody if None
        """
        if ids is not None and not ids:
            return
        self.env.flush_all()
        engine = self.env["customer.value.engine"]
        scope = EVERYBODY if ids is None else engine._scope_of(sorted(ids))
        engine._suit_database(scope)
        self.env.cr.execute(self._update_sql(company, as_of, scope))
        self._forget_cached()

    def _forget_cached(self):
        self.invalidate_model()
        self.env["customer.closeness.tie"].invalidate_model()
        self.env["res.partner"]._invalidate_contact_fields()

    def _update_sql(self, company, as_of, scope):
        return SQL(
            """
            WITH %(measured)s,
            latest AS (
                SELECT DISTINCT ON (partner_id)
                       partner_id, date AS last_date, kind AS last_kind,
                       user_id AS last_user_id, res_model AS last_model,
                       res_id AS last_res_id
                  FROM made
              ORDER BY partner_id, date DESC, depth DESC, res_model, res_id, user_id
            ),
            everyone AS (
                SELECT scored.partner_id, %(new_measures)s, %(new_last)s
                  FROM scored
                  JOIN latest USING (partner_id)
                 WHERE scored.is_overall
            ),
            each_user AS (
                SELECT * FROM scored WHERE NOT is_overall AND user_id IS NOT NULL
            ),
            kept AS (%(kept)s), kept_ties AS (%(kept_ties)s),
            gone AS (
                DELETE FROM customer_closeness old
                 WHERE old.company_id = %(company)s AND %(old_in_scope)s
                   AND NOT EXISTS (SELECT 1 FROM everyone
                                    WHERE everyone.partner_id = old.partner_id)
            )
            DELETE FROM customer_closeness_tie old
             WHERE old.company_id = %(company)s AND %(old_in_scope)s
               AND NOT EXISTS (SELECT 1 FROM each_user
                                WHERE each_user.partner_id = old.partner_id
                                  AND each_user.user_id = old.user_id)
            """,
            measured=self._scored_sql(company, as_of, scope),
            new_measures=_columns("scored", MEASURES),
            new_last=_columns("latest", LAST),
            kept=self._kept_sql(
                company,
                "customer_closeness",
                "everyone",
                ("partner_id",),
                (*MEASURES, *LAST),
            ),
            kept_ties=self._kept_sql(
                company,
                "customer_closeness_tie",
                "each_user",
                ("partner_id", "user_id"),
                (*MEASURES, "last_date"),
            ),
            company=company.id,
            old_in_scope=scope.entity(SQL("old.partner_id")),
        )

    def _kept_sql(self, company, table, source, keys, names):
        """Insert what is new, update what differs."""
        new = _columns("fresh", names)
        old = _columns("old", names)
        return SQL(
            """
            INSERT INTO %(table)s (company_id, %(keys)s, %(names)s)
                 SELECT %(company)s, %(fresh_keys)s, %(new)s
                   FROM %(source)s fresh
              LEFT JOIN %(table)s old
                     ON old.company_id = %(company)s
                    AND (%(old_keys)s) = (%(fresh_keys)s)
                  WHERE old.id IS NULL OR (%(new)s) IS DISTINCT FROM (%(old)s)
            ON CONFLICT (%(keys)s, company_id) DO UPDATE SET %(updates)s
            """,
            table=SQL.identifier(table),
            source=SQL.identifier(source),
            keys=SQL(", ").join(map(SQL.identifier, keys)),
            names=SQL(", ").join(map(SQL.identifier, names)),
            fresh_keys=_columns("fresh", keys),
            old_keys=_columns("old", keys),
            new=new,
            old=old,
            company=company.id,
            updates=SQL(", ").join(
                SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name))
                for name in names
            ),
        )

    # ------------------------------------------------------------------ composing

    def _scored_sql(self, company, as_of, scope, by=None):
        """``made``: the contacts; ``scored``: who is how close, as of a day.

        A row for each partner, and one for each partner and user. What belongs to no
        company (a meeting) counts where the contact belongs and our person works.

        :param by: what is measured, else the commercial entity
        """
        contacts = self.env["customer.value.contact"].sudo()
        contacts = contacts.with_context(customer_value_scope=scope)
        counts = SQL("day > %s", fields.Date.subtract(as_of, days=formula.DAYS))
        return SQL(
            """
            made AS MATERIALIZED (
                SELECT %(by)s AS partner_id,
                       NULLIF(contact.user_id, %(robot)s) AS user_id, contact.date,
                       contact.kind, contact.direction, contact.depth,
                       contact.res_model, contact.res_id,
                       (contact.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date
                           AS day
                  FROM (%(contacts)s) contact
                  JOIN res_partner person ON person.id = contact.partner_id
                 WHERE COALESCE(contact.company_id, person.company_id, %(company)s)
                       = %(company)s
                   AND (contact.company_id IS NOT NULL OR contact.user_id IS NULL
                        OR contact.user_id IN (SELECT user_id
                                                 FROM res_company_users_rel
                                                WHERE cid = %(company)s))
            ),
            a_day AS (
                SELECT partner_id, user_id, day, MAX(date) AS date,
                       BOOL_OR(direction <> 'out') AS is_in,
                       BOOL_OR(direction <> 'in') AS is_out, MAX(depth) AS depth
                  FROM made
              GROUP BY partner_id, user_id, day
            ),
            measured AS (
                SELECT partner_id, user_id, GROUPING(user_id) = 1 AS is_overall,
                       MAX(date) AS last_date, %(as_of)s::date - MAX(day) AS silence,
                       COUNT(DISTINCT day) FILTER (WHERE %(counts)s) AS days,
                       COUNT(DISTINCT day) FILTER (WHERE %(counts)s AND is_in)
                           AS days_in,
                       COUNT(DISTINCT day) FILTER (WHERE %(counts)s AND is_out)
                           AS days_out,
                       COALESCE(MAX(depth) FILTER (WHERE %(counts)s), 0) AS depth
                  FROM a_day
              GROUP BY GROUPING SETS ((partner_id), (partner_id, user_id))
            ),
            pointed AS (SELECT measured.*, %(score)s AS score FROM measured),
            leveled AS (SELECT pointed.*, %(level)s AS level FROM pointed),
            scored AS (SELECT leveled.*, %(tie)s AS tie FROM leveled)
            """,
            by=by or SQL("person.commercial_partner_id"),
            robot=SUPERUSER_ID,
            tz=company.value_tz,
            contacts=contacts._table_query,
            company=company.id,
            as_of=as_of,
            counts=counts,
            score=self._score_sql(),
            level=self._level_sql(),
            tie=self._tie_sql(),
        )

    def _score_sql(self):
        """See ``tools/closeness.py``."""
        mutual = SQL("LEAST(days_in, days_out)")
        depths = SQL(" ").join(
            SQL("WHEN %s THEN %s", depth, value)
            for depth, value in formula.DEPTHS.items()
        )
        return SQL(
            """
            FLOOR(100 * POWER(2.0::float8, -GREATEST(silence, 0) / %(half_life)s)
                * (%(frequency)s * (1 - POWER(2.0::float8, -days / %(often)s))
                   + %(mutuality)s * (1 - POWER(2.0::float8, -%(mutual)s / %(half)s))
                   + %(depth)s * CASE depth %(depths)s ELSE 0 END) + 0.5)::int
            """,
            half_life=_number(formula.HALF_LIFE),
            often=_number(formula.HALF_OFTEN),
            half=_number(formula.HALF_MUTUAL),
            mutual=mutual,
            depths=depths,
            **{name: _number(weight) for name, weight in formula.WEIGHTS.items()},
        )

    def _level_sql(self):
        cases = SQL(" ").join(
            SQL("WHEN score >= %s THEN %s", least, code)
            for code, least in formula.LEVELS
        )
        return SQL("CASE %s END", cases)

    def _tie_sql(self):
        return SQL(
            """
            CASE WHEN level = 'none' THEN 'sleeping'
                 WHEN level IN ('very_good', 'good') AND days_in > 0 AND days_out > 0
                 THEN 'strong' ELSE 'weak' END
            """
        )

    # -------------------------------------------------------------------- people

    @api.model
    def _of_people(self, partner_ids):
        """How close each of us is to each of some people, by what was in touch today.

        Not checked against the reader's rights: who calls it answers for that.

        :return: ``{(partner id, user id): (score, moment of the last contact)}``; who
            is not in it was never in touch
        """
        people = tuple(sorted(set(partner_ids)))
        if not people:
            return {}
        self.env.flush_all()
        company = self.env.company
        rows = self.env.execute_query(
            SQL(
                "WITH %s SELECT partner_id, user_id, score, last_date FROM scored "
                "WHERE NOT is_overall AND user_id IS NOT NULL",
                self._scored_sql(
                    company,
                    local_today(company.value_tz),
                    Scope(ids=people, contacts=people),
                    by=SQL("person.id"),
                ),
            )
        )
        return {(person, user): (score, last) for person, user, score, last in rows}


def _columns(alias, names):
    return SQL(", ").join(SQL.identifier(alias, name) for name in names)


def _number(value):
    return SQL("%s::float8", float(value))
