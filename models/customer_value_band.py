from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerValueBand(models.Model):
    """Threshold to points, for one indicator.

    Bands of a number have a lower edge, inclusive; calibrated bands have a percentile
    and get their edge from the population; a map has a value of a field instead.
    """

    _name = "customer.value.band"
    _description = "Customer Value Band"
    _inherit = ["customer.value.locked"]
    _order = "indicator_id, percentile, threshold, id"

    indicator_id = fields.Many2one(
        "customer.value.indicator", required=True, ondelete="cascade", index=True
    )
    scale = fields.Selection(related="indicator_id.scale")
    name = fields.Char(translate=True, help="What the band is called on screen.")
    threshold = fields.Float(
        string="From",
        digits=(16, 6),
        help="Lower edge, inclusive: who reaches it is in the band.",
    )
    percentile = fields.Float(
        string="From Percentile",
        help="Calibrated bands: the share of the population (mid-rank) below the edge.",
    )
    unreachable = fields.Boolean(
        readonly=True,
        help="At the last calibration nobody stood above the percentile, because too "
        "many customers share the highest value.",
    )
    match_value = fields.Char(
        string="Value",
        help="Map of values: the value as it is stored (a selection's key, a text, "
        "the number of a linked record, true or false).",
    )
    match_model = fields.Char(compute="_compute_match_model")
    match_record_id = fields.Many2oneReference(
        string="Record",
        model_field="match_model",
        compute="_compute_match_record_id",
        inverse="_inverse_match_record_id",
        help="Map of values: the linked record, for example an industry.",
    )
    points = fields.Float(required=True, help="0 to 100.")
    label = fields.Char(compute="_compute_label")

    _points_range = models.Constraint(
        "CHECK (points >= 0 AND points <= 100)",
        "Points run from 0 to 100. Use the indicator's weight to let it count more.",
    )
    _percentile_range = models.Constraint(
        "CHECK (percentile >= 0 AND percentile < 100)",
        "A percentile runs from 0 to below 100.",
    )

    @api.depends("indicator_id.attribute_path", "indicator_id.aggregate")
    def _compute_match_model(self):
        for band in self:
            band.match_model = band.indicator_id._attribute_model()

    @api.depends("match_value", "match_model")
    def _compute_match_record_id(self):
        for band in self:
            value = band.match_value or ""
            is_record = band.match_model and value.isdigit()
            band.match_record_id = int(value) if is_record else False

    def _inverse_match_record_id(self):
        for band in self:
            if band.match_model:
                band.match_value = str(band.match_record_id or "")

    @api.depends(
        "name", "scale", "threshold", "percentile", "match_value", "match_model"
    )
    def _compute_label(self):
        for band in self:
            band.label = band.name or band._default_label()

    def _default_label(self):
        if self.scale == "enumeration":
            if self.match_model and (self.match_value or "").isdigit():
                record = self.env[self.match_model].browse(int(self.match_value))
                return record.exists().display_name or self.match_value
            return self.match_value or ""
        if self.scale == "quantile":
            return self.env._("from %(share)g %%", share=self.percentile)
        return self.env._("from %(edge)g", edge=self.threshold)

    def _value_models(self):
        return self.indicator_id.model_id

    @api.constrains("indicator_id", "threshold", "percentile", "match_value")
    def _check_distinct_edges(self):
        """Two bands that begin at the same place overlap: refuse them."""
        for indicator in self.indicator_id:
            edges = [
                {
                    "quantile": band.percentile,
                    "enumeration": band.match_value,
                }.get(indicator.scale, band.threshold)
                for band in indicator.band_ids
            ]
            twice = [edge for edge in edges if edges.count(edge) > 1]
            if twice:
                raise ValidationError(
                    self.env._(
                        "%(indicator)s: two bands begin at %(edge)s, so they overlap. "
                        "Give each band an edge of its own.",
                        indicator=indicator.name,
                        edge=twice[0],
                    )
                )
