from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.window import local_today

FIRST_GUESS = 14
"""Days that a promotion is taken to last while nobody knows better."""

WINDOW_FIELDS = {
    "date_from",
    "date_to",
    "categ_ids",
    "country_ids",
    "state_ids",
    "company_id",
    "active",
}
"""What decides who was due in the window."""


class CustomerCompetitorPromotion(models.Model):
    """A rival cuts prices for a while: whom did it take from us, whom could it not?

    Anybody in the field notes it in a small form, from a lost opportunity or at the
    till. Of the customers whose own rhythm made them due in the window, a scheduled
    action finds who held firm, who came later, who did not come
    (``customer.held.firm``), every day until the last one's time is over.
    """

    _name = "customer.competitor.promotion"
    _description = "Rival's Promotion"
    _inherit = ["mail.thread", "customer.captured"]
    _order = "date_from desc, id desc"

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    competitor_id = fields.Many2one(
        "customer.competitor",
        string="Rival",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: local_today(self.env.company.value_tz),
        tracking=True,
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=lambda self: local_today(self.env.company.value_tz)
        + timedelta(days=FIRST_GUESS),
        tracking=True,
        help="The last day, included. A guess will do until somebody knows.",
    )
    categ_ids = fields.Many2many(
        "product.category",
        string="Product Categories",
        help="Only customers who have bought from these, or from what is below them, "
        "are judged. Empty: everything is cheaper.",
    )
    country_ids = fields.Many2many(
        "res.country", string="Countries", help="Empty: everywhere."
    )
    state_ids = fields.Many2many(
        "res.country.state",
        string="States or Regions",
        help="Narrows their countries; other countries above count as a whole.",
    )
    depth = fields.Float(
        string="Cheaper by (%)", help="As far as known.", digits=(5, 1), aggregator=None
    )
    note = fields.Text(help="What was seen or heard, and where.")
    is_rumour = fields.Boolean(
        string="To Be Confirmed",
        tracking=True,
        help="Noted at the till or with a lost opportunity; nobody has looked into "
        "it yet.",
    )
    is_settled = fields.Boolean(
        readonly=True,
        copy=False,
        help="The last customer's time is over: nothing changes any more.",
    )
    evaluated_on = fields.Date(readonly=True, copy=False)
    phase = fields.Selection(
        [
            ("coming", "To come"),
            ("running", "Running"),
            ("waiting", "Over, some may still come"),
            ("settled", "Settled"),
        ],
        compute="_compute_phase",
    )
    held_ids = fields.One2many("customer.held.firm", "promotion_id")
    due_count = fields.Integer(string="Were Due", compute="_compute_counts")
    held_count = fields.Integer(string="Held Firm", compute="_compute_counts")
    delayed_count = fields.Integer(string="Delayed", compute="_compute_counts")
    lapsed_count = fields.Integer(string="Lapsed", compute="_compute_counts")
    pending_count = fields.Integer(string="Still Open", compute="_compute_counts")
    held_share = fields.Float(
        string="Held Firm (%)",
        compute="_compute_counts",
        digits=(5, 0),
        help="Of those who were due and whose time is over.",
    )
    lost_lead_ids = fields.One2many(
        "crm.lead", "value_promotion_id", string="Lost Opportunities"
    )
    lost_lead_count = fields.Integer(compute="_compute_told_counts")
    till_count = fields.Integer(
        string="Notes at the Till", compute="_compute_told_counts"
    )

    _period = models.Constraint(
        "CHECK (date_from <= date_to)",
        "A promotion ends on the day it begins, or later: correct the dates.",
    )
    _depth_range = models.Constraint(
        "CHECK (depth BETWEEN 0 AND 100)", "Enter 0 to 100 percent."
    )

    # ------------------------------------------------------------------ computes

    @api.depends("date_from", "date_to", "is_settled", "company_id")
    def _compute_phase(self):
        for promotion in self:
            today = local_today(promotion.company_id.value_tz or "UTC")
            if promotion.is_settled:
                promotion.phase = "settled"
            elif promotion.date_from and promotion.date_from > today:
                promotion.phase = "coming"
            elif promotion.date_to and promotion.date_to >= today:
                promotion.phase = "running"
            else:
                promotion.phase = "waiting"

    @api.depends("held_ids.outcome")
    def _compute_counts(self):
        found = {}
        for promotion, outcome, count in self.env["customer.held.firm"]._read_group(
            [("promotion_id", "in", self.ids)], ["promotion_id", "outcome"], ["__count"]
        ):
            found[promotion, outcome] = count
        for promotion in self:
            held, delayed, lapsed, pending = (
                found.get((promotion._origin, outcome), 0)
                for outcome in ("held", "delayed", "lapsed", "pending")
            )
            judged = held + delayed + lapsed
            promotion.held_count = held
            promotion.delayed_count = delayed
            promotion.lapsed_count = lapsed
            promotion.pending_count = pending
            promotion.due_count = judged + pending
            promotion.held_share = 100 * held / judged if judged else 0

    def _compute_told_counts(self):
        groups = (["value_promotion_id"], ["__count"])
        here = [("value_promotion_id", "in", self.ids)]
        leads = self.env["crm.lead"].with_context(active_test=False)
        lost = dict(leads._read_group(here, *groups))
        tills = dict(self.env["pos.order"].sudo()._read_group(here, *groups))
        for promotion in self:
            promotion.lost_lead_count = lost.get(promotion._origin, 0)
            promotion.till_count = tills.get(promotion._origin, 0)

    # --------------------------------------------------------------- constraints

    @api.constrains("date_from", "date_to")
    def _check_length(self):
        for promotion in self:
            if (promotion.date_to - promotion.date_from).days > 366:
                raise ValidationError(
                    self.env._(
                        "“%s” lasts longer than a year. That is a price, not a "
                        "promotion: correct the dates.",
                        promotion.name,
                    )
                )

    # ---------------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        promotions = super().create(vals_list)
        promotions._evaluate_soon()
        return promotions

    def write(self, vals):
        result = super().write(vals)
        if not WINDOW_FIELDS.isdisjoint(vals):
            self._evaluate_soon()
        return result

    def _evaluate_soon(self):
        """The cron is called; whoever notes a promotion does not wait."""
        self.filtered("is_settled").is_settled = False
        cron = self.env.ref(
            "customer_value.ir_cron_held_firm", raise_if_not_found=False
        )
        if cron:
            cron.sudo()._trigger()

    @api.model
    def _heard_of(self, competitor, company, note=None, place=""):
        """The promotion of a rival that runs now; a rumour of one if none is known."""
        today = local_today(company.value_tz)
        running = self.sudo().search(
            [
                ("competitor_id", "=", competitor.id),
                ("company_id", "=", company.id),
                ("date_from", "<=", today),
                ("date_to", ">=", today),
            ],
            limit=1,
        )
        return running or self.sudo().create(
            {
                "name": self.env._(
                    "%(rival)s is cheaper (%(place)s)",
                    rival=competitor.sudo().name,
                    place=place,
                ),
                "competitor_id": competitor.id,
                "company_id": company.id,
                "date_from": today,
                "date_to": today + timedelta(days=FIRST_GUESS),
                "note": note,
                "is_rumour": True,
            }
        )

    # ------------------------------------------------------------------ actions

    def action_confirm(self):
        """Somebody has looked into it."""
        self.is_rumour = False

    def action_evaluate(self):
        """Judge at once what the documents say now."""
        for promotion in self:
            self.env["customer.held.firm"].sudo()._evaluate(promotion)

    def action_open_due(self):
        return self._open_outcomes(self.env._("Were Due"), [])

    def action_open_held(self):
        return self._open_outcomes(
            self.env._("Could Not Be Taken"), [("outcome", "=", "held")]
        )

    def action_open_taken(self):
        return self._open_outcomes(
            self.env._("Taken From Us"), [("outcome", "in", ("delayed", "lapsed"))]
        )

    def _open_outcomes(self, title, domain):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_value.customer_held_firm_action"
        )
        return {
            **action,
            "name": f"{self.name}: {title}",
            "domain": [("promotion_id", "=", self.id), *domain],
            "context": {},
        }

    def action_open_leads(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Lost to %s", self.name),
            "res_model": "crm.lead",
            "view_mode": "list,form",
            "domain": [("value_promotion_id", "=", self.id)],
            "context": {"active_test": False, "create": False},
        }
