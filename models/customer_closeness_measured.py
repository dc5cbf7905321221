from odoo import fields, models

LEVELS = [
    ("very_good", "Very good"),
    ("good", "Good"),
    ("fair", "Fair"),
    ("none", "None"),
]
TIES = [
    ("strong", "Strong"),
    ("weak", "Weak"),
    ("sleeping", "Sleeping"),
]


class CustomerClosenessMeasured(models.AbstractModel):
    """What is measured of the contacts of a customer: with us all, or with one of us.

    Kept by ``customer.closeness``, which see.
    """

    _name = "customer.closeness.measured"
    _inherit = ["customer.value.about"]
    _description = "Measured Closeness"
    _rec_name = "partner_id"
    _order = "score desc, id"
    _log_access = False

    score = fields.Integer(
        string="Closeness",
        readonly=True,
        aggregator="avg",
        help="0 to 100: how lately, how often, in both directions or one, and how "
        "deeply we were in touch.",
    )
    level = fields.Selection(LEVELS, readonly=True, string="Closeness in Words")
    tie = fields.Selection(
        TIES,
        readonly=True,
        help="Strong: good or very good, and in both directions. Sleeping: faded away. "
        "Weak: all others.",
    )
    days = fields.Integer(
        string="Days in Touch", readonly=True, help="In the last 365 days."
    )
    days_in = fields.Integer(
        string="They Came to Us", readonly=True, help="Days of the last 365."
    )
    days_out = fields.Integer(
        string="We Came to Them", readonly=True, help="Days of the last 365."
    )
    depth = fields.Integer(
        readonly=True,
        aggregator="max",
        help="The deepest contact of the last 365 days: 1 mail, 2 message, 3 call, "
        "4 meeting or visit.",
    )
    last_date = fields.Datetime(string="Last Contact", readonly=True)
