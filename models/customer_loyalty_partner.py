from odoo import api, fields, models

from ..tools.window import local_today
from .customer_loyalty_state import QUADRANTS
from .entity_fields import by_entity
from .res_partner import GROUP
from .res_partner import ResPartner as ContactWithScore

STATE_FIELDS = {
    "loyalty_state_id": "id",
    "loyalty_stage_id": "stage_id",
    "loyalty_since": "since",
    "loyalty_behavioural": "behavioural",
    "loyalty_attitudinal": "attitudinal",
    "loyalty_quadrant": "quadrant",
}
"""Fields of a contact, and the field of its company's loyalty that each one shows."""


class ResPartner(models.Model):
    """A contact shows the loyalty of its commercial entity in the current company."""

    _inherit = "res.partner"
    _entity_fields = {
        **ContactWithScore._entity_fields,
        **{
            name: ("customer.loyalty.state", source)
            for name, source in STATE_FIELDS.items()
        },
    }

    loyalty_state_id = fields.Many2one(
        "customer.loyalty.state",
        string="Loyalty Details",
        compute="_compute_loyalty",
        search=by_entity("loyalty_state_id"),
        groups=GROUP,
    )
    loyalty_stage_id = fields.Many2one(
        "customer.loyalty.stage",
        compute="_compute_loyalty",
        search=by_entity("loyalty_stage_id"),
        groups=GROUP,
    )
    loyalty_stage_color = fields.Char(
        string="Loyalty Stage Colour",
        compute="_compute_loyalty_stage_color",
        exportable=False,
        groups=GROUP,
    )
    loyalty_since = fields.Date(
        string="In the Stage Since",
        compute="_compute_loyalty",
        search=by_entity("loyalty_since"),
        groups=GROUP,
    )
    loyalty_behavioural = fields.Float(
        string="Behavioural Loyalty",
        compute="_compute_loyalty",
        search=by_entity("loyalty_behavioural"),
        aggregator="avg",
        digits=(6, 0),
        groups=GROUP,
        help="0 to 100: keeps the own rhythm, has bought over a long time, from many "
        "categories, and holds firm while a rival is cheaper.",
    )
    loyalty_attitudinal = fields.Float(
        string="Attitudinal Loyalty",
        compute="_compute_loyalty",
        search=by_entity("loyalty_attitudinal"),
        aggregator="avg",
        digits=(6, 0),
        groups=GROUP,
        help="0 to 100: rates us well, and takes part when asked.",
    )
    loyalty_quadrant = fields.Selection(
        QUADRANTS,
        compute="_compute_loyalty",
        search=by_entity("loyalty_quadrant"),
        groups=GROUP,
        help="Behaviour and attitude together; empty while one is unknown.",
    )

    # ------------------------------------------------------------------ reading

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_loyalty(self):
        self._show_entity_fields("customer.loyalty.state")

    @api.depends("loyalty_stage_id")
    def _compute_loyalty_stage_color(self):
        for partner in self:
            partner.loyalty_stage_color = partner.loyalty_stage_id.sudo().color

    def _invalidate_loyalty_fields(self):
        """Forget what is cached after it was written in SQL."""
        self.invalidate_model([*STATE_FIELDS, "loyalty_stage_color"])

    # ------------------------------------------------------------------ actions

    def action_open_loyalty_history(self):
        """The steps of the contact's company from stage to stage."""
        self.ensure_one()
        entity = self.commercial_partner_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Loyalty of %s", entity.display_name),
            "res_model": "customer.loyalty.history",
            "view_mode": "list",
            "domain": [
                ("partner_id", "=", entity.id),
                ("company_id", "=", self.env.company.id),
            ],
        }

    def loyalty_course(self, months=24):
        """The stages and the score of the past, for the timeline in the browser.

        :return: False without a stage, else ``{start, end, spans, scores, present}``
            with days as texts
        """
        self.ensure_one()
        self.check_access("read")
        state = self.loyalty_state_id
        if not state:
            return False
        today = local_today(state.company_id.value_tz)
        start = fields.Date.subtract(today, months=months)
        score = self.value_score_id
        course = (
            self.env["customer.value.history"]._course(score, months) if score else []
        )
        return {
            "start": fields.Date.to_string(start),
            "end": fields.Date.to_string(today),
            "spans": self.env["customer.loyalty.history"]._spans(state, start, today),
            "scores": [
                {"date": point["date"], "score": point["score"]} for point in course
            ],
            "present": state._present(),
        }
