"""Kept statements: whatever changes, the next scoring goes by it."""

from datetime import timedelta

import psycopg2

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.customer_value_engine import KEPT, STATEMENTS
from ..models.kept_sql import Blank, is_steady
from ..models.scoring_plan import Plan, Scope
from ..models.scoring_sql import ScoringSql
from .common import CustomerValueCommon

WORDS = ("name", "description", "advice", "color", "last_error", "module_name")
REFUSED = (
    AccessError,
    UserError,
    ValidationError,
    ValueError,
    psycopg2.IntegrityError,
    psycopg2.DataError,
)


@tagged("post_install", "-at_install")
class TestKeptStatements(CustomerValueCommon):
    """The engine keeps the statement for some customers and fills their ids in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.make_partner() | cls.make_partner()
        cls.own_source = cls.make_source(
            "crm.lead", domain="[('type', '=', 'opportunity')]"
        )
        cls.model = cls.make_model(
            [
                {"code": "sales", "source": "sales", "aggregate": "sum"},
                {"code": "recency", "source": "purchases", "aggregate": "recency"},
                {"code": "deals", "source": cls.own_source, "decays": True},
                {
                    "code": "won",
                    "source": "opportunities_won",
                    "asked": "opportunities_decided",
                    "aggregate": "rate",
                },
                {
                    "code": "industry",
                    "aggregate": "attribute",
                    "attribute_path": "industry_id",
                    "scale": "enumeration",
                    "bands": [("1", 50)],
                },
            ],
            tiers=(
                (
                    "top",
                    {
                        "rules": [
                            {"kind": "score", "number": 60},
                            {"kind": "value", "number": 10, "indicator": "sales"},
                            {"kind": "domain", "domain": "[('city', '=', 'Bonn')]"},
                        ]
                    },
                ),
                ("rest", {}),
            ),
            domain=[("customer_rank", ">=", 0)],
        )
        cls.env["customer.value.segment"].create(
            {"model_id": cls.model.id, "name": "All", "code": "all"}
        )
        indicators = {one.code: one.id for one in cls.model.indicator_ids}
        cls.model.write(
            {
                "rfm_recency_id": indicators["recency"],
                "rfm_frequency_id": indicators["deals"],
                "rfm_monetary_id": indicators["sales"],
            }
        )

    def engine(self):
        return self.env["customer.value.engine"]

    def kept(self, day=None):
        """The statements as the engine would use them now; None if it keeps none."""
        kept = self.engine()._kept_statements(self.model.id, day or self.today())
        return kept and self._texts(kept)

    def composed(self):
        """The same composed anew."""
        engine = self.engine()
        model = self.model.with_env(engine._plain_env())
        scope = Scope(ids=Blank.ENTITIES, contacts=Blank.CONTACTS)
        plan = Plan(model, self.today(), scope)
        if not plan.is_steady():
            return None
        return self._texts({part: STATEMENTS[part](engine, plan) for part in KEPT})

    def today(self):
        return self.model._today()

    def _texts(self, statements):
        return {part: (sql.code, sql.params) for part, sql in statements.items()}

    def test_it_is_composed_once_for_a_day(self):
        kept = self.kept()
        self.patch(ScoringSql, "tiered", lambda statement: self.fail("composed"))
        self.assertEqual(self.kept(), kept)
        with self.assertRaisesRegex(AssertionError, "composed"):
            self.kept(self.today() - timedelta(days=1))

    def test_it_is_used_for_a_few_customers(self):
        plans = []
        origin = Plan.is_steady
        self.patch(Plan, "is_steady", lambda plan: plans.append(plan) or origin(plan))
        for partner in self.partners:
            self.score_few(self.model, partner)
        self.assertEqual(len(plans), 1)
        scores = self.env["customer.value.score"].search(
            [("partner_id", "in", self.partners.ids)]
        )
        self.assertEqual(scores.partner_id, self.partners)

    def test_a_draft_is_composed_anew(self):
        self.model.sudo().state = "draft"
        self.patch(
            type(self.engine()), "_kept_statements", lambda *__: self.fail("kept")
        )
        self.score_few(self.model, self.partners)

    def test_a_filter_that_is_looked_up_is_not_kept(self):
        """Its SQL holds what was found: children, names, days from now."""
        partners = self.env["res.partner"]
        category = self.env["res.partner.category"].create({"name": "Good"})
        for domain in (
            [("id", "child_of", self.partners.ids)],
            [("category_id", "child_of", "Good")],
            [("category_id", "in", "Good")],
            [("category_id", "=", "Good")],
            [("create_date", ">", "-3d")],
            [("create_date", ">", "today -1w")],
            [("same_vat_partner_id", "!=", False)],
            ["|", ("city", "=", "Bonn"), ("child_ids.category_id", "ilike", "oo")],
            [("child_ids", "any", [("category_id", "in", "Good")])],
        ):
            self.assertFalse(is_steady(Domain(domain), partners), domain)
        for domain in (
            [("customer_rank", ">", 0)],
            [("category_id", "in", [category.id])],
            [("create_date", ">", "2026-01-01"), ("ref", "=like", "A%")],
            [("country_code", "=", "DE")],
            [("child_ids", "any", [("city", "=", "Bonn")])],
            [("category_id", "child_of", category.id)],
            [("child_ids", "any", [("category_id", "parent_of", category.ids)])],
            [],
        ):
            self.assertTrue(is_steady(Domain(domain), partners), domain)

    def test_a_population_by_category_follows_the_categories(self):
        """A category with its customers moves elsewhere: they are still found in it."""
        root, above, below = self.env["res.partner.category"].create(
            [{"name": "Root"}, {"name": "Above"}, {"name": "Below"}]
        )
        model = self.make_model(
            [{"source": "sales"}],
            domain=[("category_id", "child_of", above.id)],
            sequence=1,
        )
        partner = self.make_partner(category_id=[Command.set(below.ids)])
        self.score_few(model, partner)
        self.assertFalse(self.scores(partner))
        for category, parent in ((below, above), (above, root)):
            category.parent_id = parent
            self.score_few(model, partner)
            self.assertEqual(self.scores(partner).model_id, model)
        kept = self.engine()._kept_statements(model.id, model._today())
        self.assertTrue(kept, "such a filter is kept, and forgotten at a move")

    def score_few(self, model, partners):
        return self.score(model, scope=Scope(ids=tuple(partners.ids)))

    def scores(self, partners):
        return self.env["customer.value.score"].search(
            [("partner_id", "in", partners.ids)]
        )

    @mute_logger("odoo.sql_db")
    def test_whatever_is_written_counts_at_once(self):
        """Every stored field of everything a statement is made of."""
        written = set()
        for record in self._ingredients():
            for name in record._fields:
                if self._written_counts(record, name):
                    written.add((record._name, name))
        for name in (
            ("customer.value.band", "points"),
            ("customer.value.band", "threshold"),
            ("customer.value.indicator", "weight"),
            ("customer.value.indicator", "missing"),
            ("customer.value.indicator", "window_number"),
            ("customer.value.indicator", "dimension_id"),
            ("customer.value.dimension", "component"),
            ("customer.value.tier", "hysteresis"),
            ("customer.value.tier", "sequence"),
            ("customer.value.tier.rule", "number"),
            ("customer.value.tier.rule", "domain"),
            ("customer.value.segment", "recency_max"),
            ("customer.value.source", "domain"),
            ("customer.value.source", "date_field"),
            ("customer.value.model", "domain"),
            ("res.company", "value_tz"),
        ):
            self.assertIn(name, written, "the value tried was refused")

    def _ingredients(self):
        model = self.model.sudo()
        yield model
        yield from model.indicator_ids.filtered(lambda i: i.code in ("deals", "won"))
        yield model.indicator_ids.band_ids[0]
        yield model.tier_ids[0]
        yield from model.tier_ids.rule_ids
        yield from model.segment_ids[:2]
        yield self.own_source
        yield model.indicator_ids.dimension_id[:1]
        yield model.company_id

    def _written_counts(self, record, name):
        """Write another value, look whether the kept statement goes by it, undo."""
        field = record._fields[name]
        values = list(self._other_values(record, field))
        done = False
        for value in values if field.store and not field.related else ():
            self.kept()
            try:
                with self.env.cr.savepoint():
                    record.write({name: value})
                    self.env.flush_all()
                    with self.subTest(model=record._name, field=name):
                        self.assertEqual(self.kept(), self.composed())
                    done = True
                    raise Undone
            except (Undone, *REFUSED):
                self.env.invalidate_all()
                self.registry.clear_cache("stable")
        return done

    def _other_values(self, record, field):
        if record._name == "res.company" and not field.name.startswith("value_"):
            return
        if field.name in WORDS:
            return
        own = record[field.name]
        if field.name in ("id", "create_date", "write_date", "create_uid", "write_uid"):
            return
        if field.type in ("integer", "float"):
            yield from (own + 1, own - 1)
        elif field.type == "boolean":
            yield not own
        elif field.type == "selection":
            values = field.get_values(self.env)
            yield from [value for value in values if value != own][:1]
        elif field.type == "many2one":
            others = self.env[field.comodel_name].sudo().search([], limit=3)
            yield from (others - own)[:1].ids
        elif field.name == "domain":
            yield "[('create_date', '!=', False)]"
        elif field.name == "date_field":
            yield "write_date"
        elif field.name == "res_model":
            yield "res.partner"
        elif field.type in ("char", "text"):
            yield f"{own or ''}x"

    def test_lines_added_and_removed_count_at_once(self):
        model = self.model.sudo()
        self.kept()
        added = self.make_indicator(model, "more", "activities_done")
        self.assertEqual(self.kept(), self.composed())
        self.make_tier(model, "new", sequence=1, rules=[{"kind": "score"}])
        self.assertEqual(self.kept(), self.composed())
        added.sudo().unlink()
        self.assertEqual(self.kept(), self.composed())
        model.tier_ids[0].sudo().unlink()
        self.assertEqual(self.kept(), self.composed())

    def test_another_active_model_counts_at_once(self):
        self.kept()
        rival = self.make_model(
            [{"source": "sales"}], partners=self.partners[0], sequence=1
        )
        self.assertEqual(self.kept(), self.composed())
        self.assertIn(rival.domain, str(rival.domain))
        rival.sudo().sequence = 1000
        self.assertEqual(self.kept(), self.composed())
        rival.action_retire()
        self.assertEqual(self.kept(), self.composed())

    def test_a_calibration_counts_at_once(self):
        indicator = self.model.indicator_ids[0]
        for position, band in enumerate(indicator.band_ids.sudo()):
            band.percentile = 10 * position
        indicator.sudo().scale = "quantile"
        self.kept()
        self.model.sudo()._calibrate(self.model._today())
        self.assertEqual(self.kept(), self.composed())


class Undone(Exception):
    """Ends a savepoint that is to be taken back."""
