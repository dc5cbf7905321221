import logging

from odoo import api, models
from odoo.tools import SQL

from ..tools.window import local_today
from .care_sql import CareSql, standing_sql
from .customer_value_engine import BROKEN

_logger = logging.getLogger(__name__)

LIVE = ("waiting", "open", "snoozed")
"""States of a case that is under way."""

HANDLED = """
    EXISTS (SELECT 1 FROM mail_activity done
             WHERE done.res_model = 'customer.care.case' AND done.res_id = care.id
               AND done.active IS NOT TRUE AND done.date_done IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM mail_activity planned
             WHERE planned.res_model = 'customer.care.case'
               AND planned.res_id = care.id AND planned.active)
"""
"""Something was planned on the case, and all of it is done."""


class CustomerCareEngine(models.AbstractModel):
    """Evaluates the care rules of a company: closes, opens, gives out.

    Rule by rule, in statements over all customers: first the cases end whose customer
    recovered, then new ones are found. What is found waits; then every person gets as
    many cases as the daily cap allows, those with most at stake first, and is told of
    these alone. What is left waits for the next day, and ends in silence if the
    customer recovers by himself. Doing all this twice on a day changes nothing.

    A rule that cannot be read is left out and says so; the others are evaluated.
    """

    _name = "customer.care.engine"
    _description = "Evaluation of Care Rules"

    # --------------------------------------------------------------- evaluating

    @api.model
    def _cron_evaluate(self):
        """Every night, after scores and stages."""
        rules = self.env["customer.care.rule"].sudo().with_context(active_test=False)
        companies = rules.search([]).company_id
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(companies))
        for company in companies:
            self._evaluate(company)
            if not cron._commit_progress(1):
                break

    @api.model
    def _evaluate(self, company, as_of=None, rules=None, partner=None, tells=None):
        """Bring the cases of a company up to date.

        :param as_of: a past day is worked out without telling anybody
        :param rules: the company's, if None
        :param partner: look at this customer alone
        :param tells: whether persons are notified; of what is found today, if None
        :return: the cases that were given to somebody
        """
        self = self.sudo().with_company(company)
        company = company.with_env(self.env)
        today = local_today(company.value_tz)
        as_of = as_of or today
        self.env.flush_all()
        whom = SQL("(SELECT %s)", partner.id) if partner else None
        if rules is None:
            rules = self._rules(company)
        for rule in rules.with_env(self.env).try_lock_for_update():
            self._evaluate_safely(CareSql(rule, as_of, whom))
        self._close_gone(company, as_of)
        self._wake_up(company, as_of)
        self._refresh(company, as_of)
        return self._give_out(
            company, as_of, as_of == today if tells is None else tells
        )

    @api.model
    def _check(self, case):
        """The same for one case, when somebody cannot wait for the night."""
        self._evaluate(case.company_id, rules=case.rule_id, partner=case.partner_id)

    def _rules(self, company):
        """The active ones, and those that were stopped with cases under way."""
        rules = self.env["customer.care.rule"].with_context(active_test=False)
        live = self.env["customer.care.case"]._read_group(
            [("state", "in", LIVE), ("company_id", "=", company.id)], ["rule_id"]
        )
        active = rules.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "active"),
                ("active", "=", True),
            ]
        )
        return active.union(*(rule for (rule,) in live))

    def _evaluate_safely(self, composer):
        """One rule; what cannot be read is told to who can mend it."""
        rule = composer.rule
        try:
            with self.env.cr.savepoint(flush=False):
                self._close_recovered(composer)
                if rule.state == "active" and rule.active:
                    self._find(composer)
        except BROKEN as error:
            _logger.warning("Care rule %s cannot be evaluated: %s", rule.name, error)
            self.env.invalidate_all(flush=False)
            self._report(rule, str(error))
        else:
            if rule.problem:
                rule.problem = False

    def _report(self, rule, problem):
        """Keep what is wrong, and tell it once."""
        if rule.problem == problem:
            return
        rule.problem = problem
        others = self.env.ref("customer_value.group_manager").all_user_ids
        told = (rule.create_uid | rule.user_id | others).filtered(
            lambda user: user.active
            and not user.share
            and rule.company_id in user.company_ids
        )
        rule.message_notify(
            partner_ids=told.partner_id.ids,
            subject=self.env._("A care rule does not work: %s", rule.name),
            body=self.env._(
                "It could not be evaluated and opens no cases until it is mended; the "
                "other rules are not concerned. %s",
                problem,
            ),
        )

    # ------------------------------------------------------------------ finding

    def _find(self, composer):
        """New cases, which wait to be given out."""
        rule, as_of = composer.rule, composer.as_of
        rows = self.env.execute_query_dict(composer.fires())
        if not rows:
            return
        partners = self.env["res.partner"].browse(row["partner_id"] for row in rows)
        users = rule._responsibles(partners)
        cases = self.env["customer.care.case"]
        cases.with_context(
            tracking_disable=True,
            mail_create_nolog=True,
            mail_create_nosubscribe=True,
        ).create(
            [
                {
                    "rule_id": rule.id,
                    "company_id": rule.company_id.id,
                    "partner_id": row["partner_id"],
                    "user_id": users[row["partner_id"]].id,
                    "date": as_of,
                    "is_gain": rule.is_gain,
                    "has_scores": None not in (row["former_score"], row["score"]),
                    "former_date": row["former_date"],
                    "former_level": row["former_level"],
                    "former_score": row["former_score"] or 0,
                    "former_tier_id": row["former_tier_id"],
                    "opening_score": row["score"] or 0,
                    "opening_tier_id": row["tier_id"],
                    "score": row["score"] or 0,
                    "tier_id": row["tier_id"],
                    "value_at_stake": row["stake"],
                }
                for row in rows
            ]
        )
        self.env.flush_all()

    # ------------------------------------------------------------------ closing

    def _close_recovered(self, composer):
        """Cases whose customer is back where he was; gains that are gone, or used."""
        ids = [row[0] for row in self.env.execute_query(composer.recovered())]
        outcome = "passed" if composer.rule.is_gain else "recovered"
        cases = self.env["customer.care.case"]
        cases.browse(ids)._close(outcome, composer.as_of)
        if composer.rule.is_gain or composer.rule.trigger == "override":
            handled = self.env.execute_query(
                SQL(
                    "SELECT id FROM customer_care_case care "
                    "WHERE rule_id = %s AND state IN ('open', 'snoozed') AND %s",
                    composer.rule.id,
                    SQL(HANDLED),
                )
            )
            cases.browse(row[0] for row in handled)._close("done", composer.as_of)

    def _close_gone(self, company, as_of):
        """Customers who were archived, or who belong to another one by now."""
        gone = self.env.execute_query(
            SQL(
                """
                SELECT care.id FROM customer_care_case care
                  JOIN res_partner customer ON customer.id = care.partner_id
                 WHERE care.company_id = %s AND care.state <> 'closed'
                   AND (customer.active IS NOT TRUE
                        OR customer.commercial_partner_id <> customer.id)
                """,
                company.id,
            )
        )
        self.env["customer.care.case"].browse(row[0] for row in gone)._close(
            "gone", as_of
        )

    # ----------------------------------------------------------- keeping in hand

    def _wake_up(self, company, as_of):
        """Cases that were put off until today are open again."""
        asleep = self.env["customer.care.case"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "snoozed"),
                ("snooze_until", "<=", as_of),
            ]
        )
        asleep.write({"state": "open", "snooze_until": False})

    def _refresh(self, company, as_of):
        """What stands on cases under way: score and tier of now."""
        standing = standing_sql(company, SQL("care.partner_id"), SQL("%s::date", as_of))
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_care_case care
                   SET score = now.score, tier_id = now.tier_id,
                       change = CASE WHEN has_scores THEN now.score - former_score END
                  FROM (SELECT care.id, now.score, now.tier_id
                          FROM customer_care_case care,
                       LATERAL (%(standing)s) now
                         WHERE care.company_id = %(company)s
                           AND care.state <> 'closed') now
                 WHERE care.id = now.id
                   AND (care.score, care.tier_id) IS DISTINCT FROM
                       (now.score, now.tier_id)
                """,
                standing=standing,
                company=company.id,
            )
        )
        self.env["customer.care.case"].invalidate_model(["score", "tier_id", "change"])

    # --------------------------------------------------------------- giving out

    def _give_out(self, company, as_of, tells):
        """Open what waits, the most at stake first, up to the cap of each person.

        A rule with a cap of its own counts its own cases; the cases of all others are
        counted together, up to the cap of the company.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH care AS (
                    SELECT care.*, COALESCE(NULLIF(rule.daily_cap, 0), %(cap)s) AS cap,
                           CASE WHEN rule.daily_cap > 0 THEN rule.id ELSE 0 END AS pot
                      FROM customer_care_case care
                      JOIN customer_care_rule rule ON rule.id = care.rule_id
                     WHERE care.company_id = %(company)s
                ), given AS (
                    SELECT COALESCE(user_id, 0) AS person, pot, COUNT(*) AS number
                      FROM care WHERE date_assigned = %(as_of)s GROUP BY 1, 2
                ), queue AS (
                    SELECT id, cap, pot, COALESCE(user_id, 0) AS person,
                           ROW_NUMBER() OVER (
                               PARTITION BY user_id, pot
                               ORDER BY value_at_stake DESC NULLS LAST, date, id
                           ) AS place
                      FROM care WHERE state = 'waiting' AND date <= %(as_of)s
                )
                SELECT queue.id
                  FROM queue LEFT JOIN given USING (person, pot)
                 WHERE place <= cap - COALESCE(given.number, 0)
              ORDER BY queue.person, place
                """,
                company=company.id,
                cap=company.value_case_cap,
                as_of=as_of,
            )
        )
        # another evaluation at the same time may be giving out the same ones
        cases = self.env["customer.care.case"].browse(row[0] for row in rows)
        cases = cases.try_lock_for_update()
        cases._start(as_of, tells)
        return cases
