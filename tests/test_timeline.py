from datetime import datetime

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models.customer_timeline import Asked
from .test_closeness import ClosenessCommon

SOFT = {
    "event.registration": "registration",
    "survey.user_input": "survey",
    "rating.rating": "rating",
}


@tagged("post_install", "-at_install")
class TestTimeline(ClosenessCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.make_user(
            "clerk",
            "sales_team.group_sale_manager",
            "account.group_account_invoice",
            "point_of_sale.group_pos_manager",
        )
        for model_name, group in (
            ("event.registration", "event.group_event_manager"),
            ("survey.user_input", "survey.group_survey_manager"),
        ):
            if model_name in cls.env:
                cls.clerk.group_ids += cls.env.ref(group)
        cls.partner = cls.make_partner("Zeta Works", email="zeta@example.com")
        cls.person = cls.make_partner(
            "Zoe", parent_id=cls.partner.id, email="zoe@example.com"
        )

    # ------------------------------------------------------------------- reading

    def page(self, partner=None, user=None, after=None, limit=200, **asked):
        partner = partner or self.partner
        self.env.flush_all()
        self.env.invalidate_all()
        return partner.with_user(user or self.clerk).value_timeline(asked, after, limit)

    def told(self, partner=None, user=None, limit=200, **asked):
        """All entries, page by page."""
        page = self.page(partner, user, limit=limit, **asked)
        entries = page["entries"]
        while page["after"]:
            page = self.page(partner, user, page["after"], limit, **asked)
            keys = {entry["key"] for entry in entries}
            self.assertFalse(keys & {entry["key"] for entry in page["entries"]})
            entries += page["entries"]
        return entries

    def found(self, user):
        """Keys as the statement finds them, before the page is read by the ORM."""
        self.env.flush_all()
        timeline = self.env["customer.timeline"].with_user(user)
        rows = timeline._rows(Asked(self.partner._timeline_contacts()), 500)
        return {
            f"{timeline._kinds()[position].code},{record_id}"
            for __, position, record_id in rows
        }

    def keys(self, *args, **asked):
        return [entry["key"] for entry in self.told(*args, **asked)]

    def kinds(self, *args, **asked):
        return {entry["kind"] for entry in self.told(*args, **asked)}

    @classmethod
    def write_story(cls, partner=None, person=None, past=True):
        """One of each kind; ``{key: (moment or day, amount)}``."""
        partner, person = partner or cls.partner, person or cls.person
        order = cls.make_order(person, ((1, 100.0),), when=cls.back(100))
        invoice = cls.make_invoice(partner, 80, cls.back(90).date())
        payment = cls.pay(invoice, cls.back(80).date(), 30)
        note = cls.credit(invoice, cls.back(70).date(), 20)
        till = cls.ring_up(cls.open_till(), person, ((1, 40.0),), when=cls.back(60))
        lead = cls.make_lead(partner, 500)
        meeting = cls.meet(person, cls.ana, 50)
        call = cls.call(lead, cls.ana, 40)
        sent = cls.write_to(order, cls.ana, person, 30)
        heard = cls.hear_from(lead, person, 20)
        story = {
            f"order,{order.id}": (order.date_order, 100),
            f"invoice,{invoice.id}": (invoice.invoice_date, 80),
            f"payment,{payment.id}": (payment.date, 30),
            f"invoice,{note.id}": (note.invoice_date, -20),
            f"till,{till.id}": (till.date_order, 40),
            f"opportunity,{lead.id}": (lead.create_date, 500),
            f"meeting,{meeting.id}": (meeting.start, None),
            f"activity,{call.id}": (call.date_done, None),
            f"mail,{sent.id}": (sent.date, None),
            f"mail,{heard.id}": (heard.date, None),
        }
        story |= cls.write_soft_story(person)
        return story | cls.write_past(partner) if past else story

    @classmethod
    def write_soft_story(cls, person):
        """What the modules that happen to be installed bring."""
        story = {}
        if "event.registration" in cls.env:
            event = cls.env["event.event"].create(
                {
                    "name": "Fair",
                    "date_begin": cls.back(5),
                    "date_end": cls.back(4),
                    "company_id": cls.company.id,
                }
            )
            one = cls.env["event.registration"].create(
                {"event_id": event.id, "partner_id": person.id}
            )
            story[f"registration,{one.id}"] = (one.create_date, None)
        if "survey.user_input" in cls.env:
            survey = cls.env["survey.survey"].create({"title": "How was it?"})
            one = cls.env["survey.user_input"].create(
                {
                    "survey_id": survey.id,
                    "partner_id": person.id,
                    "state": "done",
                    "end_datetime": cls.back(15),
                }
            )
            story[f"survey,{one.id}"] = (one.end_datetime, None)
        if "customer.touchpoint" in cls.env:
            one = cls.env["customer.touchpoint"].create(
                {
                    "partner_id": person.id,
                    "kind": "visit",
                    "date": cls.back(26),
                    "note": "Showed the new range",
                }
            )
            story[f"touchpoint,{one.id}"] = (one.date, None)
        if "customer.feedback" in cls.env:
            one = cls.env["customer.feedback"].create(
                {"partner_id": person.id, "subject": "Too loud", "date": cls.back(25)}
            )
            story[f"feedback,{one.id}"] = (one.date, None)
        if "customer.referral" in cls.env:
            one = cls.env["customer.referral"].create(
                {
                    "referrer_id": person.id,
                    "referred_id": cls.make_partner().id,
                    "date": cls.back(24).date(),
                }
            )
            story[f"referral,{one.id}"] = (one.date, None)
        if "rating.rating" in cls.env:
            one = cls.env["rating.rating"].create(
                {
                    "res_model_id": cls.env["ir.model"]._get_id("res.partner"),
                    "res_id": person.id,
                    "partner_id": person.id,
                    "rating": 5,
                    "consumed": True,
                }
            )
            one.rated_on = cls.back(14)
            story[f"rating,{one.id}"] = (one.rated_on, None)
        return story

    @classmethod
    def write_past(cls, partner):
        """A stage, and a tier that moved once in three days."""
        stage = cls.env["customer.loyalty.stage"].search([], limit=1)
        step = cls.env["customer.loyalty.history"].create(
            {
                "partner_id": partner.id,
                "company_id": cls.company.id,
                "stage_id": stage.id,
                "date": cls.back(13).date(),
            }
        )
        story = {f"stage,{step.id}": (step.date, None)}
        model = cls.make_model(
            [], tiers=(("low", {}), ("high", {})), domain=[("id", "=", 0)]
        )
        low, high = model.tier_ids.sorted("sequence")
        for ago, tier, moved in ((12, low, True), (11, low, False), (10, high, True)):
            row = cls.env["customer.value.history"].create(
                {
                    "partner_id": partner.id,
                    "company_id": cls.company.id,
                    "model_id": model.id,
                    "date": cls.back(ago).date(),
                    "tier_id": tier.id,
                }
            )
            if moved:
                story[f"tier,{row.id}"] = (row.date, None)
        return story

    # --------------------------------------------------------------------- kinds

    def test_every_kind_once(self):
        story = self.write_story()
        told = self.told()
        self.assertEqual(sorted(entry["key"] for entry in told), sorted(story))
        for entry in told:
            when, amount = story[entry["key"]]
            moment = datetime.fromisoformat(entry["moment"])
            if entry["is_day"]:
                self.assertEqual(moment, datetime(when.year, when.month, when.day))
            else:
                self.assertEqual(moment, when.replace(microsecond=0))
            self.assertEqual(entry["amount"], amount, entry)
            self.assertTrue(entry["title"], entry)
        moments = [entry["moment"] for entry in told]
        self.assertEqual(moments, sorted(moments, reverse=True))
        wanted = {kind for model, kind in SOFT.items() if model in self.env}
        self.assertLessEqual(wanted, {entry["kind"] for entry in told})

    def test_every_declared_kind_is_told_or_not_installed(self):
        self.write_story()
        told = self.kinds()
        timeline = self.env["customer.timeline"].with_user(self.clerk)
        for kind in timeline._readable_kinds().values():
            self.assertIn(kind.code, told)
        for kind in timeline._kinds():
            if kind.model not in self.env:
                self.assertNotIn(kind, timeline._readable_kinds().values())
                continue
            model = self.env[kind.model]
            names = (kind.date, kind.title, kind.note, kind.amount, kind.state)
            names += (kind.person, kind.user, *kind.partner, *(kind.opens or ()))
            for name in filter(None, names):
                self.assertIn(name, model._fields, kind.code)
            self.assertTrue(model._fields[kind.date].store)
            for path in kind.text:
                self.assertIn(path.split(".")[0], model._fields, kind.code)

    def test_who_and_which_way(self):
        self.write_story()
        by_kind = {entry["kind"]: entry for entry in self.told()}
        order = by_kind["order"]
        self.assertEqual(order["person"]["name"], "Zoe")
        self.assertEqual(order["opens"]["model"], "sale.order")
        call = by_kind["activity"]
        self.assertEqual(call["user"]["name"], "Ana")
        self.assertEqual(call["opens"]["model"], "crm.lead")
        received, sent = (one for one in self.told() if one["kind"] == "mail")
        self.assertEqual((received["direction"], sent["direction"]), ("in", "out"))
        self.assertEqual(received["person"]["name"], "Zoe")
        self.assertEqual(sent["user"]["name"], "Ana")
        self.assertFalse(by_kind["tier"]["opens"])

    def test_refunds_are_negative(self):
        invoice = self.make_invoice(self.partner, 80, self.back(9).date())
        note = self.credit(invoice, self.back(8).date())
        till = self.ring_up(self.open_till(), self.person, ((2, 10.0),))
        back = self.take_back(till)
        amounts = {entry["key"]: entry["amount"] for entry in self.told()}
        self.assertEqual(amounts[f"invoice,{note.id}"], -80)
        self.assertEqual(amounts[f"till,{back.id}"], -20)
        labels = {entry["key"]: entry["label"] for entry in self.told()}
        self.assertEqual(labels[f"invoice,{note.id}"], "Credit note")
        self.assertEqual(labels[f"till,{back.id}"], "Till return")

    def test_amounts_in_their_currency(self):
        self.set_rate(self.company, "USD", "2000-01-01", 2)
        dollars = self.make_pricelist(self.company, "USD")
        order = self.make_order(self.partner, pricelist_id=dollars.id)
        [entry] = self.told()
        self.assertEqual(entry["currency_id"], self.env.ref("base.USD").id)
        self.assertEqual(entry["amount"], order.amount_total)

    def test_a_meeting_planned_as_an_activity_comes_once(self):
        event = self.meet(self.person, self.ana, 3)
        planned = self.partner.activity_schedule(
            "mail.mail_activity_data_meeting", calendar_event_id=event.id
        )
        planned.action_feedback()
        self.assertEqual(self.keys(), [f"meeting,{event.id}"])

    # ------------------------------------------------------------------ customer

    def test_the_whole_company_or_one_person(self):
        story = self.write_story()
        self.assertEqual(set(self.keys(self.person)), set(story))
        other = self.make_partner("Yan", parent_id=self.partner.id)
        self.assertEqual(set(self.keys(other)), set(story))
        self.assertEqual(self.keys(other, alone=True), [])
        alone = self.kinds(self.person, alone=True)
        self.assertIn("order", alone)
        self.assertNotIn("opportunity", alone)
        self.assertEqual(self.page(other)["contact"], "Yan")
        self.assertEqual(self.page(other)["customer"], "Zeta Works")
        stranger = self.make_partner("Xi Works")
        self.assertEqual(self.keys(stranger), [])

    def test_archived_contacts_keep_their_documents(self):
        story = self.write_story()
        self.person.active = False
        self.assertEqual(set(self.keys()), set(story))

    def test_lost_opportunities_stay(self):
        lead = self.make_lead(self.partner, 10)
        lead.action_set_lost()
        self.assertFalse(lead.active)
        [entry] = self.told()
        self.assertEqual(entry["state"], "Lost")

    def test_merge(self):
        story = self.write_story()
        kept = self.make_partner("Kept Works", email="kept@example.com")
        order = self.make_order(kept)
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge._merge((kept | self.partner).ids, kept)
        self.assertEqual(self.person.commercial_partner_id, kept)
        told = set(self.keys(kept))
        # Histories of others are told with them, not with who they were merged into.
        past = {key for key in story if key.split(",")[0] in ("stage", "tier")}
        self.assertLessEqual({*story, f"order,{order.id}"} - past, told)
        self.assertFalse(past & told)

    # -------------------------------------------------------------------- paging

    def test_pages_lose_and_repeat_nothing(self):
        """Many in the same second, of several kinds; against all of them sorted."""
        self.write_story()
        moment = self.back(33)
        for __ in range(7):
            self.make_order(self.partner, when=moment, confirm=False)
            lead = self.make_lead(self.partner, 1)
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE crm_lead SET create_date = %s WHERE id = %s", [moment, lead.id]
            )
        everything = self.keys()
        self.assertEqual(len(everything), len(set(everything)))
        self.assertGreater(len(everything), 24)
        for limit in (1, 3, 5, len(everything) - 1, len(everything)):
            self.assertEqual(self.keys(limit=limit), everything, limit)

    def test_the_order_is_that_of_a_plain_sort(self):
        story = self.write_story()
        positions = {
            kind.code: position
            for position, kind in enumerate(self.env["customer.timeline"]._kinds())
        }

        def place(item):
            key, (when, __) = item
            code, number = key.split(",")
            moment = datetime(*when.timetuple()[:6])
            if isinstance(when, datetime):
                moment = when
            return moment, positions[code], int(number)

        plain = [key for key, __ in sorted(story.items(), key=place, reverse=True)]
        self.assertEqual(self.keys(), plain)

    def test_what_comes_meanwhile_moves_no_page(self):
        for number in range(6):
            self.make_order(self.partner, when=self.back(10 + number))
        everything = self.keys()
        first = self.page(limit=3)
        self.make_order(self.partner, when=self.back(1))
        second = self.page(after=first["after"], limit=3)
        keys = [one["key"] for one in first["entries"] + second["entries"]]
        self.assertEqual(keys, everything)

    def test_a_page_has_its_limits(self):
        self.make_order(self.partner)
        self.assertEqual(len(self.page(limit=-5)["entries"]), 1)
        contacts = self.partner._timeline_contacts()
        timeline = self.env["customer.timeline"]
        self.assertEqual(timeline._page(Asked(()))[0], [])
        self.assertEqual(len(timeline._page(Asked(contacts), 10**6)[0]), 1)

    def test_constant_number_of_queries(self):
        self.write_story()

        def queries():
            self.page()
            before = self.env.cr.sql_log_count
            self.page()
            return self.env.cr.sql_log_count - before

        few = queries()
        for name in ("Per", "Pia"):
            person = self.make_partner(
                name, parent_id=self.partner.id, email=f"{name}@example.com"
            )
            self.write_story(person=person, past=False)
        self.assertEqual(queries(), few)

    # ------------------------------------------------------------------- filters

    def test_filters(self):
        self.write_story()
        everything = self.keys()
        groups = [one["code"] for one in self.page()["groups"]]
        self.assertEqual(groups[:3], ["sales", "money", "talks"])
        parts = [set(self.keys(groups=[code])) for code in groups]
        self.assertEqual(set.union(*parts), set(everything))
        self.assertEqual(sum(map(len, parts)), len(everything))
        self.assertEqual(self.kinds(groups=["money"]), {"invoice", "payment"})
        self.assertEqual(
            self.kinds(groups=["money", "talks"]),
            {"invoice", "payment", "meeting", "activity", "mail", "touchpoint"},
        )

    def test_text(self):
        order = self.make_order(self.partner, client_order_ref="Blue kitchens 50%")
        other = self.make_order(self.partner)
        self.assertEqual(self.keys(text="blue KITCH"), [f"order,{order.id}"])
        self.assertEqual(self.keys(text=other.name), [f"order,{other.id}"])
        self.assertEqual(self.keys(text="  "), self.keys())
        self.assertEqual(self.keys(text="'; DROP TABLE"), [])

    def test_period(self):
        """Both days included, where the reader's day begins."""
        self.clerk.tz = "Pacific/Auckland"
        inside = self.make_order(
            self.partner, when=self.local("2026-03-10", "00:05", "Pacific/Auckland")
        )
        before = self.make_order(
            self.partner, when=self.local("2026-03-09", "23:55", "Pacific/Auckland")
        )
        invoice = self.make_invoice(self.partner, 5, "2026-03-10")
        reader = self.partner.with_user(self.clerk).with_context(tz=self.clerk.tz)

        def keys(**asked):
            entries = reader.value_timeline(asked)["entries"]
            return [entry["key"] for entry in entries]

        self.assertEqual(
            keys(start="2026-03-10", end="2026-03-10"),
            [f"order,{inside.id}", f"invoice,{invoice.id}"],
        )
        self.assertEqual(keys(end="2026-03-09"), [f"order,{before.id}"])
        self.assertEqual(len(keys(start="2026-03-09")), 3)

    # -------------------------------------------------------------------- rights

    def test_who_may_not_read_a_model_sees_nothing_of_it(self):
        self.write_story()
        seller = self.make_user("seller", "sales_team.group_sale_salesman_all_leads")
        told = self.kinds(user=seller)
        self.assertIn("order", told)
        self.assertNotIn("payment", told)
        self.assertNotIn("till", told)
        self.assertNotIn("survey", told)

    def test_a_salesperson_with_own_documents(self):
        """Nothing of a colleague's documents, nor what was said on them."""
        own = self.make_user("own", "sales_team.group_sale_salesman")
        mine = self.make_order(self.partner, user_id=own.id, when=self.back(9))
        theirs = self.make_order(self.partner, user_id=self.ana.id, when=self.back(8))
        my_lead = self.make_lead(self.partner, user_id=own.id)
        their_lead = self.make_lead(self.partner, user_id=self.ana.id)
        my_call = self.call(my_lead, self.ana, 7)
        their_call = self.call(their_lead, self.ana, 6)
        my_mail = self.write_to(mine, own, self.person, 5)
        their_mail = self.write_to(theirs, self.ana, self.person, 4)
        heard = self.hear_from(their_lead, self.person, 3)
        told = set(self.keys(user=own))
        self.assertEqual(
            told,
            {
                f"order,{mine.id}",
                f"opportunity,{my_lead.id}",
                f"activity,{my_call.id}",
                f"mail,{my_mail.id}",
            },
        )
        self.assertEqual(self.found(own), told)
        everything = set(self.keys())
        for key in (
            f"order,{theirs.id}",
            f"activity,{their_call.id}",
            f"mail,{their_mail.id}",
            f"mail,{heard.id}",
        ):
            self.assertIn(key, everything)
        self.assertEqual(self.keys(user=own, text=theirs.name), [])

    def test_messages_as_odoo_lets_them_be_read(self):
        """Whatever the document: the same messages as the ORM's own search gives."""
        own = self.make_user("own", "sales_team.group_sale_salesman")
        records = [
            self.partner,
            self.make_lead(self.partner, user_id=own.id),
            self.make_lead(self.partner, user_id=self.ana.id),
            self.make_order(self.partner, user_id=self.ana.id),
            self.make_invoice(self.partner, 9),
        ]
        messages = self.env["mail.message"]
        for record in records:
            messages |= self.hear_from(record, self.person, 3)
            messages |= self.write_to(record, self.env.user, self.person, 3)
        copied = self.write_to(records[2], self.ana, self.person | own.partner_id, 2)
        messages |= copied
        for user in (own, self.ana, self.clerk):
            readable = messages.with_user(user).search([("id", "in", messages.ids)])
            told = {key for key in self.keys(user=user) if key.startswith("mail,")}
            self.assertEqual(told, {f"mail,{one.id}" for one in readable}, user.name)
            found = {key for key in self.found(user) if key.startswith("mail,")}
            self.assertEqual(found, told, user.name)
        self.assertIn(f"mail,{copied.id}", self.keys(user=own))

    def test_private_meetings(self):
        private = self.meet(self.person, self.ana, 3, privacy="private")
        public = self.meet(self.person, self.ana, 2, privacy="public")
        self.assertEqual(self.keys(user=self.ben), [f"meeting,{public.id}"])
        self.assertEqual(
            self.keys(user=self.ana), [f"meeting,{public.id}", f"meeting,{private.id}"]
        )
        self.assertEqual(self.keys(user=self.ben, text="Visit"), [
            f"meeting,{public.id}"
        ])  # fmt: skip

    def test_another_company(self):
        other = self.make_company("UTC")
        shared = self.make_partner("Shared", company_id=False)
        here = self.make_order(shared)
        self.work_in(other, self.company)
        there = self.make_order(shared, company=other)
        stranger = self.make_user(
            "stranger", "sales_team.group_sale_salesman_all_leads", company=other
        )
        shared = shared.with_context(allowed_company_ids=other.ids)
        self.assertEqual(self.keys(shared, stranger), [f"order,{there.id}"])
        shared = shared.with_context(allowed_company_ids=self.company.ids)
        self.assertEqual(self.keys(shared, self.clerk), [f"order,{here.id}"])

    def test_a_field_of_others_stays_empty(self):
        """A field that is kept from the reader is neither shown nor searched."""
        order = self.make_order(self.partner, client_order_ref="Secret")
        field = order._fields["client_order_ref"]
        self.patch(field, "groups", "base.group_system")
        [entry] = self.told()
        self.assertFalse(entry["note"])
        self.assertEqual(self.keys(text="Secret"), [])

    def test_who_may_ask(self):
        plain = self.make_user("plain", "base.group_user")
        with self.assertRaises(AccessError):
            self.page(user=plain)
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": str([("id", "!=", self.partner.id)]),
            }
        )
        with self.assertRaises(AccessError):
            self.page()

    def test_portal(self):
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "timeline.portal",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        with self.assertRaises(AccessError):
            self.page(portal.partner_id, portal)

    # ------------------------------------------------------------------- opening

    def test_actions(self):
        action = self.person.action_open_timeline()
        self.assertEqual(action["tag"], "customer_value_timeline")
        self.assertEqual(action["context"]["active_id"], self.person.id)
        self.assertIn("Zeta Works", action["name"])
        order = self.make_order(self.partner)
        server = self.env.ref("customer_value.sale_order_timeline_action")
        opened = server.with_context(
            active_model="sale.order", active_id=order.id, active_ids=order.ids
        ).run()
        self.assertEqual(opened["context"]["active_id"], self.partner.id)

    def test_indexes(self):
        """Links to a contact that Odoo does not index are."""
        self.env.cr.execute(
            "SELECT tablename FROM pg_indexes WHERE indexname LIKE "
            "'customer_value_%_of_contact'"
        )
        tables = {table for (table,) in self.env.cr.fetchall()}
        self.assertIn("account_payment", tables)
        self.assertIn("calendar_attendee", tables)

    def test_midnight_of_the_reader(self):
        """A day is told by the reader's midnight, so that months do not mix."""
        self.make_invoice(self.partner, 5, "2026-03-01")
        reader = self.partner.with_user(self.clerk)
        for zone, moment in (
            ("UTC", "2026-03-01 00:00:00"),
            ("America/New_York", "2026-03-01 05:00:00"),
        ):
            [entry] = reader.with_context(tz=zone).value_timeline()["entries"]
            self.assertEqual(entry["moment"], moment)
