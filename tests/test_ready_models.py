from datetime import date, timedelta

from odoo.exceptions import ValidationError
from odoo.fields import Command, Domain
from odoo.tests import TransactionCase, tagged

from .common import CustomerValueCommon

READY = ("consumers", "distributors", "key_accounts")
SEGMENT_NAMES = {
    "Champions",
    "Loyal",
    "Potential loyalists",
    "New",
    "Promising",
    "Need attention",
    "About to sleep",
    "Cannot lose",
    "At risk",
    "Hibernating",
    "Lost",
}
CATALOGUE = {
    "activities_done": "customer.value.activity",
    "billed": "customer.value.sale",
    "confirmed_orders": "sale.order",
    "contact_persons": "res.partner",
    "event_attendance": "event.registration",
    "event_registrations": "event.registration",
    "invoices": "account.move",
    "link_clicks": "link.tracker.click",
    "mailings_clicked": "mailing.trace",
    "mailings_opened": "mailing.trace",
    "mailings_received": "mailing.trace",
    "mailings_replied": "mailing.trace",
    "margin": "sale.order",
    "meetings": "calendar.attendee",
    "messages_received": "mail.message",
    "opportunities_decided": "crm.lead",
    "opportunities_lost": "crm.lead",
    "opportunities_open": "crm.lead",
    "opportunities_won": "crm.lead",
    "order_lines": "sale.order.line",
    "payments_due": "customer.value.payment",
    "payments_on_time": "customer.value.payment",
    "payments_overdue": "customer.value.payment",
    "payments_settled": "customer.value.payment",
    "purchases": "customer.value.purchase",
    "ratings": "rating.rating",
    "ratings_answered": "rating.rating",
    "ratings_asked": "rating.rating",
    "reachable_contacts": "res.partner",
    "referrals": "customer.referral",
    "referrals_made": "customer.referral",
    "returns": "customer.value.sale",
    "sales": "customer.value.sale",
    "sales_brought": "customer.referral.sale",
    "share_clicks": "link.tracker.click",
    "survey_answers": "survey.user_input",
    "survey_invitations": "survey.user_input",
    "survey_questions": "survey.user_input.line",
    "survey_questions_answered": "survey.user_input.line",
    "till_lines": "pos.order.line",
    "till_orders": "customer.value.sale",
}


def luminance(colour):
    """Relative luminance of #rrggbb, as the accessibility guidelines define it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@tagged("post_install", "-at_install")
class TestReadyModels(TransactionCase):
    """What is delivered as data is complete, consistent and says what it does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.models = {
            code: cls.env.ref(f"customer_value.model_{code}") for code in READY
        }

    # ------------------------------------------------------------------- sources

    def test_catalogue(self):
        """Each source stands there by its code and reads the model it should."""
        for code, res_model in CATALOGUE.items():
            source = self.env.ref(f"customer_value.source_{code}")
            with self.subTest(source=code):
                self.assertEqual(source.code, code)
                self.assertEqual(source.res_model, res_model)
                self.assertTrue(source.description)

    def test_sources_work_or_name_the_module(self):
        """Usable where the module is installed; else the reason names the module."""
        modules = self.env["ir.module.module"].sudo()
        for code in CATALOGUE:
            source = self.env.ref(f"customer_value.source_{code}")
            module = modules.search([("name", "=", source.module_name or "base")])
            with self.subTest(source=code):
                if module.state == "installed":
                    self.assertFalse(source.unavailable_reason)
                    self.assertTrue(source.available)
                else:
                    self.assertFalse(source.available)
                    self.assertIn(module.shortdesc, source.unavailable_reason)
                    self.assertFalse(source._is_broken())

    def test_field_of_a_missing_module(self):
        """A field that a missing module adds to a known model: not broken."""
        missing = self.env["ir.module.module"].search(
            [("state", "=", "uninstalled")], limit=1
        )
        self.assertTrue(missing, "the test needs a module that is not installed")
        values = {
            "name": "Points",
            "code": "points",
            "res_model": "sale.order",
            "amount_field": "no_such_points",
        }
        with self.assertRaises(ValidationError) as caught:
            self.env["customer.value.source"].create(values)
        self.assertIn("no_such_points", str(caught.exception))
        source = self.env["customer.value.source"].create(
            dict(values, module_name=missing.name)
        )
        self.assertFalse(source.available)
        self.assertIn(missing.shortdesc, source.unavailable_reason)
        self.assertFalse(source._is_broken())

    # -------------------------------------------------------------------- models

    def test_active_and_consistent(self):
        """Installation activated all three, and each could be activated again."""
        for code, model in self.models.items():
            with self.subTest(model=code):
                self.assertEqual(model.code, code)
                self.assertFalse(model._activation_problem())
                active = model._lineage().filtered(lambda m: m.state == "active")
                self.assertEqual(len(active), 1)
                model._check_no_rival()

    def test_all_families_components_and_scales(self):
        scales = set()
        for code, model in self.models.items():
            indicators = model.indicator_ids
            with self.subTest(model=code):
                self.assertEqual(
                    set(indicators.mapped("family")),
                    {
                        "transaction",
                        "financial",
                        "service",
                        "feedback",
                        "enumeration",
                        "custom",
                    },
                )
                self.assertEqual(
                    set(indicators.mapped("component")),
                    {"realised", "potential", "reference"},
                )
            scales.update(indicators.mapped("scale"))
        self.assertEqual(scales, {"quantile", "step", "interpolated", "enumeration"})

    def test_every_line_speaks_plainly(self):
        """A code, a sentence that ends, bands within 0..100, a weight."""
        for indicator in self.env["customer.value.indicator"].union(
            *(model.indicator_ids for model in self.models.values())
        ):
            with self.subTest(model=indicator.model_id.code, indicator=indicator.code):
                xmlid = f"indicator_{indicator.model_id.code}_{indicator.code}"
                self.assertEqual(self.env.ref(f"customer_value.{xmlid}"), indicator)
                self.assertTrue(indicator.description.endswith("."))
                self.assertGreater(indicator.weight, 0)
                points = indicator.band_ids.mapped("points")
                self.assertEqual(max(points), 100)
                self.assertFalse(indicator._aggregate_problem())
        for model in self.models.values():
            for tier in model.tier_ids:
                with self.subTest(tier=tier.name, model=model.code):
                    self.assertTrue(tier.description.endswith("."))
                    xmlid = f"customer_value.tier_{model.code}_{tier.code}"
                    self.assertEqual(self.env.ref(xmlid), tier)

    def test_pyramids_end_and_can_be_read(self):
        """The last tier takes everybody; each colour is legible on white."""
        for code, model in self.models.items():
            with self.subTest(model=code):
                self.assertIn(len(model.tier_ids), (3, 4, 5))
                self.assertFalse(model.tier_ids[-1].rule_ids)
                self.assertTrue(all(tier.rule_ids for tier in model.tier_ids[:-1]))
                for tier in model.tier_ids:
                    contrast = 1.05 / (luminance(tier.color) + 0.05)
                    self.assertGreaterEqual(contrast, 4.5, tier.name)

    def test_asked_first(self):
        """Events, surveys and mailings are judged by what was offered."""
        for code, model in self.models.items():
            offered = model.indicator_ids.filtered(
                lambda one: one.source_id.code
                in (
                    "event_attendance",
                    "survey_answers",
                    "survey_questions_answered",
                    "mailings_opened",
                    "mailings_clicked",
                    "opportunities_won",
                    "payments_on_time",
                    "returns",
                )
            )
            with self.subTest(model=code):
                self.assertTrue(offered)
                self.assertEqual(set(offered.mapped("aggregate")), {"rate"})
                self.assertTrue(all(one.opportunity_source_id for one in offered))

    def test_unasked_is_no_fault(self):
        """Who comes forward unasked is credited; who does not is not judged.

        And the first good deed earns so much that it seldom lowers anybody's score.
        """
        unasked = {
            "referrals",
            "sales_brought",
            "share_clicks",
            "suggestions",
            "suggestions_adopted",
            "praise",
            "mentions",
            "messages_received",
            "touches_in",
        }
        for code, model in self.models.items():
            lines = model.indicator_ids.filtered(
                lambda one: one.source_id.code in unasked
                and not one.opportunity_source_id
            )
            brought = lines.filtered(
                lambda one: one.code in ("brought", "share_clicks")
            )
            with self.subTest(model=code):
                self.assertIn("brought", brought.mapped("code"))
                self.assertEqual(set(lines.mapped("missing")), {"ignore"})
                self.assertGreaterEqual(min(brought.band_ids.mapped("points")), 80)

    # ----------------------------------------------------------------------- RFM

    def test_rfm_indicators(self):
        """Five calibrated bands each; the fewer days, the more points."""
        model = self.models["consumers"]
        for field, expected in (
            ("rfm_recency_id", [100, 80, 60, 40, 20]),
            ("rfm_frequency_id", [20, 40, 60, 80, 100]),
            ("rfm_monetary_id", [20, 40, 60, 80, 100]),
        ):
            indicator = model[field]
            bands = indicator.band_ids.sorted("percentile")
            with self.subTest(measure=field):
                self.assertEqual(indicator.scale, "quantile")
                self.assertEqual(bands.mapped("points"), expected)
                self.assertEqual(bands[0].percentile, 0)
                self.assertEqual(len(set(bands.mapped("percentile"))), 5)

    def test_segments_are_a_partition(self):
        """Every one of the 125 cells belongs to one segment: counted, not asked."""
        segments = self.models["consumers"].segment_ids
        self.assertEqual(set(segments.mapped("name")), SEGMENT_NAMES)
        owners = {}
        for segment in segments:
            for r in range(segment.recency_min, segment.recency_max + 1):
                for f in range(segment.frequency_min, segment.frequency_max + 1):
                    for m in range(segment.monetary_min, segment.monetary_max + 1):
                        owners.setdefault((r, f, m), []).append(segment.code)
            self.assertTrue(segment.advice.endswith("."))
        levels = range(1, 6)
        cells = {(r, f, m) for r in levels for f in levels for m in levels}
        self.assertEqual(set(owners), cells)
        self.assertEqual([names for names in owners.values() if len(names) != 1], [])
        self.assertEqual(owners[5, 5, 5], ["champions"])
        self.assertEqual(owners[1, 5, 5], ["cannot_lose"])
        self.assertEqual(owners[5, 1, 1], ["new"])
        self.assertEqual(owners[1, 1, 1], ["lost"])

    # --------------------------------------------------------------- populations

    def test_populations_are_disjoint(self):
        """Everybody is scored by one model at most, and by the right one."""
        partners = self.env["res.partner"]
        tag = {
            name: [Command.link(self.env.ref(f"customer_value.category_{name}").id)]
            for name in ("distributor", "agent", "franchisee")
        }
        company = partners.create({"name": "Buyer Ltd", "is_company": True})
        user = self.env["res.users"].create({"name": "Us", "login": "ready_us"})
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "ready_portal",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        sister = self.env["res.company"].create({"name": "Sister Ltd"})
        buyer = [Command.create({"name": "Its buyer"})]
        orderer, asker = partners.create(
            [
                {"name": name, "is_company": True, "supplier_rank": 1, **vals}
                for name, vals in (
                    ("Vendor who ordered", {"child_ids": buyer}),
                    ("Vendor with a quotation", {}),
                )
            ]
        )
        self.env["sale.order"].create(
            [
                {"partner_id": orderer.child_ids.id, "state": "sale"},
                {"partner_id": asker.id},
            ]
        )
        expected = {
            "consumers": partners.create(
                [
                    {"name": "A consumer"},
                    {"name": "Vendor who buys", "supplier_rank": 3, "customer_rank": 1},
                ]
            )
            | portal.partner_id,
            "key_accounts": company
            | orderer
            | partners.create(
                [
                    {"name": "Branch", "is_company": True, "parent_id": company.id},
                    {
                        "name": "Vendor and customer",
                        "is_company": True,
                        "supplier_rank": 1,
                        "customer_rank": 2,
                    },
                ]
            ),
            "distributors": partners.create(
                [
                    {
                        "name": "Distributor",
                        "is_company": True,
                        "category_id": tag["distributor"],
                    },
                    {
                        "name": "Franchisee",
                        "is_company": True,
                        "category_id": tag["franchisee"],
                    },
                    {"name": "Agent, a person", "category_id": tag["agent"]},
                    {
                        "name": "Distributor we buy from",
                        "is_company": True,
                        "supplier_rank": 1,
                        "category_id": tag["distributor"],
                    },
                ]
            ),
            None: partners.create(
                [
                    {"name": "Contact", "parent_id": company.id},
                    {"name": "Vendor", "is_company": True, "supplier_rank": 1},
                    {"name": "Employee", "employee": True},
                    {"name": "Gone", "active": False},
                ]
            )
            | user.partner_id
            | sister.partner_id
            | asker,
        }
        everybody = partners.union(*expected.values())
        claimed = {
            code: partners.search(
                model._population_domain() & Domain("id", "in", everybody.ids)
            )
            for code, model in self.models.items()
        }
        for code, model in self.models.items():
            self.assertEqual(claimed[code], expected[code], code)
            model._check_no_rival()


@tagged("post_install", "-at_install")
class TestReadyModelsScored(CustomerValueCommon):
    """The delivered models on documents of a company of their own."""

    tz = "Europe/Madrid"
    as_of = date(2025, 6, 30)

    @classmethod
    def copy_of(cls, code, ref):
        """The delivered model in the test's company, for contacts with a reference."""
        model = cls.env.ref(f"customer_value.model_{code}")
        copied = model.copy({"company_id": cls.company.id})
        copied.domain = copied.domain[:-1].rstrip(", ") + f", ('ref', '=', '{ref}')]"
        return copied

    def of(self, model, code):
        return model.indicator_ids.filtered(lambda one: one.code == code)

    # ----------------------------------------------------------------------- ABC

    def distributor(self, name, tag, years, months=1, late=2):
        """Three years of sales, ``years`` are the totals.

        The last year's come in ``months`` orders, the last one invoiced and paid
        ``late`` days after it was due.
        """
        partner = self.make_partner(
            name,
            ref="ABC",
            category_id=self.env.ref(f"customer_value.category_{tag}").ids,
        )
        *earlier, last = years
        for back, total in enumerate(reversed(earlier), 1):
            day = date(2025 - back, 6, 20)
            self.make_order(partner, ((1, total),), when=self.local(day))
        latest = date(2025, 6, 20)
        for month in range(1, months):
            day = latest - timedelta(days=30 * month)
            self.make_order(partner, ((1, last / months),), when=self.local(day))
        invoice = self.make_invoice(partner, last / months, day=latest, due=latest)
        self.pay(invoice, latest + timedelta(days=late))
        return partner

    def test_abc(self):
        """A: agents and the top fifth; B: two years of growth, paying and loyal."""
        growing = [700, 770, 847]
        expected = {
            self.distributor("Poor agent", "agent", [10, 10, 10]): "a",
            self.distributor("Best seller", "franchisee", [9000, 9000, 9000]): "a",
            self.distributor("Second best", "franchisee", [8000, 8000, 8000]): "a",
            self.distributor("Grower", "franchisee", growing, 7): "b",
            self.distributor("Last year flat", "distributor", [700, 770, 840], 7): "c",
            self.distributor("First year flat", "distributor", [700, 763, 847], 7): "c",
            self.distributor("Pays late", "distributor", growing, 7, 9): "c",
            self.distributor("Bought twice", "distributor", growing, 2): "c",
            self.distributor("Small", "distributor", [90, 80, 70]): "c",
            self.distributor("Smaller", "distributor", [90, 80, 60]): "c",
            self.make_partner(
                "Sold nothing",
                ref="ABC",
                category_id=self.env.ref("customer_value.category_distributor").ids,
            ): "c",
        }
        model = self.copy_of("distributors", "ABC")
        model._calibrate(self.as_of)
        partners = self.env["res.partner"].union(*expected)
        self.assertEqual(
            self.env["res.partner"].search(model._population_domain()), partners
        )
        rows = self.results(model, partners, self.as_of)
        tiers = {tier.id: tier.code for tier in model.tier_ids}
        found = {one.name: tiers[rows[one.id]["tier_id"]] for one in partners}
        self.assertEqual(found, {one.name: tier for one, tier in expected.items()})

        grower = next(one for one in partners if one.name == "Grower")
        for code in ("sales_growth", "sales_growth_before"):
            raw, points, *__ = self.measure(rows[grower.id], self.of(model, code))
            self.assertAlmostEqual(raw, 10, 6)
            self.assertEqual(points, 80)

    # ------------------------------------------------------------------ segments

    def test_consumers_get_their_segment(self):
        """Buyers are ranked among buyers: contacts who never bought do not count."""
        silent = self.env["res.partner"].create(
            [{"name": f"Silent {at}", "ref": "RFM"} for at in range(30)]
        )
        buyers = self.env["res.partner"].create(
            [{"name": f"Buyer {at}", "ref": "RFM"} for at in range(10)]
        )
        for at, buyer in enumerate(buyers):
            # later buyers bought later, more often and for more money
            for purchase in range(1 if at < 5 else at):
                self.make_order(
                    buyer,
                    lines=((1, 10.0 * (at + 1)),),
                    when=self.local(
                        self.as_of
                        - timedelta(days=200 - 20 * at)
                        + timedelta(days=purchase)
                    ),
                )
        model = self.copy_of("consumers", "RFM")
        model._calibrate(self.as_of)
        rows = self.results(model, silent | buyers, self.as_of)
        segments = {one.id: one.code for one in model.segment_ids}
        codes = [segments[rows[one.id]["segment_id"]] for one in buyers]
        self.assertEqual(codes[0], "lost")
        self.assertEqual(codes[4], "about_to_sleep")
        self.assertEqual(codes[9], "champions")
        frequency = self.of(model, "purchases")
        self.assertEqual(
            [self.measure(rows[one.id], frequency)[1] for one in buyers],
            [20, 20, 20, 20, 20, 40, 40, 60, 80, 100],
        )
        spending = self.of(model, "spending")
        self.assertEqual(
            [self.measure(rows[one.id], spending)[1] for one in buyers],
            [20, 20, 40, 40, 60, 60, 80, 80, 100, 100],
        )
        for one in silent:
            row = rows[one.id]
            self.assertIsNone(row["segment_id"])
            self.assertEqual(self.measure(row, frequency)[:3], (None, 0, 1))
            self.assertLess(row["score"], min(rows[b.id]["score"] for b in buyers))

    def test_many_with_the_same_last_day(self):
        """Ties on a falling scale: of two bands cut together the later one counts."""
        buyers = self.env["res.partner"].create(
            [{"name": f"Buyer {at}", "ref": "TIES"} for at in range(10)]
        )
        for buyer in buyers:
            self.make_order(buyer, when=self.local(self.as_of - timedelta(days=40)))
        model = self.copy_of("consumers", "TIES")
        model._calibrate(self.as_of)
        rows = self.results(model, buyers, self.as_of)
        recency = self.of(model, "last_purchase")
        # everybody stands in the middle: percentile 50, the band from 40
        self.assertEqual(
            {self.measure(row, recency)[:2] for row in rows.values()}, {(40.0, 60.0)}
        )
        better = recency._row("measured", raw=40.0, points=60.0)["next"]
        self.assertEqual((better["threshold"], better["points"]), (40.0, 100.0))

    # -------------------------------------------------------------- unavailable

    def test_missing_modules_do_no_harm(self):
        """Indicators whose module is missing are left out, the others scored alike."""
        missing = self.env["ir.module.module"].search(
            [("state", "=", "uninstalled")], limit=1
        )
        buyer = self.env["res.partner"].create({"name": "Buyer", "ref": "LESS"})
        self.make_order(buyer, when=self.local(self.as_of))
        model = self.copy_of("consumers", "LESS")
        gone = model.indicator_ids.source_id.filtered("module_name")
        self.assertTrue(gone)
        gone.write({"res_model": "no.such.model", "module_name": missing.name})
        self.assertFalse(any(gone.mapped("available")))
        self.assertFalse(model._activation_problem())
        model._replace_active_version()
        model._calibrate(self.as_of)
        changed, errors = self.score(model, self.as_of)
        self.assertEqual((changed, errors), (1, {}))
        [row] = self.stored(buyer).values()
        for indicator in model.indicator_ids:
            __, points, state, __ = self.measure(row, indicator)
            if indicator.source_id in gone:
                self.assertEqual((points, state), (None, 3), indicator.code)
            else:
                self.assertIn(state, (0, 1), indicator.code)
        self.assertGreater(row["score"], 0)
        self.assertFalse(row["is_flagged"])

    # ------------------------------------------------------------------- sources

    def test_reference_behind_a_path(self):
        """A document reference one step away: tied there, and followed by the marks."""
        values = {
            "name": "Notices",
            "code": "notices",
            "res_model": "mail.notification",
            "partner_path": "mail_message_id.res_id",
            "date_field": "mail_message_id.date",
        }
        sources = self.env["customer.value.source"]
        for domain in ("[]", "[('res_partner_id.ref', '=', 'res.partner')]"):
            with self.assertRaises(ValidationError) as caught:
                sources.create(dict(values, domain=domain))
            self.assertIn("mail_message_id.model", str(caught.exception))
        sources.create(
            dict(values, domain="[('mail_message_id.model', '=', 'res.partner')]")
        )
        customer = self.make_partner("Told")
        message = customer.message_post(body="Hello")
        self.forget_marks()
        self.env["mail.notification"].create(
            {
                "mail_message_id": message.id,
                "res_partner_id": self.env.user.partner_id.id,
            }
        )
        self.assertIn(customer, self.marked_customers())

    # ------------------------------------------------------------------- working

    def test_run_from_start_to_end(self):
        """All three activated, scored by a run: one score each, by the right model."""
        models = self.env["customer.value.model"]
        for code in READY:
            models |= self.copy_of(code, "RUN")
        customers = {
            "consumers": self.make_partner("Person", ref="RUN", is_company=False),
            "key_accounts": self.make_partner("Company", ref="RUN"),
            "distributors": self.make_partner(
                "Agent",
                ref="RUN",
                category_id=self.env.ref("customer_value.category_agent").ids,
            ),
        }
        for customer in customers.values():
            self.make_order(customer)
        models.action_activate()
        runs = self.env["customer.value.run"].search([("model_id", "in", models.ids)])
        runs._work_through()
        self.assertEqual(set(runs.mapped("state")), {"done"})
        self.assertFalse(runs.error_ids)
        for code, customer in customers.items():
            score = self.env["customer.value.score"].search(
                [
                    ("partner_id", "=", customer.id),
                    ("company_id", "=", self.company.id),
                ]
            )
            self.assertEqual(score.model_id.code, code)
            self.assertGreater(score.score, 0)
            self.assertTrue(score.tier_id)
            self.assertEqual(bool(score.segment_id), code == "consumers")
