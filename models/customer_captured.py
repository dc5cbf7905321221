from odoo import fields, models

CAPTURES = [
    ("document", "Born from a document"),
    ("typed", "Typed"),
]


class CustomerCaptured(models.AbstractModel):
    """Evidence that somebody may have had to type, and what that cost.

    Capture is meant to be a by-product of work. Whatever inherits this says of each
    record how it came about, and ``customer.capture.report`` finds it there by itself:
    the model's date is its ``date`` (or else ``create_date``), its person ``user_id``.
    """

    _name = "customer.captured"
    _description = "Captured Evidence"

    capture = fields.Selection(
        CAPTURES,
        required=True,
        default="typed",
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
