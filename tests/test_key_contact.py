"""Seats, lines, placeholders, history: what is kept, what is refused."""

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .influence_common import InfluenceCommon


@tagged("post_install", "-at_install")
class TestKeyContact(InfluenceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draw_gold()

    def test_ready_roles(self):
        codes = self.env["customer.key.role"].search([]).mapped("code")
        ready = (
            "decision_maker approver evaluator influencer champion gatekeeper user "
            "blocker"
        )
        self.assertEqual(codes[:8], ready.split())

    def test_the_account_is_the_company(self):
        seat = self.seat(self.consultant, account=self.buyer)
        self.assertEqual(seat.account_id, self.gold)
        self.assertEqual(seat.map_id, self.map)

    def test_who_works_elsewhere_sits_here_and_is_not_gone(self):
        seat = self.seat(self.consultant, ["influencer"])
        self.assertFalse(seat.gone)
        self.assertEqual(seat.employer_id, self.consultant)

    def test_placeholder(self):
        seat = self.seat(name="Plant engineer")
        self.assertTrue(seat.is_placeholder)
        self.assertEqual(seat.display_name, "Plant engineer")
        places = self.env["customer.key.contact"].search(
            [("is_placeholder", "=", True), ("map_id", "=", self.map.id)]
        )
        self.assertEqual(places, seat)
        seat.partner_id = self.consultant
        self.assertEqual(seat.display_name, "Kit Walker")

    def test_a_seat_says_what_it_is(self):
        with self.refused("Choose the person"):
            self.seat()

    def test_the_account_is_not_one_of_its_people(self):
        with self.refused("is the account itself"):
            self.seat(self.gold)

    @mute_logger("odoo.sql_db")
    def test_one_seat_each(self):
        with self.assertRaises(Exception) as caught, self.env.cr.savepoint():
            self.seat(self.chief)
        self.assertRegex(str(caught.exception), "person_unique|already has a seat")

    def test_job_is_proposed_and_may_differ(self):
        self.assertEqual(self.buying.job, "Purchasing Director")
        self.buying.job = "Head of everything"
        self.wang.function = "Buyer"
        self.assertEqual(self.buying.job, "Head of everything")

    def test_a_circle_is_refused_with_its_names(self):
        self.plant.manager_id = self.buying
        with self.refused("Chen Hao → Liu Fang → Wang Li → Chen Hao"):
            self.top.set_manager(self.plant.id)
        with self.refused("Wang Li → Wang Li"):
            self.buying.set_manager(self.buying.id)

    def test_a_circle_made_in_one_go(self):
        self.top.set_manager(False)
        self.plant.set_manager(self.buying.id)
        with self.refused("circle"):
            (self.top | self.buying).write({"manager_id": self.plant.id})

    def test_influence_may_be_circular(self):
        self.line(self.top, self.plant)
        self.line(self.plant, self.buying)
        self.assertAlmostEqual(sum(self.map.seat_ids.mapped("weight")), 100, delta=0.2)

    def test_manager_of_another_account(self):
        other = self.seat(account=self.silver, name="Somebody")
        with self.refused("sit at different accounts"):
            self.plant.manager_id = other
        with self.refused("sit at different accounts"):
            self.line(self.plant, other)

    @mute_logger("odoo.sql_db")
    def test_bad_lines(self):
        for refused in (
            lambda: self.line(self.plant, self.plant),
            lambda: self.line(self.plant, self.top, strength=6),
            lambda: self.line(self.buying, self.top),
            lambda: self.line(
                self.plant, self.top, since="2024-02-02", until="2024-02-01"
            ),
            lambda: self.seat(name="Nobody", power=6),
        ):
            with self.assertRaises(Exception), self.env.cr.savepoint():  # noqa: B017
                refused()
                self.env.flush_all()

    def test_a_tie_is_drawn_once(self):
        self.line(self.plant, self.buying, "tie", tie_type="school")
        with self.refused("the other way round"):
            self.line(self.buying, self.plant, "tie", tie_type="school")
        self.line(self.buying, self.plant, "tie", tie_type="family")

    def test_who_reported_to_a_removed_seat_reports_above(self):
        self.plant.manager_id = self.buying
        self.buying.unlink()
        self.assertEqual(self.plant.manager_id, self.top)

    def test_numbers_from_the_map(self):
        """The map writes closeness as a number; emptied, it follows contact."""
        self.buying.write({"closeness": 3, "desired_closeness": 2, "power": 4})
        self.assertEqual(self.buying.stated_closeness, "3")
        self.assertEqual(self.buying.desired_closeness, "2")
        self.buying.closeness = False
        self.assertFalse(self.buying.stated_closeness)

    # -------------------------------------------------------------- leaving

    def test_archived_person(self):
        self.wang.active = False
        self.assertEqual(self.buying.gone, "archived")
        drawn = {seat["id"]: seat for seat in self.map_of(self.seller)["seats"]}
        self.assertTrue(drawn[self.buying.id]["gone"])
        self.assertEqual(drawn[self.buying.id]["weight"], 0)
        self.assertTrue(self.sway.exists())

    def test_moved_person(self):
        self.wang.parent_id = self.silver
        self.assertEqual(self.buying.gone, "moved")
        self.map._refresh_nightly()
        last = self.history(self.buying)[0]
        self.assertEqual((last.event, last.stance), ("moved", "supporter"))
        count = len(self.history(self.buying))
        self.map._refresh_nightly()
        self.assertEqual(len(self.history(self.buying)), count)
        self.wang.parent_id = self.gold
        self.map._refresh_nightly()
        self.assertEqual(self.history(self.buying)[0].event, "back")

    def test_deleted_person_leaves_a_place(self):
        self.wang.unlink()
        self.env.invalidate_all()
        self.assertTrue(self.buying.exists().is_placeholder)
        self.assertEqual(self.buying.display_name, "Purchasing Director")
        self.assertFalse(self.sway.exists(), "a deleted person is erased")

    # -------------------------------------------------------------- history

    def history(self, seat):
        self.env.flush_all()
        return self.env["customer.key.contact.history"].search(
            [("seat_id", "=", seat.id)]
        )

    def test_history_tells_who_held_what(self):
        self.assertEqual(self.history(self.buying).mapped("event"), ["seated"])
        self.buying.with_user(self.seller).write({"stance": "critical", "power": 5})
        self.buying.note = "Not told"
        self.buying.partner_id = self.consultant
        last, middle, first = self.history(self.buying)
        self.assertEqual((first.partner_id, first.stance, first.power),
                         (self.wang, "supporter", 3))  # fmt: skip
        self.assertEqual((middle.stance, middle.power, middle.user_id),
                         ("critical", 5, self.seller))  # fmt: skip
        self.assertEqual(last.partner_id, self.consultant)
        self.assertEqual(first.role_ids.code, "champion")

    def test_history_survives_its_seat(self):
        rows = self.history(self.buying)
        self.buying.unlink()
        self.env.invalidate_all()
        self.assertEqual(rows.exists().partner_id, self.wang)

    # -------------------------------------------------------------- deals

    def test_another_role_in_a_deal(self):
        lead = self.make_lead(self.buyer)
        self.env["customer.key.contact.deal"].with_user(self.seller).create(
            {
                "lead_id": lead.id,
                "seat_id": self.plant.id,
                "stance": "supporter",
                "role_ids": self.role("decision_maker").ids,
            }
        )
        drawn = {one["id"]: one for one in self.map_of(self.seller, lead=lead)["seats"]}
        self.assertEqual(drawn[self.plant.id]["stance"], "supporter")
        self.assertEqual(
            drawn[self.plant.id]["role_ids"], self.role("decision_maker").ids
        )
        self.assertTrue(drawn[self.plant.id]["in_deal"])
        plain = {one["id"]: one for one in self.map_of(self.seller)["seats"]}
        self.assertEqual(plain[self.plant.id]["stance"], "opponent")
        self.assertLess(plain[self.plant.id]["weight"], drawn[self.plant.id]["weight"])
        self.assertIn(lead.id, [one["id"] for one in self.map_of(self.seller)["deals"]])

    def test_deal_with_somebody_else(self):
        lead = self.make_lead(self.silver)
        with self.refused("The opportunity is with Silver Works"):
            self.env["customer.key.contact.deal"].create(
                {"lead_id": lead.id, "seat_id": self.plant.id}
            )

    # -------------------------------------------------------------- screens

    def test_forms(self):
        form = Form(self.env["customer.key.contact"].with_user(self.seller))
        form.account_id = self.gold
        form.partner_id = self.consultant
        form.stance = "neutral"
        seat = form.save()
        self.assertEqual(seat.map_id, self.map)
        with Form(seat) as form:
            with form.outgoing_ids.new() as line:
                line.target_id = self.top
        self.assertEqual(seat.outgoing_ids.target_id, self.top)

    def test_actions_open_the_map(self):
        for record in (self.gold, self.wang, self.make_lead(self.wang)):
            action = record.with_user(self.seller).action_open_influence_map()
            self.assertEqual(action["tag"], "customer_value.influence_map")
            self.assertEqual(action["params"]["account_id"], self.gold.id)
        self.assertEqual(
            self.map.action_open_map()["params"]["account_id"], self.gold.id
        )
        self.assertEqual(self.top.action_open_map()["params"]["seat_id"], self.top.id)

    def test_a_map_belongs_to_a_company(self):
        with self.refused("the map is that of the company", UserError):
            self.env["customer.influence.map"].create({"account_id": self.wang.id})

    def test_two_companies_two_maps(self):
        other = self.make_company("Europe/Madrid")
        self.work_in(other)
        seat = self.env["customer.key.contact"].create(
            {"account_id": self.gold.id, "partner_id": self.chief.id}
        )
        self.assertEqual(seat.company_id, other)
        self.assertNotEqual(seat.map_id, self.map)

    def test_bad_role_weight(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(Exception):  # noqa: B017
            with self.env.cr.savepoint():
                self.role("user").factor = 0
                self.env.flush_all()

    def test_seat_stays_with_its_account(self):
        with self.refused("A seat stays with its account", UserError):
            self.plant.with_user(self.seller).account_id = self.silver

    def test_ties_of_who_does_not_want_to_be_profiled(self):
        tag = self.env.ref("customer_value.category_no_profiling")
        tie = self.line(self.plant, self.buying, "tie", tie_type="family")
        self.wang.category_id = tag
        self.assertFalse(tie.exists())
        with self.refused("asked not to be profiled", ValidationError):
            self.line(self.plant, self.buying, "tie", tie_type="family")
        drawn = {one["id"]: one for one in self.map_of(self.seller)["seats"]}
        self.assertEqual(drawn[self.buying.id]["weight"], 0)
        self.assertAlmostEqual(
            sum(one["weight"] for one in drawn.values()), 100, delta=0.2
        )

    def test_ties_forgotten_when_tagged_from_the_tag(self):
        tag = self.env.ref("customer_value.category_no_profiling")
        tie = self.line(self.plant, self.buying, "tie", tie_type="family")
        tag.partner_ids = self.wang
        self.assertNotIn(
            tie.id, [one["id"] for one in self.map_of(self.seller)["edges"]]
        )
        self.map._refresh_nightly()
        self.assertFalse(tie.exists())

    def test_plain_reporting_tree(self):
        seats = self.env["customer.key.contact"].with_user(self.seller)
        rows = seats.hierarchy_read(
            [("map_id", "=", self.map.id), ("manager_id", "=", False)],
            {"display_name": {}, "job": {}, "stance": {}},
            "manager_id",
            "report_ids",
        )
        self.assertEqual({row["id"] for row in rows}, set(self.map.seat_ids.ids))
        arch = seats.get_view(view_type="hierarchy")["arch"]
        self.assertIn('parent_field="manager_id"', arch)
