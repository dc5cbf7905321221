import time

from odoo import api, fields, models


class CustomerValueRunStep(models.AbstractModel):
    """A part of a run that a worker takes: locked, done, timed and committed.

    A worker that dies leaves it to the next one. A model that inherits this says what
    is done, in :meth:`_do`.
    """

    _name = "customer.value.run.step"
    _description = "Step of a Customer Value Run"

    run_id = fields.Many2one(
        "customer.value.run", required=True, ondelete="cascade", index=True
    )
    is_done = fields.Boolean()
    state = fields.Selection(
        [("waiting", "Waiting"), ("done", "Done")], compute="_compute_state"
    )
    seconds = fields.Float()

    @api.depends("is_done")
    def _compute_state(self):
        for step in self:
            step.state = "done" if step.is_done else "waiting"

    def _do(self):
        """Do the work."""
        raise NotImplementedError

    def _waiting(self):
        return self.filtered(lambda step: not step.is_done)

    def _work_on_one(self):
        """Do a step that nobody works on; False if there is none."""
        step = self._waiting().try_lock_for_update(limit=1)
        if not step or step._is_done_in_database():
            return False
        started = time.monotonic()
        step._do()
        seconds = step.seconds + time.monotonic() - started
        step.write({"is_done": True, "seconds": seconds})
        return True

    def _is_done_in_database(self):
        self.invalidate_recordset(["is_done"])
        return self.is_done
