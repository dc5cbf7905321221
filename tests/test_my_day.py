"""My day: what waits for me, most at stake first, and nothing of anybody else."""

from odoo.tests import tagged

from .care_common import DAY
from .test_care_case import CaseCommon


@tagged("post_install", "-at_install")
class TestMyDay(CaseCommon):
    def promise(self, partner, back=2, user=None, **vals):
        return self.env["customer.touchpoint"].create(
            {
                "kind": "promise",
                "partner_id": partner.id,
                "company_id": self.company.id,
                "user_id": (user or self.seller).id,
                "date": self.local(self.today - 30 * DAY),
                "promise_due": self.today - back * DAY,
                "note": "Price list",
                **vals,
            }
        )

    def plan_call(self, record, back=0, user=None):
        return record.activity_schedule(
            "mail.mail_activity_data_call",
            date_deadline=self.today - back * DAY,
            summary="Call",
            user_id=(user or self.seller).id,
        )

    def day(self, user=None):
        return self.env["customer.my.day"].with_user(user or self.seller).search([])

    def test_the_list(self):
        case = self.opened(before=75)
        rich = self.tell(self.customer(), (9, 90))
        poor = self.tell(self.customer(), (9, 20))
        clerk = self.make_partner("Clerk", parent_id=poor.id)
        promise = self.promise(rich)
        call = self.plan_call(clerk, back=1)
        quotation = self.make_order(rich, confirm=False)
        asked = self.plan_call(quotation)
        # what is not mine, not due, done or shown anyway
        self.promise(rich, user=self.other_seller)
        self.promise(rich, back=0)
        self.promise(rich, promise_state="kept")
        self.plan_call(poor, back=-1)
        self.plan_call(poor, user=self.other_seller)
        self.plan_call(rich).action_feedback()
        lines = self.day()
        self.assertEqual(
            [(line.kind, line.partner_id, line.value_at_stake) for line in lines],
            [
                ("promise", rich, 9000),
                ("activity", rich, 9000),
                ("case", case.partner_id, 7500),
                ("activity", poor, 2000),
            ],
        )
        by_kind = {(line.kind, line.partner_id): line for line in lines}
        self.assertEqual(by_kind["promise", rich].res_id, promise.id)
        self.assertEqual(by_kind["activity", rich].detail, quotation.display_name)
        self.assertEqual(by_kind["case", case.partner_id].date, self.today)
        self.assertEqual(by_kind["activity", poor].date, self.today - DAY)
        self.assertEqual(by_kind["activity", poor].tier_id.code, "basic")
        self.assertEqual(lines[0].action_open()["res_id"], promise.id)
        self.assertEqual(
            by_kind["activity", rich].action_open()["res_model"], "sale.order"
        )
        self.assertTrue((call | asked).exists())

    def test_done(self):
        case = self.opened()
        partner = case.partner_id
        promise, call = self.promise(partner), self.plan_call(partner)
        for line in self.day():
            action = line.action_done()
            if line.kind == "case":
                self.assertEqual(action["res_model"], "customer.care.close")
        self.assertEqual(promise.promise_state, "kept")
        self.assertFalse(call.active)
        case.with_user(self.seller)._close("done", self.today)
        self.assertFalse(self.day())

    def test_later(self):
        case = self.opened()
        partner = case.partner_id
        promise, call = self.promise(partner), self.plan_call(partner)
        for line in self.day():
            action = line.action_snooze()
            if line.kind == "case":
                self.assertEqual(action["res_model"], "customer.care.snooze")
        self.assertEqual(promise.promise_due, self.today + 7 * DAY)
        self.assertEqual(call.date_deadline, self.today + 7 * DAY)
        self.assertEqual(self.day().mapped("kind"), ["case"])
        case._snooze(self.today + DAY, "Not now")
        self.assertFalse(self.day())

    def test_a_promise_and_its_reminder_are_one_line(self):
        partner = self.tell(self.customer(), (9, 50))
        promise = self.promise(partner)
        promise._remind()
        self.assertTrue(promise.promise_reminder_id)
        self.assertEqual(self.day().mapped("kind"), ["promise"])

    def test_an_activity_without_a_customer(self):
        todo = self.env["mail.activity"].create(
            {
                "summary": "Tidy up",
                "user_id": self.seller.id,
                "date_deadline": self.today,
                "res_model_id": False,
                "res_id": False,
            }
        )
        [line] = self.day()
        self.assertFalse(line.partner_id)
        self.assertEqual((line.name, line.value_at_stake), ("Tidy up", 0))
        line.action_done()
        self.assertFalse(todo.active)

    def test_rules_of_the_documents_hold(self):
        case = self.opened()
        self.env["ir.rule"].create(
            {
                "name": "Hide",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {case.partner_id.id})]",
                "groups": [(4, self.env.ref("base.group_user").id)],
            }
        )
        self.assertFalse(self.day())

    def test_queries_do_not_grow(self):
        rule = self.rule(points=10, plan_id=self.plan.id)
        names = ["kind", "name", "detail", "partner_id", "tier_id", "value_at_stake"]

        def read():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.day().read(names)
            return self.env.cr.sql_log_count - before

        for __ in range(2):
            self.fallen()
        self.evaluate()
        few = read()
        for __ in range(10):
            self.fallen()
        self.evaluate()
        self.assertEqual(len(self.day()), 12)
        self.assertLessEqual(read(), few)
        self.assertEqual(len(self.cases(rule)), 12)
