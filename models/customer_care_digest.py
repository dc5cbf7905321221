from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..tools.window import local_today

LEAST_POINTS = 5
"""Who moved by less is neither a riser nor a faller."""

KPIS = {
    "kpi_value_risers": "customer_value.customer_value_history_action",
    "kpi_value_fallers": "customer_value.customer_value_history_action",
    "kpi_value_at_risk": "customer_value.customer_loyalty_history_action",
    "kpi_value_recovered": "customer_value.customer_care_case_action",
}
"""Figures of the digest, and where each one leads."""


class DigestDigest(models.Model):
    """Who moved, in the mail that managers get anyway."""

    _inherit = "digest.digest"

    kpi_value_risers = fields.Boolean("Customers Who Rose")
    kpi_value_risers_value = fields.Integer(compute="_compute_kpi_value_risers_value")
    kpi_value_fallers = fields.Boolean("Customers Who Fell")
    kpi_value_fallers_value = fields.Integer(compute="_compute_kpi_value_fallers_value")
    kpi_value_at_risk = fields.Boolean("Newly at Risk")
    kpi_value_at_risk_value = fields.Integer(compute="_compute_kpi_value_at_risk_value")
    kpi_value_recovered = fields.Boolean("Customers Recovered")
    kpi_value_recovered_value = fields.Integer(
        compute="_compute_kpi_value_recovered_value"
    )

    def _compute_kpi_value_risers_value(self):
        self._count_by_company("kpi_value_risers_value", self._movers, 1)

    def _compute_kpi_value_fallers_value(self):
        self._count_by_company("kpi_value_fallers_value", self._movers, -1)

    def _compute_kpi_value_at_risk_value(self):
        self._count_by_company("kpi_value_at_risk_value", self._newly_at_risk)

    def _compute_kpi_value_recovered_value(self):
        self._count_by_company("kpi_value_recovered_value", self._recovered)

    def _count_by_company(self, name, count, *args):
        """Fill a figure; the mail goes without it for who may not see customers."""
        if not self.env.user.has_group("customer_value.group_user"):
            raise AccessError(self.env._("Not among the users of customer value."))
        known = {}
        for digest in self:
            company = digest.company_id or self.env.company
            if company not in known:
                first, last = digest._days(company)
                known[company] = count(company, first, last, *args)
            digest[name] = known[company]

    def _days(self, company):
        """The days of the period, its begin left out, in the company's time zone."""
        today = local_today(company.value_tz)
        moments = [
            self.env.context.get(name) for name in ("start_datetime", "end_datetime")
        ]
        if not all(moments):
            return today - timedelta(days=1), today
        start, end = moments
        length = max(round((end - start).total_seconds() / 86400), 1)
        back = (fields.Datetime.now() - end.replace(tzinfo=None)).days
        last = today - timedelta(days=max(back, 0))
        return last - timedelta(days=length), last

    def _movers(self, company, first, last, sign):
        """Customers whose own doing moved the shown score by some points.

        Of those whom the reader may read, like the other figures.
        """
        moves = self.env["customer.value.history"]._search(
            [
                ("company_id", "=", company.id),
                ("former_id", "=", 0),
                ("date", ">", first),
                ("date", "<=", last),
            ]
        )
        [(number,)] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*) FROM (
                    SELECT told.partner_id
                      FROM customer_value_history told
                 LEFT JOIN LATERAL (
                            SELECT computed_score FROM customer_value_history stood
                             WHERE stood.partner_id = told.partner_id
                               AND stood.company_id = told.company_id
                               AND stood.former_id = 0 AND stood.date <= %(first)s
                          ORDER BY stood.date DESC, stood.recorded DESC LIMIT 1
                           ) before ON TRUE
                     WHERE told.id IN %(moves)s
                  GROUP BY told.partner_id, before.computed_score
                    HAVING %(sign)s * (
                        FLOOR((ARRAY_AGG(told.computed_score ORDER BY told.date DESC,
                               told.recorded DESC))[1] + 0.5)
                        - FLOOR(before.computed_score + 0.5)
                        - SUM(CASE WHEN told.is_step
                              THEN FLOOR(told.computed_score + 0.5)
                                   - FLOOR(told.before_score + 0.5) ELSE 0 END)
                    ) >= %(least)s) moved
                """,
                moves=moves.subselect(),
                first=first,
                sign=sign,
                least=LEAST_POINTS,
            )
        )
        return number

    def _newly_at_risk(self, company, first, last):
        """Customers who became late, not those who were so already."""
        [[number]] = self.env["customer.loyalty.history"]._read_group(
            [
                ("company_id", "=", company.id),
                ("former_id", "=", 0),
                ("date", ">", first),
                ("date", "<=", last),
                ("stage_id.kind", "=", "overdue"),
                "|",
                ("from_stage_id", "=", False),
                ("from_stage_id.kind", "!=", "overdue"),
            ],
            [],
            ["partner_id:count_distinct"],
        )
        return number

    def _recovered(self, company, first, last):
        return self.env["customer.care.case"].search_count(
            [
                ("company_id", "=", company.id),
                ("outcome", "=", "recovered"),
                ("date_closed", ">", first),
                ("date_closed", "<=", last),
            ]
        )

    def _compute_kpis_actions(self, company, user):
        actions = super()._compute_kpis_actions(company, user)
        menu = self.env.ref("customer_value.customer_value_menu").id
        for name, action in KPIS.items():
            actions[name] = f"{action}?menu_id={menu}"
        return actions
