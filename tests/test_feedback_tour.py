from odoo.tests import HttpCase, tagged

from .test_feedback import FeedbackCommon


@tagged("post_install", "-at_install")
class TestFeedbackTour(FeedbackCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna.password = "feedback_anna"

    def test_listening(self):
        said = self.say(partner=self.person)
        self.start_tour(
            "/odoo/customer-feedback",
            "customer_feedback_listening",
            login="feedback_anna",
        )
        self.assertEqual(said.step, "closed")
        self.assertEqual(said.heard_user_id, self.anna)
        self.assertEqual(said.answered_user_id, self.anna)
        self.assertIn("A new parcel", said.message_ids.filtered("partner_ids").body)

    def test_note_on_a_quotation_in_three_clicks(self):
        order = self.make_order(self.person, confirm=False, user_id=self.anna.id)
        self.start_tour(
            f"/odoo/sales/{order.id}",
            "customer_feedback_quotation",
            login="feedback_anna",
        )
        said = self.feedback.search([("res_model", "=", "sale.order")])
        self.assertEqual(said.res_id, order.id)
        self.assertEqual((said.kind, said.subject), ("suggestion", "Paper bags"))
        self.assertEqual(said.partner_id, self.person)
        self.assertEqual(said.create_uid, self.anna)
