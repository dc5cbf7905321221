from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

from ..tools.rounding import round_half_up


class CustomerValueTier(models.Model):
    """A level of the value pyramid.

    Tiers are tried from the top; the first whose rules match takes the customer, a
    tier without rules takes everybody. Boundaries are inclusive. Hysteresis: who holds
    a tier keeps it until the score falls that many points below the entry.
    """

    _name = "customer.value.tier"
    _description = "Customer Value Tier"
    _inherit = ["customer.value.locked", "customer.value.coded"]
    _order = "model_id, sequence, id"

    model_id = fields.Many2one(
        "customer.value.model", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="model_id.company_id")
    model_state = fields.Selection(related="model_id.state", string="Model State")
    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, help="Stable name, the same in every version of the model."
    )
    sequence = fields.Integer(default=10, help="The top of the pyramid comes first.")
    description = fields.Text(
        translate=True, help="In a sentence: who is here, and what it means."
    )
    color = fields.Char(
        string="Colour",
        default="#6c757d",
        help="Colour of the badge; the name is always beside it.",
    )
    match = fields.Selection(
        [("all", "All rules"), ("any", "At least one rule")],
        default="all",
        required=True,
    )
    rule_ids = fields.One2many("customer.value.tier.rule", "tier_id", copy=True)
    rule_summary = fields.Char(compute="_compute_rule_summary", string="Who")
    hysteresis = fields.Float(
        default=2.0,
        help="Points a customer of this tier may fall below the entry without leaving "
        "it, so that nobody moves back and forth every week.",
    )
    cadence_days = fields.Integer(
        string="Contact Every (days)",
        help="How often a customer of this tier should hear from us. 0: no cadence.",
    )
    customer_count = fields.Integer(compute="_compute_customer_count")

    _code_unique = models.Constraint(
        "UNIQUE (model_id, code)", "Two tiers of a model cannot have the same code."
    )
    _hysteresis_positive = models.Constraint(
        "CHECK (hysteresis >= 0)", "The hysteresis cannot be negative."
    )

    @api.depends("match", "rule_ids.summary")
    def _compute_rule_summary(self):
        for tier in self:
            word = self.env._(" and ") if tier.match == "all" else self.env._(" or ")
            tier.rule_summary = word.join(
                tier.rule_ids.mapped(lambda rule: rule.summary or "")
            ) or self.env._("everybody else")

    def _compute_customer_count(self):
        counts = dict(
            self.env["customer.value.score"]._read_group(
                [("tier_id", "in", self.ids)], ["tier_id"], ["__count"]
            )
        )
        for tier in self:
            tier.customer_count = counts.get(tier, 0)

    def action_open_customers(self):
        """The customers of the tier, as in the menu."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_value.customer_value_customers_action"
        )
        return dict(action, context={"search_default_value_tier_id": self.id})

    def _score_margin(self, score):
        """Points by which a score lies above the entry, negative below it; or None.

        Known only where nothing but the score decides about the tier.
        """
        rule = self.rule_ids
        if len(rule) != 1:
            return None
        if rule.kind == "score":
            return round_half_up(score) - rule.number
        if rule.kind == "share" and rule.is_cut and not rule.indicator_id:
            everybody = not safe_eval(rule.domain or "[]", {})
            return score - rule.cut if everybody else None
        return None


class CustomerValueTierRule(models.Model):
    """A condition of a tier. Between two calibrations the cut of a share is fixed."""

    _name = "customer.value.tier.rule"
    _description = "Customer Value Tier Rule"
    _inherit = ["customer.value.locked"]
    _order = "tier_id, sequence, id"

    tier_id = fields.Many2one(
        "customer.value.tier", required=True, ondelete="cascade", index=True
    )
    model_id = fields.Many2one(related="tier_id.model_id")
    sequence = fields.Integer(default=10)
    name = fields.Char(
        string="Who the Filter Means",
        translate=True,
        help="In plain words, for example “agents”.",
    )
    kind = fields.Selection(
        [
            ("score", "Score at least"),
            ("share", "Top share of the population"),
            ("value", "Indicator's value at least"),
            ("points", "Indicator's points at least"),
            ("domain", "Customers who match"),
        ],
        required=True,
        default="score",
    )
    indicator_id = fields.Many2one(
        "customer.value.indicator",
        index="btree_not_null",
        ondelete="cascade",
        domain="[('model_id', '=', model_id)]",
        help="The measure. A share without indicator is taken by score.",
    )
    number = fields.Float(help="Points, percent, or the indicator's own unit.")
    domain = fields.Char(
        default="[]",
        help="The customers meant; for a share, the population it is taken of.",
    )
    cut = fields.Float(
        readonly=True,
        copy=False,
        digits=(16, 6),
        help="Where the share was cut at the last calibration.",
    )
    is_cut = fields.Boolean(readonly=True, copy=False)
    summary = fields.Char(compute="_compute_summary")

    @api.depends("name", "kind", "indicator_id.name", "number", "domain")
    def _compute_summary(self):
        for rule in self:
            rule.summary = rule._summary()

    def _summary(self):
        measure = self.indicator_id.name or self.env._("score")
        if self.kind == "score":
            return self.env._("score ≥ %g", self.number)
        if self.kind == "share" and self.name:
            return self.env._(
                "top %(share)g %% of %(whom)s by %(measure)s",
                share=self.number,
                whom=self.name,
                measure=measure,
            )
        if self.kind == "share":
            return self.env._(
                "top %(share)g %% by %(measure)s", share=self.number, measure=measure
            )
        if self.kind == "value":
            return self.env._(
                "%(measure)s ≥ %(number)g", measure=measure, number=self.number
            )
        if self.kind == "points":
            return self.env._(
                "%(measure)s: %(number)g points or more",
                measure=measure,
                number=self.number,
            )
        return self.name or self.env._("matches %s", self.domain)

    def _value_models(self):
        return self.tier_id.model_id

    @api.constrains("kind", "indicator_id", "number", "domain")
    def _check_rule(self):
        for rule in self:
            problem = rule._problem()
            if problem:
                raise ValidationError(
                    self.env._(
                        "%(tier)s: %(problem)s", tier=rule.tier_id.name, problem=problem
                    )
                )

    def _problem(self):
        if self.kind in ("value", "points") and not self.indicator_id:
            return self.env._("choose the indicator the rule looks at.")
        if self.indicator_id and self.indicator_id.model_id != self.model_id:
            return self.env._("the indicator belongs to another model.")
        if self.kind == "share" and not 0 < self.number <= 100:
            return self.env._("a share lies above 0 and up to 100 percent.")
        if self.kind in ("domain", "share"):
            try:
                self.env["res.partner"]._search(self._partner_domain())
            except Exception as error:
                return self.env._("the filter cannot be used: %s", error)
        return False

    def _partner_domain(self):
        return Domain(safe_eval(self.domain or "[]", {}))
