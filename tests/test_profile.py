from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CustomerValueCommon

EMPTY = (None, False, "", 0)


class ProfileCommon(CustomerValueCommon):
    """Two sets of our own for two towns of customers; the ready ones rest."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls.make_model([], domain=[("id", "=", 0)])
        cls.env["customer.profile.set"].search([]).active = False
        topics = ("credit", "capacity", "family", "birthday")
        cls.credit, cls.capacity, cls.family, cls.birthday = (
            cls.env.ref(f"customer_value.profile_topic_{code}") for code in topics
        )
        cls.firms = cls.make_set(
            "business",
            cls.line(cls.credit, 3),
            cls.line(cls.capacity, 2),
            cls.line("phone", 1),
            cls.line("color", 2),
            cls.line("industry_id", 1),
        )
        cls.people = cls.make_set(
            "person",
            cls.line(cls.family, 2),
            cls.line(cls.birthday, 2),
            cls.line("city", 1),
        )
        cls.works = cls.make_partner("Works", function="ASKED", phone="12")
        cls.mill = cls.make_partner("Mill", function="ASKED", color=4, phone=" ")
        cls.eve = cls.make_partner("Eve", function="ASKED", is_company=False)
        cls.foreign = cls.make_partner("Not asked")
        cls.asked = cls.works | cls.mill | cls.eve
        cls.seller = cls.make_user("seller", "sales_team.group_sale_salesman_all_leads")
        cls.manager = cls.make_user("boss", "customer_value.group_manager")
        cls.plain = cls.make_user("plain", "base.group_user")

    @classmethod
    def make_user(cls, login, *groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            f"profile.{login}",
            ",".join((*groups, "base.group_partner_manager")),
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def line(cls, what, weight):
        if not isinstance(what, str):
            return {"topic_id": what.id, "weight": weight}
        field = cls.env["ir.model.fields"]._get("res.partner", what)
        return {"field_id": field.id, "weight": weight}

    @classmethod
    def make_set(cls, kind, *lines, **vals):
        return cls.env["customer.profile.set"].create(
            {
                "name": kind.title(),
                "kind": kind,
                "company_id": cls.company.id,
                "domain": "[('function', '=', 'ASKED')]",
                "line_ids": [Command.create(line) for line in lines],
                **vals,
            }
        )

    @classmethod
    def note(cls, partner, topic, value=False, date=False, **vals):
        return cls.env["customer.profile.fact"].create(
            {
                "partner_id": partner.id,
                "topic_id": topic.id,
                "company_id": cls.company.id,
                "value": value,
                "date": date,
                **vals,
            }
        )

    @classmethod
    def reckon(cls, ids=None):
        return cls.env["customer.profile.state"]._update(
            cls.company, cls.model._today(), ids
        )

    def known(self, partners=None):
        """What the table says: ``{partner: (percent, open questions)}``."""
        rows = self.env["customer.profile.state"].search(
            [
                ("company_id", "=", self.company.id),
                ("partner_id", "in", (partners or self.asked | self.foreign).ids),
            ]
        )
        return {row.partner_id: (row.completeness, row.open_count) for row in rows}

    def oracle(self, partner):
        """The same in plain Python, or None."""
        for one in (self.firms | self.people).sorted():
            kind = "business" if partner.is_company else "person"
            if one.kind != kind or partner.function != "ASKED":
                continue
            known = total = still = 0
            for line in one.line_ids:
                tags = partner.category_id.mapped("name")
                if line.topic_id.is_personal and "No profiling" in tags:
                    continue
                total += line.weight
                if line.topic_id:
                    facts = self.env["customer.profile.fact"].search([])
                    answered = facts.filtered(
                        lambda fact, line=line: fact.partner_id == partner
                        and fact.topic_id == line.topic_id
                        and fact.company_id == self.company
                    )
                else:
                    value = partner[line.field_id.name]
                    value = value.strip() if isinstance(value, str) else value
                    answered = value not in EMPTY and bool(value)
                known += line.weight if answered else 0
                still += not answered
            return int(100 * known / total + 0.5), still
        return None


@tagged("post_install", "-at_install")
class TestProfile(ProfileCommon):
    def assertOracle(self):
        told = {
            partner: self.oracle(partner)
            for partner in self.asked | self.foreign
            if self.oracle(partner)
        }
        self.assertEqual(self.known(), told)
        return told

    def test_completeness_by_hand_and_by_oracle(self):
        self.note(self.works, self.credit, "Good up to 50,000")
        self.note(self.eve, self.family, "Two children")
        self.reckon()
        told = self.assertOracle()
        self.assertEqual(told[self.works], (44, 3))  # 3 + 1 of 9
        self.assertEqual(told[self.mill], (22, 4))  # the blank phone is none
        self.assertEqual(told[self.eve], (40, 2))
        self.assertNotIn(self.foreign, told)

    def test_few_and_all_agree_and_only_changes_are_written(self):
        self.reckon()
        self.note(self.mill, self.capacity, "900 t")
        self.assertEqual(self.reckon([self.mill.id]), {self.mill.id})
        few = self.known()
        self.assertFalse(self.reckon() & set(self.asked.ids))
        self.assertEqual(self.known(), few)
        self.mill.function = False
        self.assertEqual(self.reckon([self.mill.id]), {self.mill.id})
        self.assertNotIn(self.mill, self.known())
        self.assertOracle()

    def test_first_set_by_sequence(self):
        special = self.make_set(
            "any",
            self.line("phone", 1),
            sequence=1,
            domain="[('name', '=', 'Works'), ('function', '=', 'ASKED')]",
        )
        self.reckon()
        self.assertEqual(self.works.value_profile_set_id, special)
        self.assertEqual(self.works.value_profile_completeness, 100)
        self.assertEqual(self.mill.value_profile_set_id, self.firms)

    def test_an_answer_is_noticed(self):
        self.score_dirty()
        self.assertOracle()
        for change in (
            lambda: self.note(self.works, self.credit, "Good"),
            lambda: self.mill.write({"phone": "77"}),
            lambda: self.env["customer.profile.fact"]
            .search([("partner_id", "=", self.works.id)])
            .unlink(),
        ):
            before = self.known()
            change()
            self.score_dirty()
            self.assertNotEqual(self.known(), before)
            self.assertOracle()

    def test_answering_on_the_form(self):
        works = self.works.with_user(self.seller).with_company(self.company)
        asked = works.value_profile["questions"]
        self.assertEqual(
            [one["input"] for one in asked], ["text", "text", "number", "form"]
        )
        self.assertEqual(works.value_profile_ask, self.credit.question)
        left = works.value_profile_answer(asked[0]["id"], "  Good ")
        self.assertEqual(left["percent"], 44)
        fact = works.value_profile_fact_ids
        self.assertEqual((fact.value, fact.noted_by), ("Good", self.seller))
        self.assertEqual(fact.company_id, self.company)
        works.value_profile_answer(asked[2]["id"], "7")
        self.assertEqual(self.works.color, 7)
        self.assertEqual(len(works.value_profile["questions"]), 2)
        for line, answer, words in (
            (asked[0]["id"], "Again", "answered already"),
            (asked[1]["id"], "  ", "Enter an answer"),
        ):
            with self.refused(words, UserError):
                works.value_profile_answer(line, answer)

    def test_a_day_and_a_bad_number(self):
        birthday = self.people.line_ids.filtered(
            lambda one: one.topic_id == self.birthday
        )
        self.eve.value_profile_answer(birthday.id, "1980-05-04")
        self.assertEqual(str(self.eve.value_profile_fact_ids.date), "1980-05-04")
        color = self.firms.line_ids.filtered(lambda one: one.field_id.name == "color")
        with self.refused("not a number", UserError):
            self.works.value_profile_answer(color.id, "many")

    def test_facts_of_a_contact_are_the_companys(self):
        clerk = self.make_partner("Clerk", parent_id=self.works.id, is_company=False)
        fact = self.note(clerk, self.credit, "Good")
        self.assertEqual(fact.partner_id, self.works)
        self.assertEqual(clerk.value_profile["partner"], self.works.id)

    def test_search_sort_group(self):
        self.note(self.works, self.credit, "Good")
        self.reckon()
        contacts = self.env["res.partner"].with_user(self.seller)
        here = [("id", "in", self.asked.ids)]
        found = contacts.search([*here, ("value_profile_completeness", "<", 40)])
        self.assertEqual(found, self.mill | self.eve)
        ordered = contacts.search(here, order="value_profile_completeness desc")
        self.assertEqual(ordered[0], self.works)
        grouped = contacts._read_group(
            here, ["value_profile_set_id"], ["value_profile_completeness:avg"]
        )
        self.assertEqual(dict(grouped), {self.firms: (44 + 22) / 2, self.people: 0.0})

    def test_a_list_costs_no_query_per_row(self):
        self.reckon()
        names = ["value_profile_completeness", "value_profile", "value_profile_ask"]
        self.asked.with_user(self.seller).read(names)
        for some in (self.works, self.asked):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.with_user(self.seller).read(names)
            count = self.env.cr.sql_log_count - before
            if some == self.works:
                one = count
        self.assertLessEqual(count, one + 2)

    # ------------------------------------------------------------- no profiling

    def test_nothing_personal_of_who_opted_out(self):
        self.note(self.eve, self.family, "Two children")
        tag = self.env.ref("customer_value.category_no_profiling")
        self.eve.category_id = tag
        self.assertFalse(self.eve.value_profile_fact_ids)
        with self.refused("asked not to be profiled"):
            self.note(self.eve, self.family, "Two children")
        self.assertEqual(
            [one["question"] for one in self.eve.value_profile["questions"]], ["City"]
        )
        self.eve.city = "Lund"
        self.reckon()
        self.assertEqual(self.assertOracle()[self.eve], (100, 0))

    def test_business_facts_stay(self):
        self.note(self.works, self.credit, "Good")
        self.works.category_id = self.env.ref("customer_value.category_no_profiling")
        self.assertEqual(len(self.works.value_profile_fact_ids), 1)

    # -------------------------------------------------------- merging, deleting

    def merge(self, source, target):
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (source | target).ids, target
        )

    def test_merge_keeps_the_later_answer_with_the_other_behind_it(self):
        self.note(self.mill, self.credit, "Weak", noted_on="2020-01-01")
        self.note(self.works, self.credit, "Good", noted_on="2024-01-01")
        self.note(self.works, self.capacity, "900 t")
        self.reckon()
        self.merge(self.works, self.mill)
        facts = self.env["customer.profile.fact"].search(
            [("partner_id", "=", self.mill.id)]
        )
        self.assertEqual(
            {fact.topic_id: fact.value for fact in facts},
            {self.credit: "Good (before: Weak)", self.capacity: "900 t"},
        )
        kept = facts.filtered(lambda fact: fact.topic_id == self.credit)
        self.assertEqual(str(kept.noted_on), "2024-01-01")
        self.reckon([self.mill.id])
        self.assertEqual(self.known(self.mill), {self.mill: self.oracle(self.mill)})

    def test_merge_into_a_contact(self):
        """What is personal stays with the person, the rest goes to her company."""
        clerk = self.make_partner("Clerk", parent_id=self.works.id, is_company=False)
        family = self.note(self.eve, self.family, "Two children")
        credit = self.note(self.eve, self.credit, "Good")
        self.merge(self.eve, clerk)
        self.env.invalidate_all()
        self.assertEqual(family.partner_id, clerk)
        self.assertEqual(credit.partner_id, self.works)

    def test_merge_with_who_opted_out(self):
        self.note(self.eve, self.family, "Two children")
        quiet = self.make_partner("Quiet", is_company=False)
        quiet.category_id = self.env.ref("customer_value.category_no_profiling")
        self.merge(self.eve, quiet)
        self.assertFalse(quiet.value_profile_fact_ids)

    def test_deleted_with_the_contact_archived_is_not_asked(self):
        fact = self.note(self.eve, self.family, "Two children")
        self.reckon()
        self.mill.active = False
        self.reckon()
        self.assertNotIn(self.mill, self.known())
        self.eve.unlink()
        self.assertFalse(fact.exists())
        self.assertNotIn(self.eve, self.known(self.eve | self.works))

    # ------------------------------------------------------------------- rights

    def test_rights(self):
        fact = self.note(self.works, self.credit, "Good")
        self.reckon()
        rows = self.env["customer.profile.state"].search(
            [("partner_id", "=", self.works.id)]
        )
        self.assertEqual(fact.with_user(self.seller).value, "Good")
        fact.with_user(self.seller).value = "Better"
        self.assertEqual(fact.noted_by, self.seller)
        for record in (fact, rows):
            with self.assertRaises(AccessError):
                record.with_user(self.plain).read()
        for record, user in (
            (rows, self.manager),
            (self.firms, self.seller),
            (self.credit, self.seller),
        ):
            with self.assertRaises(AccessError):
                record.with_user(user).write({"sequence": 3})
        self.firms.with_user(self.manager).sequence = 3
        with self.assertRaises(AccessError):
            self.works.with_user(self.plain).read(["value_profile"])
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": str([("id", "!=", self.works.id)]),
            }
        )
        self.env.invalidate_all()
        for record in (fact, rows):
            with self.assertRaises(AccessError):
                record.with_user(self.seller).read()
        with self.assertRaises(AccessError):
            self.works.with_user(self.seller).value_profile_answer(
                self.firms.line_ids[1].id, "900 t"
            )

    def test_another_company(self):
        other = self.make_company("UTC")
        stranger = self.make_user(
            "other", "sales_team.group_sale_salesman_all_leads", company=other
        )
        fact = self.note(self.works, self.credit, "Good")
        self.reckon()
        with self.assertRaises(AccessError):
            fact.with_user(stranger).with_context(allowed_company_ids=other.ids).read()

        def works_of(user):
            context = {"allowed_company_ids": user.company_ids.ids}
            return self.works.with_user(user).with_context(**context)

        works = works_of(stranger)
        self.assertFalse(works.value_profile)
        self.assertEqual(works.value_profile_completeness, 0)
        self.assertFalse(works.value_profile_set_id)
        self.firms.company_id = False
        self.env.invalidate_all()
        works = works_of(stranger)
        self.assertEqual(works.value_profile["percent"], 11)  # the phone is shared

    def test_user_of_no_group_sees_the_form_as_before(self):
        form = Form(self.works.with_user(self.plain))
        self.assertNotIn("value_profile", form._view["fields"])
        form.phone = "99"
        form.save()

    def test_the_opportunity_asks(self):
        lead = self.env["crm.lead"].create(
            {"name": "Deal", "type": "opportunity", "partner_id": self.works.id}
        )
        self.assertEqual(
            lead.with_user(self.seller).value_profile_ask, self.credit.question
        )

    def asked_beside(self, record, user):
        panel = self.env["customer.touchpoint"].with_user(user)
        ask = panel.log_prepare(record._name, record.id)["ask"]
        return ask and (ask["partner"], ask["question"]["question"])

    def test_the_log_panel_asks_what_can_be_answered_there(self):
        """The heaviest question, where the document leads, that the user may answer."""
        clerk = self.make_partner("Clerk", parent_id=self.works.id, is_company=False)
        order = self.make_order(clerk, confirm=False)
        asked = (self.works.id, self.credit.question)
        self.assertEqual(self.asked_beside(order, self.seller), asked)
        self.note(self.works, self.credit, "Good")
        self.note(self.works, self.capacity, "900 t")
        self.works.color = 3
        self.assertFalse(self.asked_beside(order, self.seller), "industry: on the form")
        self.firms.line_ids = [Command.create(self.line("comment", 1))]
        self.firms.line_ids = [Command.create(self.line("city", 1))]
        self.assertEqual(self.asked_beside(order, self.seller), (self.works.id, "City"))
        self.seller.group_ids -= self.env.ref("base.group_partner_manager")
        self.assertTrue(self.works.with_user(self.seller).has_access("read"))
        may = self.works.with_user(self.seller).has_access("write")
        self.assertEqual(bool(self.asked_beside(order, self.seller)), may)
        self.assertFalse(self.asked_beside(self.foreign, self.seller))

    # ------------------------------------------------------------ configuration

    @mute_logger("odoo.sql_db")
    def test_bad_input_is_refused(self):
        for field in ("property_account_receivable_id", "signup_type", "child_ids"):
            with self.refused("cannot be asked for"):
                self.firms.line_ids = [Command.create(self.line(field, 1))]
        with self.refused("cannot be read"):
            self.firms.domain = "[('no_such_field', '=', 1)]"
        self.note(self.works, self.credit, "Good")
        with self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            self.note(self.works, self.credit, "Twice")

    def test_ready_sets_and_source(self):
        for code, count in (("business", 8), ("person", 7)):
            ready = self.env.ref(f"customer_value.profile_set_{code}")
            self.assertEqual(len(ready.line_ids), count)
            ready.active = True
        self.firms.unlink()
        self.people.unlink()
        self.reckon()
        self.assertEqual(
            self.known(),
            {
                self.works: (7, 7),
                self.mill: (0, 8),
                self.foreign: (0, 8),
                self.eve: (0, 7),
            },
        )
        source = self.env.ref("customer_value.source_profile_completeness")
        self.assertTrue(source.available, source.unavailable_reason)

    def test_an_indicator_scores_by_it(self):
        model = self.make_model(
            [
                {
                    "source": "profile_completeness",
                    "aggregate": "max",
                    "window": (0, "month"),
                    "scale": "interpolated",
                    "bands": ((0, 0), (100, 100)),
                }
            ],
            domain=[("function", "=", "ASKED")],
        )
        self.reckon()
        self.score(model)
        self.assertEqual(
            [round(one["score"]) for one in self._scores(model)], [11, 22, 0]
        )
        self.note(self.works, self.credit, "Good")
        self.score_dirty()
        self.score_dirty()  # whose completeness changed is scored again
        self.assertEqual(
            [round(one["score"]) for one in self._scores(model)], [44, 22, 0]
        )

    def _scores(self, model):
        scores = self.env["customer.value.score"].search([("model_id", "=", model.id)])
        found = {row.partner_id: row for row in scores}
        return [found[partner] for partner in self.asked]


@tagged("post_install", "-at_install")
class TestProfileTour(HttpCase, ProfileCommon):
    def test_an_answer_in_two_clicks(self):
        self.start_tour(
            f"/odoo/contacts/{self.eve.id}",
            "customer_value_profile_answer",
            login=self.seller.login,
        )
        self.assertEqual(
            self.eve.value_profile_fact_ids.mapped("value"), ["Two children"]
        )

    def touches(self):
        touches = self.env["customer.touchpoint"].search(
            [("partner_id", "=", self.eve.id)], order="id"
        )
        return [(touch.note, touch.clicks) for touch in touches]

    def test_asked_while_a_touch_is_logged(self):
        """One question, answered by Enter or put off; logging costs no click more."""
        self.start_tour(
            f"/odoo/contacts/{self.eve.id}",
            "customer_value_touch_ask",
            login=self.seller.login,
        )
        self.assertEqual(self.touches(), [("Called about the shelf", 1)])
        self.assertEqual(
            self.eve.value_profile_fact_ids.mapped("value"), ["Two children"]
        )

    def test_the_question_may_be_left_alone(self):
        self.start_tour(
            f"/odoo/contacts/{self.eve.id}",
            "customer_value_touch_ask_left_alone",
            login=self.seller.login,
        )
        self.assertEqual(self.touches(), [("", 2), ("Nothing new", 1)])
        self.assertEqual(
            self.eve.value_profile_fact_ids.mapped("value"), ["Three cats"]
        )
