"""A company with rules of referrals, people, and words for what they say and buy."""

from datetime import timedelta

from odoo.fields import Command

from ..tools.window import local_today
from .common import CustomerValueCommon


class ReferralCommon(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "value_referral_window": 60,
                "value_referral_return_days": 14,
                "value_referral_waiting_days": 7,
                "value_referral_minimum": 50,
                "value_referral_cap": 0,
            }
        )
        cls.referrals = cls.env["customer.referral"]
        cls.ada = cls.make_person("Ada")
        cls.ben = cls.make_person("Ben")
        cls.cleo = cls.make_person("Cleo")

    @classmethod
    def make_person(cls, name, **vals):
        return cls.make_partner(name, is_company=False, **vals)

    @classmethod
    def day(cls, ago):
        return local_today(cls.tz) - timedelta(days=ago)

    @classmethod
    def moment(cls, ago):
        """Noon of a day, where the company is, as Odoo stores it."""
        return cls.local(cls.day(ago))

    @classmethod
    def say(cls, referrer, referred, ago=30, **vals):
        """A referral said so many days ago, not looked at yet."""
        return cls.env["customer.referral"].create(
            {
                "referrer_id": referrer.id if referrer else False,
                "referred_id": referred.id if referred else False,
                "date": cls.day(ago),
                "company_id": cls.env.company.id,
                **vals,
            }
        )

    @classmethod
    def buy(cls, partner, ago, amount=100.0, **vals):
        return cls.make_order(
            partner, lines=((1, amount),), when=cls.moment(ago), **vals
        )

    @classmethod
    def collect(cls):
        """What the scheduled action does, but for its commits."""
        made = cls.env["customer.referral"]._collect()
        made._evaluate()
        return made

    def assertStands(self, referral, state, reason=None):
        referral._evaluate()
        self.assertEqual((referral.state, referral.reason or None), (state, reason))

    @classmethod
    def make_user(cls, login, *groups):
        return cls.env["res.users"].create(
            {
                "name": login.title(),
                "login": login,
                "password": f"{login}-password",
                "email": f"{login}@desk.test",
                "company_id": cls.company.id,
                "company_ids": [Command.set(cls.company.ids)],
                "group_ids": [Command.set([cls.env.ref(group).id for group in groups])],
            }
        )
