from odoo import api, fields, models
from odoo.tools import SQL

STATES = [
    ("room", "Room for more"),
    ("full", "Nearly full"),
    ("over", "Too many"),
]
NEARLY = 0.9
"""Of the capacity."""


class CustomerClosenessLoad(models.Model):
    """How many ties one of us holds, against how many one person can.

    A tie is held while it is strong or weak: it takes tending. Sleeping ones take
    nothing, and can be woken. It tells when customers need another person, not how well
    somebody works.
    """

    _name = "customer.closeness.load"
    _description = "Ties Held by a Person"
    _auto = False
    _rec_name = "user_id"
    _order = "held desc, id"

    user_id = fields.Many2one("res.users", string="Our Person", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    strong = fields.Integer(string="Strong Ties", readonly=True)
    weak = fields.Integer(string="Weak Ties", readonly=True)
    sleeping = fields.Integer(string="Sleeping Ties", readonly=True)
    held = fields.Integer(
        string="Ties Held",
        readonly=True,
        help="Strong and weak: what has to be tended.",
    )
    capacity = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Ties one person can hold, as set in the company's settings.",
    )
    state = fields.Selection(STATES, string="Load", readonly=True)
    words = fields.Char(string="In Words", compute="_compute_words")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT counted.*,
                   CASE WHEN held > capacity THEN 'over'
                        WHEN held >= %s * capacity THEN 'full'
                        ELSE 'room' END AS state
              FROM (
                    SELECT MIN(tie.id) AS id, tie.user_id, tie.company_id,
                           COUNT(*) FILTER (WHERE tie.tie = 'strong') AS strong,
                           COUNT(*) FILTER (WHERE tie.tie = 'weak') AS weak,
                           COUNT(*) FILTER (WHERE tie.tie = 'sleeping') AS sleeping,
                           COUNT(*) FILTER (WHERE tie.tie <> 'sleeping') AS held,
                           company.value_tie_capacity AS capacity
                      FROM customer_closeness_tie tie
                      JOIN res_company company ON company.id = tie.company_id
                  GROUP BY tie.user_id, tie.company_id, company.value_tie_capacity
                   ) counted
            """,
            NEARLY,
        )

    @api.depends("held", "capacity")
    def _compute_words(self):
        for load in self:
            room = load.capacity - load.held
            if room < 0:
                load.words = self.env._("%s too many: hand some over", -room)
            else:
                load.words = self.env._("Room for %s more", room)

    def action_open_ties(self):
        """The ties behind the numbers."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ties of %s", self.user_id.name),
            "res_model": "customer.closeness.tie",
            "view_mode": "list",
            "domain": [
                ("user_id", "=", self.user_id.id),
                ("company_id", "=", self.company_id.id),
            ],
            "context": {"search_default_held": 1},
        }
