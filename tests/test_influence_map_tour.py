from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common import CustomerValueCommon

PEOPLE = {
    "Chen Hao": "General manager",
    "Wang Li": "Head of purchasing",
    "Zhou Qing": "Finance director",
    "Liu Fang": "Production manager",
    "He Jun": "Buyer",
    "Sun Yan": "Assistant",
    "Ma Lin": "Quality manager",
    "Guo Ping": "Engineer",
    "Olga Odd": "Receptionist",
}


class MapTourCommon(HttpCase, CustomerValueCommon):
    browser_size = "1366x900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls.make_seller("seller", "Map Seller")
        cls.other = cls.make_seller("other", "Other Seller")
        cls.account = cls.make_partner("Map Works", user_id=cls.seller.id)
        cls.people = {
            name: cls.make_partner(
                name, function=job, parent_id=cls.account.id, is_company=False
            )
            for name, job in PEOPLE.items()
        }
        cls.seats = cls.env["customer.key.contact"]

    @classmethod
    def make_seller(cls, login, name):
        return new_test_user(
            cls.env,
            f"map.{login}",
            "sales_team.group_sale_salesman_all_leads,base.group_partner_manager",
            name=name,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def seat(self, name):
        return self.seats.search([("partner_id", "=", self.people[name].id)])

    def make_seats(self, *names):
        return self.seats.with_user(self.seller).create(
            [
                {"account_id": self.account.id, "partner_id": self.people[name].id}
                for name in names
            ]
        )

    def open_map(self, tour, user):
        self.start_tour(
            f"/odoo/res.partner/{self.account.id}/influence-map",
            tour,
            login=user.login,
        )


@tagged("post_install", "-at_install")
class TestInfluenceMapTour(MapTourCommon):
    """The map in a browser, as a salesperson of the account and as somebody else."""

    def test_build_a_map_of_eight(self):
        self.open_map("customer_value_influence_map", self.seller)
        self.assertFalse(self.seat("Olga Odd"))
        self.assertEqual(
            len(self.seats.search([("account_id", "=", self.account.id)])), 8
        )
        self.assertEqual(self.seat("Sun Yan").manager_id, self.seat("Wang Li"))
        self.assertEqual(self.seat("Wang Li").owner_ids, self.seller)
        self.assertEqual(self.seat("Wang Li").stated_closeness, "3")
        self.assertEqual(self.seat("Liu Fang").stance, "opponent")
        line = self.seat("Wang Li").outgoing_ids
        self.assertEqual(
            (line.target_id, line.kind, line.strength),
            (self.seat("Chen Hao"), "influences", 5),
        )

    def test_all_by_keyboard(self):
        self.make_seats("Chen Hao", "Wang Li")
        self.open_map("customer_value_influence_map_keys", self.seller)
        self.assertFalse(self.seat("Wang Li"), "archived")
        gone = self.seats.with_context(active_test=False).search(
            [("partner_id", "=", self.people["Wang Li"].id)]
        )
        self.assertEqual(gone.manager_id, self.seat("Chen Hao"))
        self.assertFalse(gone.incoming_ids)

    def test_whole_map(self):
        """Lines hidden, seen as in a deal, on paper and as a picture."""
        self.make_seats("Chen Hao", "Wang Li", "Liu Fang")
        lead = self.make_lead(self.people["Wang Li"], name="Big deal")
        self.env["customer.key.contact.deal"].create(
            {
                "lead_id": lead.id,
                "seat_id": self.seat("Liu Fang").id,
                "stance": "critical",
            }
        )
        for kind in ("influences", "tie"):
            self.env["customer.influence"].create(
                {
                    "source_id": self.seat("Wang Li").id,
                    "target_id": self.seat("Chen Hao").id,
                    "kind": kind,
                    "evidence": "They went to the same school in the same town",
                }
            )
        self.open_map("customer_value_influence_map_whole", self.seller)

    def test_outside_the_team(self):
        self.make_seats("Chen Hao")
        self.open_map("customer_value_influence_map_outside", self.other)


@tagged("post_install", "-at_install")
class TestInfluenceMapByHand(MapTourCommon):
    """A tablet: no mouse, no keys."""

    touch_enabled = True

    def test_fingers(self):
        self.make_seats("Chen Hao", "Wang Li", "Liu Fang")
        self.open_map("customer_value_influence_map_touch", self.seller)
        self.assertEqual(self.seat("Wang Li").manager_id, self.seat("Chen Hao"))
        self.assertEqual(self.seat("Liu Fang").manager_id, self.seat("Wang Li"))
        self.assertFalse(self.seat("Chen Hao").manager_id)
        line = self.seat("Liu Fang").outgoing_ids
        self.assertEqual(line.target_id, self.seat("Chen Hao"))


@tagged("post_install", "-at_install")
class TestInfluenceMapOnATelephone(MapTourCommon):
    browser_size = "390x844"
    touch_enabled = True

    def test_list(self):
        self.make_seats("Chen Hao", "Wang Li", "Liu Fang")
        self.env["customer.influence"].create(
            {
                "source_id": self.seat("Wang Li").id,
                "target_id": self.seat("Chen Hao").id,
                "kind": "tie",
            }
        )
        self.open_map("customer_value_influence_map_list", self.seller)
        self.assertEqual(self.seat("Wang Li").manager_id, self.seat("Chen Hao"))
        self.assertEqual(self.seat("Wang Li").stance, "supporter")
        self.assertEqual(
            self.seat("Liu Fang").outgoing_ids.target_id, self.seat("Wang Li")
        )
        self.assertTrue(self.seat("Zhou Qing"))
