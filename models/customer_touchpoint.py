from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.misc import format_date, format_datetime

KINDS = [
    ("call", "Call"),
    ("visit", "Visit"),
    ("message", "Message"),
    ("greeting", "Greeting or gift"),
    ("promise", "Promise"),
    ("mention", "Mention"),
]
CONTACT_KINDS = ("call", "visit", "message", "greeting")
"""Kinds in which we and the customer met; also those of activities and meetings."""

DIRECTIONS = [
    ("out", "From us"),
    ("in", "From the customer"),
]
FEELINGS = [
    ("-2", "Very bad"),
    ("-1", "Bad"),
    ("0", "Neutral"),
    ("1", "Good"),
    ("2", "Very good"),
]
CLOCK_TOLERANCE = timedelta(minutes=5)
"""The clocks of browsers and servers differ."""


class CustomerTouchpoint(models.Model):
    """Something between us and a customer that has no home elsewhere in Odoo.

    Calls and visits that were planned are activities and meetings: these count by
    themselves (see ``customer.value.touch``) and are not written down again. Here is
    what just happened: a call taken, a word at the counter, a gift, a promise, somebody
    praising us elsewhere.

    The files beside add to it: ``customer_touchpoint_promise``, ``.._mention``, and
    ``.._document`` (the *Log* button).
    """

    _name = "customer.touchpoint"
    _description = "Touchpoint"
    _inherit = ["customer.captured"]
    _order = "date desc, id desc"
    _check_company_auto = True

    kind = fields.Selection(KINDS, required=True, default="call", index=True)
    direction = fields.Selection(
        DIRECTIONS,
        required=True,
        default="out",
        help="Who took the step towards the other; of a promise: who gave it.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        help="The person or company it was with. It counts for the company.",
    )
    people_ids = fields.Many2many(
        "res.partner",
        "customer_touchpoint_people_rel",
        "touchpoint_id",
        "partner_id",
        string="Also Present",
        help="Others who took part, of theirs or of ours.",
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer Company",
        related="partner_id.commercial_partner_id",
        store=True,
        index=True,
        help="Whom it counts for.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Our Person",
        index=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Of a promise: who has to keep it, or sees to it that they do.",
    )
    date = fields.Datetime(
        required=True,
        index=True,
        default=fields.Datetime.now,
        help="When it happened; of a promise: when it was given.",
    )
    feeling = fields.Selection(FEELINGS, help="How it felt. Empty: not said.")
    feeling_points = fields.Integer(
        string="Feeling (-2 to 2)",
        compute="_compute_feeling_points",
        store=True,
        aggregator="avg",
    )
    note = fields.Text(help="What is worth remembering, in a sentence.")
    next_step = fields.Char(help="What is to be done next.")
    next_date = fields.Date(
        string="Next Step On",
        help="With a day, the next step is planned as an activity.",
    )
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Document",
        model_field="res_model",
        readonly=True,
        help="The document it came up on.",
    )
    document_name = fields.Char(string="On", compute="_compute_document_name")
    active = fields.Boolean(
        default=True, help="What is archived counts for nothing any more."
    )

    _document_index = models.Index("(res_model, res_id) WHERE res_id IS NOT NULL")

    # ------------------------------------------------------------------ computes

    @api.depends("feeling")
    def _compute_feeling_points(self):
        for touchpoint in self:
            touchpoint.feeling_points = int(touchpoint.feeling or 0)

    def _field_to_sql(self, alias, field_expr, query=None):
        """A feeling that was not said is unknown, not neutral: averages leave it out."""
        if field_expr == "feeling_points":
            feeling = self._field_to_sql(alias, "feeling", query)
            return SQL("(%s)::integer", feeling)
        return super()._field_to_sql(alias, field_expr, query)

    @api.depends("kind", "partner_id", "date")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for touchpoint in self:
            if not (touchpoint.partner_id and touchpoint.date):
                touchpoint.display_name = self.env._("New")
                continue
            touchpoint.display_name = self.env._(
                "%(kind)s: %(customer)s, %(day)s",
                kind=kinds[touchpoint.kind],
                customer=touchpoint.partner_id.display_name,
                day=format_datetime(self.env, touchpoint.date, dt_format="short"),
            )

    @api.depends("res_model", "res_id")
    def _compute_document_name(self):
        """The document's name, where the reader may read it."""
        self.document_name = False
        for model_name, touchpoints in self.filtered("res_id").grouped(
            "res_model"
        ).items():
            if model_name not in self.env or model_name == "res.partner":
                continue
            documents = self.env[model_name].browse(touchpoints.mapped("res_id"))
            readable = documents.exists()._filtered_access("read")
            names = {document.id: document.display_name for document in readable}
            for touchpoint in touchpoints:
                touchpoint.document_name = names.get(touchpoint.res_id, False)

    # --------------------------------------------------------------- constraints

    @api.constrains("date")
    def _check_date(self):
        latest = fields.Datetime.now() + CLOCK_TOLERANCE
        for touchpoint in self:
            if touchpoint.date > latest:
                raise ValidationError(
                    self.env._(
                        "%s is still to come. Log what has happened; plan what is to "
                        "come as an activity or a meeting.",
                        format_datetime(self.env, touchpoint.date, dt_format="short"),
                    )
                )

    @api.constrains("next_step", "next_date")
    def _check_next_step(self):
        for touchpoint in self:
            if touchpoint.next_date and not (touchpoint.next_step or "").strip():
                raise ValidationError(
                    self.env._(
                        "Say what the next step is on %s, or remove the day.",
                        format_date(self.env, touchpoint.next_date),
                    )
                )

    # ---------------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        touchpoints = super().create(vals_list)
        touchpoints._plan_next_step()
        return touchpoints

    def _plan_next_step(self):
        """A next step with a day becomes an activity on the document or the customer."""
        for touchpoint in self.filtered(lambda one: one.next_step and one.next_date):
            touchpoint._activity_record().activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=touchpoint.next_date,
                summary=touchpoint.next_step,
                user_id=(touchpoint.user_id or self.env.user).id,
            )

    def _activity_record(self):
        """Where an activity belongs: the document, if it takes any and may be read."""
        document = self._document()
        if document and "activity_ids" in document._fields:
            return document
        return self.partner_id

    def _document(self):
        """The document it came up on, or None: it may be gone, or not for this user."""
        self.ensure_one()
        if not self.res_id or self.res_model not in self.env:
            return None
        document = self.env[self.res_model].browse(self.res_id).exists()
        return document._filtered_access("read") or None

    # ------------------------------------------------------------------- actions

    def action_open_document(self):
        self.ensure_one()
        document = self._document()
        if not document:
            raise UserError(
                self.env._("The document is no longer there, or you may not read it.")
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "view_mode": "form",
        }
