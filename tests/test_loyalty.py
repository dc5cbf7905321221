"""Loyalty stages: by a plain reckoning, at boundaries, over time, by rights."""

import logging
from datetime import date, timedelta
from math import ceil, floor
from random import Random

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged, users
from odoo.tools import SQL, mute_logger

from .common import CustomerValueCommon

_logger = logging.getLogger(__name__)

LOGGER = "odoo.addons.customer_value.models.customer_loyalty_history"

STATE = (
    "partner_id",
    "stage_id",
    "since",
    "behavioural",
    "attitudinal",
    "quadrant",
    "purchases",
    "first_date",
    "last_date",
    "touch_date",
    "expected_days",
    "due_date",
)
STEP = (
    "partner_id",
    "date",
    "from_stage_id",
    "stage_id",
    "days_before",
    "evidence_values",
)


class LoyaltyCommon(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls.make_model(
            [{"source": "sales", "aggregate": "sum", "window": (0, "day")}]
        )
        cls.history = cls.env["customer.loyalty.history"]
        cls.state = cls.env["customer.loyalty.state"]
        cls.stages = cls.env["customer.loyalty.stage"].search([])
        assert cls.stages.mapped("code") == [
            "lost",
            "at_risk",
            "won_back",
            "advocate",
            "loyal",
            "repeat",
            "first_purchase",
            "dormant",
            "prospect",
        ]

    def setUp(self):
        super().setUp()
        # whoever else is in the database is nobody's customer here
        self.model.domain = "[('ref', '=', 'loyalty test')]"

    @classmethod
    def customer(cls, created="2019-01-01", **vals):
        partner = cls.make_partner(ref="loyalty test", **vals)
        cls.enter(partner, created)
        return partner

    @classmethod
    def enter(cls, record, created, clock="12:00"):
        """Let a record have been created on a day."""
        cls.env.flush_all()
        cls.env.cr.execute(
            SQL(
                "UPDATE %s SET create_date = %s WHERE id = ANY(%s)",
                SQL.identifier(record._table),
                cls.local(created, clock),
                record.ids,
            )
        )
        record.invalidate_recordset()

    @classmethod
    def buy(cls, partner, *days, clock="12:00", company=None):
        """Confirmed orders; ``days`` are dates or texts."""
        company = company or cls.company
        orders = (
            cls.env["sale.order"]
            .with_company(company)
            .create(
                [{"partner_id": partner.id, "company_id": company.id} for __ in days]
            )
        )
        cls.env.flush_all()
        for order, day in zip(orders, days, strict=True):
            cls.env.cr.execute(
                SQL(
                    "UPDATE sale_order SET state = 'sale', date_order = %s "
                    "WHERE id = %s",
                    cls.local(day, clock, company.value_tz),
                    order.id,
                )
            )
        orders.invalidate_recordset()
        return orders

    @classmethod
    def update(cls, as_of, ids=None, company=None):
        if isinstance(as_of, str):
            as_of = date.fromisoformat(as_of)
        return cls.history._update(company or cls.company, as_of, ids)

    @classmethod
    def rows(cls, model, names, company=None):
        cls.env.flush_all()
        order = "partner_id" if "since" in names else "partner_id, date, id"
        rows = cls.env.execute_query_dict(
            SQL(
                "SELECT %s FROM %s WHERE company_id = %s ORDER BY %s",
                SQL(", ").join(map(SQL.identifier, names)),
                SQL.identifier(model._table),
                (company or cls.company).id,
                SQL(order),
            )
        )
        codes = {stage.id: stage.code for stage in cls.stages}
        for row in rows:
            for name in ("stage_id", "from_stage_id"):
                if name in row:
                    row[name] = codes.get(row[name], row[name])
        return rows

    @classmethod
    def now(cls, partner, company=None):
        """The customer's present state as a dict."""
        rows = cls.rows(cls.state, STATE, company)
        return next((row for row in rows if row["partner_id"] == partner.id), None)

    @classmethod
    def stage(cls, partner, company=None):
        return (cls.now(partner, company) or {}).get("stage_id")

    @classmethod
    def steps(cls, partner, company=None):
        """``[(day, code)]`` in order."""
        return [
            (str(row["date"]), row["stage_id"])
            for row in cls.rows(cls.history, STEP, company)
            if row["partner_id"] == partner.id
        ]

    @classmethod
    def set_rhythm(cls, day, pooled, at_risk=2.0, lost=4.0, company=None):
        """A rhythm given instead of measured, for the month that follows ``day``."""
        percentiles = [at_risk if p < 95 else lost for p in range(1, 100)]
        return cls.env["customer.loyalty.rhythm"].create(
            {
                "company_id": (company or cls.company).id,
                "date": day,
                "interval_count": 100,
                "pooled": pooled,
                "percentiles": percentiles,
            }
        )


# ---------------------------------------------------------------------- the oracle


def gaps_of(days):
    return [(after - before).days for before, after in zip(days, days[1:])]  # noqa: B905


def reckon_rhythm(population, until):
    """``(pooled, p80, p95)`` of the purchases until a day."""
    known = [[day for day in days if day <= until] for days in population]
    gaps = [gap for days in known for gap in gaps_of(days)]
    if not gaps:
        return None, 1.6094379124341, 2.9957322735540
    pooled = sum(gaps) / len(gaps)
    if len(gaps) < 30:
        return pooled, 1.6094379124341, 2.9957322735540
    ratios = []
    for days in known:
        own = gaps_of(days)
        for at, gap in enumerate(own):
            ratios.append(gap / ((sum(own[:at]) + 2 * pooled) / (at + 2)))
    ratios.sort()

    def cut(share):
        at = share * (len(ratios) - 1)
        low = floor(at)
        rest = at - low
        high = ratios[min(low + 1, len(ratios) - 1)]
        return ratios[low] * (1 - rest) + high * rest

    return pooled, cut(0.80), cut(0.95)


def reckon(days, as_of, rhythm):
    """``(stage, expected, behavioural)`` by the delivered rules, step by step."""
    pooled, risk, lost = rhythm
    days = [day for day in days if day <= as_of]
    if not days:
        return "prospect", None, None
    own = gaps_of(days)

    def expect(gaps):
        if pooled is None:
            return sum(gaps) / len(gaps) if gaps else None
        return (sum(gaps) + 2 * pooled) / (len(gaps) + 2)

    def limit(expected, ratio):
        return ceil(round(expected * ratio, 6))

    expected = expect(own)
    elapsed = (as_of - days[-1]).days
    tenure = min(100, (days[-1] - days[0]).days / (5 * 365) * 100)
    parts = [tenure]
    if len(days) > 1:
        ratio = elapsed / expected
        parts.append(100 if ratio <= 1 else max(0, 100 * (lost - ratio) / (lost - 1)))
    behavioural = sum(parts) / len(parts)
    came_back = any(
        expect(own[:at]) is not None and own[at] >= limit(expect(own[:at]), lost)
        for at in range(max(0, len(own) - 1), len(own))
    )
    if expected is not None and elapsed >= limit(expected, lost):
        stage = "lost"
    elif expected is not None and elapsed >= limit(expected, risk):
        stage = "at_risk"
    elif came_back:
        stage = "won_back"
    else:
        stage = {1: "first_purchase", 2: "repeat", 3: "repeat"}.get(len(days), "loyal")
    return stage, expected, behavioural


# ----------------------------------------------------------------------- the tests


@tagged("post_install", "-at_install")
class TestLoyaltyOracle(LoyaltyCommon):
    """Randomised purchases: the statement says what a plain reckoning says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seed = Random().randrange(10**6)
        _logger.info("Loyalty oracle: seed %s", cls.seed)
        cls.random = Random(cls.seed)
        cls.customers = {}
        first = date(2023, 1, 1).toordinal()
        for __ in range(40):
            partner = cls.customer()
            count = cls.random.choice((0, 1, 1, 2, 3, 5, 9, 14))
            span = cls.random.choice((60, 300, 700))
            begin = first + cls.random.randrange(500)
            chosen = cls.random.sample(range(begin, begin + span), count)
            days = sorted(map(date.fromordinal, chosen))
            twice = cls.random.sample(days, min(2, count))
            cls.buy(partner, *days)
            cls.buy(partner, *twice, clock="00:05")  # the same local day counts once
            cls.customers[partner.id] = days

    def check_day(self, as_of):
        population = self.customers.values()
        rhythm = reckon_rhythm(population, as_of.replace(day=1) - timedelta(days=1))
        for row in self.rows(self.state, STATE):
            with self.subTest(seed=self.seed, as_of=as_of, row=row):
                days = self.customers[row["partner_id"]]
                stage, expected, behavioural = reckon(days, as_of, rhythm)
                shown = row["stage_id"]
                # without any touch since they were entered, years ago
                self.assertEqual(
                    shown if days and days[0] <= as_of else "prospect", stage
                )
                if stage == "prospect":
                    self.assertEqual(shown, "dormant")
                for name, value in (
                    ("expected_days", expected),
                    ("behavioural", behavioural),
                ):
                    if value is None:
                        self.assertIsNone(row[name])
                    else:
                        self.assertAlmostEqual(row[name], value, delta=0.0051)
                self.assertIsNone(row["attitudinal"])
                self.assertIsNone(row["quadrant"])

    def test_any_day(self):
        days = [date(2023, 1, 5), date(2024, 2, 29), date(2024, 3, 1)]
        days += [
            date.fromordinal(self.random.randrange(738600, 739700)) for __ in range(6)
        ]
        seen = set()
        for as_of in sorted(days):
            self.update(as_of)
            self.assertEqual(len(self.rows(self.state, STATE)), 40)
            self.check_day(as_of)
            seen.update(row["stage_id"] for row in self.rows(self.state, STATE))
        self.assertGreater(len(seen), 5)

    def test_rhythm_is_measured_as_the_reckoning_does(self):
        day = date(2024, 6, 30)
        rhythm = self.env["customer.loyalty.rhythm"]._for(
            self.company, date(2024, 7, 9)
        )
        pooled, risk, lost = reckon_rhythm(self.customers.values(), day)
        self.assertEqual(rhythm.date, day)
        self.assertGreater(rhythm.interval_count, 30)
        for found, value in (
            (rhythm.pooled, pooled),
            (rhythm.at_risk, risk),
            (rhythm.lost, lost),
        ):
            self.assertAlmostEqual(found, value, places=9)

    def test_one_by_one_is_as_everybody_at_once(self):
        before, after = date(2024, 3, 20), date(2024, 4, 2)
        ids = list(self.customers)
        self.random.shuffle(ids)
        told = []
        for incremental in (False, True):
            with self.env.cr.savepoint() as savepoint:
                self.update(before)
                moved = self.env["res.partner"].browse(ids[:5])
                for partner in moved:
                    self.buy(partner, "2024-04-01")
                if incremental:
                    for start in range(0, 40, 7):
                        self.update(after, ids[start : start + 7])
                else:
                    self.update(after)
                self.assertEqual(self.update(after), 0)
                told.append(
                    (self.rows(self.state, STATE), self.rows(self.history, STEP))
                )
                savepoint.rollback()
        self.assertEqual(*told)
        self.assertGreater(len(told[0][1]), 40)

    def test_replay_of_every_day_is_what_daily_runs_had_found(self):
        """As of a past day, documents say what they said on that day."""
        days = [date(2024, 2, 25) + timedelta(days=at) for at in range(10)]
        partners = self.env["res.partner"].browse(list(self.customers)[:12])
        partners |= self.customer()
        self.buy(partners[-1], "2024-02-27")
        self.model.domain = str([("id", "in", partners.ids)])
        with self.env.cr.savepoint() as savepoint:
            for day in days:
                self.update(day)
            daily = self.rows(self.history, STEP)
            savepoint.rollback()
        self.history._replay(self.company, days)
        last = str(days[-1])
        replayed = [
            row for row in self.rows(self.history, STEP) if str(row["date"]) <= last
        ]
        self.assertEqual(replayed, daily)
        self.assertTrue(any(row["from_stage_id"] for row in daily))

    def test_queries_do_not_grow_with_customers(self):
        as_of = date(2024, 5, 14)
        self.update(as_of)  # the rhythm of the month is measured here

        def queries(population):
            self.model.domain = str([("id", "in", population)])
            self.env.invalidate_all()
            self.update(as_of)
            before = self.env.cr.sql_log_count
            self.update(as_of + timedelta(days=len(population) % 5 + 1))
            return self.env.cr.sql_log_count - before

        ids = list(self.customers)
        few, many = queries(ids[:2]), queries(ids)
        self.assertEqual(few, many)
        self.assertLess(many, 20)


@tagged("post_install", "-at_install")
class TestLoyaltyRules(LoyaltyCommon):
    def test_boundaries_of_the_own_rhythm(self):
        """At risk and lost from the very day, not the day before or after."""
        self.set_rhythm("2024-02-29", pooled=20, at_risk=2.0, lost=4.0)
        self.set_rhythm("2024-03-31", pooled=20, at_risk=2.0, lost=4.0)
        partner = self.customer()
        self.buy(partner, "2024-02-09", "2024-02-19", "2024-02-29")
        # two intervals of 10 and two of 20: 15 days are expected
        for day, stage in (
            ("2024-03-01", "repeat"),
            ("2024-03-29", "repeat"),
            ("2024-03-30", "at_risk"),
            ("2024-04-28", "at_risk"),
            ("2024-04-29", "lost"),
        ):
            self.update(day)
            self.assertEqual(self.stage(partner), stage, day)
        self.assertEqual(
            self.steps(partner),
            [
                ("2024-02-19", "repeat"),
                ("2024-03-30", "at_risk"),
                ("2024-04-29", "lost"),
            ],
        )
        self.assertEqual(self.now(partner)["since"], date(2024, 4, 29))
        self.assertEqual(self.now(partner)["due_date"], date(2024, 3, 15))
        last = self.history.search([("partner_id", "=", partner.id)], limit=1)
        self.assertEqual(last.days_before, 30)
        self.assertEqual(
            last.evidence,
            "Last purchase on 02/29/2024, 60 days before; expected every 15 days. "
            "95 of 100 come back within 60 days.",
        )

    def test_one_time_buyers_are_not_ranked(self):
        """The population's mean is expected of all of them alike, and their rhythm
        stays unknown."""
        self.set_rhythm("2024-02-29", pooled=20, at_risk=2.0, lost=4.0)
        early, late = self.customer(), self.customer()
        self.buy(early, "2024-01-31")
        self.buy(late, "2024-03-01")
        self.update("2024-03-10")
        for partner in (early, late):
            self.assertEqual(self.now(partner)["expected_days"], 20)
            self.assertEqual(self.now(partner)["behavioural"], 0)
        self.assertEqual(self.stage(late), "first_purchase")
        self.assertEqual(self.stage(early), "first_purchase")
        self.update("2024-03-11")
        self.assertEqual(self.stage(early), "at_risk")

    def test_won_back(self):
        self.set_rhythm("2024-02-29", pooled=20, at_risk=2.0, lost=4.0)
        partner, not_quite = self.customer(), self.customer()
        self.buy(partner, "2023-12-13", "2024-03-02")  # 80 days: lost for so long
        self.buy(not_quite, "2023-12-14", "2024-03-02")
        self.update("2024-03-02")
        self.assertEqual(self.stage(partner), "won_back")
        self.assertEqual(self.stage(not_quite), "repeat")
        self.buy(partner, "2024-03-20")
        self.update("2024-03-20")
        self.assertEqual(self.stage(partner), "repeat")
        self.assertEqual(
            self.steps(partner), [("2024-03-02", "won_back"), ("2024-03-20", "repeat")]
        )
        # the rule may give more time
        self.env.ref("customer_value.loyalty_stage_won_back").purchases = 2
        self.update("2024-03-21")
        self.assertEqual(self.stage(partner), "won_back")
        first = self.history.search(
            [("partner_id", "=", partner.id)], order="date", limit=1
        )
        self.assertIn("after 80 days away", first.evidence)

    def test_days_begin_in_the_company_s_time_zone(self):
        self.set_rhythm("2024-05-31", pooled=20)
        partner = self.customer()
        self.buy(partner, "2024-06-10", clock="23:59")
        self.update("2024-06-09")
        self.assertEqual(self.stage(partner), "dormant")
        self.update("2024-06-10")
        self.assertEqual(self.now(partner)["last_date"], date(2024, 6, 10))
        self.buy(partner, "2024-06-11", clock="00:01")
        self.update("2024-06-10")
        self.assertEqual(self.now(partner)["purchases"], 1)
        self.update("2024-06-11")
        self.assertEqual(self.now(partner)["purchases"], 2)

    def test_the_rhythm_of_a_month_is_that_of_the_month_before(self):
        partner = self.customer()
        self.buy(partner, "2024-02-09", "2024-02-29")
        rhythm = self.env["customer.loyalty.rhythm"]
        self.assertFalse(rhythm._for(self.company, date(2024, 2, 29)).interval_count)
        march = rhythm._for(self.company, date(2024, 3, 1))
        self.assertEqual((march.date, march.pooled), (date(2024, 2, 29), 20))
        self.assertEqual(rhythm._for(self.company, date(2024, 3, 31)), march)
        # documents that come in later do not move it
        self.buy(partner, "2024-02-10")
        self.assertEqual(rhythm._for(self.company, date(2024, 3, 31)), march)
        self.assertEqual(march.pooled, 20)

    def test_what_was_taken_back_is_no_purchase(self):
        partner = self.customer()
        kept = self.make_invoice(partner, day="2024-01-10")
        back = self.make_invoice(partner, day="2024-02-10")
        self.update("2024-02-12")
        self.assertEqual(self.now(partner)["purchases"], 2)
        self.credit(back, day="2024-02-11")
        self.update("2024-02-12")
        self.assertEqual(self.now(partner)["purchases"], 1)
        self.credit(kept, day="2024-02-11")
        self.update("2024-02-12")
        self.assertEqual(self.now(partner)["purchases"], 0)
        order = self.buy(partner, "2024-02-11")
        order._action_cancel()
        self.update("2024-02-12")
        self.assertEqual(self.now(partner)["purchases"], 0)

    def test_contacts_and_companies(self):
        """What contacts buy counts for their company; our companies stay apart."""
        other = self.make_company("UTC", "USD")
        self.make_model(
            [{"source": "sales", "aggregate": "sum"}],
            domain=[("ref", "=", "loyalty test")],
            company=other,
        )
        partner = self.customer()
        person = self.make_partner(parent_id=partner.id, is_company=False)
        self.buy(person, "2024-02-09")
        self.buy(partner, "2024-02-19")
        self.buy(partner, "2024-02-19", company=other)
        self.update("2024-02-20")
        self.update("2024-02-20", company=other)
        self.assertEqual(self.stage(partner), "repeat")
        self.assertEqual(self.stage(partner, other), "first_purchase")
        self.assertEqual(self.steps(partner), [("2024-02-19", "repeat")])
        self.assertEqual(self.steps(partner, other), [("2024-02-19", "first_purchase")])
        self.assertIsNone(self.now(person))
        self.assertEqual(person.loyalty_stage_id.code, "repeat")
        self.assertEqual(
            person.with_company(other).loyalty_stage_id.code, "first_purchase"
        )

    # ----------------------------------------------------------------- prospects

    def test_prospects_fall_asleep_by_their_last_touch(self):
        partner = self.customer("2024-01-01")
        self.update("2023-12-31")
        self.assertIsNone(self.now(partner), "not there yet")
        self.update("2024-03-30")
        self.assertEqual(self.stage(partner), "prospect")
        self.update("2024-03-31")
        self.assertEqual(self.stage(partner), "dormant")
        self.make_activity(partner, done=date(2024, 3, 31))
        self.update("2024-04-01")
        self.assertEqual(self.stage(partner), "prospect")
        self.assertEqual(self.now(partner)["touch_date"], date(2024, 3, 31))
        self.update("2024-06-29")
        self.assertEqual(self.stage(partner), "dormant")
        last = self.history.search([("partner_id", "=", partner.id)], limit=1)
        self.assertEqual(
            last.evidence, "Never bought. Last in touch on 03/31/2024, 90 days before."
        )
        self.buy(partner, "2024-06-30")
        self.update("2024-06-30")
        self.assertEqual(self.stage(partner), "first_purchase")
        self.assertIsNone(self.now(partner)["touch_date"])

    def make_pursuit(self, partner, created, lost=None):
        lead = self.make_lead(partner)
        if lost:
            lead.action_set_lost()
            lead.date_closed = self.local(lost)
        self.enter(lead, created)
        return lead

    def test_a_lost_opportunity_is_a_failed_follow_up(self):
        partner = self.customer("2024-01-01")
        self.make_pursuit(partner, "2024-01-10", lost="2024-02-10")
        self.update("2024-02-09")
        self.assertEqual(self.stage(partner), "prospect")
        self.update("2024-02-10")
        self.assertEqual(self.stage(partner), "dormant")
        last = self.history.search([("partner_id", "=", partner.id)], limit=1)
        self.assertIn("was lost on 02/10/2024", last.evidence)
        # somebody takes it up again
        self.make_activity(partner, done=date(2024, 2, 11))
        self.update("2024-02-11")
        self.assertEqual(self.stage(partner), "prospect")

    def test_another_opportunity_is_still_open(self):
        partner = self.customer("2024-01-01")
        self.make_pursuit(partner, "2024-01-10", lost="2024-02-10")
        self.make_pursuit(partner, "2024-01-20")
        self.update("2024-02-12")
        self.assertEqual(self.stage(partner), "prospect")
        self.update("2024-04-19")
        self.assertEqual(self.stage(partner), "dormant")
        last = self.history.search([("partner_id", "=", partner.id)], limit=1)
        self.assertIn("An opportunity is open", last.evidence)

    # ------------------------------------------------------------------- indices

    def test_attitude_and_quadrant(self):
        """Ratings and participation; unknown stays unknown."""
        self.set_rhythm("2024-02-29", pooled=20, at_risk=2.0, lost=4.0)
        self.make_source(
            "crm.lead",
            domain="[('type', '=', 'lead'), ('expected_revenue', '>', 0)]",
            amount_field="expected_revenue",
            loyalty_use="rating",
        )
        self.make_source(
            "crm.lead", domain="[('type', '=', 'lead')]", loyalty_use="occasion"
        )
        self.make_source(
            "crm.lead",
            domain="[('type', '=', 'lead'), ('priority', '=', '2')]",
            loyalty_use="participation",
        )
        fan, grumbler, silent, guest = (self.customer() for __ in range(4))
        days = [date(2024, 2, 1) + timedelta(days=5 * at) for at in range(6)]
        for partner in (fan, grumbler, silent):
            self.buy(partner, *days)
        said = (
            (fan, 5, "2"),
            (fan, 4, "0"),
            (grumbler, 1, "0"),
            (guest, 0, "2"),
        )
        for partner, rating, priority in said:
            lead = self.make_lead(partner, rating, type="lead", priority=priority)
            self.enter(lead, "2024-02-20")
        self.update("2024-03-01")
        # ratings 4.5 of 5 are 87.5; half of the occasions taken
        self.assertEqual(self.now(fan)["attitudinal"], 68.75)
        self.assertEqual(self.now(grumbler)["attitudinal"], 0)
        self.assertIsNone(self.now(silent)["attitudinal"])
        self.assertEqual(self.now(guest)["attitudinal"], 100)
        self.assertIsNone(self.now(guest)["behavioural"])
        self.assertEqual(self.now(fan)["quadrant"], "loyal")
        self.assertEqual(self.now(grumbler)["quadrant"], "captive")
        self.assertIsNone(self.now(silent)["quadrant"])
        self.assertEqual(self.stage(fan), "loyal")
        self.env.ref("customer_value.loyalty_stage_advocate").attitude = 68
        self.update("2024-03-02")
        self.assertEqual(self.stage(fan), "advocate")
        self.assertEqual(self.stage(grumbler), "loyal")
        known = self.state.search([("partner_id", "=", silent.id)])
        self.assertTrue(known.behavioural_known)
        self.assertFalse(known.attitudinal_known)

    def test_a_source_that_is_not_there_is_left_out(self):
        """Of a module that is not installed, or broken: the others are read."""
        source = self.make_source("crm.lead", loyalty_use="rating")
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE customer_value_source SET res_model = 'no.such.model' "
                "WHERE id = %s",
                source.id,
            )
        )
        source.invalidate_recordset()
        self.env.registry.clear_cache("stable")
        partner = self.customer()
        self.buy(partner, "2024-02-01")
        self.update("2024-02-01")
        self.assertEqual(self.stage(partner), "first_purchase")

    def test_a_source_that_fails_is_left_out(self):
        """What shows only when the data are read stops nobody's evaluation."""
        self.make_source("crm.lead", loyalty_use="touch")
        broken = self.make_source("crm.lead", loyalty_use="touch")
        awake, asleep = self.customer(), self.customer()
        self.enter(self.make_lead(awake, type="lead"), "2024-02-01")
        self.update("2024-02-01")
        # told apart from one that cannot be used: that is remembered as usable
        self.env.cr.execute(
            SQL(
                "UPDATE customer_value_source SET date_field = 'name' WHERE id = %s",
                broken.id,
            )
        )
        broken.invalidate_recordset()
        with mute_logger("odoo.sql_db"), self.assertLogs(LOGGER, "WARNING") as logs:
            self.update("2024-02-02")
        self.assertIn(broken.name, logs.output[0])
        self.assertEqual(self.stage(awake), "prospect")
        self.assertEqual(self.stage(asleep), "dormant")


@tagged("post_install", "-at_install")
class TestLoyaltyHistory(LoyaltyCommon):
    def test_replay_leaves_what_was_recorded(self):
        for day in ("2024-01-31", "2024-02-29"):
            self.set_rhythm(day, pooled=40, at_risk=2.0, lost=4.0)
        partner = self.customer("2024-01-01")
        self.buy(partner, "2024-01-10", "2024-01-20")
        self.update("2024-03-05")
        self.update("2024-03-20")
        recorded = self.steps(partner)
        self.assertEqual(
            recorded, [("2024-01-20", "repeat"), ("2024-03-20", "at_risk")]
        )
        # what documents say today of a day that was evaluated at the time
        self.buy(partner, "2024-03-22")
        ends = [date(2023, 12, 31), date(2024, 1, 31), date(2024, 2, 29)]
        ends.append(date(2024, 3, 25))
        for __ in range(2):  # again, with the same result
            self.history._replay(self.company, ends)
            steps = self.steps(partner)
            self.assertEqual(steps[:2], recorded)
            self.assertEqual(len(steps), 3)
            self.assertEqual(
                self.now(partner)["since"], date.fromisoformat(steps[-1][0])
            )
        chain = self.rows(self.history, STEP)
        for before, after in zip(chain, chain[1:], strict=False):
            self.assertEqual(after["from_stage_id"], before["stage_id"])
            self.assertEqual(
                after["days_before"], (after["date"] - before["date"]).days
            )

    def test_replay_tells_the_day_of_a_step_between_two_evaluations(self):
        ends = [date(2024, month, 1) - timedelta(days=1) for month in range(1, 7)]
        for day in ends:
            self.set_rhythm(day, pooled=10, at_risk=2.0, lost=4.0)
        partner, prospect = self.customer(), self.customer("2024-01-01")
        self.buy(partner, "2024-01-01", "2024-01-11", "2024-02-12")
        self.make_activity(prospect, done=date(2024, 5, 9))
        self.history._replay(self.company, ends[1:])
        self.assertEqual(
            self.steps(partner),
            [
                ("2024-01-31", "at_risk"),
                ("2024-02-12", "repeat"),
                ("2024-03-14", "at_risk"),
                ("2024-04-14", "lost"),
            ],
        )
        last = self.history.search([("partner_id", "=", partner.id)], limit=1)
        self.assertIn("02/12/2024, 62 days before", last.evidence)
        self.assertEqual(
            self.steps(prospect)[:3],
            [
                ("2024-01-01", "prospect"),
                ("2024-03-31", "dormant"),
                ("2024-05-09", "prospect"),
            ],
        )

    def test_who_leaves_the_population_keeps_the_history(self):
        partner = self.customer()
        self.buy(partner, "2024-02-01")
        self.update("2024-02-02")
        partner.ref = "elsewhere"
        self.update("2024-02-03", [partner.id])
        self.assertIsNone(self.now(partner))
        self.assertEqual(self.steps(partner), [("2024-02-01", "first_purchase")])
        partner.ref = "loyalty test"
        self.update("2024-02-04")
        self.assertEqual(self.steps(partner), [("2024-02-01", "first_purchase")])
        self.assertEqual(self.now(partner)["since"], date(2024, 2, 1))

    def test_a_merge_keeps_both_histories(self):
        self.set_rhythm("2024-01-31", pooled=20, at_risk=2.0, lost=4.0)
        kept, gone = self.customer(name="Kept"), self.customer(name="Gone")
        self.buy(kept, "2024-02-01")
        self.buy(gone, "2024-01-23", "2024-02-02")
        self.update("2024-02-02")
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (kept | gone).ids, kept, False
        )
        self.env.invalidate_all()
        self.update("2024-02-03", [kept.id])
        self.assertEqual(self.now(kept)["purchases"], 3)
        rows = self.history.search([("partner_id", "=", kept.id)])
        self.assertEqual(
            sorted((row.former_id, row.stage_id.code) for row in rows),
            [(0, "first_purchase"), (0, "repeat"), (gone.id, "repeat")],
        )

    def test_deleting_a_contact_takes_its_loyalty_along(self):
        partner = self.customer()
        self.update("2024-02-02")
        partner.unlink()
        self.assertFalse(self.rows(self.state, STATE))

    def test_cron_evaluates_every_company_with_a_model(self):
        companies = self.history._companies()
        self.assertIn(self.company, companies)
        partner = self.customer()
        self.buy(partner, "2024-02-01")
        with self.enter_registry_test_mode():
            self.env.ref("customer_value.ir_cron_loyalty").method_direct_trigger()
        # no interval is known in this company: nobody can be late
        self.assertEqual(self.stage(partner), "first_purchase")
        self.model.action_retire()
        self.assertIn(self.company, self.history._companies())
        self.update("2024-02-02")
        self.assertFalse(self.rows(self.state, STATE))
        self.assertNotIn(self.company, self.history._companies())

    def work_off_marks(self):
        dirty = self.env["customer.value.dirty"]
        self.env.flush_all()
        self.env.cr.precommit.run()
        while dirty._score_batch():
            pass

    def test_the_stage_follows_a_sale_without_waiting_for_the_night(self):
        today = self.model._today()
        first, second = self.customer(created=today), self.customer(created=today)
        self.work_off_marks()
        self.assertEqual(self.stage(first), "prospect")
        order = self.buy(first, "2024-02-01")
        order.order_line = [Command.create({"product_id": self.product.id})]
        self.work_off_marks()
        self.assertEqual(self.stage(first), "first_purchase")
        self.assertEqual(self.stage(second), "prospect")
        order.with_context(disable_cancel_warning=True)._action_cancel()
        self.work_off_marks()
        self.assertEqual(self.stage(first), "prospect")

    def test_the_stage_follows_a_merge(self):
        kept, gone = self.customer(), self.customer()
        self.buy(gone, "2024-02-01")
        self.work_off_marks()
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (kept | gone).ids, kept, False
        )
        self.work_off_marks()
        self.assertEqual(self.stage(kept), "first_purchase")

    def test_who_is_to_be_scored_comes_before_who_is_to_be_staged(self):
        partner = self.customer()
        self.work_off_marks()
        dirty = self.env["customer.value.dirty"]
        dirty._mark("stage", partner.ids)
        dirty._write_marks()
        dirty._mark("res.partner", partner.ids)
        dirty._write_marks()
        left = []
        while dirty._score_batch():
            left.append(dirty.search([], order="id").mapped("res_model"))
        self.assertEqual(left, [["stage", "stage"], []])

    def test_changed_rules_hold_for_the_next_customer(self):
        partner, other = self.customer(), self.customer()
        self.buy(partner, "2024-02-01", "2024-02-05")
        self.buy(other, "2024-02-01", "2024-02-05")
        self.update("2024-02-06", [partner.id])
        self.assertEqual(self.stage(partner), "repeat")
        repeat = self.stages.filtered(lambda stage: stage.code == "repeat")
        repeat.purchases = 3
        self.update("2024-02-06", [other.id])
        self.assertEqual(self.stage(other), "first_purchase")
        repeat.active = False
        self.update("2024-02-06", partner.ids)
        self.assertEqual(self.stage(partner), "first_purchase")

    def test_the_past_on_demand(self):
        """Queued by company; what a killed run did not do is still queued."""
        partner = self.customer()
        self.buy(partner, "2023-11-10", "2024-01-15")
        with self.enter_registry_test_mode(), freeze_time(self.local("2024-02-06")):
            self.history._start_replay(self.company, 3)
            self.assertEqual(self.company.loyalty_replay_months, 3)
            self.env.ref("customer_value.ir_cron_loyalty").method_direct_trigger()
        self.assertEqual(self.company.loyalty_replay_months, 0)
        self.assertEqual(
            self.steps(partner),
            [("2023-11-10", "first_purchase"), ("2024-01-15", "repeat")],
        )

    def test_the_same_documents_write_nothing(self):
        partner = self.customer()
        self.buy(partner, "2024-02-01")
        self.update("2024-02-02")
        before = self.env.execute_query(
            SQL("SELECT xmin, ctid FROM customer_loyalty_state")
        )
        self.update("2024-02-02")
        self.update("2024-02-02", [partner.id])
        self.assertEqual(
            before,
            self.env.execute_query(
                SQL("SELECT xmin, ctid FROM customer_loyalty_state")
            ),
        )


@tagged("post_install", "-at_install")
class TestLoyaltyStages(LoyaltyCommon):
    def code(self, code):
        return self.stages.filtered(lambda stage: stage.code == code)

    def test_bad_rules_are_refused(self):
        with self.refused("Nobody can reach “Lost”: “At risk”"):
            self.code("lost").sequence = 25
        with self.refused("Nobody can reach “Loyal”"):
            self.code("repeat").sequence = 45
        with self.refused("The last stage has to be the one for everybody else"):
            self.code("prospect").active = False
        with self.refused("The last stage has to be"):
            self.code("dormant").sequence = 95
        with self.refused("The last stage has to be"):
            self.code("dormant").kind = "otherwise"
        with self.refused("Nobody can reach “First purchase”: “Loyal” stands above"):
            self.code("first_purchase").purchases = 4
        with self.refused("cannot be deleted", UserError):
            self.code("prospect").unlink()
        for vals in ({"percentile": 100}, {"purchases": 0}, {"idle_days": 0}):
            with (
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.code("lost").write(vals)
                self.env.flush_all()
        self.env.invalidate_all()

    def test_a_stage_of_the_history_is_archived_not_deleted(self):
        partner = self.customer()
        self.buy(partner, "2024-02-01")
        self.update("2024-02-01")
        with self.refused("Archive it instead", UserError):
            self.code("first_purchase").unlink()
        self.code("first_purchase").active = False
        self.update("2024-02-02")
        self.assertEqual(self.stage(partner), "prospect")

    def test_every_rule_says_what_it_asks(self):
        for stage in self.stages:
            self.assertTrue(stage.rule)
        self.assertIn("95 of 100", self.code("lost").rule)


@tagged("post_install", "-at_install")
class TestLoyaltyFields(LoyaltyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.again, cls.never = (
            cls.customer(name=name) for name in ("First", "Again", "Never")
        )
        cls.stranger = cls.make_partner("Stranger")
        cls.buy(cls.first, "2024-02-10")
        cls.buy(cls.again, "2024-02-01", "2024-02-09")
        cls.all = cls.first | cls.again | cls.never | cls.stranger
        cls.model.domain = "[('ref', '=', 'loyalty test')]"
        cls.update("2024-02-11")
        groups = "customer_value.group_user,base.group_partner_manager"
        for login, names in (
            ("loyalty_user", groups),
            ("loyalty_manager", f"{groups},customer_value.group_manager"),
            ("loyalty_nobody", "base.group_user"),
        ):
            cls.env["res.users"].create(
                {
                    "name": login,
                    "login": login,
                    "group_ids": [
                        (4, cls.env.ref(name).id) for name in names.split(",")
                    ],
                    "company_id": cls.company.id,
                    "company_ids": [(4, cls.company.id)],
                }
            )

    def found(self, *domain):
        domain = [("id", "in", self.all.ids), *domain]
        return set(self.env["res.partner"].search(domain).mapped("name"))

    @users("loyalty_user")
    def test_search_group_and_sort(self):
        self.assertEqual(
            self.found(("loyalty_stage_id.code", "=", "repeat")), {"Again"}
        )
        self.assertEqual(self.found(("loyalty_stage_id", "=", False)), {"Stranger"})
        self.assertEqual(
            self.found(("loyalty_stage_id", "!=", False)), {"First", "Again", "Never"}
        )
        self.assertEqual(self.found(("loyalty_since", ">=", "2024-02-10")), {"First"})
        self.assertEqual(self.found(("loyalty_behavioural", ">", 50)), {"Again"})
        self.assertEqual(
            self.found(("loyalty_quadrant", "=", False)), set(self.all.mapped("name"))
        )
        partners = self.env["res.partner"]
        groups = partners._read_group(
            [("id", "in", self.all.ids)],
            ["loyalty_stage_id"],
            ["__count", "loyalty_behavioural:avg"],
        )
        self.assertEqual(
            {stage.code: count for stage, count, __ in groups},
            {"first_purchase": 1, "repeat": 1, "dormant": 1, False: 1},
        )
        by_since = partners.search(
            [("id", "in", self.all.ids)], order="loyalty_since desc, id"
        )
        self.assertEqual(by_since[:2].mapped("name"), ["First", "Again"])
        self.assertEqual(by_since[-1].name, "Stranger")
        self.assertEqual(self.first.with_env(self.env).loyalty_stage_color, "#e0b000")

    @users("loyalty_nobody")
    def test_without_the_group_nothing_is_shown(self):
        partner = self.first.with_env(self.env)
        with self.assertRaises(AccessError):
            partner.read(["loyalty_stage_id"])
        with self.assertRaises(AccessError):
            partner.search([], order="loyalty_since")
        with self.assertRaises(AccessError):
            self.env["customer.loyalty.history"].search([])

    @users("loyalty_manager")
    def test_nobody_writes_but_the_evaluation(self):
        for model in (self.history, self.state):
            model = model.with_env(self.env)
            row = model.search([("partner_id", "=", self.first.id)])
            self.assertTrue(row)
            with self.assertRaises(AccessError):
                row.write({"partner_id": self.again.id})
            with self.assertRaises(AccessError):
                row.unlink()
            with self.assertRaises(AccessError):
                model.create({"partner_id": self.first.id})
        self.stages.with_env(self.env)[0].description = "A manager may"

    @users("loyalty_user")
    def test_users_read_stages_and_do_not_write_them(self):
        stage = self.stages.with_env(self.env)[0]
        self.assertTrue(stage.rule)
        with self.assertRaises(AccessError):
            stage.name = "Mine"
        with self.assertRaises(AccessError):
            self.env["customer.loyalty.rhythm"].search([])

    def test_rules_of_contacts_hold_for_their_loyalty(self):
        self.env["ir.rule"].create(
            {
                "name": "Not Again",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": "[('name', '!=', 'Again')]",
            }
        )
        user = self.env["res.users"].search([("login", "=", "loyalty_user")])
        for model in (self.history, self.state):
            seen = model.with_user(user).search([]).partner_id.mapped("name")
            self.assertIn("First", seen)
            self.assertNotIn("Again", seen)
        person = self.make_partner("Person", parent_id=self.again.id, is_company=False)
        self.env["ir.rule"].search([("name", "=", "Not Again")])
        person = person.with_user(user)
        self.assertFalse(person.loyalty_stage_id)
        groups = person._read_group([("id", "=", person.id)], ["loyalty_stage_id"])
        self.assertFalse(groups[0][0])

    def test_other_companies_are_not_shown(self):
        other = self.make_company("UTC")
        self.make_model(
            [{"source": "sales", "aggregate": "sum"}],
            domain=[("ref", "=", "loyalty test")],
            company=other,
        )
        self.update("2024-02-11", company=other)
        user = self.env["res.users"].search([("login", "=", "loyalty_user")])
        seen = self.state.with_user(user).search([]).company_id
        self.assertEqual(seen, self.company)
