from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .customer_value_dimension import COMPONENTS
from .customer_value_indicator import EVIDENCE_STATES

SLOTS = 1024
"""More indicators than a scheme will ever have, over all its versions."""


class CustomerValueMeasure(models.Model):
    """One indicator of one customer: raw value, points, share, contribution.

    A view that unfolds the vectors of ``customer.value.score``. ``share`` is the
    weight among the evidenced weights, so the contributions add up to the score.
    Confidential measures are hidden from everybody but managers by a record rule.
    """

    _name = "customer.value.measure"
    _description = "Customer Value Measure"
    _auto = False
    _order = "score_id, indicator_id"

    score_id = fields.Many2one("customer.value.score", readonly=True)
    partner_id = fields.Many2one("res.partner", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    indicator_id = fields.Many2one("customer.value.indicator", readonly=True)
    dimension_id = fields.Many2one("customer.value.dimension", readonly=True)
    component = fields.Selection(COMPONENTS, readonly=True)
    confidential = fields.Boolean(readonly=True)
    state = fields.Selection(
        [
            ("measured", "Measured"),
            ("none", "No evidence"),
            ("carried", "Carried"),
            ("unavailable", "Unavailable"),
        ],
        readonly=True,
    )
    raw = fields.Float(string="Measured Value", readonly=True, aggregator="avg")
    has_raw = fields.Boolean(
        string="Has a Value",
        readonly=True,
        help="Measured, but without a value: for example no last purchase at all.",
    )
    basis = fields.Float(string="Occasions", readonly=True, aggregator="sum")
    points = fields.Float(readonly=True, aggregator="avg")
    share = fields.Float(
        readonly=True, aggregator="avg", help="Share of the score, in percent."
    )
    contribution = fields.Float(
        readonly=True, aggregator="avg", help="Points added to the score."
    )

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Find rows by number through the score they unfold, not by a scan."""

        def narrowed(condition):
            if condition.field_expr != "id" or condition.operator != "in":
                return condition
            scores = {number // SLOTS for number in condition.value if number}
            return condition & Domain("score_id", "in", scores)

        domain = Domain(domain).map_conditions(narrowed)
        return super()._search(domain, *args, **kwargs)

    @property
    def _table_query(self):
        """Ids are the score's id and slot: unique, and stable while it lives."""
        return SQL(
            """
            SELECT score.id::bigint * %(slots)s + indicator.slot AS id,
                   score.id AS score_id, score.partner_id, score.company_id,
                   indicator.id AS indicator_id, indicator.dimension_id,
                   dimension.component, indicator.confidential,
                   CASE score.states[indicator.slot] %(states)s END AS state,
                   score.raw[indicator.slot] AS raw,
                   score.raw[indicator.slot] IS NOT NULL AS has_raw,
                   score.basis[indicator.slot] AS basis,
                   score.points[indicator.slot] AS points,
                   CASE WHEN score.states[indicator.slot] IN (1, 2)
                        THEN 100 * indicator.weight / NULLIF(total.weight, 0)
                   END AS share,
                   CASE WHEN score.states[indicator.slot] IN (1, 2)
                        THEN indicator.weight * score.points[indicator.slot]
                             / NULLIF(total.weight, 0)
                   END AS contribution
              FROM customer_value_score score
              JOIN customer_value_indicator indicator
                ON indicator.model_id = score.model_id
              JOIN customer_value_dimension dimension
                ON dimension.id = indicator.dimension_id
        CROSS JOIN LATERAL (
                    SELECT SUM(other.weight) AS weight
                      FROM customer_value_indicator other
                     WHERE other.model_id = score.model_id
                       AND score.states[other.slot] IN (1, 2)) total
            """,
            slots=SLOTS,
            states=SQL(" ").join(
                SQL("WHEN %s THEN %s", key, name)
                for key, name in EVIDENCE_STATES.items()
            ),
        )

    @api.model
    def _breakdown_rows(self, score):
        """The Value tab: one dict per indicator, in the order of the model.

        What the user may not see one by one is one line at the end, so that the
        contributions still add up to the score.

        :param score: a ``customer.value.score`` record the user may read
        """
        names = list(self._fields)
        measures = self.search_fetch([("score_id", "=", score.id)], names)
        rows = [measure._row() for measure in measures]
        rows.sort(key=lambda row: row["order"])
        return rows + self._confidential_row(score, measures)

    @api.model
    def _confidential_row(self, score, shown):
        """``[one line]`` for all measures that are not shown, or ``[]``."""
        names = ["share", "contribution"]
        hidden = self.sudo().search_fetch([("score_id", "=", score.id)], names)
        hidden = hidden.filtered(lambda measure: measure.id not in shown._ids)
        if not hidden:
            return []
        return [
            {
                "id": 0,
                "state": "confidential",
                "count": len(hidden),
                "share": sum(hidden.mapped("share")),
                "contribution": sum(hidden.mapped("contribution")),
            }
        ]

    def _row(self):
        self.ensure_one()
        indicator = self.indicator_id.sudo()
        known = self.state in ("measured", "carried")
        return indicator._row(
            self.state,
            raw=self.raw if known and self.has_raw else None,
            basis=self.basis,
            points=self.points if known else None,
            share=self.share if known else None,
            contribution=self.contribution if known else None,
            partner=self.partner_id,
        )
