from math import ceil, floor

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.rounding import largest_remainder, round_half_up

TRENDS = [("up", "Rising"), ("flat", "Steady"), ("down", "Falling"), ("new", "New")]
TREND_DAYS = 30
SCORE_BANDS = [(str(low), f"{low} – {low + 9 if low < 90 else 100}") for low in
               range(0, 100, 10)]  # fmt: skip


class CustomerValueScore(models.Model):
    """What a customer is worth today: one row per commercial entity and company.

    Written by the engine alone, in SQL, and only where something changed; no user may
    write it. The measures stand in vectors beside the fields (``raw``, ``basis``,
    ``points``, ``states``: the indicator's slot is the index), shown as records by
    ``customer.value.measure``.
    """

    _name = "customer.value.score"
    _inherit = ["customer.value.about"]
    _description = "Customer Value Score"
    _rec_name = "partner_id"
    _order = "score desc, id"

    model_id = fields.Many2one(
        "customer.value.model",
        required=True,
        readonly=True,
        ondelete="cascade",
        help="The version of the value model that gave the score.",
    )
    calibration = fields.Integer(
        readonly=True,
        aggregator=None,
        help="How often the model had been calibrated when it gave the score.",
    )
    score = fields.Float(
        readonly=True,
        aggregator="avg",
        help="0 to 100. By override where a manager set one.",
    )
    score_band = fields.Selection(SCORE_BANDS, readonly=True)
    computed_score = fields.Float(readonly=True, aggregator="avg")
    tier_id = fields.Many2one(
        "customer.value.tier", readonly=True, index=True, ondelete="set null"
    )
    tier_color = fields.Char(related="tier_id.color", string="Tier Colour")
    tier_sequence = fields.Integer(related="tier_id.sequence")
    computed_tier_id = fields.Many2one(
        "customer.value.tier", readonly=True, ondelete="set null"
    )
    segment_id = fields.Many2one(
        "customer.value.segment", readonly=True, index=True, ondelete="set null"
    )
    trend = fields.Selection(TRENDS, readonly=True)
    trend_points = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Points gained or lost in 30 days.",
    )
    realised = fields.Float(readonly=True, aggregator="avg")
    potential = fields.Float(readonly=True, aggregator="avg")
    reference = fields.Float(string="Model Value", readonly=True, aggregator="avg")
    coverage = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Share of the weights for which there is evidence, in percent.",
    )
    evidence_count = fields.Integer(readonly=True, aggregator=None)
    indicator_count = fields.Integer(readonly=True, aggregator=None)
    is_flagged = fields.Boolean(
        readonly=True,
        help="A source could not be read: the last good points stand in.",
    )
    is_overridden = fields.Boolean(readonly=True)
    percentile = fields.Float(
        compute="_compute_percentile",
        help="Share of the model's population with a lower score, in percent.",
    )
    measure_ids = fields.One2many(
        "customer.value.measure", "score_id", string="Measures"
    )

    breakdown = fields.Json(compute="_compute_breakdown", exportable=False)
    strip = fields.Json(compute="_compute_breakdown", exportable=False)

    _partner_company_unique = models.Constraint(
        "UNIQUE (partner_id, company_id)", "A customer has one score in a company."
    )
    _model_score_idx = models.Index("(model_id, score)")

    def init(self):
        """The vectors are no Odoo fields: arrays, written by the engine in SQL."""
        self.env.cr.execute("""
            ALTER TABLE customer_value_score
                ADD COLUMN IF NOT EXISTS raw double precision[],
                ADD COLUMN IF NOT EXISTS basis double precision[],
                ADD COLUMN IF NOT EXISTS points double precision[],
                ADD COLUMN IF NOT EXISTS states smallint[]
        """)

    @api.depends("score", "model_id.histogram")
    def _compute_percentile(self):
        for score in self:
            score.percentile = score.model_id.sudo()._percentile(score.score) or 0

    @api.depends_context("lang", "uid")
    def _compute_breakdown(self):
        for score in self:
            score.breakdown = score._breakdown()
            score.strip = score.breakdown["strip"]

    def action_explain(self):
        """Open why the score moved."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "customer_value_why",
            "params": {
                "scoreId": self.id,
                "partnerId": self.partner_id.id,
                "companyId": self.company_id.id,
                "color": self.sudo().tier_id.color or "",
            },
        }

    def action_open_history(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("History of %s", self.partner_id.display_name),
            "res_model": "customer.value.history",
            "view_mode": "graph,list,pivot",
            "context": {"fill_temporal": 0},
            "domain": [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
            ],
        }

    # ------------------------------------------------------------------ business

    def _breakdown(self):
        """The whole of a score, for the browser: its strip and one row per measure."""
        self.ensure_one()
        return {
            "strip": self._strip(),
            "rows": self.env["customer.value.measure"]._breakdown_rows(self),
            "currency_id": self.company_id.currency_id.id,
        }

    def _strip(self):
        """What the header strip shows; the shown integers add up to the shown score.

        :return: a dict of plain values, made for the browser
        """
        self.ensure_one()
        parts = [self.realised, self.potential, self.reference]
        shown = largest_remainder(parts, round_half_up(self.computed_score))
        score = self.sudo()
        return {
            "score_id": self.id,
            "partner_id": self.partner_id._origin.id,
            "company_id": self.company_id._origin.id,
            "score": round_half_up(self.score),
            "computed_score": round_half_up(self.computed_score),
            "is_overridden": self.is_overridden,
            "is_flagged": self.is_flagged,
            "tier_id": score.tier_id._origin.id,
            "tier": score.tier_id.name or "",
            "tier_color": score.tier_id.color or "#6c757d",
            "tier_meaning": score.tier_id.description or "",
            "computed_tier": score.computed_tier_id.name or "",
            "segment": score.segment_id.name or "",
            "advice": score.segment_id.advice or "",
            "trend": self.trend,
            "trend_points": round_half_up(abs(self.trend_points)),
            "trend_days": TREND_DAYS,
            "top_share": self._top_share(),
            "next_tier": score._tier_above(),
            "lower_tier": score._tier_below(),
            "realised": shown[0],
            "potential": shown[1],
            "reference": shown[2],
            "evidence_count": self.evidence_count,
            "indicator_count": self.indicator_count,
            "model": score.model_id.name,
            "as_of": fields.Date.to_string(score.model_id.scored_as_of),
        }

    def _top_share(self):
        """8: among the best 8 percent of the model's customers; None if not known."""
        self.ensure_one()
        percentile = self.model_id.sudo()._percentile(self.score)
        return None if percentile is None else max(1, round(100 - percentile))

    @api.model
    def _top_share_domain(self, share):
        """Scores of the current company whose top share is ``share`` or better."""
        models = (
            self.env["customer.value.model"]
            .sudo()
            .search(
                [("state", "=", "active"), ("company_id", "=", self.env.company.id)]
            )
        )
        found = Domain.FALSE
        for model in models.filtered("histogram"):
            cut = next(
                (s for s in range(101) if round(100 - model._percentile(s)) <= share),
                101,
            )
            found |= Domain("model_id", "=", model.id) & Domain(
                "score", ">=", cut - 0.5
            )
        return found

    def _tier_above(self):
        """``{name, points}``: the tier above and what it takes, if by score."""
        self.ensure_one()
        above = self._neighbour_tier(-1)
        margin = above._score_margin(self.score) if above else None
        if margin is None or margin >= 0:
            return None
        return {"name": above.name, "points": ceil(round(-margin, 6))}

    def _tier_below(self):
        """``{name, points}``: the tier below and what may be lost till then."""
        self.ensure_one()
        below = self._neighbour_tier(1)
        margin = self.tier_id._score_margin(self.score) if below else None
        if margin is None or margin + self.tier_id.hysteresis < 0:
            return None
        points = floor(round(margin + self.tier_id.hysteresis, 6))
        lands = below._score_margin(self.score - points - 1) if below.rule_ids else 0
        if lands is None or lands < 0:
            return None
        return {"name": below.name, "points": points}

    def _neighbour_tier(self, step):
        """The tier one above (-1) or below (1) the customer's; none under override."""
        tiers = self.model_id.tier_ids
        if self.is_overridden or self.tier_id not in tiers:
            return tiers.browse()
        at = tiers.ids.index(self.tier_id.id) + step
        return tiers[at] if 0 <= at < len(tiers) else tiers.browse()

    @api.model
    def _sql_score_of(self, partner_alias, company):
        """Join condition: the score of a contact's commercial entity in a company."""
        return SQL(
            "%s.partner_id = %s AND %s.company_id = %s",
            SQL.identifier("customer_value_score"),
            SQL.identifier(partner_alias, "commercial_partner_id"),
            SQL.identifier("customer_value_score"),
            company.id,
        )
