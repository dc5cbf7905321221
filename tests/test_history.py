"""What the history records, when, and by which cause; replays and thinning."""

from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..models.scoring_plan import Scope
from .history_common import DAY, HistoryCommon


@tagged("post_install", "-at_install")
class TestHistory(HistoryCommon):
    def test_a_row_when_the_shown_score_moves(self):
        self.buy(40, self.day)
        self.score(self.model, self.day)
        self.score(self.model, self.day + DAY)
        self.assertEqual(self.told(), [(self.day, 30, "evidence")])
        self.buy(0.2, self.day + DAY)  # 30.15 is still shown as 30
        self.score(self.model, self.day + 2 * DAY)
        self.assertEqual(len(self.told()), 1)
        self.buy(20, self.day + DAY)
        self.score(self.model, self.day + 3 * DAY, cause="time")
        self.assertEqual(self.told()[1:], [(self.day + 3 * DAY, 45.15, "time")])

    def test_the_last_of_a_day_stands(self):
        self.score(self.model, self.day)
        self.buy(40, self.day)
        self.score(self.model, self.day)
        self.buy(40, self.day)
        self.score(self.model, self.day)
        self.assertEqual(self.told(), [(self.day, 60, "evidence")])

    def test_a_row_keeps_the_measures(self):
        self.buy(40, self.day)
        self.score(self.model, self.day)
        raw, points, states, before = self.vectors(self.history())
        self.assertEqual((raw, points, states), ([40, 0], [40, 0], [1, 1]))
        self.assertIsNone(before)

    def test_coverage_alone_moves_a_row(self):
        """Whoever was asked for the first time has more evidence, and no points."""
        self.sales.sudo().missing = "ignore"
        self.deals.sudo().missing = "ignore"
        self.score(self.model, self.day)
        lead = self.make_lead(self.partner)
        lead.action_set_won()
        lead.date_closed = self.local(self.day)
        self.deals.band_ids.sudo().points = 0
        self.score(self.model, self.day + DAY)
        rows = self.history()
        self.assertEqual(rows.mapped("score"), [0, 0])
        self.assertEqual(rows.mapped("coverage"), [0, 25])

    def test_a_new_version_is_a_step_of_its_own(self):
        """What was bought since is told under the old version, on the same day."""
        self.buy(40, self.day)
        self.score(self.model, self.day)
        self.buy(40, self.day + DAY)
        draft = self.model.copy({"name": self.model.name, "code": self.model.code})
        draft.indicator_ids.filtered(lambda one: one.code == "deals").weight = 3
        with freeze_time(self.local(self.day + DAY)):
            draft.action_activate()
            draft.run_ids._work_through()
        rows = self.history()
        self.assertEqual(rows.mapped("cause"), ["evidence", "time", "configuration"])
        self.assertEqual(rows.mapped("is_step"), [False, False, True])
        self.assertEqual(rows.mapped("score"), [30, 60, 40])
        step = rows[-1]
        self.assertEqual((step.before_model_id, step.model_id), (self.model, draft))
        self.assertEqual(step.before_score, 60)
        self.assertEqual(self.vectors(step)[3], [80, 0])

    def test_behaviour_after_a_step_does_not_replace_it(self):
        self.test_a_new_version_is_a_step_of_its_own()
        draft = self.history()[-1].model_id
        self.buy(20, self.day + DAY)
        self.env.cr._now += timedelta(minutes=1)
        self.score(draft, self.day + DAY)
        rows = self.history()
        self.assertEqual(rows.mapped("date"), [self.day, *2 * [self.day + DAY]])
        self.assertEqual(
            rows.mapped("cause"), ["evidence", "configuration", "evidence"]
        )
        self.assertEqual(rows[1].before_score, 60)
        self.assertEqual(rows[2].score, 50)

    def calibrate_by_quantiles(self):
        for position, band in enumerate(self.sales.band_ids.sudo()):
            band.percentile = 50 * position
        self.sales.sudo().scale = "quantile"

    def test_a_calibration_is_a_step_of_its_own(self):
        self.calibrate_by_quantiles()
        self.buy(40, self.day)
        self.model.sudo()._calibrate(self.day)
        self.score(self.model, self.day)
        before = self.history().score
        self.buy(400, self.day + DAY, self.other)
        with freeze_time(self.local(self.day + DAY)):
            self.model.action_recalibrate()
            self.model.run_ids._work_through()
        rows = self.history(self.other)
        self.assertEqual(rows.mapped("cause"), ["evidence", "evidence"])
        self.assertEqual(self.history().mapped("cause"), ["evidence", "calibration"])
        self.assertEqual(self.history()[-1].before_score, before)
        self.assertEqual(self.model.calibration, 2)

    def test_a_due_calibration_comes_after_the_nightly_run(self):
        self.calibrate_by_quantiles()
        self.buy(40, date(2025, 9, 20))
        self.model.sudo()._calibrate(date(2025, 10, 1))
        self.model.sudo().recalibration = "quarter"
        self.buy(40, self.day - DAY)
        self.score(self.model, self.day - DAY)
        self.buy(400, self.day, self.other)
        with freeze_time(self.local(self.day)):
            self.env["customer.value.run"]._start(self.model, "time")._work_through()
        self.assertEqual(self.model.calibrated_on, self.day)
        for partner, cause in ((self.partner, "calibration"), (self.other, "time")):
            rows = self.history(partner)
            self.assertEqual(rows.mapped("date"), [self.day - DAY, self.day])
            self.assertEqual(rows[-1].cause, cause)

    def test_an_override_and_its_end(self):
        self.score(self.model, self.day)
        with freeze_time(self.local(self.day + DAY)):
            override = self.env["customer.value.override"].create(
                {
                    "partner_id": self.partner.id,
                    "company_id": self.company.id,
                    "sets_score": True,
                    "score": 70,
                    "reason": "Opens a market",
                    "date_from": self.day + DAY,
                    "date_to": self.day + 5 * DAY,
                }
            )
        self.score(self.model, self.day + 9 * DAY, cause="time")
        self.assertEqual(
            self.told(),
            [
                (self.day, 0, "evidence"),
                (self.day + DAY, 70, "override"),
                (self.day + 9 * DAY, 0, "override"),
            ],
        )
        self.assertEqual(self.history()[1].computed_score, 0)
        self.assertTrue(override)

    def test_a_months_end_is_written_for_everybody(self):
        """The first nightly run of a month looks back at the last day of the one
        before, as the documents of that day say."""
        last = date(2028, 2, 29)
        self.buy(40, last - DAY)
        self.score(self.model, last - DAY)
        self.model.sudo().scored_as_of = last - DAY
        self.buy(40, last)
        self.buy(8, last + DAY)
        for day in (last + DAY, last + 2 * DAY):
            with freeze_time(self.local(day)):
                self.env["customer.value.run"]._start(
                    self.model, "time"
                )._work_through()
        self.assertEqual(
            self.told(),
            [
                (last - DAY, 30, "evidence"),
                (last, 60, "time"),
                (last + DAY, 66, "time"),
            ],
        )
        self.assertEqual(
            [day for day, *__ in self.told(self.other)], [last - DAY, last]
        )
        self.assertFalse(any(self.history().mapped("is_replayed")))

    def test_a_replay_is_what_a_run_of_that_day_stored(self):
        """Documents of later days change nothing."""
        days = [date(2025, month, day) for month, day in
                ((9, 30), (10, 31), (11, 30), (12, 31))]  # fmt: skip
        recorded = []
        for day in days:
            self.buy(10 + day.month, day - 3 * DAY)
            self.score(self.model, day)
            recorded.append(self.stored(self.partner)[self.partner.id])
        self.buy(99, date(2026, 1, 10))
        self.env["customer.value.history"].sudo().search([]).unlink()
        with freeze_time(self.local(date(2026, 1, 10))):
            runs = self.env["customer.value.run"]._start_replay(self.model, 4)
            runs._work_through()
        rows = self.history()
        self.assertEqual(rows.mapped("date"), days)
        for row, wanted in zip(rows, recorded, strict=True):
            self.assertEqual(self.vectors(row)[0], wanted["raw"])
            self.assertEqual(row.score, wanted["score"])
            self.assertEqual(row.tier_id.id, wanted["tier_id"])
            self.assertTrue(row.is_replayed)

    def test_a_replay_leaves_what_was_recorded(self):
        self.buy(40, date(2025, 11, 25))
        self.score(self.model, date(2025, 11, 25))
        with freeze_time(self.local(date(2026, 1, 10))):
            for __ in range(2):
                runs = self.env["customer.value.run"]._start_replay(self.model, 3)
                runs._work_through()
        self.assertEqual([day for day, *__ in self.told()], [date(2025, 11, 25)])
        self.assertFalse(self.history().is_replayed)

    def test_whoever_was_not_there_has_no_past(self):
        old = self.history_of_newcomer(created="2026-01-05", sales=None)
        self.assertFalse(old)
        moved = self.history_of_newcomer(created="2026-01-05", sales=date(2025, 12, 20))
        self.assertEqual(moved.mapped("date"), [date(2025, 12, 31)])

    def history_of_newcomer(self, created, sales):
        partner = self.make_partner()
        self.model.sudo().domain = str([("id", "in", partner.ids)])
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = %s WHERE id = %s",
            [created, partner.id],
        )
        if sales:
            self.buy(50, sales, partner)
        with freeze_time(self.local(date(2026, 1, 10))):
            runs = self.env["customer.value.run"]._start_replay(self.model, 2)
            runs._work_through()
        return self.history(partner)

    def test_thinning_keeps_months_ends_and_steps(self):
        wanted = []
        first = date(2025, 1, 1)
        for number in range(240):
            day = first + number * DAY
            self.score_randomly(day, number)
        rows = self.history()
        limit = rows[-1].date - timedelta(days=90)
        for row in rows:
            last = max(
                one.date
                for one in rows
                if (one.date.year, one.date.month) == (row.date.year, row.date.month)
            )
            whole_month = (row.date.replace(day=28) + 4 * DAY).replace(day=1)
            if whole_month > limit or row.date == last or row.is_step:
                wanted.append(row.id)
        with freeze_time(self.local(rows[-1].date)):
            self.env["customer.value.history"]._gc_thin()
        self.assertEqual(self.history().ids, wanted)
        self.assertLess(len(wanted), len(rows))

    def score_randomly(self, day, number):
        self.env.cr.execute(
            """
            INSERT INTO customer_value_history
                   (partner_id, company_id, model_id, date, score, cause, is_step,
                    former_id, recorded)
            VALUES (%s, %s, %s, %s, %s, 'time', %s, 0, now())
            """,
            [
                self.partner.id, self.company.id, self.model.id, day, number % 100,
                number % 37 == 0,
            ],
        )  # fmt: skip

    def test_histories_of_merged_customers_stay_apart(self):
        self.buy(40, self.day)
        self.buy(16, self.day, self.other)
        self.score(self.model, self.day)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.partner | self.other).ids, self.partner, False
        )
        self.env.invalidate_all()
        own = self.history().filtered(lambda row: not row.former_id)
        former = self.history() - own
        self.assertEqual((own.score, former.score), (30, 12))
        self.assertEqual(former.former_id, self.other.id)
        with freeze_time(self.local(self.day + DAY)):
            self.score_dirty()
        step = self.history()[-1]
        self.assertEqual((step.cause, step.is_step), ("merge", True))
        self.assertEqual((step.before_score, step.score), (30, 42))

    def test_nobody_writes_it(self):
        self.score(self.model, self.day)
        manager = new_test_user(
            self.env,
            "history.manager",
            "base.group_user,customer_value.group_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        row = self.history()[:1].with_user(manager)
        self.assertEqual(row.score, 0)
        with self.assertRaises(AccessError):
            row.write({"score": 99})
        with self.assertRaises(AccessError):
            row.unlink()

    def test_scoring_in_parts_tells_the_same(self):
        """A run in chunks closes a month as one over everybody does."""
        self.buy(40, self.day)
        for first, last in ((0, self.partner.id), (self.partner.id + 1, 2**31 - 1)):
            self.score(self.model, self.day, Scope(first=first, last=last))
        self.assertEqual(self.told(), [(self.day, 30, "evidence")])
        self.assertEqual(self.told(self.other), [(self.day, 0, "evidence")])
