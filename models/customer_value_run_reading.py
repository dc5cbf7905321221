import re

from odoo import api, fields, models
from odoo.tools import SQL

from .scoring_plan import EVERYBODY
from .scoring_sql import ScoringSql

TABLE = "customer_value_reading_%s"
OURS = re.compile(TABLE % r"(\d+)")


class CustomerValueRunReading(models.Model):
    """What a run found in some sources about everybody, kept for its chunks.

    To tell which documents are its customers' own, a chunk would look through those of
    all customers: many chunks, each of them through more documents, and the time grows
    with the square of the population. So a run of several chunks reads first, each sort
    of records once, into a table of aggregates by customer.

    Whose documents change from then on is scored once more after the run: see
    ``AGAIN`` in ``customer.value.dirty``.
    """

    _name = "customer.value.run.reading"
    _description = "Customer Value Reading"
    _inherit = ["customer.value.run.step"]
    _order = "run_id, id"

    model_id = fields.Many2one(
        "customer.value.model", required=True, ondelete="cascade"
    )
    as_of = fields.Date(required=True)
    shape = fields.Char(required=True, help="What records are read, by which paths.")
    key = fields.Char(help="What exactly was read; empty if it cannot be read.")
    name = fields.Char(compute="_compute_name", string="Records")

    @api.depends("shape")
    def _compute_name(self):
        for reading in self:
            res_model = reading.shape.partition(" ")[0]
            reading.name = self.env["ir.model"]._get(res_model).name

    @api.model
    def _plan(self, run):
        """See what a run has to read."""
        engine = self.env["customer.value.engine"]
        vals_list = []
        for model, as_of in run._scorings():
            plan = engine._plan(model, as_of, EVERYBODY)
            vals_list += [
                {
                    "run_id": run.id,
                    "model_id": model.id,
                    "as_of": as_of,
                    "shape": next(iter(sources))._shape(),
                }
                for sources in ScoringSql(plan).readings()
            ]
        return self.create(vals_list)

    def _do(self):
        """Read; without a source that turns out to be broken."""
        run, engine = self.run_id, self.env["customer.value.engine"]
        plan = engine._plan(self.model_id, self.as_of, EVERYBODY, run)
        self.write(engine._isolated(plan, lambda: self._read(plan)))
        for culprit, message in plan.errors.items():
            run._note_error(culprit, message)

    def _read(self, plan):
        statement = ScoringSql(plan)
        found = [
            sources
            for sources in statement.readings()
            if next(iter(sources))._shape() == self.shape
        ]
        if not found:
            return {"key": False}
        self._drop_tables()
        self.env.cr.execute(
            SQL(
                """
                CREATE TABLE %(table)s AS %(reading)s;
                CREATE INDEX ON %(table)s (partner_id);
                ANALYZE %(table)s
                """,
                table=SQL.identifier(self._table_name()),
                reading=statement.reading(found[0]),
            )
        )
        return {"key": statement.reading_key(found[0])}

    def _table_name(self):
        return TABLE % self.id

    def _tables(self, model, as_of):
        """``{key: table}`` of what was read for a version and a day."""
        return {
            reading.key: reading._table_name()
            for reading in self
            if reading.is_done
            and reading.key
            and (reading.model_id, reading.as_of) == (model, as_of)
        }

    def _drop_tables(self):
        for reading in self:
            self._drop(reading._table_name())

    @api.model
    def _drop(self, table):
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(table)))

    @api.model
    def _kept_tables(self):
        """``{id: table}``, whether the reading is still known or not."""
        self.env.cr.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = CURRENT_SCHEMA"
        )
        matches = (OURS.fullmatch(name) for (name,) in self.env.cr.fetchall())
        return {int(match[1]): match[0] for match in matches if match}

    @api.autovacuum
    def _gc_tables(self):
        """Of runs that were cancelled, or failed and were not taken up again."""
        wanted = self.search([("run_id.state", "in", ("pending", "running"))])
        newest = self.search([], order="id desc", limit=1).id or 0
        for reading_id, table in self._kept_tables().items():
            if reading_id <= newest and reading_id not in wanted.ids:
                self._drop(table)
