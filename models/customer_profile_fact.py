from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.window import local_today

ANSWER_FIELDS = {"value", "date", "topic_id"}


class CustomerProfileFact(models.Model):
    """What one of us knows of a customer on a topic, in a company.

    A narrow table beside ``res.partner``: what Odoo has a field for stays in that
    field. Business topics are kept with the commercial entity, personal ones with the
    person. They go when the contact goes, and personal ones when somebody asks not to
    be profiled.
    """

    _name = "customer.profile.fact"
    _inherit = ["customer.captured"]
    _description = "Profile Fact"
    _rec_name = "topic_id"
    _order = "partner_id, topic_id, id"
    _captured_on = "noted_on"
    _captured_by = "noted_by"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    topic_id = fields.Many2one(
        "customer.profile.topic", required=True, index=True, ondelete="restrict"
    )
    has_date = fields.Boolean(related="topic_id.has_date")
    value = fields.Char(string="Answer")
    date = fields.Date(string="Day")
    noted_on = fields.Date(
        readonly=True, default=lambda self: local_today(self.env.company.value_tz)
    )
    noted_by = fields.Many2one(
        "res.users",
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="set null",
    )

    _partner_topic_unique = models.Constraint(
        "UNIQUE (partner_id, company_id, topic_id)",
        "This is noted already: change the line that is there.",
    )
    _says_something = models.Constraint(
        "CHECK (TRIM(COALESCE(value, '')) <> '' OR date IS NOT NULL)",
        "Enter an answer or a day; to forget what is noted, delete the line.",
    )

    @api.constrains("partner_id", "topic_id")
    def _check_may_be_kept(self):
        for fact in self.filtered("topic_id.is_personal"):
            if fact.partner_id._influence_opted_out():
                raise ValidationError(
                    self.env._(
                        "%(name)s asked not to be profiled. Nothing personal "
                        "(%(topic)s) may be noted.",
                        name=fact.partner_id.name,
                        topic=fact.topic_id.name,
                    )
                )

    # ---------------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        facts = super().create(vals_list)
        for fact in facts.filtered(lambda one: not one.topic_id.is_personal):
            entity = fact.partner_id.commercial_partner_id
            if fact.partner_id != entity:
                fact.partner_id = entity
        facts._changed()
        return facts

    def write(self, vals):
        if ANSWER_FIELDS & set(vals):
            vals = {
                "noted_on": local_today(self.env.company.value_tz),
                "noted_by": self.env.uid,
                **vals,
            }
        self._changed()
        result = super().write(vals)
        self._changed()
        return result

    def unlink(self):
        self._changed()
        return super().unlink()

    def _changed(self):
        """The completeness of these customers is reckoned again soon."""
        self.partner_id._value_profile_changed()
