from ast import literal_eval
from operator import eq, ge, gt, le, lt

from odoo.fields import Domain
from odoo.tests import Form, tagged

from ..models.customer_value_mixin import SHOWN_FIELDS
from .work_common import WorkCommon


@tagged("post_install", "-at_install")
class TestPartnerFields(WorkCommon):
    """The score on the contact, the quotation and the opportunity, as a seller."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.quotations = cls.env["sale.order"].union(
            *(
                cls.make_order(partner, confirm=False)
                for partner in (cls.buyer, cls.silver, cls.unscored)
            )
        )
        cls.leads = cls.env["crm.lead"].union(
            *(cls.make_lead(partner) for partner in (cls.buyer, cls.silver, None))
        )

    def setUp(self):
        super().setUp()
        self.env.invalidate_all()
        self.partners = self.everybody.with_user(self.seller)
        self.Partner = self.env["res.partner"].with_user(self.seller)

    def _here(self, *domain):
        return Domain("id", "in", self.everybody.ids) & Domain(domain)

    # ------------------------------------------------------------------ reading

    def test_a_contact_shows_the_score_of_its_company(self):
        """Gold: colour 9 is 90 at 60, latitude 8 is 80 at 30: (5400 + 2400) / 90."""
        buyer, gold = self.partners.browse([self.buyer.id, self.gold.id])
        self.assertAlmostEqual(gold.value_score_id.score, 7800 / 90, 5)
        self.assertEqual(gold.value_score, 87)
        for name in ("value_score", "value_tier_id", "value_score_id", "value_trend"):
            self.assertEqual(buyer[name], gold[name], name)
        self.assertEqual(gold.value_tier_id.code, "gold")
        self.assertEqual(gold.value_tier_color, "#c58b1b")
        self.assertEqual(gold.value_strip["score"], 87)

    def test_a_strip_of_a_contact_names_the_company(self):
        buyer, gold = self.partners.browse([self.buyer.id, self.gold.id])
        self.assertEqual(buyer.value_strip.pop("entity"), "Gold Works")
        self.assertEqual(
            {**buyer.value_strip, "entity": None}, {**gold.value_strip, "entity": None}
        )
        self.assertNotIn("entity", gold.value_strip)

    def test_who_has_no_score_shows_nothing(self):
        unscored = self.partners.browse(self.unscored.id)
        self.assertFalse(unscored.value_strip)
        self.assertFalse(unscored.value_tier_id)
        self.assertFalse(unscored.value_trend)
        self.assertFalse(unscored.value_breakdown())

    def test_the_strip_follows_the_company_while_the_form_is_edited(self):
        with Form(self.buyer.with_user(self.seller)) as form:
            self.assertEqual(form.value_strip["score"], 87)
            form.phone = "+34 600 000 000"
            self.assertEqual(form.value_strip["score"], 87)
            form.parent_id = self.silver
            self.assertEqual(form.value_strip["entity"], "Silver Works")
            self.assertEqual(form.value_strip["score"], 50)

    def test_integers_of_the_strip_add_up(self):
        for partner in self.partners.filtered("value_strip"):
            strip = partner.value_strip
            parts = strip["realised"] + strip["potential"] + strip["reference"]
            self.assertEqual(parts, strip["computed_score"])

    def test_the_current_company_decides(self):
        other = self.make_company("Europe/Madrid")
        self.assertFalse(self.gold.with_company(other).value_strip)
        self.assertTrue(self.gold.with_company(self.company).value_strip)

    def test_a_rescoring_is_seen_in_the_same_transaction(self):
        quotation = self.quotations[0]
        self.assertEqual(quotation.value_tier_id.code, "gold")
        self.gold.color = 1
        self.rescore()
        self.assertEqual(self.buyer.value_tier_id.code, "basic")
        self.assertEqual(quotation.value_tier_id.code, "basic")
        self.assertEqual(quotation.value_strip["score"], 33)

    # ----------------------------------------------------------- distance to tiers

    def test_distances_to_the_tiers_around(self):
        silver = self.silver.value_strip
        self.assertEqual(silver["next_tier"], {"name": "Gold", "points": 30})
        # two points of hysteresis: 48 is still silver
        self.assertEqual(silver["lower_tier"], {"name": "Basic", "points": 2})
        self.assertIsNone(self.gold.value_strip["next_tier"])
        self.assertEqual(
            self.gold.value_strip["lower_tier"], {"name": "Silver", "points": 9}
        )
        self.assertIsNone(self.basic.value_strip["lower_tier"])

    def test_the_told_distance_is_the_one_the_engine_keeps(self):
        """Losing what may be lost keeps the tier, one point more loses it."""
        self.silver.partner_latitude = 4.4  # 300 + 132 over 9: 48
        self.rescore()
        self.assertEqual(self.silver.value_strip["score"], 48)
        self.assertEqual(self.silver.value_tier_id.code, "silver")
        self.assertEqual(self.silver.value_strip["lower_tier"]["points"], 0)
        self.silver.partner_latitude = 4.1
        self.rescore()
        self.assertEqual(self.silver.value_strip["score"], 47)
        self.assertEqual(self.silver.value_tier_id.code, "basic")

    def test_no_distance_where_more_than_the_score_decides(self):
        gold = self.model.tier_ids.filtered(lambda tier: tier.code == "gold")
        self.env["customer.value.tier.rule"].sudo().create(
            {"tier_id": gold.id, "kind": "domain", "domain": "[('color', '>', 0)]"}
        )
        self.env.invalidate_all()
        self.assertIsNone(self.silver.value_strip["next_tier"])
        self.assertIsNone(self.gold.value_strip["lower_tier"])

    def test_an_override_has_no_distance_and_keeps_the_computed_score(self):
        self.env["customer.value.override"].create(
            {
                "partner_id": self.silver.id,
                "company_id": self.company.id,
                "sets_score": True,
                "score": 95,
                "reason": "Opens three shops",
                "date_to": "2099-12-31",
            }
        )
        strip = self.silver.value_strip
        self.assertTrue(strip["is_overridden"])
        self.assertEqual((strip["score"], strip["computed_score"]), (95, 50))
        self.assertIsNone(strip["next_tier"])
        self.assertIsNone(strip["lower_tier"])

    # ------------------------------------------------------ sorting and grouping

    def test_fields_can_be_sorted_and_grouped_by(self):
        wanted = {
            "res.partner": ("value_score", "value_tier_id", "value_segment_id"),
            "sale.order": ("value_score", "value_tier_id"),
            "crm.lead": ("value_score", "value_tier_id"),
        }
        both = ("value_score_band", "value_trend", "value_trend_points")
        for model, names in wanted.items():
            described = self.env[model].with_user(self.seller).fields_get()
            for name in (*names, *both):
                self.assertTrue(described[name]["sortable"], f"{model} {name}")
                self.assertTrue(described[name]["groupable"], f"{model} {name}")
            self.assertTrue(described["value_tier_id"]["searchable"])
            self.assertTrue(described["value_score"]["exportable"])
            self.assertFalse(described["value_strip"]["exportable"])
            self.assertFalse(described["value_strip"]["sortable"])

    def test_who_has_no_score_comes_last_in_both_directions(self):
        up = self.Partner.search(self._here(), order="value_score, id")
        self.assertEqual(
            up, self.basic | self.silver | self.gold | self.buyer | self.unscored
        )
        down = self.Partner.search(self._here(), order="value_score desc, id")
        self.assertEqual(
            down, self.gold | self.buyer | self.silver | self.basic | self.unscored
        )
        quotations = self.quotations.with_user(self.seller)
        self.assertEqual(
            quotations.search(
                [("id", "in", quotations.ids)], order="value_score desc"
            ).ids,
            quotations.ids,
        )

    def test_several_fields_share_one_join(self):
        query = self.Partner._search(
            self._here(), order="value_score desc, value_trend, value_tier_id"
        )
        self.assertEqual(query.select().code.count('JOIN "customer_value_score"'), 1)

    def test_groups_with_averages(self):
        groups = self.Partner._read_group(
            self._here(), ["value_tier_id"], ["value_score:avg", "__count"]
        )
        found = {tier.code: (round(avg or 0, 2), n) for tier, avg, n in groups}
        self.assertEqual(
            found,
            {"gold": (87, 2), "silver": (50, 1), "basic": (7, 1), False: (0, 1)},
        )
        bands = self.Partner._read_group(
            self._here(), ["value_score_band"], ["__count"]
        )
        self.assertEqual(dict(bands), {"80": 2, "50": 1, "0": 1, False: 1})

    def test_documents_are_grouped_by_tier(self):
        for documents in (self.quotations, self.leads):
            groups = documents.with_user(self.seller)._read_group(
                [("id", "in", documents.ids)],
                ["value_tier_id"],
                ["value_score:avg", "__count"],
            )
            self.assertEqual(
                {tier.code: (round(avg or 0), n) for tier, avg, n in groups},
                {"gold": (87, 1), "silver": (50, 1), False: (0, 1)},
            )

    # ---------------------------------------------------------------- searching

    def _found(self, *domain):
        return self.Partner.search(self._here(*domain), order="id")

    def test_searches(self):
        gold_tier = self.gold.value_tier_id
        scored = self.gold | self.silver | self.basic | self.buyer
        for domain, wanted in (
            ([("value_score", ">=", 50)], self.gold | self.silver | self.buyer),
            ([("value_score", "<", 50)], self.basic),
            ([("value_tier_id", "=", gold_tier.id)], self.gold | self.buyer),
            (
                [("value_tier_id", "!=", gold_tier.id)],
                self.silver | self.basic | self.unscored,
            ),
            ([("value_tier_id", "ilike", "Gol")], self.gold | self.buyer),
            ([("value_tier_id", "=", False)], self.unscored),
            (
                [("value_tier_id", "in", [gold_tier.id, False])],
                self.gold | self.buyer | self.unscored,
            ),
            ([("value_score_id", "!=", False)], scored),
            ([("value_score_id", "=", False)], self.unscored),
            ([("value_trend", "=", "new")], scored),
            ([("value_score_band", "=", "80")], self.gold | self.buyer),
        ):
            self.assertEqual(self._found(*domain), wanted.sorted("id"), domain)

    def test_searches_agree_with_what_is_shown(self):
        """Gold has 86.67 points, is shown with 87 and found as 87."""
        compare = {">=": ge, ">": gt, "<=": le, "<": lt, "=": eq}
        for number in (0, 6, 6.7, 7, 50, 86, 86.67, 87, 87.4, 100):
            for operator, holds in compare.items():
                self.assertEqual(
                    self._found(("value_score", operator, number)),
                    self.everybody.filtered(
                        lambda one, n=number, holds=holds: one.value_score_id
                        and holds(one.value_score, n)
                    ).sorted("id"),
                    f"value_score {operator} {number}",
                )
        self.assertEqual(
            self._found(("value_score", "!=", 87)),
            self.silver | self.basic | self.unscored,
        )

    def test_the_top_of_the_population(self):
        """Of three customers the best stands above 5 in 6 by mid-rank: top 17 %."""
        self.assertEqual(self.gold.value_top_share, 17)
        self.assertEqual(self.gold.value_strip["top_share"], 17)
        self.assertEqual(
            self._found(("value_top_share", "<=", 20)), self.gold | self.buyer
        )
        self.assertEqual(
            self._found(("value_top_share", "<=", 50)),
            self.gold | self.silver | self.buyer,
        )
        self.assertFalse(self._found(("value_top_share", "<", 17)))

    def test_documents_are_searched(self):
        for documents in (self.quotations, self.leads):
            documents = documents.with_user(self.seller)
            of_gold, of_silver, other = documents
            here = [("id", "in", documents.ids)]
            for domain, wanted in (
                ([("value_score", ">", 60)], of_gold),
                ([("value_tier_id", "ilike", "silver")], of_silver),
                ([("value_tier_id", "=", False)], other),
                ([("value_tier_id", "!=", self.gold.value_tier_id.id)],
                 of_silver | other),
                ([("value_trend", "=", "new")], of_gold | of_silver),
                ([("partner_id.value_top_share", "<=", 20)], of_gold),
            ):  # fmt: skip
                self.assertEqual(
                    documents.search(here + domain).sorted("id"),
                    wanted.sorted("id"),
                    (documents._name, domain),
                )

    # ------------------------------------------------------------------- export

    def test_export(self):
        self.seller.group_ids += self.env.ref("base.group_allow_export")
        rows = self.partners.browse(self.buyer.id).export_data(
            ["name", "value_score", "value_tier_id", "value_trend"]
        )
        name, score, tier, trend = rows["datas"][0]
        self.assertEqual((name, score), ("Bo Buyer", 87))
        self.assertEqual((tier, trend), ("Gold", "New"))
        quotation = self.quotations[0].with_user(self.seller)
        self.assertEqual(
            quotation.export_data(["value_tier_id/name"])["datas"], [["Gold"]]
        )

    def test_the_tier_of_the_strip_opens_its_customers(self):
        strip = self.gold.with_user(self.seller).value_strip
        tier = self.env["customer.value.tier"].browse(strip["tier_id"])
        action = tier.with_user(self.seller).action_open_customers()
        self.assertEqual(tier, self.gold.value_tier_id)
        self.assertEqual(strip["partner_id"], self.gold.id)
        self.assertEqual(action["res_model"], "res.partner")
        self.assertEqual(action["context"], {"search_default_value_tier_id": tier.id})
        listed = self.Partner.search(
            Domain(literal_eval(action["domain"]))
            & self._here(("value_tier_id", "=", tier.id))
        )
        self.assertEqual(listed, self.gold, "companies, without their contacts")

    # ---------------------------------------------------------------- breakdown

    def test_a_map_of_values_shows_all_its_points(self):
        self.gold.ref = "B"
        self.rescore()
        rows = self.gold.with_user(self.manager).value_breakdown()["rows"]
        row = next(row for row in rows if row["code"] == "ref")
        self.assertEqual((row["points"], sorted(row["bands"])), (40, [40, 100]))

    def test_the_breakdown_adds_up_for_the_manager(self):
        breakdown = self.gold.with_user(self.manager).value_breakdown()
        rows = breakdown["rows"]
        self.assertEqual([row["code"] for row in rows], ["color", "margin", "ref"])
        self.assertEqual([row["state"] for row in rows[:2]], ["measured"] * 2)
        self.assertEqual(rows[2]["state"], "none")
        self.assertIsNone(rows[2]["points"])
        self.assertAlmostEqual(rows[1]["contribution"], 80 * 30 / 90, 5)
        self.assertAlmostEqual(
            sum(row["contribution"] or 0 for row in rows), 7800 / 90, 5
        )
        self.assertEqual(breakdown["currency_id"], self.company.currency_id.id)

    def test_confidential_measures_are_one_sum_for_users(self):
        rows = self.gold.with_user(self.seller).value_breakdown()["rows"]
        self.assertEqual([row.get("code") for row in rows], ["color", "ref", None])
        self.assertEqual(
            set(rows[-1]), {"id", "state", "count", "share", "contribution"}
        )
        self.assertEqual((rows[-1]["state"], rows[-1]["count"]), ("confidential", 1))
        self.assertAlmostEqual(
            sum(row["contribution"] or 0 for row in rows), 7800 / 90, 5
        )
        self.assertAlmostEqual(sum(row["share"] or 0 for row in rows), 100, 5)

    def test_the_next_band(self):
        row = self.silver.with_user(self.seller).value_breakdown()["rows"][0]
        self.assertEqual(row["next"], {"threshold": 6, "distance": 1, "points": 60})
        self.assertEqual(row["bands"], [points for points in range(0, 101, 10)])

    def test_measured_without_a_value_is_not_zero(self):
        """Who never bought has no day of the last purchase: not "0 days"."""
        model = self.make_model(
            [
                {
                    "source": "purchases",
                    "aggregate": "recency",
                    "bands": [(0, 100), (30, 0)],
                }
            ],
            partners=self.unscored,
        )
        self.score(model)
        row = self.unscored.value_breakdown()["rows"][0]
        self.assertEqual(
            (row["state"], row["raw"], row["points"]), ("measured", None, 0)
        )

    def test_a_field_the_reader_may_not_see_has_no_label(self):
        """Points are published by the manager, the words of a guarded field are not."""
        field = self.env["res.partner"]._fields["ref"]
        indicator = self.model.indicator_ids.filtered(lambda one: one.code == "ref")
        self.gold.ref = "A"
        shown = indicator.sudo()._attribute_label(self.gold.with_user(self.seller))
        self.assertEqual(shown, "A")
        self.patch(field, "groups", "base.group_system")
        hidden = indicator.sudo()._attribute_label(self.gold.with_user(self.seller))
        self.assertEqual(hidden, "")

    # -------------------------------------------------------------------- views

    def test_views_show_the_value(self):
        for model, kind, ref in (
            ("res.partner", "form", "base.view_partner_form"),
            ("sale.order", "form", "sale.view_order_form"),
            ("crm.lead", "form", "crm.crm_lead_view_form"),
        ):
            view = (
                self.env[model]
                .with_user(self.seller)
                .get_view(self.env.ref(ref).id, kind)
            )
            self.assertIn('widget="customer_value_strip"', view["arch"], ref)
        for model, kind, ref in (
            ("res.partner", "list", "base.view_partner_tree"),
            ("res.partner", "kanban", "base.res_partner_kanban_view"),
            ("sale.order", "list", "sale.view_quotation_tree_with_onboarding"),
            ("sale.order", "list", "sale.view_order_tree"),
            ("sale.order", "kanban", "sale.view_quotation_kanban_with_onboarding"),
            ("crm.lead", "list", "crm.crm_case_tree_view_oppor"),
            ("crm.lead", "kanban", "crm.crm_case_kanban_view_leads"),
            ("crm.lead", "kanban", "crm.crm_lead_view_kanban_forecast"),
        ):
            view = (
                self.env[model]
                .with_user(self.seller)
                .get_view(self.env.ref(ref).id, kind)
            )
            self.assertIn('widget="customer_value_tier"', view["arch"], ref)

    def test_documents_show_what_the_contact_shows(self):
        for documents in (self.quotations, self.leads):
            document = documents.with_user(self.seller)[0]
            for name in SHOWN_FIELDS:
                self.assertEqual(document[name], document.partner_id[name], name)
