from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.window import local_today
from .customer_value_dirty import ENTITY
from .scoring_plan import EVERYBODY, Scope


class CustomerProfileState(models.Model):
    """How much we know of a customer of what we want to know, in a company.

    One row per commercial entity and company, of those who are in the population of a
    set. Written in SQL and only where something changed: every night for everybody,
    and soon after an answer for those it is about.
    """

    _name = "customer.profile.state"
    _inherit = ["customer.value.about", "customer.value.following"]
    _description = "Profile Completeness"
    _rec_name = "partner_id"
    _order = "completeness, id"
    _log_access = False

    set_id = fields.Many2one(
        "customer.profile.set",
        string="Profile Set",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    completeness = fields.Integer(
        string="Known (%)",
        readonly=True,
        aggregator="avg",
        help="Weight of what is known, in percent of all that is asked.",
    )
    open_count = fields.Integer(string="Open Questions", readonly=True)
    date = fields.Date(
        string="Since", readonly=True, help="The day it became as it is."
    )

    _partner_company_unique = models.Constraint(
        "UNIQUE (partner_id, company_id)",
        "A customer has one profile completeness in a company.",
    )

    @api.model
    def _update_some(self, entities):
        """Some customers in all companies; scored again if a model reads it."""
        changed = set()
        for company in self._companies():
            changed |= self._update(company, local_today(company.value_tz), entities)
        if changed and self._is_scored():
            self.env["customer.value.dirty"]._mark(ENTITY, changed)

    @api.model
    def _is_scored(self):
        indicators = self.env["customer.value.indicator"].sudo()
        return indicators.search_count(
            [
                ("source_id.res_model", "=", self._name),
                ("model_id.state", "=", "active"),
            ],
            limit=1,
        )

    @api.model
    def _update(self, company, as_of, ids=None):
        """Bring rows up to date.

        :param ids: commercial entities, everybody if None
        :return: the ids of the customers whose row changed
        """
        if ids is not None and not ids:
            return set()
        self.env.flush_all()
        scope = EVERYBODY if ids is None else Scope(ids=tuple(sorted(ids)))
        rows = self.env.execute_query(self._update_sql(company, as_of, scope))
        self.invalidate_model()
        self.env["res.partner"]._invalidate_profile_fields()
        return {partner for (partner,) in rows}

    def _update_sql(self, company, as_of, scope):
        profiles = self.env["customer.profile.set"]._profiles_sql(company, scope)
        return SQL(
            """
            WITH fresh AS (
                SELECT partner_id, set_id,
                       ROUND(100.0 * known / NULLIF(total, 0))::int AS completeness,
                       CARDINALITY(open_ids) AS open_count
                  FROM (%(profiles)s) profile
                 WHERE total > 0
            ),
            gone AS (
                DELETE FROM customer_profile_state old
                 WHERE old.company_id = %(company)s AND %(old_in_scope)s
                   AND NOT EXISTS (SELECT 1 FROM fresh
                                    WHERE fresh.partner_id = old.partner_id)
             RETURNING old.partner_id
            ),
            kept AS (
                INSERT INTO customer_profile_state
                       (company_id, date, partner_id, set_id, completeness, open_count)
                SELECT %(company)s, %(as_of)s, fresh.*
                  FROM fresh
             LEFT JOIN customer_profile_state old
                    ON old.company_id = %(company)s
                   AND old.partner_id = fresh.partner_id
                 WHERE old.id IS NULL
                    OR (fresh.set_id, fresh.completeness, fresh.open_count)
                       IS DISTINCT FROM
                       (old.set_id, old.completeness, old.open_count)
                ON CONFLICT (partner_id, company_id) DO UPDATE
                   SET date = EXCLUDED.date, set_id = EXCLUDED.set_id,
                       completeness = EXCLUDED.completeness,
                       open_count = EXCLUDED.open_count
             RETURNING partner_id
            )
            SELECT partner_id FROM gone UNION SELECT partner_id FROM kept
            """,
            profiles=profiles or self._nobody_sql(),
            company=company.id,
            as_of=as_of,
            old_in_scope=scope.entity(SQL("old.partner_id")),
        )

    def _nobody_sql(self):
        return SQL(
            "SELECT 0 AS partner_id, 0 AS set_id, 0 AS known, 0 AS total, "
            "'{}'::int[] AS open_ids WHERE FALSE"
        )
