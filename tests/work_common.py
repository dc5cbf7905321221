"""A small company for tests of screens and rights: scores one can reckon by hand.

Three indicators read the contact itself: ``color`` gives ten points for each step,
``partner_latitude`` is confidential, ``ref`` has no evidence where it is empty.
"""

from .common import CustomerValueCommon

TENS = [(step, 10 * step) for step in range(11)]


class WorkCommon(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make = cls.make_partner
        cls.gold = make("Gold Works", color=9, partner_latitude=8, function="VALUED")
        cls.silver = make(
            "Silver Works", color=5, partner_latitude=5, function="VALUED"
        )
        cls.basic = make("Basic Works", color=1, partner_latitude=0, function="VALUED")
        cls.buyer = make("Bo Buyer", parent_id=cls.gold.id, is_company=False)
        cls.unscored = make("Unscored Works")
        cls.everybody = cls.gold | cls.silver | cls.basic | cls.buyer | cls.unscored
        cls.model = cls._make_value_model(cls.company)
        cls.rescore()
        people = {
            "seller": ["sales_team.group_sale_salesman_all_leads"],
            "boss": ["sales_team.group_sale_manager", "customer_value.group_manager"],
            "plain": ["base.group_user"],
            "accountant": ["account.group_account_invoice"],
            "portal": ["base.group_portal"],
        }
        made = cls._make_people(people)
        cls.seller, cls.manager, cls.plain, cls.accountant, cls.portal = made

    @classmethod
    def make_user(cls, login, *groups):
        return cls._make_people({login: groups})

    @classmethod
    def _make_people(cls, people):
        """``{login: groups}``; who is no portal user may write contacts, too."""
        return cls.make_users(
            {
                f"value.{login}": ",".join(
                    groups
                    if "base.group_portal" in groups
                    else (*groups, "base.group_partner_manager")
                )
                for login, groups in people.items()
            }
        )

    @classmethod
    def _make_value_model(cls, company):
        def attribute(code, path, weight, **vals):
            return {
                "code": code,
                "name": code.title(),
                "aggregate": "attribute",
                "attribute_path": path,
                "weight": weight,
                "bands": TENS,
                **vals,
            }

        return cls.make_model(
            [
                attribute("color", "color", 60),
                attribute(
                    "margin",
                    "partner_latitude",
                    30,
                    scale="interpolated",
                    confidential=True,
                ),
                attribute(
                    "ref",
                    "ref",
                    10,
                    scale="enumeration",
                    bands={"A": 100, "B": 40}.items(),
                    missing="ignore",
                    dimension="engagement",
                ),
            ],
            tiers=[
                ("gold", {"color": "#c58b1b", "rules": [_score_at_least(80)]}),
                ("silver", {"color": "#8a949e", "rules": [_score_at_least(50)]}),
                ("basic", {"color": "#6c757d"}),
            ],
            domain=[("function", "=", "VALUED")],
            company=company,
        )

    @classmethod
    def rescore(cls):
        cls.env.flush_all()
        cls.score(cls.model)
        today = cls.model._today()
        cls.env["customer.value.engine"]._update_histogram(cls.model, today)
        cls.env["customer.loyalty.history"]._update(cls.company, today)

    @classmethod
    def score_of(cls, partner):
        return cls.env["customer.value.score"].search(
            [("partner_id", "=", partner.id), ("company_id", "=", cls.company.id)]
        )


def _score_at_least(number):
    return {"kind": "score", "number": number}
