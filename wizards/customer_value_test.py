from contextlib import closing, contextmanager

from odoo import api, fields, models

from ..models.customer_value_indicator import EVIDENCE_STATES

KNOWN = ("measured", "carried")


class CustomerValueTest(models.TransientModel):
    """One customer by one version of a model, line by line. Nothing is written."""

    _name = "customer.value.test"
    _description = "Test a Value Model on One Customer"

    model_id = fields.Many2one("customer.value.model", required=True, readonly=True)
    model_state = fields.Selection(related="model_id.state", string="Model State")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        help="A contact of a company is shown by its company, which is scored.",
    )
    as_of = fields.Date(
        string="As of",
        default=lambda self: self._default_as_of(),
        required=True,
        help="Windows end on this day.",
    )
    breakdown = fields.Json(compute="_compute_breakdown")
    strip = fields.Json(compute="_compute_breakdown")
    message = fields.Char(compute="_compute_breakdown")

    @api.model
    def _default_as_of(self):
        model = self.env["customer.value.model"].browse(
            self.env.context.get("default_model_id")
        )
        return model._today() if model else fields.Date.context_today(self)

    @api.depends("model_id", "partner_id", "as_of")
    def _compute_breakdown(self):
        for test in self:
            test.breakdown = test.strip = test.message = False
            if not (test.partner_id and test.as_of):
                continue
            model = test.model_id._origin
            problem = model._activation_problem()
            if problem:
                test.message = problem
                continue
            entity = test.partner_id._origin.commercial_partner_id
            with test._cuts_of(model):
                found = self.env["customer.value.engine"]._results(
                    model, test.as_of, entity.ids
                )
                if found:
                    test.breakdown = test._breakdown(model, entity, found[0])
                    test.strip = test.breakdown["strip"]
                else:
                    test.message = self.env._(
                        "%(customer)s is not in the population of %(model)s.",
                        customer=entity.display_name,
                        model=model.name,
                    )

    @contextmanager
    def _cuts_of(self, model):
        """A draft that was changed since its preview is cut, and the cuts undone."""
        if model.state != "draft" or model.calibrated_on:
            yield
            return
        self.env.flush_all()
        cut = {"customer.value.band": ("threshold", "unreachable"),
               "customer.value.tier.rule": ("cut", "is_cut")}  # fmt: skip
        with closing(self.env.cr.savepoint(flush=False)):
            self.env["customer.value.calibration"]._calibrate(model, self.as_of)
            self.env.flush_all()
            yield
        for name, field_names in cut.items():
            self.env[name].invalidate_model(field_names, flush=False)

    def _breakdown(self, model, entity, result):
        """What the breakdown widget shows: as ``res.partner.value_breakdown``."""
        return {
            "strip": self._strip(model, result),
            "rows": self._rows(model, entity, result),
            "currency_id": model.currency_id.id,
        }

    def _strip(self, model, result):
        score = self.env["customer.value.score"]
        vals = {name: value for name, value in result.items() if name in score._fields}
        return dict(score.new(vals)._strip(), score_id=False)

    def _rows(self, model, entity, result):
        """One row per indicator, the share taken among the weights with evidence."""
        states = {
            indicator: EVIDENCE_STATES.get(result["states"][indicator.slot - 1])
            for indicator in model.indicator_ids
        }
        total = sum(
            indicator.weight for indicator, state in states.items() if state in KNOWN
        )
        rows = []
        for indicator, state in states.items():
            at = indicator.slot - 1
            share = indicator.weight / total if total else 0
            known = {}
            if state in KNOWN:
                points = result["points"][at]
                known = {
                    "raw": result["raw"][at],
                    "points": points,
                    "share": 100 * share,
                    "contribution": share * points,
                }
            rows.append(
                indicator.sudo()._row(
                    state, basis=result["basis"][at] or 0.0, partner=entity, **known
                )
            )
        return sorted(rows, key=lambda row: row["order"])
