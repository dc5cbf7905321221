"""Contacts that become one: maps join, no line is lost, none leads to itself."""

from odoo.tests import tagged

from .influence_common import InfluenceCommon


@tagged("post_install", "-at_install")
class TestInfluenceMerge(InfluenceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draw_gold()

    def merge(self, source, into):
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (source | into).ids, into, False
        )
        self.env.invalidate_all()

    def lines(self, seats=None):
        """What is drawn, by the names of the people."""
        lines = self.env["customer.influence"].search([("map_id", "=", self.map.id)])
        return sorted(
            (line.source_id.display_name, line.target_id.display_name, line.kind,
             line.strength)
            for line in lines
        )  # fmt: skip

    def test_a_person_who_sat_twice(self):
        """He was known by two addresses, and both were drawn."""
        twin = self.make_partner("Li Wang", parent_id=self.gold.id, is_company=False)
        second = self.seat(
            twin,
            ["influencer"],
            power=5,
            stance="critical",
            note="Cycles to work",
            owner_ids=self.owner.ids,
        )
        report = self.seat(name="Assistant", manager_id=second.id)
        self.line(second, self.top, strength=2)  # the same line, weaker
        self.line(second, self.plant, strength=4)
        self.line(self.plant, second, "opposes", 1)
        self.line(self.buying, second, strength=3)  # to himself
        self.line(second, self.buying, "tie", 3, tie_type="school")
        self.line(self.plant, self.buying, "tie", 2, tie_type="family")
        self.line(second, self.plant, "tie", 5, tie_type="family")  # the way back
        self.merge(twin, self.wang)
        self.assertFalse(second.exists())
        self.assertEqual(
            self.lines(),
            [
                ("Liu Fang", "Wang Li", "opposes", 1),
                ("Wang Li", "Chen Hao", "influences", 3),
                ("Wang Li", "Liu Fang", "influences", 4),
                ("Wang Li", "Liu Fang", "tie", 5),
            ],
        )
        self.assertEqual(report.manager_id, self.buying)
        self.assertEqual(self.buying.manager_id, self.top)
        self.assertEqual(set(self.buying.role_ids.mapped("code")),
                         {"champion", "influencer"})  # fmt: skip
        self.assertEqual((self.buying.power, self.buying.stance), (3, "supporter"))
        self.assertEqual(self.buying.note, "Cycles to work")
        self.assertEqual(self.buying.owner_ids, self.owner)
        events = self.buying.history_ids.mapped("event")
        self.assertEqual(events.count("seated"), 2)
        self.assertIn("merged", events)

    def test_what_one_seat_knew(self):
        twin = self.make_partner("Hao Chen", parent_id=self.gold.id, is_company=False)
        self.top.write({"power": 0, "stance": "unknown"})
        self.seat(twin, power=4, stance="favourable", department="Board")
        self.merge(twin, self.chief)
        self.assertEqual((self.top.power, self.top.stance, self.top.department),
                         (4, "favourable", "Board"))  # fmt: skip

    def test_only_the_source_had_a_seat(self):
        twin = self.make_partner("Li Wang", parent_id=self.gold.id, is_company=False)
        self.merge(self.wang, twin)
        self.assertEqual(self.buying.partner_id, twin)
        self.assertEqual(self.lines(), [("Li Wang", "Chen Hao", "influences", 3)])
        self.assertFalse(self.buying.gone)

    def test_two_trees_that_would_make_a_circle(self):
        """The chief's second seat reported to the plant."""
        twin = self.make_partner("Hao Chen", parent_id=self.gold.id, is_company=False)
        self.seat(twin, manager_id=self.plant.id)
        self.merge(twin, self.chief)
        self.assertFalse(self.top.manager_id)
        self.assertEqual(self.plant.manager_id, self.top)

    def test_the_manager_and_the_report_become_one(self):
        twin = self.make_partner("Hao Chen", parent_id=self.gold.id, is_company=False)
        second = self.seat(twin, manager_id=self.top.id)
        self.buying.manager_id = second
        self.merge(twin, self.chief)
        self.assertFalse(self.top.manager_id)
        self.assertEqual(self.buying.manager_id, self.top)
        self.merge(self.chief, self.wang)
        self.assertFalse(self.buying.manager_id)
        self.assertEqual(self.plant.manager_id, self.buying)
        self.assertEqual(self.lines(), [])

    def test_in_the_same_deal(self):
        twin = self.make_partner("Li Wang", parent_id=self.gold.id, is_company=False)
        second = self.seat(twin)
        leads = (self.make_lead(self.gold) | self.make_lead(self.gold)).sorted("id")
        deals = self.env["customer.key.contact.deal"]
        deals.create(
            [
                {"lead_id": leads[0].id, "seat_id": self.buying.id},
                {
                    "lead_id": leads[0].id,
                    "seat_id": second.id,
                    "stance": "critical",
                    "role_ids": self.role("user").ids,
                },
                {"lead_id": leads[1].id, "seat_id": second.id, "stance": "neutral"},
            ]
        )
        self.merge(twin, self.wang)
        found = deals.search(
            [("lead_id", "in", leads.ids)], order="seat_id, id"
        ).sorted(lambda one: one.lead_id.id)
        self.assertEqual(found.seat_id, self.buying)
        self.assertEqual(found.mapped("stance"), ["critical", "neutral"])
        self.assertEqual(found[0].role_ids, self.role("user"))

    # ------------------------------------------------------------- accounts

    def test_two_accounts_one_map(self):
        """A consultant sat at both; both knew a line of his."""
        at_gold = self.seat(self.consultant, ["influencer"])
        self.line(at_gold, self.top, strength=2)
        there = self.seat(self.consultant, account=self.silver, power=4)
        chief = self.make_partner("Sil Ver", parent_id=self.silver.id, is_company=False)
        boss = self.seat(chief, account=self.silver)
        there.manager_id = boss
        self.line(there, boss, strength=4)
        there.map_id.user_ids = self.named
        self.map_of(self.manager, self.silver)
        silver_map = there.map_id
        self.merge(self.silver, self.gold)
        self.assertFalse(silver_map.exists())
        self.assertFalse(there.exists())
        self.assertEqual(boss.map_id, self.map)
        self.assertEqual(boss.account_id, self.gold)
        self.assertEqual(
            self.lines(),
            [
                ("Kit Walker", "Chen Hao", "influences", 2),
                ("Kit Walker", "Sil Ver", "influences", 4),
                ("Wang Li", "Chen Hao", "influences", 3),
            ],
        )
        self.assertEqual(at_gold.power, 4)
        self.assertEqual(at_gold.manager_id, boss)
        self.assertIn(self.named, self.map.user_ids)
        self.assertFalse(boss.gone)
        lines = self.env["customer.influence"].search([("map_id", "=", self.map.id)])
        self.assertEqual(lines.account_id, self.gold)
        views = self.env["customer.influence.view.log"]
        self.assertIn(
            self.manager, views.search([("map_id", "=", self.map.id)]).user_id
        )

    def test_only_the_source_had_a_map(self):
        self.merge(self.gold, self.silver)
        self.assertEqual(self.map.account_id, self.silver)
        self.assertEqual(self.map.seat_ids.account_id, self.silver)
        self.assertEqual(len(self.map.seat_ids), 3)
        self.assertEqual(self.lines(), [("Wang Li", "Chen Hao", "influences", 3)])
        self.assertFalse(any(self.map.seat_ids.mapped("gone")))

    def test_what_was_dismissed_stays_dismissed(self):
        self.buyer.function = "Buyer"
        twin = self.make_partner("Bo B.", parent_id=self.gold.id, is_company=False)
        model = self.env["customer.key.contact"].with_user(self.seller)
        number = f"{self.gold.id}-seat-{self.buyer.id}-0"
        model.dismiss_proposal(number)
        self.merge(self.buyer, twin)
        shown = [one["id"] for one in self.map_of(self.seller)["proposals"]]
        self.assertNotIn(f"{self.gold.id}-seat-{twin.id}-0", shown)
        twin.function = "Buyer"
        shown = [one["id"] for one in self.map_of(self.seller)["proposals"]]
        self.assertNotIn(f"{self.gold.id}-seat-{twin.id}-0", shown)

    def test_deleted_account(self):
        self.gold.child_ids.unlink()
        self.gold.unlink()
        for record in (self.map, self.top, self.sway):
            self.assertFalse(record.exists())
