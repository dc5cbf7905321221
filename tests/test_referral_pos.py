"""Two taps at the till, with and without a connection: nothing lost, nothing twice."""

from odoo.tests import tagged

from odoo.addons.point_of_sale.tests.test_frontend import TestPointOfSaleHttpCommon

from .test_pos_value import PosValueCommon


@tagged("post_install", "-at_install")
class TestReferralPos(TestPointOfSaleHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(su=True)
        partners = cls.env["res.partner"]
        cls.ada = partners.create(
            {"name": "Ada Advocate", "phone": "+64 21 555 0199", "email": "a@ada.test"}
        )
        cls.newcomers = partners.create(
            [{"name": f"Newcomer {number}"} for number in ("One", "Two", "Three")]
        )
        cls.env["customer.referral"].search([]).unlink()

    def orders(self):
        return self.env["pos.order"].search([("partner_id", "in", self.newcomers.ids)])

    def play(self, tour):
        self.main_pos_config.with_user(self.pos_user).open_ui()
        self.start_pos_tour(tour, login="pos_user", timeout=240)
        self.env.invalidate_all()

    def assertTold(self, orders):
        """Both orders and both referrals, once each, whoever looks how often."""
        one, two = (orders.filtered(lambda o, n=n: o.partner_id == n)
                    for n in self.newcomers[:2])  # fmt: skip
        self.assertEqual((len(one), len(two)), (1, 1))
        self.assertEqual(one.value_referrer_id, self.ada)
        self.assertFalse(two.value_referrer_id)
        self.assertEqual(two.value_referrer_hint, "021 555 0199")
        referrals = self.env["customer.referral"]
        for __ in range(2):
            referrals._collect()._evaluate()
        found = referrals.search([("referred_id", "in", self.newcomers.ids)])
        self.assertEqual(len(found), 2)
        self.assertEqual(found.referrer_id, self.ada)
        self.assertEqual(set(found.mapped("channel")), {"till"})
        self.assertEqual(set(found.mapped("state")), {"pending"})
        self.assertEqual(set(found.mapped("res_id")), set((one | two).ids))

    def test_online(self):
        self.play("CustomerValueReferralOnline")
        self.assertEqual(len(self.orders()), 2)
        self.assertTold(self.orders())

    def test_offline_and_back(self):
        self.play("CustomerValueReferralOffline")
        self.assertEqual(len(self.orders()), 3)
        self.assertTold(self.orders())


@tagged("post_install", "-at_install")
class TestReferralPosSmall(TestReferralPos):
    browser_size = "375x667"
    touch_enabled = True
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestReferralBadge(PosValueCommon):
    def brought(self, number, state):
        partners = self.env["res.partner"]
        return self.env["customer.referral"].create(
            [
                {
                    "referrer_id": self.contact.id,
                    "referred_id": partners.create({"name": f"Friend {at}"}).id,
                    "channel": "till",
                    "company_id": self.env.company.id,
                    "state": state,
                }
                for at in range(number)
            ]
        )

    def test_the_human_line(self):
        """The company's badge tells whom its contact brought, and nothing of doubts."""

        def line(partner):
            self.env.invalidate_all()
            return self._badges(partner)[partner.id]["line"]

        before = line(self.entity)
        made = self.brought(1, "qualified")
        self.assertEqual(line(self.entity), f"{before} · brought a friend")
        self.brought(2, "rewarded")
        self.brought(2, "flagged")
        self.assertEqual(line(self.contact), f"{before} · brought 3 friends")
        self.assertEqual(line(self.silver), "")
        made.state = "void"
        self.assertIn("brought 2 friends", line(self.entity))
        self.assertFalse(self._badges(self.unscored)[self.unscored.id])

    def test_a_referrer_who_is_gone_does_not_stop_the_order(self):
        """Merged or deleted while the till was offline: his words are looked up."""
        order = {
            "session_id": self.pos_session.id,
            "value_referrer_id": 2**31 - 1,
            "value_referrer_hint": "Ben Silver",
            "partner_id": self.unscored.id,
            "uuid": "4f1c9b7e-0000-4000-8000-000000000001",
            "state": "draft",
            "amount_total": 0,
            "amount_tax": 0,
            "amount_paid": 0,
            "amount_return": 0,
            "lines": [],
            "payment_ids": [],
        }
        orders = self.env["pos.order"].with_user(self.pos_user)
        orders.sync_from_ui([order])
        made = orders.search([("uuid", "=", order["uuid"])])
        self.assertEqual(len(made), 1)
        self.assertFalse(made.value_referrer_id)
        self.assertEqual(made.value_referrer_hint, "Ben Silver")
        found = self.env["customer.referral"]._find_by_codes(
            ["Ben Silver"], self.env.company
        )
        self.assertEqual(found["Ben Silver"], self.silver)
