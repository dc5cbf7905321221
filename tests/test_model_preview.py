"""Preview of a draft and the test of one customer: the figures, and nothing written."""

import json

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..models.customer_value_model import READY_MODELS
from .test_model_lifecycle import ModelCommon


class PreviewCommon(ModelCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.activate()
        cls.draft = cls.env["customer.value.model"].browse(
            cls.model.action_new_draft()["res_id"]
        )

    def preview(self, draft=None):
        action = (draft or self.draft).action_preview()
        return self.env["customer.value.preview"].browse(action["res_id"])

    def reverse(self):
        """Let the draft give most points to who had fewest."""
        self.draft.indicator_ids.band_ids = [
            Command.clear(),
            Command.create({"threshold": 0, "points": 100}),
            Command.create({"threshold": 11, "points": 0}),
        ]


@tagged("post_install", "-at_install")
class TestPreview(PreviewCommon):
    def test_unchanged_draft_moves_nobody(self):
        result = self.preview().result
        self.assertEqual(result["scored"], 10)
        self.assertEqual(result["moves"], {"same": 10})
        self.assertFalse(result["rises"] or result["falls"])
        for level in result["tiers"]:
            self.assertEqual(level["today"], level["draft"])

    def test_reversed_draft(self):
        self.reverse()
        result = self.preview().result
        # Points are 100 x color / 11 today, the rest to 100 by the draft: Top from 50
        top, rest, none = result["tiers"]
        self.assertEqual((top["name"], top["today"], top["draft"]), ("Top", 4, 6))
        self.assertEqual((rest["name"], rest["today"], rest["draft"]), ("Rest", 6, 4))
        self.assertEqual((none["today"], none["draft"]), (0, 0))
        self.assertEqual((top["to"], rest["to"]), ([0, 4, 0], [6, 0, 0]))
        rises = [(line["name"], line["old"], line["new"]) for line in result["rises"]]
        falls = [(line["name"], line["old"], line["new"]) for line in result["falls"]]
        self.assertEqual(rises[:2], [("Customer 0", 0, 100), ("Customer 1", 9, 91)])
        self.assertEqual(falls[0], ("Customer 9", 82, 18))
        self.assertEqual((len(rises), len(falls)), (6, 4))
        self.assertEqual((result["rises"][0]["old_tier"], top["name"]), ("Rest", "Top"))

    def test_cells_open_their_customers(self):
        self.reverse()
        preview = self.preview()
        top, rest, __ = preview.result["tiers"]
        action = preview.action_open_lines(rest["old_ids"], top["new_ids"])
        lines = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(lines.partner_id, self.customers[:6])
        action = preview.action_open_lines(move="falls")
        lines = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(lines.partner_id, self.customers[6:])

    def test_who_enters_and_leaves(self):
        self.draft.domain = "[('ref', '=', 'LIFECYCLE'), ('color', '!=', 3)]"
        self.env["res.partner"].create({"name": "Newcomer", "ref": "LIFECYCLE"})
        result = self.preview().result
        self.assertEqual(result["moves"], {"same": 9, "leaves": 1, "enters": 1})
        self.assertEqual((result["scored"], result["today"]), (10, 10))
        *__, none = result["tiers"]
        self.assertEqual((none["today"], none["draft"]), (1, 1))
        self.assertFalse(result["rises"] or result["falls"])

    def override(self, customer, tier):
        self.env["customer.value.override"].create(
            {
                "partner_id": customer.id,
                "tier_id": tier.id,
                "reason": "A manager knows",
                "date_to": "2999-12-31",
            }
        )

    def test_an_override_holds_in_the_next_version(self):
        customer = self.customers[0]
        self.override(customer, self.model.tier_ids[0])
        top, rest, none = self.preview().result["tiers"]
        self.assertEqual([level["today"] for level in (top, rest, none)], [5, 5, 0])
        self.assertEqual([level["draft"] for level in (top, rest, none)], [5, 5, 0])
        self.work_through(self.draft.action_activate())
        self.assertEqual(self.scores()[customer].tier_id, self.draft.tier_ids[0])

    def test_an_override_to_a_tier_that_the_draft_has_not(self):
        self.draft.tier_ids[0].code = "renamed"
        self.override(self.customers[0], self.model.tier_ids[0])
        result = self.preview().result
        counts = [level["draft"] for level in result["tiers"]]
        self.assertEqual(sum(counts), result["scored"])

    def test_nothing_is_written(self):
        self.reverse()
        self.draft._calibrate(self.draft._today())
        before = self.snapshot()
        self.preview()
        self.assertEqual(self.snapshot(), before)

    def test_what_is_previewed_is_what_comes(self):
        self.reverse()
        preview = self.preview()
        promised = {line.partner_id: line.new_score for line in preview.line_ids}
        self.work_through(preview.action_activate())
        got = {partner: round(score.score) for partner, score in self.scores().items()}
        self.assertEqual(got, promised)

    def test_changed_draft_is_cut_again(self):
        number = self.draft.indicator_ids
        number.write(
            {
                "scale": "quantile",
                "band_ids": [
                    Command.clear(),
                    Command.create({"percentile": 0, "points": 10}),
                    Command.create({"percentile": 50, "points": 90}),
                ],
            }
        )
        self.assertFalse(self.draft.calibrated_on)
        first = self.preview()
        self.assertTrue(self.draft.calibrated_on)
        self.assertEqual(first.result["tiers"][0]["draft"], 5)
        number.band_ids.filtered("percentile").percentile = 80
        self.assertFalse(self.draft.calibrated_on, "the cuts are those of before")
        self.assertEqual(self.preview().result["tiers"][0]["draft"], 2)

    def test_draft_that_cannot_be_activated(self):
        self.draft.indicator_ids.weight = 0
        with self.assertRaisesRegex(UserError, "All weights are zero"):
            self.preview()

    def test_every_ready_model(self):
        tag = self.env.ref("customer_value.category_distributor")
        base = {"company_id": self.company.id, "customer_rank": 1}
        people, firms, distributors = (
            self.env["res.partner"].create(
                [{"name": f"{kind} {place}", **base, **vals} for place in range(3)]
            )
            for kind, vals in (
                ("Person", {}),
                ("Firm", {"is_company": True}),
                ("Distributor", {"is_company": True, "category_id": tag.ids}),
            )
        )
        models = self.system["customer.value.model"]
        drafts = models._ready_drafts(READY_MODELS, self.company).with_env(self.env)
        whom = {
            "consumers": people,
            "key_accounts": firms,
            "distributors": distributors,
        }
        self.assertEqual(set(drafts.mapped("code")), set(whom))
        for draft in drafts:
            with self.subTest(model=draft.code):
                preview = self.preview(draft)
                self.assertFalse(preview.result["errors"])
                mine = preview.line_ids.filtered(
                    lambda line: line.partner_id in people | firms | distributors
                )
                self.assertEqual(mine.partner_id, whom[draft.code])
                self.assertEqual(set(mine.mapped("move")), {"enters"})
                draft.indicator_ids[:1].weight += 30
                again = self.preview(draft)
                self.assertEqual(again.scored_count, preview.scored_count)

    def test_lines_die_with_their_preview(self):
        preview = self.preview()
        lines = preview.line_ids
        self.assertEqual(len(lines), 10)
        preview.sudo().unlink()
        self.assertFalse(lines.exists())


@tagged("post_install", "-at_install")
class TestOneCustomer(PreviewCommon):
    def open(self, model):
        action = model.action_test()
        test = self.env[action["res_model"]].with_context(**action["context"])
        return Form(test)

    def test_adds_up_to_the_score(self):
        self.make_indicator(self.draft, "second", [(0, 30)], weight=30)
        form = self.open(self.draft)
        form.partner_id = self.customers[8]
        breakdown = form.breakdown
        rows = {row["code"]: row for row in breakdown["rows"]}
        self.assertEqual(
            (rows["number"]["raw"], round(rows["number"]["points"])), (8, 73)
        )
        self.assertEqual([row["share"] for row in breakdown["rows"]], [25, 75])
        total = sum(row["contribution"] for row in breakdown["rows"])
        self.assertAlmostEqual(total, 25 / 100 * 800 / 11 + 75 / 100 * 30)
        self.assertEqual(breakdown["strip"]["score"], round(total))
        self.assertEqual(breakdown["strip"]["tier"], "Top")
        self.assertEqual(breakdown["currency_id"], self.company.currency_id.id)

    def test_same_as_the_stored_score(self):
        form = self.open(self.model)
        form.partner_id = self.customers[5]
        # through JSON, as the browser gets it
        stored = json.loads(json.dumps(self.customers[5].value_breakdown()))
        shown = json.loads(json.dumps(form.breakdown))
        self.assertEqual(shown["rows"], stored["rows"])
        self.assertEqual(
            dict(shown["strip"], score_id=None), dict(stored["strip"], score_id=None)
        )

    def test_nothing_is_written(self):
        number = self.draft.indicator_ids
        number.write(
            {
                "scale": "quantile",
                "band_ids": [
                    Command.clear(),
                    Command.create({"percentile": 0, "points": 10}),
                    Command.create({"percentile": 50, "points": 90}),
                ],
            }
        )
        before = self.snapshot()
        form = self.open(self.draft)
        form.partner_id = self.customers[9]
        self.assertEqual(form.breakdown["strip"]["score"], 90, "cut for the moment")
        form.partner_id = self.customers[0]
        self.assertEqual(form.breakdown["strip"]["score"], 10)
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(set(number.band_ids.mapped("threshold")), {0})

    def test_contact_is_shown_by_its_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customers[9].id}
        )
        form = self.open(self.model)
        form.partner_id = contact
        self.assertEqual(form.breakdown["strip"]["score"], 82)

    def test_stranger(self):
        form = self.open(self.model)
        form.partner_id = self.env["res.partner"].create({"name": "Stranger"})
        self.assertFalse(form.breakdown)
        self.assertIn("Stranger is not in the population", form.message)
