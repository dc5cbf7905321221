from odoo import api, models
from odoo.tools import SQL

from . import measure_sql as measure
from .scoring_plan import EVERYBODY
from .scoring_sql import ScoringSql


class CustomerValueCalibration(models.AbstractModel):
    """Cuts calibrated bands, then top shares, at mid-rank percentiles.

    Mid-rank: a value's percentile is the share of the population below it plus half of
    those who share it, so ties share points. A cut is the lowest value whose
    percentile reaches the edge, and stays until the next calibration.
    """

    _name = "customer.value.calibration"
    _description = "Customer Value Calibration"

    @api.model
    def _calibrate(self, model, as_of, run=None):
        """Calibrate one model by its population as of a day.

        :param run: the run this is a part of, which may have read the sources already
        """
        engine = self.env["customer.value.engine"]
        plan = engine._plan(model, as_of, EVERYBODY, run)
        banded = plan.measured.filtered(lambda record: record.scale == "quantile")
        rules = plan.model.tier_ids.rule_ids.filtered(lambda r: r.kind == "share")
        if banded or rules:
            engine._isolated(plan, lambda: self._fill_measured_table(plan))
        for indicator in banded & plan.measured:
            self._cut_bands(indicator)
        for rule in rules:
            self._cut_share(plan, rule)
        self.env.cr.execute("DROP TABLE IF EXISTS cv_measured")

    def _fill_measured_table(self, plan):
        self.env.cr.execute("DROP TABLE IF EXISTS cv_measured")
        self.env.cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE cv_measured ON COMMIT DROP AS %s",
                ScoringSql(plan).measured(),
            )
        )

    def _cut_bands(self, indicator):
        bands = indicator.band_ids
        cuts = self._cuts(
            SQL(
                "SELECT %s AS value FROM cv_measured WHERE %s > 0",
                measure.column("x", indicator),
                measure.column("e", indicator),
            ),
            bands.mapped("percentile"),
        )
        for band in bands:
            cut = cuts.get(band.percentile)
            band.write({"threshold": cut or 0, "unreachable": cut is None})

    def _cut_share(self, plan, rule):
        if rule.indicator_id and rule.indicator_id not in plan.measured:
            return
        table = SQL("cv_measured")
        value = SQL("computed_score")
        asked = SQL("TRUE")
        if rule.indicator_id:
            value = measure.column("x", rule.indicator_id)
            asked = SQL("%s > 0", measure.column("e", rule.indicator_id))
        else:
            table = SQL("(%s) scored", ScoringSql(plan).scored())
        edge = 100 - rule.number
        cut = self._cuts(
            SQL(
                "SELECT %s AS value FROM %s WHERE %s AND %s",
                value,
                table,
                asked,
                ScoringSql(plan).flag(rule),
            ),
            [edge],
        ).get(edge)
        rule.write({"cut": cut or 0, "is_cut": cut is not None})

    def _cuts(self, values, edges):
        """``{edge: lowest value whose mid-rank percentile reaches it, or None}``."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH tied AS (
                    SELECT value, COUNT(*) AS size FROM (%(values)s) AS drawn
                     WHERE value IS NOT NULL GROUP BY value
                ), ranked AS (
                    SELECT value, 100.0 * (SUM(size) OVER (ORDER BY value) - size / 2.0)
                                        / SUM(size) OVER () AS percentile
                      FROM tied
                )
                SELECT edge, MIN(ranked.value)
                  FROM UNNEST(%(edges)s::numeric[]) AS edge
             LEFT JOIN ranked ON ranked.percentile >= edge
              GROUP BY edge
                """,
                values=values,
                edges=list(edges),
            )
        )
        return {float(edge): value for edge, value in rows}
