"""Logging in a browser, as the people do it; the clicks are counted."""

from odoo.tests import HttpCase, tagged

from .touch_common import TouchCommon


@tagged("post_install", "-at_install")
class TestTouchTour(HttpCase, TouchCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls.make_seller(
            "tour",
            "sales_team.group_sale_salesman_all_leads",
            "base.group_partner_manager",
        )

    def open(self, record, tour, user=None):
        user = user or self.seller
        self.start_tour(f"/odoo/m-{record._name}/{record.id}", tour, login=user.login)

    def test_from_a_quotation_in_three_clicks(self):
        self.touch(note="Asked for samples", days=4)
        order = self.make_order(self.buyer, confirm=False, user_id=self.seller.id)
        self.open(order, "customer_value_touch_quotation")
        touch = self.env["customer.touchpoint"].search([("res_id", "=", order.id)])
        self.assertEqual(touch.kind, "visit")
        self.assertEqual(touch.note, "Saw the new shelf")
        self.assertEqual(touch.feeling, "1")
        self.assertEqual(touch.res_model, "sale.order")
        self.assertEqual((touch.partner_id, touch.user_id), (self.buyer, self.seller))
        self.assertEqual(touch.capture, "typed")
        self.assertEqual(touch.clicks, 3)

    def test_promise_on_the_customer(self):
        late = self.promise(3, self.house, user_id=self.seller.id, note="Old promise")
        self.open(self.house, "customer_value_touch_promise")
        self.assertEqual(late.promise_state, "kept")
        promise = self.house.value_promise_ids
        self.assertEqual(promise.note, "Two aprons")
        self.assertEqual(str(promise.promise_due), "2099-12-31")
        self.assertEqual(self.house.activity_ids.summary, "Sew them")

    def test_feeling_of_a_call_that_was_planned(self):
        activity = self.house.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.seller.id
        )
        self.open(self.house, "customer_value_touch_done")
        self.assertFalse(activity.active)
        self.assertEqual(activity.value_feeling, "2")

    def test_without_the_group(self):
        plain = self.make_seller(
            "tour_plain", "base.group_user", "base.group_partner_manager"
        )
        self.house.activity_schedule("mail.mail_activity_data_call", user_id=plain.id)
        self.promise(3, self.house)
        self.open(self.house, "customer_value_touch_without_group", plain)
