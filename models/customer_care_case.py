from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..tools.window import local_today, start_of_day_utc

STATES = [
    ("waiting", "Waiting"),
    ("open", "Open"),
    ("snoozed", "Snoozed"),
    ("closed", "Closed"),
]
BY_HAND = [
    ("recovered", "Recovered"),
    ("lost", "Lost"),
    ("no_action", "No action needed"),
    ("wrong_alarm", "Wrong alarm"),
    ("done", "Done"),
]
OUTCOMES = [
    *BY_HAND,
    ("passed", "Passed by itself"),
    ("merged", "Merged with another case"),
    ("gone", "No longer a customer"),
]
TOP_CAUSES = 3
QUIET = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_notify_force_send": False,
}
"""Nobody is told of what belongs to a past day."""


class CustomerCareCase(models.Model):
    """A customer to take care of: from what a rule found until it is well again.

    Waiting (found, but the person has enough for today), open, snoozed until a day with
    a reason, closed with an outcome: by itself when the former score, tier, stage is
    regained, or by hand. There is one case under way for a rule and customer; whatever
    else happens meanwhile changes that case.

    The rule's evaluation writes what it found; people hand over, put off and close.
    """

    _name = "customer.care.case"
    _description = "Care Case"
    _inherit = ["customer.value.about", "mail.thread", "mail.activity.mixin"]
    _order = "value_at_stake desc, date desc, id desc"
    _mail_post_access = "read"
    _care_by_hand = frozenset({"user_id"})
    """Fields that people write; the rest is set by buttons and the evaluation."""

    rule_id = fields.Many2one(
        "customer.care.rule",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    trigger = fields.Selection(related="rule_id.trigger")
    advice = fields.Text(related="rule_id.description", string="Advice")
    partner_id = fields.Many2one(index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        string="In Charge",
        index=True,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="waiting",
        index=True,
        tracking=True,
        group_expand=True,
        help="Waiting: found, and given out as soon as the daily cap allows.",
    )
    outcome = fields.Selection(OUTCOMES, readonly=True, tracking=True)
    outcome_note = fields.Text(string="What We Learned", readonly=True)
    is_gain = fields.Boolean(
        string="Good News", readonly=True, help="The customer rose: find out why."
    )
    date = fields.Date(string="Found On", required=True, readonly=True)
    date_assigned = fields.Date(string="Given On", readonly=True)
    date_closed = fields.Date(string="Closed On", readonly=True)
    snooze_until = fields.Date(readonly=True)
    snooze_reason = fields.Char(readonly=True, tracking=True)
    days_to_recover = fields.Integer(
        string="Days to Recover",
        readonly=True,
        aggregator="avg",
        help="From the day it was found until the former level was regained.",
    )
    days_open = fields.Integer(compute="_compute_days_open", string="Day")

    has_scores = fields.Boolean(readonly=True)
    former_date = fields.Date(
        string="Before", readonly=True, help="The last day on the former level."
    )
    former_level = fields.Integer(readonly=True, aggregator=None)
    former_score = fields.Integer(
        string="Score Before", readonly=True, aggregator="avg"
    )
    former_tier_id = fields.Many2one(
        "customer.value.tier", string="Tier Before", readonly=True, ondelete="set null"
    )
    opening_score = fields.Integer(
        string="Score When Found", readonly=True, aggregator=None
    )
    opening_tier_id = fields.Many2one(
        "customer.value.tier", readonly=True, ondelete="set null"
    )
    score = fields.Integer(string="Score Now", readonly=True, aggregator="avg")
    tier_id = fields.Many2one(
        "customer.value.tier", string="Tier Now", readonly=True, ondelete="set null"
    )
    former_tier_color = fields.Char(
        related="former_tier_id.color", string="Colour of the Tier Before"
    )
    tier_color = fields.Char(related="tier_id.color")
    change = fields.Integer(
        string="Points",
        compute="_compute_change",
        store=True,
        aggregator="avg",
        help="Score now less score before.",
    )
    change_text = fields.Char(compute="_compute_change_text", string="What Happened")
    value_at_stake = fields.Monetary(
        string="Value at Stake",
        readonly=True,
        help="The customer's sales before it happened, as the value model measures "
        "them: what counts most comes first.",
    )
    causes = fields.Json(compute="_compute_causes", exportable=False)

    activity_count = fields.Integer(
        compute="_compute_measures", string="Activities Done"
    )
    message_count = fields.Integer(compute="_compute_measures", string="Messages Since")
    order_count = fields.Integer(compute="_compute_measures", string="Orders Since")
    till_count = fields.Integer(compute="_compute_measures", string="Till Orders Since")

    _live_unique = models.UniqueIndex(
        "(rule_id, partner_id) WHERE state <> 'closed'",
        "There is a case of this rule under way for the customer.",
    )
    _given_idx = models.Index("(company_id, date_assigned)")

    # ----------------------------------------------------------------- computes

    @api.depends("rule_id.name", "partner_id.display_name")
    def _compute_display_name(self):
        for case in self:
            case.display_name = self.env._(
                "%(customer)s: %(rule)s",
                customer=case.partner_id.display_name or "",
                rule=case.sudo().rule_id.name or "",
            )

    @api.depends("score", "former_score", "has_scores")
    def _compute_change(self):
        for case in self:
            case.change = case.score - case.former_score if case.has_scores else 0

    @api.depends("date", "date_closed")
    def _compute_days_open(self):
        for case in self:
            until = case.date_closed or case._today()
            case.days_open = (until - case.date).days if case.date else 0

    @api.depends("has_scores", "former_score", "score", "former_tier_id", "tier_id")
    @api.depends_context("lang")
    def _compute_change_text(self):
        """82 → 72, Gold → Silver; what else is watched is told by the rule."""
        for case in self:
            words = []
            if case.trigger == "stage":
                words.append(case.sudo().rule_id.stage_id.name)
            if case.has_scores and case.former_score != case.score:
                words.append(f"{case.former_score} → {case.score}")
            before, now = case.sudo().former_tier_id, case.sudo().tier_id
            if before and now and before.name != now.name:
                words.append(f"{before.name} → {now.name}")
            case.change_text = ", ".join(words) or case.sudo().rule_id.summary

    @api.depends("partner_id", "former_date", "date", "company_id", "state")
    @api.depends_context("lang", "uid")
    def _compute_causes(self):
        """The greatest lines of the exact explanation, as the reader may see them."""
        for case in self:
            case.causes = case._causes() if case.has_scores else False

    def _causes(self):
        score = self.env["customer.value.score"].search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
            ]
        )
        if not score or not self.former_date:
            return False
        explanation = self.env["customer.value.change"]
        told = explanation._explain(score, self.former_date, self._last_day())
        sign = 1 if self.is_gain else -1
        lines = [line for line in told["lines"] if sign * line["shown"] > 0]
        rest = (
            told["to"]
            - told["from"]
            - sum(line["shown"] for line in lines[:TOP_CAUSES])
        )
        return {
            "from": told["from"],
            "to": told["to"],
            "start": fields.Date.to_string(told["start"]),
            "end": fields.Date.to_string(told["end"]) if self.date_closed else False,
            "lines": lines[:TOP_CAUSES],
            "rest": rest,
            "currency_id": self.currency_id.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "score_id": score.id,
            "color": score.sudo().tier_id.color or "",
        }

    def _last_day(self):
        """Told is what led to the case; while it is under way, until now."""
        return self.date if self.state == "closed" else None

    def _compute_measures(self):
        """What was done for the customer since the case was found."""
        for case in self:
            case.activity_count = case.env["mail.activity"].search_count(
                case._activities_domain()
            )
            case.message_count = case.env["mail.message"].search_count(
                case._messages_domain()
            )
            case.order_count = case._count_readable("sale.order")
            case.till_count = case._count_readable("pos.order")

    def _count_readable(self, model_name):
        documents = self.env[model_name]
        if not documents.has_access("read"):
            return 0
        return documents.search_count(self._orders_domain(model_name))

    # -------------------------------------------------------------- constraints

    @api.constrains("user_id", "company_id")
    def _check_user(self):
        for case in self:
            user = case.user_id.sudo()
            if user and (user.share or case.company_id not in user.company_ids):
                raise ValidationError(
                    self.env._(
                        "%(user)s does not work for %(company)s: somebody else has to "
                        "take the case.",
                        user=user.name,
                        company=case.company_id.name,
                    )
                )

    # --------------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Cases are opened by care rules alone."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and set(vals) - self._care_by_hand - self._mail_fields():
            raise AccessError(
                self.env._(
                    "What a rule found stays as it is. Hand the case over, snooze or "
                    "close it."
                )
            )
        if not self.env.su and "user_id" in vals and "closed" in self.mapped("state"):
            raise UserError(self.env._("A closed case stays with who took care of it."))
        result = super().write(vals)
        if "user_id" in vals:
            planned = self.sudo().activity_ids.filtered("automated")
            planned.user_id = vals["user_id"]
        return result

    def _mail_fields(self):
        """What the discussion and activities write."""
        names = set()
        for mixin in ("mail.thread", "mail.activity.mixin"):
            names |= set(self.env[mixin]._fields)
        return names

    # ------------------------------------------------------------------ closing

    def _close(self, outcome, day, note=False):
        """End the cases; what was planned by the rule and is not done is called off."""
        live = self.filtered(lambda case: case.state != "closed")
        if not live:
            return
        told = live.filtered(lambda case: case.state != "waiting")
        quiet = live.sudo().with_context(**QUIET)
        quiet.write(
            {
                "state": "closed",
                "outcome": outcome,
                "outcome_note": note,
                "date_closed": day,
                "snooze_until": False,
            }
        )
        if outcome == "recovered":
            for case in quiet:
                case.days_to_recover = max((day - case.date).days, 0)
        quiet.activity_ids.filtered("automated").unlink()
        told._say_closed(note)

    def _closed_in_words(self, outcome):
        if not self.days_open:
            return self.env._("Closed on the same day: %s.", outcome)
        if self.days_open == 1:
            return self.env._("Closed after a day: %s.", outcome)
        return self.env._(
            "Closed after %(days)s days: %(outcome)s.",
            days=self.days_open,
            outcome=outcome,
        )

    def _say_closed(self, note):
        labels = dict(self._fields["outcome"]._description_selection(self.env))
        bodies = {}
        for case in self:
            body = case._closed_in_words(labels[case.outcome])
            if note:
                body = Markup("%s<br/>%s") % (body, note)
            bodies[case.id] = body
        self.sudo()._message_log_batch(bodies)

    def _snooze(self, until, reason):
        """Put open cases off; who recovers meanwhile is closed all the same."""
        self.check_access("write")
        self.filtered(lambda case: case.state in ("open", "snoozed")).sudo().write(
            {"state": "snoozed", "snooze_until": until, "snooze_reason": reason}
        )

    @api.model
    def _move_to(self, sources, target):
        """Contacts are merged: one case of a rule stays under way, the oldest one.

        It moves to the customer that is left; the others are closed as merged.
        """
        entity = target.commercial_partner_id
        cases = self.search(
            [("partner_id", "in", (sources | target | entity).ids)], order="date, id"
        )
        live = cases.filtered(lambda case: case.state != "closed")
        for same in live.grouped("rule_id").values():
            same[1:]._close("merged", same[:1]._today())
        self.env.flush_all()
        moved = cases.filtered(lambda case: case.partner_id in sources)
        moved.with_context(**QUIET).write({"partner_id": entity.id})
        self.env.flush_all()

    # ----------------------------------------------------------------- starting

    def _start(self, day, tells=True):
        """Give waiting cases to their persons: plan, mail, notification."""
        if not self:
            return
        quiet = self.with_context(**QUIET)
        quiet.write({"state": "open", "date_assigned": day})
        for rule, cases in self.grouped("rule_id").items():
            cases._launch_plan(rule, day)
            if tells and rule.template_id:
                cases._send(rule.template_id)
        if tells:
            self._notify()

    def _launch_plan(self, rule, day):
        """The rule's activities, all at once: the wizard would stop at 500 cases."""
        model_id = self.env["ir.model"]._get_id(self._name)
        vals_list = []
        for case in self:
            for step in rule.plan_id.template_ids:
                told = step._determine_responsible(case.user_id, case)
                vals_list.append(
                    {
                        "activity_type_id": step.activity_type_id.id,
                        "summary": step.summary,
                        "note": step.note,
                        "automated": True,
                        "date_deadline": step._get_date_deadline(day),
                        "user_id": told["responsible"].id or False,
                        "res_model_id": model_id,
                        "res_id": case.id,
                    }
                )
        # who gets the case is told once, not for each of its activities
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            vals_list
        )

    def _send(self, template):
        for case in self:
            template.send_mail(case.id, force_send=False)

    def _notify(self):
        """A word in the discussion of each case, to the person in charge."""
        for case in self.filtered(lambda case: case.rule_id.notifies and case.user_id):
            case.with_context(lang=case.user_id.lang)._notify_person()

    def _notify_person(self):
        what = self.change_text or self.rule_id.summary
        self.message_post(
            body=self.env._("%(what)s. Please take care of it.", what=what),
            subject=self.display_name,
            partner_ids=self.user_id.partner_id.ids,
            author_id=self.env.ref("base.partner_root").id,
            subtype_xmlid="mail.mt_note",
        )

    # ------------------------------------------------------------------ actions

    def action_close(self):
        """Ask how it ended."""
        return self._wizard("customer.care.close", self.env._("Close the Case"))

    def action_snooze(self):
        """Ask until when, and why."""
        return self._wizard("customer.care.snooze", self.env._("Snooze the Case"))

    def _wizard(self, model_name, name):
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model_name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_case_ids": self.ids},
        }

    def action_wake_up(self):
        """Take a snoozed case up again, before its day."""
        self.check_access("write")
        self.filtered(lambda case: case.state == "snoozed").sudo().write(
            {"state": "open", "snooze_until": False}
        )

    def action_take(self):
        """Take the case oneself, at once, whatever the cap."""
        self.check_access("write")
        live = self.filtered(lambda case: case.state != "closed")
        live.user_id = self.env.user
        live.sudo().filtered(lambda case: case.state == "waiting")._start(
            self[:1]._today(), tells=False
        )

    def action_check_now(self):
        """See whether the customer has recovered, without waiting for the night."""
        self.check_access("write")
        engine = self.env["customer.care.engine"]
        for case in self.filtered(lambda case: case.state != "closed"):
            engine._check(case.sudo())

    def action_explain(self):
        """The exact explanation, from the day before to the case's end."""
        self.ensure_one()
        causes = self.causes
        if not causes:
            raise UserError(self.env._("No change of the score is known here."))
        return {
            "type": "ir.actions.client",
            "tag": "customer_value_why",
            "params": {
                "scoreId": causes["score_id"],
                "partnerId": causes["partner_id"],
                "companyId": causes["company_id"],
                "color": causes["color"],
                "days": [
                    causes["start"],
                    causes["end"] or fields.Date.to_string(self._today()),
                ],
            },
        }

    def action_open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    # ----------------------------------------------------------- measures taken

    def _today(self):
        return local_today(self.company_id.value_tz or "UTC")

    def _since(self):
        """The instant at which the day began on which the case was found."""
        return start_of_day_utc(self.date, self.company_id.value_tz or "UTC")

    def _customer_domain(self, path="partner_id"):
        return Domain(f"{path}.commercial_partner_id", "=", self.partner_id.id)

    def _activities_domain(self):
        """Activities done since, on the case and on the customer's documents."""
        done = Domain("active", "=", False) & Domain(
            "date_done", ">=", self._since().date()
        )
        own = Domain("res_model", "=", self._name) & Domain("res_id", "=", self.id)
        documents = self.env["customer.value.activity"].sudo()
        others = documents.search(
            [
                ("partner_id.commercial_partner_id", "=", self.partner_id.id),
                ("date", ">=", self._since().date()),
            ]
        )
        return done & (own | Domain("id", "in", others.ids))

    def _messages_domain(self):
        """Mails and comments since, on the case and on the customer's contacts."""
        contacts = self.env["res.partner"].with_context(active_test=False)
        people = contacts.search([("id", "child_of", self.partner_id.id)])
        about = (Domain("model", "=", self._name) & Domain("res_id", "=", self.id)) | (
            Domain("model", "=", "res.partner") & Domain("res_id", "in", people.ids)
        )
        return (
            about
            & Domain("date", ">=", self._since())
            & Domain("message_type", "in", ("comment", "email", "email_outgoing"))
        )

    def _orders_domain(self, model_name):
        states = {
            "sale.order": ("sale",),
            "pos.order": ("paid", "done", "invoiced"),
        }[model_name]
        return (
            self._customer_domain()
            & Domain("company_id", "=", self.company_id.id)
            & Domain("date_order", ">=", self._since())
            & Domain("state", "in", states)
        )

    def action_open_activities(self):
        return self._documents_action(
            self.env._("Activities Since"),
            "mail.activity",
            self._activities_domain(),
            context={"active_test": False},
        )

    def action_open_messages(self):
        return self._documents_action(
            self.env._("Messages Since"), "mail.message", self._messages_domain()
        )

    def action_open_orders(self):
        return self._documents_action(
            self.env._("Orders Since"), "sale.order", self._orders_domain("sale.order")
        )

    def action_open_till_orders(self):
        return self._documents_action(
            self.env._("Till Orders Since"),
            "pos.order",
            self._orders_domain("pos.order"),
        )

    def _documents_action(self, name, model_name, domain, context=None):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model_name,
            "view_mode": "list,form",
            "domain": list(domain),
            "context": {"create": False, **(context or {})},
        }
