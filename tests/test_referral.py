"""Where referrals come from, what they earn, who sees them, and that none is lost."""

from base64 import b64decode

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from ..tools.qr import qr_svg
from .referral_common import ReferralCommon

SEARCH = {"customer_value_search_referrer": True}


@tagged("post_install", "-at_install")
class TestReferralCapture(ReferralCommon):
    def test_a_quotation_names_the_referrer(self):
        order = self.make_order(self.ben, confirm=False)
        self.assertFalse(self.collect())
        with Form(order) as form:
            form.value_referrer_id = self.ada
        referral = self.collect()
        self.assertEqual(
            (referral.referrer_id, referral.referred_id, referral.channel),
            (self.ada, self.ben, "quotation"),
        )
        self.assertEqual(
            (referral.res_model, referral.res_id), ("sale.order", order.id)
        )
        self.assertEqual(referral.date, self.day(0))
        self.assertEqual(referral.user_id, order.user_id)
        self.assertFalse(self.collect())

    def test_no_document_waits(self):
        """What a document says costs it one call of the scheduled action."""
        trigger = self.env["ir.cron.trigger"].search(
            [("cron_id", "=", self.env.ref("customer_value.ir_cron_referral").id)]
        )
        order = self.make_order(self.ben, confirm=False, value_referrer_id=self.ada.id)
        order.action_confirm()
        self.assertFalse(self.referrals.search([("referred_id", "=", self.ben.id)]))
        called = self.env["ir.cron.trigger"].search([]) - trigger
        self.assertIn(
            self.env.ref("customer_value.ir_cron_referral"), called.mapped("cron_id")
        )

    def test_a_correction_on_the_document(self):
        order = self.make_order(self.ben, confirm=False, value_referrer_id=self.ada.id)
        referral = self.collect()
        order.value_referrer_id = self.cleo
        self.assertEqual(referral.referrer_id, self.cleo)
        dan = self.make_person("Dan")
        order.partner_id = dan
        self.assertStands(referral, "pending", "no_purchase")
        self.assertEqual(referral.referred_id, dan)
        order.value_referrer_id = False
        self.assertStands(referral, "void", "withdrawn")

    def test_an_opportunity_and_its_quotation_are_one_referral(self):
        lead = self.make_lead(False, value_referrer_id=self.ada.id, phone="021 555 1")
        referral = self.collect()
        self.assertEqual((referral.lead_id, referral.channel), (lead, "opportunity"))
        self.assertStands(referral, "pending", "no_purchase")
        lead.partner_id = self.ben
        action = lead.action_new_quotation()
        order = self.env["sale.order"].with_context(**action["context"]).create({})
        self.assertEqual(order.value_referrer_id, self.ada)
        self.assertEqual(order.opportunity_id, lead)
        self.assertFalse(self.collect())
        self.assertStands(referral, "pending", "no_purchase")
        self.assertEqual(referral.referred_id, self.ben)

    def test_merged_opportunities(self):
        leads = self.make_lead(False) | self.make_lead(
            False, value_referrer_id=self.ada.id
        )
        referral = self.collect()
        kept = leads.with_context(tracking_disable=False).merge_opportunity()
        self.env.flush_all()
        self.assertEqual(kept.value_referrer_id, self.ada)
        self.assertEqual((referral.lead_id, referral.res_id), (kept, kept.id))
        self.assertFalse(self.collect())
        self.assertStands(referral, "pending", "no_purchase")

    def test_a_deleted_opportunity_says_so(self):
        lead = self.make_lead(False, value_referrer_id=self.ada.id)
        referral = self.collect()
        lead.unlink()
        self.env.invalidate_all()
        self.assertStands(referral, "void", "document_gone")

    def test_what_the_till_heard_is_looked_up(self):
        session = self.open_till()
        self.ada.write({"phone": "+64 21 555 0199", "barcode": "0429999999"})
        link = self.env["link.tracker"]._make_share_link(self.ada, self.company)
        for number, said in enumerate(
            ("021 555 0199", link.value_code.lower(), "0429999999", "ada")
        ):
            friend = self.make_person(f"Friend {number}")
            order = self.ring_up(session, friend)
            order.value_referrer_hint = said
            referral = self.collect()
            self.assertEqual(referral.code, said)
            self.assertEqual(
                (referral.channel, referral.referrer_id), ("till", self.ada)
            )
            self.assertStands(referral, "pending", "may_be_returned")

    def test_whom_nobody_knows_is_kept_and_found_later(self):
        session = self.open_till()
        order = self.ring_up(session, self.ben)
        order.value_referrer_hint = "+64 21 555 7777"
        referral = self.collect()
        self.assertStands(referral, "flagged", "unknown_referrer")
        self.assertIn("+64 21 555 7777", referral.reason_text)
        self.cleo.phone = "+64 21 555 7777"
        twin = self.make_person("Twin", phone="+64 21 555 7777")
        self.assertStands(referral, "flagged", "unknown_referrer")
        twin.phone = False
        self.assertStands(referral, "pending", "may_be_returned")
        self.assertEqual(referral.referrer_id, self.cleo)

    def test_a_till_order_without_customer(self):
        session = self.open_till()
        order = self.ring_up(session, None)
        order.value_referrer_id = self.ada
        referral = self.collect()
        self.assertStands(referral, "flagged", "unknown_referred")
        order.partner_id = self.ben
        self.assertStands(referral, "pending", "may_be_returned")

    def test_an_order_in_the_making_says_nothing(self):
        session = self.open_till()
        order = self.ring_up(session, self.ben)
        order.value_referrer_id = self.ada
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE pos_order SET state = 'draft' WHERE id = %s", order.ids
        )
        self.assertFalse(self.collect())
        self.env.cr.execute(
            "UPDATE pos_order SET state = 'paid' WHERE id = %s", order.ids
        )
        self.assertEqual(len(self.collect()), 1)

    def test_share_link(self):
        partner = self.ada
        partner.action_make_share_link()
        link = partner.value_share_link_id
        partner.action_make_share_link()
        self.assertEqual(partner.value_share_link_id, link)
        self.assertTrue(partner.value_share_url.endswith(f"/r/{link.value_code}"))
        head, picture = partner.value_share_qr.split(",")
        self.assertEqual(head, "data:image/svg+xml;base64")
        self.assertEqual(
            b64decode(picture).decode(), qr_svg(link.short_url), "drawn by ourselves"
        )
        self.assertFalse(self.ben.value_share_qr, "no link, no picture")
        self.assertIn(link.source_id.name.split()[-1], link.redirected_url)
        clicks = self.env["link.tracker.click"]
        for ip in ("1.1.1.1", "2.2.2.2", "2.2.2.2"):
            clicks.add_click(link.value_code, ip=ip, country_code="NZ")
        partner.invalidate_recordset()
        self.assertEqual(partner.value_share_clicks, 3)
        lead = self.make_lead(self.ben, source_id=link.source_id.id)
        referral = self.collect()
        self.assertEqual(
            (referral.channel, referral.referrer_id, referral.code),
            ("link", self.ada, link.value_code),
        )
        self.assertEqual(referral.res_id, lead.id)
        self.make_order(self.ben, source_id=link.source_id.id)
        self.assertFalse(self.collect())
        self.make_order(self.ada, source_id=link.source_id.id)
        self.assertStands(self.collect(), "void", "same_person")

    def test_referrers_are_found_by_name_phone_and_code(self):
        self.ada.phone = "+64 21 555 0199"
        code = (
            self.env["link.tracker"]._make_share_link(self.ada, self.company).value_code
        )
        partners = self.env["res.partner"]

        def found(words, **context):
            names = partners.with_context(**context).name_search(words)
            return partners.browse(row[0] for row in names)

        for words in ("Ada", "5550199", code, code.lower()):
            self.assertIn(self.ada, found(words, **SEARCH), words)
        self.assertNotIn(self.ada, found(code))
        self.assertNotIn(self.ada, found("5550199"))

    def test_on_the_form_of_a_new_contact(self):
        form = Form(self.env["res.partner"])
        form.name = "Newcomer"
        form.value_referrer_id = self.ada
        newcomer = form.save()
        referral = self.referrals.search([("referred_id", "=", newcomer.id)])
        self.assertEqual(
            (referral.referrer_id, referral.channel), (self.ada, "contact")
        )
        self.assertEqual(newcomer.value_referrer_id, self.ada)
        newcomer.value_referrer_id = self.cleo
        self.assertEqual(referral.referrer_id, self.cleo)
        newcomer.value_referrer_id = False
        self.assertStands(referral, "void", "withdrawn")
        self.assertFalse(newcomer.value_referrer_id)

    def test_import(self):
        self.env["ir.model.data"].create(
            {
                "module": "import_test",
                "name": "ben",
                "model": "res.partner",
                "res_id": self.ben.id,
            }
        )
        unique = self.make_person("Ada of the only name")
        result = self.referrals.with_context(import_file=True).load(
            ["id", "referrer_id", "referred_id/id", "date", "code"],
            [
                ["import_test.r1", unique.name, "import_test.ben", "2026-01-05", "x"],
                ["import_test.r2", "", "import_test.ben", "2026-01-06", "021 1234567"],
            ],
        )
        self.assertFalse(result["messages"])
        first, second = self.referrals.browse(result["ids"])
        self.assertEqual((first.referrer_id, first.referred_id), (unique, self.ben))
        self.assertEqual(first.channel, "import")
        self.assertFalse(second.referrer_id)
        result = self.referrals.load(
            ["referrer_id", "date"], [[unique.name, "2026-01-05"]]
        )
        self.assertIn("Say who was brought", result["messages"][0]["message"])

    def test_contacts_of_another_company_are_refused(self):
        other = self.make_company("UTC")
        stranger = self.make_person("Stranger", company_id=other.id)
        with self.refused("belong to"):
            self.say(stranger, self.ben)


@tagged("post_install", "-at_install")
class TestReferralReward(ReferralCommon):
    def make_program(self, **vals):
        return self.env["loyalty.program"].create(
            {
                "name": "Thank you",
                "program_type": "coupons",
                "company_id": self.company.id,
                "reward_ids": [Command.create({"discount": 10})],
                **vals,
            }
        )

    def qualified(self, ago=30):
        referral = self.say(self.ada, self.ben, ago=ago)
        self.order = self.buy(self.ben, ago=ago - 1)
        self.assertStands(referral, "qualified", "to_reward")
        return referral

    def rewarded(self, **company):
        self.company.write(
            {"value_referral_program_id": self.make_program().id, **company}
        )
        referral = self.qualified()
        referral._give_rewards()
        self.assertEqual(referral.state, "rewarded")
        return referral

    def card(self, referral, name="reward_card_id"):
        return self.env["loyalty.card"].browse(referral[name])

    def test_coupons_for_one_or_both(self):
        referral = self.rewarded(value_referral_points=2)
        card = self.card(referral)
        self.assertEqual((card.partner_id, card.points), (self.ada, 2))
        self.assertEqual(referral.reward, card.code)
        self.assertEqual(referral.rewarded_on, self.day(0))
        self.assertFalse(referral.welcome_card_id)
        self.company.value_referral_welcome = True
        both = self.say(self.ada, self.cleo)
        self.buy(self.cleo, ago=29)
        (both | referral)._evaluate()
        (both | referral)._give_rewards()
        self.assertEqual(self.card(both, "welcome_card_id").partner_id, self.cleo)
        self.assertEqual(self.card(both).partner_id, self.ada)
        self.assertNotEqual(both.reward_card_id, referral.reward_card_id)

    def test_taken_back_while_unused(self):
        referral = self.rewarded(value_referral_welcome=True)
        cards = self.card(referral) | self.card(referral, "welcome_card_id")
        self.order._action_cancel()
        self.assertStands(referral, "void", "reward_withdrawn")
        self.assertEqual(cards.mapped("points"), [0, 0])
        self.assertEqual(cards.mapped("active"), [False, False])
        self.assertStands(referral, "void", "reward_withdrawn")

    def test_taken_back_after_use(self):
        referral = self.rewarded()
        card = self.card(referral)
        card.points = 0
        self.order._action_cancel()
        self.assertStands(referral, "flagged", "reward_used")
        self.assertTrue(card.active)
        referral.decision_note = "Our fault: we could not deliver"
        referral.action_approve()
        self.assertEqual(referral.state, "rewarded")

    def test_another_purchase_keeps_the_reward(self):
        referral = self.rewarded()
        self.buy(self.ben, ago=10)
        self.order._action_cancel()
        self.assertStands(referral, "rewarded")

    def test_a_reward_by_hand(self):
        self.company.value_referral_user_id = self.env.user
        referral = self.qualified()
        referral._give_rewards()
        referral._give_rewards()
        self.assertEqual(len(referral.activity_ids), 1)
        self.assertIn("Ada", referral.activity_ids.summary)
        with self.refused("Write the reason", UserError):
            referral.action_give_reward()
        referral.decision_note = "A bottle of wine"
        referral.action_give_reward()
        self.assertEqual(
            (referral.state, referral.reward), ("rewarded", "A bottle of wine")
        )
        self.assertFalse(referral.activity_ids)
        self.order._action_cancel()
        self.assertStands(referral, "flagged", "reward_used")

    def test_one_that_fails_says_why_and_holds_up_nobody(self):
        program = self.make_program()
        self.company.value_referral_program_id = program.id
        first, second = self.qualified(), self.say(self.ada, self.cleo)
        self.buy(self.cleo, ago=29)
        second._evaluate()
        self.env.cr.execute(
            "ALTER TABLE loyalty_card ADD CONSTRAINT no_ada CHECK (partner_id <> %s)",
            [self.ada.id],
        )
        second.referrer_id = self.make_person("Dan")
        with mute_logger(
            "odoo.sql_db", "odoo.addons.customer_value.models.customer_referral_reward"
        ):
            (first | second)._give_rewards()
        self.assertEqual((first.state, first.reason), ("qualified", "reward_failed"))
        self.assertIn("no_ada", first.reason_text)
        self.assertEqual(second.state, "rewarded")
        self.env.cr.execute("ALTER TABLE loyalty_card DROP CONSTRAINT no_ada")
        first._evaluate()
        first._give_rewards()
        self.assertEqual(first.state, "rewarded")

    def test_only_programmes_that_hand_out_coupons(self):
        program = self.make_program(program_type="promotion", name="Sale")
        with self.refused("hands out no coupons"):
            self.company.value_referral_program_id = program.id
        other = self.make_company("UTC")
        strange = self.make_program(company_id=other.id)
        with self.refused("another company"):
            self.company.value_referral_program_id = strange.id

    def test_a_programme_that_was_deleted_means_by_hand(self):
        program = self.make_program()
        self.company.value_referral_program_id = program.id
        program.active = False
        program.unlink()
        self.company.value_referral_user_id = self.env.user
        referral = self.qualified()
        referral._give_rewards()
        self.assertTrue(referral.activity_ids)

    # ----------------------------------------------------------- merge and others

    def merge(self, source, into):
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (source | into).ids, into, False
        )
        self.env.invalidate_all()

    def test_merge_referrer_with_referred(self):
        referral = self.say(self.ada, self.ben)
        self.merge(self.ben, self.ada)
        self.assertEqual(referral.referred_id, self.ada)
        self.assertStands(referral, "void", "same_person")

    def test_merge_referrer_with_referred_after_the_reward(self):
        referral = self.rewarded()
        card = self.card(referral)
        self.merge(self.ben, self.ada)
        self.assertStands(referral, "void", "reward_withdrawn")
        self.assertFalse(card.active)

    def test_merge_two_who_were_brought(self):
        first = self.say(self.ada, self.ben, ago=30)
        second = self.say(self.ada, self.cleo, ago=20)
        self.buy(self.cleo, ago=10)
        (first | second)._evaluate()
        self.merge(self.cleo, self.ben)
        (first | second)._evaluate()
        self.assertEqual((second.state, second.reason), ("void", "not_first"))
        self.assertEqual(first.purchase_date, self.day(10))

    def test_merge_twins_of_a_referrer(self):
        twin = self.make_person("Ada again")
        first, second = self.say(self.ada, self.ben), self.say(twin, self.cleo)
        links = self.env["link.tracker"]
        codes = [
            links._make_share_link(person, self.company).value_code
            for person in (self.ada, twin)
        ]
        self.merge(twin, self.ada)
        self.assertEqual((first | second).referrer_id, self.ada)
        for code in codes:
            found = self.referrals._find_by_codes([code], self.company)
            self.assertEqual(found[code], self.ada)
        self.assertEqual(self.ada.value_referral_count, 2)

    @mute_logger("odoo.sql_db")
    def test_people_of_referrals_are_not_deleted(self):
        self.say(self.ada, self.ben)
        for person in (self.ada, self.ben):
            with self.assertRaises(IntegrityError), self.cr.savepoint():
                person.unlink()
                self.env.flush_all()


@tagged("post_install", "-at_install")
class TestReferralTree(ReferralCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = [cls.make_person(f"Node {number}") for number in range(8)]
        cls.edges = [(0, 1), (0, 2), (1, 3), (3, 4), (2, 5), (6, 7)]
        cls.made = cls.referrals.union(
            *(
                cls.say(cls.people[a], cls.people[b], ago=100 - number)
                for number, (a, b) in enumerate(cls.edges)
            )
        )
        for number, person in enumerate(cls.people[1:], start=1):
            cls.buy(person, ago=60, amount=100.0 * number)
        cls.made.date = cls.day(60)
        cls.made._evaluate()
        cls.model = cls.make_model(
            [{"source": "sales", "aggregate": "sum", "window": (0, "day"),
              "bands": ((0, 0), (100, 30), (400, 60))}],
            partners=cls.env["res.partner"].union(*cls.people),
        )  # fmt: skip
        cls.score(cls.model)
        cls.env.invalidate_all()

    def below(self, root):
        found, new = set(), {root}
        while new:
            new = {b for a, b in self.edges if a in new} - found
            found |= new
        return found

    def test_states(self):
        self.assertEqual(set(self.made.mapped("state")), {"qualified"})

    def test_value_of_the_referred_is_counted_once(self):
        for number, person in enumerate(self.people):
            below = self.below(number)
            scores = [self.people[one].value_score_id.realised for one in below]
            self.assertEqual(person.value_referred_count, len(below))
            self.assertAlmostEqual(person.value_of_referred, sum(scores))
            self.assertAlmostEqual(
                person.value_sales_of_referred, sum(100.0 * one for one in below)
            )
            own = [b for a, b in self.edges if a == number]
            self.assertEqual(person.value_brought_count, len(own))
        self.assertTrue(self.people[0].value_of_referred)

    def test_a_circle_in_the_data_ends(self):
        self.env.cr.execute(
            "INSERT INTO customer_referral "
            "(referrer_id, referred_id, company_id, date, channel, state, capture) "
            "VALUES (%s, %s, %s, %s, 'contact', 'qualified', 'typed')",
            [self.people[4].id, self.people[0].id, self.company.id, self.day(1)],
        )
        self.env.invalidate_all()
        self.assertEqual(self.people[0].value_referred_count, 5)
        self.assertEqual(self.people[3].value_referred_count, 5)

    def test_search(self):
        partners = self.env["res.partner"]
        all_ = [("id", "in", [person.id for person in self.people])]

        def found(*condition):
            records = partners.search([*all_, condition])
            return {self.people.index(record) for record in records}

        self.assertEqual(found("value_brought_count", ">", 0), {0, 1, 2, 3, 6})
        self.assertEqual(found("value_brought_count", ">=", 2), {0})
        self.assertEqual(found("value_brought_count", "=", 0), {4, 5, 7})
        self.assertEqual(found("value_referrer_id", "=", self.people[0].id), {1, 2})
        self.assertEqual(found("value_referrer_id", "=", False), {0, 6})
        self.assertEqual(found("value_referrer_id", "!=", False), {1, 2, 3, 4, 5, 7})
        self.assertEqual(found("value_referrer_id", "ilike", "Node 3"), {4})

    def test_hierarchy(self):
        """What the tree view asks for: a node, its parent, its children."""
        spec = {"display_name": {}, "value_referred_ids": {}}
        rows = self.env["res.partner"].hierarchy_read(
            [("id", "=", self.people[1].id)], spec, "value_referrer_id",
            "value_referred_ids",
        )  # fmt: skip
        self.assertEqual(
            {row["id"] for row in rows},
            {self.people[number].id for number in (0, 1, 2, 3)},
        )

    def test_number_of_statements(self):
        partners = self.env["res.partner"].union(*self.people)
        names = ["value_brought_count", "value_of_referred", "value_referrer_id"]
        partners[:2].read(names)
        self.env.invalidate_all()
        with self.assertQueryCount(12):
            partners.read(names)


@tagged("post_install", "-at_install")
class TestReferralEvidence(ReferralCommon):
    """Sources and what they measure, against sums made by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.friends = [cls.make_person(f"Friend {number}") for number in range(4)]
        cls.said = cls.referrals.union(
            *(cls.say(cls.ada, friend, ago=50) for friend in cls.friends)
        )
        cls.buy(cls.friends[0], ago=40, amount=100)
        cls.buy(cls.friends[0], ago=10, amount=30)
        cls.buy(cls.friends[1], ago=30, amount=60)
        cls.buy(cls.friends[2], ago=5, amount=500)
        cls.buy(cls.friends[3], ago=51, amount=500)
        cls.said._evaluate()
        link = cls.env["link.tracker"]._make_share_link(cls.ada, cls.company)
        for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
            cls.env["link.tracker.click"].create({"link_id": link.id, "ip": address})
        cls.model = cls.make_model(
            [
                {"code": "n", "source": "referrals"},
                {"code": "first", "source": "referrals", "aggregate": "sum"},
                {"code": "made", "source": "referrals_made"},
                {"code": "sales", "source": "sales_brought", "aggregate": "sum"},
                {"code": "clicks", "source": "share_clicks"},
                {
                    "code": "addresses",
                    "source": "share_clicks",
                    "aggregate": "distinct",
                    "distinct_path": "ip",
                },
            ],
            partners=cls.ada | cls.ben,
        )

    def raw(self, partner):
        row = self.results(self.model, self.ada | self.ben)[partner.id]
        return {one.code: self.measure(row, one)[0] for one in self.model.indicator_ids}

    def test_states(self):
        self.assertEqual(
            self.said.mapped("state"), ["qualified", "qualified", "pending", "void"]
        )

    def test_sources(self):
        self.assertEqual(
            self.raw(self.ada),
            {
                "n": 2,
                "first": 160,
                "made": 3,
                "sales": 190,
                "clicks": 3,
                "addresses": 2,
            },
        )
        self.assertFalse(any(self.raw(self.ben).values()))

    def test_a_change_marks_the_referrer(self):
        self.score(self.model)
        self.forget_marks()
        self.said[2].sudo().write({"state": "qualified", "qualified_on": self.day(0)})
        self.assertIn(self.ada, self.marked_customers())
        self.score_dirty()
        self.assertEqual(self.raw(self.ada)["n"], 3)

    def test_recommending_is_attitude(self):
        """Who was never asked and recommends us takes part by himself."""
        self.env["customer.loyalty.history"]._update(self.company, self.day(0))
        states = {
            state.partner_id: (state.attitudinal_known, state.attitudinal)
            for state in self.env["customer.loyalty.state"].search(
                [("partner_id", "in", (self.ada | self.friends[0]).ids)]
            )
        }
        self.assertEqual(states[self.ada], (True, 100))
        self.assertFalse(states.get(self.friends[0], (False,))[0])


@tagged("post_install", "-at_install")
class TestReferralRights(ReferralCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make = cls.make_user
        cls.seller = make("seller", "sales_team.group_sale_salesman")
        cls.other = make("other", "sales_team.group_sale_salesman")
        cls.chief = make("chief", "sales_team.group_sale_salesman_all_leads")
        cls.manager = make("boss", "customer_value.group_manager")
        cls.cashier = make("till", "point_of_sale.group_pos_user")
        cls.plain = make("plain", "base.group_user")
        cls.ada.user_id = cls.seller
        cls.mine = cls.say(cls.ada, cls.ben, user_id=False)
        cls.mine.user_id = cls.other.id
        dan, eve = cls.make_person("Dan"), cls.make_person("Eve")
        cls.theirs = cls.say(dan, eve, user_id=cls.other.id)
        cls.elsewhere = cls.make_company("UTC")
        cls.foreign = cls.say(cls.ada, dan, company_id=cls.elsewhere.id)
        cls.all = cls.mine | cls.theirs | cls.foreign

    def seen_by(self, user):
        domain = [("id", "in", self.all.ids)]
        return self.referrals.with_user(user).search(domain).with_user(self.env.user)

    def test_who_sees_what(self):
        self.assertEqual(self.seen_by(self.seller), self.mine)
        self.assertEqual(self.seen_by(self.other), self.mine | self.theirs)
        self.assertEqual(self.seen_by(self.chief), self.mine | self.theirs)
        self.assertEqual(self.seen_by(self.manager), self.mine | self.theirs)
        for user in (self.cashier, self.plain):
            with self.assertRaises(AccessError):
                self.seen_by(user)

    def test_who_decides(self):
        self.mine.decision_note = "Because"
        for user in (self.seller, self.chief):
            with self.refused("Only managers", AccessError):
                self.mine.with_user(user).action_void()
        self.mine.with_user(self.manager).action_void()
        self.assertEqual(self.mine.state, "void")
        with self.refused("ask a manager", AccessError):
            self.mine.with_user(self.seller).referrer_id = self.cleo
        with self.assertRaises(AccessError):
            self.theirs.with_user(self.chief).unlink()

    def test_a_salesperson_makes_one_that_is_judged_at_once(self):
        self.buy(self.cleo, ago=90)
        referral = self.referrals.with_user(self.seller).create(
            {"referrer_id": self.ada.id, "referred_id": self.cleo.id}
        )
        self.assertEqual(
            (referral.state, referral.reason), ("void", "existing_customer")
        )
        self.assertEqual(referral.user_id, self.seller)

    def test_the_value_of_those_one_may_not_read(self):
        """The sum leaves out whom the rules of contacts hide."""
        hidden = self.make_person("Hidden")
        made = self.say(self.ada, hidden, ago=60)
        for person in (self.ben, hidden):
            self.buy(person, ago=29)
        (made | self.mine)._evaluate()
        model = self.make_model(
            [{"source": "sales", "aggregate": "sum", "window": (0, "day")}],
            partners=self.ben | hidden,
        )
        self.score(model)
        self.env.invalidate_all()
        whole = self.ada.value_of_referred
        self.assertTrue(whole)
        self.env["ir.rule"].create(
            {
                "name": "Hide one",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {hidden.id})]",
                "groups": [Command.link(self.env.ref("base.group_user").id)],
            }
        )
        self.env.invalidate_all()
        seen = self.ada.with_user(self.seller).value_of_referred
        self.assertAlmostEqual(seen, whole / 2)

    def test_without_the_group_there_are_no_fields(self):
        fields = self.ada.with_user(self.plain).fields_get()
        self.assertFalse({name for name in fields if "referr" in name or "share" in name
                          and name.startswith("value_")})  # fmt: skip
        with self.assertRaises(AccessError):
            self.ada.with_user(self.plain).action_make_share_link()

    def call(self, user, method, *args, model="customer.referral", **kwargs):
        self.authenticate(user.login, f"{user.login}-password")
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def test_by_rpc(self):
        domain = [("id", "in", self.all.ids)]
        rows = self.call(self.seller, "search_read", domain, ["state"])
        self.assertEqual([row["id"] for row in rows], self.mine.ids)
        refused = (
            (self.cashier, "search_read", domain, ["state"]),
            (self.cashier, "create", {"referrer_id": self.ada.id}),
            (self.plain, "read", self.mine.ids, ["state"]),
            (self.seller, "read", self.theirs.ids, ["state"]),
            (self.chief, "read", self.foreign.ids, ["state"]),
            (self.seller, "write", self.mine.ids, {"state": "rewarded"}),
            (self.seller, "action_void", self.mine.ids),
            (self.manager, "read", self.foreign.ids, ["state"]),
            (self.manager, "_evaluate", self.mine.ids),
        )
        for user, method, *args in refused:
            with (
                self.subTest(user=user.login, method=method),
                self.assertRaises(JsonRpcException),
                mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"),
            ):
                self.call(user, method, *args)
