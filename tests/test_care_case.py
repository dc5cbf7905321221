"""A case from opening to its end: given out, updated, put off, closed, merged."""

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .care_common import DAY, CareCommon


class CaseCommon(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.env["mail.activity.plan"].create(
            {
                "name": "Care",
                "res_model": "customer.care.case",
                "template_ids": [
                    (0, 0, {"summary": "Call", "delay_count": 0}),
                    (
                        0,
                        0,
                        {
                            "summary": "Visit",
                            "delay_count": 3,
                            "delay_from": "after_plan_date",
                        },
                    ),
                ],
            }
        )

    def fallen(self, before=75, after=60, **vals):
        return self.tell(self.customer(**vals), (9, before), (1, after))

    def opened(self, rule=None, **vals):
        """An open case of a customer who fell."""
        rule = rule or self.rule(points=10, plan_id=self.plan.id)
        partner = self.fallen(**vals)
        self.evaluate()
        return self.cases(rule, partner)


@tagged("post_install", "-at_install")
class TestCareCase(CaseCommon):
    def test_opening(self):
        template = self.env["mail.template"].create(
            {
                "name": "Case",
                "model_id": self.env["ir.model"]._get_id("customer.care.case"),
                "subject": "Look after {{ object.partner_id.name }}",
                "use_default_to": False,
                "email_to": "care@example.com",
                "body_html": "<p>Now</p>",
            }
        )
        case = self.opened(
            self.rule(points=10, plan_id=self.plan.id, template_id=template.id)
        )
        self.assertEqual((case.state, case.user_id), ("open", self.seller))
        self.assertEqual((case.former_score, case.score, case.change), (75, 60, -15))
        self.assertEqual(case.former_tier_id.code, "gold")
        self.assertEqual(case.tier_id.code, "silver")
        self.assertEqual(case.former_date, self.today - 2 * DAY)
        self.assertEqual(case.value_at_stake, 7500)
        self.assertEqual(case.change_text, "75 → 60, Gold → Silver")
        planned = {
            one.summary: (one.date_deadline, one.user_id) for one in case.activity_ids
        }
        self.assertEqual(
            planned,
            {
                "Call": (self.today, self.seller),
                "Visit": (self.today + 3 * DAY, self.seller),
            },
        )
        told = case.message_ids.filtered(
            lambda message: self.seller.partner_id in message.notified_partner_ids
        )
        self.assertEqual(len(told), 1)
        self.assertIn("75 → 60", told.body)
        mail = self.env["mail.mail"].search([("subject", "ilike", "Look after")])
        self.assertEqual(mail.email_to, "care@example.com")

    def test_the_causes_are_those_of_the_explanation(self):
        case = self.opened()
        self.env["customer.value.score"].flush_model()
        causes = case.with_user(self.seller).causes
        self.assertEqual((causes["from"], causes["to"]), (75, 60))
        self.assertEqual([line["code"] for line in causes["lines"]], ["sales"])
        shown = sum(line["shown"] for line in causes["lines"]) + causes["rest"]
        self.assertEqual(shown, -15)
        action = case.with_user(self.seller).action_explain()
        self.assertEqual(action["params"]["days"][0], causes["start"])

    def test_what_is_confidential_stays_so(self):
        self.model.indicator_ids.sudo().confidential = True
        case = self.opened()
        [line] = case.with_user(self.seller).causes["lines"]
        self.assertEqual(line["code"], "confidential")
        [line] = case.with_user(self.manager).causes["lines"]
        self.assertEqual(line["code"], "sales")
        self.assertEqual(case.value_at_stake, 0)

    def test_twice_opens_nothing_twice(self):
        rule = self.rule(points=10, plan_id=self.plan.id)
        case = self.opened(rule)
        messages, activities = case.message_ids, case.activity_ids
        for __ in range(2):
            self.evaluate()
        self.assertEqual(self.cases(rule), case)
        self.assertEqual((case.message_ids, case.activity_ids), (messages, activities))

    def test_another_fall_updates_the_case(self):
        rule = self.rule(points=10)
        case = self.opened(rule)
        self.tell(case.partner_id, (0, 41))
        self.evaluate()
        self.assertEqual(self.cases(rule), case)
        self.assertEqual(
            (case.former_score, case.opening_score, case.score), (75, 60, 41)
        )
        self.assertEqual(case.change, -34)

    @mute_logger("odoo.sql_db")
    def test_two_under_way_are_impossible(self):
        case = self.opened()
        vals = {
            "rule_id": case.rule_id.id,
            "partner_id": case.partner_id.id,
            "company_id": case.company_id.id,
            "date": self.today,
        }
        with self.refused("live_unique", UniqueViolation):
            self.env["customer.care.case"].sudo().create(vals)
        case._close("lost", self.today)
        self.env["customer.care.case"].sudo().create(vals)

    def test_closed_when_the_score_is_regained(self):
        rule = self.rule(points=10, plan_id=self.plan.id)
        partner = self.tell(self.customer(), (20, 65), (12, 50))
        self.evaluate(10)
        case = self.cases(rule)
        by_hand = case.activity_schedule(summary="Mine", user_id=self.seller.id)
        by_hand.automated = False
        self.tell(partner, (5, 64))
        self.evaluate(5)
        self.assertEqual(case.state, "open")
        self.tell(partner, (3, 65))
        self.evaluate(3)
        self.assertEqual((case.state, case.outcome), ("closed", "recovered"))
        self.assertEqual(case.date_closed, self.today - 3 * DAY)
        self.assertEqual(case.days_to_recover, 7)
        self.assertEqual(case.activity_ids, by_hand)
        self.assertIn("Recovered", case.message_ids[0].body)
        self.evaluate()
        self.assertEqual(self.cases(rule), case)

    def test_closed_when_the_tier_is_regained(self):
        lost_it = self.rule(points=10)
        kept_it = self.rule(points=10, domain="[('city', '=', 'Kept')]")
        partner = self.tell(self.customer(), (9, 85), (5, 60))
        kept = self.tell(self.customer(city="Kept"), (9, 95), (5, 80))
        self.evaluate()
        self.tell(partner, (0, 71))
        self.tell(kept, (0, 81))
        self.evaluate()
        self.assertEqual(self.cases(lost_it, partner).outcome, "recovered")
        self.assertEqual(self.cases(kept_it).state, "open")

    def test_a_new_configuration_recovers_nobody(self):
        case = self.opened()
        self.tell_row(case.partner_id, 0, 90, before=60)
        self.stand(case.partner_id, 90)
        self.evaluate()
        self.assertEqual(case.state, "open")

    def test_falls_again_after_the_recovery(self):
        rule = self.rule(points=10)
        partner = self.tell(self.customer(), (20, 65), (12, 50), (8, 66), (2, 52))
        self.evaluate(12)
        self.evaluate(8)
        self.evaluate(2)
        first, second = self.cases(rule, partner)
        self.assertEqual((first.state, second.state), ("closed", "open"))
        self.assertEqual(second.former_score, 66)

    def test_closed_by_hand_and_not_opened_again_for_the_same_fall(self):
        rule = self.rule(points=10)
        case = self.opened(rule)
        wizard = (
            self.env["customer.care.close"]
            .with_user(self.seller)
            .create({"case_ids": case.ids, "outcome": "wrong_alarm", "note": "Late"})
        )
        wizard.action_apply()
        self.assertEqual((case.outcome, case.outcome_note), ("wrong_alarm", "Late"))
        self.assertFalse(case.activity_ids)
        self.evaluate()
        self.assertEqual(self.cases(rule), case)
        [(recovered,)] = self.env["customer.care.case"]._read_group(
            [("id", "=", case.id)], [], ["days_to_recover:avg"]
        )
        self.assertFalse(recovered)

    def test_good_news_ends_with_the_plan_or_passes(self):
        rule = self.rule("rose", points=10, plan_id=self.plan.id)
        thanked = self.tell(self.customer(), (9, 50), (1, 65))
        passed = self.tell(self.customer(), (9, 50), (1, 65))
        self.evaluate()
        case = self.cases(rule, thanked)
        self.assertTrue(case.is_gain)
        first, second = case.activity_ids
        first.action_feedback()
        self.tell(passed, (0, 50))
        self.evaluate()
        self.assertEqual(case.state, "open")
        self.assertEqual(self.cases(rule, passed).outcome, "passed")
        second.action_feedback()
        self.evaluate()
        self.assertEqual(case.outcome, "done")

    def test_check_now(self):
        case = self.opened()
        case.with_user(self.seller).action_check_now()
        self.assertEqual(case.state, "open")
        self.tell(case.partner_id, (0, 80))
        case.with_user(self.seller).action_check_now()
        self.assertEqual(case.outcome, "recovered")

    def test_snooze(self):
        case = self.opened().with_user(self.seller)
        wizards = self.env["customer.care.snooze"].with_user(self.seller)
        until = self.today + 3 * DAY
        vals = {"case_ids": case.ids, "until": until, "reason": "Holidays"}
        with self.refused("a day to come", ValidationError):
            wizards.create({**vals, "until": self.today})
        with self.refused("Give a reason", ValidationError):
            wizards.create({**vals, "reason": "  "})
        wizards.create(vals).action_apply()
        self.assertEqual((case.state, case.snooze_reason), ("snoozed", "Holidays"))
        self.evaluate()
        self.assertEqual(case.state, "snoozed")
        self.engine._evaluate(self.company, until)
        self.assertEqual(case.state, "open")
        wizards.create(vals).action_apply()
        self.tell(case.partner_id, (0, 80))
        self.evaluate()
        self.assertEqual(case.outcome, "recovered")

    def test_cap_most_at_stake_first_nothing_lost(self):
        self.company.value_case_cap = 2
        rule = self.rule(points=10, plan_id=self.plan.id)
        other = self.rule(points=10, domain="[('city', '=', 'Other')]")
        own_cap = self.rule(points=10, daily_cap=1, domain="[('city', '=', 'Own')]")
        partners = [self.fallen(after=60 - number) for number in range(3)]
        richest = self.fallen(before=90, after=70, city="Other")
        rule.sudo().domain = "[('function', '=', 'CARE'), ('city', '=', False)]"
        own = [self.fallen(city="Own") for __ in range(2)]
        elsewhere = self.fallen(user_id=self.other_seller.id)
        for number, partner in enumerate(partners):
            self.env.cr.execute(
                "UPDATE customer_value_history SET raw = %s WHERE partner_id = %s",
                [[1000.0 * number], partner.id],
            )
        self.evaluate(1)
        states = {
            case.partner_id: case.state
            for case in self.cases(rule) | self.cases(other) | self.cases(own_cap)
        }
        opened = {partner for partner, state in states.items() if state == "open"}
        self.assertEqual(len(states), 7)
        self.assertEqual(opened, {richest, partners[2], own[0], elsewhere})
        waiting = self.cases(rule, partners[0])
        self.assertFalse(waiting.activity_ids)
        self.assertFalse(waiting.message_ids.notified_partner_ids)
        self.assertFalse(self.evaluate(1))
        self.tell(partners[0], (0, 90))
        given = self.evaluate()
        self.assertEqual(waiting.outcome, "recovered")
        self.assertEqual(given.partner_id, partners[1] | own[1])
        self.assertEqual(waiting.message_ids.notified_partner_ids.ids, [])

    def test_who_takes_it(self):
        team = self.env["crm.team"].create(
            {
                "name": "East",
                "user_id": self.manager.id,
                "company_id": self.company.id,
                "member_ids": [(4, self.seller.id)],
            }
        )
        self.assertEqual(self.seller.sale_team_id, team)
        owned = self.fallen(city="A")
        nobodys = self.fallen(city="A", user_id=False)
        gone = self.make_seller("care.gone")
        left = self.fallen(city="A", user_id=gone.id)
        gone.active = False
        rules = {
            "owner": self.rule(points=10, user_id=self.other_seller.id),
            "alone": self.rule(points=10),
            "leader": self.rule(points=10, assign_to="leader"),
            "person": self.rule(
                points=10, assign_to="person", user_id=self.other_seller.id
            ),
        }
        self.evaluate()
        users = {
            name: [self.cases(rule, one).user_id for one in (owned, nobodys, left)]
            for name, rule in rules.items()
        }
        nobody = self.env["res.users"]
        other = self.other_seller
        self.assertEqual(users["owner"], [self.seller, other, other])
        self.assertEqual(users["alone"], [self.seller, nobody, nobody])
        self.assertEqual(users["leader"], [self.manager, nobody, nobody])
        self.assertEqual(users["person"], [other] * 3)

    def test_take_and_hand_over(self):
        rule = self.rule(points=10, plan_id=self.plan.id)
        case = self.opened(rule, user_id=False).with_user(self.seller)
        case.action_take()
        self.assertEqual(case.user_id, self.seller)
        self.assertEqual(case.activity_ids.user_id, self.seller)

    def test_more_than_500(self):
        """The wizard of activities would stop there in silence."""
        self.rule(points=10, plan_id=self.plan.id, notifies=False)
        partners = self.env["res.partner"].create(
            [
                {"name": f"Many {number}", "function": "CARE", "is_company": True}
                for number in range(510)
            ]
        )
        for partner in partners:
            self.tell(partner, (9, 75), (1, 60))
        given = self.evaluate()
        self.assertEqual(given.partner_id, partners)
        self.assertEqual(len(given.activity_ids), 2 * 510)

    def test_queries_do_not_grow_with_the_customers(self):
        self.rule(points=10)
        self.rule("rose", points=10)
        for __ in range(3):
            self.tell(self.customer(), (9, 75), (1, 74))
        self.evaluate()
        with self.assertQueryCount(60):
            before = self.env.cr.sql_log_count
            self.evaluate()
            few = self.env.cr.sql_log_count - before
        for __ in range(40):
            self.tell(self.customer(), (9, 75), (1, 74))
        self.evaluate()
        before = self.env.cr.sql_log_count
        self.evaluate()
        self.assertEqual(self.env.cr.sql_log_count - before, few)

    def test_measures(self):
        case = self.opened()
        partner = case.partner_id
        buyer = self.make_partner("Buyer", parent_id=partner.id)
        self.make_order(buyer, when=self.local(self.today))
        self.make_order(partner, confirm=False)
        self.make_activity(partner).action_feedback()
        case.activity_ids[0].action_feedback()
        buyer.message_post(
            body="Thank you", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.env.flush_all()
        case.invalidate_recordset()
        case = case.with_user(self.manager)
        self.assertEqual((case.order_count, case.till_count), (1, 0))
        self.assertEqual(case.activity_count, 2)
        self.assertEqual(case.message_count, 1)
        for action in (
            case.action_open_orders(),
            case.action_open_activities(),
            case.action_open_messages(),
        ):
            documents = self.env[action["res_model"]].with_context(**action["context"])
            self.assertTrue(documents.search(action["domain"]))


@tagged("post_install", "-at_install")
class TestCareRecords(CaseCommon):
    def merge(self, source, target):
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (source | target).ids, target, False
        )
        self.env.invalidate_all()

    def test_merge(self):
        rule = self.rule(points=10)
        other = self.rule(points=5)
        kept, gone = self.fallen(), self.fallen()
        self.evaluate(1)
        oldest = self.cases(rule, gone)
        oldest.sudo().date = self.today - 30 * DAY
        single = self.cases(other, gone)
        self.cases(other, kept)._close("lost", self.today)
        self.merge(gone, kept)
        cases = self.cases(rule)
        self.assertEqual(cases.partner_id, kept)
        live = cases.filtered(lambda case: case.state != "closed")
        self.assertEqual(live, oldest)
        self.assertEqual((cases - live).outcome, "merged")
        self.assertEqual((single.partner_id, single.state), (kept, "open"))

    def test_merged_into_a_contact_of_another_customer(self):
        rule = self.rule(points=10)
        gone = self.fallen()
        head = self.customer()
        clerk = self.make_partner("Clerk", parent_id=head.id)
        self.evaluate()
        self.merge(gone, clerk)
        self.assertEqual(self.cases(rule).partner_id, head)

    def test_deleted_and_archived(self):
        rule = self.rule(points=10, plan_id=self.plan.id)
        case = self.opened(rule)
        activities = case.activity_ids
        case.partner_id.active = False
        self.evaluate()
        self.assertEqual(case.outcome, "gone")
        lone = self.opened(rule)
        activities = lone.activity_ids
        self.assertTrue(activities)
        lone.partner_id.unlink()
        self.assertFalse(lone.exists())
        self.assertFalse(activities.exists())

    def test_rights(self):
        mine = self.opened()
        theirs = self.opened(mine.rule_id, user_id=self.other_seller.id)
        as_seller = theirs.with_user(self.seller)
        self.assertTrue(as_seller.change_text)
        for action in (as_seller.action_close, as_seller.action_snooze):
            with self.assertRaises(AccessError):
                action()
        with self.assertRaises(AccessError):
            as_seller.user_id = self.seller
        wizard = self.env["customer.care.close"].with_user(self.seller)
        with self.assertRaises(AccessError):
            wizard.create({"case_ids": theirs.ids, "outcome": "lost"}).action_apply()
        self.assertEqual(theirs.state, "open")
        with self.assertRaises(AccessError):
            mine.with_user(self.seller).write({"state": "closed"})
        with self.assertRaises(AccessError):
            mine.with_user(self.manager).write({"former_score": 1})
        with self.assertRaises(AccessError):
            self.env["customer.care.case"].with_user(self.manager).create(
                {
                    "rule_id": mine.rule_id.id,
                    "partner_id": mine.partner_id.id,
                    "company_id": self.company.id,
                    "date": self.today,
                }
            )
        theirs.with_user(self.manager).user_id = self.seller
        as_seller.action_close()
        as_seller.message_post(body="A word")
        plain = self.make_seller("care.plain", "base.group_user")
        with self.assertRaises(AccessError):
            mine.with_user(plain).read(["state"])
        self.assertNotIn(
            "value_case_id", self.env["res.partner"].with_user(plain).fields_get()
        )

    def test_who_may_not_read_the_customer_sees_no_case(self):
        case = self.opened()
        hidden = self.env["ir.rule"].create(
            {
                "name": "Hide",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {case.partner_id.id})]",
                "groups": [(4, self.env.ref("base.group_user").id)],
            }
        )
        self.assertTrue(hidden)
        cases = self.env["customer.care.case"].with_user(self.other_seller)
        self.assertFalse(cases.search([("id", "=", case.id)]))

    def test_partner_fields(self):
        case = self.opened()
        clerk = self.make_partner("Clerk", parent_id=case.partner_id.id)
        as_seller = clerk.with_user(self.seller)
        self.assertEqual(as_seller.value_case_id, case)
        self.assertIn("day 0", as_seller.value_case_text)
        found = self.env["res.partner"].with_user(self.seller)
        with_case = found.search([("value_case_id", "!=", False)])
        self.assertEqual(with_case, case.partner_id | clerk)
        self.assertNotIn(
            clerk, found.search([("value_case_id", "=", False)], limit=5000)
        )
        self.assertEqual(as_seller.action_open_value_case()["res_id"], case.id)
        action = as_seller.action_open_value_cases()
        self.assertEqual(self.env["customer.care.case"].search(action["domain"]), case)
        case._close("lost", self.today)
        self.env.invalidate_all()
        self.assertFalse(as_seller.value_case_id)
        self.assertEqual(as_seller.value_case_count, 1)

    def test_settings(self):
        settings = self.env["res.config.settings"].create({"value_case_cap": 7})
        settings.execute()
        self.assertEqual(self.env.company.value_case_cap, 7)
        with self.refused("at least one case"):
            self.env["res.config.settings"].create({"value_case_cap": 0})
