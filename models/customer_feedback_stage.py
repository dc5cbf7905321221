from odoo import api, fields, models
from odoo.exceptions import ValidationError

KINDS = [
    ("suggestion", "Suggestion"),
    ("complaint", "Complaint"),
    ("praise", "Praise"),
]

STEPS = [
    ("new", "New: nobody has listened yet"),
    ("heard", "Heard: somebody listens and answers for it"),
    ("found", "Problem found: the cause is known"),
    ("solved", "Solution: what will be done is decided"),
    ("told", "Customer told: the customer has the answer"),
    ("closed", "Closed"),
    ("adopted", "Adopted: what was suggested is done"),
    ("declined", "Declined"),
]

LISTENING = ("heard", "found", "solved", "told")
"""The steps of listening, each of them noted with the day and who took it."""

CLOSING = ("closed", "adopted", "declined")


class CustomerFeedbackStage(models.Model):
    """Where a piece of feedback stands.

    Stages are the users' own; what reaching one means is its *step*, of which the
    dates, the reports and the indicators are made.
    """

    _name = "customer.feedback.stage"
    _description = "Feedback Stage"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    fold = fields.Boolean(
        string="Folded in Kanban", help="Shown as a narrow column in the board."
    )
    step = fields.Selection(
        STEPS,
        required=True,
        default="heard",
        help="What reaching this stage means: dates and reports go by it.",
    )
    for_suggestion = fields.Boolean(string="Suggestions", default=True)
    for_complaint = fields.Boolean(string="Complaints", default=True)
    for_praise = fields.Boolean(string="Praise", default=True)
    description = fields.Text(
        translate=True, help="What is to be done before feedback comes here."
    )

    @api.constrains("step", "active", "for_suggestion", "for_complaint", "for_praise")
    def _check_kinds_begin(self):
        """Feedback of every kind has a stage to begin in."""
        stages = self.search([])
        for kind, label in self.env["customer.feedback"]._fields[
            "kind"
        ]._description_selection(self.env):
            if not stages.filtered(lambda stage, kind=kind: stage._begins(kind)):
                raise ValidationError(
                    self.env._(
                        "%s needs a stage of the step “New” to begin in. Keep one.",
                        label,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_needed(self):
        (self.search([]) - self)._check_kinds_begin_without(self)

    def _check_kinds_begin_without(self, gone):
        for kind, __ in KINDS:
            if not self.filtered(lambda stage, kind=kind: stage._begins(kind)):
                raise ValidationError(
                    self.env._(
                        "“%s” is the only stage in which some feedback begins. Make "
                        "another one of the step “New” first.",
                        ", ".join(gone.mapped("name")),
                    )
                )

    def _suits(self, kind):
        self.ensure_one()
        return bool(kind) and self[f"for_{kind}"]

    def _begins(self, kind):
        return self.step == "new" and self._suits(kind)

    @api.model
    def _first(self, kind, step="new"):
        """The first stage of a kind and step; empty if the users keep none."""
        if not kind:
            return self.browse()
        return self.search([("step", "=", step), (f"for_{kind}", "=", True)], limit=1)
