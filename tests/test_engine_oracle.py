"""The engine against an independent recomputation, over random documents and models."""

import logging
import os
from datetime import date, timedelta
from random import Random
from unittest.mock import patch

from odoo.tests import tagged

from ..models import customer_value_run
from .common import CustomerValueCommon
from .oracle import MEASURED, UNAVAILABLE, Oracle

_logger = logging.getLogger(__name__)

AS_OF = date(2026, 3, 31)
SEED = int(os.environ.get("CUSTOMER_VALUE_TEST_SEED", 20260331))
AWKWARD_DAYS = [
    date(2026, 3, 31),  # the day of the run itself
    date(2026, 4, 1),  # tomorrow: must not count
    date(2026, 3, 30),
    date(2026, 3, 1),
    date(2026, 2, 28),
    date(2026, 1, 31),
    date(2025, 3, 31),  # the last day before a window of 12 months
    date(2025, 4, 1),  # its first day
    date(2024, 2, 29),
    date(2025, 9, 28),  # clocks go forward in Auckland
    date(2026, 4, 5),  # back
    date(2026, 3, 8),  # forward in Los Angeles
    date(2025, 11, 2),  # back
    date(2026, 6, 30),  # far ahead
]
WINDOWS = [
    (12, "month"),
    (1, "month"),
    (200, "day"),
    (2, "year"),
    (0, "day"),
    (1, "day"),
]
AWKWARD_CLOCKS = ["00:00", "00:01", "23:59", "02:30", "12:00", "11:00", "13:00"]


class RandomWorld(CustomerValueCommon):
    """Customers of two companies with documents of every kind."""

    other_tz = "America/Los_Angeles"
    other_currency = "USD"
    seed = SEED
    families = 9
    documents = 45

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.random = Random(cls.seed)
        cls.other_company = cls.make_company(cls.other_tz, cls.other_currency)
        cls.use_company(cls.company, cls.other_company)
        cls.companies = cls.company | cls.other_company
        cls.products = cls.product | cls.other_product | cls.make_product("Repair")
        cls._make_rates()
        cls._make_customers()
        cls._make_sources()
        for company in cls.companies:
            cls._make_documents(company)
        cls.env.flush_all()

    def setUp(self):
        super().setUp()
        _logger.info("random world: seed %s", self.seed)

    @classmethod
    def _make_rates(cls):
        for company, foreign in zip(cls.companies, ("USD", "EUR"), strict=True):
            currency = cls.env.ref(f"base.{foreign}")
            if currency == company.currency_id:
                currency = cls.env.ref("base.EUR")
            for year, month, rate in (
                (2023, 1, 1.1),
                (2024, 6, 1.25),
                (2025, 4, 0.9),
                (2026, 1, 1.07),
            ):
                code = currency.name
                cls.set_rate(company, code, date(year, month, 1), rate)

    @classmethod
    def _make_customers(cls):
        """Companies with people below people, subsidiaries, people of their own."""
        contacts = cls.env["res.partner"]
        roots = cls.env["res.partner"]
        for number in range(cls.families):
            root = cls.make_partner(
                f"House {number}",
                is_company=number % 4 != 0,
                color=number % 5,
                category_id=[
                    (4, tag.id) for tag in cls.tags() if cls.random.random() < 0.4
                ],
                company_id=cls.company.id if number == 1 else False,
            )
            roots |= root
            child = cls.make_partner(f"Contact {number}", parent_id=root.id)
            grandchild = cls.make_partner(f"Desk {number}", parent_id=child.id)
            contacts |= child | grandchild
            if number % 3 == 0:
                subsidiary = cls.make_partner(
                    f"Subsidiary {number}", parent_id=root.id, is_company=True
                )
                clerk = cls.make_partner(f"Clerk {number}", parent_id=subsidiary.id)
                roots |= subsidiary
                contacts |= clerk
        cls.customers = roots
        cls.contacts = roots | contacts

    @classmethod
    def tags(cls):
        if not hasattr(cls, "_tags"):
            cls._tags = cls.env["res.partner.category"].create(
                [{"name": "Gold"}, {"name": "Silver"}, {"name": "Wood"}]
            )
        return cls._tags

    @classmethod
    def _make_sources(cls):
        cls.sources = {
            "sales": cls.source("sales"),
            "purchases": cls.source("purchases"),
            "till": cls.make_source(
                "customer.value.sale",
                domain="[('kind', 'in', ['till', 'till_return'])]",
                date_field="date",
                amount_field="amount",
            ),
            "late": cls.make_source(
                "customer.value.payment",
                date_field="paid_date",
                amount_field="days_late",
            ),
            "overdue": cls.make_source(
                "customer.value.payment",
                domain="[('amount_open', '>', 0)]",
                date_field="overdue_date",
                amount_field="amount_open",
            ),
            "lines": cls.make_source(
                "sale.order.line",
                domain="[('state', '=', 'sale'), ('display_type', '=', False)]",
                partner_path="order_id.partner_id",
                date_field="order_id.date_order",
                amount_field="price_subtotal",
                rate_field="order_id.currency_rate",
            ),
            "activities": cls.make_source("customer.value.activity", date_field="date"),
            "leads": cls.make_source(
                "crm.lead",
                date_field="date_deadline",
                amount_field="expected_revenue",
            ),
            "won": cls.make_source(
                "crm.lead",
                domain="[('stage_id.is_won', '=', True)]",
                date_field="date_deadline",
                amount_field="expected_revenue",
            ),
            "quotations": cls.make_source(
                "sale.order", date_field="date_order", amount_field="amount_untaxed"
            ),
        }

    # ------------------------------------------------------------- random draws

    @classmethod
    def draw_day(cls):
        if cls.random.random() < 0.45:
            return cls.random.choice(AWKWARD_DAYS)
        return AS_OF - timedelta(days=cls.random.randrange(0, 900))

    @classmethod
    def draw_instant(cls, company):
        clock = cls.random.choice(AWKWARD_CLOCKS)
        return cls.local(cls.draw_day(), clock, company.value_tz)

    @classmethod
    def draw_contact(cls, company):
        allowed = cls.contacts.filtered(
            lambda one: not one.company_id or one.company_id == company
        )
        # one customer in five brings most
        weights = [8 if at % 5 == 0 else 1 for at in range(len(allowed))]
        return cls.random.choices(list(allowed), weights)[0]

    @classmethod
    def draw_price(cls):
        return cls.random.choice([19.99, 33.33, 100.0, 250.0, 1234.56])

    @classmethod
    def _make_documents(cls, company):
        foreign = cls.make_pricelist(
            company, "USD" if company.currency_id.name == "EUR" else "EUR"
        )
        session = cls.open_till(company)
        makers = {
            cls._random_order: 5,
            cls._random_invoice: 3,
            cls._random_till: 4,
            cls._random_lead: 2,
            cls._random_activity: 2,
        }
        for __ in range(cls.documents):
            maker = cls.random.choices(list(makers), list(makers.values()))[0]
            maker.__func__(cls, company, foreign, session)
        archived = cls.contacts.filtered(lambda one: one.name.startswith("Desk"))
        archived[: len(archived) // 2].active = False

    @classmethod
    def _random_order(cls, company, foreign, session):
        contact = cls.draw_contact(company)
        vals = {"pricelist_id": foreign.id} if cls.random.random() < 0.4 else {}
        if cls.random.random() < 0.2:
            vals["partner_invoice_id"] = cls.draw_contact(company).id
        lines = [
            (cls.random.randrange(1, 5), cls.draw_price(), product)
            for product in cls.random.sample(list(cls.products), 2)
        ]
        fate = cls.random.choice(
            "quotation cancelled open partly invoiced draft down_payment "
            "down_and_final "
            "credited credited_again part_credited cancelled_invoice settled".split()
        )
        order = cls.make_order(
            contact,
            lines,
            when=cls.draw_instant(company),
            confirm=fate != "quotation",
            company=company,
            **vals,
        )
        if fate == "cancelled":
            order._action_cancel()
        elif fate == "partly":
            quantities = [cls.random.randrange(0, int(line.product_uom_qty) + 1) or 1
                          for line in order.order_line]  # fmt: skip
            cls.invoice_order(order, cls.draw_day(), quantities=quantities)
        elif fate == "invoiced":
            cls.pay(cls.invoice_order(order, cls.draw_day()), cls.draw_day())
        elif fate == "draft":
            cls.invoice_order(order, cls.draw_day(), post=False)
        elif fate.startswith("down"):
            cls.invoice_down_payment(order, 30, cls.draw_day())
            if fate == "down_and_final":
                cls.invoice_order(order, cls.draw_day())
        elif "credited" in fate:
            invoice = cls.invoice_order(order, cls.draw_day())
            part = 10.0 if fate == "part_credited" else None
            cls.credit(invoice, cls.draw_day(), amount=part)
            if fate == "credited_again":
                cls.invoice_order(order, cls.draw_day())
        elif fate == "cancelled_invoice":
            invoice = cls.invoice_order(order, cls.draw_day())
            invoice.button_draft()
            invoice.button_cancel()
        elif fate == "settled":
            cls._settle(order, session)

    @classmethod
    def _settle(cls, order, session):
        """The till takes over a part of the order, if it may (module pos_sale)."""
        if order.currency_id != session.currency_id or "sale_order_line_id" not in (
            cls.env["pos.order.line"]._fields
        ):
            return
        taken = order.order_line[:1]
        cls.ring_up(
            session,
            order.partner_id,
            [(1, taken.price_unit, taken.product_id)],
            when=cls.draw_instant(order.company_id),
            settles=taken,
        )

    @classmethod
    def _random_invoice(cls, company, foreign, session):
        vals = {}
        if cls.random.random() < 0.4:
            vals["currency_id"] = foreign.currency_id.id
        fate = cls.random.choice(
            "open paid part_paid draft credited part reset".split()
        )
        day = cls.draw_day()
        invoice = cls.make_invoice(
            cls.draw_contact(company),
            cls.draw_price(),
            day,
            post=fate != "draft",
            company=company,
            due=day + timedelta(days=cls.random.choice([0, 14, 30])),
            **vals,
        )
        if fate == "paid":
            cls.pay(invoice, cls.draw_day())
        elif fate == "part_paid":
            cls.pay(invoice, cls.draw_day(), amount=5.0)
        elif fate in ("credited", "part"):
            cls.credit(invoice, cls.draw_day(), amount=7.5 if fate == "part" else None)
        elif fate == "reset":
            invoice.button_draft()

    @classmethod
    def _random_till(cls, company, foreign, session):
        lines = [
            (cls.random.randrange(1, 4), cls.draw_price(), product)
            for product in cls.random.sample(list(cls.products), 2)
        ]
        contact = cls.draw_contact(company)
        if cls.random.random() < 0.1:
            contact = cls.env["res.partner"]
        order = cls.ring_up(session, contact, lines, when=cls.draw_instant(company))
        fate = cls.random.choice("kept kept back part_back invoiced credited".split())
        if fate == "back":
            cls.take_back(order, when=cls.draw_instant(company))
        elif fate == "part_back":
            cls.take_back(order, [1, 0], when=cls.draw_instant(company))
        elif fate in ("invoiced", "credited") and contact:
            order.to_invoice = True
            order._generate_pos_order_invoice()
            if fate == "credited":
                cls.credit(order.account_move)

    @classmethod
    def _random_lead(cls, company, foreign, session):
        lead = cls.make_lead(
            cls.draw_contact(company),
            cls.draw_price(),
            company,
            date_deadline=cls.draw_day(),
        )
        if cls.random.random() < 0.5:
            lead.action_set_won()
        elif cls.random.random() < 0.3:
            lead.action_set_lost()

    @classmethod
    def _random_activity(cls, company, foreign, session):
        contact = cls.draw_contact(company)
        document = contact
        if cls.random.random() < 0.5:
            document = cls.make_lead(contact, company=company)
        done = cls.draw_day() if cls.random.random() < 0.8 else None
        cls.make_activity(document, done)

    # ------------------------------------------------------------- random models

    def random_model(self, company, number):
        """A value model with a dozen random indicators and random tiers."""
        draw = Random(f"{self.seed}/{number}")
        indicators = [self._random_indicator(draw) for __ in range(12)]
        return self.make_model(
            indicators,
            tiers=self._random_tiers(draw, indicators),
            partners=self.customers,
            company=company,
        )

    def _random_indicator(self, draw):
        code = f"i{draw.randrange(10**9)}"
        kind = draw.choice(
            "count sum avg min max distinct recency months growth rate attribute "
            "attribute sum count decay".split()
        )
        # the pieces of sales add up to a sum; there is no sense in counting them
        pieces = ("sales", "till")
        countable = [one for one in self.sources if one not in pieces]
        definition = {
            "code": code,
            "aggregate": kind,
            "window": draw.choice(WINDOWS),
            "window_shift": draw.choice([0, 0, 0, 1, 2]),
            "weight": draw.choice([0, 1, 5, 12.5, 40]),
            "missing": draw.choice(["zero", "ignore", "unranked"]),
            "dimension": draw.choice(
                ["purchase", "potential", "engagement", "loyalty", "referral"]
            ),
            "source": self.sources[draw.choice(countable)],
            "scale": draw.choice(["step", "interpolated", "quantile"]),
        }
        money = ["purchases", "late", "overdue", "lines", "leads"]
        if kind == "decay":
            definition |= {
                "aggregate": draw.choice(["sum", "count"]),
                "decays": True,
                "half_life": draw.choice([7, 180]),
            }
            kind = definition["aggregate"]
        if kind in ("sum", "growth"):
            definition["source"] = self.sources[draw.choice([*pieces, *money])]
        if kind in ("avg", "min", "max"):
            definition["source"] = self.sources[draw.choice(money)]
        if kind == "distinct":
            definition["source"] = self.sources["lines"]
            definition["distinct_path"] = draw.choice(
                ["product_id", "product_id.categ_id", "order_id", "price_unit"]
            )
        if kind == "growth" and not definition["window"][0]:
            definition["window"] = (6, "month")
        if kind == "rate":
            definition |= {
                "source": self.sources["won"],
                "asked": self.sources["leads"],
            }
        elif kind != "attribute" and draw.random() < 0.15:
            definition["asked"] = self.sources["quotations"]
        if kind == "attribute":
            definition |= self._random_attribute(draw)
        if "bands" not in definition:
            definition["bands"] = self._random_bands(draw, definition["scale"])
        return definition

    def _random_attribute(self, draw):
        path = draw.choice(["color", "category_id", "is_company", "lang", "country_id"])
        found = {"source": None, "attribute_path": path}
        if path == "color":
            if found.get("scale") == "enumeration":
                found["scale"] = "step"
            return found
        values = {
            "category_id": [str(tag.id) for tag in self.tags()],
            "is_company": ["true", "false"],
            "lang": ["en_US"],
            "country_id": ["1"],
        }[path]
        return found | {
            "scale": "enumeration",
            "bands": [(value, draw.choice([10, 35, 80])) for value in values],
        }

    def _random_bands(self, draw, scale):
        if scale == "quantile":
            edges = sorted(draw.sample([0, 10, 20, 40, 50, 60, 80, 90, 95], 4))
        else:
            edges = sorted(
                draw.sample([-50, -1, 0, 1, 2, 3, 10, 30, 100, 365, 1000], 4)
            )
        points = sorted(draw.sample(range(0, 101, 5), 4), reverse=draw.random() < 0.4)
        return list(zip(edges, points, strict=True))

    def _random_tiers(self, draw, indicators):
        measured = draw.choice(indicators)["code"]
        number = [
            {"kind": "value", "indicator": measured, "number": draw.choice([0, 2])}
        ]
        top = [{"kind": "share", "number": draw.choice([20, 35])}]
        return [
            ("share", {"rules": top, "hysteresis": 0}),
            (
                "gold",
                {
                    "rules": [
                        {"kind": "score", "number": draw.choice([40, 55])},
                        {"kind": "domain", "domain": "[('color', '<', 3)]"},
                    ],
                    "hysteresis": draw.choice([0, 3]),
                },
            ),
            (
                "mixed",
                {
                    "rules": [*number, {"kind": "score", "number": 30}],
                    "match": draw.choice(["all", "any"]),
                },
            ),
            ("rest", {}),
        ]

    # ------------------------------------------------------------------ comparing

    def assert_oracle(self, model, as_of, held=None):
        """The engine's results are the oracle's, for everybody and every indicator."""
        oracle = Oracle(model, as_of, held)
        expected = oracle.results()
        found = self.results(model, self.customers, as_of)
        self.assertEqual(set(found), set(expected), "the population")
        for customer_id, result in expected.items():
            with self.subTest(customer=result["customer"].name):
                self._assert_measures(found[customer_id], result)
                self._assert_result(found[customer_id], result)
        return expected

    def assert_run_in_chunks(self, model, as_of, expected):
        """What is read first and scored in parts is the same."""
        run = self.env["customer.value.run"].create(
            {"model_id": model.id, "as_of": as_of}
        )
        with patch.object(customer_value_run, "FIRST_CHUNK", 5):
            run._work_through()
        self.assertEqual(run.state, "done", run.message)
        self.assertTrue(run.reading_ids)
        self.assertFalse(run.error_ids)
        found = self.stored(self.customers, model.company_id)
        self.assertEqual(set(found), set(expected))
        for customer_id, result in expected.items():
            with self.subTest(customer=result["customer"].name, in_chunks=True):
                self._assert_measures(found[customer_id], result)
                self._assert_result(found[customer_id], result)

    def _assert_measures(self, row, expected):
        for indicator, (raw, points, state, basis) in expected["measures"].items():
            got = self.measure(row, indicator)
            what = (
                f"{indicator.aggregate} of "
                f"{indicator.source_id.res_model or indicator.attribute_path}, "
                f"{indicator.scale}, window {indicator.window_number} "
                f"{indicator.window_unit} back {indicator.window_shift}, "
                f"{indicator.missing}, decays {indicator.decays}: {got} "
                f"instead of {(raw, points, state, basis)}"
            )
            self.assertEqual(got[2], state, what)
            if state == UNAVAILABLE:
                continue
            self.assertEqual(got[0] is None, raw is None, what)
            if raw is not None:
                self.assertAlmostEqual(got[0], raw, 5, what)
            self.assertEqual(got[1] is None, points is None, what)
            if points is not None:
                self.assertAlmostEqual(got[1], points, 4, what)
            self.assertEqual(got[3] or 0, basis or 0, what)

    def _assert_result(self, row, expected):
        for name in ("realised", "potential", "reference", "coverage"):
            self.assertAlmostEqual(row[name], expected[name], 4, name)
        self.assertAlmostEqual(row["computed_score"], expected["score"], 4)
        self.assertEqual(row["evidence_count"], expected["evidence_count"])
        self.assertEqual(row["indicator_count"], expected["indicator_count"])
        self.assertEqual(row["computed_tier_id"] or False, expected["tier"].id)
        self.assertEqual(row["segment_id"] or False, expected["segment"].id)

    def check_models(self, seeds, days):
        evidence = 0
        for number in seeds:
            for company in self.companies:
                as_of = days[number % len(days)]
                _logger.info("model seed %s/%s, %s", self.seed, number, as_of)
                model = self.random_model(company, number)
                model._calibrate(as_of)
                expected = self.assert_oracle(model, as_of)
                self.assert_run_in_chunks(model, as_of, expected)
                model.action_retire()
                evidence += sum(
                    found[2] == MEASURED and bool(found[0])
                    for result in expected.values()
                    for found in result["measures"].values()
                )
        self.assertGreater(evidence, 100, "a world too empty to prove anything")


DAYS = [
    AS_OF,
    date(2026, 2, 28),
    date(2024, 2, 29),
    date(2025, 11, 2),
    date(2026, 4, 1),
]


@tagged("post_install", "-at_install")
class TestEngineOracle(RandomWorld):
    def test_random_models(self):
        self.check_models(range(10), DAYS)


@tagged("post_install", "-at_install")
class TestEngineOracleAcrossTheDateLine(RandomWorld):
    """The same with the two companies' clocks and currencies swapped."""

    tz = "America/Los_Angeles"
    company_currency = "USD"
    other_tz = "Pacific/Auckland"
    other_currency = "EUR"
    seed = SEED + 1

    def test_random_models(self):
        self.check_models(range(10, 16), DAYS)
