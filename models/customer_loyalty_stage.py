from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

KINDS = [
    ("overdue", "Away for too long"),
    ("returned", "Came back after a long time"),
    ("advocate", "Buys, and thinks well of us"),
    ("purchases", "Bought so often"),
    ("dormant", "Never bought, and no longer in touch"),
    ("otherwise", "Everybody else"),
]

DEMANDS = {
    "overdue": ("percentile",),
    "returned": ("percentile",),
    "advocate": ("purchases", "attitude"),
    "purchases": ("purchases",),
    "dormant": ("idle_days",),
    "otherwise": (),
}
"""What a rule asks at least, by kind: more is asked of fewer customers."""


class CustomerLoyaltyStage(models.Model):
    """A station of the customer's life with us, and the rule that puts him there.

    The rules are asked from the top; the first one that holds gives the stage, the
    last one takes everybody else. They look at documents alone, never at the stage
    before: so the stage of any past day can be worked out, in any order.

    Stages are shared by all companies. Their rules name percentiles of the company's
    own customers rather than days, so they need not differ from company to company,
    and reports over several companies speak of the same stages.
    """

    _name = "customer.loyalty.stage"
    _description = "Loyalty Stage"
    _inherit = ["customer.value.coded"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Stable name for tests and integrations.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Char(string="Colour", default="#6c757d", required=True)
    description = fields.Text(
        string="Meaning", translate=True, help="Shown to everybody beside the stage."
    )
    kind = fields.Selection(
        KINDS,
        string="Rule",
        required=True,
        default="purchases",
        help="From the top, the first rule that holds gives the stage.",
    )
    percentile = fields.Integer(
        default=80,
        help="95: of 100 customers who came back, 95 did so sooner, measured by what "
        "their rhythm let expect.",
    )
    purchases = fields.Integer(
        string="Purchase Days",
        default=1,
        help="Days on which the customer bought. Of who came back: the stage ends with "
        "so many purchases after the return.",
    )
    attitude = fields.Integer(
        default=70, help="Attitudinal index from 0 to 100, at least."
    )
    idle_days = fields.Integer(
        string="Days Without a Touch",
        default=90,
        help="Days since anybody was in touch with the prospect.",
    )
    after_lost = fields.Boolean(
        string="At Once After a Lost Opportunity",
        default=True,
        help="A prospect is dormant as soon as the last opportunity is lost, until "
        "somebody is in touch again.",
    )
    rule = fields.Char(
        string="Rule in Words", compute="_compute_rule", help="What the rule asks."
    )
    customer_count = fields.Integer(
        compute="_compute_customer_count", string="Customers"
    )

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another stage already has this code."
    )
    _thresholds = models.Constraint(
        "CHECK (percentile BETWEEN 1 AND 99 AND purchases >= 1 "
        "AND attitude BETWEEN 0 AND 100 AND idle_days >= 1)",
        "A percentile lies between 1 and 99, an attitude between 0 and 100; purchases "
        "and days are at least 1.",
    )

    # ------------------------------------------------------------------ computes

    @api.depends(
        "kind", "percentile", "purchases", "attitude", "idle_days", "after_lost"
    )
    @api.depends_context("lang")
    def _compute_rule(self):
        for stage in self:
            stage.rule = stage._in_words()

    def _in_words(self):
        if self.kind == "overdue":
            return self.env._(
                "Away longer than %s of 100 who come back, each measured by the own "
                "rhythm.",
                self.percentile,
            )
        if self.kind == "returned":
            words = self.env._(
                "Came back later than %s of 100 who come back, each measured by the "
                "own rhythm",
                self.percentile,
            )
            if self.purchases == 1:
                return self.env._("%s, and has not bought again since.", words)
            return self.env._(
                "%(words)s, and has bought less than %(times)s times since.",
                words=words,
                times=self.purchases,
            )
        if self.kind == "advocate":
            return self.env._(
                "Bought on %(times)s days or more, and the attitudinal index is at "
                "least %(attitude)s.",
                times=self.purchases,
                attitude=self.attitude,
            )
        if self.kind == "purchases":
            if self.purchases == 1:
                return self.env._("Has bought.")
            return self.env._("Bought on %s days or more.", self.purchases)
        if self.kind == "dormant":
            words = self.env._(
                "Never bought, and nobody in touch for %s days", self.idle_days
            )
            if self.after_lost:
                return self.env._("%s, or the last opportunity was lost.", words)
            return f"{words}."
        return self.env._("Everybody for whom no rule above holds.")

    def _compute_customer_count(self):
        counts = dict(
            self.env["customer.loyalty.state"]._read_group(
                [("stage_id", "in", self.ids)], ["stage_id"], ["__count"]
            )
        )
        for stage in self:
            stage.customer_count = counts.get(stage, 0)

    # --------------------------------------------------------------- constraints

    @api.constrains("kind", "sequence", "active", "percentile", "purchases")
    @api.constrains("attitude", "idle_days")
    def _check_rules(self):
        problem = self._problem()
        if problem:
            raise ValidationError(problem)

    @api.model
    def _problem(self):
        """What is wrong with the rules as a whole, in words; or False."""
        stages = self.search([])
        rest = stages.filtered(lambda stage: stage.kind == "otherwise")
        if len(rest) != 1 or rest != stages[-1:]:
            return self.env._(
                "The last stage has to be the one for everybody else, and the only "
                "one of this kind, so that every customer has a stage."
            )
        for at, stage in enumerate(stages):
            shadow = stages[:at].filtered(lambda above, s=stage: above._covers(s))[:1]
            if shadow:
                return self.env._(
                    "Nobody can reach “%(stage)s”: “%(shadow)s” stands above it and "
                    "asks no more. Move it up, or ask less.",
                    stage=stage.name,
                    shadow=shadow.name,
                )
        return False

    def _covers(self, other):
        """Whether the rule holds for everybody for whom the other one does."""
        if self.kind == other.kind == "returned":
            return (
                self.percentile <= other.percentile
                and self.purchases >= other.purchases
            )
        if self.kind == "purchases" and other.kind == "advocate":
            return self.purchases <= other.purchases
        return self.kind == other.kind and all(
            self[name] <= other[name] for name in DEMANDS[self.kind]
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_needed(self):
        if self.filtered(lambda stage: stage.kind == "otherwise"):
            raise UserError(
                self.env._("The stage for everybody else cannot be deleted.")
            )
        if (
            self.env["customer.loyalty.history"]
            .sudo()
            .search_count(
                ["|", ("stage_id", "in", self.ids), ("from_stage_id", "in", self.ids)],
                limit=1,
            )
        ):
            raise UserError(
                self.env._(
                    "The history of customers speaks of this stage. Archive it instead."
                )
            )

    # ------------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        """The statement that finds the stages is kept: it has to be made anew."""
        self.env.registry.clear_cache("stable")
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache("stable")
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache("stable")
        return super().unlink()

    # ------------------------------------------------------------------ actions

    def action_open_customers(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "customer.loyalty.state",
            "view_mode": "list,pivot,graph",
            "domain": [("stage_id", "=", self.id)],
        }
