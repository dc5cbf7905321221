"""The demo company: a plan that looks like life, and stories that come out as told."""

from collections import Counter
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import BaseCase, TransactionCase, tagged
from odoo.tools import convert_file

from ..demo.generator import Generator
from ..demo.plan import Plan
from ..demo.stories import STORIES
from ..hooks import READY_MODELS

CATALOGUE = {"cheap": 12, "usual": 49, "better": 119, "dear": 399}
ASKED = ("mailings_opened", "mailings_clicked", "events_attended", "surveys_completed")
FILES = ("users", "products", "customers")


@tagged("post_install", "-at_install")
class TestDemoPlan(BaseCase):
    def plan(self, **values):
        return Plan(CATALOGUE, STORIES, **values)

    def sales(self, customer, oldest=365):
        return sum(
            CATALOGUE[key] * quantity
            for sale in customer.purchases
            if sale.day <= oldest
            for key, quantity in sale.basket
        )

    def last_day(self, customer):
        return min(sale.day for sale in customer.purchases)

    def test_the_same_seed_makes_the_same_plan(self):
        self.assertEqual(self.plan().customers, self.plan().customers)
        self.assertNotEqual(self.plan().customers, self.plan(seed=1).customers)

    def test_about_300_customers_of_three_kinds_and_all_habits(self):
        customers = self.plan().customers
        kinds = Counter(customer.kind for customer in customers)
        self.assertAlmostEqual(len(customers), 300, delta=15)
        self.assertGreater(kinds["consumer"], 200)
        self.assertGreater(kinds["key_account"], 30)
        self.assertGreater(kinds["distributor"], 15)
        self.assertEqual(
            len({customer.name or customer.key for customer in customers}),
            len(customers),
        )

    def test_one_in_five_brings_most(self):
        customers = self.plan().customers
        for kind in ("consumer", "key_account", "distributor"):
            with self.subTest(kind=kind):
                sales = sorted(
                    (self.sales(one) for one in customers if one.kind == kind),
                    reverse=True,
                )
                share = sum(sales[: len(sales) // 5]) / sum(sales)
                self.assertGreater(share, 0.5)
                self.assertLess(share, 0.95)

    def test_many_consumers_bought_once(self):
        consumers = [one for one in self.plan().customers if one.kind == "consumer"]
        once = sum(len(one.purchases) == 1 for one in consumers)
        self.assertAlmostEqual(once / len(consumers), 0.42, delta=0.1)

    def test_nothing_happens_in_the_future_or_before_the_customer_came(self):
        for customer in self.plan().customers:
            days = [
                one.day
                for line in (customer.purchases, customer.touches, customer.deals)
                for one in line
            ]
            self.assertGreaterEqual(min(days, default=1), 0, customer)
            self.assertLessEqual(max(days, default=0), customer.since + 1, customer)

    def test_some_drift_some_grow_and_some_buy_in_other_currencies(self):
        customers = self.plan().customers
        habits = Counter(customer.habit for customer in customers)
        for habit in ("drifted", "fading", "growing", "returned", "steady"):
            self.assertGreater(habits[habit], 3, habit)
        drifted = [one for one in customers if one.habit == "drifted"]
        self.assertGreater(min(self.last_day(one) for one in drifted), 100)
        growing = [one for one in customers if one.habit == "growing"]
        grew = sum(self.sales(one, 365) > self.sales(one, 730) / 2 for one in growing)
        self.assertGreater(grew / len(growing), 0.8)
        currencies = {customer.currency for customer in customers}
        self.assertEqual(currencies, {"USD", "EUR", "GBP", "CNY"})

    def test_ten_stories_are_told(self):
        named = [one for one in self.plan().customers if one.named]
        self.assertGreaterEqual(len({one.key for one in named}), 10)


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """A small demo company through Odoo's own flows, scored."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leave_the_loaded_one()
        # As while Odoo loads demo data: nobody marks what a full run scores anyway.
        with patch.object(cls.registry, "ready", False):
            for name in FILES:
                path = f"demo/{name}.xml"
                convert_file(cls.env, "customer_value", path, {}, "init", noupdate=True)
            generator = Generator(cls.env, scale=0.04)
            cls.plan = generator.run()
        cls.people = generator.scene.people
        cls.customers = cls.env["res.partner"].concat(
            *(cls.people[id(customer)][0] for customer in cls.plan.customers)
        )

    @classmethod
    def leave_the_loaded_one(cls):
        """A demo company that was loaded stays, without its names; this is another."""
        cls.env["ir.model.data"].search(
            [
                ("module", "=", "customer_value"),
                ("name", "=like", r"demo\_%"),
                ("model", "in", ("res.partner", "pos.config")),
            ]
        ).unlink()
        cls.env["customer.value.model"].search([]).write(
            {"calibrated_on": False, "scored_as_of": False}
        )

    def customer(self, key):
        return self.env.ref(f"customer_value.demo_{key}")

    def row(self, key, code):
        """The customer's measure by one indicator, as the Value tab shows it."""
        rows = self.customer(key).value_breakdown()["rows"]
        return next(row for row in rows if row["code"] == code)

    def orders(self, *states):
        return self.env["sale.order"].search(
            [
                ("partner_id", "child_of", self.customers.ids),
                ("partner_id.active", "in", (True, False)),
                ("state", "in", states),
            ]
        )

    def tills(self):
        shop = self.env.ref("customer_value.demo_pos_config")
        return self.env["pos.order"].search([("config_id", "=", shop.id)])

    def planned(self, channel, *fates):
        return [
            sale
            for customer in self.plan.customers
            for sale in customer.purchases
            if sale.channel == channel and sale.fate in fates
        ]

    # ---------------------------------------------------------------- documents

    def test_what_was_planned_was_sold(self):
        fates = ("paid", "open", "credited", "reduced", "uninvoiced")
        self.assertEqual(len(self.orders("sale")), len(self.planned("order", *fates)))
        self.assertEqual(
            len(self.orders("cancel")), len(self.planned("order", "cancelled"))
        )
        returned = self.planned("till", "returned")
        self.assertTrue(returned)
        refunds = self.tills().filtered(lambda order: order.amount_total < 0)
        self.assertEqual(len(refunds), len(returned))
        self.assertEqual(
            len(self.tills()), 2 * len(returned) + len(self.planned("till", "paid"))
        )

    def test_invoices_are_paid_as_planned(self):
        invoices = self.orders("sale").invoice_ids
        states = Counter(
            invoice.payment_state
            for invoice in invoices
            if invoice.move_type == "out_invoice"
        )
        self.assertEqual(states["reversed"], len(self.planned("order", "credited")))
        self.assertGreaterEqual(
            states["not_paid"], len(self.planned("order", "open")), states
        )
        self.assertGreater(states["paid"], 4 * states["not_paid"])
        self.assertEqual(set(invoices.mapped("state")), {"posted"})

    def test_documents_lie_in_the_past_and_on_the_days_planned(self):
        now = fields.Datetime.now()
        today = fields.Date.context_today(self.env.company)
        days = Counter(
            today - order.date_order.date() for order in self.orders("sale", "cancel")
        )
        planned = Counter(
            timedelta(days=sale.day)
            for customer in self.plan.customers
            for sale in customer.purchases
            if sale.channel == "order"
        )
        self.assertEqual(days, planned)
        self.assertLess(max(self.tills().mapped("date_order")), now)
        invoices = self.orders("sale").invoice_ids
        self.assertLessEqual(max(invoices.mapped("invoice_date")), today)

    def test_the_till_is_closed_and_booked_in_its_time(self):
        sessions = self.tills().session_id
        self.assertEqual(set(sessions.mapped("state")), {"closed"})
        self.assertEqual(set(self.tills().mapped("state")), {"done"})
        for session in sessions:
            self.assertEqual(session.move_id.date, session.stop_at.date())

    def test_logins_have_the_roles_they_are_named_for(self):
        ana, carl, mia = (
            self.env.ref(f"customer_value.demo_user_{login}")
            for login in ("ana", "carl", "mia")
        )
        self.assertTrue(ana.has_group("customer_value.group_user"))
        self.assertFalse(ana.has_group("customer_value.group_manager"))
        self.assertTrue(carl.has_group("point_of_sale.group_pos_user"))
        self.assertFalse(carl.has_group("customer_value.group_user"))
        self.assertTrue(mia.has_group("customer_value.group_manager"))

    def test_loading_again_makes_nothing_twice(self):
        before = self.env["sale.order"].search_count([])
        people = self.env["res.partner"].search_count([])
        self.env["customer.value.demo"]._generate()
        self.assertEqual(self.env["sale.order"].search_count([]), before)
        self.assertEqual(self.env["res.partner"].search_count([]), people)

    # ------------------------------------------------------------------- scores

    def test_every_model_scores_customers(self):
        scores = self.customers.value_score_id
        self.assertEqual(scores.partner_id, self.customers)
        counts = Counter(score.model_id.code for score in scores)
        kinds = Counter(customer.kind for customer in self.plan.customers)
        for code, kind in (
            ("consumers", "consumer"),
            ("key_accounts", "key_account"),
            ("distributors", "distributor"),
        ):
            self.assertEqual(counts[code], kinds[kind], code)
        self.assertGreater(len(set(scores.mapped("score_band"))), 4)
        self.assertGreater(len(scores.tier_id), 7)

    def test_scoring_is_complete(self):
        runs = self.env["customer.value.run"].search(
            [("company_id", "=", self.env.company.id)]
        )
        done = runs.filtered(lambda run: run.state == "done")
        self.assertEqual(set(done.model_id.mapped("code")), set(READY_MODELS))
        self.assertFalse(runs.error_ids)
        self.assertFalse(self.env["customer.value.run"]._open_work())
        marks = self.env.cr.precommit.data.get("customer_value.dirty", {})
        self.assertFalse(self.env["customer.value.dirty"]._entities(marks))
        scores = self.customers.value_score_id
        self.assertEqual(set(scores.mapped("trend")), {"up", "flat", "down"})
        as_of = scores.model_id[0].scored_as_of
        days = self.env["customer.value.history"]._read_group(
            [
                ("partner_id", "in", self.customers.ids),
                ("company_id", "=", self.env.company.id),
            ],
            ["partner_id"],
            ["date:array_agg"],
        )
        self.assertEqual(len(days), len(self.customers))
        for customer, told in days:
            self.assertIn(as_of - timedelta(days=30), told, customer.name)

    # ------------------------------------------------------------------ stories

    def test_huaxin_was_the_largest_and_fell_silent(self):
        self.assertEqual(self.customer("huaxin").value_trend, "down")
        self.assertGreaterEqual(self.row("huaxin", "last_purchase")["raw"], 100)
        self.assertEqual(self.row("huaxin", "yearly_sales")["points"], 100)

    def test_brightside_was_lost_and_won_back(self):
        self.assertEqual(self.customer("brightside").value_trend, "up")
        orders = self.orders("sale").filtered(
            lambda order: order.partner_id.commercial_partner_id
            == self.customer("brightside")
        )
        days = sorted(orders.mapped("date_order"))
        gaps = [(b - a).days for a, b in zip(days, days[1:], strict=False)]
        self.assertGreater(max(gaps), 270)
        self.assertLess(gaps[-1], 30)

    def test_tiny_table_has_little_sales_and_a_large_pipeline(self):
        self.assertGreaterEqual(self.row("tiny_table", "pipeline")["points"], 80)
        self.assertLess(
            self.row("tiny_table", "sales")["points"],
            self.row("tiny_table", "pipeline")["points"],
        )

    def test_casa_verde_is_one_customer_with_many_buyers(self):
        casa = self.customer("casa_verde")
        family = casa.with_context(active_test=False).search(
            [("commercial_partner_id", "=", casa.id)]
        )
        orders = self.env["sale.order"].search(
            [("partner_id", "in", family.ids), ("state", "=", "sale")]
        )
        self.assertGreater(len(orders.partner_id), 3)
        self.assertIn(False, orders.partner_id.mapped("active"))
        scored = self.env["customer.value.score"].search(
            [
                ("partner_id", "in", family.ids),
                ("company_id", "=", self.env.company.id),
            ]
        )
        self.assertEqual(scored.partner_id, casa)

    def test_grand_meridian_pays_late_and_owes(self):
        self.assertLess(self.row("grand_meridian", "paid_on_time")["points"], 30)
        self.assertGreater(self.row("grand_meridian", "overdue")["raw"], 0)

    def test_maison_lavande_buys_in_euro_at_changing_rates(self):
        orders = self.env["sale.order"].search(
            [("partner_id", "child_of", self.customer("maison_lavande").ids)]
        )
        self.assertEqual(orders.currency_id.name, "EUR")
        self.assertGreater(len(set(orders.mapped("currency_rate"))), 2)

    def test_cases_of_the_past_months_are_in_all_states(self):
        cases = self.env["customer.care.case"].search([])
        self.assertLessEqual({"open", "snoozed", "closed"}, set(cases.mapped("state")))
        self.assertIn("recovered", cases.mapped("outcome"))

    def test_saltmarsh_stands_where_the_manager_put_it(self):
        score = self.customer("saltmarsh").value_score_id
        self.assertTrue(score.is_overridden)
        self.assertNotEqual(score.tier_id, score.computed_tier_id)
        override = self.env["customer.value.override"].search(
            [("partner_id", "=", score.partner_id.id)]
        )
        self.assertEqual(override.create_uid.login, "mia")

    def test_nordlys_is_an_a_as_agent(self):
        self.assertEqual(self.customer("nordlys").value_tier_id.code, "a")
        self.assertLess(self.row("nordlys", "yearly_sales")["points"], 100)

    def test_olive_and_thyme_grew_two_years_running(self):
        for code in ("sales_growth", "sales_growth_before"):
            self.assertGreaterEqual(self.row("olive_thyme", code)["raw"], 10)
        self.assertEqual(self.customer("olive_thyme").value_tier_id.code, "b")

    def test_priya_is_among_the_best(self):
        self.assertGreaterEqual(self.customer("priya").value_score_id.percentile, 85)

    def test_derek_loses_points_by_his_returns(self):
        self.assertGreater(self.row("derek", "return_rate")["raw"], 20)
        self.assertLess(self.row("derek", "return_rate")["points"], 50)

    def test_margaret_was_never_asked_and_is_not_blamed(self):
        for code in ASKED:
            row = self.row("margaret", code)
            self.assertIn(row["state"], ("none", "unavailable"), code)
            self.assertFalse(row["contribution"], code)
        self.assertGreater(self.customer("margaret").value_score, 40)

    # --------------------------------------------------- profiles, campaign sheets

    def test_profiles_are_known_in_part(self):
        """There is something to show, and something left to ask."""
        rows = self.env["customer.profile.state"].search(
            [
                ("partner_id", "in", self.customers.ids),
                ("company_id", "=", self.env.company.id),
            ]
        )
        self.assertEqual(rows.partner_id, self.customers)
        self.assertEqual(len(rows.set_id), 2)
        known = {row.partner_id: row.completeness for row in rows}
        self.assertGreater(len(set(known.values())), 4)
        self.assertGreater(known[self.customer("olive_thyme")], 60)
        self.assertTrue(self.customer("olive_thyme").value_profile_ask)
        facts = self.customers.value_profile_fact_ids
        days = {fact.noted_on for fact in facts}
        self.assertLessEqual(max(days), fields.Date.context_today(self.env.company))
        self.assertGreater(len(days), 10)

    def sheet(self, key):
        return self.env["customer.campaign.sheet"].search(
            [("partner_id", "=", self.customer(key).id)]
        )

    def test_one_promotion_came_to_its_end_and_one_is_running(self):
        """He earns by it, we earn by it, and it came about as planned or less."""
        today = fields.Date.context_today(self.env.company)
        done, running = self.sheet("olive_thyme"), self.sheet("nordlys")
        self.assertEqual((done.state, running.state), ("done", "running"))
        self.assertLess(done.date_to, today)
        self.assertLess(running.date_from, today)
        self.assertGreater(running.date_to, today)
        for sheet, least, most in ((done, 75, 110), (running, 30, 80)):
            self.assertGreater(sheet.reached, least)
            self.assertLess(sheet.reached, most)
            self.assertGreater(sheet.his_extra, 0)
            self.assertGreater(sheet.our_contribution, 0)
            self.assertGreater(sheet.actual_contribution, 0)
            self.assertEqual(sheet.user_id, sheet.partner_id.user_id)

    # ------------------------------------------------------- stories of a change

    def explain(self, key, days):
        """``(score then, score now, {indicator: points})`` of the explanation."""
        score = self.customer(key).value_score_id
        start = score.model_id._today() - timedelta(days=days)
        told = self.env["customer.value.change"]._explain(score, start)
        effects = {line["code"]: line["shown"] for line in told["lines"]}
        self.assertEqual(sum(effects.values()), told["to"] - told["from"])
        return told["from"], told["to"], effects

    def stages(self, key):
        """Codes of the stages, in order."""
        steps = self.env["customer.loyalty.history"].search(
            [("partner_id", "=", self.customer(key).id)], order="date, id"
        )
        return steps.stage_id.browse(step.stage_id.id for step in steps).mapped("code")

    def loyalty(self, key):
        return self.env["customer.loyalty.state"].search(
            [
                ("partner_id", "=", self.customer(key).id),
                ("company_id", "=", self.env.company.id),
            ]
        )

    def test_huaxin_fell_for_three_reasons(self):
        before, now, effects = self.explain("huaxin", 90)
        self.assertLess(now, before - 4)
        reasons = {code for code, points in effects.items() if points < 0}
        self.assertGreaterEqual(len(reasons), 3)
        self.assertLessEqual({"last_purchase", "surveys_completed"}, reasons)
        self.assertIn(self.loyalty("huaxin").stage_id.code, ("at_risk", "lost"))

    def test_brightside_came_back_from_lost_to_advocate(self):
        before, now, effects = self.explain("brightside", 90)
        self.assertGreater(now, before + 15)
        self.assertGreater(effects["last_purchase"], 0)
        self.assertEqual(
            self.stages("brightside")[-4:], ["at_risk", "lost", "won_back", "advocate"]
        )

    def test_tiny_table_rose_from_nothing_within_a_year(self):
        before, now, effects = self.explain("tiny_table", 365)
        self.assertLess(before, 15)
        self.assertGreater(now, 60)
        self.assertGreaterEqual(effects["pipeline"], 5)

    def test_grand_meridian_lost_points_by_what_it_owes(self):
        __, __, effects = self.explain("grand_meridian", 90)
        self.assertLess(effects["overdue"], 0)
        self.assertEqual(min(effects, key=effects.get), "overdue")

    def test_nordlys_fell_because_growth_and_sales_did(self):
        before, now, effects = self.explain("nordlys", 90)
        self.assertLess(now, before - 8)
        self.assertEqual(min(effects, key=effects.get), "sales_growth")

    def test_olive_and_thyme_grew_into_an_advocate(self):
        before, now, __ = self.explain("olive_thyme", 365)
        self.assertGreater(now, before + 8)
        self.assertEqual(self.stages("olive_thyme")[-1], "advocate")
        self.assertEqual(self.loyalty("olive_thyme").quadrant, "loyal")

    def test_margaret_rose_by_her_purchases_alone(self):
        before, now, effects = self.explain("margaret", 365)
        self.assertGreater(now, before + 12)
        self.assertFalse(any(effects.get(code) for code in ASKED))
        self.assertFalse(self.loyalty("margaret").attitudinal_known)

    def test_derek_is_captive(self):
        self.assertEqual(self.loyalty("derek").quadrant, "captive")

    def test_priya_is_an_advocate(self):
        self.assertEqual(self.loyalty("priya").stage_id.code, "advocate")
        self.assertEqual(self.loyalty("priya").quadrant, "loyal")

    # ------------------------------------------------------------ who decides
    def gaps(self, key):
        seats = self.env["customer.key.contact"]
        coverage = seats.map_data(self.customer(key).id)["coverage"]
        return coverage["colour"], {gap["code"] for gap in coverage["gaps"]}

    def test_brightside_is_covered(self):
        self.assertEqual(self.gaps("brightside"), ("green", set()))

    def test_tiny_table_hangs_on_one_thread(self):
        colour, gaps = self.gaps("tiny_table")
        self.assertEqual(colour, "amber")
        self.assertEqual(gaps, {"one_owner", "one_contact"})

    def test_the_decision_maker_of_huaxin_follows_somebody_else(self):
        self.assertIn("decider_untouched", self.gaps("huaxin")[1])
        seats = self.env["customer.key.contact"].search(
            [("account_id", "=", self.customer("huaxin").id)]
        )
        huang = seats.filtered(lambda seat: seat.partner_id.name == "Huang Jun")
        lin = seats.filtered(lambda seat: seat.partner_id.name == "Lin Mei")
        self.assertGreater(lin.weight, 0.75 * huang.weight)
        self.assertLess(lin.power, huang.power)
        ways = huang.best_path()
        self.assertEqual(ways[0]["steps"][1]["id"], lin.id)
