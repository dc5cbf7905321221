from odoo import fields, models

from .customer_closeness import LEVELS, TIES


class CustomerClosenessTie(models.Model):
    """How close one of us is to a customer: who knows them.

    Kept by ``customer.closeness``, which see.
    """

    _name = "customer.closeness.tie"
    _description = "Tie Between a User and a Customer"
    _rec_name = "partner_id"
    _order = "score desc, id"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Our Person",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    score = fields.Integer(
        string="Closeness",
        readonly=True,
        aggregator="avg",
        help="0 to 100: how lately, how often, in both directions or one, and how "
        "deeply this person was in touch.",
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

    _partner_user_company_unique = models.Constraint(
        "UNIQUE (partner_id, user_id, company_id)",
        "A user and a customer have one tie in a company.",
    )
