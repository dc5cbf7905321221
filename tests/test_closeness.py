from datetime import datetime, timedelta
from random import Random

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import BaseCase, Form, new_test_user, tagged

from ..tools.closeness import DAYS, DEPTHS, Contacts, closeness, level, tie
from .common import CustomerValueCommon


@tagged("post_install", "-at_install")
class TestFormula(BaseCase):
    """Properties of ``tools/closeness.py`` over random contacts."""

    def _draw(self, number):
        draw = Random(number)
        days = draw.randrange(0, 60)
        return Contacts(
            silence=draw.randrange(0, 900),
            days=days,
            days_in=draw.randrange(0, days + 1),
            days_out=draw.randrange(0, days + 1),
            depth=draw.randrange(0, 5),
        )

    def test_between_0_and_100(self):
        for number in range(500):
            self.assertIn(closeness(self._draw(number)), range(101))
        everything = Contacts(0, 10_000, 10_000, 10_000, 4)
        self.assertEqual(closeness(everything), 100)
        self.assertEqual(closeness(Contacts(10_000, 9, 9, 9, 4)), 0)

    def test_every_input_has_its_way(self):
        """More contact never lowers, more silence never raises."""
        for number in range(500):
            some = self._draw(number)
            before = closeness(some)
            for name in ("days", "days_in", "days_out", "depth"):
                more = some._replace(**{name: min(getattr(some, name) + 1, 60)})
                if more.depth in (0, *DEPTHS):
                    self.assertGreaterEqual(closeness(more), before, (some, name))
            later = some._replace(silence=some.silence + 30)
            self.assertLessEqual(closeness(later), before, some)

    def test_every_input_matters(self):
        usual = Contacts(20, 6, 3, 3, 3)
        for change in (
            {"silence": 60},
            {"days": 12},
            {"days_in": 1},
            {"days_out": 1},
            {"depth": 1},
        ):
            self.assertNotEqual(closeness(usual._replace(**change)), closeness(usual))

    def test_unknown_is_unknown(self):
        nobody = Contacts(None)
        self.assertIsNone(closeness(nobody))
        self.assertIsNone(level(None))
        self.assertIsNone(tie(nobody))

    def test_in_words(self):
        """A visit a month both ways; one a quarter; a mail; a mail long ago."""
        told = [
            (level(closeness(some)), tie(some))
            for some in (
                Contacts(15, 12, 12, 12, 4),
                Contacts(45, 4, 4, 4, 4),
                Contacts(10, 1, 0, 1, 1),
                Contacts(400, 0, 0, 0, 0),
            )
        ]
        self.assertEqual(
            told,
            [
                ("very_good", "strong"),
                ("good", "strong"),
                ("fair", "weak"),
                ("none", "sleeping"),
            ],
        )

    def test_one_way_is_never_strong(self):
        sends = Contacts(0, 365, 0, 365, 4)
        self.assertEqual(level(closeness(sends)), "very_good")
        self.assertEqual(tie(sends), "weak")

    def test_edges_are_inclusive(self):
        self.assertEqual(
            [level(score) for score in (60, 59, 35, 34, 5, 4, 0)],
            ["very_good", "good", "good", "fair", "fair", "none", "none"],
        )


class ClosenessCommon(CustomerValueCommon):
    """Two of us, and makers of contacts of each kind."""

    tz = "UTC"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana, cls.ben = (
            cls.make_user(login, "sales_team.group_sale_salesman_all_leads")
            for login in ("ana", "ben")
        )
        cls.boss = cls.make_user("boss", "customer_value.group_manager")
        cls.model = cls.make_model([], domain=[("id", "=", 0)])
        cls.today = cls.model._today()

    @classmethod
    def make_user(cls, login, *groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            f"closeness.{login}",
            ",".join((*groups, "base.group_partner_manager")),
            name=login.title(),
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def back(cls, days, hour=10):
        day = cls.today - timedelta(days=days)
        return datetime(day.year, day.month, day.day, hour)

    @classmethod
    def meet(cls, partner, user, days, hour=10, **vals):
        start = cls.back(days, hour)
        event = cls.env["calendar.event"].create(
            {
                "name": "Visit",
                "start": start,
                "stop": start + timedelta(hours=1),
                "user_id": user.id,
                "partner_ids": [Command.set((user.partner_id | partner).ids)],
                **vals,
            }
        )
        event.attendee_ids.state = "accepted"
        return event

    @classmethod
    def call(cls, record, user, days):
        call = record.activity_schedule(
            "mail.mail_activity_data_call", user_id=user.id, summary="Call"
        )
        call.action_feedback()
        call.date_done = cls.back(days).date()
        return call

    @classmethod
    def write_to(cls, record, user, partner, days, hour=9, **vals):
        message = record.with_user(user).message_post(
            body="Hello",
            subject="Hello",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=partner.ids,
            **vals,
        )
        message.sudo().date = cls.back(days, hour)
        return message

    @classmethod
    def hear_from(cls, record, partner, days, hour=9, kind="email"):
        message = record.message_post(
            body="Thanks",
            subject="Thanks",
            message_type=kind,
            subtype_xmlid="mail.mt_comment",
            author_id=partner.id,
        )
        message.date = cls.back(days, hour)
        return message

    @classmethod
    def update(cls, ids=None, company=None, as_of=None):
        cls.env["customer.closeness"]._update(
            company or cls.company, as_of or cls.today, ids
        )

    @classmethod
    def row(cls, partner, company=None):
        return cls.env["customer.closeness"].search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", (company or cls.company).id),
            ]
        )

    @classmethod
    def ties(cls, partner):
        """``{user: tie}``."""
        ties = cls.env["customer.closeness.tie"].search(
            [("partner_id", "=", partner.id), ("company_id", "=", cls.company.id)]
        )
        return {one.user_id: one for one in ties}


@tagged("post_install", "-at_install")
class TestCloseness(ClosenessCommon):
    def expected(self, contacts):
        """What plain Python makes of ``(days ago, direction, depth)``."""
        if not contacts:
            return None
        year = [one for one in contacts if one[0] < DAYS]
        known = Contacts(
            silence=min(ago for ago, __, __ in contacts),
            days=len({ago for ago, __, __ in year}),
            days_in=len({ago for ago, way, __ in year if way in ("in", "both")}),
            days_out=len({ago for ago, way, __ in year if way in ("out", "both")}),
            depth=max((depth for *__, depth in year), default=0),
        )
        return closeness(known), level(closeness(known)), tie(known), *known[1:]

    def found(self, row):
        names = ("score", "level", "tie", "days", "days_in", "days_out", "depth")
        return tuple(row[name] for name in names) if row else None

    def test_against_plain_python(self):
        """Thirty customers with random contacts; the whole, and each of us."""
        draw = Random(17)
        users = [self.ana, self.ben]
        told = {}
        for __ in range(30):
            partner = self.make_partner(email="a@example.com", user_id=self.ana.id)
            told[partner] = []
            for __ in range(draw.randrange(0, 7)):
                user = draw.choice(users)
                ago = draw.choice([1, 2, 2, 30, 90, 200, 364, 365, 700])
                kind = draw.choice(["meet", "call", "out", "in", "portal"])
                if kind == "meet":
                    self.meet(partner, user, ago)
                    told[partner].append((user, ago, "both", 4))
                elif kind == "call":
                    self.call(partner, user, ago)
                    told[partner].append((user, ago, "both", 3))
                elif kind == "out":
                    self.write_to(partner, user, partner, ago)
                    told[partner].append((user, ago, "out", 1))
                elif kind == "in":
                    self.hear_from(partner, partner, ago)
                    told[partner].append((self.ana, ago, "in", 1))
                else:
                    self.hear_from(partner, partner, ago, kind="comment")
                    told[partner].append((self.ana, ago, "in", 2))
        self.update()
        for partner, contacts in told.items():
            everyone = [one[1:] for one in contacts]
            self.assertEqual(self.found(self.row(partner)), self.expected(everyone))
            ties = self.ties(partner)
            for user in users:
                own = [one[1:] for one in contacts if one[0] == user]
                self.assertEqual(
                    self.found(ties.get(user)), self.expected(own), contacts
                )

    def test_few_and_all_alike(self):
        partners = [self.make_partner(email="b@example.com") for __ in range(4)]
        for number, partner in enumerate(partners[1:]):
            self.meet(partner, self.ana, number)
            self.write_to(partner, self.ben, partner, 3)
        self.update()
        query = (
            "SELECT partner_id, score, level, tie, last_date, last_kind, last_user_id "
            "FROM customer_closeness WHERE company_id = %s ORDER BY partner_id"
        )
        self.env.cr.execute(query, [self.company.id])
        everybody = self.env.cr.fetchall()
        self.assertEqual(len(everybody), 3)
        self.env.cr.execute("DELETE FROM customer_closeness")
        self.update({partner.id for partner in partners})
        self.env.cr.execute(query, [self.company.id])
        self.assertEqual(self.env.cr.fetchall(), everybody)

    def test_last_contact_moves_with_a_meeting(self):
        partner = self.make_partner(email="c@example.com")
        person = self.make_partner("Cleo", parent_id=partner.id)
        self.call(partner, self.ben, 40)
        self.score_dirty()
        self.assertEqual(partner.value_last_contact_kind, "call")
        self.assertEqual(partner.value_last_contact_user_id, self.ben)
        before = partner.value_closeness
        meeting = self.meet(person, self.ana, 2)
        self.score_dirty()
        self.assertEqual(partner.value_last_contact_kind, "meeting")
        self.assertEqual(partner.value_last_contact_user_id, self.ana)
        self.assertEqual(partner.value_last_contact_date, meeting.start)
        self.assertEqual(person.value_last_contact_date, meeting.start)
        self.assertGreater(partner.value_closeness, before)
        meeting.active = False
        self.score_dirty()
        self.assertEqual(partner.value_last_contact_kind, "call")
        self.assertEqual(partner.value_closeness, before)

    def test_what_is_no_contact(self):
        """Planned, declined, for him but not with him, by machine, not delivered."""
        partner = self.make_partner(email="d@example.com")
        lead = self.make_lead(partner)
        self.meet(partner, self.ana, -3)
        refused = self.meet(partner, self.ana, 3)
        refused.attendee_ids.filtered(
            lambda one: one.partner_id == partner
        ).state = "declined"
        work = lead.activity_schedule("mail.mail_activity_data_todo")
        work.action_feedback()
        lead.activity_schedule("mail.mail_activity_data_call", user_id=self.ana.id)
        for kind in ("notification", "auto_comment", "email_outgoing"):
            lead.message_post(
                body="Notice",
                message_type=kind,
                subtype_xmlid="mail.mt_comment",
                partner_ids=partner.ids,
                author_id=self.ana.partner_id.id,
            )
        lead.with_user(self.ana).message_post(body="Note")
        lost = self.write_to(lead, self.ana, partner, 1)
        lost.sudo().notification_ids.notification_status = "bounce"
        self.update()
        self.assertFalse(self.row(partner))
        self.assertFalse(partner.value_contact)
        self.assertFalse(partner.value_closeness_level)
        lost.sudo().notification_ids.notification_status = "sent"
        self.update()
        self.assertEqual(self.row(partner).last_kind, "mail")

    def test_meetings_that_are_over(self):
        """Nothing is written when a meeting ends: the hour marks its guests."""
        partner = self.make_partner()
        event = self.meet(partner, self.ana, 1)
        now = self.env.cr.now().replace(microsecond=0)
        event.write({"start": now - timedelta(hours=2), "stop": now})
        self.forget_marks()
        self.env["customer.closeness"]._cron_meetings()
        self.assertIn(partner, self.marked_customers())

    def test_silence_loosens(self):
        partner = self.make_partner()
        for ago in (3, 33, 63, 93):
            self.meet(partner, self.ana, ago)
        self.update()
        self.assertEqual(partner.value_tie, "strong")
        scores = [partner.value_closeness]
        for months in (3, 6, 24):
            self.update(as_of=self.today + timedelta(days=30 * months))
            scores.append(partner.value_closeness)
        self.assertEqual(scores, sorted(scores, reverse=True))
        self.assertEqual(partner.value_tie, "sleeping")

    def test_writes_only_what_changed(self):
        partner = self.make_partner()
        self.meet(partner, self.ana, 3)
        self.update()
        self.env.cr.execute("SELECT xmin::text, ctid::text FROM customer_closeness")
        before = self.env.cr.fetchall()
        self.update()
        self.env.cr.execute("SELECT xmin::text, ctid::text FROM customer_closeness")
        self.assertEqual(self.env.cr.fetchall(), before)

    def test_companies(self):
        """A company's documents are its own; a meeting is where our person works."""
        other = self.make_company("UTC")
        cat = self.make_user("cat", "customer_value.group_user", company=other)
        shared = self.make_partner(company_id=False, email="e@example.com")
        self.meet(shared, self.ana, 5)
        self.make_model([], domain=[("id", "=", 0)], company=other)
        for company in (self.company, other):
            self.update(company=company)
        self.assertEqual(self.row(shared).last_user_id, self.ana)
        self.assertFalse(self.row(shared, other))
        self.meet(shared, cat, 1)
        for company in (self.company, other):
            self.update(company=company)
        self.assertEqual(self.row(shared).last_user_id, self.ana)
        self.assertEqual(self.row(shared, other).last_user_id, cat)
        rows = self.env["customer.closeness"].with_user(cat)
        rows = rows.with_context(allowed_company_ids=other.ids).search([])
        self.assertEqual(rows.company_id, other)

    def test_merge(self):
        kept, gone = self.make_partner(), self.make_partner()
        self.meet(kept, self.ana, 30)
        self.meet(gone, self.ben, 2)
        self.update()
        self.env["base.partner.merge.automatic.wizard"]._merge((kept | gone).ids, kept)
        self.assertFalse(gone.exists())
        self.score_dirty()
        self.assertEqual(self.row(kept).last_user_id, self.ben)
        self.assertEqual(self.row(kept).days, 2)
        self.assertEqual(set(self.ties(kept)), {self.ana, self.ben})

    def test_archived_contacts_count(self):
        partner = self.make_partner()
        person = self.make_partner("Dora", parent_id=partner.id)
        self.meet(person, self.ana, 4)
        person.active = False
        self.update()
        self.assertEqual(self.row(partner).last_user_id, self.ana)

    def test_the_robot_holds_no_ties(self):
        partner = self.make_partner()
        robot = self.env.ref("base.user_root")
        self.meet(partner, robot, 4)
        self.update()
        self.assertTrue(self.row(partner))
        self.assertFalse(self.ties(partner))

    # ------------------------------------------------------------- lists and form

    def test_sorted_filtered_grouped(self):
        near, far, never = (self.make_partner() for __ in range(3))
        self.meet(near, self.ana, 2)
        self.call(far, self.ben, 100)
        self.update()
        partners = self.env["res.partner"].with_user(self.ana)
        here = [("id", "in", (near | far | never).ids)]
        for order, expected in (
            ("value_last_contact_date desc", near | far | never),
            ("value_last_contact_date", far | near | never),
            ("value_closeness desc", near | far | never),
        ):
            found = partners.search(here, order=order)
            self.assertEqual(found.ids, expected.ids, order)
        for condition, expected in (
            (("value_last_contact_date", "<", "-60d"), far),
            (("value_last_contact_user_id", "=", self.ana.id), near),
            (("value_closeness_id", "=", False), never),
            (("value_tie", "=", False), never),
        ):
            self.assertEqual(partners.search([*here, condition]).ids, expected.ids)
        grouped = partners._read_group(here, ["value_last_contact_kind"], ["__count"])
        self.assertEqual(
            {kind: count for kind, count in grouped},
            {"meeting": 1, "call": 1, False: 1},
        )

    def test_a_list_asks_a_constant_number_of_queries(self):
        partners = self.env["res.partner"].union(
            *(self.make_partner() for __ in range(20))
        )
        for partner in partners:
            self.meet(partner, self.ana, 2)
        self.update()
        names = ["value_last_contact_date", "value_last_contact_kind", "value_tie"]

        def queries(some):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.with_user(self.ana).read(names)
            return self.env.cr.sql_log_count - before

        queries(partners)
        self.assertEqual(queries(partners[:2]), queries(partners))

    def test_what_the_form_says(self):
        partner = self.make_partner("Epsilon")
        order = self.make_order(partner, confirm=False, user_id=self.ben.id)
        partner.email = "epsilon@example.com"
        self.write_to(order, self.ben, partner, 1)
        self.update()
        contact = partner.with_user(self.ana).value_contact
        self.assertEqual(contact["user"]["name"], "Ben")
        self.assertEqual(contact["opens"], {"model": "sale.order", "id": order.id})
        self.assertEqual([one["name"] for one in contact["known_by"]], ["Ben"])
        own = self.make_user("own", "sales_team.group_sale_salesman")
        contact = partner.with_user(own).value_contact
        self.assertFalse(contact["opens"])
        with Form(partner.with_user(self.ana)) as form:
            self.assertEqual(form.value_contact["kind"], "E-mail")

    def test_of_people(self):
        company = self.make_partner()
        one, two = (
            self.make_partner(name, parent_id=company.id) for name in ("One", "Two")
        )
        self.meet(one, self.ana, 3)
        self.meet(two, self.ben, 30)
        found = self.env["customer.closeness"]._of_people((one | two).ids)
        self.assertEqual(set(found), {(one.id, self.ana.id), (two.id, self.ben.id)})
        score, last = found[one.id, self.ana.id]
        self.assertEqual(score, closeness(Contacts(3, 1, 1, 1, 4)))
        self.assertEqual(last, self.back(3))
        self.assertEqual(self.env["customer.closeness"]._of_people([]), {})

    # -------------------------------------------------------------------- rights

    def test_rights(self):
        partner = self.make_partner()
        self.meet(partner, self.ana, 3)
        self.meet(partner, self.ben, 3)
        self.update()
        plain = self.make_user("plain", "base.group_user")
        row = self.row(partner)
        self.assertEqual(row.with_user(self.ana).tie, "weak")
        with self.assertRaises(AccessError):
            row.with_user(self.ana).write({"score": 100})
        with self.assertRaises(AccessError):
            row.with_user(plain).read(["score"])
        with self.assertRaises(AccessError):
            partner.with_user(plain).read(["value_last_contact_date"])
        for name in ("customer.value.contact",):
            with self.assertRaises(AccessError):
                self.env[name].with_user(self.boss).search([])
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": str([("id", "!=", partner.id)]),
            }
        )
        for name in ("customer.closeness", "customer.closeness.tie"):
            found = self.env[name].with_user(self.ana)
            self.assertFalse(found.search([("partner_id", "=", partner.id)]), name)

    def test_load(self):
        """Own for users, all for managers; in words when it is too much."""
        self.company.value_tie_capacity = 2
        for number in range(3):
            self.meet(self.make_partner(), self.ana, number)
        self.meet(self.make_partner(), self.ben, 1)
        self.call(self.make_partner(), self.ben, 800)
        self.update()
        loads = self.env["customer.closeness.load"]
        here = [("company_id", "=", self.company.id)]
        self.assertEqual(loads.with_user(self.ana).search(here).user_id, self.ana)
        of = {load.user_id: load for load in loads.with_user(self.boss).search(here)}
        self.assertEqual((of[self.ana].held, of[self.ana].state), (3, "over"))
        self.assertEqual(of[self.ana].words, "1 too many: hand some over")
        self.assertEqual((of[self.ben].held, of[self.ben].sleeping), (1, 1))
        self.assertEqual(of[self.ben].state, "room")
        self.assertEqual(of[self.ben].words, "Room for 1 more")
        action = of[self.ana].action_open_ties()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(len(found), 3)

    def test_capacity(self):
        with self.refused("one tie at least"):
            self.company.value_tie_capacity = 0

    def test_sources(self):
        """Value models can use contacts and closeness."""
        partner = self.make_partner()
        for ago in (3, 40):
            self.meet(partner, self.ana, ago)
        self.update()
        model = self.make_model(
            [
                {"code": "contacts", "source": "contacts", "aggregate": "count"},
                {
                    "code": "closeness",
                    "source": "closeness",
                    "aggregate": "max",
                    "window": (0, "month"),
                },
            ],
            partners=partner,
        )
        result = self.results(model, partner)[partner.id]
        raw = {one.code: self.measure(result, one)[0] for one in model.indicator_ids}
        self.assertEqual(raw["contacts"], 2)
        self.assertEqual(raw["closeness"], self.row(partner).score)
