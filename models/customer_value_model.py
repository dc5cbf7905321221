from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

from ..tools.window import local_today, month_ends

READY_MODELS = ("consumers", "key_accounts", "distributors")
"""Codes of the schemes that are delivered."""


class CustomerValueModel(models.Model):
    """A scoring scheme for a population in a company.

    Draft -> active -> retired. An active model is not edited: *New Draft* copies it,
    the draft is previewed, and activation makes it the next version while the old one
    stays readable. All versions of a scheme share a code.
    """

    _name = "customer.value.model"
    _description = "Customer Value Model"
    _inherit = ["mail.thread", "customer.value.locked", "customer.value.coded"]
    _order = "sequence, code, version desc, id desc"
    _value_results = frozenset(
        {
            "state",
            "version",
            "activated_on",
            "calibrated_on",
            "calibration",
            "closed_on",
            "histogram",
            "scored_as_of",
        }
    )
    """What the buttons and the engine set, and nobody by hand."""
    _value_words = frozenset({"name", "description", "sequence"}) | _value_results

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(
        required=True, help="Stable name, the same in all versions of the scheme."
    )
    sequence = fields.Integer(
        default=10,
        help="Where a customer comes to match two active models, the first one counts.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("retired", "Retired")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    version = fields.Integer(readonly=True, copy=False)
    activated_on = fields.Datetime(readonly=True, copy=False)
    description = fields.Text(translate=True)
    domain = fields.Char(
        string="Population",
        required=True,
        default="[('customer_rank', '>', 0)]",
        help="The customers this model speaks of. Only companies and independent "
        "contacts are scored; contacts of a company show their company's score.",
    )
    population_count = fields.Integer(compute="_compute_population_count")
    indicator_ids = fields.One2many("customer.value.indicator", "model_id", copy=False)
    tier_ids = fields.One2many("customer.value.tier", "model_id", copy=False)
    segment_ids = fields.One2many("customer.value.segment", "model_id", copy=False)
    rfm_recency_id = fields.Many2one(
        "customer.value.indicator", string="Recency", copy=False, ondelete="set null"
    )
    rfm_frequency_id = fields.Many2one(
        "customer.value.indicator", string="Frequency", copy=False, ondelete="set null"
    )
    rfm_monetary_id = fields.Many2one(
        "customer.value.indicator", string="Monetary", copy=False, ondelete="set null"
    )
    recalibration = fields.Selection(
        [
            ("never", "By hand only"),
            ("month", "Every month"),
            ("quarter", "Every quarter"),
            ("year", "Every year"),
        ],
        default="quarter",
        required=True,
        help="When calibrated bands and top shares are cut anew. In between they are "
        "fixed, so a customer moves only when his own evidence or time moves.",
    )
    calibrated_on = fields.Date(readonly=True, copy=False)
    closed_on = fields.Date(
        readonly=True, copy=False, help="Last month's end in the history."
    )
    calibration = fields.Integer(
        readonly=True, copy=False, help="How often bands and shares were cut."
    )
    histogram = fields.Json(
        readonly=True,
        copy=False,
        help="Customers by rounded score (0..100) after the last full run, from which "
        "percentiles are read.",
    )
    scored_as_of = fields.Date(
        string="Scored as of", readonly=True, copy=False, help="Day of the last run."
    )
    run_ids = fields.One2many("customer.value.run", "model_id")
    version_ids = fields.Many2many(
        "customer.value.model", compute="_compute_version_ids", string="Versions"
    )
    unavailable_count = fields.Integer(compute="_compute_unavailable_count")
    problem = fields.Text(compute="_compute_problem", string="To Mend")

    _version_unique = models.UniqueIndex(
        "(company_id, code) WHERE state = 'active'",
        "Only one version of a scheme can be active in a company.",
    )

    # ------------------------------------------------------------------ computes

    @api.depends("domain", "company_id")
    def _compute_population_count(self):
        for model in self:
            try:
                model.population_count = (
                    self.env["res.partner"]
                    .sudo()
                    .search_count(model._population_domain())
                )
            except Exception:  # a half-typed filter: the constraint tells on saving
                model.population_count = 0

    @api.depends("indicator_ids.source_available")
    def _compute_unavailable_count(self):
        for model in self:
            absent = model.indicator_ids.filtered(lambda i: not i.source_available)
            model.unavailable_count = len(absent)

    @api.depends(
        "indicator_ids.weight",
        "indicator_ids.band_ids",
        "tier_ids",
        "segment_ids.recency_min",
        "segment_ids.recency_max",
        "segment_ids.frequency_min",
        "segment_ids.frequency_max",
        "segment_ids.monetary_min",
        "segment_ids.monetary_max",
        "rfm_recency_id",
        "rfm_frequency_id",
        "rfm_monetary_id",
    )
    def _compute_problem(self):
        for model in self:
            model.problem = model._activation_problem()

    @api.depends("code", "company_id")
    def _compute_version_ids(self):
        for model in self:
            model.version_ids = model._origin and model._origin._lineage()

    @api.depends("name", "version", "state")
    def _compute_display_name(self):
        for model in self:
            if not model.name:
                model.display_name = self.env._("New")
            elif model.state == "draft":
                model.display_name = self.env._("%s (draft)", model.name)
            elif model.state == "retired":
                model.display_name = self.env._(
                    "%(name)s (version %(version)s, retired)",
                    name=model.name,
                    version=model.version,
                )
            else:
                model.display_name = model.name

    # --------------------------------------------------------------- constraints

    @api.constrains("domain")
    def _check_domain(self):
        for model in self:
            try:
                self.env["res.partner"].sudo()._search(model._population_domain())
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "%(model)s: the population cannot be used as a filter on "
                        "contacts: %(error)s",
                        model=model.name,
                        error=error,
                    )
                ) from error

    def _activation_problem(self):
        """What keeps the model from being activated, in words; or False."""
        self.ensure_one()
        if not self.indicator_ids:
            return self.env._("The model has no indicators: add what is measured.")
        if not self.tier_ids:
            return self.env._("The model has no tiers: add the levels of the pyramid.")
        if sum(self.indicator_ids.mapped("weight")) <= 0:
            return self.env._(
                "All weights are zero, so there is no score. Give at least one "
                "indicator a weight."
            )
        unscaled = self.indicator_ids.filtered(
            lambda indicator: indicator.weight and not indicator.band_ids
        )
        if unscaled:
            return self.env._(
                "%s: without bands nobody gets points. Add bands.", unscaled[0].name
            )
        if self.segment_ids:
            return self._segment_problem()
        return False

    def _segment_problem(self):
        rfm = (self.rfm_recency_id, self.rfm_frequency_id, self.rfm_monetary_id)
        if not all(rfm):
            return self.env._(
                "Segments need the three indicators of recency, frequency and "
                "monetary value."
            )
        return self.segment_ids._partition_problem()

    def _check_no_rival(self):
        """Refuse an activation that would claim customers of another active model."""
        for model in self:
            rivals = self.search(
                [
                    ("company_id", "=", model.company_id.id),
                    ("state", "=", "active"),
                    ("code", "!=", model.code),
                ]
            )
            for rival in rivals:
                both = Domain.AND(
                    [model._population_domain(), rival._population_domain()]
                )
                claimed = self.env["res.partner"].sudo().search(both, limit=6)
                if claimed:
                    raise ValidationError(model._rival_message(rival, claimed, both))

    def _rival_message(self, rival, claimed, both):
        count = self.env["res.partner"].sudo().search_count(both)
        names = ", ".join(claimed[:5].mapped("display_name"))
        return self.env._(
            "“%(model)s” and “%(rival)s” would both score %(count)s customer(s): "
            "%(names)s%(more)s. Narrow one of the two populations.",
            model=self.name,
            rival=rival.name,
            count=count,
            names=names,
            more=" …" if count > 5 else "",
        )

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_results(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_results(vals)
        result = super().write(vals)
        if not {"domain", "state"}.isdisjoint(vals):
            self.flush_recordset()
            self.env.registry.clear_cache("stable")
        elif not {"sequence", "calibration"}.isdisjoint(vals):
            self._forget_statements()
        return result

    def _refuse_results(self, vals):
        by_hand = self._value_results.intersection(vals)
        if by_hand and not self.env.su:
            raise AccessError(
                self.env._(
                    "The buttons and the scoring set %s; nobody does by hand.",
                    ", ".join(self._fields[name].string for name in sorted(by_hand)),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_from_drafts(self):
        if self.filtered(lambda model: model.state != "draft"):
            raise UserError(
                self.env._(
                    "Only a draft can be deleted: scores and their history refer to "
                    "the others. Retire the model instead."
                )
            )

    def copy_data(self, default=None):
        """A duplicate is a scheme of its own; a draft or another company's is not."""
        vals_list = super().copy_data(default=default)
        if not {"code", "company_id"}.intersection(default or {}):
            for model, vals in zip(self, vals_list, strict=True):
                vals["code"] = f"{model.code}_copy"
                vals["name"] = self.env._("%s (copy)", model.name)
        return vals_list

    def copy(self, default=None):
        """Copy the whole scheme: indicators keep their slots, rules their measures."""
        copies = super().copy(default)
        for model, copied in zip(self, copies, strict=True):
            model._copy_lines_to(copied)
        return copies

    def _copy_lines_to(self, target):
        by_code = {}
        for indicator in self.indicator_ids:
            by_code[indicator.code] = indicator.copy({"model_id": target.id})
        self.segment_ids.copy({"model_id": target.id})
        for tier in self.tier_ids:
            new_tier = tier.copy({"model_id": target.id, "rule_ids": False})
            for rule in tier.rule_ids:
                measured = by_code.get(rule.indicator_id.code)
                rule.copy(
                    {
                        "tier_id": new_tier.id,
                        "indicator_id": measured.id if measured else False,
                    }
                )
        for name in ("rfm_recency_id", "rfm_frequency_id", "rfm_monetary_id"):
            if self[name]:
                target[name] = by_code[self[name].code]

    # ------------------------------------------------------------------ actions

    def action_new_draft(self):
        """A draft of the next version, opened for editing."""
        self.ensure_one()
        draft = self.search(
            [
                ("code", "=", self.code),
                ("company_id", "=", self.company_id.id),
                ("state", "=", "draft"),
            ],
            limit=1,
        ) or self.copy({"name": self.name, "code": self.code})
        return draft._form_action()

    def action_preview(self):
        """What the model would do to everybody's score and tier."""
        self.ensure_one()
        return self.env["customer.value.preview"]._open(self)

    def action_test(self):
        """One customer by this model, line by line, without writing."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Test One Customer"),
            "res_model": "customer.value.test",
            "view_mode": "form",
            "target": "new",
            "context": {"default_model_id": self.id},
        }

    def action_activate(self):
        """Make the draft the version that counts, and score everybody by it."""
        self.check_access("write")
        for model in self:
            if model.state != "draft":
                raise UserError(
                    self.env._(
                        "%s is no draft. Press New draft, change it, then activate it.",
                        model.display_name,
                    )
                )
            problem = model._activation_problem()
            if problem:
                raise ValidationError(
                    self.env._(
                        "%(model)s: %(problem)s", model=model.name, problem=problem
                    )
                )
        self._check_no_rival()
        for model in self:
            model._replace_active_version()
        runs = self.env["customer.value.run"]._start(self, cause="configuration")
        return runs[:1]._form_action()

    def _replace_active_version(self):
        self.ensure_one()
        siblings = self.search(
            [("code", "=", self.code), ("company_id", "=", self.company_id.id)]
        )
        siblings.filtered(lambda model: model.state == "active")._take_out()
        self.flush_model()
        self.sudo().write(
            {
                "state": "active",
                "version": max(siblings.mapped("version"), default=0) + 1,
                "activated_on": fields.Datetime.now(),
            }
        )

    def _take_out(self):
        """No run goes on scoring by a version that no longer counts."""
        self.run_ids.sudo().action_cancel()
        self.sudo().state = "retired"

    def action_retire(self):
        """Stop scoring this population; the last scores are taken off the customers."""
        self.check_access("write")
        self.filtered(lambda model: model.state == "active")._take_out()
        self.env["customer.value.score"].sudo().search(
            [("model_id", "in", self.ids)]
        ).unlink()

    def action_score(self):
        """Start a full run and show its progress."""
        self.check_access("write")
        runs = self.env["customer.value.run"]._start(self)
        return runs[:1]._form_action()

    def action_recalibrate(self):
        """Cut calibrated bands and shares anew, then score everybody."""
        self.check_access("write")
        self.filtered(lambda model: model.state == "draft")._calibrate(self._today())
        runs = self.env["customer.value.run"]._start(self, cause="evidence")
        runs.sudo().calibrates = True
        return runs[:1]._form_action()

    def action_open_customers(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "res.partner",
            "view_mode": "list,kanban,form",
            "domain": self._population_domain(),
        }

    def action_open_scores(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Scores of %s", self.name),
            "res_model": "customer.value.score",
            "view_mode": "list,graph,pivot,form",
            "domain": [("model_id", "=", self.id)],
        }

    def action_open(self):
        return self._form_action()

    def _form_action(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    # ------------------------------------------------------------------ locking

    def _value_models(self):
        return self

    def _check_unlocked(self):
        """Refuse to change a version by which customers were scored."""
        locked = self.filtered(lambda model: model.state != "draft")
        if locked:
            raise UserError(
                self.env._(
                    "%s cannot be changed any more: customers were scored by it. "
                    "Press New draft on the model, change the draft, and activate it.",
                    locked[0].display_name,
                )
            )

    def _forget_calibration(self):
        """Cuts of a draft that was changed since do not count: cut it again."""
        drafts = self.filtered(lambda m: m.state == "draft" and m.calibrated_on)
        drafts.sudo().calibrated_on = False

    def _forget_statements(self):
        """What the engine composed for an active model does not hold any more."""
        if "active" in self.mapped("state"):
            self.env.registry.clear_cache("stable")

    # ------------------------------------------------------------------ business

    def _population_domain(self):
        """Commercial entities the model scores, as a domain on contacts."""
        self.ensure_one()
        return (
            Domain(safe_eval(self.domain or "[]", {}))
            & (Domain("is_company", "=", True) | Domain("parent_id", "=", False))
            & Domain("company_id", "in", [self.company_id.id, False])
        )

    def _today(self):
        self.ensure_one()
        return local_today(self.company_id.value_tz)

    def _next_slot(self):
        """A place in the vectors that no version of the scheme has used."""
        self.ensure_one()
        siblings = self.search(
            [("code", "=", self.code), ("company_id", "=", self.company_id.id)]
        )
        return max((siblings | self).indicator_ids.mapped("slot"), default=0) + 1

    def _lineage(self):
        """All versions of the scheme; their vectors have the same slots."""
        self.ensure_one()
        return self.search(
            [("code", "=", self.code), ("company_id", "=", self.company_id.id)]
        )

    def _version_before(self):
        """The version that was active before this one; none for the first."""
        self.ensure_one()
        earlier = self._lineage().filtered(
            lambda other: other.version and other.version < self.version
        )
        return earlier.sorted("version")[-1:]

    def _month_to_close(self, as_of):
        """The end of last month, unless the history has it; False then."""
        self.ensure_one()
        [month_end] = month_ends(as_of, 1)
        if self.closed_on and self.closed_on >= month_end:
            return False
        return month_end if self.scored_as_of else False

    def _earlier_active_models(self):
        """Active models of the company that claim a customer before this one does."""
        self.ensure_one()
        active = self.search(
            [("company_id", "=", self.company_id.id), ("state", "=", "active")]
        )
        return active.filtered(
            lambda other: (other.sequence, other.id) < (self.sequence, self.id)
        )

    def _calibration_due(self, as_of):
        """Whether bands and shares have to be cut before a full run of ``as_of``."""
        self.ensure_one()
        if not self.calibrated_on:
            return True
        months = {"month": 1, "quarter": 3, "year": 12}.get(self.recalibration)
        if not months:
            return False
        passed = (as_of.year - self.calibrated_on.year) * 12
        passed += as_of.month - self.calibrated_on.month
        return passed >= months

    def _calibrate(self, as_of, run=None):
        """Cut bands and shares at the population's mid-rank percentiles."""
        for model in self:
            self.env["customer.value.calibration"]._calibrate(model, as_of, run)
            model.sudo().write(
                {"calibrated_on": as_of, "calibration": model.calibration + 1}
            )

    def _percentile(self, score):
        """Share of the population with a lower rounded score, ties half, in 0..100."""
        self.ensure_one()
        counts = self.histogram or []
        total = sum(counts)
        if not total:
            return None
        at = min(max(int(score + 0.5), 0), 100)
        return 100 * (sum(counts[:at]) + counts[at] / 2) / total

    @api.model
    def _activate_ready(self, codes, companies=None):
        """Activate the delivered models in each company; a cron scores them.

        Every company has its own: amounts are in its currency, bands and shares are
        cut by its own customers.
        """
        for company in companies or self.env["res.company"].search([]):
            for model in self._ready_drafts(codes, company):
                model._replace_active_version()
                self.env["customer.value.run"]._start(model)

    @api.model
    def _ready_drafts(self, codes, company):
        """The delivered models as drafts of a company, less those it already uses."""
        own = self.search([("code", "in", codes), ("company_id", "=", company.id)])
        delivered = self.search([("code", "in", codes)], order="version, id")
        drafts = own.filtered(lambda model: not model.version)
        for code in sorted(set(codes) - set(own.mapped("code"))):
            first = delivered.filtered(lambda model, wanted=code: model.code == wanted)
            drafts |= first[:1].copy({"company_id": company.id, "name": first[:1].name})
        return drafts
