from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.point_of_sale.tests.test_frontend import TestPointOfSaleHttpCommon


class FeedbackPosCommon(TestPointOfSaleHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(su=True)
        cls.feedback = cls.env["customer.feedback"]
        cls.rival = cls.env["customer.competitor"].create({"name": "Discount Barn"})
        cls.customer = cls.env["res.partner"].create({"name": "Ada Works"})
        cls.main_pos_config.with_user(cls.pos_user).open_ui()
        cls.pos_session = cls.main_pos_config.current_session_id

    @classmethod
    def said_at_till(cls):
        return cls.feedback.search([("channel", "=", "till")], order="id")


@tagged("post_install", "-at_install")
class TestFeedbackPos(FeedbackPosCommon):
    def order(self, uuid="a-1", state="paid", **vals):
        """What a till sends, as the cashier."""
        amount = 10
        return {
            "uuid": uuid,
            "state": state,
            "session_id": self.pos_session.id,
            "company_id": self.env.company.id,
            "date_order": "2026-03-10 00:00:00",
            "user_id": self.pos_user.id,
            "partner_id": False,
            "amount_paid": amount,
            "amount_return": 0,
            "amount_tax": 0,
            "amount_total": amount,
            "pricelist_id": self.main_pos_config.pricelist_id.id,
            "fiscal_position_id": False,
            "lines": [
                [
                    0,
                    0,
                    {
                        "uuid": f"{uuid}-line",
                        "product_id": self.desk_pad.product_variant_id.id,
                        "qty": 1,
                        "price_unit": amount,
                        "discount": 0,
                        "price_subtotal": amount,
                        "price_subtotal_incl": amount,
                        "tax_ids": [],
                        "pack_lot_ids": [],
                    },
                ]
            ],
            "payment_ids": [
                [
                    0,
                    0,
                    {
                        "amount": amount,
                        "name": "2026-03-10 00:00:00",
                        "payment_method_id": self.bank_payment_method.id,
                        "uuid": f"{uuid}-payment",
                    },
                ]
            ],
            "to_invoice": False,
            "last_order_preparation_change": "{}",
            **vals,
        }

    def send(self, *orders):
        self.env["pos.order"].with_user(self.pos_user).sync_from_ui(list(orders))

    def test_becomes_feedback_once(self):
        order = self.order(
            value_feedback_kind="complaint",
            value_feedback_text="Too dear",
            partner_id=self.customer.id,
        )
        self.send(order)
        self.send(order)
        said = self.said_at_till()
        self.assertEqual(len(said), 1)
        self.assertEqual((said.kind, said.subject), ("complaint", "Too dear"))
        self.assertEqual(said.partner_id, self.customer)
        self.assertEqual(said.company_id, self.pos_session.company_id)
        self.assertEqual(str(said.date), "2026-03-10 00:00:00")
        self.assertEqual(said.res_model, "pos.order")
        self.assertEqual(self.env["pos.order"].browse(said.res_id).uuid, "a-1")

    def test_draft_is_kept_in_step_until_somebody_listens(self):
        self.send(self.order(state="draft", value_feedback_kind="praise"))
        order = self.env["pos.order"].search([("uuid", "=", "a-1")])
        again = {
            "state": "draft",
            "lines": [],
            "payment_ids": [],
            "id": order.id,
            "access_token": order.access_token,
        }
        self.send(self.order(value_feedback_kind="complaint", **again))
        said = self.said_at_till()
        self.assertEqual(said.kind, "complaint")
        said.stage_id = self.env.ref("customer_value.feedback_stage_heard")
        self.send(self.order(value_feedback_kind="praise", **again))
        self.assertEqual(self.said_at_till().kind, "complaint")

    def test_nobody_knows_who(self):
        self.send(self.order(value_feedback_kind="suggestion"))
        self.assertFalse(self.said_at_till().partner_id)
        self.assertEqual(self.said_at_till().subject, "Suggestion")

    def test_rival_is_noted_once(self):
        rumours = self.env["customer.competitor.promotion"]
        self.send(self.order("a-1", value_competitor_id=self.rival.id))
        self.send(self.order("a-2", value_competitor_id=self.rival.id))
        promotion = rumours.search([("competitor_id", "=", self.rival.id)])
        self.assertEqual(len(promotion), 1)
        self.assertTrue(promotion.is_rumour)
        self.assertEqual(promotion.till_count, 2)
        self.assertFalse(self.said_at_till(), "a rival is no feedback")

    def test_nothing_said_nothing_noted(self):
        self.send(self.order())
        self.assertFalse(self.said_at_till())

    @mute_logger("odoo.addons.customer_value.models.customer_feedback_pos")
    def test_wrong_configuration_loses_neither_sale_nor_word(self):
        """A stage is missing when the order comes, and is there again later."""
        stages = self.env["customer.feedback.stage"].search([])
        self.env.cr.execute("UPDATE customer_feedback_stage SET active = FALSE")
        stages.invalidate_recordset()
        self.send(self.order(value_feedback_kind="praise"))
        order = self.env["pos.order"].search([("uuid", "=", "a-1")])
        self.assertEqual(order.state, "paid")
        self.assertFalse(self.said_at_till())
        self.env.cr.execute("UPDATE customer_feedback_stage SET active = TRUE")
        stages.invalidate_recordset()
        self.assertEqual(self.env["pos.order"]._unnoted(), order)
        self.env["pos.order"]._unnoted()._note_what_was_said()
        self.assertEqual(self.said_at_till().kind, "praise")
        self.assertFalse(self.env["pos.order"]._unnoted())

    def test_deleted_feedback_of_the_till_comes_back_no_more(self):
        """Archived is noted: who archives a joke does not get it every hour."""
        self.send(self.order(value_feedback_kind="praise"))
        self.said_at_till().active = False
        self.assertFalse(self.env["pos.order"]._unnoted())
        self.send(self.order(value_feedback_kind="praise"))
        self.assertFalse(self.said_at_till())

    def test_cashier_does_not_browse(self):
        self.send(self.order(value_feedback_kind="praise"))
        for name in ("customer.feedback", "customer.competitor.promotion"):
            with self.assertRaises(AccessError):
                self.env[name].with_user(self.pos_user).with_env(
                    self.env(user=self.pos_user, su=False)
                ).search([])
        rivals = self.env["customer.competitor"].with_env(
            self.env(user=self.pos_user, su=False)
        )
        self.assertIn(self.rival, rivals.search([]), "named on the till")
        with self.assertRaises(AccessError):
            rivals.create({"name": "Mine"})


@tagged("post_install", "-at_install")
class TestFeedbackPosTour(FeedbackPosCommon):
    def test_pos_feedback_tour(self):
        known = self.said_at_till()
        self.start_pos_tour("customer_value_pos_feedback", timeout=180)
        said = self.said_at_till() - known
        self.assertEqual(
            [(one.kind, one.description) for one in said],
            [("suggestion", False), ("complaint", "Too dear")],
        )
        promotion = self.env["customer.competitor.promotion"].search(
            [("competitor_id", "=", self.rival.id)]
        )
        self.assertEqual(promotion.till_count, 1)
        self.assertEqual(promotion.note, "Too dear")
        self.assertEqual(
            len(
                self.env["pos.order"].search([("session_id", "=", self.pos_session.id)])
            ),
            3,
        )


@tagged("post_install", "-at_install")
class TestFeedbackPosTourSmall(TestFeedbackPosTour):
    browser_size = "375x667"
    touch_enabled = True
    allow_inherited_tests_method = True


class FeedbackPosDeletedCommon(FeedbackPosCommon):
    """What was said outlives its order, and arrives once."""

    def play(self, tour):
        known = self.said_at_till()
        self.start_pos_tour(tour, timeout=180)
        self.env.invalidate_all()
        return self.said_at_till() - known

    def orders(self):
        return self.env["pos.order"].search([("session_id", "=", self.pos_session.id)])

    def assertSaid(self, said, kind, words, partner):
        self.assertEqual(len(said), 1)
        self.assertEqual((said.kind, said.description), (kind, words))
        self.assertEqual(said.partner_id, partner)
        self.assertEqual(said.company_id, self.env.company)

    def assertNothingSold(self, orders):
        self.assertEqual(orders.mapped("state"), ["cancel"])
        self.assertFalse(orders.lines)
        self.assertFalse(orders.amount_total)

    def check_without_connection(self):
        said = self.play("customer_value_pos_feedback_deleted_offline")
        self.assertSaid(said, "complaint", "Too cold", self.customer)
        self.assertNothingSold(self.orders())


@tagged("post_install", "-at_install")
class TestFeedbackPosDeleted(FeedbackPosDeletedCommon):
    def test_deleted(self):
        said = self.play("customer_value_pos_feedback_deleted")
        self.assertSaid(said, "complaint", "Too dear", self.customer)
        self.assertNothingSold(self.orders())
        promotion = self.env["customer.competitor.promotion"].search(
            [("competitor_id", "=", self.rival.id)]
        )
        self.assertEqual((promotion.till_count, promotion.note), (1, "Too dear"))

    def test_deleted_without_connection(self):
        self.check_without_connection()

    def test_deleted_and_till_started_anew(self):
        said = self.play("customer_value_pos_feedback_deleted_reloaded")
        self.assertSaid(said, "complaint", "Too loud", self.env["res.partner"])
        self.assertNothingSold(self.orders())

    def test_said_after_the_draft_was_sent(self):
        said = self.play("customer_value_pos_feedback_deleted_known")
        self.assertSaid(said, "complaint", "Too late", self.customer)
        self.assertEqual(self.orders().mapped("state"), ["cancel"])

    def test_register_closed_without_a_sale(self):
        said = self.play("customer_value_pos_feedback_closed")
        self.assertSaid(said, "praise", False, self.env["res.partner"])
        self.assertNothingSold(self.orders())
        self.assertEqual(self.pos_session.state, "closed")


@tagged("post_install", "-at_install")
class TestFeedbackPosDeletedSmall(FeedbackPosDeletedCommon):
    """The screens differ, what is kept and sent does not: one way is enough."""

    browser_size = "375x667"
    touch_enabled = True

    def test_deleted_without_connection(self):
        self.check_without_connection()
