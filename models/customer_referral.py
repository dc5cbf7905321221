from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools.misc import format_amount, format_date

from ..tools.window import local_today

SEARCH_REFERRER = "customer_value_search_referrer"
"""Context key: contacts are also found by phone and by the code of their share link."""

STATES = [
    ("pending", "Pending"),
    ("qualified", "Qualified"),
    ("rewarded", "Rewarded"),
    ("flagged", "Flagged"),
    ("void", "Void"),
]
LIVE = ("pending", "flagged", "qualified", "rewarded")
"""States in which a referral holds the credit for whom it brought."""

EARNED = ("qualified", "rewarded")
"""States in which the customer is truly brought."""

REASONS = [
    ("no_purchase", "Has not bought yet"),
    ("bought_less", "Bought, but less than the minimum first purchase"),
    ("may_be_returned", "The purchase may still be returned"),
    ("to_reward", "The reward is to be given"),
    ("reward_failed", "The coupon could not be made"),
    ("unknown_referrer", "Nobody was found under what was said"),
    ("unknown_referred", "The document names no customer"),
    ("referrer_archived", "The referrer is archived"),
    ("same_company", "Both belong to the same company"),
    ("same_address", "Both live at the same address"),
    ("same_phone", "Both have the same phone number"),
    ("same_email", "Both write from the same address or private domain"),
    ("over_cap", "More than this referrer may be credited with in a year"),
    ("by_manager", "By a manager's word"),
    ("reward_used", "The ground of the reward is gone, and the reward is used"),
    ("withdrawn", "No longer said on the document"),
    ("document_gone", "The opportunity was deleted"),
    ("same_person", "Nobody brings oneself"),
    ("not_first", "Somebody else was first"),
    ("circular", "The referrer was brought by this customer"),
    ("existing_customer", "Was a customer before"),
    ("expired", "Did not buy in time"),
    ("too_little", "Bought in time, but less than the minimum first purchase"),
    ("reward_withdrawn", "The purchase was taken back; so was the unused reward"),
]
CHANNELS = [
    ("till", "Till"),
    ("quotation", "Quotation"),
    ("opportunity", "Opportunity"),
    ("contact", "New contact"),
    ("link", "Share link"),
    ("import", "Import"),
]
FOUND = {
    "state",
    "reason",
    "detail",
    "first_id",
    "res_model",
    "res_id",
    "purchase_model",
    "purchase_id",
    "purchase_date",
    "purchase_amount",
    "deadline",
    "qualified_on",
    "decision",
    "rewarded_on",
    "reward",
    "reward_card_id",
    "welcome_card_id",
}
"""Fields that evaluation, the documents and the buttons write; nobody else may."""

FREE = {"user_id", "decision_note"}
"""Fields on which no verdict depends."""


class CustomerReferral(models.Model):
    """Who brought whom.

    Born from documents (``customer.referral.document``), from a contact's form, by
    import or by hand. What becomes of it is found by ``_evaluate`` alone, in a
    scheduled action, by the pure function ``tools.referral.verdict`` over facts that
    are read for many referrals at once (``customer_referral_facts.py``):

    =========  =========  =======================================================
    from       to         when
    =========  =========  =======================================================
    pending    void       nobody brings oneself; in a circle; somebody else was
                          first; was a customer before; did not buy in time, or
                          only less than the minimum; no longer said; the
                          opportunity is gone; a manager refuses it
    pending    flagged    one of both is not known; same household or company;
                          over the yearly cap; referrer archived; a manager doubts
    flagged    pending    the cause is gone, or a manager approves
    flagged    void       as from pending: time runs on
    pending    qualified  the first purchase inside the attribution window that
                          reaches the minimum can no longer be returned, and the
                          waiting period is over
    qualified  pending    the purchase was taken back, another one may follow
    qualified  rewarded   the coupon was made, or a manager gave the reward by hand
    rewarded   void       the purchase was taken back, or both proved to be one
                          person, and the reward was unused: it is withdrawn
    rewarded   flagged    the same, but the reward is used or was given by hand
    flagged    rewarded   a manager approves: the reward stands
    void       pending    somebody else was first, and that referral became void;
                          or a manager reopens it
    =========  =========  =======================================================

    Void is final but for the last line: a rule that changes refuses nobody who waits
    for nothing any more. Every state but rewarded says its reason.
    """

    _name = "customer.referral"
    _description = "Referral"
    _inherit = ["mail.thread", "mail.activity.mixin", "customer.captured"]
    _born_channels = frozenset({"link"})
    _order = "date desc, id desc"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        required=True,
        default=lambda self: local_today(self.env.company.value_tz),
        help="When it was said. A purchase before that day makes an existing customer.",
    )
    channel = fields.Selection(
        CHANNELS,
        required=True,
        default=lambda self: self._default_channel(),
        help="How we learned of it.",
    )
    code = fields.Char(
        string="Code or Phone",
        help="What was said in place of a name: a phone number, an e-mail address or "
        "the code of a share link.",
    )
    referrer_id = fields.Many2one(
        "res.partner",
        string="Referred by",
        index=True,
        ondelete="restrict",
        tracking=True,
        help="Who brought the customer. Found by name, phone or share code.",
    )
    referred_id = fields.Many2one(
        "res.partner",
        string="Customer Brought",
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    lead_id = fields.Many2one(
        "crm.lead",
        string="Opportunity",
        index="btree_not_null",
        ondelete="set null",
        help="Who was brought, as long as the opportunity has no customer.",
    )
    res_model = fields.Char(string="Document Model", readonly=True, copy=False)
    res_id = fields.Many2oneReference(
        string="Document",
        model_field="res_model",
        readonly=True,
        copy=False,
        help="The document on which it was said.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        index="btree_not_null",
        default=lambda self: self.env.user if not self.env.su else False,
        ondelete="set null",
    )
    state = fields.Selection(
        STATES,
        required=True,
        readonly=True,
        default="pending",
        index=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    reason = fields.Selection(REASONS, readonly=True, copy=False, tracking=True)
    reason_text = fields.Char(
        string="Why",
        compute="_compute_reason_text",
        help="Why it stands where it stands, and what it waits for.",
    )
    detail = fields.Char(readonly=True, copy=False)
    first_id = fields.Many2one(
        "customer.referral",
        string="Credited Referral",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Who was first keeps the credit.",
    )
    purchase_model = fields.Char(readonly=True, copy=False)
    purchase_id = fields.Many2oneReference(
        string="First Purchase",
        model_field="purchase_model",
        readonly=True,
        copy=False,
        help="The first purchase inside the attribution window that reaches the "
        "minimum.",
    )
    purchase_date = fields.Date(string="Bought on", readonly=True, copy=False)
    purchase_amount = fields.Monetary(
        string="First Purchase Amount",
        readonly=True,
        copy=False,
        help="Without tax, less what was taken back, in the company's currency.",
    )
    deadline = fields.Date(
        string="To Buy Until",
        readonly=True,
        copy=False,
        help="The last day on which the first purchase may be made.",
    )
    qualified_on = fields.Date(
        readonly=True,
        copy=False,
        help="When the purchase can no longer be returned and the waiting period is "
        "over.",
    )
    decision = fields.Selection(
        [("approved", "Approved"), ("void", "Refused"), ("flagged", "Doubted")],
        readonly=True,
        copy=False,
        tracking=True,
    )
    decision_note = fields.Char(
        string="Reason in Words",
        copy=False,
        tracking=True,
        help="Why a manager approves, refuses or doubts it.",
    )
    rewarded_on = fields.Date(readonly=True, copy=False)
    reward = fields.Char(
        readonly=True, copy=False, help="The coupon, or what was given by hand."
    )
    reward_card_id = fields.Integer(
        string="Coupon of the Referrer", readonly=True, copy=False, aggregator=None
    )
    welcome_card_id = fields.Integer(
        string="Coupon of the Customer", readonly=True, copy=False, aggregator=None
    )

    _document_unique = models.Constraint(
        "UNIQUE (res_model, res_id)", "A document tells of one referral."
    )
    _state_company_idx = models.Index("(company_id, state)")

    # ------------------------------------------------------------------ defaults

    def _default_channel(self):
        return "import" if self.env.context.get("import_file") else "contact"

    # ------------------------------------------------------------------ computes

    @api.depends("referrer_id", "referred_id", "lead_id", "code")
    def _compute_display_name(self):
        for referral in self:
            brought = referral.referred_id or referral.lead_id
            referral.display_name = self.env._(
                "%(referrer)s brought %(customer)s",
                referrer=referral.referrer_id.display_name or referral.code or "?",
                customer=brought.display_name or "?",
            )

    @api.depends(
        "state",
        "reason",
        "detail",
        "first_id",
        "decision_note",
        "purchase_amount",
        "qualified_on",
        "deadline",
        "code",
    )
    @api.depends_context("lang")
    def _compute_reason_text(self):
        labels = dict(self._fields["reason"]._description_selection(self.env))
        for referral in self:
            words = labels.get(referral.reason, "")
            more = referral._reason_detail()
            referral.reason_text = f"{words}: {more}" if words and more else words

    def _reason_detail(self):
        """The name, day or amount that belongs to the reason."""
        if self.reason == "by_manager":
            return self.decision_note
        if self.reason == "not_first":
            return self.first_id.sudo().referrer_id.display_name
        if self.reason == "unknown_referrer":
            return self.code
        if self.reason == "no_purchase" and self.deadline:
            return self.env._("until %s", format_date(self.env, self.deadline))
        if self.reason == "may_be_returned" and self.qualified_on:
            return self.env._("until %s", format_date(self.env, self.qualified_on))
        if self.reason in ("bought_less", "too_little"):
            minimum = self.company_id.sudo().value_referral_minimum
            return format_amount(self.env, minimum, self.currency_id)
        return self.detail

    # --------------------------------------------------------------- constraints

    @api.constrains("referrer_id", "referred_id", "res_model")
    def _check_not_oneself(self):
        """Refuse at once what is said by hand; what documents say is kept as void."""
        for referral in self.filtered(lambda one: not one.res_model):
            if referral.referrer_id and referral.referrer_id == referral.referred_id:
                raise ValidationError(
                    self.env._(
                        "%s cannot bring himself or herself. Choose somebody else.",
                        referral.referrer_id.display_name,
                    )
                )

    @api.constrains("referrer_id", "referred_id", "company_id")
    def _check_company_of_people(self):
        for referral in self:
            people = referral.referrer_id | referral.referred_id
            strange = people.company_id - referral.company_id
            if strange:
                raise ValidationError(
                    self.env._(
                        "%(people)s: these contacts belong to %(company)s. Choose "
                        "contacts of %(own)s.",
                        people=", ".join(people.mapped("display_name")),
                        company=", ".join(strange.mapped("name")),
                        own=referral.company_id.name,
                    )
                )

    # ---------------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        self._check_said({name for vals in vals_list for name in vals})
        referrals = super().create(vals_list)
        referrals._check_people()
        if not self.env.su:
            referrals._evaluate()
        return referrals

    def write(self, vals):
        self._check_said(vals)
        self._check_open(vals)
        result = super().write(vals)
        if not self.env.su and vals.keys() - FREE:
            self._evaluate()
        return result

    def _check_people(self):
        """Who is made by hand names both; later one may take it back."""
        for referral in self.filtered(lambda one: not one.res_model):
            if not (referral.referrer_id or referral.code):
                raise ValidationError(
                    self.env._("Say who brought the customer: a contact, or a code.")
                )
            if not (referral.referred_id or referral.lead_id):
                raise ValidationError(
                    self.env._("Say who was brought: a contact or an opportunity.")
                )

    def _check_said(self, names):
        """State, purchase and reward are found, not taken from a form or a file."""
        found = FOUND.intersection(names)
        if found and not self.env.su:
            raise AccessError(
                self.env._(
                    "%s cannot be written: it is found from documents, or decided by "
                    "the buttons of the referral.",
                    ", ".join(
                        self._fields[name]._description_string(self.env)
                        for name in sorted(found)
                    ),
                )
            )

    def _check_open(self, vals):
        """Once it is qualified, rewarded or void, managers alone correct it."""
        closed = self.filtered(lambda one: one.state not in ("pending", "flagged"))
        if vals.keys() - FREE and closed and not self.env.su and not self._is_manager():
            raise AccessError(
                self.env._(
                    "%s is decided: ask a manager to correct it.",
                    closed[0].display_name,
                )
            )

    @api.model
    def _is_manager(self):
        return self.env.user.has_group("customer_value.group_manager")

    # ------------------------------------------------------------------- actions

    def action_approve(self):
        """Go on in spite of a doubt; of a rewarded one: the reward stands."""
        self._decide("approved", ("pending", "flagged"))

    def action_void(self):
        self._decide("void", LIVE)

    def action_flag(self):
        self._decide("flagged", ("pending", "qualified"))

    def action_reopen(self):
        """Forget what was decided or found, and look at it anew."""
        self._decide(False, ("void",))

    def action_give_reward(self):
        """The reward was given by hand; the note says what."""
        self._check_manager(("qualified",))
        self._check_note()
        for referral in self:
            referral.sudo().write(
                {
                    "state": "rewarded",
                    "reason": False,
                    "rewarded_on": referral._today(),
                    "reward": referral.decision_note,
                }
            )
        self.sudo().activity_feedback(["mail.mail_activity_data_todo"])

    def action_evaluate(self):
        """Look now, rather than at the next run of the scheduled action."""
        self.check_access("write")
        self._evaluate()

    def action_open_document(self):
        return self._open(self.res_model, self.res_id)

    def action_open_purchase(self):
        return self._open(self.purchase_model, self.purchase_id)

    def _open(self, res_model, res_id):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": res_model,
            "res_id": res_id,
            "view_mode": "form",
        }

    def _decide(self, decision, states):
        self._check_manager(states)
        self._check_note()
        rewarded = self.filtered(lambda one: one.rewarded_on and decision == "void")
        rewarded.sudo()._withdraw_rewards()
        self.sudo().write({"decision": decision})
        if not decision:
            self.sudo().write({"state": "pending", "reason": False, "detail": False})
        self._evaluate()

    def _check_manager(self, states):
        if not self._is_manager():
            raise AccessError(self.env._("Only managers decide on referrals."))
        self.check_access("write")
        labels = dict(self._fields["state"]._description_selection(self.env))
        for referral in self:
            if referral.state not in states:
                raise UserError(
                    self.env._(
                        "%(referral)s is %(state)s: this cannot be done any more.",
                        referral=referral.display_name,
                        state=labels[referral.state],
                    )
                )

    def _check_note(self):
        for referral in self:
            if not (referral.decision_note or "").strip():
                raise UserError(
                    self.env._(
                        "Write the reason in words first: it is shown to whoever asks "
                        "why."
                    )
                )

    # ------------------------------------------------------------------ business

    def _today(self):
        return local_today(self.company_id.value_tz)
