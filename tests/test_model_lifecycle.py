"""A value model from draft to retirement: what is let through, what is refused."""

from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools import SQL, mute_logger


class ModelCommon(TransactionCase):
    """A company of its own, ten customers told apart by a number, a small model.

    The number is the contact's colour (0 to 11): no documents are needed.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Lifecycle Works"})
        cls.manager = new_test_user(
            cls.env,
            "lifecycle.manager",
            "customer_value.group_manager,sales_team.group_sale_salesman_all_leads",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.reader = new_test_user(
            cls.env,
            "lifecycle.reader",
            "customer_value.group_user,sales_team.group_sale_salesman_all_leads",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.system = cls.env
        cls.env = cls.env(user=cls.manager, su=False)
        cls.customers = cls.env["res.partner"].create(
            [
                {"name": f"Customer {color}", "ref": "LIFECYCLE", "color": color}
                for color in range(10)
            ]
        )
        cls.model = cls.make_model()

    @classmethod
    def make_model(cls, code="life", **vals):
        model = cls.env["customer.value.model"].create(
            {
                "name": code.title(),
                "code": code,
                "domain": "[('ref', '=', 'LIFECYCLE')]",
                **vals,
            }
        )
        cls.make_indicator(model, "number", bands=[(0, 0), (11, 110)])
        top = cls.make_tier(model, "Top", 10)
        cls.env["customer.value.tier.rule"].create(
            {
                "tier_id": top.id,
                "kind": "points",
                "indicator_id": model.indicator_ids.id,
                "number": 50,
            }
        )
        cls.make_tier(model, "Rest", 20)
        return model

    @classmethod
    def make_indicator(cls, model, code, bands=(), **vals):
        return cls.env["customer.value.indicator"].create(
            {
                "model_id": model.id,
                "name": code.title(),
                "code": code,
                "dimension_id": cls.env.ref("customer_value.dimension_purchase").id,
                "aggregate": "attribute",
                "attribute_path": "color",
                "scale": "interpolated",
                "weight": 10,
                "band_ids": [
                    Command.create({"threshold": edge, "points": min(points, 100)})
                    for edge, points in bands
                ],
                **vals,
            }
        )

    @classmethod
    def make_tier(cls, model, name, sequence, **vals):
        return cls.env["customer.value.tier"].create(
            {
                "model_id": model.id,
                "name": name,
                "code": name.lower(),
                "sequence": sequence,
                **vals,
            }
        )

    @classmethod
    def activate(cls, model=None):
        """Activate and score at once, as the workers would."""
        return cls.work_through((model or cls.model).action_activate())

    @classmethod
    def work_through(cls, action):
        run = cls.env["customer.value.run"].browse(action["res_id"])
        run.sudo()._work_through()
        return run

    def scores(self):
        found = self.env["customer.value.score"].search(
            [("company_id", "=", self.company.id)]
        )
        return {score.partner_id: score for score in found}

    def snapshot(self):
        """What stands in our tables and in the contacts, transient ones aside."""
        tables = self.env.execute_query(
            SQL(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
                "AND (tablename LIKE 'customer_value_%%' OR tablename = 'res_partner')"
            )
        )
        kept = {}
        self.env.flush_all()
        for (table,) in tables:
            if table in ("customer_value_preview", "customer_value_preview_line"):
                continue
            kept[table] = self.env.execute_query(
                SQL(
                    "SELECT COUNT(*), "
                    "MD5(STRING_AGG(row::text, ' ' ORDER BY row::text)) "
                    "FROM %s AS row",
                    SQL.identifier(table),
                )
            )
        return kept


@tagged("post_install", "-at_install")
class TestModelLifecycle(ModelCommon):
    def test_from_draft_to_retirement(self):
        first = self.model
        run = self.activate()
        self.assertEqual((first.state, first.version), ("active", 1))
        self.assertEqual((run.state, run.customer_count), ("done", 10))
        self.assertEqual(set(self.scores()), set(self.customers))

        second = self.env["customer.value.model"].browse(
            first.action_new_draft()["res_id"]
        )
        self.assertEqual((second.state, second.code), ("draft", first.code))
        again = first.action_new_draft()["res_id"]
        self.assertEqual(again, second.id, "one draft at a time")
        self.activate(second)
        self.assertEqual((first.state, second.state), ("retired", "active"))
        self.assertEqual(second.version, 2)
        self.assertEqual(first.version_ids, first | second)
        models = {score.model_id for score in self.scores().values()}
        self.assertEqual(models, {second})

        second.action_retire()
        self.assertEqual(second.state, "retired")
        self.assertFalse(self.scores(), "nobody keeps a score of a retired model")
        third = self.env["customer.value.model"].browse(
            second.action_new_draft()["res_id"]
        )
        self.activate(third)
        self.assertEqual(third.version, 3)

    def test_only_drafts_are_activated(self):
        self.activate()
        with self.assertRaisesRegex(UserError, "New draft"):
            self.model.action_activate()

    def test_open_runs_end_with_their_version(self):
        run = self.env["customer.value.run"].browse(
            self.model.action_activate()["res_id"]
        )
        self.model.action_retire()
        self.assertEqual(run.state, "cancelled")
        run.sudo()._work_through()
        self.assertFalse(self.scores())

    def test_copy_keeps_slots_and_remaps(self):
        second = self.make_indicator(self.model, "second", [(0, 0)])
        third = self.make_indicator(self.model, "third", [(0, 0)])
        second.unlink()
        self.model.write(
            {
                "rfm_recency_id": third.id,
                "rfm_frequency_id": third.id,
                "rfm_monetary_id": self.model.indicator_ids[0].id,
            }
        )
        draft = self.model.copy({"name": "Copy", "code": self.model.code})
        slots = {line.code: line.slot for line in self.model.indicator_ids}
        copied = {line.code: line.slot for line in draft.indicator_ids}
        self.assertEqual(copied, slots)
        self.assertEqual(slots["third"], 3, "a slot that was used is not used again")
        rule = draft.tier_ids.rule_ids
        self.assertEqual(rule.indicator_id.model_id, draft)
        self.assertEqual(rule.indicator_id.code, "number")
        self.assertEqual(draft.rfm_recency_id.model_id, draft)
        self.assertEqual(draft.rfm_monetary_id.code, "number")
        self.assertEqual(
            draft.indicator_ids[0].band_ids.mapped("points"),
            self.model.indicator_ids[0].band_ids.mapped("points"),
        )

    def test_duplicate_is_another_scheme(self):
        copied = self.model.copy()
        self.assertNotEqual(copied.code, self.model.code)
        self.assertFalse(copied._lineage() & self.model)

    def test_rival_is_refused_by_name(self):
        self.activate()
        rival = self.make_model(
            "rival", domain="[('ref', '=', 'LIFECYCLE'), ('color', '>', 7)]"
        )
        with self.assertRaises(ValidationError) as refusal:
            rival.action_activate()
        message = str(refusal.exception)
        self.assertIn("Life", message)
        for customer in self.customers[8:]:
            self.assertIn(customer.name, message)
        self.assertNotIn("Customer 7", message)
        self.assertEqual(rival.state, "draft")


@tagged("post_install", "-at_install")
class TestModelLock(ModelCommon):
    """Real managers, not the superuser: what the screens and RPC are allowed."""

    def setUp(self):
        super().setUp()
        self.activate()

    def assert_locked(self, action):
        with self.assertRaisesRegex(UserError, "New draft"):
            action()

    def test_parts_cannot_be_changed(self):
        indicator = self.model.indicator_ids
        tier = self.model.tier_ids[0]
        for record, vals in (
            (self.model, {"domain": "[]"}),
            (self.model, {"code": "other"}),
            (self.model, {"recalibration": "never"}),
            (
                self.model,
                {"indicator_ids": [Command.update(indicator.id, {"weight": 1})]},
            ),
            (indicator, {"weight": 1}),
            (indicator.band_ids[0], {"points": 1}),
            (tier, {"hysteresis": 9}),
            (tier.rule_ids, {"number": 9}),
        ):
            with self.subTest(record=record, vals=vals):
                self.assert_locked(lambda record=record, vals=vals: record.write(vals))

    def test_parts_cannot_be_added(self):
        indicator = self.model.indicator_ids
        tier = self.model.tier_ids[0]
        self.assert_locked(lambda: self.make_indicator(self.model, "more", [(0, 0)]))
        self.assert_locked(lambda: self.make_tier(self.model, "More", 5))
        self.assert_locked(
            lambda: indicator.band_ids.create(
                {"indicator_id": indicator.id, "threshold": 3, "points": 3}
            )
        )
        self.assert_locked(
            lambda: tier.rule_ids.create({"tier_id": tier.id, "number": 3})
        )
        self.assert_locked(
            lambda: self.env["customer.value.segment"].create(
                {"model_id": self.model.id, "name": "All", "code": "all"}
            )
        )

    def test_parts_cannot_be_deleted_or_moved_in(self):
        for records in (
            self.model.indicator_ids,
            self.model.indicator_ids.band_ids,
            self.model.tier_ids,
            self.model.tier_ids.rule_ids,
        ):
            with self.subTest(records=records):
                self.assert_locked(records.unlink)
        draft = self.make_model("other")
        self.assert_locked(
            lambda: draft.indicator_ids.write({"model_id": self.model.id})
        )

    def test_retired_versions_are_locked_too(self):
        self.model.action_retire()
        self.assert_locked(lambda: self.model.indicator_ids.write({"weight": 1}))

    def test_only_drafts_are_deleted(self):
        draft = self.make_model("other")
        lines = draft.indicator_ids
        draft.unlink()
        self.assertFalse(lines.exists())
        with self.assertRaisesRegex(UserError, "Only a draft"):
            self.model.unlink()
        self.model.action_retire()
        with self.assertRaisesRegex(UserError, "Only a draft"):
            self.model.unlink()

    def test_words_and_order_stay_free(self):
        self.model.write({"name": "Better", "description": "Words", "sequence": 3})
        self.model.indicator_ids.write({"name": "Better", "description": "Words"})
        self.model.tier_ids[0].name = "Better"
        self.assertEqual(self.model.name, "Better")

    def test_state_is_not_set_by_hand(self):
        draft = self.make_model("other")
        for vals in (
            {"state": "active"},
            {"version": 7},
            {"calibrated_on": "2026-01-01"},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                draft.write(vals)
        with self.assertRaises(AccessError):
            self.env["customer.value.model"].create(
                {"name": "Sly", "code": "sly", "state": "active"}
            )

    def test_calibration_is_let_through(self):
        draft = self.make_model("cut", domain="[('ref', '=', 'CUT')]")
        self.customers[:5].ref = "CUT"
        draft.indicator_ids.write(
            {
                "scale": "quantile",
                "band_ids": [
                    Command.clear(),
                    Command.create({"percentile": 0, "points": 10}),
                    Command.create({"percentile": 50, "points": 60}),
                ],
            }
        )
        self.activate(draft)
        cut = draft.indicator_ids.band_ids.filtered("percentile")
        self.assertEqual(cut.threshold, 2, "the middle one of five")
        self.customers[:5].color = 7
        draft.action_recalibrate()
        draft.run_ids.sudo()._work_through()
        self.assertEqual(cut.threshold, 7)

    def test_readers_press_no_buttons(self):
        model = self.model.with_user(self.reader)
        for action in (
            model.action_retire,
            model.action_score,
            model.action_recalibrate,
            model.action_new_draft,
            model.action_preview,
        ):
            with self.subTest(action=action.__name__), self.assertRaises(AccessError):
                action()
        with self.assertRaises(AccessError):
            model.name = "Mine"
        self.assertEqual(self.model.state, "active")


@tagged("post_install", "-at_install")
class TestModelRefusals(ModelCommon):
    """Bad configuration is refused, each with words that say how to mend it."""

    def refuse_activation(self, words):
        with self.assertRaisesRegex(ValidationError, words):
            self.model.action_activate()
        self.assertIn(words.split(".")[0], self.model.problem)
        self.assertEqual(self.model.state, "draft")

    def test_weights_all_zero(self):
        self.model.indicator_ids.weight = 0
        self.refuse_activation("All weights are zero")

    def test_no_indicators(self):
        self.model.tier_ids.rule_ids.unlink()
        self.model.indicator_ids.unlink()
        self.refuse_activation("no indicators")

    def test_no_tiers(self):
        self.model.tier_ids.unlink()
        self.refuse_activation("no tiers")

    def test_no_bands(self):
        self.model.indicator_ids.band_ids.unlink()
        self.refuse_activation("without bands")

    def test_segments_with_a_gap(self):
        number = self.model.indicator_ids
        self.model.write(
            {
                "rfm_recency_id": number.id,
                "rfm_frequency_id": number.id,
                "rfm_monetary_id": number.id,
            }
        )
        segment = self.env["customer.value.segment"].create(
            {
                "model_id": self.model.id,
                "name": "Most",
                "code": "most",
                "recency_min": 2,
            }
        )
        self.refuse_activation("No segment covers recency 1")
        segment.recency_min = 1
        self.assertFalse(self.model.problem)

    @mute_logger("odoo.sql_db")
    def test_negative_weight(self):
        with self.assertRaises(CheckViolation) as refusal:
            self.model.indicator_ids.weight = -1
            self.env.flush_all()
        shown = self.model.indicator_ids._sql_error_to_message(refusal.exception)
        self.assertIn("A weight cannot be negative", shown)

    def test_overlapping_bands(self):
        with self.assertRaisesRegex(ValidationError, "overlap"):
            self.model.indicator_ids.band_ids = [
                Command.create({"threshold": 11, "points": 5})
            ]

    def test_domain_that_does_not_evaluate(self):
        for domain in ("[('no_such_field', '=', 1)]", "[('name', '=',", "uid > 3"):
            with (
                self.subTest(domain=domain),
                self.assertRaisesRegex(ValidationError, "population"),
            ):
                self.model.domain = domain

    def test_half_life_of_zero(self):
        source = self.env.ref("customer_value.source_sales")
        with self.assertRaisesRegex(ValidationError, "half-life of zero"):
            self.make_indicator(
                self.model,
                "fading",
                [(0, 0)],
                aggregate="sum",
                source_id=source.id,
                decays=True,
                half_life=0,
            )

    def test_rate_without_opportunity(self):
        source = self.env.ref("customer_value.source_sales")
        with self.assertRaisesRegex(ValidationError, "asked, invited or due"):
            self.make_indicator(
                self.model, "rate", [(0, 0)], aggregate="rate", source_id=source.id
            )


@tagged("post_install", "-at_install")
class TestModelForm(ModelCommon):
    def test_shares_of_the_weights(self):
        self.make_indicator(self.model, "second", [(0, 0)], weight=30)
        self.assertEqual(self.model.indicator_ids.mapped("weight_share"), [25, 75])
        with Form(self.model) as form, form.indicator_ids.edit(0) as line:
            line.weight = 70
        self.assertEqual(self.model.indicator_ids.mapped("weight_share"), [70, 30])
        self.model.indicator_ids.weight = 0
        self.assertEqual(self.model.indicator_ids.mapped("weight_share"), [0, 0])

    def test_code_is_proposed_once(self):
        with Form(self.env["customer.value.model"]) as form:
            form.name = "Žluté obchody, 12 months"
            self.assertEqual(form.code, "zlute_obchody_12_months")
            form.name = "Other"
            self.assertEqual(form.code, "zlute_obchody_12_months")

    def test_windows_in_words(self):
        number = self.model.indicator_ids
        source = self.env.ref("customer_value.source_sales")
        number.write({"aggregate": "count", "source_id": source.id})
        for vals, words in (
            ({"window_number": 12}, "last 12 months"),
            ({"window_number": 1}, "last month"),
            ({"window_shift": 1}, "month before the last"),
            ({"window_number": 0, "window_shift": 0}, "since ever"),
        ):
            number.write(vals)
            self.assertEqual(number.window_text, words)


@tagged("post_install", "-at_install")
class TestMenus(ModelCommon):
    """Everybody sees the menus of what he may do, and opens them without an error."""

    def menus(self, user):
        shown = self.env["ir.ui.menu"].with_user(user).load_menus(False)
        return {menu.get("xmlid") for menu in shown.values()}

    def test_who_sees_which(self):
        root, models, runs, overrides = (
            f"customer_value.customer_value_{name}"
            for name in ("menu", "model_menu", "run_menu", "override_menu")
        )
        stranger = new_test_user(self.system, "lifecycle.stranger", "base.group_user")
        self.assertFalse({root, models, runs, overrides} & self.menus(stranger))
        reader = self.menus(self.reader)
        self.assertEqual({root, overrides} - reader, set())
        self.assertFalse({models, runs} & reader)
        self.assertEqual(
            {root, models, runs, overrides} - self.menus(self.manager), set()
        )

    def test_views_open_for_who_sees_them(self):
        self.activate()
        for name, user in (
            ("customers", self.reader),
            ("score", self.reader),
            ("history", self.reader),
            ("override", self.reader),
            ("run", self.manager),
            ("model", self.manager),
            ("source", self.manager),
            ("dimension", self.manager),
        ):
            action = self.system.ref(f"customer_value.customer_value_{name}_action")
            with self.subTest(action=name):
                model = self.env[action.res_model].with_user(user)
                views = model.get_views(
                    [(view_id, mode) for view_id, mode in action.views]
                )["views"]
                for mode, view in views.items():
                    self.assertTrue(view["arch"], mode)
