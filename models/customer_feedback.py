from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools.window import local_day, local_today
from .customer_feedback_stage import CLOSING, KINDS, LISTENING

CHANNELS = [
    ("partner", "Contact"),
    ("quotation", "Quotation"),
    ("till", "Till"),
    ("mail", "Mail"),
    ("portal", "Portal"),
    ("rating", "Rating"),
    ("other", "Other"),
]

SUBJECT_LENGTH = 80

STAMPED = "customer_feedback_stamped"
"""Context key: the stage is written with what reaching it notes."""


class CustomerFeedback(models.Model):
    """A suggestion, a complaint or praise: from hearing it to telling the customer.

    Listening is a practice of four steps: *heard*, *problem found*, *solution*,
    *customer told*. The stages are the users' own, each means one of the steps (or an
    end); who came to it when is noted beside, never typed.

    The same idea of several customers is one idea: the later ones are joined to the
    first (``parent_id``), all stand in one stage, and each author is credited by the
    own record. ``idea_id`` is the first of them, so that nobody is credited twice for
    one idea.
    """

    _name = "customer.feedback"
    _description = "Customer Feedback"
    _inherit = [
        "portal.mixin",
        "mail.thread",
        "mail.activity.mixin",
        "customer.captured",
    ]
    _born_channels = frozenset({"mail", "portal", "rating"})
    _order = "date desc, id desc"
    _rec_name = "subject"
    _primary_email = "email_from"
    _check_company_auto = True

    subject = fields.Char(
        required=True,
        compute="_compute_subject",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="In a few words; else the first line of the description.",
    )
    active = fields.Boolean(default=True)
    kind = fields.Selection(KINDS, required=True, default="complaint", tracking=True)
    description = fields.Text(help="In the customer's words.")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index=True,
        tracking=True,
        check_company=True,
        help="Who said it. Empty while nobody knows, for example of a stranger's mail.",
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Customer (Company)"
    )
    email_from = fields.Char(string="E-mail", help="Of a sender who is no contact yet.")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        tracking=True,
        domain="[('share', '=', False)]",
        help="Who answers for it; the customer's salesperson unless another is chosen.",
    )
    box_id = fields.Many2one(
        "customer.feedback.box",
        string="Mailbox",
        readonly=True,
        index="btree_not_null",
    )
    channel = fields.Selection(
        CHANNELS,
        default="other",
        required=True,
        readonly=True,
        help="Where it was said.",
    )
    res_model = fields.Char(string="Origin Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Origin", model_field="res_model", readonly=True
    )

    stage_id = fields.Many2one(
        "customer.feedback.stage",
        compute="_compute_stage_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        domain="[(kind and 'for_' + kind or 'active', '=', True)]",
        group_expand="_read_group_stage_ids",
    )
    step = fields.Selection(related="stage_id.step")
    date = fields.Datetime(
        string="Received",
        required=True,
        default=fields.Datetime.now,
        copy=False,
    )
    tier_code = fields.Selection(
        "_selection_tier_code",
        string="Tier on Receipt",
        compute="_compute_tier_code",
        store=True,
        precompute=True,
        help="Of the customer when it was received: the deadline went by it.",
    )
    date_due = fields.Date(
        string="Answer Due",
        compute="_compute_date_due",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="The day on which the customer is told at the latest.",
    )
    date_heard = fields.Datetime(string="Heard", readonly=True, copy=False)
    heard_user_id = fields.Many2one(
        "res.users", string="Heard by", readonly=True, copy=False
    )
    date_found = fields.Datetime(string="Problem Found", readonly=True, copy=False)
    found_user_id = fields.Many2one(
        "res.users", string="Found by", readonly=True, copy=False
    )
    date_solved = fields.Datetime(string="Solution", readonly=True, copy=False)
    solved_user_id = fields.Many2one(
        "res.users", string="Solved by", readonly=True, copy=False
    )
    date_answered = fields.Datetime(
        string="Customer Told", readonly=True, copy=False, tracking=True
    )
    answered_user_id = fields.Many2one(
        "res.users", string="Told by", readonly=True, copy=False
    )
    date_closed = fields.Datetime(string="Closed", readonly=True, copy=False)
    answer = fields.Text(copy=False, help="What the customer was told.")
    resolution = fields.Text(
        string="Solution in Words",
        copy=False,
        help="What was or will be done, for ourselves.",
    )
    cause_id = fields.Many2one(
        "customer.feedback.cause",
        index="btree_not_null",
        tracking=True,
        ondelete="restrict",
        help="Why it happened: complaints are counted by it.",
    )
    is_open = fields.Boolean(
        compute="_compute_is_open", search="_search_is_open", string="Open"
    )
    is_overdue = fields.Boolean(
        compute="_compute_is_overdue",
        search="_search_is_overdue",
        string="Overdue",
        help="The customer has not been told, and the due day is over.",
    )
    hours_to_answer = fields.Float(
        string="Hours to Answer",
        compute="_compute_hours_to_answer",
        store=True,
        aggregator="avg",
        digits=(16, 1),
        help="From receipt to the day on which the customer was told.",
    )
    is_in_time = fields.Boolean(
        string="Answered in Time",
        compute="_compute_is_in_time",
        store=True,
        help="The customer was told on the due day at the latest.",
    )
    parent_id = fields.Many2one(
        "customer.feedback",
        string="Same Idea As",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        copy=False,
        tracking=True,
        domain="[('kind', '=', kind), ('company_id', '=', company_id), "
        "('parent_id', '=', False), ('id', '!=', id)]",
        help="Who said the same first. Both stand in one stage; both are credited.",
    )
    child_ids = fields.One2many("customer.feedback", "parent_id", string="Said Again")
    idea_id = fields.Many2one(
        "customer.feedback",
        string="Idea",
        compute="_compute_idea_id",
        store=True,
        index=True,
        help="The first of those who said the same.",
    )
    author_ids = fields.Many2many(
        "res.partner",
        string="Authors",
        compute="_compute_authors",
        help="Everybody who said the same.",
    )
    said_count = fields.Integer(string="Times Said", compute="_compute_authors")
    is_adopted = fields.Boolean(
        string="Adopted", readonly=True, copy=False, help="What was suggested is done."
    )
    date_adopted = fields.Datetime(string="Adopted on", readonly=True, copy=False)
    date_thanked = fields.Datetime(string="Author Thanked", readonly=True, copy=False)

    _document_unique = models.UniqueIndex(
        "(channel, res_model, res_id) WHERE channel IN ('till', 'rating')",
        "This order or rating became feedback already.",
    )
    _open_idx = models.Index("(company_id, date_due) WHERE date_closed IS NULL")
    _adopted_idx = models.Index("(company_id, partner_id) WHERE is_adopted")

    # ------------------------------------------------------------------ computes

    @api.depends("description", "kind")
    def _compute_subject(self):
        for feedback in self:
            if not feedback.subject:
                feedback.subject = self._in_short(feedback.description, feedback.kind)

    @api.model
    def _in_short(self, words, kind):
        """The first line of what was said; else what kind of feedback it is."""
        lines = (words or "").strip().splitlines()
        if lines:
            return lines[0][:SUBJECT_LENGTH]
        return dict(self._fields["kind"]._description_selection(self.env)).get(kind)

    @api.depends("partner_id")
    def _compute_user_id(self):
        for feedback in self:
            partner = feedback.partner_id.sudo()
            salesperson = partner.user_id or partner.commercial_partner_id.user_id
            if salesperson and feedback.company_id not in salesperson.company_ids:
                salesperson = salesperson.browse()
            feedback.user_id = (
                feedback.user_id or salesperson or feedback.box_id.sudo().user_id
            )

    @api.depends("kind")
    def _compute_stage_id(self):
        stages = self.env["customer.feedback.stage"]
        first = {kind: stages._first(kind) for kind in {one.kind for one in self}}
        for feedback in self:
            if not (feedback.stage_id and feedback.stage_id._suits(feedback.kind)):
                feedback.stage_id = first[feedback.kind]

    @api.depends("partner_id")
    def _compute_tier_code(self):
        """As it stands on receipt; later moves of the customer change nothing."""
        entities = self.partner_id.sudo().commercial_partner_id
        scores = (
            self.env["customer.value.score"]
            .sudo()
            .search_fetch(
                [
                    ("partner_id", "in", entities.ids),
                    ("company_id", "in", self.company_id.ids),
                ],
                ["partner_id", "company_id", "tier_id"],
            )
        )
        codes = {
            (score.partner_id, score.company_id): score.tier_id.code for score in scores
        }
        for feedback in self:
            entity = feedback.partner_id.sudo().commercial_partner_id
            feedback.tier_code = codes.get((entity, feedback.company_id), False)

    @api.depends("kind", "tier_code", "date", "company_id")
    def _compute_date_due(self):
        days = self.env["customer.feedback.deadline"]._days_by_case()
        for feedback in self:
            kind, company = feedback.kind, feedback.company_id
            tier = feedback.tier_code or False
            found = [
                days[case]
                for case in (
                    (kind, tier, company.id),
                    (kind, False, company.id),
                    (kind, tier, False),
                    (kind, False, False),
                )
                if case in days
            ]
            feedback.date_due = (
                local_day(feedback.date, company.value_tz) + timedelta(days=found[0])
                if found and feedback.date
                else False
            )

    @api.depends("date_closed")
    def _compute_is_open(self):
        for feedback in self:
            feedback.is_open = not feedback.date_closed

    def _search_is_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("date_closed", "=" if True in value else "!=", False)]

    @api.depends("date_due", "date_answered", "date_closed", "company_id")
    def _compute_is_overdue(self):
        for feedback in self:
            feedback.is_overdue = bool(
                feedback.date_due
                and not feedback.date_answered
                and not feedback.date_closed
                and feedback.date_due < local_today(feedback.company_id.value_tz)
            )

    def _search_is_overdue(self, operator, value):
        """By each company's own day."""
        if operator != "in":
            return NotImplemented
        companies = self.env["res.company"].sudo().search([])
        overdue = Domain.OR(
            Domain("company_id", "in", same_day.ids)
            & Domain("date_due", "<", local_today(tz))
            for tz, same_day in companies.grouped("value_tz").items()
        )
        overdue &= Domain("date_answered", "=", False)
        overdue &= Domain("date_closed", "=", False)
        return overdue if True in value else ~overdue

    @api.depends("date", "date_answered")
    def _compute_hours_to_answer(self):
        for feedback in self:
            feedback.hours_to_answer = (
                (feedback.date_answered - feedback.date).total_seconds() / 3600
                if feedback.date_answered
                else False
            )

    @api.depends("date_answered", "date_due", "company_id")
    def _compute_is_in_time(self):
        for feedback in self:
            told, due = feedback.date_answered, feedback.date_due
            tz = feedback.company_id.value_tz
            feedback.is_in_time = bool(told and due and local_day(told, tz) <= due)

    @api.depends("parent_id")
    def _compute_idea_id(self):
        for feedback in self:
            feedback.idea_id = feedback.parent_id or feedback._origin

    @api.depends("parent_id.child_ids.partner_id", "child_ids.partner_id", "partner_id")
    def _compute_authors(self):
        for feedback in self:
            first = feedback.parent_id or feedback
            idea = first | first.child_ids
            feedback.author_ids = idea.partner_id
            feedback.said_count = len(idea)

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for feedback in self:
            feedback.access_url = f"/my/feedback/{feedback.id}"
        return result

    @api.model
    def _selection_tier_code(self):
        """Tiers by their code, which is the same in every version of a value model."""
        tiers = self.env["customer.value.tier"].sudo().search([], order="sequence, id")
        return list({tier.code: tier.name for tier in tiers}.items())

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        """Every stage of the kind that is shown, in their order."""
        kind = self.env.context.get("default_kind")
        suits = Domain(f"for_{kind}", "=", True) if kind else Domain.TRUE
        return stages.search(Domain("id", "in", stages.ids) | suits)

    # --------------------------------------------------------------- constraints

    @api.constrains("kind", "stage_id")
    def _check_stage_suits(self):
        for feedback in self:
            if not feedback.stage_id._suits(feedback.kind):
                raise ValidationError(
                    self.env._(
                        "“%(stage)s” is no stage of this kind of feedback "
                        "(“%(subject)s”). Choose another one.",
                        stage=feedback.stage_id.name,
                        subject=feedback.subject,
                    )
                )

    @api.constrains("stage_id", "kind")
    def _check_customer_told(self):
        for feedback in self:
            closes = feedback.kind == "complaint" and feedback.step in CLOSING
            if closes and not feedback.date_answered:
                raise ValidationError(
                    self.env._(
                        "Nobody has told the customer yet what became of “%s”. Answer "
                        "first, or move it to “Customer Told” if you did so otherwise. "
                        "What is no complaint can be archived or given another kind.",
                        feedback.subject,
                    )
                )

    @api.constrains("parent_id", "kind", "company_id")
    def _check_same_idea(self):
        for feedback in self:
            first = feedback.parent_id
            if not first:
                continue
            if first == feedback or first.parent_id:
                raise ValidationError(
                    self.env._(
                        "“%s” cannot be joined to itself, nor to what is joined to "
                        "another one. Join it to the first who said it.",
                        feedback.subject,
                    )
                )
            if first.kind != feedback.kind or first.company_id != feedback.company_id:
                raise ValidationError(
                    self.env._(
                        "Only feedback of one kind and one company can be joined: "
                        "“%(one)s” and “%(other)s” differ.",
                        one=feedback.subject,
                        other=first.subject,
                    )
                )

    # ---------------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        feedbacks = super().create(vals_list)
        for feedback in feedbacks:
            if feedback.step != "new":
                feedback._enter_stage(feedback.stage_id)
        return feedbacks

    def write(self, vals):
        """One idea, one stage: what is moved takes along what was joined to it."""
        if vals.get("parent_id"):
            vals = {**vals, "parent_id": self._first_said(vals["parent_id"]).id}
        if vals.get("stage_id") and not self.env.context.get(STAMPED):
            stage = self.env["customer.feedback.stage"].browse(vals.pop("stage_id"))
            vals = {**vals}
            result = super().write(vals) if vals else True
            self._enter_stage(stage)
            (self.sudo()._same_idea() - self)._enter_stage(stage)
            return result
        result = super().write(vals)
        if vals.get("parent_id"):
            self._follow_first()
        return result

    def unlink(self):
        """Who said it next is the first from then on."""
        for heirs in [first.sudo().child_ids - self for first in self]:
            next_one = heirs.sorted(lambda one: (one.date, one.id))[:1]
            heirs.parent_id = False
            (heirs - next_one).parent_id = next_one
        return super().unlink()

    # ------------------------------------------------------------------ listening

    def _enter_stage(self, stage):
        """Come to a stage: note who did and when, forget what lies behind it."""
        for feedback in self:
            values = {"stage_id": stage.id, **feedback._stamps(stage.step)}
            feedback.with_context(**{STAMPED: True}).write(values)
        for feedback in self.filtered(lambda one: one.step == "adopted"):
            feedback._draft_thanks()

    def _stamps(self, step):
        """What reaching a step notes on one record."""
        now = fields.Datetime.now()
        stamps = {
            "date_closed": (self.date_closed or now) if step in CLOSING else False,
            "is_adopted": step == "adopted",
            "date_adopted": (self.date_adopted or now) if step == "adopted" else False,
        }
        if step in CLOSING:
            reached = ("heard",)
            undone = ()
        else:
            at = LISTENING.index(step) if step in LISTENING else -1
            reached = {"heard", step} & set(LISTENING[: at + 1])
            undone = LISTENING[at + 1 :]
        for name in LISTENING:
            day, user = self._stamp_fields(name)
            if name in undone:
                stamps.update({day: False, user: False})
            elif name in reached and not self[day]:
                stamps.update({day: now, user: self.env.uid})
        return stamps

    @staticmethod
    def _stamp_fields(step):
        name = "answered" if step == "told" else step
        return f"date_{name}", f"{name}_user_id"

    def _reach(self, step):
        """Come to the first stage of a step, unless it was reached before."""
        for feedback in self:
            day, __ = feedback._stamp_fields(step)
            stage = self.env["customer.feedback.stage"]._first(feedback.kind, step)
            if stage and not feedback[day]:
                feedback.stage_id = stage

    # ------------------------------------------------------------------ same idea

    def _same_idea(self):
        """Everybody's record of the ideas these are about."""
        first = self.parent_id | self.filtered(lambda one: not one.parent_id)
        return first | first.child_ids

    def _first_said(self, feedback_id):
        """Whom to join: the first of the idea that was chosen."""
        chosen = self.browse(feedback_id).sudo()
        return chosen.parent_id or chosen

    def _follow_first(self):
        """What was joined brings its own along, and all stand where the first does."""
        for feedback in self.sudo():
            first = feedback.parent_id
            if feedback.child_ids:
                feedback.child_ids.parent_id = first
            if feedback.stage_id != first.stage_id:
                feedback._enter_stage(first.stage_id)

    def _join(self, first):
        """The same idea: all but the first are joined to it."""
        first.parent_id = False
        (self - first).write({"parent_id": first.id})

    # ------------------------------------------------------------------ thanking

    def _draft_thanks(self):
        """Remind the responsible to thank the author; nothing is sent by itself."""
        for feedback in self.sudo():
            if feedback.date_thanked or not feedback.partner_id:
                continue
            if not feedback.activity_search(
                ["customer_value.feedback_activity_thank"], only_automated=False
            ):
                feedback.activity_schedule(
                    "customer_value.feedback_activity_thank",
                    user_id=feedback.user_id.id or self.env.uid,
                )

    # ------------------------------------------------------------------ actions

    def action_answer(self):
        """Write to the customer; what is sent counts as told."""
        return self._compose("customer_value.feedback_mail_answer", "told")

    def action_thank(self):
        """Look through the thank-you that is drafted, and send it."""
        return self._compose("customer_value.feedback_mail_thanks", "thanked")

    def _compose(self, template, sent):
        self.ensure_one()
        if not (self.partner_id.email or self.email_from):
            raise UserError(
                self.env._(
                    "There is no e-mail address to write to. Enter it on the contact, "
                    "or tell the customer otherwise and move this to “Customer Told”."
                )
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Write to the Customer"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_template_id": self.env.ref(template).id,
                "default_composition_mode": "comment",
                "default_email_layout_xmlid": "mail.mail_notification_light",
                "force_email": True,
                "customer_feedback_sent": sent,
            },
        }

    def message_post(self, **kwargs):
        """A letter that was sent has told the customer, or thanked."""
        sent = self.env.context.get("customer_feedback_sent")
        plain = self.with_context(customer_feedback_sent=None)
        message = super(CustomerFeedback, plain).message_post(**kwargs)
        if sent == "told":
            plain._reach("told")
        elif sent == "thanked":
            plain.date_thanked = fields.Datetime.now()
            plain.activity_feedback(["customer_value.feedback_activity_thank"])
        return message

    def action_next_step(self):
        """One step further in listening."""
        for feedback in self:
            stages = self.env["customer.feedback.stage"].search(
                [(f"for_{feedback.kind}", "=", True)]
            )
            following = stages.filtered(
                lambda stage, now=feedback.stage_id: (stage.sequence, stage.id)
                > (now.sequence, now.id)
            )
            if following:
                feedback.stage_id = following[0]

    def action_adopt(self):
        self._decide("adopted")

    def action_decline(self):
        self._decide("declined")

    def action_close(self):
        self._decide("closed")

    def _decide(self, step):
        for feedback in self:
            stage = self.env["customer.feedback.stage"]._first(feedback.kind, step)
            if not stage:
                raise UserError(
                    self.env._(
                        "There is no stage for this. A manager can add one under "
                        "Configuration, Feedback Stages."
                    )
                )
            feedback.stage_id = stage

    def action_open_document(self):
        """Where it was said."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    def action_open_idea(self):
        """Everybody who said the same."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.subject,
            "res_model": self._name,
            "view_mode": "list,form",
            "domain": [("id", "in", self._same_idea().ids)],
        }
