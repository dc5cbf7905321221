"""What the map tells: contact, coverage, ways, proposals, the value model."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .influence_common import InfluenceCommon


@tagged("post_install", "-at_install")
class TestInsight(InfluenceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draw_gold()

    def drawn(self, seat, **kwargs):
        seats = self.map_of(self.seller, **kwargs)["seats"]
        return next(one for one in seats if one["id"] == seat.id)

    def coverage(self):
        return self.map_of(self.seller)["coverage"]

    def gaps(self):
        return {gap["code"]: gap["seat_ids"] for gap in self.coverage()["gaps"]}

    # ------------------------------------------------------------ the contract

    def test_what_the_map_is_told(self):
        data = self.map_of(self.seller)
        self.assertEqual(data["account"]["id"], self.gold.id)
        self.assertEqual(data["account"]["score"], self.gold.value_score)
        self.assertEqual(data["account"]["tier"], "Gold")
        self.assertTrue(data["can_edit"])
        self.assertFalse(data["confidential"])
        self.assertIn(self.seller.id, [user["id"] for user in data["users"]])
        wang = next(one for one in data["seats"] if one["id"] == self.buying.id)
        self.assertEqual(wang["name"], "Wang Li")
        self.assertEqual(wang["manager_id"], self.top.id)
        self.assertEqual((wang["power"], wang["stance"]), (3, "supporter"))
        self.assertIs(wang["closeness"], False)
        self.assertIs(wang["last_contact"], False)
        self.assertEqual(
            data["edges"],
            [
                {
                    "id": self.sway.id,
                    "source_id": self.buying.id,
                    "target_id": self.top.id,
                    "kind": "influences",
                    "strength": 3,
                    "tie_type": False,
                    "evidence": "Old classmates",
                }
            ],
        )

    def test_an_account_without_a_map(self):
        data = self.map_of(self.seller, self.silver)
        self.assertEqual((data["seats"], data["edges"]), ([], []))
        self.assertTrue(data["can_edit"])
        self.assertEqual(data["coverage"]["colour"], "unknown")
        self.assertFalse(self.env["customer.influence.map"]._of(self.silver))

    def test_a_contact_opens_the_map_of_its_company(self):
        data = self.map_of(self.seller, self.wang)
        self.assertEqual(data["account"]["id"], self.gold.id)

    def test_constant_number_of_queries(self):
        """Two hundred seats are opened as fast as twenty."""
        counts = []
        for account, size in ((self.silver, 20), (self.basic, 200)):
            account.user_id = self.seller
            people = self.env["res.partner"].create(
                [
                    {
                        "name": f"P{at}",
                        "parent_id": account.id,
                        "is_company": False,
                        "function": "Buyer",
                    }
                    for at in range(size)
                ]
            )
            seats = self.env["customer.key.contact"].create(
                [
                    {
                        "account_id": account.id,
                        "company_id": self.company.id,
                        "partner_id": person.id,
                        "power": 1 + at % 5,
                        "owner_ids": self.owner.ids,
                    }
                    for at, person in enumerate(people)
                ]
            )
            for one, other in zip(seats, seats[1:], strict=False):
                self.line(one, other)
                other.manager_id = seats[0]
            self.env.flush_all()
            self.map_of(self.seller, account)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            data = self.map_of(self.seller, account)
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(data["seats"]), size)
        self.assertEqual(counts[0], counts[1])
        self.assertLess(counts[1], 60)

    def test_list_of_many_maps_in_a_few_queries(self):
        seats = self.env["customer.key.contact"]
        for at in range(12):
            account = self.make_partner(f"Account {at}")
            seats += self.seat(account=account, name="Chief", power=3)
        self.env.flush_all()
        seats.read(["display_name", "weight", "closeness", "gone", "last_contact"])
        counts = []
        for part in (seats[:2], seats):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            part.read(["display_name", "weight", "closeness", "gone", "last_contact"])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    # ---------------------------------------------------------------- contact

    def test_closeness_moves_with_contact(self):
        self.assertIs(self.drawn(self.buying)["closeness"], False)
        self.meet(self.wang, self.seller, days=3)
        self.assertEqual(self.drawn(self.buying)["closeness"], 1)
        self.meet(self.wang, self.seller, days=2)
        self.meet(self.wang, self.seller, days=1)
        self.assertEqual(self.drawn(self.buying)["closeness"], 3)
        self.assertEqual(self.buying.closeness, "3")
        self.assertFalse(self.buying.stated_closeness)

    def test_our_own_word_stands_above_contact(self):
        self.meet(self.wang, self.seller)
        self.buying.closeness = "3"
        self.assertEqual(self.drawn(self.buying)["closeness"], 3)

    def test_last_contact_is_the_companys_day(self):
        self.meet(self.wang, self.seller)
        moment = self.local("2024-03-05", "00:30")
        event = self.meet(self.liu, self.seller)
        event.write({"start": moment, "stop": moment + timedelta(hours=1)})
        today = self.map._today()
        event.write(
            {
                "start": self.local(today, "00:10"),
                "stop": self.local(today, "00:40"),
            }
        )
        self.assertEqual(
            self.drawn(self.plant)["last_contact"], fields.Date.to_string(today)
        )

    def test_who_declined_was_not_met(self):
        event = self.meet(self.wang, self.seller)
        event.attendee_ids.filtered(
            lambda guest: guest.partner_id == self.wang
        ).state = "declined"
        self.assertIs(self.drawn(self.buying)["last_contact"], False)

    def log(self, kind, days, **vals):
        return self.env["customer.touchpoint"].create(
            {
                "kind": kind,
                "user_id": self.seller.id,
                "date": fields.Datetime.now() - timedelta(days=days),
                "company_id": self.map.company_id.id,
                **vals,
            }
        )

    def test_what_was_logged_is_contact(self):
        self.log("call", 4, partner_id=self.wang.id, people_ids=self.liu.ids)
        self.log("promise", 1, partner_id=self.wang.id, promise_due=fields.Date.today())
        day = fields.Date.to_string(self.map._today() - timedelta(days=4))
        for seat in (self.buying, self.plant):
            self.assertEqual(self.drawn(seat)["last_contact"], day)
            self.assertEqual(self.drawn(seat)["closeness"], 1)

    def test_what_is_to_come_is_no_contact(self):
        self.meet(self.wang, self.seller, days=-5)
        self.assertIs(self.drawn(self.buying)["last_contact"], False)

    def test_who_knows_whom(self):
        """Meetings, calls, mails and orders, by colleague."""
        for days in (1, 2):
            self.meet(self.wang, self.owner, days=days)
        call = self.make_activity(self.wang)
        call.user_id = self.manager
        call.action_feedback()
        self.env["mail.message"].create(
            {
                "message_type": "email",
                "model": "res.partner",
                "res_id": self.gold.id,
                "author_id": self.wang.id,
                "body": "Hello",
            }
        )
        order = self.make_order(self.wang)
        order.user_id = self.seller
        known = self.buying.with_user(self.seller).who_knows()
        told = {one["user_id"]: one for one in known}
        self.assertEqual(known[0]["user_id"], self.owner.id)
        self.assertEqual(told[self.owner.id]["evidence"], "2 meetings")
        self.assertIn("1 mail", told[self.seller.id]["evidence"])
        self.assertIn("1 order", told[self.seller.id]["evidence"])
        self.assertEqual(told[self.manager.id]["evidence"], "1 call")
        strengths = [one["strength"] for one in known]
        self.assertEqual(strengths, sorted(strengths, reverse=True))

    def test_orders_of_another_company_do_not_count(self):
        other = self.make_company("Europe/Madrid")
        self.work_in(self.company, other)
        self.manager.company_ids |= other
        self.make_order(self.wang, company=other, user_id=self.manager.id)
        self.env.flush_all()
        self.assertEqual(self.buying.with_user(self.seller).who_knows(), [])

    # --------------------------------------------------------------- coverage

    def test_weight_goes_to_whom_the_decider_follows(self):
        self.assertGreater(self.buying.weight, 30)
        self.sway.unlink()
        self.assertLess(self.buying.weight, 20)
        self.assertAlmostEqual(sum(self.map.seat_ids.mapped("weight")), 100, delta=0.2)

    def test_a_line_counts_until_it_ends(self):
        with_line = self.buying.weight
        self.sway.until = self.map._today()
        self.env.invalidate_all()
        self.assertAlmostEqual(self.buying.weight, with_line)
        self.sway.until = self.map._today() - timedelta(days=1)
        self.env.invalidate_all()
        self.assertLess(self.buying.weight, with_line)
        self.assertEqual(self.map_of(self.seller)["edges"], [])

    def test_coverage_turns(self):
        self.assertEqual(self.coverage()["colour"], "amber")
        self.top.stance = "favourable"
        self.assertEqual(self.coverage()["colour"], "green")
        (self.top | self.buying).stance = "critical"
        self.assertEqual(self.coverage()["colour"], "red")
        self.map.seat_ids.stance = "unknown"
        self.assertEqual(self.coverage()["colour"], "unknown")

    def test_gaps_in_words(self):
        gaps = self.gaps()
        self.assertEqual(gaps["decider_untouched"], self.top.ids)
        self.assertEqual(gaps["opposition_unanswered"], self.plant.ids)
        self.assertEqual(gaps["champion_silent"], self.buying.ids)
        self.meet(self.chief, self.seller)
        self.meet(self.wang, self.seller, days=3)
        self.line(self.buying, self.plant)
        self.assertEqual(set(self.gaps()), {"one_owner"})
        self.meet(self.wang, self.owner, days=3)
        self.assertEqual(self.gaps(), {"colleagues_unaware": self.buying.ids})
        self.buying.owner_ids = self.seller | self.owner
        self.assertEqual(self.gaps(), {})
        self.buying.role_ids = self.role("influencer")
        self.assertEqual(self.gaps(), {"no_champion": []})

    def test_gaps_name_our_colleagues(self):
        self.meet(self.wang, self.seller, days=3)
        told = {gap["code"]: gap["text"] for gap in self.coverage()["gaps"]}
        self.assertIn(self.seller.name, told["one_owner"])
        self.meet(self.wang, self.owner, days=3)
        told = {gap["code"]: gap["text"] for gap in self.coverage()["gaps"]}
        for name in (self.seller.name, self.owner.name, "Wang Li"):
            self.assertIn(name, told["colleagues_unaware"])

    def test_the_way_in_to_whom_we_have_to_win(self):
        """The heaviest who is not for us; none when all who weigh are."""
        way = self.map_of(self.seller)["way"]
        self.assertEqual((way["seat_id"], way["paths"]), (self.top.id, []))
        self.meet(self.wang, self.owner)
        way = self.map_of(self.seller)["way"]
        self.assertEqual(way["name"], "Chen Hao")
        self.assertEqual(way["paths"], self.top.with_user(self.seller).best_path()[:1])
        self.top.stance = "favourable"
        self.assertEqual(self.map_of(self.seller)["way"]["seat_id"], self.plant.id)
        self.plant.stance = "supporter"
        self.assertFalse(self.map_of(self.seller)["way"])

    def test_what_if_she_leaves(self):
        self.meet(self.buyer, self.seller)
        deputy = self.seat(self.buyer, manager_id=self.top.id, stance="favourable")
        told = self.buying.with_user(self.seller).what_if_leaves()
        self.assertGreater(told["coverage_before"]["percent"], 30)
        self.assertLess(told["coverage_after"]["percent"], 10)
        self.assertEqual(told["coverage_after"]["colour"], "red")
        self.assertEqual(told["replacements"][0]["seat_id"], deputy.id)
        names = [one["name"] for one in told["replacements"]]
        self.assertNotIn("Liu Fang", names)  # is against us
        self.assertNotIn("Wang Li", names)
        self.assertTrue(self.buying.active)

    # ------------------------------------------------------------------- ways

    def test_best_way_leads_over_the_champion(self):
        self.meet(self.wang, self.owner, days=1)
        self.meet(self.wang, self.owner, days=4)
        self.meet(self.liu, self.seller, days=300)
        ways = self.top.with_user(self.seller).best_path()
        best = [(step["type"], step["id"]) for step in ways[0]["steps"]]
        self.assertEqual(
            best,
            [("user", self.owner.id), ("seat", self.buying.id), ("seat", self.top.id)],
        )
        self.assertEqual(len(ways), 2)
        self.assertGreater(ways[0]["strength"], ways[1]["strength"])
        self.assertEqual(ways[0]["steps"][2]["how"], "influence")

    def test_opposition_and_who_is_gone_open_no_door(self):
        self.sway.kind = "opposes"
        self.buying.manager_id = False
        self.meet(self.wang, self.owner)
        self.assertEqual(self.top.with_user(self.seller).best_path(), [])
        self.sway.kind = "influences"
        self.assertTrue(self.top.with_user(self.seller).best_path())
        self.wang.active = False
        self.assertEqual(self.top.with_user(self.seller).best_path(), [])

    def test_introduction_asks_the_colleague(self):
        self.meet(self.wang, self.owner)
        action = self.top.with_user(self.seller).action_introduction_mail()
        context = action["context"]
        self.assertEqual(context["default_partner_ids"], self.owner.partner_id.ids)
        self.assertIn("Chen Hao", context["default_body"])
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.seller)
            .with_context(**context)
            .create({})
        )
        composer._action_send_mail()
        message = self.env["mail.message"].search(
            [("subject", "=", "Introduction to Chen Hao")]
        )
        self.assertEqual(message.partner_ids, self.owner.partner_id)
        self.assertEqual(message.message_type, "user_notification")

    def test_introduction_asks_the_contact_whom_i_know(self):
        self.meet(self.wang, self.seller)
        context = self.top.with_user(self.seller).action_introduction_mail()["context"]
        self.assertEqual(context["default_partner_ids"], self.wang.ids)
        self.wang.email = "wang.li@example.com"
        composer = self.env["mail.compose.message"].with_user(self.seller)
        composer.with_context(**context).create({})._action_send_mail()
        mail = self.env["mail.mail"].search([("recipient_ids", "=", self.wang.id)])
        self.assertIn("Chen Hao", mail.body_html)
        for inner in ("Key Contact", "key.contact", "supporter", "→"):
            self.assertNotIn(inner, mail.body_html)

    def test_introduction_as_a_to_do(self):
        self.meet(self.wang, self.owner)
        self.top.with_user(self.seller).action_introduction_activity()
        activity = self.env["mail.activity"].search([("user_id", "=", self.owner.id)])
        self.assertEqual(activity.summary, "Introduction to Chen Hao")
        self.assertFalse(activity.res_model)

    def test_no_way_and_no_need(self):
        with self.refused("Nobody of us knows a way", UserError):
            self.top.with_user(self.seller).action_introduction_mail()
        self.meet(self.chief, self.seller)
        with self.refused("You know Chen Hao best yourself", UserError):
            self.top.with_user(self.seller).action_introduction_mail()

    # -------------------------------------------------------------- proposals

    def proposals(self, account=None, user=None):
        found = self.map_of(user or self.seller, account)["proposals"]
        return {one["text"]: one for one in found}

    def test_proposals_come_from_documents(self):
        self.buyer.function = "Buyer"
        guest = self.make_partner("Outside Counsel", is_company=False)
        event = self.meet(self.wang, self.seller)
        event.partner_ids = [Command.link(guest.id)]
        self.make_order(self.buyer)
        self.make_lead(self.buyer)
        self.env["mail.message"].create(
            {
                "message_type": "email",
                "model": "res.partner",
                "res_id": self.gold.id,
                "author_id": self.buyer.id,
                "body": "Hello",
            }
        )
        order = self.make_order(self.wang)
        order.signed_by = "bo buyer "
        found = self.proposals()
        why = found["Give Bo Buyer a seat"]["why"]
        for words in ("Buyer", "1 mail", "1 order", "1 opportunity", "signed 1 order"):
            self.assertIn(words, why)
        self.assertEqual(found["Give Outside Counsel a seat"]["why"], "1 meeting")
        self.assertFalse([text for text in found if "Wang Li a seat" in text])
        self.assertFalse(
            [text for text in found if "seller" in text and "seat" in text]
        )

    def test_who_writes_about_a_deal_is_proposed(self):
        """Also somebody who works elsewhere; and to whom we write."""
        lead = self.make_lead(self.wang)
        counsel = self.make_partner("Outside Counsel", is_company=False)
        for person in (counsel, self.seller.partner_id):
            self.env["mail.message"].create(
                {
                    "message_type": "email",
                    "model": "crm.lead",
                    "res_id": lead.id,
                    "author_id": person.id,
                    "partner_ids": [Command.link(self.buyer.id)],
                    "body": "Hello",
                }
            )
        found = self.proposals()
        self.assertEqual(found["Give Outside Counsel a seat"]["why"], "1 mail")
        self.assertEqual(found["Give Bo Buyer a seat"]["why"], "2 mails")
        self.assertFalse([text for text in found if self.seller.name in text])

    def test_nothing_is_written_by_looking(self):
        self.buyer.function = "Buyer"
        self.meet(self.wang, self.seller)
        names = ("customer.key.contact", "customer.influence", "customer.key.proposal")
        before = [self.env[name].search([]) for name in names]
        owners = self.map.seat_ids.owner_ids
        self.assertTrue(self.proposals())
        self.assertEqual([self.env[name].search([]) for name in names], before)
        self.assertEqual(self.map.seat_ids.owner_ids, owners)

    def test_one_click_accepts_one_dismisses_for_good(self):
        self.buyer.function = "Purchasing Assistant"
        model = self.env["customer.key.contact"].with_user(self.seller)
        number = self.proposals()["Give Bo Buyer a seat"]["id"]
        seat = model.browse(model.accept_proposal(number))
        self.assertEqual(seat.partner_id, self.buyer)
        self.assertEqual(set(seat.role_ids.mapped("code")), {"evaluator", "gatekeeper"})
        self.assertEqual(seat.create_uid, self.seller)
        line = self.proposals()["Bo Buyer reports to Wang Li"]
        self.assertEqual(line["kind"], "line")
        model.dismiss_proposal(line["id"])
        self.assertNotIn("Bo Buyer reports to Wang Li", self.proposals())
        with self.refused("no such proposal any more", UserError):
            model.accept_proposal(line["id"])
        seat.unlink()
        self.assertNotIn("Give Bo Buyer a seat", self.proposals())

    def test_accepting_a_line_an_owner_and_a_closeness(self):
        model = self.env["customer.key.contact"].with_user(self.seller)
        self.plant.manager_id = False
        self.buying.manager_id = False
        found = self.proposals()
        model.accept_proposal(found["Wang Li reports to Chen Hao"]["id"])
        self.assertEqual(self.buying.manager_id, self.top)
        for days in (1, 2, 3):
            self.meet(self.wang, self.owner, days=days)
        self.buying.closeness = "1"
        found = self.proposals()
        own = next(one for text, one in found.items() if "looks after Wang Li" in text)
        model.accept_proposal(own["id"])
        self.assertEqual(self.buying.owner_ids, self.owner)
        close = found["Closeness of Wang Li: Close, not Acquainted"]
        self.assertEqual(close["kind"], "closeness")
        model.accept_proposal(close["id"])
        self.assertFalse(self.buying.stated_closeness)
        self.assertEqual(self.drawn(self.buying)["closeness"], 3)

    def test_who_does_not_want_to_be_profiled_is_not_proposed(self):
        self.buyer.function = "Buyer"
        self.assertIn("Give Bo Buyer a seat", self.proposals())
        self.buyer.category_id = self.env.ref("customer_value.category_no_profiling")
        self.assertNotIn("Give Bo Buyer a seat", self.proposals())

    def test_made_up_numbers_are_refused(self):
        model = self.env["customer.key.contact"].with_user(self.seller)
        hidden = self.make_partner("Silver clerk", parent_id=self.silver.id)
        for number in (
            "nonsense",
            "1-seat-x-0",
            f"{self.gold.id}-seat-{hidden.id}-0",
            f"{self.gold.id}-line-{self.top.id}-{self.buying.id}",
        ):
            with self.refused("no such proposal", UserError):
                model.accept_proposal(number)

    def test_first_accepted_proposal_begins_the_map(self):
        self.make_partner("Silver clerk", parent_id=self.silver.id, function="Buyer")
        number = self.proposals(self.silver)["Give Silver clerk a seat"]["id"]
        model = self.env["customer.key.contact"].with_user(self.seller)
        model.accept_proposal(number)
        self.assertEqual(len(self.map_of(self.seller, self.silver)["seats"]), 1)

    # ------------------------------------------------------------ value model

    def test_coverage_is_stored_when_the_map_changes(self):
        self.env.cr.flush()
        self.assertEqual(self.map.coverage_colour, "amber")
        told = self.coverage()["percent"]
        self.assertAlmostEqual(self.map.coverage_percent, told, delta=0.1)
        self.top.stance = "supporter"
        self.env.cr.flush()
        self.assertEqual(self.map.coverage_colour, "green")
        self.assertGreater(self.map.gap_count, 0)
        # 3 people: who, roles, power, stance known; owner and contact not
        self.assertAlmostEqual(self.map.quality_percent, 100 * 4 / 6, delta=0.1)

    def test_it_feeds_the_value_model(self):
        chief = self.seat(name="Chief", account=self.unscored, stance="favourable")
        self.seat(name="Clerk", account=self.unscored, power=3)
        self.env.cr.flush()
        lone = self.make_partner("Without a map")
        sources = [self.source(f"influence_{what}") for what in ("coverage", "quality")]
        self.assertTrue(all(source.available for source in sources))
        model = self.make_model(
            [
                {
                    "source": f"influence_{what}",
                    "aggregate": "max",
                    "window": (0, "day"),
                    "missing": "ignore",
                }
                for what in ("coverage", "quality")
            ],
            partners=self.unscored | lone,
        )
        self.score(model)
        rows = self.stored()
        self.assertEqual(rows[self.unscored.id]["raw"], [25, 16.7])
        self.assertEqual(rows[lone.id]["states"], [0, 0])
        self.forget_marks()
        chief.stance = "opponent"
        self.env.cr.flush()
        self.assertIn(self.unscored, self.marked_customers())

    def test_ready_indicators_are_confidential(self):
        ready = self.env["customer.value.indicator"].search(
            [("code", "in", ("influence_coverage", "influence_quality"))]
        )
        self.assertTrue(ready)
        self.assertTrue(all(ready.mapped("confidential")))
        self.assertEqual(set(ready.mapped("missing")), {"ignore"})
