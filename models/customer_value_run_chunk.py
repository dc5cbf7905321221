from odoo import fields, models

from .customer_value_history import STEPS
from .customer_value_run import LAST_ID
from .scoring_plan import EVERYBODY, Scope


class CustomerValueRunChunk(models.Model):
    """A range of customers in a run: the unit a worker takes."""

    _name = "customer.value.run.chunk"
    _description = "Customer Value Run Chunk"
    _inherit = ["customer.value.run.step"]
    _order = "run_id, first_id"

    first_id = fields.Integer(required=True)
    last_id = fields.Integer(required=True)
    customer_count = fields.Integer()
    changed_count = fields.Integer()

    def _scope(self):
        if (self.first_id, self.last_id) == (0, LAST_ID):
            return EVERYBODY
        return Scope(first=self.first_id, last=self.last_id)

    def _do(self):
        """Score the range, with a baseline for the trend where history is missing."""
        changed, errors = self._score()
        for culprit, message in errors.items():
            self.run_id._note_error(culprit, message)
        self.changed_count += changed

    def _score(self):
        """The past first, then what the version before said, then the present."""
        run, scope = self.run_id, self._scope()
        model = run.model_id
        engine = self.env["customer.value.engine"]
        if run.cause == "replay":
            return engine._write_past(model, run.as_of, scope, run), {}
        if day := run._baseline_day():
            engine._write_past(model, day, scope, run)
        if run.closes_on:
            engine._write_closing(model, run.closes_on, scope, run)
        if run.cause == "configuration":
            engine._score_held(model._version_before(), run.as_of, scope, run)
        cause = "time" if run.cause in STEPS else run.cause
        return engine._score(model, run.as_of, scope, cause, run)
