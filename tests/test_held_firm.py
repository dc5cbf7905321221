import logging
from datetime import date, timedelta
from math import ceil
from random import Random

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..tools.rhythm import expected_interval, intervals
from .common import CustomerValueCommon

_logger = logging.getLogger(__name__)

BEGIN, END = date(2026, 3, 10), date(2026, 3, 31)


def reckon(days, as_of, pooled, begin=BEGIN, end=END):
    """``(outcome, due, bought, known on)`` of one customer, or None: not due.

    Plainly, from the days on which he bought, without looking at the statement.
    """
    known = sorted({day for day in days if day <= as_of})
    before = [day for day in known if day < begin]
    if len(before) < 2:
        return None
    allowed = ceil(round(expected_interval(intervals(before), pooled), 6))
    due = before[-1] + timedelta(days=allowed)
    if not begin <= due <= end:
        return None
    grace = end + timedelta(days=allowed)
    since = [day for day in known if day >= begin]
    bought = since[0] if since else None
    if bought and bought <= end:
        return "held", due, bought, bought
    if bought and bought <= grace:
        return "delayed", due, bought, bought
    if as_of > grace:
        return "lapsed", due, None, grace + timedelta(days=1)
    return "pending", due, None, None


class HeldFirmCommon(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.promotions = cls.env["customer.competitor.promotion"]
        cls.held_firm = cls.env["customer.held.firm"]
        cls.rival = cls.env["customer.competitor"].create({"name": "Discount Barn"})

    @classmethod
    def promotion(cls, **vals):
        return cls.promotions.create(
            {
                "name": "Spring sale",
                "competitor_id": cls.rival.id,
                "date_from": BEGIN,
                "date_to": END,
                **vals,
            }
        )

    @classmethod
    def buy(cls, partner, *days, product=None, amount=100.0):
        line = (1, amount, product) if product else (1, amount)
        for day in days:
            cls.make_order(partner, lines=(line,), when=cls.local(day))

    def judge(self, promotion, as_of):
        self.held_firm._evaluate(promotion, as_of)
        return {
            row.partner_id: (
                row.outcome,
                row.due_date or None,
                row.bought_date or None,
                row.date or None,
            )
            for row in self.held_firm.search([("promotion_id", "=", promotion.id)])
        }

    def outcomes(self, promotion, as_of):
        judged = self.judge(promotion, as_of)
        return {partner: row[0] for partner, row in judged.items()}

    @classmethod
    def weekly(cls, until, times=6, every=20):
        """Purchase days that end on ``until``."""
        return [until - timedelta(days=every * back) for back in reversed(range(times))]


@tagged("post_install", "-at_install")
class TestHeldFirmOracle(HeldFirmCommon):
    """Randomised purchases: the statement says what a plain reckoning says."""

    def test_oracle(self):
        seed = Random().randrange(10**6)
        _logger.info("Held firm oracle: seed %s", seed)
        random = Random(seed)
        customers = {}
        for __ in range(40):
            partner = self.make_partner()
            count = random.choice((1, 2, 3, 5, 8))
            span = random.choice((60, 120, 300))
            first = BEGIN - timedelta(days=span)
            days = [
                first + timedelta(days=random.randrange(span + 90))
                for __ in range(count)
            ]
            self.buy(partner, *set(days))
            customers[partner] = days
        pool = [
            interval
            for days in customers.values()
            for interval in intervals(
                sorted({day for day in days if day < BEGIN.replace(day=1)})
            )
        ]
        pooled = sum(pool) / len(pool)
        promotion = self.promotion()
        for as_of in (BEGIN, END, END + timedelta(days=20), END + timedelta(days=400)):
            expected = {
                partner: found
                for partner, days in customers.items()
                if (found := reckon(days, as_of, pooled))
            }
            with self.subTest(seed=seed, as_of=as_of):
                self.assertEqual(self.judge(promotion, as_of), expected)
        self.assertTrue(expected, f"nobody was due, seed {seed}")
        self.assertTrue(promotion.is_settled)


@tagged("post_install", "-at_install")
class TestHeldFirm(HeldFirmCommon):
    def setUp(self):
        super().setUp()
        last = BEGIN - timedelta(days=12)  # due on 18 March, in the window
        self.holds = self.make_partner("Holds")
        self.comes = self.make_partner("Comes Later")
        self.goes = self.make_partner("Goes")
        self.rests = self.make_partner("Rests")
        self.once = self.make_partner("Once")
        for partner in (self.holds, self.comes, self.goes):
            self.buy(partner, *self.weekly(last))
        self.buy(self.rests, *self.weekly(last, every=80))
        self.buy(self.once, last)
        self.buy(self.holds, END, amount=250.0)
        self.buy(self.comes, END + timedelta(days=1))

    def test_who_was_due_and_what_became_of_them(self):
        promotion = self.promotion()
        self.assertEqual(
            self.outcomes(promotion, END),
            {self.holds: "held", self.comes: "pending", self.goes: "pending"},
        )
        self.assertFalse(promotion.is_settled)
        later = END + timedelta(days=60)
        self.assertEqual(
            self.outcomes(promotion, later),
            {self.holds: "held", self.comes: "delayed", self.goes: "lapsed"},
        )
        self.assertTrue(promotion.is_settled)
        self.assertEqual(
            (promotion.due_count, promotion.held_count, promotion.delayed_count),
            (3, 1, 1),
        )
        self.assertEqual(round(promotion.held_share), 33)

    def test_grace_is_one_interval_of_the_own(self):
        """The last day still counts, the next one no longer."""
        promotion = self.promotion()
        row = self.held_firm.search([("partner_id", "=", self.goes.id)])
        self.judge(promotion, END)
        row = self.held_firm.search([("partner_id", "=", self.goes.id)])
        grace = row.grace_date
        self.assertEqual(self.outcomes(promotion, grace)[self.goes], "pending")
        tomorrow = grace + timedelta(days=1)
        self.assertEqual(self.outcomes(promotion, tomorrow)[self.goes], "lapsed")
        self.buy(self.goes, grace)
        self.assertEqual(self.outcomes(promotion, tomorrow)[self.goes], "delayed")

    def test_amounts(self):
        promotion = self.promotion()
        self.judge(promotion, END + timedelta(days=60))
        row = self.held_firm.search([("partner_id", "=", self.holds.id)])
        self.assertEqual((row.amount, row.usual_amount), (250, 100))
        row = self.held_firm.search([("partner_id", "=", self.goes.id)])
        self.assertEqual((row.amount, row.usual_amount), (0, 100))

    def test_only_who_buys_what_is_cheaper(self):
        coffee = self.env["product.category"].create({"name": "Coffee"})
        beans = self.env["product.category"].create(
            {"name": "Beans", "parent_id": coffee.id}
        )
        product = self.make_product("Arabica", categ_id=beans.id)
        self.buy(self.holds, BEGIN - timedelta(days=100), product=product)
        self.buy(self.goes, BEGIN, product=product)  # not before the window
        promotion = self.promotion(categ_ids=[Command.set(coffee.ids)])
        self.assertEqual(set(self.outcomes(promotion, END)), {self.holds})

    def test_only_where_it_is_cheaper(self):
        germany, france = self.env.ref("base.de"), self.env.ref("base.fr")
        state = self.env["res.country.state"].create(
            {"name": "Harz", "code": "HZ", "country_id": germany.id}
        )
        self.holds.write({"country_id": germany.id, "state_id": state.id})
        self.comes.country_id = germany
        self.goes.country_id = france
        for values, expected in (
            ({"country_ids": germany}, {self.holds, self.comes}),
            ({"state_ids": state}, {self.holds}),
            ({"state_ids": state, "country_ids": germany | france},
             {self.holds, self.goes}),
        ):  # fmt: skip
            ids = {name: [Command.set(found.ids)] for name, found in values.items()}
            promotion = self.promotion(**ids)
            self.assertEqual(set(self.outcomes(promotion, END)), expected)

    def test_nothing_written_that_did_not_change(self):
        promotion = self.promotion()
        changed = self.held_firm._evaluate(promotion, END)
        self.assertEqual(set(changed), {self.holds.id, self.comes.id, self.goes.id})
        self.assertFalse(self.held_firm._evaluate(promotion, END))
        changed = self.held_firm._evaluate(promotion, END + timedelta(days=1))
        self.assertEqual(changed, self.comes.ids)

    def test_changed_customers_are_scored_again(self):
        promotion = self.promotion()
        self.forget_marks()
        self.held_firm._evaluate(promotion, END)
        self.assertEqual(self.marked_customers(), self.holds | self.comes | self.goes)

    def test_changed_window_is_judged_anew(self):
        promotion = self.promotion()
        later = END + timedelta(days=400)
        self.judge(promotion, later)
        self.assertTrue(promotion.is_settled)
        promotion.note = "Leaflet"
        self.assertTrue(promotion.is_settled)
        promotion.write({"date_from": "2026-03-26", "date_to": "2026-03-28"})
        self.assertFalse(promotion.is_settled)
        self.assertFalse(self.judge(promotion, later))

    def test_before_it_begins_nobody_is_judged(self):
        promotion = self.promotion()
        with freeze_time("2026-03-08 00:00:00"):
            self.assertEqual(promotion.phase, "coming")
        self.assertFalse(self.judge(promotion, BEGIN - timedelta(days=1)))

    def test_archived_promotion_judges_nobody(self):
        promotion = self.promotion()
        self.judge(promotion, END)
        promotion.active = False
        self.assertFalse(self.judge(promotion, END))

    def test_cron(self):
        promotion = self.promotion()
        with freeze_time("2026-06-30 00:00:00"), self.enter_registry_test_mode():
            self.env.ref("customer_value.ir_cron_held_firm").method_direct_trigger()
        self.assertTrue(promotion.is_settled)
        self.assertEqual(promotion.due_count, 3)

    def test_another_company_is_another_matter(self):
        elsewhere = self.make_company(self.tz)
        promotion = self.promotion(company_id=elsewhere.id)
        self.assertFalse(self.judge(promotion, END))

    # ------------------------------------------------------------------ indicator

    def test_indicator(self):
        promotion = self.promotion()
        self.judge(promotion, END + timedelta(days=60))
        partners = self.holds | self.comes | self.goes | self.rests
        model = self.make_model(
            [
                {
                    "code": "held",
                    "source": "held_firm",
                    "asked": "promotions_due",
                    "aggregate": "rate",
                    "window": (24, "month"),
                    "scale": "interpolated",
                    "bands": ((0, 0), (100, 100)),
                }
            ],
            partners=partners,
        )
        indicator = model.indicator_ids
        results = self.results(model, partners, END + timedelta(days=60))
        measured = {
            partner: self.measure(results[partner.id], indicator)[:3]
            for partner in partners
        }
        self.assertEqual(measured[self.holds], (100, 100, 1))
        self.assertEqual(measured[self.comes], (0, 0, 1))
        self.assertEqual(measured[self.goes], (0, 0, 1))
        self.assertEqual(measured[self.rests][2], 0, "not due: not judged")

    # -------------------------------------------------------------------- loyalty

    def behavioural(self, as_of):
        self.env["customer.loyalty.history"]._update(self.company, as_of)
        states = self.env["customer.loyalty.state"].search(
            [("company_id", "=", self.company.id)]
        )
        return {state.partner_id: state.behavioural for state in states}

    def test_behavioural_index(self):
        """The part is there for who was judged, as it stood on the day."""
        self.make_model(
            [{"code": "any", "source": "purchases"}],
            partners=self.holds | self.comes | self.goes | self.rests,
        )
        as_of = END + timedelta(days=60)
        without = self.behavioural(as_of)
        self.judge(self.promotion(), as_of)
        having = self.behavioural(as_of)
        for partner, points in ((self.holds, 100), (self.comes, 0), (self.goes, 0)):
            parts = 2  # rhythm and tenure; the product is of no category
            expected = (without[partner] * parts + points) / (parts + 1)
            self.assertAlmostEqual(having[partner], expected, delta=0.02)
        self.assertEqual(having[self.rests], without[self.rests])

    def test_behavioural_index_of_a_past_day(self):
        self.make_model(
            [{"code": "any", "source": "purchases"}],
            partners=self.holds | self.goes,
        )
        day = END + timedelta(days=5)
        without = self.behavioural(day)[self.goes]
        self.judge(self.promotion(), END + timedelta(days=60))
        self.assertEqual(self.behavioural(day)[self.goes], without, "not yet known")
        years = END + timedelta(days=60 + 731)
        self.held_firm.search([("partner_id", "=", self.goes.id)]).date = END
        self.env.flush_all()
        before = self.behavioural(years)[self.goes]
        self.held_firm.search([("partner_id", "=", self.goes.id)]).unlink()
        self.assertEqual(self.behavioural(years)[self.goes], before, "too long ago")

    # ------------------------------------------------------------ merge, deletion

    def test_merged_customers_are_judged_by_what_both_bought(self):
        promotion = self.promotion()
        later = END + timedelta(days=60)
        self.judge(promotion, later)
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        merge._merge([self.goes.id, self.holds.id], self.goes)
        self.assertFalse(promotion.is_settled)
        self.assertEqual(
            self.outcomes(promotion, later), {self.goes: "held", self.comes: "delayed"}
        )

    def test_refunded_purchase_did_not_hold(self):
        """What was taken back in full is no purchase."""
        buyer = self.make_partner("Takes Back")
        self.buy(buyer, *self.weekly(BEGIN - timedelta(days=12)))
        invoice = self.make_invoice(buyer, 100, day=BEGIN + timedelta(days=3))
        promotion = self.promotion()
        later = END + timedelta(days=60)
        self.assertEqual(self.outcomes(promotion, later)[buyer], "held")
        self.credit(invoice)
        self.assertEqual(self.outcomes(promotion, later)[buyer], "lapsed")

    def test_deleted_promotion(self):
        promotion = self.promotion()
        self.judge(promotion, END)
        promotion.unlink()
        self.assertFalse(self.held_firm.search([("partner_id", "=", self.holds.id)]))


@tagged("post_install", "-at_install")
class TestPromotion(HeldFirmCommon):
    def test_bad_input(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self.promotion(date_to=BEGIN - timedelta(days=1))
        with self.refused("longer than a year"):
            self.promotion(date_to=BEGIN + timedelta(days=400))

    def lose(self, leads, **vals):
        form = Form(self.env["crm.lead.lost"].with_context(default_lead_ids=leads.ids))
        for name, value in vals.items():
            form[name] = value
        form.save().action_lost_reason_apply()

    def test_lost_to_a_rival(self):
        promotion = self.promotion(
            date_from=date.today(), date_to=date.today() + timedelta(days=5)
        )
        lead = self.make_lead(self.make_partner())
        self.lose(lead, value_competitor_id=self.rival, value_promotion_id=promotion)
        self.assertFalse(lead.active)
        self.assertEqual(lead.value_competitor_id, self.rival)
        self.assertEqual(promotion.lost_lead_count, 1)

    def test_lost_to_a_cheaper_rival_is_a_rumour(self):
        lead = self.make_lead(self.make_partner())
        other = self.make_lead(self.make_partner())
        self.lose(lead | other, value_competitor_id=self.rival, value_is_cheaper=True)
        promotion = lead.value_promotion_id
        self.assertTrue(promotion.is_rumour)
        self.assertEqual(other.value_promotion_id, promotion)
        promotion.action_confirm()
        self.assertFalse(promotion.is_rumour)

    def test_lost_without_a_rival(self):
        lead = self.make_lead(self.make_partner())
        self.lose(lead)
        self.assertFalse(lead.value_competitor_id or lead.value_promotion_id)

    def test_promotion_of_another_company(self):
        elsewhere = self.make_company(self.tz)
        promotion = self.promotion(company_id=elsewhere.id)
        lead = self.make_lead(self.make_partner())
        with self.refused("was noted for", UserError):
            self.lose(
                lead, value_competitor_id=self.rival, value_promotion_id=promotion
            )

    def user(self, login, groups, company=None):
        company = company or self.company
        return new_test_user(
            self.env,
            login,
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def test_rights(self):
        seller = self.user("held_seller", "sales_team.group_sale_salesman")
        mine = self.promotions.with_user(seller).create(
            {"name": "Seen in the street", "competitor_id": self.rival.id}
        )
        mine.note = "On a lorry"
        with self.assertRaises(AccessError):
            mine.unlink()
        with self.assertRaises(AccessError):
            self.held_firm.with_user(seller).create(
                {
                    "promotion_id": mine.id,
                    "partner_id": self.make_partner().id,
                    "company_id": self.company.id,
                    "outcome": "held",
                }
            )
        elsewhere = self.make_company(self.tz)
        outsider = self.user("held_outsider", "customer_value.group_manager", elsewhere)
        theirs = self.promotions.with_user(outsider).with_context(
            allowed_company_ids=elsewhere.ids
        )
        self.assertNotIn(mine, theirs.search([]))
        nobody = self.user("held_nobody", "base.group_user")
        with self.assertRaises(AccessError):
            self.promotions.with_user(nobody).search([])

    def test_rows_follow_the_rules_of_their_contact(self):
        partner = self.make_partner()
        days = self.weekly(BEGIN - timedelta(days=12))
        self.buy(partner, *days)
        promotion = self.promotion()
        self.judge(promotion, END)
        seller = self.user("held_seller", "sales_team.group_sale_salesman")
        rows = self.held_firm.with_user(seller)
        here = [("promotion_id", "=", promotion.id)]
        self.assertEqual(rows.search(here).partner_id, partner)
        self.env["ir.rule"].create(
            {
                "name": "Not this one",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": [("id", "!=", partner.id)],
            }
        )
        self.assertFalse(rows.search(here))
