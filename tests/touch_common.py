"""Touches in one line."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import new_test_user

from .common import CustomerValueCommon


class TouchCommon(CustomerValueCommon):
    tz = "Pacific/Auckland"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.house = cls.make_partner("House")
        cls.buyer = cls.make_partner("Buyer", parent_id=cls.house.id)
        cls.neighbour = cls.make_partner("Neighbour")
        cls.today = (
            cls.env["customer.value.model"].new({"company_id": cls.company.id})._today()
        )

    @classmethod
    def ago(cls, days):
        return cls.today - timedelta(days=days)

    @classmethod
    def moment(cls, days):
        """Noon of the day so many days ago where the company is, but not to come."""
        return min(cls.local(cls.ago(days)), fields.Datetime.now())

    @classmethod
    def touch(cls, partner=None, days=0, **vals):
        return cls.env["customer.touchpoint"].create(
            {
                "partner_id": (partner or cls.buyer).id,
                "date": cls.moment(days),
                **vals,
            }
        )

    @classmethod
    def promise(cls, due, partner=None, days=60, **vals):
        """``due`` so many days ago; negative: still to come."""
        values = {"kind": "promise", "promise_due": cls.ago(due), **vals}
        return cls.touch(partner, days, **values)

    @classmethod
    def mention(cls, url="https://example.com/1", partner=None, days=0, **vals):
        values = {"kind": "mention", "mention_channel": "review", **vals}
        return cls.touch(partner, days, mention_url=url, **values)

    @classmethod
    def make_seller(cls, login, *groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            f"touch.{login}",
            ",".join(groups or ("sales_team.group_sale_salesman",)),
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
