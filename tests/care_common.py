"""Customers with made-up histories, rules about them, and a naive oracle."""

from datetime import timedelta

from odoo import Command
from odoo.tests import new_test_user
from odoo.tools import SQL

from .common import CustomerValueCommon

DAY = timedelta(days=1)
TIERS = (("gold", 70), ("silver", 40), ("basic", 0))


class CareCommon(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls.make_scheme()
        cls.today = cls.model._today()
        cls.seller = cls.make_seller("care.seller")
        cls.other_seller = cls.make_seller("care.other")
        cls.manager = cls.make_seller(
            "care.manager",
            "customer_value.group_manager,sales_team.group_sale_manager",
        )
        cls.engine = cls.env["customer.care.engine"]
        cls.company.value_case_cap = 1000

    @classmethod
    def make_scheme(cls, company=None, **vals):
        """One indicator of money, so that the raw value is what is at stake."""
        return cls.make_model(
            [{"code": "sales", "source": "sales", "aggregate": "sum"}],
            tiers=[
                (code, {"rules": [{"kind": "score", "number": edge}] if edge else []})
                for code, edge in TIERS
            ],
            domain=[("function", "=", "CARE")],
            company=company,
            **vals,
        )

    @classmethod
    def make_seller(cls, login, groups="sales_team.group_sale_salesman_all_leads"):
        return new_test_user(
            cls.env,
            login,
            f"{groups},base.group_partner_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def customer(cls, name=None, **vals):
        vals.setdefault("user_id", cls.seller.id)
        return cls.make_partner(name, function="CARE", **vals)

    @classmethod
    def tier(cls, score, model=None):
        code = next(code for code, edge in TIERS if score >= edge)
        return (model or cls.model).tier_ids.filtered(lambda tier: tier.code == code)

    @classmethod
    def tell(cls, partner, *rows, model=None, **vals):
        """History rows ``(days ago or day, score)``, and the present score."""
        for day, score in rows:
            cls.tell_row(partner, day, score, model=model, **vals)
        cls.stand(partner, rows[-1][1], model)
        return partner

    @classmethod
    def tell_row(
        cls, partner, day, score, model=None, before=None, cause="evidence", money=None
    ):
        """One row; ``before`` makes it a step."""
        model = model or cls.model
        day = cls.today - day * DAY if isinstance(day, int) else day
        cls.env.flush_all()
        cls.env.cr.execute(
            SQL(
                """
                INSERT INTO customer_value_history
                       (partner_id, company_id, former_id, date, recorded, cause,
                        is_step, is_replayed, model_id, score, computed_score, tier_id,
                        coverage, raw, basis, points, states, before_model_id,
                        before_score)
                VALUES (%s, %s, 0, %s, %s::date + %s * INTERVAL '1 minute', %s, %s,
                        FALSE, %s, %s, %s, %s, 100, %s, %s, %s, %s, %s, %s)
                """,
                partner.id,
                model.company_id.id,
                day,
                day,
                1 if before is None else 2,
                cause if before is None else "configuration",
                before is not None,
                model.id,
                score,
                score,
                cls.tier(score, model).id,
                [float(score * 100 if money is None else money)],
                [None],
                [float(score)],
                [1],
                model.id if before is not None else None,
                before,
            )
        )
        cls.env["customer.value.history"].invalidate_model()

    @classmethod
    def stand(cls, partner, score, model=None):
        model = model or cls.model
        cls.env.cr.execute(
            SQL(
                """
                INSERT INTO customer_value_score
                       (partner_id, company_id, model_id, score, computed_score,
                        tier_id, computed_tier_id, raw, basis, points, states)
                VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
                ON CONFLICT (partner_id, company_id) DO UPDATE
                   SET score = EXCLUDED.score, computed_score = EXCLUDED.score,
                       tier_id = EXCLUDED.tier_id, raw = EXCLUDED.raw,
                       points = EXCLUDED.points
                """,
                partner.id,
                model.company_id.id,
                model.id,
                score,
                score,
                cls.tier(score, model).id,
                cls.tier(score, model).id,
                [float(score * 100)],
                [None],
                [float(score)],
                [1],
            )
        )
        cls.env["customer.value.score"].invalidate_model()

    @classmethod
    def step(cls, partner, stage, day, before=None):
        """A step of the loyalty history."""
        day = cls.today - day * DAY if isinstance(day, int) else day
        stages = cls.env["customer.loyalty.stage"]
        by_code = {one.code: one.id for one in stages.search([])}
        cls.env.cr.execute(
            SQL(
                """
                INSERT INTO customer_loyalty_history
                       (partner_id, company_id, former_id, date, from_stage_id,
                        stage_id, recorded, is_replayed)
                VALUES (%s, %s, 0, %s, %s, %s, now(), FALSE)
                """,
                partner.id,
                cls.company.id,
                day,
                by_code.get(before),
                by_code[stage],
            )
        )

    @classmethod
    def rule(cls, trigger="fell", activate=True, **vals):
        number = next(cls._numbers)
        rule = cls.env["customer.care.rule"].create(
            {
                "name": f"Rule {number}",
                "code": f"test_rule_{number}",
                "trigger": trigger,
                "company_id": cls.company.id,
                "domain": "[('function', '=', 'CARE')]",
                **vals,
            }
        )
        if activate:
            rule.action_activate()
        return rule

    @classmethod
    def evaluate(cls, back=0, rules=None, company=None):
        company = company or cls.company
        return cls.engine._evaluate(company, cls.today - back * DAY, rules=rules)

    @classmethod
    def cases(cls, rule, *partners):
        domain = [("rule_id", "=", rule.id)]
        if partners:
            domain.append(("partner_id", "in", [partner.id for partner in partners]))
        return cls.env["customer.care.case"].search(domain, order="date, id")
