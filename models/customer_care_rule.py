from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

from ..tools.care import Level, Watch, episodes, load
from ..tools.window import local_today
from .care_sql import CareSql
from .counted import counted

TRIGGERS = [
    ("fell", "Score fell"),
    ("rose", "Score rose"),
    ("tier", "Tier changed"),
    ("stage", "Loyalty stage reached"),
    ("band", "Indicator crossed a band"),
    ("complaint", "Complaint open for long"),
    ("override", "Override expired"),
]

READY_RULES = (
    "key_customer_fell",
    "tier_lost",
    "became_at_risk",
    "complaint_open",
    "risen",
)
"""Codes of the rules that are delivered."""

ACTIVE_FROM_START = ("key_customer_fell", "complaint_open")
"""Ready rules whose volume is small by what they ask: the top of the pyramid, and
customers who are waiting for us. The others speak of everybody, so they are delivered
as drafts: a manager looks at the preview first."""

PREVIEW_DAYS = 90
WEEK = 7

BAD_STAGES = ("overdue", "dormant")
"""Kinds of loyalty stages that one does not wish to see a customer in."""


class CustomerCareRule(models.Model):
    """What must happen when something happens to a customer.

    A rule watches one thing (see ``care_sql.py``) in a part of the customers, and says
    who takes care of it, and how. While it is active it opens a case for each customer
    for whom it begins to hold; never a second one while the first is under way.

    Draft -> active. What a rule asks cannot be changed while it is active, and it is
    activated only after a look at its preview: the cases it would have opened in the
    last 90 days, for whom.

    Ready rules: key customer fell, tier lost, became at risk, complaint open, risen.
    Their volume is guarded twice, by the daily cap per person and by being drafts
    where many customers may be meant: only :data:`ACTIVE_FROM_START` are active.
    """

    _name = "customer.care.rule"
    _description = "Care Rule"
    _inherit = ["mail.thread", "customer.value.coded"]
    _order = "sequence, id"
    _care_words = frozenset(
        {
            "name",
            "code",
            "sequence",
            "active",
            "state",
            "preview",
            "previewed_on",
            "problem",
            "description",
            "assign_to",
            "user_id",
            "plan_id",
            "template_id",
            "notifies",
            "daily_cap",
        }
    )
    """Fields that do not change which cases are opened: free while it is active."""
    _care_kept = frozenset({"state", "preview", "previewed_on", "problem"})
    """Fields that the buttons and the evaluation alone write."""

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(required=True, help="Stable name for tests and integrations.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    description = fields.Text(
        string="Advice",
        translate=True,
        help="Shown on the case: what to think of, what to ask.",
    )

    trigger = fields.Selection(TRIGGERS, required=True, default="fell", tracking=True)
    points = fields.Integer(
        default=10, tracking=True, help="Whole points of the score, at least."
    )
    days = fields.Integer(
        default=30,
        tracking=True,
        help="The change lies within so many days. Of a complaint: open for so many.",
    )
    tier_change = fields.Selection(
        [
            ("down", "To a lower tier"),
            ("up", "To a higher tier"),
            ("lost", "Left the tiers named below"),
        ],
        default="down",
    )
    stage_id = fields.Many2one("customer.loyalty.stage", ondelete="restrict")
    indicator_id = fields.Many2one(
        "customer.value.indicator",
        ondelete="restrict",
        domain="[('model_id.company_id', '=', company_id), "
        "('model_id.state', '=', 'active')]",
    )
    band_id = fields.Many2one(
        "customer.value.band",
        ondelete="restrict",
        domain="[('indicator_id', '=', indicator_id)]",
        help="The border is crossed where the points of this band begin.",
    )
    band_way = fields.Selection(
        [("below", "Fell below it"), ("above", "Reached it")], default="below"
    )
    is_gain = fields.Boolean(compute="_compute_is_gain")

    domain = fields.Char(
        string="Customers",
        default="[]",
        required=True,
        help="Further conditions on the customer.",
    )
    model_id = fields.Many2one(
        "customer.value.model",
        string="Value Model",
        ondelete="restrict",
        domain="[('company_id', '=', company_id), ('state', '=', 'active')]",
        help="Only customers who are scored by it, in any version.",
    )
    tier_ids = fields.Many2many(
        "customer.value.tier",
        string="Tiers",
        domain="[('model_id.company_id', '=', company_id), "
        "('model_id.state', '=', 'active')]",
        help="Customers who held one of these tiers before it happened, or hold one "
        "now. All customers if there is none.",
    )

    assign_to = fields.Selection(
        [
            ("owner", "Salesperson of the customer"),
            ("leader", "Leader of the salesperson's team"),
            ("person", "One person"),
        ],
        default="owner",
        required=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Person",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Takes the case; or, where the customer has no salesperson, or the "
        "salesperson's team no leader, stands in. Without one the case waits for "
        "somebody to take it.",
    )
    assignment = fields.Char(compute="_compute_assignment", string="Who Takes It")
    plan_id = fields.Many2one(
        "mail.activity.plan",
        string="Activity Plan",
        ondelete="restrict",
        domain="[('res_model', '=', 'customer.care.case'), "
        "('company_id', 'in', [company_id, False])]",
    )
    template_id = fields.Many2one(
        "mail.template",
        string="Mail",
        ondelete="restrict",
        domain="[('model', '=', 'customer.care.case')]",
        help="Sent when the case is given to somebody.",
    )
    notifies = fields.Boolean(
        string="Notify the Person",
        default=True,
        help="In the inbox or by mail, as the person prefers.",
    )
    daily_cap = fields.Integer(
        help="New cases of this rule for a person in a day. 0: they count among the "
        "cases of all rules, up to the cap of the company.",
    )

    preview = fields.Json(readonly=True, copy=False)
    previewed_on = fields.Date(readonly=True, copy=False)
    problem = fields.Text(
        string="To Mend",
        readonly=True,
        copy=False,
        help="Why the rule could not be evaluated last night.",
    )
    summary = fields.Char(compute="_compute_summary", string="In Words")
    case_count = fields.Integer(compute="_compute_case_count", string="Cases")
    live_count = fields.Integer(compute="_compute_case_count", string="Under Way")

    _code_unique = models.UniqueIndex(
        "(company_id, code)", "Another rule of the company already has this code."
    )
    _positive = models.Constraint(
        "CHECK (points >= 1 AND points <= 100 AND days >= 1 AND days <= 365 "
        "AND daily_cap >= 0)",
        "Points lie between 1 and 100, days between 1 and 365; a cap is 0 or more.",
    )

    # ----------------------------------------------------------------- computes

    @api.depends("trigger", "tier_change", "stage_id.kind", "band_way")
    def _compute_is_gain(self):
        for rule in self:
            rule.is_gain = (
                rule.trigger == "rose"
                or (rule.trigger == "tier" and rule.tier_change == "up")
                or (rule.trigger == "band" and rule.band_way == "above")
                or (rule.trigger == "stage" and rule.stage_id.kind not in BAD_STAGES)
            )

    @api.depends("assign_to", "user_id")
    @api.depends_context("lang")
    def _compute_assignment(self):
        for rule in self:
            chain = {
                "owner": [self.env._("the customer's salesperson")],
                "leader": [
                    self.env._("the leader of the salesperson's team"),
                    self.env._("the salesperson"),
                ],
                "person": [],
            }[rule.assign_to or "person"]
            last = rule.user_id.name or self.env._("nobody yet: managers see it")
            rule.assignment = self.env._(", else ").join([*chain, last])

    @api.depends("trigger", "points", "days", "tier_change", "stage_id.name")
    @api.depends("indicator_id.name", "indicator_id.confidential", "tier_ids.name")
    @api.depends("band_id.points", "band_way")
    @api.depends_context("lang")
    def _compute_summary(self):
        for rule in self:
            rule.summary = rule._in_words()

    def _in_words(self):
        within = counted(self.env, "within", self.days)
        if self.trigger in ("fell", "rose"):
            text = (
                self.env._("The score fell by %(points)s or more %(within)s")
                if self.trigger == "fell"
                else self.env._("The score rose by %(points)s or more %(within)s")
            )
            words = text % {"points": self.points, "within": within}
        elif self.trigger == "tier":
            words = {
                "down": self.env._("Came to a lower tier %s", within),
                "up": self.env._("Came to a higher tier %s", within),
                "lost": self.env._("Left these tiers %s", within),
            }[self.tier_change or "down"]
        elif self.trigger == "stage":
            words = self.env._(
                "Became “%(stage)s” %(within)s",
                stage=self.stage_id.name or "…",
                within=within,
            )
        elif self.trigger == "band":
            words = self._band_in_words(within)
        elif self.trigger == "complaint":
            words = (
                self.env._("A complaint is open for a day or longer")
                if self.days == 1
                else self.env._("A complaint is open for %s days or longer", self.days)
            )
        else:
            words = self.env._("A manager's word expired %s", within)
        tiers = ", ".join(dict.fromkeys(self.tier_ids.mapped("name")))
        if tiers:
            return self.env._("%(what)s: %(tiers)s", what=words, tiers=tiers)
        return words

    def _band_in_words(self, within):
        """The words stand on cases, which everybody reads: nothing confidential."""
        indicator = self.indicator_id.sudo()
        if indicator.confidential:
            return (
                self.env._("A confidential measure rose %s", within)
                if self.band_way == "above"
                else self.env._("A confidential measure fell %s", within)
            )
        text = (
            self.env._("“%(name)s” reached %(points)g points %(within)s")
            if self.band_way == "above"
            else self.env._("“%(name)s” fell below %(points)g points %(within)s")
        )
        return text % {
            "name": indicator.name or "…",
            "points": self.band_id.sudo().points,
            "within": within,
        }

    def _compute_case_count(self):
        groups = self.env["customer.care.case"]._read_group(
            [("rule_id", "in", self.ids)], ["rule_id", "state"], ["__count"]
        )
        for rule in self:
            counts = {state: count for of, state, count in groups if of == rule}
            rule.case_count = sum(counts.values())
            rule.live_count = rule.case_count - counts.get("closed", 0)

    # -------------------------------------------------------------- constraints

    @api.constrains("trigger", "stage_id", "indicator_id", "band_id", "tier_change")
    @api.constrains("tier_ids", "domain", "model_id", "company_id", "assign_to")
    @api.constrains("user_id", "plan_id", "template_id")
    def _check_complete(self):
        for rule in self:
            problem = rule._definition_problem() or rule._domain_problem()
            if problem:
                raise ValidationError(
                    self.env._("%(rule)s: %(problem)s", rule=rule.name, problem=problem)
                )

    def _definition_problem(self):
        """What the rule lacks, in words; or False."""
        if self.trigger == "stage" and not self.stage_id:
            return self.env._("choose the stage that is reached.")
        if self.trigger == "band" and not (self.indicator_id and self.band_id):
            return self.env._("choose the indicator, and the band that is crossed.")
        if self.band_id and self.band_id.indicator_id != self.indicator_id:
            return self.env._("the band belongs to another indicator.")
        if self.trigger == "tier" and self.tier_change == "lost" and not self.tier_ids:
            return self.env._("name the tiers that are left.")
        if self.assign_to == "person" and not self.user_id:
            return self.env._("choose the person who takes the cases.")
        named = self.tier_ids.model_id | self.model_id | self.indicator_id.model_id
        if named.company_id - self.company_id:
            return self.env._(
                "its tiers, value model and indicator have to be of its own company."
            )
        model = "customer.care.case"
        if self.plan_id and self.plan_id.res_model != model:
            return self.env._("the activity plan has to be one for care cases.")
        if self.template_id and self.template_id.model != model:
            return self.env._("the mail has to be one about care cases.")
        return False

    def _domain_problem(self):
        try:
            self.sudo()._population()
        except Exception as error:
            return self.env._("the filter on customers cannot be used: %s", error)
        return False

    # --------------------------------------------------------------------- CRUD

    @api.onchange("indicator_id")
    def _onchange_indicator(self):
        if self.band_id.indicator_id != self.indicator_id:
            self.band_id = False

    @api.onchange("trigger")
    def _onchange_trigger(self):
        """A usual number of days for what is watched."""
        self.days = {"complaint": 3, "fell": 30, "rose": 30}.get(self.trigger, 7)
        if self.trigger == "rose":
            self.points = 15

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("code") and vals.get("name"):
                vals["code"] = self._code_of(vals["name"])
        rules = super().create(vals_list)
        # a default of the context counts, too
        if any(rule.state != "draft" or rule.previewed_on for rule in rules):
            self._refuse_unseen()
        return rules

    def write(self, vals):
        if not self._care_kept.isdisjoint(vals):
            self._refuse_unseen()
        if not self._care_words.issuperset(vals):
            active = self.filtered(lambda rule: rule.state == "active")
            if active and not self.env.su:
                raise UserError(
                    self.env._(
                        "%s is active: stop it first, then change it, look at the "
                        "preview and activate it again.",
                        active[0].name,
                    )
                )
            vals = {**vals, "preview": False, "previewed_on": False}
        return super().write(vals)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        if not {"code", "company_id"}.intersection(default or {}):
            for rule, vals in zip(self, vals_list, strict=True):
                vals["code"] = f"{rule.code}_copy"
                vals["name"] = self.env._("%s (copy)", rule.name)
        return vals_list

    def _refuse_unseen(self):
        """Nobody makes a rule count without having looked at its preview."""
        if not self.env.su:
            raise AccessError(
                self.env._(
                    "A rule is previewed, activated and stopped by its buttons alone."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_used(self):
        if self.sudo().filtered("case_count"):
            raise UserError(
                self.env._("There are cases of this rule. Archive it instead.")
            )

    # ------------------------------------------------------------------ actions

    def action_preview(self):
        """Work out the cases of the last 90 days, and keep them on the rule."""
        self.check_access("write")
        for rule in self:
            rule.sudo().write(
                {"preview": rule.sudo()._preview(), "previewed_on": rule._today()}
            )

    def action_activate(self):
        """Let the rule open cases, from the next evaluation on."""
        self.check_access("write")
        for rule in self.filtered(lambda rule: rule.state == "draft"):
            problem = rule._definition_problem()
            if not (rule.previewed_on or self.env.su):
                problem = self.env._(
                    "press Preview first, to see how many cases it would have opened."
                )
            if problem:
                raise UserError(
                    self.env._("%(rule)s: %(problem)s", rule=rule.name, problem=problem)
                )
            rule.sudo().write({"state": "active", "problem": False})

    def action_stop(self):
        """Open no more cases; those under way are taken care of to their end."""
        self.check_access("write")
        self.sudo().write({"state": "draft"})

    def action_evaluate(self):
        """Do now what is done every night."""
        self.check_access("write")
        engine = self.env["customer.care.engine"].sudo()
        for company in self.company_id:
            rules = self.filtered(lambda rule, of=company: rule.company_id == of)
            engine._evaluate(company, rules=rules.sudo())

    def action_open_cases(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_value.customer_care_case_action"
        )
        return dict(
            action,
            name=self.name,
            domain=[("rule_id", "=", self.id)],
            context={"search_default_group_state": 1},
        )

    # ----------------------------------------------------------------- watching

    def _today(self):
        return local_today(self.company_id.value_tz)

    def _population(self):
        """Commercial entities the rule speaks of, as a query on contacts."""
        self.ensure_one()
        contacts = self.env["res.partner"].with_company(self.company_id)
        return contacts._search(
            Domain(safe_eval(self.domain or "[]", {}))
            & (Domain("is_company", "=", True) | Domain("parent_id", "=", False))
            & Domain("company_id", "in", [self.company_id.id, False])
        )

    def _threshold(self):
        return self.points if self.trigger in ("fell", "rose") else 1

    def _filters_tiers(self):
        """The tiers that are left are what is watched, not who is meant."""
        names = self.trigger == "tier" and self.tier_change == "lost"
        return bool(self.tier_ids) and not names

    def _tier_versions(self):
        """Ids of the rule's tiers in all versions of their value models."""
        tiers = self.tier_ids
        kept = {(tier.model_id.code, tier.code) for tier in tiers}
        others = tiers.search(
            [
                ("model_id.company_id", "=", self.company_id.id),
                ("code", "in", tiers.mapped("code")),
            ]
        )
        return [tier.id for tier in others if (tier.model_id.code, tier.code) in kept]

    def _stage_levels(self):
        """``{stage id: level}``; others have level 1. See ``care_sql.py``."""
        stages = self.env["customer.loyalty.stage"].with_context(active_test=False)
        if self.is_gain:
            return {
                stage.id: int(stage == self.stage_id) for stage in stages.search([])
            }
        bad = stages.search([("kind", "in", BAD_STAGES)])
        return {stage.id: self._bad_level(stage) for stage in bad}

    def _bad_level(self, stage):
        """0 in the rule's stage, below it where it is worse, above it where better."""
        if stage == self.stage_id:
            return 0
        if stage.kind == self.stage_id.kind == "overdue":
            return 1 if stage.percentile < self.stage_id.percentile else -1
        return 1 if self.stage_id.kind == stage.kind else -1

    def _watch(self):
        """The same for ``tools/care.py``."""
        target = {True: 1, False: 0}[self.is_gain] if self.trigger == "stage" else None
        return Watch(
            sign=-1 if self.is_gain else 1,
            threshold=self._threshold(),
            days=None if self.trigger == "complaint" else self.days,
            target=target,
            by_tier=self.trigger == "fell",
        )

    # --------------------------------------------------------------- previewing

    def _episodes(self, first, last):
        """``{customer id: cases}`` that the rule would have opened between two days."""
        self.ensure_one()
        self.env.flush_all()
        composer = CareSql(self, last)
        try:
            with self.env.cr.savepoint():
                rows = self.env.execute_query(composer.candidates(first))
        except (psycopg2.DataError, psycopg2.ProgrammingError) as error:
            raise UserError(self.env._("The rule cannot be used: %s", error)) from error
        courses = {}
        for partner_id, *row in rows:
            courses.setdefault(partner_id, []).append(Level(*row))
        meant = self._meant_by_tier(composer, list(courses))
        found = {
            partner_id: episodes(course, first, last, self._watch(), meant(partner_id))
            for partner_id, course in courses.items()
        }
        return {partner_id: cases for partner_id, cases in found.items() if cases}

    def _meant_by_tier(self, composer, partner_ids):
        """``meant(customer)(former day, day)``: held one of the tiers then or now."""
        if not self._filters_tiers():
            return lambda partner_id: lambda *days: True
        held, wanted = {}, set(self._tier_versions())
        rows = self.env.execute_query(composer.tiers_of(partner_ids))
        for partner_id, day, tier_id in rows:
            held.setdefault(partner_id, []).append((day, tier_id))

        def tier_on(partner_id, day):
            past = [tier for since, tier in held.get(partner_id, ()) if since <= day]
            return past[-1] if past else None

        return lambda partner_id: lambda *days: any(
            tier_on(partner_id, day) in wanted for day in days
        )

    def _preview(self):
        """The cases of the last 90 days, for the browser: by week and by person."""
        today = self._today()
        first = today - timedelta(days=PREVIEW_DAYS - 1)
        found = self._episodes(first, today)
        users = self._responsibles(self.env["res.partner"].browse(found))
        weeks = [0] * (PREVIEW_DAYS // WEEK + 1)
        by_user = {}
        for partner_id, cases in found.items():
            for case in cases:
                weeks[(today - case.opened).days // WEEK] += 1
                by_user.setdefault(users[partner_id], []).append(case.opened)
        cap = self._cap()
        loads = {user: load(days, cap) for user, days in by_user.items()}
        ordered = sorted(loads.items(), key=lambda item: -item[1].count)
        return {
            "days": PREVIEW_DAYS,
            "count": sum(map(len, by_user.values())),
            "customers": len(found),
            "recovered": sum(
                bool(case.closed) for cases in found.values() for case in cases
            ),
            "weeks": weeks[::-1],
            "cap": cap,
            "people": [
                {"user_id": user.id, "name": user.name or "", **told._asdict()}
                for user, told in ordered
            ],
        }

    def _cap(self):
        return self.daily_cap or self.company_id.value_case_cap

    # ---------------------------------------------------------------- assigning

    def _responsibles(self, partners):
        """``{customer id: user}``, an empty user where there is nobody."""
        self.ensure_one()
        chosen = {}
        able = {}
        for partner in partners:
            chain = self._chain(partner.user_id)
            chosen[partner.id] = next(
                (user for user in chain if able.setdefault(user, self._can_take(user))),
                self.env["res.users"],
            )
        return chosen

    def _chain(self, owner):
        """Who could take the case of an owner's customer, the first one first."""
        if self.assign_to == "owner":
            return [owner, self.user_id]
        if self.assign_to == "leader":
            return [owner.sale_team_id.user_id, owner, self.user_id]
        return [self.user_id]

    def _can_take(self, user):
        return (
            user.active
            and not user.share
            and self.company_id in user.company_ids
            and user.has_group("customer_value.group_user")
        )

    # -------------------------------------------------------------- ready rules

    @api.model
    def _deliver(self, companies=None):
        """Give each company the ready rules it does not have; some are active.

        Tiers that a rule names are those of the company's own value models.
        """
        rules = self.sudo().with_context(active_test=False)
        ready = rules.search([("code", "in", READY_RULES)], order="id")
        fresh = rules.browse()
        for company in companies or self.env["res.company"].search([]):
            own = ready.filtered(lambda rule, of=company: rule.company_id == of)
            for code in sorted(set(READY_RULES) - set(own.mapped("code"))):
                first = ready.filtered(lambda rule, wanted=code: rule.code == wanted)
                fresh |= first[:1]._copy_to(company) if first else first
        fresh._activate_from_start()
        return fresh

    def _activate_from_start(self):
        """Without the tiers it is meant for a rule would speak of everybody."""
        guarded = self.filtered(
            lambda rule: rule.code in ACTIVE_FROM_START
            and (rule.trigger == "complaint" or rule.tier_ids)
        )
        guarded.action_activate()

    def _copy_to(self, company):
        kept = {(tier.model_id.code, tier.code) for tier in self.tier_ids}
        tiers = self.tier_ids.search(
            [
                ("model_id.company_id", "=", company.id),
                ("model_id.state", "=", "active"),
            ]
        )
        return self.copy(
            {
                "company_id": company.id,
                "name": self.name,
                "code": self.code,
                "user_id": False,
                "model_id": False,
                "tier_ids": [
                    (4, tier.id)
                    for tier in tiers
                    if (tier.model_id.code, tier.code) in kept
                ],
            }
        )
