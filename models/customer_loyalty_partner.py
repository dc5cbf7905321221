from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.window import local_today
from .customer_loyalty_state import QUADRANTS
from .res_partner import GROUP

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
    """A contact shows the loyalty of its commercial entity in the current company.

    As with scores, no column is added: the fields are read from their own table.
    """

    _inherit = "res.partner"

    loyalty_state_id = fields.Many2one(
        "customer.loyalty.state",
        string="Loyalty Details",
        compute="_compute_loyalty",
        search="_search_loyalty_state_id",
        groups=GROUP,
    )
    loyalty_stage_id = fields.Many2one(
        "customer.loyalty.stage",
        compute="_compute_loyalty",
        search="_search_loyalty_stage_id",
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
        search="_search_loyalty_since",
        groups=GROUP,
    )
    loyalty_behavioural = fields.Float(
        string="Behavioural Loyalty",
        compute="_compute_loyalty",
        search="_search_loyalty_behavioural",
        aggregator="avg",
        digits=(6, 0),
        groups=GROUP,
        help="0 to 100: keeps the own rhythm, has bought over a long time, and from "
        "many categories.",
    )
    loyalty_attitudinal = fields.Float(
        string="Attitudinal Loyalty",
        compute="_compute_loyalty",
        search="_search_loyalty_attitudinal",
        aggregator="avg",
        digits=(6, 0),
        groups=GROUP,
        help="0 to 100: rates us well, and takes part when asked.",
    )
    loyalty_quadrant = fields.Selection(
        QUADRANTS,
        compute="_compute_loyalty",
        search="_search_loyalty_quadrant",
        groups=GROUP,
        help="Behaviour and attitude together; empty while one is unknown.",
    )

    # ------------------------------------------------------------------ reading

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_loyalty(self):
        states = self._loyalty_states()
        for partner in self:
            state = states.get(partner.commercial_partner_id._origin.id)
            for name, source in STATE_FIELDS.items():
                partner[name] = state[source] if state else False

    @api.depends("loyalty_stage_id")
    def _compute_loyalty_stage_color(self):
        for partner in self:
            partner.loyalty_stage_color = partner.loyalty_stage_id.sudo().color

    def _loyalty_states(self):
        """``{entity id: state}`` in the current company, those the user may read."""
        states = self.env["customer.loyalty.state"].search(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "=", self.env.company.id),
            ]
        )
        return {state.partner_id.id: state for state in states}

    def _field_to_sql(self, alias, field_expr, query=None):
        """Join the loyalty of the contact's entity instead of reading a column.

        Its rules are part of the join, as those of scores are.
        """
        source = STATE_FIELDS.get(field_expr)
        if source is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        state = self.env["customer.loyalty.state"]
        state_alias = query.make_alias(alias, "loyalty_state")
        query.add_join(
            "LEFT JOIN",
            state_alias,
            state._table,
            SQL(
                "%s = %s AND %s = %s AND %s",
                SQL.identifier(state_alias, "partner_id"),
                SQL.identifier(alias, "commercial_partner_id"),
                SQL.identifier(state_alias, "company_id"),
                self.env.company.id,
                self._value_readable_sql(alias, state_alias, state._name),
            ),
        )
        return state._field_to_sql(state_alias, source, query)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Contacts without a stage come last, however the list is sorted."""
        if field_name in STATE_FIELDS and not nulls.code:
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    def _invalidate_loyalty_fields(self):
        """Forget what is cached after it was written in SQL."""
        self.invalidate_model([*STATE_FIELDS, "loyalty_stage_color"])

    # ---------------------------------------------------------------- searching

    def _search_by_loyalty(self, name, operator, value):
        """Contacts whose entity's state matches; those without count as empty."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented  # the ORM asks for the opposite and negates it
        state = self.env["customer.loyalty.state"]
        here = [("company_id", "=", self.env.company.id)]
        field = STATE_FIELDS[name]
        if operator == "in" and any(item is False for item in value):
            others = [item for item in value if item is not False]
            known = state._search(
                [*here, (field, "not in", others), (field, "!=", False)]
            )
            return [("commercial_partner_id", "not in", known.subselect("partner_id"))]
        found = state._search([*here, (field, operator, value)])
        return [("commercial_partner_id", "in", found.subselect("partner_id"))]

    def _search_loyalty_state_id(self, operator, value):
        return self._search_by_loyalty("loyalty_state_id", operator, value)

    def _search_loyalty_stage_id(self, operator, value):
        return self._search_by_loyalty("loyalty_stage_id", operator, value)

    def _search_loyalty_since(self, operator, value):
        return self._search_by_loyalty("loyalty_since", operator, value)

    def _search_loyalty_behavioural(self, operator, value):
        return self._search_by_loyalty("loyalty_behavioural", operator, value)

    def _search_loyalty_attitudinal(self, operator, value):
        return self._search_by_loyalty("loyalty_attitudinal", operator, value)

    def _search_loyalty_quadrant(self, operator, value):
        return self._search_by_loyalty("loyalty_quadrant", operator, value)

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
