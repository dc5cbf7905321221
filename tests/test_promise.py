"""Promises: due, overdue in the company's day, kept or broken, and reminded of once."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..models.customer_touchpoint_promise import REMINDERS_A_DAY
from .touch_common import TouchCommon


@tagged("post_install", "-at_install")
class TestPromise(TouchCommon):
    def setUp(self):
        super().setUp()
        self.owner = self.make_seller("owner")

    def owed(self, due=3, **vals):
        return self.promise(due, user_id=self.owner.id, **vals)

    # ------------------------------------------------------------------- refusals

    def test_what_a_promise_needs(self):
        with self.refused("Until when"):
            self.promise(0, promise_due=False)
        with self.refused("Who keeps it"):
            self.promise(0, user_id=False)
        with self.refused("before it was given"):
            self.promise(10, days=3)
        with self.refused("Only a promise"):
            self.touch(promise_state="kept")
        with self.refused("when it is, not before"):
            self.promise(0, promise_state="kept", promise_date=self.ago(-2))
        promise = self.owed()
        with self.refused("Until when"):
            promise.promise_due = False
        with self.refused("Who keeps it"):
            promise.user_id = False

    # --------------------------------------------------------------------- states

    def test_kept_broken_reopened(self):
        promise = self.owed()
        self.assertEqual(promise.promise_state, "open")
        promise.with_user(self.owner).action_keep_promise()
        self.assertEqual(
            (promise.promise_state, promise.promise_date), ("kept", self.today)
        )
        promise.action_break_promise()
        self.assertEqual(promise.promise_state, "kept", "what is settled stays so")
        promise.action_reopen_promise()
        self.assertEqual((promise.promise_state, promise.promise_date), ("open", False))
        promise.action_break_promise()
        self.assertEqual(promise.promise_state, "broken")

    def test_no_longer_a_promise(self):
        promise = self.owed()
        promise.kind = "call"
        self.assertFalse(promise.promise_state)

    def test_form_of_a_promise(self):
        form = Form(
            self.env["customer.touchpoint"].with_context(default_kind="promise")
        )
        form.partner_id = self.buyer
        form.promise_due = self.ago(-3)
        self.assertEqual(form.save().promise_state, "open")

    def test_others_do_not_settle_it(self):
        stranger = self.make_seller("stranger")
        promise = self.owed()
        with (
            self.assertRaises(AccessError),
            mute_logger("odoo.addons.base.models.ir_rule"),
        ):
            promise.with_user(stranger).action_keep_promise()

    # -------------------------------------------------------------------- overdue

    @freeze_time("2026-05-10 12:30:00")
    def test_overdue_in_the_companys_day(self):
        """At half past twelve UTC it is the 11th in Auckland, and the 10th in Rome."""
        rome = self.make_company("Europe/Rome")
        here, there = (
            self.env["customer.touchpoint"].create(
                {
                    "kind": "promise",
                    "partner_id": self.neighbour.id,
                    "company_id": company.id,
                    "date": datetime(2026, 5, 1),
                    "promise_due": "2026-05-10",
                }
            )
            for company in (self.company, rome)
        )
        both = here | there
        self.assertEqual(both.mapped("promise_overdue"), [True, False])
        self.assertEqual(both.mapped("promise_days"), [1, 0])
        self.assertEqual(
            both.mapped("promise_standing"), ["Overdue by a day", "Due today"]
        )
        for wanted, expected in ((True, here), (False, there)):
            found = both.search(
                [("id", "in", both.ids), ("promise_overdue", "=", wanted)]
            )
            self.assertEqual(found, expected)
        here.action_keep_promise()
        self.assertFalse(here.promise_overdue)
        self.assertEqual(here.promise_date.day, 11)

    def test_on_the_partner(self):
        self.owed(3, note="Late")
        self.owed(-3, note="In time")
        self.owed(9, note="Kept").action_keep_promise()
        for contact in (self.house, self.buyer):
            self.assertEqual(contact.value_promise_open, 2)
            self.assertEqual(contact.value_promise_overdue, 1)
            self.assertEqual(
                contact.value_promise_ids.mapped("note"), ["Late", "In time"]
            )
        action = self.buyer.action_open_promises()
        found = self.env["customer.touchpoint"].search(action["domain"])
        self.assertEqual(len(found), 3)

    # ------------------------------------------------------------------ reminding

    def remind(self):
        touchpoints = self.env["customer.touchpoint"].sudo()
        mine = touchpoints._to_remind().filtered(lambda one: one.user_id == self.owner)
        mine._remind()
        return mine

    def reminders(self):
        return self.env["mail.activity"].search([("user_id", "=", self.owner.id)])

    def test_reminded_once(self):
        promise = self.owed(note="The <b>price</b> list")
        self.owed(-2)
        self.owed(0)
        self.assertEqual(self.remind(), promise)
        activity = self.reminders()
        self.assertEqual(activity.res_id, self.buyer.id)
        self.assertIn("overdue since", activity.summary)
        self.assertIn("&lt;b&gt;price", activity.note)
        self.assertFalse(self.remind())
        activity.action_feedback()
        self.assertFalse(self.remind(), "done is done")
        self.assertEqual(promise.promise_state, "open")

    def test_reminder_goes_with_its_reason(self):
        for settle in (
            lambda one: one.action_keep_promise(),
            lambda one: one.action_break_promise(),
            lambda one: one.write({"promise_due": self.ago(-5)}),
            lambda one: one.action_archive(),
            lambda one: one.unlink(),
        ):
            promise = self.owed()
            self.remind()
            self.assertEqual(len(self.reminders()), 1)
            settle(promise)
            self.assertFalse(self.reminders())

    def test_new_day_or_owner_is_a_new_start(self):
        promise = self.owed()
        self.remind()
        promise.promise_due = self.ago(1)
        self.assertEqual(self.remind(), promise)
        heir = self.make_seller("heir")
        promise.user_id = heir
        self.assertFalse(self.reminders())
        self.assertIn(promise, self.env["customer.touchpoint"].sudo()._to_remind())

    def test_reopened_is_not_reminded_again(self):
        promise = self.owed()
        self.remind()
        promise.action_keep_promise()
        promise.action_reopen_promise()
        self.assertFalse(self.remind())

    def test_so_many_a_day(self):
        promises = self.owed(40)
        for number in range(REMINDERS_A_DAY + 4):
            promises |= self.owed(number + 1)
        first = self.remind()
        self.assertEqual(len(first), REMINDERS_A_DAY)
        self.assertIn(promises[0], first, "the oldest first")
        self.assertFalse(self.remind(), "no more today")
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        with freeze_time(tomorrow):
            self.assertEqual(len(self.remind()), 5)

    def test_owner_who_left(self):
        promise = self.owed()
        self.owner.action_archive()
        self.assertNotIn(promise, self.env["customer.touchpoint"].sudo()._to_remind())

    # -------------------------------------------------------------------- scoring

    def test_kept_of_due(self):
        """Kept over due; what is not due yet, and what we were promised, is not."""
        model = self.make_model(
            [{"source": "promises_kept", "asked": "promises_due", "aggregate": "rate"}],
            partners=self.house | self.neighbour,
            activate=False,
        )
        self.owed(20).action_keep_promise()
        self.owed(10).action_break_promise()
        self.owed(5)
        self.owed(4).action_keep_promise()
        self.owed(-5)
        self.owed(-6).action_keep_promise()
        self.owed(3, direction="in").action_keep_promise()
        self.owed(3, active=False).action_keep_promise()
        rows = self.results(model, self.house | self.neighbour)
        raw, __, state, basis = self.measure(rows[self.house.id], model.indicator_ids)
        self.assertEqual((raw, state), (50, 1))
        self.assertEqual(
            self.measure(rows[self.neighbour.id], model.indicator_ids)[2], 0
        )
