from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_date

from .counted import counted

QUADRANTS = [
    ("loyal", "Loyal"),
    ("captive", "Captive"),
    ("well_wisher", "Well-wisher"),
    ("at_risk", "At Risk"),
]


class CustomerLoyaltyState(models.Model):
    """Where a customer stands today: one row per commercial entity and company.

    Written by ``customer.loyalty.history`` alone, in SQL, and only where something
    changed. What is not known is empty, not zero.
    """

    _name = "customer.loyalty.state"
    _inherit = ["customer.value.about"]
    _description = "Loyalty of a Customer"
    _rec_name = "partner_id"
    _order = "since desc, id"
    _log_access = False

    stage_id = fields.Many2one(
        "customer.loyalty.stage",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    stage_color = fields.Char(related="stage_id.color", string="Stage Colour")
    since = fields.Date(readonly=True, help="In this stage since.")
    behavioural = fields.Float(
        string="Behavioural Loyalty",
        readonly=True,
        aggregator="avg",
        digits=(6, 0),
        help="0 to 100: keeps the own rhythm, has bought over a long time, from many "
        "categories, and holds firm while a rival is cheaper.",
    )
    attitudinal = fields.Float(
        string="Attitudinal Loyalty",
        readonly=True,
        aggregator="avg",
        digits=(6, 0),
        help="0 to 100: rates us well, and takes part when asked.",
    )
    behavioural_known = fields.Boolean(compute="_compute_known")
    attitudinal_known = fields.Boolean(compute="_compute_known")
    quadrant = fields.Selection(
        QUADRANTS,
        readonly=True,
        help="Behaviour and attitude from 50 up: loyal; behaviour alone: captive; "
        "attitude alone: well-wisher; neither: at risk. Empty while one is unknown.",
    )
    purchases = fields.Integer(
        string="Purchase Days", readonly=True, help="Days on which the customer bought."
    )
    first_date = fields.Date(string="First Purchase", readonly=True)
    last_date = fields.Date(string="Last Purchase", readonly=True)
    touch_date = fields.Date(
        string="Last Touch",
        readonly=True,
        help="Of somebody who has not bought yet.",
    )
    expected_days = fields.Float(
        readonly=True,
        aggregator="avg",
        digits=(6, 1),
        help="Days between purchases: the own mean, shrunk to that of all customers.",
    )
    due_date = fields.Date(
        string="Next Purchase Expected",
        readonly=True,
        help="The last purchase and the expected days.",
    )

    _partner_company_unique = models.Constraint(
        "UNIQUE (partner_id, company_id)", "A customer has one stage in a company."
    )

    @api.depends("behavioural", "attitudinal")
    def _compute_known(self):
        """Zero points and no evidence look alike to Odoo, not to the database."""
        rows = {}
        if self.ids:
            found = self.env.execute_query(
                SQL(
                    "SELECT id, behavioural IS NOT NULL, attitudinal IS NOT NULL "
                    "FROM customer_loyalty_state WHERE id = ANY(%s)",
                    self.ids,
                )
            )
            rows = {state_id: known for state_id, *known in found}
        for state in self:
            known = rows.get(state.id, (False, False))
            state.behavioural_known, state.attitudinal_known = known

    def action_open_history(self):
        self.ensure_one()
        return self.partner_id.action_open_loyalty_history()

    def _present(self):
        """What the timeline says of today, made for the browser; None is unknown."""
        self.ensure_one()
        stage = self.stage_id.sudo()
        quadrants = dict(self._fields["quadrant"]._description_selection(self.env))
        return {
            "stage": stage.name,
            "color": stage.color,
            "meaning": stage.description or "",
            "rhythm": self._rhythm_in_words(),
            "behavioural": self.behavioural if self.behavioural_known else None,
            "attitudinal": self.attitudinal if self.attitudinal_known else None,
            "quadrant": quadrants.get(self.quadrant, ""),
        }

    def _rhythm_in_words(self):
        if not self.purchases:
            return self.env._("Has not bought yet.")
        if not self.due_date:
            return self.env._(
                "Bought once, on %s.", format_date(self.env, self.last_date)
            )
        return self.env._(
            "Last purchase on %(last)s; %(every)s or so, the next one expected about "
            "%(due)s.",
            last=format_date(self.env, self.last_date),
            every=counted(self.env, "every", round(self.expected_days) or 1),
            due=format_date(self.env, self.due_date),
        )
