"""What leaves a dirty mark, on whom, and what that costs the business transaction."""

from contextlib import ExitStack
from datetime import date
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from .common import CustomerValueCommon

OVERHEAD = 2
"""Queries that marking may add to a business transaction."""


@tagged("post_install", "-at_install")
class TestCapture(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.house = cls.make_partner("House")
        cls.buyer = cls.make_partner("Buyer", parent_id=cls.house.id)
        cls.neighbour = cls.make_partner("Neighbour")
        cls.customers = cls.house | cls.neighbour
        cls.tag = cls.env["res.partner.category"].create({"name": "Chosen"})
        cls.model = cls.make_model(
            [
                {"code": "sales", "source": "sales", "aggregate": "sum"},
                {"code": "purchases", "source": "purchases"},
                {
                    "code": "tag",
                    "aggregate": "attribute",
                    "attribute_path": "category_id",
                    "scale": "enumeration",
                    "bands": {str(cls.tag.id): 80},
                },
            ],
            partners=cls.customers,
        )
        cls.forget_marks()

    def assert_marked(self, *customers):
        """Exactly these are to be scored again; and they are, and no mark is left."""
        ours = self.customers | self.env["res.partner"].union(*customers)
        self.assertEqual(
            self.marked_customers() & ours, self.env["res.partner"].union(*customers)
        )
        self.score_dirty()
        self.assertFalse(self.env["customer.value.dirty"].search_count([]))

    def raw(self, code, customer=None):
        """What is stored, not what would be found now."""
        indicator = self.model.indicator_ids.filtered(lambda one: one.code == code)
        row = self.stored(customer or self.house)[(customer or self.house).id]
        return self.measure(row, indicator)[0]

    # -------------------------------------------------------------- events

    def test_order_confirmed_and_cancelled(self):
        order = self.make_order(self.buyer, [(2, 50.0)])
        self.assert_marked(self.house)
        self.assertEqual((self.raw("sales"), self.raw("purchases")), (100, 1))
        order._action_cancel()
        self.assert_marked(self.house)
        self.assertEqual((self.raw("sales"), self.raw("purchases")), (0, 0))

    def test_order_line_changed(self):
        order = self.make_order(self.buyer)
        self.forget_marks()
        order.order_line.price_unit = 70
        self.assert_marked(self.house)
        self.assertEqual(self.raw("sales"), 70)

    def test_invoice_posted_reset_and_paid(self):
        invoice = self.make_invoice(self.buyer, 120, post=False)
        self.forget_marks()
        invoice.action_post()
        self.assert_marked(self.house)
        self.assertEqual(self.raw("sales"), 120)
        self.pay(invoice)
        self.assertIn(self.house, self.marked_customers())
        self.forget_marks()
        self.env["account.move"].browse(invoice.id).button_draft()
        self.assert_marked(self.house)
        self.assertEqual(self.raw("sales"), 0)

    def test_second_part_payment(self):
        """The state stays "partially paid"; what is open changes all the same."""
        invoice = self.make_invoice(self.buyer, 100)
        self.pay(invoice, amount=30)
        self.forget_marks()
        self.pay(invoice, amount=30)
        self.assertIn(self.house, self.marked_customers())

    def test_till_paid_and_returned(self):
        session = self.open_till()
        self.forget_marks()
        order = self.ring_up(session, self.buyer, [(1, 40.0)])
        self.assert_marked(self.house)
        self.assertEqual((self.raw("sales"), self.raw("purchases")), (40, 1))
        self.take_back(order)
        self.assert_marked(self.house)
        self.assertEqual((self.raw("sales"), self.raw("purchases")), (0, 0))

    def test_opportunity_won_and_lost(self):
        for close in ("action_set_won", "action_set_lost"):
            lead = self.make_lead(self.buyer, 10)
            self.forget_marks()
            getattr(lead, close)()
            self.assert_marked(self.house)

    def test_stage_becomes_a_won_one(self):
        """What a filter asks of another record may change there, too."""
        self.make_source("crm.lead", domain="[('stage_id.is_won', '=', True)]")
        stage = self.env["crm.stage"].create({"name": "Signed"})
        self.make_lead(self.buyer, stage_id=stage.id)
        self.forget_marks()
        stage.is_won = True
        self.assert_marked(self.house)

    def test_activity_done(self):
        for document in (
            self.buyer,
            self.make_lead(self.buyer),
            self.make_order(
                self.buyer, confirm=False, partner_invoice_id=self.neighbour.id
            ),
        ):
            activity = self.make_activity(document)
            self.forget_marks()
            activity.action_feedback()
            self.assertIn(self.house, self.marked_customers(), document._name)
            self.forget_marks()

    def test_registration_attended(self):
        if "event.registration" not in self.env:
            return  # a soft module: the full installation has it
        event = self.env["event.event"].create(
            {"name": "Fair", "date_begin": "2026-05-01", "date_end": "2026-05-02"}
        )
        registration = self.env["event.registration"].create(
            {"event_id": event.id, "partner_id": self.buyer.id}
        )
        self.assert_marked(self.house)
        registration.action_set_done()
        self.assert_marked(self.house)
        event.date_begin = "2026-04-30"
        self.assert_marked(self.house)

    def test_contact_moves_to_another_company(self):
        self.make_order(self.buyer)
        self.score_dirty()
        self.buyer.parent_id = self.neighbour
        self.assert_marked(self.house, self.neighbour)
        self.assertEqual(self.raw("sales"), 0)
        self.assertEqual(self.raw("sales", self.neighbour), 100)

    def test_customer_becomes_a_contact(self):
        """Its own score goes; its documents count for the company it joins."""
        lone = self.make_partner("Lone", is_company=False)
        self.model.domain = str([("id", "in", [*self.customers.ids, lone.id])])
        self.make_order(lone)
        self.score_dirty()
        self.assertIn(lone.id, self.stored())
        lone.parent_id = self.house
        self.score_dirty()
        self.assertNotIn(lone.id, self.stored())
        self.assertEqual(self.raw("sales"), 100)

    def test_tag_changed(self):
        for change in (
            lambda: self.house.write({"category_id": [Command.link(self.tag.id)]}),
            lambda: self.house.write({"category_id": [Command.unlink(self.tag.id)]}),
            lambda: self.tag.write({"partner_ids": [Command.link(self.house.id)]}),
            lambda: self.tag.write({"partner_ids": [Command.clear()]}),
            lambda: self.house.write({"category_id": [Command.link(self.tag.id)]}),
            lambda: self.tag.unlink(),
        ):
            change()
            self.assert_marked(self.house)
            row = self.stored(self.house)[self.house.id]
            tagged_now = self.tag.exists() in self.house.category_id
            expected = 80 if self.tag.exists() and tagged_now else 0
            indicator = self.model.indicator_ids.filtered(lambda one: one.code == "tag")
            self.assertEqual(self.measure(row, indicator)[1], expected)

    def test_archived_and_back(self):
        self.score_dirty()
        self.house.active = False
        self.assert_marked(self.house)
        self.assertNotIn(self.house.id, self.stored())
        self.house.active = True
        self.assert_marked(self.house)
        self.assertIn(self.house.id, self.stored())

    def test_archived_contact_still_counts(self):
        self.make_order(self.buyer)
        self.buyer.active = False
        self.score_dirty()
        self.assertEqual(self.raw("sales"), 100)

    def test_document_deleted(self):
        order = self.make_order(self.buyer)
        self.score_dirty()
        order._action_cancel()
        self.forget_marks()
        order.unlink()
        self.assert_marked(self.house)

    def test_line_deleted(self):
        order = self.make_order(self.buyer, [(1, 10.0), (1, 5.0)], confirm=False)
        self.forget_marks()
        order.order_line[1].unlink()
        self.assert_marked(self.house)

    def test_document_moves_to_another_customer(self):
        order = self.make_order(self.buyer)
        self.score_dirty()
        order.partner_invoice_id = self.neighbour
        self.assert_marked(self.house, self.neighbour)
        self.assertEqual(self.raw("sales"), 0)
        self.assertEqual(self.raw("sales", self.neighbour), 100)

    def test_new_customer_enters_the_population(self):
        self.model.domain = "[('ref', '=', 'TEST CAPTURE')]"
        newcomer = self.make_partner("Newcomer")
        self.score_dirty()
        self.assertNotIn(newcomer.id, self.stored())
        newcomer.ref = "TEST CAPTURE"
        self.assert_marked(newcomer)
        self.assertIn(newcomer.id, self.stored())

    def test_computed_field_marks_when_it_is_flushed(self):
        """Nobody writes the order's total: it is computed of its lines, at flush."""
        order = self.make_order(self.buyer, confirm=False)
        self.forget_marks()
        order.order_line.price_unit = 33
        self.assertNotIn("customer_value.dirty", self.env.cr.precommit.data)
        self.assertIn(("sale.order", order.id), self.marks())

    def test_source_of_an_administrator(self):
        """Any model may be evidence: here, prices the customer once offered to us."""
        self.make_source("product.supplierinfo", domain="[('min_qty', '>', 0)]")
        offer = self.env["product.supplierinfo"].create(
            {
                "partner_id": self.buyer.id,
                "product_tmpl_id": self.product.product_tmpl_id.id,
            }
        )
        self.assert_marked(self.house)
        offer.delay = 5
        self.assertEqual(self.marks(), set(), "a field the source does not look at")
        offer.min_qty = 3
        self.assert_marked(self.house)
        offer.partner_id = self.neighbour
        self.assert_marked(self.house, self.neighbour)
        offer.unlink()
        self.assert_marked(self.neighbour)

    def test_what_nobody_watches_leaves_nothing(self):
        self.house.comment = "Likes tea"
        self.neighbour.street = "Long Road 1"
        self.assertEqual(self.marks(), set())

    # -------------------------------------------------------------- the price

    def test_cost_of_confirming(self):
        """Two more statements, none of them on contacts or scores."""
        self.make_order(self.buyer)  # warms caches
        with_marks = self._confirm_statements()
        without = self._confirm_statements(capture=False)
        self.assertLessEqual(len(with_marks), len(without) + OVERHEAD)
        for statement in with_marks:
            for table in ("customer_value_score", "customer_value_history"):
                self.assertNotIn(table, statement)
            self.assertFalse(statement.lstrip().startswith('UPDATE "res_partner"'))

    def _confirm_statements(self, capture=True):
        """Every statement of confirming an order, to the end of the transaction."""
        order = self.make_order(self.buyer, confirm=False)
        self.forget_marks()
        self.env.invalidate_all()
        statements = []
        execute = self.env.cr.execute

        def spy(query, *args, **kwargs):
            statements.append(getattr(query, "code", query))
            return execute(query, *args, **kwargs)

        with ExitStack() as stack:
            stack.enter_context(patch.object(self.env.cr, "execute", spy))
            if not capture:
                source = type(self.env["customer.value.source"])
                stack.enter_context(patch.object(source, "_watched", lambda self: {}))
            order.action_confirm()
            self.env.flush_all()
            self.env.cr.precommit.run()
        return statements

    def test_rollback_leaves_no_mark(self):
        class Undone(Exception):
            pass

        with self.assertRaises(Undone), self.env.cr.savepoint():
            self.make_order(self.buyer)
            raise Undone
        self.assertEqual(self.marks(), set())

    def test_marks_from_before_a_savepoint_survive_its_rollback(self):
        order = self.make_order(self.buyer)

        class Undone(Exception):
            pass

        with self.assertRaises(Undone), self.env.cr.savepoint():
            self.make_order(self.neighbour)
            raise Undone
        self.assertTrue(order.exists())
        self.assertEqual(self.marked_customers() & self.customers, self.house)

    def test_cron_takes_all_batches(self):
        from ..models import customer_value_dirty

        self.patch(customer_value_dirty, "BATCH", 1)
        self.make_order(self.buyer)
        self.make_order(self.neighbour)
        self.marks()
        self.patch(
            type(self.env["ir.cron"]),
            "_commit_progress",
            lambda cron, *args, **kwargs: 60.0,
        )
        self.env["customer.value.dirty"]._cron_score_dirty()
        self.assertEqual(self.raw("sales"), 100)
        self.assertEqual(self.raw("sales", self.neighbour), 100)
        self.assertFalse(self.env["customer.value.dirty"].search_count([]))

    def test_one_mark_may_mean_more_customers_than_a_batch(self):
        """They are scored batch by batch, and what is put off is not lost."""
        from ..models import customer_value_dirty

        self.make_order(self.neighbour)
        self.score_dirty()
        self.neighbour.write({"parent_id": self.house.id, "is_company": False})
        self.marks()
        self.env.cr.execute(
            "DELETE FROM customer_value_dirty WHERE res_id <> %s", [self.neighbour.id]
        )
        self.patch(customer_value_dirty, "BATCH", 1)
        self.score_dirty()
        self.assertEqual(self.raw("sales"), 100)
        self.assertFalse(self.stored(self.neighbour))

    def test_cron_is_woken(self):
        cron = self.env.ref("customer_value.ir_cron_incremental")
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        self.make_order(self.buyer, when=self.local(date(2026, 1, 1)))
        self.marks()
        self.assertGreater(
            self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]),
            triggers,
        )

    def test_one_call_of_the_cron_does_for_many_sales(self):
        """As long as it has not come; afterwards it is called again."""
        calls = []
        self.patch(type(self.env["ir.cron"]), "_notifydb", lambda cron: calls.append(1))
        self.env["ir.cron.trigger"].search([]).unlink()
        self.env.cr.postcommit.clear()
        self.sell(times=2)
        self.assertEqual(len(calls), 1)
        self.env["ir.cron.trigger"].search([]).unlink()
        self.sell(times=1)
        self.assertEqual(len(calls), 2)

    def sell(self, times):
        """Each to the end of its transaction, but for the commit."""
        for __ in range(times):
            self.make_order(self.buyer)
            self.marks()
            self.env.cr.postcommit.run()
