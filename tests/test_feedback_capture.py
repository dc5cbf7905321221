import json

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .test_feedback import NOON, FeedbackCommon


@tagged("post_install", "-at_install")
class TestFeedbackCapture(FeedbackCommon):
    """From where it is said, to the customer's record and the indicators."""

    def note(self, action, **vals):
        """The small form that an action opens, filled in."""
        form = Form(
            self.feedback.with_context(**action["context"]),
            view="customer_value.customer_feedback_view_form_quick",
        )
        for name, value in vals.items():
            form[name] = value
        return form.save()

    def test_quotation_takes_two_fields(self):
        order = self.make_order(self.person, confirm=False)
        action = order.with_user(self.anna).action_note_value_feedback()
        said = self.note(action, kind="suggestion", subject="Paper bags")
        self.assertEqual(said.partner_id, self.person)
        self.assertEqual(said.channel, "quotation")
        self.assertEqual((said.res_model, said.res_id), ("sale.order", order.id))
        self.assertEqual(said.company_id, self.company)
        back = said.action_open_document()
        self.assertEqual((back["res_model"], back["res_id"]), ("sale.order", order.id))

    def test_contact_takes_two_fields(self):
        action = self.person.with_user(self.anna).action_open_value_feedback()
        self.assertEqual(action["target"], "new", "nothing said yet: note it")
        self.note(action, kind="praise", subject="Fast")
        self.person.invalidate_recordset()
        action = self.customer.with_user(self.anna).action_open_value_feedback()
        found = self.feedback.search(action["domain"])
        self.assertEqual(found.subject, "Fast", "the list of the whole company")

    def test_counts_of_contacts_are_of_their_company_and_what_may_be_read(self):
        self.say(partner=self.person)
        closed = self.say("praise", partner=self.customer)
        closed.action_close()
        self.say(partner=self.other)
        everybody = self.customer | self.person | self.other
        seen = everybody.with_user(self.anna)
        self.assertEqual(seen.mapped("value_feedback_count"), [2, 2, 0])
        self.assertEqual(seen.mapped("value_feedback_open_count"), [1, 1, 0])
        every = everybody.with_user(self.meg)
        self.assertEqual(every.mapped("value_feedback_count"), [2, 2, 1])

    def test_counts_take_the_same_queries_for_many(self):
        partners = self.customer.union(*(self.make_partner() for __ in range(20)))
        for partner in partners:
            self.say(partner=partner)

        def queries(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.with_user(self.meg).mapped("value_feedback_count")
            return self.env.cr.sql_log_count - before

        queries(partners)
        self.assertEqual(queries(partners), queries(partners[:2]))

    def test_who_has_no_business_here_sees_no_count(self):
        nobody = self.make_user("feedback_nobody", "base.group_user")
        with self.assertRaises(AccessError):
            self.customer.with_user(nobody).read(["value_feedback_count"])

    # -------------------------------------------------------------------- ratings

    def rate(self, stars, partner=None, **vals):
        order = self.make_order(partner or self.person, confirm=False)
        return self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id("sale.order"),
                "res_id": order.id,
                "partner_id": (partner or self.person).id,
                "rating": stars,
                "consumed": True,
                "feedback": "Cold soup",
                **vals,
            }
        )

    def complaints(self, ratings):
        self.feedback._note_low_ratings()
        return self.feedback.search(
            [("res_model", "=", "rating.rating"), ("res_id", "in", ratings.ids)],
            order="res_id",
        )

    def test_low_rating_is_a_complaint_once(self):
        low = self.rate(2)
        said = self.complaints(low)
        self.assertEqual(said.kind, "complaint")
        self.assertEqual(said.partner_id, self.person)
        self.assertEqual(said.description, "Cold soup")
        self.assertEqual(said.channel, "rating")
        self.assertEqual(said.company_id, self.company)
        self.assertIn("2", said.subject)
        low.feedback = "Very cold soup"
        self.assertEqual(self.complaints(low), said)
        said.active = False
        self.assertFalse(self.complaints(low), "archived is not asked for again")

    def test_other_ratings_are_none(self):
        self.assertFalse(self.complaints(self.rate(3)))
        self.assertFalse(self.complaints(self.rate(1, consumed=False)))
        self.assertFalse(self.complaints(self.rate(0)), "not rated")
        self.assertFalse(self.complaints(self.rate(1, partner=self.anna.partner_id)))

    def test_limit_is_the_companys(self):
        three = self.rate(3)
        self.company.value_feedback_rating = 3
        self.assertTrue(self.complaints(three))
        self.company.value_feedback_rating = 0
        self.assertFalse(self.complaints(self.rate(1)))

    def test_old_ratings_are_left_alone(self):
        old = self.rate(1)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE rating_rating SET write_date = write_date - interval '31 days' "
            "WHERE id = %s",
            [old.id],
        )
        old.invalidate_recordset()
        self.assertFalse(self.complaints(old))

    def test_cron(self):
        low = self.rate(1)
        with self.enter_registry_test_mode():
            self.env.ref("customer_value.ir_cron_capture").method_direct_trigger()
        self.assertEqual(len(self.complaints(low)), 1)

    # ----------------------------------------------------------------- indicators

    def count(self, partner, code, as_of=None, **vals):
        """What an indicator of this source measures, ``None`` without evidence."""
        source = {
            "suggestions": {"aggregate": "distinct", "distinct_path": "idea_id"},
            "suggestions_adopted": {
                "aggregate": "distinct",
                "distinct_path": "idea_id",
            },
            "complaints_in_time": {"aggregate": "rate", "asked": "complaints_due"},
        }.get(code, {"aggregate": "count"})
        model = self.make_model(
            [{"code": "it", "source": code, "missing": "ignore", **source, **vals}],
            partners=self.customer | self.other,
        )
        as_of = fields.Date.to_date(as_of)
        row = self.results(model, partner, as_of)[partner.id]
        raw, __, state, ___ = self.measure(row, model.indicator_ids)
        model.state = "retired"
        return raw if state else None

    def test_ideas_count_once_for_each_author(self):
        first = self.say("suggestion", self.person, "Paper bags")
        again = self.say("suggestion", self.customer, "Bags of paper")
        theirs = self.say("suggestion", self.other, "No plastic")
        (again | theirs).parent_id = first
        self.say("suggestion", self.other, "A bench")
        self.assertEqual(self.count(self.customer, "suggestions"), 1)
        self.assertEqual(self.count(self.other, "suggestions"), 2)
        self.assertIsNone(self.count(self.other, "suggestions_adopted"))
        first.action_adopt()
        self.assertEqual(self.count(self.customer, "suggestions_adopted"), 1)
        self.assertEqual(self.count(self.other, "suggestions_adopted"), 1)

    def test_complaints_and_praise(self):
        self.say("praise", self.person)
        self.say("complaint", self.person)
        self.say("complaint", self.customer).active = False
        self.assertEqual(self.count(self.customer, "praise"), 1)
        self.assertEqual(self.count(self.customer, "complaints"), 1)
        self.assertIsNone(self.count(self.other, "praise"))

    def test_complaints_in_time_are_asked_first(self):
        """Due on the 15th: before that nothing can be said."""
        said = self.say(partner=self.person, date=NOON)
        late = self.say(partner=self.customer, date=NOON)
        rate = "complaints_in_time"
        self.assertIsNone(self.count(self.customer, rate, "2026-03-14"))
        said.stage_id = self.stage("told")
        said.date_answered = "2026-03-15 09:00:00"
        late.stage_id = self.stage("told")
        late.date_answered = "2026-03-15 12:00:00"  # the 16th in Auckland
        self.assertEqual(self.count(self.customer, rate, "2026-03-15"), 50)
        self.assertIsNone(self.count(self.other, rate, "2026-03-15"))

    def test_what_is_said_marks_the_customer(self):
        self.make_model(
            [{"code": "it", "source": "suggestions_adopted", "aggregate": "count"}],
            partners=self.customer | self.other,
        )
        idea = self.say("suggestion", self.person)
        theirs = self.say("suggestion", self.other)
        theirs.parent_id = idea
        self.forget_marks()
        idea.action_adopt()
        self.assertLessEqual(self.customer | self.other, self.marked_customers())

    # ----------------------------------------------------------------------- till

    def test_till_names_the_adopted_idea(self):
        model = self.make_model(
            [{"code": "any", "source": "purchases"}],
            partners=self.customer | self.other,
        )
        self.score(model)
        badges = self.env["customer.value.score"].with_company(self.company)

        def line(partner):
            return json.loads(badges._till_badges(partner.ids)[partner.id])["line"]

        self.assertNotIn("idea", line(self.customer))
        first = self.say("suggestion", self.person)
        first.action_adopt()
        for partner in (self.customer, self.person):
            self.assertTrue(line(partner).endswith("idea adopted"))
        self.say("suggestion", self.customer).action_adopt()
        again = self.say("suggestion", self.customer)
        again.parent_id = first
        self.assertTrue(line(self.person).endswith("2 ideas adopted"))
        self.assertNotIn("idea", line(self.other))
