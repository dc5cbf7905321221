from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.scale import next_better_band
from .customer_value_dimension import COMPONENTS
from .customer_value_source import SourceDefinitionError

AGGREGATES = [
    ("count", "Number of records"),
    ("sum", "Sum"),
    ("avg", "Average"),
    ("min", "Lowest"),
    ("max", "Highest"),
    ("distinct", "Number of different values"),
    ("recency", "Days since the last"),
    ("months", "Active months"),
    ("growth", "Growth against the window before (%)"),
    ("rate", "Share of opportunities (%)"),
    ("attribute", "Field of the customer"),
]
NEEDS_AMOUNT = ("sum", "avg", "min", "max")
NUMBER_TYPES = ("integer", "float", "monetary")
VALUE_TYPES = ("many2one", "many2many", "selection", "char", "boolean", *NUMBER_TYPES)
"""Fields of a customer that can be read as a number, or mapped by value."""
FAMILIES = [
    ("transaction", "Transaction"),
    ("financial", "Financial"),
    ("service", "Service"),
    ("feedback", "Feedback"),
    ("enumeration", "Enumeration"),
    ("custom", "Custom"),
]
COMPONENT_ORDER = {key: at for at, (key, __) in enumerate(COMPONENTS)}
EVIDENCE_STATES = {
    0: "none",  # nobody asked, nothing due: left out, the other weights fill in
    1: "measured",
    2: "carried",  # the source is broken: the last good points stand, flagged
    3: "unavailable",  # the module that owns the source is not installed
}


class CustomerValueIndicator(models.Model):
    """One line of a value model: what is measured, how it becomes points.

    ``x`` is the aggregate over the window that ends on the day of the run, ``s`` its
    points in 0..100 by the scale, the weight says how much of the score it may fill.
    """

    _name = "customer.value.indicator"
    _description = "Customer Value Indicator"
    _inherit = ["customer.value.locked", "customer.value.coded"]
    _order = "model_id, sequence, id"

    model_id = fields.Many2one(
        "customer.value.model", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="model_id.company_id")
    model_state = fields.Selection(related="model_id.state", string="Model State")
    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="Stable name, the same in every version of the model.",
    )
    slot = fields.Integer(
        readonly=True,
        copy=True,
        help="Place in the score's vectors, the same in every version of the model.",
    )
    sequence = fields.Integer(default=10)
    description = fields.Text(translate=True)
    dimension_id = fields.Many2one(
        "customer.value.dimension", required=True, ondelete="restrict"
    )
    component = fields.Selection(related="dimension_id.component")
    family = fields.Selection(FAMILIES, required=True, default="transaction")
    source_id = fields.Many2one(
        "customer.value.source", ondelete="restrict", index="btree_not_null"
    )
    source_available = fields.Boolean(compute="_compute_source_available")
    unavailable_reason = fields.Char(compute="_compute_source_available")
    source_res_model = fields.Char(related="source_id.res_model")
    source_browsable = fields.Boolean(related="source_id.browsable", related_sudo=False)
    aggregate = fields.Selection(AGGREGATES, required=True, default="count")
    distinct_path = fields.Char(
        string="Different Values Of",
        help="Field of the source whose different values are counted, for example "
        "product_id.categ_id.",
    )
    attribute_path = fields.Char(
        string="Customer Field",
        help="Field of the customer that is read, for example industry_id.",
    )
    attribute_relational = fields.Boolean(
        compute="_compute_attribute_relational",
        help="Whether a map of values maps linked records.",
    )
    opportunity_source_id = fields.Many2one(
        "customer.value.source",
        string="Asked, Invited or Due",
        ondelete="restrict",
        help="What gives the customer the occasion. Without an occasion in the window "
        "the indicator is left out: who was never asked is not held guilty.",
    )
    window_number = fields.Integer(
        string="Window",
        default=12,
        help="Length of the window that ends on the day of the run. 0: since ever.",
    )
    window_unit = fields.Selection(
        [("day", "Days"), ("month", "Months"), ("year", "Years")],
        default="month",
        required=True,
    )
    window_text = fields.Char(string="Period", compute="_compute_window_text")
    window_shift = fields.Integer(
        string="Windows Back",
        help="Measure an earlier window: 1 is the window just before the present one.",
    )
    decays = fields.Boolean(
        help="Let a record count less as it ages, half after each half-life.",
    )
    half_life = fields.Integer(
        string="Half-Life (days)",
        default=180,
        help="After so many days a record counts half.",
    )
    scale = fields.Selection(
        [
            ("step", "Bands"),
            ("interpolated", "Interpolated bands"),
            ("quantile", "Calibrated bands"),
            ("enumeration", "Map of values"),
        ],
        default="step",
        required=True,
        help="Bands: the points of the band reached. Interpolated: the line between "
        "the bands' edges. Calibrated: bands cut at percentiles of the population, "
        "fixed until the next calibration. Map: points by value.",
    )
    band_ids = fields.One2many("customer.value.band", "indicator_id", copy=True)
    weight = fields.Float(
        default=10.0,
        help="How much this indicator counts against the others. 0: measured, for use "
        "in tier rules, but not scored.",
    )
    weight_share = fields.Float(
        string="Share of the Score",
        compute="_compute_weight_share",
        compute_sudo=True,
        help="The weight among all weights, in percent.",
    )
    missing = fields.Selection(
        [
            ("zero", "Counts as zero"),
            ("unranked", "No points, not ranked"),
            ("ignore", "Left out"),
        ],
        default="zero",
        required=True,
        help="What it means when there is no record in the window. Where an average "
        "or a number of days is taken, zero means: no points. Not ranked: no points "
        "either, and calibrated bands are cut among those who have records, so that "
        "contacts who never bought do not lift the buyers.",
    )
    confidential = fields.Boolean(
        help="Raw value and points are shown to managers only.",
    )
    unit = fields.Selection(
        [
            ("money", "Money"),
            ("number", "Number"),
            ("day", "Days"),
            ("month", "Months"),
            ("percent", "Percent"),
            ("value", "Value"),
        ],
        compute="_compute_unit",
    )
    band_summary = fields.Char(compute="_compute_band_summary", string="Scale Summary")

    _code_unique = models.Constraint(
        "UNIQUE (model_id, code)",
        "Two indicators of a model cannot have the same code.",
    )
    _weight_positive = models.Constraint(
        "CHECK (weight >= 0)",
        "A weight cannot be negative. To let more of a measure mean fewer points, "
        "give the higher bands fewer points.",
    )
    _window_positive = models.Constraint(
        "CHECK (window_number >= 0 AND window_shift >= 0)",
        "The window has to be zero (since ever) or longer, and cannot lie in the "
        "future.",
    )

    # ------------------------------------------------------------------ computes

    @api.depends("source_id.available", "aggregate", "opportunity_source_id.available")
    def _compute_source_available(self):
        for indicator in self:
            missing = (indicator.source_id | indicator.opportunity_source_id).filtered(
                lambda source: not source.available
            )
            indicator.source_available = not missing
            indicator.unavailable_reason = missing[:1].unavailable_reason

    @api.depends("attribute_path")
    def _compute_attribute_relational(self):
        for indicator in self:
            indicator.attribute_relational = bool(indicator._attribute_model())

    def _attribute_model(self):
        """Name of the model whose records the customer's field links to, or False."""
        model, field = self.env["res.partner"], None
        for name in (self.attribute_path or "").split("."):
            field = model._fields.get(name)
            if field is None or not field.relational:
                return False
            model = self.env[field.comodel_name]
        return model._name

    @api.depends("weight", "model_id.indicator_ids.weight")
    def _compute_weight_share(self):
        for indicator in self:
            total = sum(indicator.model_id.indicator_ids.mapped("weight"))
            indicator.weight_share = 100 * indicator.weight / total if total else 0

    @api.depends("aggregate", "window_number", "window_unit", "window_shift")
    def _compute_window_text(self):
        for indicator in self:
            indicator.window_text = indicator._window_words()

    def _window_words(self):
        """The window as one would say it: "last 12 months", "since ever"."""
        if self.aggregate == "attribute":
            return self.env._("today")
        if not self.window_number:
            return self.env._("since ever")
        length = {
            "day": self.env._("%s days", self.window_number),
            "month": self.env._("%s months", self.window_number),
            "year": self.env._("%s years", self.window_number),
        }[self.window_unit or "month"]
        if self.window_number == 1:
            length = {
                "day": self.env._("day"),
                "month": self.env._("month"),
                "year": self.env._("year"),
            }[self.window_unit or "month"]
        if not self.window_shift:
            return self.env._("last %s", length)
        if self.window_shift == 1:
            return self.env._("%s before the last", length)
        return self.env._(
            "%(length)s, %(count)s windows back",
            length=length,
            count=self.window_shift,
        )

    @api.depends("aggregate", "source_id.amount_unit")
    def _compute_unit(self):
        by_aggregate = {
            "recency": "day",
            "months": "month",
            "growth": "percent",
            "rate": "percent",
            "attribute": "value",
        }
        for indicator in self:
            if indicator.aggregate in NEEDS_AMOUNT:
                indicator.unit = indicator.source_id.amount_unit
            else:
                indicator.unit = by_aggregate.get(indicator.aggregate, "number")

    @api.depends("scale", "band_ids.points", "band_ids.label")
    def _compute_band_summary(self):
        for indicator in self:
            indicator.band_summary = " · ".join(
                f"{band.label} → {band.points:g}" for band in indicator.band_ids
            )

    # --------------------------------------------------------------- constraints

    @api.constrains(
        "aggregate", "scale", "source_id", "attribute_path", "distinct_path"
    )
    def _check_aggregate(self):
        for indicator in self:
            problem = indicator._aggregate_problem()
            if problem:
                raise ValidationError(
                    self.env._(
                        "%(indicator)s: %(problem)s",
                        indicator=indicator.name,
                        problem=problem,
                    )
                )

    def _aggregate_problem(self):
        """What is missing for the aggregate to be taken, or False."""
        self.ensure_one()
        if self.aggregate == "attribute":
            if not self.attribute_path:
                return self.env._("choose the customer's field to read.")
            return self._attribute_problem()
        if self.scale == "enumeration":
            return self.env._(
                "a map of values is for a field of the customer. Choose bands for "
                "what is counted or summed."
            )
        if not self.source_id:
            return self.env._("choose the source of the evidence.")
        if self.aggregate in NEEDS_AMOUNT and not self.source_id.amount_field:
            return self.env._(
                "“%(aggregate)s” needs a source with an amount, and “%(name)s” has "
                "none. Count its records instead, or give the source an amount field.",
                aggregate=dict(AGGREGATES)[self.aggregate],
                name=self.source_id.name,
            )
        if self.aggregate == "distinct":
            return self._distinct_problem()
        return False

    def _attribute_problem(self):
        partners = self.env["res.partner"]
        types = VALUE_TYPES if self.scale == "enumeration" else NUMBER_TYPES
        return self._path_problem(partners, self.attribute_path, types)

    def _distinct_problem(self):
        if not self.distinct_path:
            return self.env._("choose the field whose different values are counted.")
        if not self.source_id.available:
            return False
        types = (*VALUE_TYPES, "date", "datetime", "many2one_reference")
        types = [name for name in types if name != "many2many"]
        return self._path_problem(
            self.source_id._source_model(), self.distinct_path, types
        )

    def _path_problem(self, model, path, types):
        try:
            self.env["customer.value.source"]._check_path(model, path, types)
        except SourceDefinitionError as error:
            return str(error)
        return False

    @api.constrains("aggregate", "opportunity_source_id")
    def _check_opportunity(self):
        for indicator in self:
            if indicator.aggregate == "rate" and not indicator.opportunity_source_id:
                raise ValidationError(
                    self.env._(
                        "%s: a share needs to know of what. Choose the source that "
                        "tells who was asked, invited or due.",
                        indicator.name,
                    )
                )

    @api.constrains("decays", "half_life", "aggregate")
    def _check_half_life(self):
        for indicator in self.filtered("decays"):
            if indicator.half_life <= 0:
                raise ValidationError(
                    self.env._(
                        "%s: a half-life of zero or less would let nothing count. "
                        "Enter the number of days after which a record counts half.",
                        indicator.name,
                    )
                )
            if indicator.aggregate not in ("count", "sum"):
                raise ValidationError(
                    self.env._(
                        "%s: only a number or a sum of records can fade with age.",
                        indicator.name,
                    )
                )

    @api.constrains("window_number", "aggregate")
    def _check_window(self):
        for indicator in self:
            if indicator.aggregate == "growth" and not indicator.window_number:
                raise ValidationError(
                    self.env._(
                        "%s: growth compares two windows, so it needs the length of "
                        "a window.",
                        indicator.name,
                    )
                )

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        indicators = super().create(vals_list)
        for indicator in indicators:
            others = indicator.model_id.indicator_ids - indicator
            if not indicator.slot or indicator.slot in others.mapped("slot"):
                indicator.slot = indicator.model_id._next_slot()
        indicators.model_id._forget_statements()
        return indicators

    def write(self, vals):
        result = super().write(vals)
        if not {"distinct_path", "attribute_path", "source_id"}.isdisjoint(vals):
            self.flush_recordset()
            self.model_id._forget_statements()
        return result

    # ------------------------------------------------------------------ business

    def _scale_points(self):
        """``[(threshold, points)]`` of the bands that can be reached, ascending.

        A calibrated band from percentile 0 is for everybody, whatever comes later.
        Of calibrated bands cut at the same value only the last is there: nobody is in
        the others.
        """
        self.ensure_one()
        calibrated = self.scale == "quantile"
        bands = self.band_ids.filtered(lambda band: not band.unreachable)
        scale = {}
        for band in bands.sorted("percentile"):
            first = calibrated and not band.percentile
            scale[float("-inf") if first else band.threshold] = band.points
        return sorted(scale.items())

    def _reachable_points(self):
        """The points that a customer can get, in the order of the bands."""
        if self.scale == "enumeration":
            return self.band_ids.mapped("points")
        return [points for __, points in self._scale_points()]

    def _row(
        self,
        state,
        raw=None,
        basis=None,
        points=None,
        share=None,
        contribution=None,
        partner=None,
    ):
        """One line of the breakdown, in plain values for the browser.

        ``state`` is one of :data:`EVIDENCE_STATES`; the numbers are None without
        evidence. ``next`` is what the next better band takes, None at the top.
        """
        self.ensure_one()
        following = None
        if raw is not None and self.scale != "enumeration":
            following = next_better_band(raw, points or 0, self._scale_points())
        return {
            "id": self.id,
            "order": (
                COMPONENT_ORDER[self.component],
                self.dimension_id.sequence,
                self.dimension_id.id,
                self.sequence,
                self.id,
            ),
            "indicator": self.name,
            "code": self.code,
            "description": self.description or "",
            "dimension": self.dimension_id.name,
            "component": self.component,
            "family": self.family,
            "aggregate": self.aggregate,
            "window": self.window_text,
            "decays": self.decays,
            "has_occasions": bool(self.opportunity_source_id),
            "unit": self.unit,
            "state": state,
            "unavailable_reason": self.unavailable_reason or "",
            "raw": raw,
            "value_label": self._attribute_label(partner),
            "basis": basis,
            "points": points,
            "share": share,
            "contribution": contribution,
            "weight": self.weight,
            "confidential": self.confidential,
            "bands": self._reachable_points(),
            "next": following
            and {
                "threshold": following.threshold,
                "distance": following.distance,
                "points": following.points,
            },
        }

    def _attribute_label(self, partner):
        """The customer's value of an enumeration, in words the reader may see."""
        found = partner and self._attribute_of(partner)
        if not found:
            return ""
        owner, field = found
        if field.relational:
            return ", ".join(owner[field.name].mapped("display_name"))
        return str(field.convert_to_export(owner[field.name], owner) or "")

    def _attribute_of(self, partner):
        """``(owner, field)`` of the attribute; None if the reader may not see it."""
        if self.aggregate != "attribute":
            return None
        owner = partner.sudo().with_company(self.company_id)
        *hops, last = self.attribute_path.split(".")
        for hop in hops:
            if not self._may_be_read(owner, hop, partner.env):
                return None
            owner = owner[hop]
        if not self._may_be_read(owner, last, partner.env):
            return None
        return owner, owner._fields[last]

    def _band_label(self, points):
        """The value of an enumeration that gave so many points, if only one does."""
        bands = self.band_ids.filtered(lambda band: abs(band.points - points) < 1e-6)
        return bands.label if self.scale == "enumeration" and len(bands) == 1 else ""

    def _may_be_read(self, owner, name, env):
        return owner.with_env(env)._has_field_access(owner._fields[name], "read")
