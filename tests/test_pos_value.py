import json
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.point_of_sale.tests.test_frontend import TestPointOfSaleHttpCommon

LONG_TIER = "Founding partners of the very first hour and their families"


class PosValueCommon(TestPointOfSaleHttpCommon):
    """A till, a small model (the points are the contact's colour), a few customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(su=True)
        cls.env["customer.value.run"].search([]).unlink()
        cls.env["customer.value.model"].search([]).write({"state": "retired"})
        cls.env["customer.value.score"].search([]).unlink()
        cls.model = cls._make_model(cls.env.company)
        partners = cls.env["res.partner"]
        cls.entity = partners.create(
            {"name": "Ada Works", "is_company": True, "ref": "TILL", "color": 6}
        )
        cls.contact = partners.create({"name": "Ada Buyer", "parent_id": cls.entity.id})
        cls.silver = partners.create(
            {"name": "Ben Silver", "ref": "TILL", "color": 5, "barcode": "0421234567"}
        )
        cls.unscored = partners.create({"name": "Cleo Unscored"})
        cls.customers = cls.entity | cls.contact | cls.silver | cls.unscored
        cls._buy(cls.contact, 3)
        cls.model._replace_active_version()
        cls._rescore()
        cls.entity.color = 9
        cls._rescore()
        cls.main_pos_config.with_user(cls.pos_user).open_ui()
        cls.pos_session = cls.main_pos_config.current_session_id.with_user(cls.pos_user)

    @classmethod
    def _make_model(cls, company):
        model = cls.env["customer.value.model"].create(
            {
                "name": "Till",
                "code": "till",
                "domain": "[('ref', '=', 'TILL')]",
                "company_id": company.id,
            }
        )
        dimension = cls.env.ref("customer_value.dimension_purchase")
        cls.env["customer.value.indicator"].create(
            {
                "model_id": model.id,
                "name": "Colour",
                "code": "color",
                "dimension_id": dimension.id,
                "aggregate": "attribute",
                "attribute_path": "color",
                "band_ids": [
                    Command.create({"threshold": step, "points": 10 * step})
                    for step in range(11)
                ],
            }
        )
        model.rfm_frequency_id = cls.env["customer.value.indicator"].create(
            {
                "model_id": model.id,
                "name": "Purchases",
                "code": "purchases",
                "dimension_id": dimension.id,
                "source_id": cls.env.ref("customer_value.source_purchases").id,
                "aggregate": "count",
                "window_number": 12,
                "window_unit": "month",
                "weight": 0,
                "band_ids": [Command.create({"threshold": 0, "points": 0})],
            }
        )
        cls.env["customer.value.tier"].create(
            [
                {
                    "model_id": model.id,
                    "name": name,
                    "code": name.lower(),
                    "color": color,
                    "sequence": at,
                    "hysteresis": 0,
                    "rule_ids": [Command.create({"kind": "score", "number": number})],
                }
                for at, (name, color, number) in enumerate(
                    [
                        (LONG_TIER, "#7c3aed", 100),
                        ("Gold", "#c58b1b", 70),
                        ("Silver", "#8a94a0", 40),
                        ("Bronze", "#a0643c", 0),
                    ]
                )
            ]
        )
        return model

    @classmethod
    def _buy(cls, partner, times):
        product = cls.env["product.product"].create({"name": "Pan", "type": "consu"})
        orders = cls.env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    "order_line": [
                        Command.create({"product_id": product.id, "price_unit": 10})
                    ],
                }
                for __ in range(times)
            ]
        )
        orders.action_confirm()
        orders.date_order = fields.Datetime.now() - timedelta(days=40)

    @classmethod
    def _rescore(cls, models=None):
        cls.env["customer.value.run"]._start(models or cls.model)._work_through()

    def _load(self, since=False):
        """What a cashier's till gets at its start, as ``{contact id: row}``."""
        session = self.pos_session.with_context(pos_last_server_date=since)
        return {row["id"]: row for row in session.load_data([])["res.partner"]}

    def _loaded_badge(self, partner):
        return json.loads(self._load()[partner.id]["value_badge"])

    def _badges(self, partners=None):
        """What the open till gets when it renews its badges."""
        rows = (
            self.env["res.partner"]
            .with_user(self.pos_user)
            .get_value_badges((partners or self.customers).ids)
        )
        return {
            row["id"]: row["value_badge"] and json.loads(row["value_badge"])
            for row in rows
        }

    def _tiers(self, partners=None):
        return {
            key: badge and badge["tier"]
            for key, badge in self._badges(partners).items()
        }


@tagged("post_install", "-at_install")
class TestPosValue(PosValueCommon):
    def test_loaded_tier_and_line(self):
        """The contact shows its company's badge; who has no score shows none."""
        gold = {
            "tier": "Gold",
            "color": "#c58b1b",
            "line": "Rising · 3 purchases in 12 months",
        }
        self.assertEqual(self._loaded_badge(self.entity), gold)
        self.assertEqual(self._loaded_badge(self.contact), gold)
        self.assertEqual(
            self._loaded_badge(self.silver),
            {"tier": "Silver", "color": "#8a94a0", "line": ""},
        )
        self.assertIs(self._load()[self.unscored.id]["value_badge"], False)

    def test_only_the_badge_is_loaded(self):
        """No other value field, and nothing in the badge but tier and line."""
        params = self.pos_session.load_data_params()
        names = [
            name
            for name in params["res.partner"]["fields"]
            if name.startswith(("value_", "loyalty_", "influence_"))
        ]
        self.assertEqual(names, ["value_badge"])
        self.assertFalse([name for name in params if name.startswith("customer.value")])
        self.assertEqual(
            set(self._load()[self.entity.id]) - set(params["res.partner"]["fields"]),
            set(),
        )
        self.assertEqual(
            set(self._loaded_badge(self.entity)), {"tier", "color", "line"}
        )

    def test_line_in_words(self):
        score = self.env["customer.value.score"]
        frequency = self.model.rfm_frequency_id
        self.assertEqual(score._till_line("flat", frequency, 0), "")
        self.assertEqual(score._till_line("up", frequency, None), "Rising")
        self.assertEqual(
            score._till_line("down", frequency, 1), "Falling · 1 purchase in 12 months"
        )
        frequency.write({"window_number": 2, "window_unit": "year"})
        self.assertEqual(
            score._till_line("flat", frequency, 7), "7 purchases in 2 years"
        )
        frequency.window_number = 1
        self.assertEqual(
            score._till_line("flat", frequency, 7), "7 purchases in a year"
        )
        frequency.window_number = 0
        self.assertEqual(score._till_line("flat", frequency, 7), "7 purchases")

    def test_confidential_number_of_purchases_stays_hidden(self):
        self.model.rfm_frequency_id.confidential = True
        self.env.invalidate_all()
        self.assertEqual(self._loaded_badge(self.entity)["line"], "Rising")

    def test_fading_number_of_purchases_is_no_number_of_purchases(self):
        self.model.rfm_frequency_id.decays = True
        self._rescore()
        self.assertEqual(self._badges()[self.entity.id]["line"], "Rising")

    def test_cashier_reads_nothing_else(self):
        """A cashier without the group: badge yes, scores, measures, fields no."""
        self.assertFalse(self.pos_user.has_group("customer_value.group_user"))
        cashier = self.env(user=self.pos_user)
        for name in ("score", "measure", "history", "tier", "model", "indicator"):
            with self.subTest(name), self.assertRaises(AccessError):
                cashier[f"customer.value.{name}"].search([])
        partner = self.entity.with_user(self.pos_user)
        for name in ("value_score", "value_tier_id", "value_realised", "value_strip"):
            with self.subTest(name), self.assertRaises(AccessError):
                partner.read([name])
        self.assertTrue(partner.read(["value_badge"])[0]["value_badge"])

    @mute_logger("odoo.http")
    def test_cashier_reads_nothing_else_by_rpc(self):
        self.authenticate("pos_user", "pos_user")
        rows = self._rpc("res.partner", "get_value_badges", [[self.entity.id]])
        self.assertIn("Gold", rows[0]["value_badge"])
        for method in ("_till_badges", "_till_rows"):
            with self.assertRaisesRegex(AssertionError, "Private methods"):
                self._rpc("customer.value.score", method, [[self.entity.id]])
        with self.assertRaisesRegex(AssertionError, "AccessError"):
            self._rpc("customer.value.score", "search_read", [[]])

    def _rpc(self, model, method, args):
        answer = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            json={
                "jsonrpc": "2.0",
                "method": "call",
                "params": {
                    "model": model,
                    "method": method,
                    "args": args,
                    "kwargs": {},
                },
            },
        ).json()
        self.assertNotIn("error", answer, str(answer.get("error")))
        return answer["result"]

    def test_badge_is_for_cashiers_only(self):
        """Neither an employee without the till nor a kiosk's visitor gets badges."""
        employee = new_test_user(self.env, "no_till", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(employee).get_value_badges(
                self.entity.ids
            )
        with self.assertRaises(AccessError):
            self.entity.with_user(employee).read(["value_badge"])
        visitor = self.env.ref("base.public_user")
        kiosk = self.env["res.partner"].with_user(visitor).sudo()
        self.assertNotIn(
            "value_badge", kiosk._load_pos_data_fields(self.main_pos_config)
        )
        self.assertIn(
            "value_badge",
            self.env["res.partner"]
            .with_user(self.pos_user)
            ._load_pos_data_fields(self.main_pos_config),
        )

    def test_contacts_the_cashier_may_not_read(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.silver.company_id = other
        self.unscored.unlink()
        self.assertEqual(set(self._badges()), set((self.entity | self.contact).ids))

    def test_company_of_the_till(self):
        """A score given by another company is not shown here."""
        other = self.env["res.company"].create({"name": "Other Company"})
        elsewhere = self._make_model(other)
        elsewhere._replace_active_version()
        self.unscored.ref = "TILL"
        self._rescore(elsewhere)
        self.assertTrue(
            self.env["customer.value.score"].search(
                [("partner_id", "=", self.unscored.id), ("company_id", "=", other.id)]
            )
        )
        self.assertFalse(self._badges()[self.unscored.id])
        self.pos_user.company_ids += other
        partner = self.unscored.with_user(self.pos_user).with_company(other)
        self.assertIn("Bronze", partner.value_badge)

    def test_rescored_between_two_loads(self):
        """A rescoring sends no contact again; the renewal brings the new tier."""
        self.assertEqual(self._loaded_badge(self.contact)["tier"], "Gold")
        before = fields.Datetime.to_string(fields.Datetime.now() + timedelta(minutes=1))
        self.entity.color = 5
        self._rescore()
        rows = self._load(since=before)
        self.assertNotIn(self.contact.id, rows, "start as quick as without scores")
        self.assertEqual(self._tiers(self.contact), {self.contact.id: "Silver"})
        self.assertEqual(self._loaded_badge(self.contact)["tier"], "Silver")

    def test_contacts_fetched_later(self):
        """Found by search, by barcode, or read again after editing: badge as well."""
        partners = self.env["res.partner"].with_user(self.pos_user)
        found = partners.get_new_partner(
            self.main_pos_config.id, [("name", "=", "Ben Silver")], 0
        )["res.partner"]
        self.assertEqual([row["name"] for row in found], ["Ben Silver"])
        self.assertIn("Silver", found[0]["value_badge"])
        names = partners._load_pos_data_fields(self.main_pos_config)
        scanned = partners.search_read(
            [("barcode", "=", "0421234567")], names, load=False
        )
        self.assertEqual([row["name"] for row in scanned], ["Ben Silver"])
        self.assertIn("Silver", scanned[0]["value_badge"])

    def test_deleted_score_vanishes(self):
        self.silver.ref = "GONE"
        self._rescore()
        self.assertEqual(self._tiers(self.silver), {self.silver.id: False})

    def test_contact_that_changes_company(self):
        self.contact.parent_id = False
        self.assertEqual(self._tiers(self.contact), {self.contact.id: False})

    def test_language_of_the_cashier(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        gold = self.model.tier_ids.filtered(lambda tier: tier.code == "gold")
        gold.update_field_translations("name", {"fr_FR": "Or"})
        self.assertEqual(self._tiers(self.entity), {self.entity.id: "Gold"})
        cashier = self.env["res.partner"].with_user(self.pos_user)
        [row] = cashier.with_context(lang="fr_FR").get_value_badges(self.entity.ids)
        self.assertEqual(json.loads(row["value_badge"])["tier"], "Or")

    def test_queries_do_not_grow_with_the_customers(self):
        self._count_queries()  # fills the caches that outlive a request
        few = self._count_queries()
        self.env["res.partner"].create(
            [
                {"name": f"Customer {at}", "ref": "TILL", "color": at % 10}
                for at in range(60)
            ]
        )
        self._rescore()
        self.assertEqual(self._count_queries(), few)
        self.assertLessEqual(
            few, 7, "scores, models, indicators, tiers, rights, friends, ideas"
        )

    def _count_queries(self):
        """Of the badges alone, for every contact that the till loads."""
        ids = list(self._load())
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        badges = self.env["customer.value.score"]._till_badges(ids)
        self.assertGreaterEqual(len(badges), 3)
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestPosValueTour(PosValueCommon):
    allow_inherited_tests_method = True

    def setUp(self):
        """Somebody in the office, whom the tour calls by a method of the test's own."""
        super().setUp()

        def rescore_for_tour(contacts, values):
            contacts = contacts.sudo()
            contacts.write(values)
            contacts.env["customer.value.dirty"]._score_now(contacts)
            return True

        office = patch.object(
            self.registry["res.partner"],
            "rescore_for_tour",
            rescore_for_tour,
            create=True,
        )
        self.startPatcher(office)

    def test_pos_value_tour(self):
        self.start_pos_tour("customer_value_pos", timeout=180)


@tagged("post_install", "-at_install")
class TestPosValueTourSmall(TestPosValueTour):
    browser_size = "375x667"
    touch_enabled = True
