from odoo import api, fields, models

CAPTURES = [
    ("document", "Born from a document"),
    ("typed", "Typed"),
]


class CustomerCaptured(models.AbstractModel):
    """Evidence that somebody may have had to type, and what that cost.

    Capture is meant to be a by-product of work. Whatever inherits this says of each
    record how it came about, and ``customer.capture.report`` finds it there by itself.
    """

    _name = "customer.captured"
    _description = "Captured Evidence"

    _born_channels = frozenset()
    """Values of ``channel`` that mean: nobody of us entered it."""

    _captured_on = "date"
    """The field that says when; else ``create_date``."""

    _captured_by = "user_id"
    """The field of our person; else ``create_uid``."""

    capture = fields.Selection(
        CAPTURES,
        required=True,
        compute="_compute_capture",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="Born from a document: it came about while something else was done. "
        "Typed: somebody entered it for its own sake.",
    )
    clicks = fields.Integer(
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Clicks and taps it took to enter, as counted by the screen; 0 where "
        "nobody counted.",
    )

    _clicks_positive = models.Constraint(
        "CHECK (clicks >= 0)", "Clicks are counted from 0."
    )

    @api.depends(lambda self: ["channel"] if self._born_channels else [])
    def _compute_capture(self):
        for record in self:
            born = self._born_channels and record.channel in self._born_channels
            record.capture = "document" if born else record.capture or "typed"
