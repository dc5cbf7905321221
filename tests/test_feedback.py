from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import CustomerValueCommon

NOON = "2026-03-10 00:00:00"
"""Noon of the 10th in Auckland (UTC+13)."""


class FeedbackCommon(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.feedback = cls.env["customer.feedback"]
        cls.anna = cls.make_user("feedback_anna", "sales_team.group_sale_salesman")
        cls.bert = cls.make_user("feedback_bert", "sales_team.group_sale_salesman")
        cls.meg = cls.make_user(
            "feedback_meg",
            "sales_team.group_sale_salesman_all_leads,customer_value.group_manager",
        )
        cls.customer = cls.make_partner(
            "Harbour Foods", user_id=cls.anna.id, email="office@harbour.example"
        )
        cls.person = cls.make_partner(
            "Ida Harbour", parent_id=cls.customer.id, email="ida@harbour.example"
        )
        cls.other = cls.make_partner("Inland Mills", user_id=cls.bert.id)

    @classmethod
    def make_user(cls, login, groups):
        user = new_test_user(
            cls.env,
            login,
            groups=groups,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        user.tz = cls.tz
        return user

    @classmethod
    def say(cls, kind="complaint", partner=None, subject="The parcel was open", **vals):
        return cls.feedback.create(
            {
                "kind": kind,
                "subject": subject,
                "partner_id": (partner or cls.customer).id,
                **vals,
            }
        )

    @classmethod
    def stage(cls, step):
        return cls.env.ref(f"customer_value.feedback_stage_{step}")


@tagged("post_install", "-at_install")
class TestFeedback(FeedbackCommon):
    # ----------------------------------------------------------------- receiving

    def test_defaults(self):
        said = self.feedback.create(
            {
                "kind": "complaint",
                "partner_id": self.person.id,
                "description": "  It came late.\nVery late.",
            }
        )
        self.assertEqual(said.subject, "It came late.")
        self.assertEqual(said.user_id, self.anna, "the salesperson of the company")
        self.assertEqual(said.commercial_partner_id, self.customer)
        self.assertEqual(said.stage_id, self.stage("new"))
        self.assertFalse(said.date_heard)
        self.assertTrue(said.is_open)

    def test_salesperson_of_another_company_is_not_asked(self):
        elsewhere = self.make_company(self.tz)
        self.work_in(elsewhere)
        stranger = self.make_partner("Everybody's", user_id=self.anna.id)
        said = self.say(partner=stranger, company_id=elsewhere.id)
        self.assertFalse(said.user_id)
        self.assertEqual(self.say(partner=stranger).user_id, self.anna)

    def test_due_day_is_the_companys(self):
        """Received at 23:30 UTC of the 9th: in Auckland it is the 10th."""
        late = self.say(date="2026-03-09 23:30:00")
        self.assertEqual(late.date_due, date(2026, 3, 15), "complaint: 5 days")
        idea = self.say("suggestion", date="2026-03-09 23:30:00")
        self.assertEqual(idea.date_due, date(2026, 3, 24), "suggestion: 14 days")

    def test_due_day_by_tier(self):
        model = self.make_model(
            [{"code": "any", "source": "purchases"}],
            tiers=(("strategic", {}),),
            partners=self.customer,
        )
        self.score(model)
        said = self.say(partner=self.person, date=NOON)
        self.assertEqual(said.tier_code, "strategic", "of the company")
        self.assertEqual(said.date_due, date(2026, 3, 11))
        plain = self.say(partner=self.other, date=NOON)
        self.assertFalse(plain.tier_code)
        self.assertEqual(plain.date_due, date(2026, 3, 15))

    def test_most_particular_deadline_holds(self):
        deadlines = self.env["customer.feedback.deadline"]
        deadlines.create(
            {"kind": "complaint", "days": 9, "company_id": self.company.id}
        )
        said = self.say(date=NOON)
        self.assertEqual(said.date_due, date(2026, 3, 19))
        with self.assertRaises(Exception):
            with self.env.cr.savepoint():
                deadlines.create({"kind": "complaint", "days": 3})
                self.env.flush_all()

    def test_tier_stays_as_it_was(self):
        model = self.make_model(
            [{"code": "any", "source": "purchases"}],
            tiers=(("strategic", {}),),
            partners=self.customer,
        )
        self.score(model)
        said = self.say(date=NOON)
        self.env["customer.value.score"].search(
            [("partner_id", "=", self.customer.id)]
        ).unlink()
        said.invalidate_recordset()
        self.assertEqual(said.tier_code, "strategic")

    # ----------------------------------------------------------------- listening

    def test_four_steps_are_noted(self):
        said = self.say(date=NOON).with_user(self.anna)
        with freeze_time("2026-03-10 01:00:00"):
            said.stage_id = self.stage("heard")
        with freeze_time("2026-03-10 02:00:00"):
            said.stage_id = self.stage("found")
        with freeze_time("2026-03-10 03:00:00"):
            said.with_user(self.meg).stage_id = self.stage("solved")
        with freeze_time("2026-03-11 00:00:00"):
            said.stage_id = self.stage("told")
        self.assertEqual(
            [
                (str(said[day]), said[user])
                for day, user in (
                    ("date_heard", "heard_user_id"),
                    ("date_found", "found_user_id"),
                    ("date_solved", "solved_user_id"),
                    ("date_answered", "answered_user_id"),
                )
            ],
            [
                ("2026-03-10 01:00:00", self.anna),
                ("2026-03-10 02:00:00", self.anna),
                ("2026-03-10 03:00:00", self.meg),
                ("2026-03-11 00:00:00", self.anna),
            ],
        )
        self.assertEqual(said.hours_to_answer, 24)
        self.assertTrue(said.is_in_time)
        self.assertFalse(said.date_closed)
        said.action_close()
        self.assertTrue(said.date_closed)
        self.assertEqual(said.stage_id, self.stage("closed"))

    def test_one_step_back_forgets_what_lies_behind(self):
        said = self.say()
        for step in ("heard", "found", "solved", "told", "closed"):
            said.stage_id = self.stage(step)
        said.stage_id = self.stage("found")
        self.assertTrue(said.date_heard and said.date_found)
        self.assertFalse(said.date_solved or said.date_answered or said.date_closed)
        self.assertFalse(said.answered_user_id)
        self.assertTrue(said.is_open)

    def test_skipped_step_is_not_noted(self):
        said = self.say()
        said.stage_id = self.stage("told")
        self.assertTrue(said.date_heard and said.date_answered)
        self.assertFalse(said.date_found or said.date_solved)

    def test_complaint_is_not_closed_before_the_customer_is_told(self):
        said = self.say()
        with self.refused("Nobody has told the customer"):
            said.stage_id = self.stage("closed")
        praise = self.say("praise")
        praise.stage_id = self.stage("closed")
        self.assertTrue(praise.date_closed)

    def test_stage_has_to_suit_the_kind(self):
        with self.refused("no stage of this kind"):
            self.say("praise").stage_id = self.stage("adopted")
        said = self.say("suggestion")
        said.stage_id = self.stage("adopted")
        with self.assertRaises(ValidationError):
            said.stage_id = self.stage("found")

    def test_another_kind_begins_anew(self):
        said = self.say()
        said.stage_id = self.stage("found")
        said.kind = "praise"
        self.assertEqual(said.stage_id, self.stage("new"))

    def test_next_step(self):
        said = self.say()
        steps = []
        for __ in range(6):
            said.action_next_step()
            steps.append(said.step)
        self.assertEqual(
            steps, ["heard", "found", "solved", "told", "closed", "closed"]
        )

    # ------------------------------------------------------------------- overdue

    def test_overdue_in_the_companys_day(self):
        """Due on the 15th; the 16th begins in Auckland at 11:00 UTC of the 15th."""
        said = self.say(date=NOON)
        self.assertEqual(said.date_due, date(2026, 3, 15))
        for instant, expected in (
            ("2026-03-15 10:59:00", False),
            ("2026-03-15 11:00:00", True),
        ):
            with freeze_time(instant):
                said.invalidate_recordset(["is_overdue"])
                self.assertEqual(said.is_overdue, expected)
                domain = [("id", "=", said.id)]
                found = self.feedback.search([*domain, ("is_overdue", "=", True)])
                self.assertEqual(bool(found), expected)
                others = self.feedback.search([*domain, ("is_overdue", "=", False)])
                self.assertEqual(bool(others), not expected)

    def test_told_is_not_overdue_but_late(self):
        said = self.say(date=NOON)
        with freeze_time("2026-03-20 00:00:00"):
            said.stage_id = self.stage("told")
            self.assertFalse(said.is_overdue)
        self.assertFalse(said.is_in_time)

    # ----------------------------------------------------------------- same idea

    def test_same_idea_is_adopted_once_and_credits_all(self):
        first = self.say("suggestion", subject="Paper bags", date="2026-03-01")
        again = self.say("suggestion", self.other, "No plastic", date="2026-03-02")
        third = self.say("suggestion", self.person, "Bags of paper")
        again.parent_id = first
        third.parent_id = again
        self.assertEqual(third.parent_id, first, "joined to the first")
        self.assertEqual((first | again | third).idea_id, first)
        self.assertEqual(again.author_ids, self.customer | self.other | self.person)
        self.assertEqual(first.said_count, 3)
        again.action_adopt()
        for said in first | again | third:
            self.assertTrue(said.is_adopted and said.date_adopted and said.date_closed)
            self.assertEqual(len(self.thanks(said)), 1)
        self.assertEqual(self.thanks(again).user_id, self.bert)

    def test_joining_later_takes_the_stage(self):
        first = self.say("suggestion", subject="Paper bags")
        first.action_adopt()
        late = self.say("suggestion", self.other)
        own = self.say("suggestion", self.person)
        own.parent_id = late
        late.parent_id = first
        self.assertEqual(own.parent_id, first, "brings its own along")
        self.assertTrue(late.is_adopted and own.is_adopted)

    def test_join_wizard(self):
        said = self.feedback.union(
            *(self.say("suggestion", date=f"2026-03-0{day}") for day in (5, 2, 7))
        )
        wizard = (
            self.env["customer.feedback.join"]
            .with_context(active_ids=said.ids)
            .create({})
        )
        self.assertEqual(wizard.first_id, said[1], "the oldest")
        wizard.action_join()
        self.assertEqual(said.idea_id, said[1])
        self.assertFalse(said[1].parent_id)

    def test_join_onto_a_former_follower(self):
        """The wizard's first may have been joined to one of the others before."""
        one, two = self.say("suggestion"), self.say("suggestion")
        two.parent_id = one
        (one | two)._join(two)
        self.assertEqual(len((one | two).idea_id), 1)

    def test_only_alike_can_be_joined(self):
        idea, complaint = self.say("suggestion"), self.say()
        with self.refused("one kind and one company"):
            complaint.parent_id = idea
        with self.refused("cannot be joined to itself"):
            idea.parent_id = idea

    def test_first_is_deleted(self):
        first, again = self.say("suggestion"), self.say("suggestion", self.other)
        again.parent_id = first
        first.unlink()
        self.assertEqual(again.idea_id, again)

    # ----------------------------------------------------------------- thank-you

    def thanks(self, said):
        kind = self.env.ref("customer_value.feedback_activity_thank")
        return said.activity_ids.filtered(lambda one: one.activity_type_id == kind)

    def test_thanks_are_drafted_and_not_sent(self):
        idea = self.say("suggestion", self.person, "Paper bags")
        known = self.env["mail.mail"].search([])
        idea.action_adopt()
        self.assertEqual(self.thanks(idea).user_id, self.anna)
        sent = self.env["mail.mail"].search([]) - known
        self.assertNotIn(self.person, sent.recipient_ids)
        self.assertFalse(idea.date_thanked)
        self.send(idea.action_thank())
        self.assertTrue(idea.date_thanked)
        self.assertFalse(self.thanks(idea))
        letter = idea.message_ids.filtered("partner_ids")[0]
        self.assertIn(self.person, letter.partner_ids)
        self.assertIn("Paper bags", letter.body)

    def test_adopted_twice_is_thanked_once(self):
        idea = self.say("suggestion")
        idea.action_adopt()
        day = idea.date_adopted
        idea.stage_id = self.stage("new")
        self.assertFalse(idea.is_adopted or idea.date_adopted)
        idea.action_adopt()
        self.assertEqual(len(self.thanks(idea)), 1)
        self.assertGreaterEqual(idea.date_adopted, day)

    def send(self, action):
        composer = self.env["mail.compose.message"].with_context(action["context"])
        form = Form(composer)
        return form.save()._action_send_mail()

    def test_answer_tells_the_customer(self):
        said = self.say(answer="A new parcel is on its way.")
        self.send(said.action_answer())
        self.assertEqual(said.stage_id, self.stage("told"))
        self.assertIn("A new parcel", said.message_ids[0].body)
        self.assertIn(self.customer, said.message_ids[0].partner_ids)

    def test_answer_without_address(self):
        with self.refused("no e-mail address", UserError):
            self.say(partner=self.other).action_answer()

    # -------------------------------------------------------------------- stages

    def test_stages_cannot_be_left_without_a_beginning(self):
        with self.refused("needs a stage"):
            self.stage("new").for_praise = False
        with self.refused("only stage"):
            self.stage("new").unlink()

    def test_columns_of_the_board(self):
        self.say("suggestion")
        shown = self.feedback.with_context(
            default_kind="suggestion"
        )._read_group_stage_ids(self.env["customer.feedback.stage"], [])
        self.assertNotIn(self.stage("found"), shown)
        self.assertIn(self.stage("adopted"), shown)

    # -------------------------------------------------------------------- rights

    def test_salesperson_sees_the_own_customers(self):
        mine = self.say(partner=self.person)
        moved = self.say(partner=self.person, user_id=self.bert.id)
        nobodys = self.say(partner=self.make_partner("Nobody's"))
        theirs = self.say(partner=self.other)
        everything = mine | moved | nobodys | theirs
        domain = [("id", "in", everything.ids)]
        seen = self.feedback.with_user(self.anna).search(domain)
        self.assertEqual(seen, mine | moved | nobodys)
        with self.assertRaises(AccessError):
            theirs.with_user(self.anna).read(["subject"])
        with self.assertRaises(AccessError):
            theirs.with_user(self.anna).write({"subject": "Mine"})
        self.assertEqual(self.feedback.with_user(self.meg).search(domain), everything)
        with self.assertRaises(AccessError):
            mine.with_user(self.anna).unlink()
        mine.with_user(self.meg).unlink()

    def test_salesperson_records_what_anothers_customer_says(self):
        said = self.feedback.with_user(self.anna).create(
            {"kind": "praise", "subject": "Fast", "partner_id": self.other.id}
        )
        self.assertEqual(said.user_id, self.bert)
        self.assertEqual(said.subject, "Fast", "whoever wrote it down may read it")

    def test_adopting_an_idea_reaches_anothers_customer(self):
        first = self.say("suggestion")
        theirs = self.say("suggestion", self.other)
        theirs.parent_id = first
        first.with_user(self.anna).action_adopt()
        self.assertTrue(theirs.is_adopted)

    def test_another_company_sees_nothing(self):
        said = self.say()
        elsewhere = self.make_company(self.tz)
        outsider = new_test_user(
            self.env,
            "feedback_outsider",
            groups="customer_value.group_manager,sales_team.group_sale_manager",
            company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        self.assertFalse(
            self.feedback.with_user(outsider)
            .with_context(allowed_company_ids=elsewhere.ids)
            .search([("id", "=", said.id)])
        )
        with self.assertRaises(AccessError):
            said.with_user(outsider).with_context(
                allowed_company_ids=elsewhere.ids
            ).read(["subject"])

    def test_who_has_no_business_here(self):
        said = self.say()
        cashier = self.make_user("feedback_till", "point_of_sale.group_pos_user")
        portal = new_test_user(self.env, "feedback_portal", groups="base.group_portal")
        portal.partner_id.parent_id = self.customer
        own = self.say(partner=portal.partner_id)
        for user, record in ((cashier, said), (portal, said), (portal, own)):
            with self.assertRaises(AccessError):
                record.with_user(user).read(["subject"])
            with self.assertRaises(AccessError):
                self.feedback.with_user(user).search([])
        with self.assertRaises(AccessError):
            self.feedback.with_user(portal).create({"subject": "By the back door"})

    # -------------------------------------------------------- merge and archiving

    def test_merged_contact_keeps_what_was_said(self):
        said = self.say(partner=self.other)
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        merge._merge([self.other.id, self.customer.id], self.customer)
        self.assertEqual(said.partner_id, self.customer)
        self.assertEqual(said.commercial_partner_id, self.customer)

    def test_deleted_contact_leaves_what_was_said(self):
        lone = self.make_partner("Leaves")
        said = self.say(partner=lone)
        lone.unlink()
        self.assertTrue(said.exists())
        self.assertFalse(said.partner_id)

    def test_archived_contact_is_still_answered(self):
        said = self.say()
        self.customer.active = False
        said.stage_id = self.stage("heard")
        self.assertEqual(said.partner_id, self.customer)

    # -------------------------------------------------------------------- speed

    def test_list_reads_no_record_by_itself(self):
        names = ["subject", "tier_code", "is_overdue", "said_count", "stage_id"]
        names += ["user_id", "partner_id", "date_due", "author_ids"]
        few = self.feedback.union(*(self.say("suggestion") for __ in range(2)))
        many = self.feedback.union(*(self.say("suggestion") for __ in range(20)))

        def queries(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.with_user(self.anna).read(names)
            return self.env.cr.sql_log_count - before

        queries(few)
        self.assertEqual(queries(many), queries(few))

    def test_today_is_far_from_due(self):
        """A guard for the tests above: dates are days, not instants."""
        said = self.say()
        self.assertIsInstance(said.date_due, date)
        self.assertGreater(said.date_due, said.date.date() + timedelta(days=3))
