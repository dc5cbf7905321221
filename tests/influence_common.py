"""An account with people on its map, its team, and colleagues who are not in it."""

from datetime import timedelta

from odoo import Command, fields

from .work_common import WorkCommon


class InfluenceCommon(WorkCommon):
    """``seller`` is the salesperson of Gold Works; ``outsider`` is not in its team."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gold.user_id = cls.seller
        logins = ("leader", "owner", "named", "outsider")
        groups = ["sales_team.group_sale_salesman_all_leads"]
        made = cls._make_people(dict.fromkeys(logins, groups))
        cls.leader, cls.owner, cls.named, cls.outsider = made
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Golden team",
                "company_id": cls.company.id,
                "user_id": cls.leader.id,
                "member_ids": [Command.link(cls.seller.id)],
            }
        )
        cls.chief = cls.make_partner(
            "Chen Hao", parent_id=cls.gold.id, function="General Manager"
        )
        cls.wang = cls.make_partner(
            "Wang Li", parent_id=cls.gold.id, function="Purchasing Director"
        )
        cls.liu = cls.make_partner(
            "Liu Fang", parent_id=cls.gold.id, function="Plant Engineer"
        )
        cls.consultant = cls.make_partner("Kit Walker", is_company=False)

    @classmethod
    def role(cls, code):
        return cls.env.ref(f"customer_value.key_role_{code}")

    @classmethod
    def seat(cls, person=None, roles=(), user=None, **vals):
        account = vals.pop("account", cls.gold)
        return (
            cls.env["customer.key.contact"]
            .with_user(user or cls.env.user)
            .create(
                {
                    "account_id": account.id,
                    "company_id": cls.company.id,
                    "partner_id": person.id if person else False,
                    "role_ids": [cls.role(code).id for code in roles],
                    **vals,
                }
            )
        )

    @classmethod
    def line(cls, source, target, kind="influences", strength=3, **vals):
        return cls.env["customer.influence"].create(
            {
                "source_id": source.id,
                "target_id": target.id,
                "kind": kind,
                "strength": strength,
                **vals,
            }
        )

    @classmethod
    def meet(cls, person, user, days=0):
        """A meeting of a colleague with a person, so many days ago."""
        start = fields.Datetime.now() - timedelta(days=days, hours=2)
        return cls.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": start,
                "stop": start + timedelta(hours=1),
                "user_id": user.id,
                "partner_ids": [Command.set((user.partner_id | person).ids)],
            }
        )

    @classmethod
    def draw_gold(cls):
        """The three people of Gold Works, the chief listens to Wang Li."""
        cls.top = cls.seat(cls.chief, ["decision_maker"], power=5)
        cls.buying = cls.seat(
            cls.wang, ["champion"], power=3, manager_id=cls.top.id, stance="supporter"
        )
        cls.plant = cls.seat(
            cls.liu, ["blocker"], power=3, manager_id=cls.top.id, stance="opponent"
        )
        cls.sway = cls.line(cls.buying, cls.top, strength=3, evidence="Old classmates")
        cls.map = cls.top.map_id

    def map_of(self, user, account=None, lead=None):
        model = self.env["customer.key.contact"].with_user(user)
        return model.map_data((account or self.gold).id, lead.id if lead else False)
