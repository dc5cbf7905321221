from math import ceil, floor

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .customer_value_score import SCORE_BANDS, TRENDS
from .entity_fields import by_entity

GROUP = "customer_value.group_user"
SCORE_FIELDS = {
    "value_score_id": "id",
    "value_score": "score",
    "value_score_band": "score_band",
    "value_tier_id": "tier_id",
    "value_segment_id": "segment_id",
    "value_trend": "trend",
    "value_trend_points": "trend_points",
    "value_realised": "realised",
    "value_potential": "potential",
    "value_reference": "reference",
    "value_coverage": "coverage",
}
"""Fields of a contact, and the field of its company's score that each one shows."""


class ResPartner(models.Model):
    """A contact shows the score of its commercial entity in the current company."""

    _inherit = "res.partner"
    _entity_fields = {
        name: ("customer.value.score", source) for name, source in SCORE_FIELDS.items()
    }

    value_score_id = fields.Many2one(
        "customer.value.score",
        string="Value Details",
        compute="_compute_value",
        search=by_entity("value_score_id"),
        groups=GROUP,
    )
    value_score = fields.Float(
        compute="_compute_value",
        search="_search_value_score",
        aggregator="avg",
        digits=(6, 0),
        groups=GROUP,
        help="0 to 100, whole points as shown: how close we are and what the "
        "relationship is worth.",
    )
    value_score_band = fields.Selection(
        SCORE_BANDS,
        compute="_compute_value",
        search=by_entity("value_score_band"),
        groups=GROUP,
    )
    value_tier_id = fields.Many2one(
        "customer.value.tier",
        string="Value Tier",
        compute="_compute_value",
        search=by_entity("value_tier_id"),
        groups=GROUP,
    )
    value_tier_color = fields.Char(
        string="Value Tier Colour",
        compute="_compute_value_tier_color",
        exportable=False,
        groups=GROUP,
    )
    value_segment_id = fields.Many2one(
        "customer.value.segment",
        string="Value Segment",
        compute="_compute_value",
        search=by_entity("value_segment_id"),
        groups=GROUP,
    )
    value_trend = fields.Selection(
        TRENDS,
        compute="_compute_value",
        search=by_entity("value_trend"),
        groups=GROUP,
        help="Against 30 days ago.",
    )
    value_trend_points = fields.Float(
        compute="_compute_value",
        search=by_entity("value_trend_points"),
        aggregator="avg",
        digits=(6, 0),
        groups=GROUP,
        help="Points gained or lost in 30 days.",
    )
    value_realised = fields.Float(
        string="Realised Value",
        compute="_compute_value",
        search=by_entity("value_realised"),
        aggregator="avg",
        groups=GROUP,
    )
    value_potential = fields.Float(
        string="Potential Value",
        compute="_compute_value",
        search=by_entity("value_potential"),
        aggregator="avg",
        groups=GROUP,
    )
    value_reference = fields.Float(
        string="Model Value",
        compute="_compute_value",
        search=by_entity("value_reference"),
        aggregator="avg",
        groups=GROUP,
        help="The worth as an example and advocate for others.",
    )
    value_coverage = fields.Float(
        compute="_compute_value",
        search=by_entity("value_coverage"),
        aggregator="avg",
        groups=GROUP,
        help="Share of the weights for which there is evidence, in percent.",
    )
    value_top_share = fields.Integer(
        string="Value Top Share (%)",
        compute="_compute_value_top_share",
        search="_search_value_top_share",
        aggregator=None,
        groups=GROUP,
        help="8: among the best 8 percent of the customers of the same value model.",
    )
    value_strip = fields.Json(
        compute="_compute_value_strip", groups=GROUP, exportable=False
    )

    # ------------------------------------------------------------------ reading

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_value(self):
        self._show_entity_fields("customer.value.score")

    # Not a related field: these can be grouped by without a look at the field's groups.
    @api.depends("value_tier_id")
    def _compute_value_tier_color(self):
        for partner in self:
            partner.value_tier_color = partner.value_tier_id.sudo().color

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_value_top_share(self):
        scores = self._entity_rows("customer.value.score")
        for partner in self:
            score = scores.get(partner.commercial_partner_id._origin.id)
            partner.value_top_share = score._top_share() if score else False

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "lang")
    def _compute_value_strip(self):
        scores = self._entity_rows("customer.value.score")
        for partner in self:
            entity = partner.commercial_partner_id._origin
            score = scores.get(entity.id)
            if not score:
                partner.value_strip = False
                continue
            strip = score._strip()
            if entity != partner._origin:
                strip["entity"] = entity.sudo().name or ""
            partner.value_strip = strip

    def _field_to_sql(self, alias, field_expr, query=None):
        """The score as it is shown: whole points."""
        column = super()._field_to_sql(alias, field_expr, query)
        return SQL("FLOOR(%s + 0.5)", column) if field_expr == "value_score" else column

    def _invalidate_value_fields(self):
        """Forget cached scores after the engine wrote them in SQL."""
        names = [*SCORE_FIELDS, "value_tier_color", "value_top_share", "value_strip"]
        self.invalidate_model(names)
        documents = self.pool.descendants(["customer.value.mixin"], "_inherit")
        for name in documents - {"customer.value.mixin"}:
            self.env[name].invalidate_model(self.env[name]._value_shown_fields)

    # ---------------------------------------------------------------- searching

    def _search_value_score(self, operator, value):
        """Whole points, as shown: who is shown with 87 is found by "at least 87"."""
        if operator in (">=", "<"):
            return self._search_by_entity("value_score", operator, ceil(value) - 0.5)
        if operator in (">", "<="):
            operator = ">=" if operator == ">" else "<"
            return self._search_by_entity("value_score", operator, floor(value) + 0.5)
        if operator != "in":
            return NotImplemented
        found = Domain.OR(
            Domain(self._search_value_score(">=", number))
            & Domain(self._search_value_score("<=", number))
            for number in value
            if number is not False
        )
        if any(number is False for number in value):
            found |= Domain("value_score_id", "=", False)
        return found

    def _search_value_top_share(self, operator, value):
        if operator not in ("<=", "<"):
            return NotImplemented
        share = value if operator == "<=" else value - 1
        score = self.env["customer.value.score"]
        found = score._search(score._top_share_domain(share))
        return [("commercial_partner_id", "in", found.subselect("partner_id"))]

    # ------------------------------------------------------------------ actions

    def action_open_value_score(self):
        """The score of the contact's company, from the smart button."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Value of %s", self.commercial_partner_id.name),
            "res_model": "customer.value.score",
            "res_id": self.value_score_id.id,
            "view_mode": "form",
        }

    def action_score_now(self):
        """Score the contact's company at once."""
        self.check_access("write")
        self._check_field_access(self._fields["value_score_id"], "read")
        self.env["customer.value.dirty"]._score_now(self)

    def value_breakdown(self):
        """The Value tab of one contact, for the browser.

        :return: ``{strip, rows, currency_id}``, or False without a score
        """
        self.ensure_one()
        self.check_access("read")
        score = self.value_score_id
        return score._breakdown() if score else False

    def value_change(self, start, end=None):
        """Why the score changed since a day, for the browser.

        :param start: day (text); the standing on that day is compared
        :param end: day (text), or None for now
        :return: see ``customer.value.change``; days are texts
        """
        score = self._value_score_to_explain()
        days = (fields.Date.to_date(day) for day in (start, end))
        told = self.env["customer.value.change"]._explain(score, *days)
        told["start"] = fields.Date.to_string(told["start"])
        told["end"] = fields.Date.to_string(told["end"])
        told["currency_id"] = score.company_id.currency_id.id
        told["customer"] = score.partner_id.display_name
        return told

    def value_change_documents(self, indicator_id, start, end=None):
        """What came into an indicator's window between two days, and what left it."""
        score = self._value_score_to_explain()
        indicator = self.env["customer.value.indicator"].browse(indicator_id)
        allowed = self.env["customer.value.change"]._allowed_indicators(
            score.model_id.id
        )
        if indicator not in allowed.values():
            raise AccessError(
                self.env._("The documents behind this indicator are confidential.")
            )
        days = (fields.Date.to_date(day) for day in (start, end))
        return self.env["customer.value.change"]._documents(score, indicator, *days)

    def value_history(self, months=24):
        """The score's course, oldest first: ``[{date, score, cause, tier, color}]``."""
        score = self._value_score_to_explain()
        return self.env["customer.value.history"]._course(score, months)

    def _value_score_to_explain(self):
        self.ensure_one()
        self.check_access("read")
        self._check_field_access(self._fields["value_score_id"], "read")
        score = self.value_score_id
        if not score:
            raise UserError(self.env._("%s has no score yet.", self.display_name))
        return score
