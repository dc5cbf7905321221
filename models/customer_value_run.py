import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.window import month_ends

_logger = logging.getLogger(__name__)

FIRST_CHUNK = 100_000
SMALLEST_CHUNK = 2_000
LARGEST_CHUNK = 1_000_000
SECONDS_PER_CHUNK = 45
"""Well within the time that Odoo grants a scheduled action."""

LAST_ID = 2**31 - 1
BASELINE_DAYS = 30


class CustomerValueRun(models.Model):
    """One scoring of a whole population, cut into chunks that any worker may take.

    A worker locks a chunk, scores it, marks it done and commits. A worker that dies
    leaves its chunk to the next one, so a killed run goes on where it stopped.
    """

    _name = "customer.value.run"
    _description = "Customer Value Run"
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    model_id = fields.Many2one(
        "customer.value.model", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="model_id.company_id", store=True)
    as_of = fields.Date(required=True, help="Windows end on this day.")
    cause = fields.Selection(
        [
            ("time", "Nightly"),
            ("calibration", "Calibration"),
            ("configuration", "Configuration"),
            ("evidence", "By hand"),
            ("replay", "Replay of the past"),
        ],
        default="evidence",
        required=True,
    )
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        default="pending",
        required=True,
        index=True,
    )
    calibrates = fields.Boolean(
        help="Bands and top shares are cut anew when everybody has been scored by the "
        "present ones; then everybody is scored again."
    )
    closes_on = fields.Date(
        help="The end of the month that the run writes into the history."
    )
    reading_ids = fields.One2many("customer.value.run.reading", "run_id")
    chunk_ids = fields.One2many("customer.value.run.chunk", "run_id")
    error_ids = fields.One2many("customer.value.run.error", "run_id")
    error_count = fields.Integer(compute="_compute_error_count")
    started_on = fields.Datetime()
    finished_on = fields.Datetime()
    seconds = fields.Float(
        compute="_compute_progress", help="Time spent scoring, over all workers."
    )
    customer_count = fields.Integer(
        compute="_compute_progress", string="Customers", help="In the population."
    )
    changed_count = fields.Integer(
        compute="_compute_progress", string="Changed", help="Rows that were written."
    )
    progress = fields.Float(
        compute="_compute_progress", help="How much is done, in percent."
    )
    message = fields.Text(help="Why the run failed, and what to do.")

    @api.depends("model_id", "as_of")
    def _compute_name(self):
        for run in self:
            run.name = f"{run.model_id.name}, {run.as_of}"

    @api.depends("error_ids")
    def _compute_error_count(self):
        for run in self:
            run.error_count = len(run.error_ids)

    @api.depends("chunk_ids.state", "reading_ids.state", "state")
    def _compute_progress(self):
        for run in self:
            chunks = run.chunk_ids
            done = chunks.filtered("is_done")
            run.customer_count = sum(chunks.mapped("customer_count"))
            run.changed_count = sum(done.mapped("changed_count"))
            run.seconds = sum(done.mapped("seconds"))
            run.seconds += sum(run.reading_ids.mapped("seconds"))
            scored = sum(done.mapped("customer_count"))
            if run.state == "done":
                run.progress = 100
            else:
                shares = [scored / run.customer_count] if run.customer_count else [0]
                if readings := run.reading_ids:
                    shares.append(1 - len(readings._waiting()) / len(readings))
                run.progress = 100 * sum(shares) / len(shares)

    # ------------------------------------------------------------------ actions

    # Runs are read by managers and written by nobody: only these buttons change them.

    def action_cancel(self):
        self.check_access("read")
        self.sudo().filtered(
            lambda run: run.state in ("pending", "running")
        ).state = "cancelled"

    def action_retry(self):
        """Take a failed run up again where it stopped.

        What it had read is read again: documents may have changed since.
        """
        self.check_access("read")
        for run in self.sudo().filtered(lambda run: run.state == "failed"):
            state = "running" if run.chunk_ids else "pending"
            run.reading_ids.is_done = False
            run.write({"state": state, "message": False})
        self._wake_workers()

    def action_open_scores(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "customer.value.score",
            "view_mode": "list,graph,pivot",
            "domain": [("model_id", "=", self.model_id.id)],
        }

    def action_open(self):
        return self._form_action()

    def _form_action(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    # ----------------------------------------------------------------- starting

    @api.model
    def _start(self, value_models, cause="evidence"):
        """A full run for each active model, as of today; workers are woken.

        A run of the same version and day that is still under way is returned instead.
        """
        runs = self.browse()
        for model in value_models.filtered(lambda model: model.state == "active"):
            as_of = model._today()
            run = self.search(
                [
                    ("model_id", "=", model.id),
                    ("as_of", "=", as_of),
                    ("state", "in", ("pending", "running")),
                ],
                limit=1,
            )
            runs |= run or self.sudo().create(
                {"model_id": model.id, "as_of": as_of, "cause": cause}
            )
        runs._wake_workers()
        return runs

    def _wake_workers(self):
        cron = self.env.ref("customer_value.ir_cron_worker", False)
        if self and cron:
            cron.sudo()._trigger()

    @api.model
    def _start_replay(self, value_models, months):
        """Runs that work out the ends of past months, the latest first.

        What was recorded at the time is left as it is.
        """
        runs = self.browse()
        for model in value_models.filtered("calibrated_on"):
            runs |= self.sudo().create(
                [
                    {"model_id": model.id, "as_of": day, "cause": "replay"}
                    for day in month_ends(model._today(), months)
                ]
            )
        runs._wake_workers()
        return runs

    def _prepare(self):
        """Cut the population into chunks, and see what is to be read for them.

        One chunk reads for itself, in one statement.
        """
        self.ensure_one()
        model = self.model_id
        if self.cause == "time":
            if model.calibrated_on and model._calibration_due(self.as_of):
                self.calibrates = True
            self.closes_on = model._month_to_close(self.as_of)
        parts = self._parts(self._chunk_size())
        self.env["customer.value.run.chunk"].create(self._chunk_vals(parts))
        if len(self.chunk_ids) > 1:
            self.env["customer.value.run.reading"]._plan(self)
        self.write({"state": "running", "started_on": fields.Datetime.now()})

    def _parts(self, size):
        """``[(first id, last id, number of customers)]``, each of ``size`` at most."""
        entities = self.env["res.partner"].sudo().with_company(self.company_id)
        population = entities._search(self.model_id._population_domain()).select()
        counted = "SELECT MIN(id), MAX(id), COUNT(*) FROM (%s) AS population"
        [whole] = self.env.execute_query(SQL(counted, population))
        if not whole[-1]:
            return [(0, 0, 0)]
        if whole[-1] <= size:
            return [whole]
        return self.env.execute_query(
            SQL(
                """
                SELECT MIN(id), MAX(id), COUNT(*)
                  FROM (SELECT id, (ROW_NUMBER() OVER (ORDER BY id) - 1) / %s AS part
                          FROM (%s) AS population) AS numbered
              GROUP BY part ORDER BY part
                """,
                size,
                population,
            )
        )

    def _baseline_day(self):
        """The past day on which a trend can begin, if nothing was ever scored."""
        if self.cause == "replay" or self.model_id.scored_as_of:
            return None
        return fields.Date.subtract(self.as_of, days=BASELINE_DAYS)

    def _scorings(self):
        """``[(version, day)]`` by which every customer is scored in the run."""
        found = [(self.model_id, self.as_of)]
        past = {self._baseline_day(), self.closes_on or None} - {None, self.as_of}
        found += [(self.model_id, day) for day in sorted(past)]
        if self.cause == "configuration":
            found += [(old, self.as_of) for old in self.model_id._version_before()]
        return found

    def _chunk_vals(self, parts):
        """Chunks that meet end to end, so that leavers between them are seen too."""
        vals_list = []
        before = 0
        for position, (__, last, count) in enumerate(parts):
            is_last = position == len(parts) - 1
            upper = LAST_ID if is_last else last
            vals_list.append(
                {
                    "run_id": self.id,
                    "first_id": before,
                    "last_id": upper,
                    "customer_count": count,
                }
            )
            before = upper + 1
        return vals_list

    def _chunk_size(self):
        """So many customers as took about :data:`SECONDS_PER_CHUNK` last time.

        Everybody at once only if that took no longer with the reading: one chunk reads
        for itself.
        """
        last = self.search(
            [
                ("model_id", "in", self.model_id._lineage().ids),
                ("state", "=", "done"),
            ],
            limit=1,
        )
        count = last.customer_count
        scoring = sum(last.chunk_ids.mapped("seconds"))
        if not scoring or count < SMALLEST_CHUNK:
            return FIRST_CHUNK
        size = int(SECONDS_PER_CHUNK * count / scoring)
        if last.seconds > SECONDS_PER_CHUNK:
            size = min(size, count // 2)
        return min(max(size, SMALLEST_CHUNK), LARGEST_CHUNK)

    # ------------------------------------------------------------------ working

    @api.model
    def _cron_nightly(self):
        """Score everybody as of today: time alone moves windows."""
        self._start(
            self.env["customer.value.model"].search([("state", "=", "active")]),
            cause="time",
        )

    @api.model
    def _cron_work(self):
        """Work on open runs while the cron has time."""
        cron = self.env["ir.cron"]
        remaining = self._open_work()
        cron._commit_progress(remaining=remaining)
        while remaining:
            worked = any(run._work_safely() for run in self._open_runs())
            remaining = self._open_work()
            time_left = cron._commit_progress(int(worked), remaining=remaining)
            if not (time_left and worked):
                break

    @api.model
    def _open_runs(self):
        return self.search([("state", "in", ("pending", "running"))], order="id")

    @api.model
    def _open_work(self):
        """Steps still to do: to read, to score, and runs to prepare or to close."""
        runs = self._open_runs()
        return len(runs) + sum(
            len(steps._waiting()) for steps in (runs.reading_ids, runs.chunk_ids)
        )

    def _work_safely(self):
        """One step of this run; what goes wrong ends the run with words, not the cron.

        A conflict with a transaction that scored the same customers is no failure:
        nothing was lost, the step is taken again later.
        """
        self.ensure_one()
        run_id = self.id
        try:
            with self.env.cr.savepoint():
                return self._work_once()
        except psycopg2.extensions.TransactionRollbackError:
            self.env.cr.rollback()
            return False
        except Exception as error:
            _logger.exception("Customer value: run %s failed", run_id)
            self._fail(error)
            return True

    def _work_once(self):
        """One step; False if others hold what has to be done first.

        A version that was replaced or retired meanwhile must not score any more.
        """
        self.ensure_one()
        if self.model_id.state != "active":
            self.action_cancel()
            return True
        if self.state == "pending":
            return self._alone(self._prepare)
        if self.reading_ids._waiting():
            return self.reading_ids._work_on_one()
        if not self.model_id.calibrated_on:
            return self._alone(lambda: self.model_id._calibrate(self.as_of, self))
        return self.chunk_ids._work_on_one() or self._finish_if_done()

    def _alone(self, action):
        """Do what one worker has to do for all; False if another one does it."""
        if not self.try_lock_for_update():
            return False
        action()
        return True

    def _finish_if_done(self):
        """Close the run when its last chunk is done.

        A later calibration waits until everybody was scored by the present one, so
        that what customers did is told apart from what the calibration did.
        """
        if self.chunk_ids._waiting():
            return False
        return self._alone(self._calibrate_or_finish)

    def _calibrate_or_finish(self):
        if self.calibrates:
            self.model_id._calibrate(self.as_of, self)
            self.chunk_ids.is_done = False
            self.write({"calibrates": False, "cause": "calibration"})
            return
        if self.closes_on:
            self.model_id.closed_on = self.closes_on
        if self.cause != "replay":
            engine = self.env["customer.value.engine"]
            engine._update_histogram(self.model_id, self.as_of)
        self._refresh_statistics()
        self.write({"state": "done", "finished_on": fields.Datetime.now()})
        if self.reading_ids:
            self.reading_ids._drop_tables()
            self.env["customer.value.dirty"]._wake()

    def _refresh_statistics(self):
        """Tell PostgreSQL that many rows are new, lest it plans for empty tables.

        After a first run its own housekeeping may come too late for the next one.
        """
        if self.changed_count > self.customer_count / 10:
            self.env.cr.execute("ANALYZE customer_value_score, customer_value_history")

    def _fail(self, error):
        """Stop the run, with words for who can mend it."""
        self.write(
            {
                "state": "failed",
                "message": self.env._(
                    "%(error)s\n\nMend the cause and press Retry; what was scored "
                    "stays scored.",
                    error=error,
                ),
            }
        )

    def _note_error(self, culprit, message):
        """Keep what went wrong, once per run."""
        name = "source_id" if culprit._name.endswith("source") else "indicator_id"
        if culprit not in self.error_ids.mapped(name):
            self.error_ids.create(
                {"run_id": self.id, name: culprit.id, "message": message}
            )

    @api.model
    def _is_reading(self):
        """Whether a run under way scores by what it has read before."""
        steps = self.env["customer.value.run.reading"]
        domain = [("run_id.state", "=", "running")]
        return bool(steps.sudo().search_count(domain, limit=1))

    def _errors(self):
        """``{source or indicator: message}`` of what the run found broken."""
        return {
            error.source_id or error.indicator_id: error.message
            for error in self.error_ids
        }

    def _work_through(self):
        """Finish these runs in this transaction: for installation, tests, scripts."""
        for run in self:
            while run.state in ("pending", "running") and run._work_once():
                pass
        return self

    @api.autovacuum
    def _gc_old_runs(self):
        """Keep runs for 90 days."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=90)
        self.search([("create_date", "<", limit), ("state", "!=", "running")]).unlink()


class CustomerValueRunError(models.Model):
    """A source or indicator that could not be read in a run."""

    _name = "customer.value.run.error"
    _description = "Customer Value Run Error"

    run_id = fields.Many2one(
        "customer.value.run", required=True, ondelete="cascade", index=True
    )
    source_id = fields.Many2one("customer.value.source", ondelete="cascade")
    indicator_id = fields.Many2one("customer.value.indicator", ondelete="cascade")
    message = fields.Text(required=True)
