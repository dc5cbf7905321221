"""Runs: full and incremental agree, chunks and workers, broken sources, overrides."""

import logging
import threading
from datetime import timedelta
from random import Random
from unittest.mock import patch

from odoo import api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import SQL, mute_logger

from ..models import customer_value_run
from .common import CustomerValueCommon
from .oracle import CARRIED, MEASURED, NONE, UNAVAILABLE, Oracle

_logger = logging.getLogger(__name__)
ENGINE = "odoo.addons.customer_value.models.customer_value_engine"
SALES = {
    "code": "sales",
    "source": "sales",
    "aggregate": "sum",
    "scale": "interpolated",
    "bands": [(0, 0), (1000, 100)],
    "weight": 60,
}
PURCHASES = {"code": "purchases", "source": "purchases", "weight": 40}
TIERS = [
    ("top", {"rules": [{"kind": "score", "number": 60}], "hysteresis": 15}),
    ("rest", {}),
]


class RunCase(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.env["res.partner"].union(
            *(cls.make_partner() for __ in range(7))
        )
        cls.today = (
            cls.env["customer.value.model"].new({"company_id": cls.company.id})._today()
        )

    def versions_of_rows(self, table, where="TRUE"):
        """Where each row stands: PostgreSQL moves what is updated."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL("SELECT id, ctid FROM %s WHERE %s", SQL.identifier(table), SQL(where))
        )
        return dict(self.env.cr.fetchall())

    def run_fully(self, model, **vals):
        run = self.env["customer.value.run"]._start(model)
        return run._work_through()

    def state_of(self, model, code, customer):
        indicator = model.indicator_ids.filtered(lambda one: one.code == code)
        row = self.stored(customer)[customer.id]
        return self.measure(row, indicator)

    def ago(self, number):
        return self.today - timedelta(days=number)

    def in_chunks_of(self, size):
        sizes = patch.multiple(
            customer_value_run,
            FIRST_CHUNK=size,
            SMALLEST_CHUNK=size,
            LARGEST_CHUNK=size,
        )
        sizes.start()
        self.addCleanup(sizes.stop)


@tagged("post_install", "-at_install")
class TestFullAndIncremental(RunCase):
    def test_random_events(self):
        """After any events, the incremental run leaves nothing for a full one."""
        for seed in (1, 2, 3):
            _logger.info("events: seed %s", seed)
            with self.subTest(seed=seed):
                self._check_events(Random(seed))

    def _check_events(self, draw):
        house = self.make_partner("House")
        desk = self.make_partner("Desk", parent_id=house.id)
        customers = self.customers | house
        tag = self.env["res.partner.category"].create({"name": "Tag"})
        model = self.make_model(
            [
                SALES,
                PURCHASES,
                dict(PURCHASES, code="last", aggregate="recency", missing="ignore"),
                dict(SALES, code="cut", scale="quantile", bands=[(0, 5), (50, 90)]),
                {"code": "done", "source": "activities_done", "dimension": "loyalty"},
            ],
            tiers=[
                ("tagged", {"rules": [
                    {"kind": "domain", "domain": f"[('category_id', 'in', {tag.ids})]"}
                ]}),
                ("share", {"rules": [{"kind": "share", "number": 30}]}),
                *TIERS,
            ],
            partners=customers | desk,
        )  # fmt: skip
        model._calibrate(self.today)
        self.forget_marks()
        self.score(model)
        documents = {"orders": [], "invoices": []}
        for __ in range(12):
            self._happen(draw, list(customers | desk), documents, tag)
            if draw.random() < 0.5:
                self.score_dirty()
        self.score_dirty()
        incremental = self.stored(customers)
        self.assertEqual(len(incremental), len(customers))
        changed, errors = self.score(model)
        self.assertEqual((changed, errors), (0, {}))
        self.assertEqual(self.stored(customers), incremental)
        held = {
            row["partner_id"]: self.env["customer.value.tier"].browse(
                row["computed_tier_id"]
            )
            for row in incremental.values()
        }
        expected = Oracle(model, self.today, held, recut=False).results()
        for customer in customers:
            self.assertAlmostEqual(
                incremental[customer.id]["computed_score"],
                expected[customer.id]["score"],
                4,
            )
        model.action_retire()

    def _happen(self, draw, contacts, documents, tag):
        contact = draw.choice(contacts)
        day = self.ago(draw.choice([0, 1, 40, 364, 365, 366, 500]))
        event = draw.choice(
            "order order invoice cancel credit pay reset bill move tag parent activity "
            "draft".split()
        )
        if event == "order":
            documents["orders"].append(
                self.make_order(
                    contact, [(1, draw.choice([50, 400.0]))], self.local(day, "23:30")
                )
            )
        elif event in ("invoice", "draft"):
            documents["invoices"].append(
                self.make_invoice(contact, 300.0, day, post=event == "invoice")
            )
        elif event == "cancel" and documents["orders"]:
            documents["orders"].pop()._action_cancel()
        elif event == "bill" and documents["orders"]:
            documents["invoices"].append(
                self.invoice_order(documents["orders"].pop(), day)
            )
        elif event == "move" and documents["orders"]:
            draw.choice(documents["orders"]).partner_invoice_id = contact
        elif event == "tag":
            had = tag in contact.category_id
            gained = tag[:0] if had else tag
            contact.category_id = (contact.category_id - tag) | gained
        elif event == "parent" and contact.parent_id:
            contact.parent_id = draw.choice(list(self.customers))
        elif event == "activity":
            self.make_activity(contact, day)
        elif documents["invoices"]:
            invoice = documents["invoices"].pop()
            if event == "reset":
                invoice.button_draft()
            elif invoice.state == "posted":
                (self.credit if event == "credit" else self.pay)(invoice, day)

    def test_second_full_run_writes_nothing(self):
        for number, customer in enumerate(self.customers):
            self.make_order(customer, [(1, 100.0 * number)])
        model = self.make_model([SALES, PURCHASES], TIERS, self.customers)
        tables = ("customer_value_score", "customer_value_history", "res_partner")
        contacts = self.versions_of_rows("res_partner")
        first = self.run_fully(model)
        self.assertEqual(first.changed_count, len(self.customers))
        self.assertEqual(self.versions_of_rows("res_partner"), contacts)
        before = [self.versions_of_rows(table) for table in tables]
        second = self.run_fully(model)
        self.assertNotEqual(first, second)
        self.assertEqual(second.state, "done")
        self.assertEqual(second.changed_count, 0)
        self.assertEqual([self.versions_of_rows(table) for table in tables], before)

    def test_statistics_follow_what_a_run_wrote(self):
        """Else PostgreSQL would plan the next run for the tables as it knew them."""
        model = self.make_model([SALES, PURCHASES], TIERS, self.customers)
        self.run_fully(model)
        for table in ("customer_value_score", "customer_value_history"):
            self.env.cr.execute(
                SQL(
                    "SELECT (SELECT reltuples FROM pg_class WHERE relname = %s), "
                    "(SELECT COUNT(*) FROM %s)",
                    table,
                    SQL.identifier(table),
                )
            )
            known, there = self.env.cr.fetchone()
            self.assertEqual(known, there, table)

    def test_only_what_changed_is_written(self):
        model = self.make_model([SALES, PURCHASES], TIERS, self.customers)
        self.score(model)
        before = self.versions_of_rows("customer_value_score")
        self.make_order(self.customers[0])
        self.make_order(self.customers[1], confirm=False)
        self.score_dirty()
        after = self.versions_of_rows("customer_value_score")
        moved = [key for key, place in after.items() if before[key] != place]
        self.assertEqual(
            self.env["customer.value.score"].browse(moved).partner_id, self.customers[0]
        )

    def test_past_days(self):
        """Scored as of any day, what came later is not there yet."""
        for number, customer in enumerate(self.customers):
            for back in (0, 10 * number, 90, 400):
                self.make_order(
                    customer, [(1, 77.0)], self.local(self.ago(back), "00:00")
                )
        model = self.make_model(
            [SALES, PURCHASES, dict(PURCHASES, code="ever", window=(0, "day"))],
            TIERS,
            self.customers,
        )
        for back in (0, 1, 30, 365):
            day = self.ago(back)
            self.score(model, day)
            expected = Oracle(model, day).results()
            for customer_id, row in self.stored(self.customers).items():
                self.assertAlmostEqual(
                    row["computed_score"], expected[customer_id]["score"], 4
                )
            self.env["customer.value.score"].sudo().search([]).unlink()

    def test_number_of_queries(self):
        """Neither customers nor documents nor marks cost statements of their own."""
        model = self.make_model([SALES, PURCHASES], TIERS, self.customers)
        self.run_fully(model)
        few = self._queries(lambda: self.run_fully(model))
        self.make_order(self.customers[0])
        few_marks = self._queries(self.score_dirty)
        more = self.env["res.partner"].create(
            [{"name": f"More {number}"} for number in range(40)]
        )
        model.domain = str([("id", "in", (self.customers | more).ids)])
        for customer in more[:9]:
            self.make_order(customer)
        self.score_dirty()
        self.run_fully(model)
        many = self._queries(lambda: self.run_fully(model))
        self.assertEqual(many, few)
        for customer in more[:9]:
            self.make_order(customer, [(2, 30.0)])
        self.assertLessEqual(self._queries(self.score_dirty), few_marks)

    def _queries(self, action):
        self.marks()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        action()
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestTiersOverTime(RunCase):
    def test_hysteresis(self):
        """Who holds the tier keeps it a little below the entry; others do not enter."""
        customer, other = self.customers[:2]
        model = self.make_model([SALES], TIERS, self.customers)
        invoice = self.make_invoice(customer, 600, self.today)
        self.score_dirty()
        self.assertEqual(self._tier(customer), "top")
        self.credit(invoice, self.today, amount=150)
        self.make_invoice(other, 450, self.today)
        self.score_dirty()
        self.assertEqual((self._tier(customer), self._tier(other)), ("top", "rest"))
        self.assertEqual(self.score(model)[0], 0)
        held = {
            row["partner_id"]: self.env["customer.value.tier"].browse(
                row["computed_tier_id"]
            )
            for row in self.stored(self.customers).values()
        }
        expected = Oracle(model, self.today, held).results()
        for one in (customer, other):
            self.assertEqual(expected[one.id]["tier"].code, self._tier(one))
        self.credit(invoice, self.today, amount=10)
        self.score_dirty()
        self.assertEqual(self._tier(customer), "rest")

    def _tier(self, customer):
        row = self.stored(customer)[customer.id]
        return self.env["customer.value.tier"].browse(row["tier_id"]).code

    def test_boundary_is_inclusive_and_as_shown(self):
        self.make_model(
            [SALES],
            [("top", {"rules": [{"kind": "score", "number": 60}]}), ("rest", {})],
            self.customers,
        )
        for customer, amount in zip(
            self.customers, (594.9, 595, 600, 1000), strict=False
        ):
            self.make_invoice(customer, amount, self.today)
        self.score_dirty()
        self.assertEqual(
            [self._tier(one) for one in self.customers[:4]],
            ["rest", "top", "top", "top"],
        )

    def test_trend_and_history(self):
        customer = self.customers[0]
        model = self.make_model([SALES], TIERS, self.customers)
        self.make_invoice(customer, 300, self.ago(60))
        self.make_invoice(customer, 300, self.ago(5))
        self.make_invoice(self.customers[1], 300, self.ago(60))
        self.run_fully(model)
        rows = self.stored(self.customers)
        self.assertEqual(
            (rows[customer.id]["trend"], rows[customer.id]["trend_points"]), ("up", 30)
        )
        self.assertEqual(rows[self.customers[1].id]["trend"], "flat")
        history = self.env["customer.value.history"].search(
            [("partner_id", "=", customer.id)]
        )
        self.assertEqual(history.mapped("date"), [self.today, self.ago(30)])
        self.assertEqual(history.mapped("score"), [60, 30])
        self.make_invoice(customer, 100, self.today)
        self.score_dirty()
        self.env.invalidate_all()
        history = self.env["customer.value.history"].search(
            [("partner_id", "=", customer.id), ("date", "=", self.today)]
        )
        self.assertEqual(
            history.mapped("score"), [70], "one row a day, the last stands"
        )
        late = self.make_partner()
        model.domain = str([("id", "in", [*self.customers.ids, late.id])])
        self.score(model)
        self.assertEqual(self.stored(late)[late.id]["trend"], "new")

    def test_leavers(self):
        model = self.make_model([SALES], TIERS, self.customers)
        self.run_fully(model)
        stranger = self.make_model([SALES], TIERS, self.make_partner())
        self.run_fully(stranger)
        model.domain = str([("id", "in", self.customers[2:].ids)])
        self.run_fully(model)
        scored = self.env["customer.value.score"].search(
            [("model_id", "in", (model | stranger).ids)]
        )
        self.assertEqual(scored.filtered(lambda one: one.model_id == model).partner_id,
                         self.customers[2:].sorted("id"))  # fmt: skip
        self.assertTrue(scored.filtered(lambda one: one.model_id == stranger))
        self.assertTrue(
            self.env["customer.value.history"].search(
                [("partner_id", "=", self.customers[0].id)]
            ),
            "the past stays",
        )

    def test_the_first_of_two_models_counts(self):
        first = self.make_model([SALES], TIERS, self.customers[:4], sequence=1)
        second = self.make_model([PURCHASES], TIERS, self.customers[2:], sequence=2)
        for order in ((first, second), (second, first)):
            for model in order:
                self.run_fully(model)
            rows = self.stored(self.customers)
            for at, customer in enumerate(self.customers):
                wanted = first if at < 4 else second
                self.assertEqual(rows[customer.id]["model_id"], wanted.id)
        first.action_retire()
        self.run_fully(second)
        self.assertEqual(set(self.stored(self.customers)), set(self.customers[2:].ids))

    def test_each_company_by_itself(self):
        elsewhere = self.make_company("America/Los_Angeles", "USD")
        self.work_in(self.company, elsewhere)
        customer = self.customers[0]
        for company, amount in ((self.company, 200), (elsewhere, 700)):
            self.make_model([SALES], TIERS, self.customers, company=company)
            self.make_invoice(customer, amount, self.ago(3), company=company)
        self.score_dirty()
        for company, score in ((self.company, 20), (elsewhere, 70)):
            self.assertEqual(
                self.stored(customer, company)[customer.id]["score"], score
            )
            self.assertEqual(customer.with_company(company).value_score, score)


@tagged("post_install", "-at_install")
class TestChunks(RunCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number, customer in enumerate(cls.customers):
            cls.make_invoice(customer, 100 * number + 50, cls.today)
        cls.model = cls.make_model([SALES, PURCHASES], TIERS, cls.customers)

    def forget_scores(self):
        self.env["customer.value.score"].sudo().search([]).unlink()

    def test_many_chunks_equal_one(self):
        self.run_fully(self.model)
        whole = self.stored(self.customers)
        self.forget_scores()
        self.in_chunks_of(2)
        run = self.run_fully(self.model)
        self.assertEqual(run.chunk_ids.mapped("customer_count"), [2, 2, 2, 1])
        self.assertEqual(run.customer_count, 7)
        self.assertEqual(run.progress, 100)
        self.assertEqual(self.stored(self.customers), whole)

    def size_after(self, seconds_reading, seconds_scoring):
        """Customers per chunk, after a run of seven that took so long."""
        sizes = {"FIRST_CHUNK": 4, "SMALLEST_CHUNK": 1, "SECONDS_PER_CHUNK": 10}
        with patch.multiple(customer_value_run, **sizes):
            run = self.run_fully(self.model)
            run.reading_ids.seconds = seconds_reading / len(run.reading_ids)
            run.chunk_ids.seconds = seconds_scoring / len(run.chunk_ids)
            run.invalidate_recordset(["seconds"])
            return self.env["customer.value.run"]._start(self.model)._chunk_size()

    def test_size_of_chunks(self):
        """By the time scoring took; everybody at once only if all took no longer."""
        cases = ((1, 2, 35), (4, 10, 3), (90, 1, 3), (90, 35, 2), (0, 900, 1))
        for reading, scoring, size in cases:
            with self.subTest(reading=reading, scoring=scoring):
                self.assertEqual(self.size_after(reading, scoring), size)
                self.env["customer.value.run"].search([]).unlink()

    def test_chunks_meet_end_to_end(self):
        """So that who left the population is found wherever its number lies."""
        self.run_fully(self.model)
        self.in_chunks_of(2)
        gone = self.customers[0] | self.customers[3] | self.customers[6]
        self.model.domain = str([("id", "in", (self.customers - gone).ids)])
        run = self.run_fully(self.model)
        self.assertEqual(
            set(self.stored(self.customers)), set((self.customers - gone).ids)
        )
        edges = [(one.first_id, one.last_id) for one in run.chunk_ids]
        self.assertEqual(edges[0][0], 0)
        self.assertEqual(edges[-1][1], 2**31 - 1)
        for (__, last), (first, __) in zip(edges, edges[1:], strict=False):
            self.assertEqual(first, last + 1)

    def test_killed_run_goes_on(self):
        self.run_fully(self.model)
        whole = self.stored(self.customers)
        self.forget_scores()
        self.in_chunks_of(2)
        run = self.env["customer.value.run"]._start(self.model)
        run._work_once()  # prepares
        for __ in run.reading_ids:
            run._work_once()
        run._work_once()  # the first chunk; then the worker dies
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(run.state, "running")
        self.assertEqual(len(self.stored(self.customers)), 2)
        self.assertEqual(run.chunk_ids.mapped("is_done"), [True, False, False, False])
        self.assertEqual(self.env["customer.value.run"]._start(self.model), run)
        places = self.versions_of_rows("customer_value_run_chunk", f"run_id = {run.id}")
        run._work_through()
        self.assertEqual(run.state, "done")
        self.assertEqual(self.stored(self.customers), whole)
        now = self.versions_of_rows("customer_value_run_chunk", f"run_id = {run.id}")
        self.assertEqual(
            [places[one.id] == now[one.id] for one in run.chunk_ids],
            [True, False, False, False],
            "what was done is not done again",
        )

    def test_retired_version_scores_no_more(self):
        run = self.env["customer.value.run"]._start(self.model)
        run._work_once()
        self.model.action_retire()
        run.state = "running"  # taken by a worker before it was retired
        run._work_through()
        self.assertEqual(run.state, "cancelled")
        self.assertFalse(self.stored(self.customers))

    def test_failure_is_told_and_retried(self):
        run = self.env["customer.value.run"]._start(self.model)
        other = self.make_model([SALES], TIERS, self.make_partner())
        second = self.env["customer.value.run"]._start(other)
        fails = patch.object(
            type(self.env["customer.value.calibration"]),
            "_calibrate",
            side_effect=RuntimeError("disk full"),
        )
        self.model.calibrated_on = False
        with fails, mute_logger("odoo.addons.customer_value.models.customer_value_run"):
            self.assertTrue(run._work_safely(), "prepares")
            self.assertTrue(run._work_safely())
        self.assertEqual(run.state, "failed")
        self.assertIn("disk full", run.message)
        self.assertEqual(second.state, "pending")
        run.action_retry()
        run._work_through()
        self.assertEqual(run.state, "done")
        self.assertEqual(len(self.stored(self.customers)), 7)


@tagged("post_install", "-at_install")
class TestReadings(RunCase):
    """A run of several chunks reads each sort of records once, for all of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number, customer in enumerate(cls.customers):
            cls.make_invoice(customer, 100 * number + 50, cls.ago(13 * number))
        cut = dict(SALES, code="cut", scale="quantile", bands=[(0, 5), (50, 90)])
        grows = dict(SALES, code="growth", aggregate="growth", missing="ignore")
        cls.model = cls.make_model(
            [SALES, PURCHASES, cut, grows],
            [("share", {"rules": [{"kind": "share", "number": 30}]}), *TIERS],
            cls.customers,
        )
        cls.model.calibrated_on = False
        cls.forget_marks()

    @classmethod
    def ago(cls, number):
        return cls.today - timedelta(days=number)

    def start(self, cause="evidence"):
        """A run that has read, and scored nobody yet."""
        self.in_chunks_of(3)
        run = self.env["customer.value.run"]._start(self.model, cause)
        run._work_once()
        while run.reading_ids._waiting():
            self.assertTrue(run._work_once())
        return run

    def read_tables(self):
        return self.env["customer.value.run.reading"]._kept_tables()

    def history(self):
        """All that is told of the customers, but for when it was recorded."""
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT * FROM customer_value_history WHERE partner_id = ANY(%s) "
                "ORDER BY partner_id, date, is_step",
                self.customers.ids,
            )
        )
        return [
            {name: row[name] for name in row if name not in ("id", "recorded")}
            for row in rows
        ]

    def as_if_last_scored(self, day):
        self.env["customer.value.score"].sudo().search([]).unlink()
        self.env.cr.execute("DELETE FROM customer_value_history")
        self.model.write(
            {"calibrated_on": False, "scored_as_of": day, "closed_on": False}
        )
        self.env.invalidate_all()

    def assert_same_in_chunks(self, last_scored):
        """Calibration, scores and history; on two days each."""
        self.as_if_last_scored(last_scored)
        run = self.env["customer.value.run"]._start(self.model, "time")
        run._work_through()
        self.assertFalse(run.reading_ids, "one chunk reads for itself")
        whole, told = self.stored(self.customers), self.history()
        self.assertEqual(len({row["date"] for row in told}), 2)
        cuts = self.model.indicator_ids.band_ids.mapped("threshold")
        self.as_if_last_scored(last_scored)
        run = self.start("time")
        self.assertFalse(self.model.calibrated_on, "first everything is read")
        self.assertEqual(run.progress, 50, "and nobody is scored")
        self.assertEqual(len(run.reading_ids), 2 * 2, "two sorts of records")
        self.assertEqual(set(run.reading_ids.ids), set(self.read_tables()))
        run._work_through()
        self.assertEqual(run.state, "done")
        for row in whole.values():
            row["calibration"] += 1
        self.assertEqual(self.stored(self.customers), whole)
        self.assertEqual(self.history(), told)
        self.assertEqual(self.model.indicator_ids.band_ids.mapped("threshold"), cuts)
        self.assertFalse(self.read_tables(), "nothing is left behind")

    def test_first_run_is_the_same_in_chunks(self):
        """With the baseline of the trend."""
        self.assert_same_in_chunks(False)

    def test_closing_run_is_the_same_in_chunks(self):
        """With the end of last month."""
        self.assert_same_in_chunks(self.ago(70))

    def test_chunks_read_no_documents(self):
        run = self.start()
        run._work_once()  # calibrates
        statements = []
        execute = type(self.env.cr).execute

        def listening(cursor, query, *args, **kwargs):
            statements.append(getattr(query, "code", query))
            return execute(cursor, query, *args, **kwargs)

        with patch.object(type(self.env.cr), "execute", listening):
            run._work_through()
        self.assertEqual(run.state, "done")
        scoring = [one for one in statements if "customer_value_reading_" in one]
        self.assertTrue(scoring)
        self.assertFalse([one for one in statements if '"account_move"' in one])
        self.assertFalse([one for one in statements if "FROM account_move" in one])

    def sales(self, customer):
        return self.state_of(self.model, "sales", customer)[0]

    def test_what_was_scored_meanwhile_stays(self):
        """What was read before it says less."""
        self.model._calibrate(self.today)
        run = self.start()
        buyer = self.customers[0]
        self.make_invoice(buyer, 900, self.today)
        self.score_dirty()
        self.assertEqual(self.sales(buyer), 950)
        run._work_through()
        self.assertEqual(run.state, "done")
        self.assertEqual(self.sales(buyer), 950)
        self.score_dirty()
        self.assertFalse(self.marks())
        self.assertEqual(self.score(self.model)[0], 0, "nothing is left to do")

    def test_what_was_scored_too_late_is_scored_again(self):
        """By what was read it would stay wrong until the next night."""
        run = self.start()
        buyer = self.customers[0]
        self.make_invoice(buyer, 900, self.today)
        self.marks()
        while len(run.chunk_ids._waiting()) == len(run.chunk_ids):
            run._work_once()
        self.assertEqual(self.sales(buyer), 50)
        self.score_dirty()
        self.assertEqual(self.sales(buyer), 950)
        self.env.cr.execute("DELETE FROM ir_cron_trigger")
        run._work_through()
        called = (
            self.env["ir.cron.trigger"]
            .sudo()
            .search_count(
                [
                    (
                        "cron_id",
                        "=",
                        self.env.ref("customer_value.ir_cron_incremental").id,
                    )
                ]
            )
        )
        self.assertTrue(called, "not only at the next sale")
        self.assertEqual(self.marks(), {("again", buyer.id)})
        self.score_dirty()
        self.assertFalse(self.marks())
        self.assertEqual(self.sales(buyer), 950)
        self.assertEqual(self.score(self.model)[0], 0, "nothing is left to do")

    def test_waits_for_the_run_that_reads(self):
        run = self.start()
        self.make_invoice(self.customers[0], 900, self.today)
        self.score_dirty()
        waiting = {("again", self.customers[0].id)}
        self.assertEqual(self.marks(), waiting)
        self.assertFalse(self.env["customer.value.dirty"]._count_open())
        run.action_cancel()
        self.assertTrue(self.env["customer.value.dirty"]._count_open())
        self.score_dirty()
        self.assertFalse(self.marks())

    def test_source_that_changes_meanwhile_is_read_anew(self):
        """What was read was by another definition."""
        run = self.start()
        before = dict(self.read_tables())
        self.model.indicator_ids.source_id.filtered(
            lambda source: source.code == "sales"
        ).domain = "[('amount', '>', 300)]"
        run._work_through()
        self.assertEqual(run.state, "done")
        self.assertTrue(before)
        sales = [
            self.state_of(self.model, "sales", customer)[0]
            for customer in self.customers
        ]
        self.assertEqual(sales, [0, 0, 0, 350, 450, 550, 650])

    def test_retry_reads_again(self):
        run = self.start()
        run._fail(RuntimeError("disk full"))
        self.make_invoice(self.customers[0], 900, self.today)
        self.score_dirty()
        run.action_retry()
        self.assertEqual(
            len(run.reading_ids._waiting()), 2 * 2, "and as of a month ago"
        )
        run._work_through()
        self.assertEqual(self.state_of(self.model, "sales", self.customers[0])[0], 950)

    def test_nothing_is_left_of_a_cancelled_run(self):
        run = self.start()
        readings = self.env["customer.value.run.reading"]
        readings._gc_tables()
        self.assertEqual(set(self.read_tables()), set(run.reading_ids.ids))
        run.action_cancel()
        readings._gc_tables()
        self.assertFalse(self.read_tables())


@tagged("post_install", "-at_install")
class TestBrokenSources(RunCase):
    """A source that breaks is flagged and carried; it never raises a score."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.offers = cls.make_source(
            "product.supplierinfo", amount_field="price", date_field="create_date"
        )
        cls.buyer, cls.seller, cls.newcomer = cls.customers[:3]
        cls.make_invoice(cls.buyer, 200, cls.today)
        for customer in (cls.buyer, cls.seller):
            cls.env["product.supplierinfo"].create(
                {
                    "partner_id": customer.id,
                    "product_tmpl_id": cls.product.product_tmpl_id.id,
                    "price": 40,
                    "company_id": cls.company.id,
                }
            )
        cls.model = cls.make_model(
            [
                SALES,
                {
                    "code": "offers",
                    "source": cls.offers,
                    "aggregate": "max",
                    "missing": "ignore",
                    "bands": [(0, 0), (30, 10)],
                    "weight": 40,
                },
            ],
            TIERS,
            cls.buyer | cls.seller,
        )
        cls.score(cls.model)

    def set_definition(self, **vals):
        """As it was before something else broke it: past the form's checks."""
        self.env.flush_all()
        for name, value in vals.items():
            self.env.cr.execute(
                SQL(
                    "UPDATE customer_value_source SET %s = %s WHERE id = %s",
                    SQL.identifier(name),
                    value,
                    self.offers.id,
                )
            )
        self.env.invalidate_all()
        self.env.registry.clear_cache("stable")

    def assert_carried(self, code="offers"):
        before = self.stored(self.customers)
        self.make_invoice(self.buyer, 100, self.today)
        with mute_logger(ENGINE, "odoo.sql_db"):
            run = self.run_fully(self.model)
        self.assertEqual(run.state, "done")
        rows = self.stored(self.customers)
        for customer in (self.buyer, self.seller):
            raw, points, state, __ = self.state_of(self.model, code, customer)
            self.assertEqual((raw, points, state), (40, 10, CARRIED))
            self.assertTrue(rows[customer.id]["is_flagged"])
        self.assertEqual(rows[self.seller.id]["score"], before[self.seller.id]["score"])
        self.assertEqual(self.state_of(self.model, "sales", self.buyer)[0], 300)
        return run

    def assert_reported(self, run):
        self.assertEqual(run.error_ids.source_id, self.offers)
        self.assertTrue(run.error_ids.message)
        self.assertTrue(self.offers.last_error)
        self.assertTrue(self.offers.last_error_date)

    def assert_works_again(self):
        run = self.run_fully(self.model)
        self.assertFalse(run.error_ids)
        self.assertFalse(self.offers.last_error)
        for customer in (self.buyer, self.seller):
            self.assertEqual(
                self.state_of(self.model, "offers", customer)[:3], (40, 10, MEASURED)
            )
            self.assertFalse(self.stored(customer)[customer.id]["is_flagged"])

    def _rename(self, old, new):
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "ALTER TABLE product_supplierinfo RENAME COLUMN %s TO %s",
                SQL.identifier(old),
                SQL.identifier(new),
            )
        )

    def test_column_gone(self):
        self._rename("price", "price_was")
        self.assert_reported(self.assert_carried())
        self._rename("price_was", "price")
        self.assert_works_again()

    def test_path_leads_nowhere(self):
        self.set_definition(partner_path="nobody_id")
        self.assert_reported(self.assert_carried())
        self.set_definition(partner_path="partner_id")
        self.assert_works_again()

    def test_filter_on_a_field_that_is_gone(self):
        self.set_definition(domain="[('gone', '=', 1)]")
        self.assert_reported(self.assert_carried())
        self.set_definition(domain="[]")
        self.assert_works_again()

    def test_filter_that_is_no_filter(self):
        self.set_definition(domain="[('price', ")
        self.assert_reported(self.assert_carried())
        self.set_definition(domain="[]")
        self.assert_works_again()

    def test_value_that_breaks_the_arithmetic(self):
        """The definition is right; the data is not. Found only where it is read."""
        self.env.cr.execute(
            "ALTER TABLE product_supplierinfo ALTER COLUMN price TYPE varchar"
        )
        self.env.cr.execute(
            "UPDATE product_supplierinfo SET price = 'on request' "
            "WHERE partner_id = %s",
            (self.seller.id,),
        )
        self.assert_reported(self.assert_carried())

    def test_attribute_that_is_no_number(self):
        indicator = self.make_indicator(
            self.model, "ref", aggregate="attribute", attribute_path="color", weight=10
        )
        self.score(self.model)
        good = self.state_of(self.model, "ref", self.buyer)
        self.assertEqual(good[2], MEASURED)
        self.buyer.ref = "A 17"
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE customer_value_indicator SET attribute_path = 'ref' "
                "WHERE id = %s",
                indicator.id,
            )
        )
        self.env.invalidate_all()
        with mute_logger(ENGINE, "odoo.sql_db"):
            run = self.run_fully(self.model)
        self.assertEqual(run.error_ids.indicator_id, indicator)
        self.assertEqual(self.state_of(self.model, "ref", self.buyer)[2], CARRIED)
        self.assertEqual(self.state_of(self.model, "offers", self.buyer)[2], MEASURED)

    def test_nothing_to_carry(self):
        """A customer without a last good measure has no evidence, not zero points."""
        self.model.domain = str([("id", "in", self.customers[:3].ids)])
        self.set_definition(partner_path="nobody_id")
        with mute_logger(ENGINE, "odoo.sql_db"):
            self.run_fully(self.model)
        self.assertEqual(self.state_of(self.model, "offers", self.newcomer)[2], NONE)
        self.assertEqual(self.stored(self.newcomer)[self.newcomer.id]["coverage"], 60)

    def test_carried_on_and_on(self):
        """The last good points stand however many runs it takes to mend the source."""
        self.set_definition(partner_path="nobody_id")
        for __ in range(3):
            self.assert_carried_once()
        self.set_definition(partner_path="partner_id")
        self.assert_works_again()

    def assert_carried_once(self):
        with mute_logger(ENGINE, "odoo.sql_db"):
            self.run_fully(self.model)
        self.assertEqual(
            self.state_of(self.model, "offers", self.seller)[:3], (40, 10, CARRIED)
        )

    def test_module_not_installed(self):
        """Unavailable is not broken: left out of score and coverage, shown as such."""
        missing = self.env["ir.module.module"].create(
            {"name": "customer_value_missing", "shortdesc": "Missing"}
        )
        missing.state = "uninstalled"
        self.set_definition(res_model="not.there", module_name=missing.name)
        self.run_fully(self.model)
        row = self.stored(self.buyer)[self.buyer.id]
        self.assertEqual(
            self.state_of(self.model, "offers", self.buyer)[2], UNAVAILABLE
        )
        self.assertFalse(row["is_flagged"])
        self.assertEqual((row["coverage"], row["indicator_count"]), (100, 1))
        self.assertEqual(row["score"], 20)
        self.set_definition(res_model="product.supplierinfo")
        missing.state = "installed"
        self.assert_works_again()


@tagged("post_install", "-at_install")
class TestBrokenSourcesInChunks(TestBrokenSources):
    """The same when the run reads first, and several chunks score by it."""

    def setUp(self):
        super().setUp()
        self.in_chunks_of(1)

    def run_fully(self, model, **vals):
        run = super().run_fully(model, **vals)
        self.assertTrue(run.reading_ids)
        return run


@tagged("post_install", "-at_install")
class TestOverrides(RunCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.customers[0]
        cls.make_invoice(cls.customer, 300, cls.today - timedelta(days=10))
        cls.model = cls.make_model([SALES], TIERS, cls.customers)
        cls.score(cls.model)
        cls.top = cls.model.tier_ids[0]

    def override(self, **vals):
        return self.env["customer.value.override"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "reason": "A promise of the board",
                "sets_score": True,
                "score": 90,
                "tier_id": self.top.id,
                "date_from": self.today,
                "date_to": self.today + timedelta(days=5),
                **vals,
            }
        )

    def row(self):
        return self.stored(self.customer)[self.customer.id]

    def test_counts_beside_the_computed(self):
        self.override()
        row = self.row()
        self.assertEqual((row["score"], row["computed_score"]), (90, 30))
        self.assertEqual(row["tier_id"], self.top.id)
        self.assertEqual(row["computed_tier_id"], self.model.tier_ids[1].id)
        self.assertTrue(row["is_overridden"])
        self.assertEqual(self.score(self.model)[0], 0, "a full run keeps it")
        self.make_invoice(self.customer, 100, self.today)
        self.score_dirty()
        self.assertEqual((self.row()["score"], self.row()["computed_score"]), (90, 40))

    def test_expires_by_date(self):
        override = self.override()
        self.score(self.model, override.date_to)
        self.assertTrue(self.row()["is_overridden"])
        self.score(self.model, override.date_to + timedelta(days=1))
        self.assertFalse(self.row()["is_overridden"])
        self.assertEqual(self.row()["score"], 30)

    def test_begins_by_date(self):
        self.override(date_from=self.today + timedelta(days=1))
        self.assertFalse(self.row()["is_overridden"])
        self.score(self.model, self.today + timedelta(days=1))
        self.assertTrue(self.row()["is_overridden"])

    def test_ended_by_hand(self):
        override = self.override()
        override.active = False
        self.assertEqual(self.row()["score"], 30)
        override.active = True
        self.assertEqual(self.row()["score"], 90)
        override.unlink()
        self.assertEqual(self.row()["score"], 30)

    def test_tier_alone(self):
        self.override(sets_score=False, score=0)
        row = self.row()
        self.assertEqual((row["score"], row["tier_id"]), (30, self.top.id))

    def test_moved_to_another_customer(self):
        override = self.override()
        other = self.customers[1]
        override.partner_id = other
        self.assertFalse(self.row()["is_overridden"])
        self.assertTrue(self.stored(other)[other.id]["is_overridden"])


@tagged("post_install", "-at_install")
class TestWorkers(BaseCase):
    """Several workers on one run: real cursors on committed rows, cleaned up after."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        sizes = patch.multiple(customer_value_run, FIRST_CHUNK=2, SMALLEST_CHUNK=2)
        sizes.start()
        self.addCleanup(sizes.stop)
        self.addCleanup(self._clean_up)
        with self.registry.cursor() as cr:
            env = self._env(cr)
            self.partner_ids = (
                env["res.partner"]
                .create([{"name": f"Worker test {at}"} for at in range(4)])
                .ids
            )
            tools = CustomerValueCommon
            with (
                patch.object(tools, "env", env, create=True),
                patch.object(
                    tools, "_numbers", iter(range(900000, 900100)), create=True
                ),
            ):
                model = tools.make_model(
                    [PURCHASES, SALES],
                    TIERS,
                    env["res.partner"].browse(self.partner_ids),
                    code="test_workers",
                    sequence=-1000,
                )
            model.scored_as_of = model._today()  # so that there is no past to read
            self.model_id = model.id
            self.run_id = env["customer.value.run"]._start(model).id
            env["customer.value.run"].browse(self.run_id)._prepare()
            env.flush_all()
            self.assertEqual(len(self._run(cr).reading_ids), 2)
            cr.execute(
                "DELETE FROM customer_value_dirty WHERE res_model = 'res.partner' "
                "AND res_id = ANY(%s)",
                (self.partner_ids,),
            )
            cr.precommit.clear()

    def _env(self, cr):
        return api.Environment(cr, api.SUPERUSER_ID, {"tracking_disable": True})

    def _clean_up(self):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            readings = env["customer.value.run.reading"]
            for table in readings._kept_tables().values():
                readings._drop(table)
            model = env["customer.value.model"].search([("code", "=", "test_workers")])
            model.state = "draft"
            model.flush_recordset()
            model.unlink()
            env["res.partner"].browse(self.partner_ids).exists().unlink()
            env.flush_all()
            cr.precommit.clear()
            cr.execute(
                "DELETE FROM customer_value_dirty WHERE res_id = ANY(%s)",
                (self.partner_ids,),
            )

    def _run(self, cr):
        return self._env(cr)["customer.value.run"].browse(self.run_id)

    def _scored(self):
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT COUNT(*) FROM customer_value_score WHERE model_id = %s",
                (self.model_id,),
            )
            return cr.fetchone()[0]

    def _read(self):
        with self.registry.cursor() as cr:
            run = self._run(cr)
            while run.reading_ids._waiting():
                run._work_once()

    def _tables(self):
        with self.registry.cursor() as cr:
            return self._run(cr).reading_ids._kept_tables()

    def test_workers_share_the_reading(self):
        with self.registry.cursor() as one, self.registry.cursor() as two:
            self.assertTrue(self._run(one)._work_once())
            self.assertTrue(self._run(two)._work_once())
            with self.registry.cursor() as three:
                self.assertFalse(
                    self._run(three)._work_once(),
                    "both are being read, nobody can be scored yet",
                )
            one.commit()
            two.commit()
        self.assertEqual(len(self._tables()), 2)
        self.assertEqual(self._scored(), 0)
        with self.registry.cursor() as last:
            self._run(last)._work_through()
            self.assertEqual(self._run(last).state, "done")
        self.assertEqual(self._scored(), 4)
        self.assertFalse(self._tables())

    def test_worker_that_dies_leaves_its_reading(self):
        with self.registry.cursor() as dying:
            self.assertTrue(self._run(dying)._work_once())
            dying.rollback()
        self.assertFalse(self._tables())
        with self.registry.cursor() as heir:
            self._run(heir)._work_through()
            self.assertEqual(self._run(heir).state, "done")
        self.assertEqual(self._scored(), 4)

    def test_second_worker_takes_another_chunk(self):
        self._read()
        with self.registry.cursor() as one, self.registry.cursor() as two:
            self.assertTrue(self._run(one)._work_once())
            self.assertTrue(self._run(two)._work_once())
            with self.registry.cursor() as three:
                self.assertFalse(
                    self._run(three)._work_once(), "both chunks are taken, none is done"
                )
                self.assertEqual(self._run(three).state, "running")
            one.commit()
            two.commit()
        self.assertEqual(self._scored(), 4)
        with self.registry.cursor() as last:
            self._run(last)._work_through()
            self.assertEqual(self._run(last).state, "done")

    def test_worker_that_dies_leaves_its_chunk(self):
        self._read()
        with self.registry.cursor() as dying:
            self.assertTrue(self._run(dying)._work_once())
            dying.rollback()
        self.assertEqual(self._scored(), 0)
        with self.registry.cursor() as heir:
            self._run(heir)._work_through()
            self.assertEqual(self._run(heir).state, "done")
        self.assertEqual(self._scored(), 4)

    def test_conflict_is_no_failure(self):
        """Two workers on one customer: the later one starts anew, nothing is lost."""
        with self.registry.cursor() as cr:
            self._run(cr)._work_through()
        waiting, go_on = threading.Event(), threading.Event()
        dirty = self.registry["customer.value.dirty"]
        entities_of = dirty._entities

        def wait_for_the_other(marks, by_model, route=None):
            waiting.set()  # the snapshot is taken; the other one commits now
            go_on.wait(20)
            return entities_of(marks, by_model, route)

        def score_incrementally():
            with self.registry.cursor() as cr:
                env = self._env(cr)
                with (
                    patch.object(dirty, "_entities", wait_for_the_other),
                    patch.object(
                        self.registry["ir.cron"],
                        "_commit_progress",
                        lambda cron, *args, **kwargs: cron.env.cr.commit() or 60.0,
                    ),
                ):
                    env["customer.value.dirty"]._cron_score_dirty()

        with self.registry.cursor() as cr:
            env = self._env(cr)
            env["customer.value.dirty"]._mark("res.partner", self.partner_ids)
            # something to write: a score that is not what it should be
            cr.execute(
                "UPDATE customer_value_score SET coverage = 1 WHERE model_id = %s",
                (self.model_id,),
            )
        worker = threading.Thread(target=score_incrementally)
        worker.start()
        waiting.wait(20)
        with self.registry.cursor() as cr:
            cr.execute(
                "UPDATE customer_value_score SET coverage = 2 WHERE model_id = %s",
                (self.model_id,),
            )
        go_on.set()
        worker.join(60)
        self.assertFalse(worker.is_alive())
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT COUNT(*) FROM customer_value_dirty WHERE res_id = ANY(%s)",
                (self.partner_ids,),
            )
            kept = cr.fetchone()[0]
            self.assertEqual(kept, 4, "the marks stay for the next time")
            env = self._env(cr)
            while env["customer.value.dirty"]._score_batch():
                pass
            cr.execute(
                "SELECT DISTINCT coverage FROM customer_value_score "
                "WHERE model_id = %s",
                (self.model_id,),
            )
            self.assertEqual(cr.fetchall(), [(100.0,)])
