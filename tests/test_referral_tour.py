"""Referrals in the browser: said in a field, decided with a reason, seen as a tree."""

from odoo.tests import HttpCase, tagged

from .referral_common import ReferralCommon


@tagged("post_install", "-at_install")
class TestReferralTour(ReferralCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada.phone = "+64 21 555 0199"
        cls.seller = cls.make_user("tourseller", "sales_team.group_sale_salesman")
        cls.manager = cls.make_user(
            "tourboss",
            "customer_value.group_manager",
            "sales_team.group_sale_salesman_all_leads",
        )

    def play(self, path, tour, user):
        self.env.flush_all()
        self.start_tour(path, tour, login=user.login, timeout=180)
        self.env.invalidate_all()

    def authenticate(self, user, password, **kwargs):
        """Users of this test have passwords of their own."""
        if user in ("tourseller", "tourboss"):
            password = f"{user}-password"
        return super().authenticate(user, password, **kwargs)

    def test_on_a_quotation_by_phone(self):
        order = self.make_order(self.ben, confirm=False, user_id=self.seller.id)
        self.play(
            f"/odoo/action-sale.action_quotations/{order.id}",
            "customer_value_referral_quotation",
            self.seller,
        )
        self.assertEqual(order.value_referrer_id, self.ada)
        self.assertEqual(self.collect().referrer_id, self.ada)

    def test_a_manager_decides(self):
        self.ben.phone = self.ada.phone
        referral = self.say(self.ada, self.ben)
        self.assertStands(referral, "flagged", "same_phone")
        self.play(
            f"/odoo/customer-referrals/{referral.id}",
            "customer_value_referral_decide",
            self.manager,
        )
        self.assertEqual(referral.decision, "approved")
        self.assertEqual(referral.decision_note, "The phone of their office")

    def test_link_and_tree(self):
        self.say(self.ada, self.ben)._evaluate()
        self.play(
            f"/odoo/contacts/{self.ada.id}",
            "customer_value_referral_tree",
            self.manager,
        )
        self.assertTrue(self.ada.value_share_code)
