from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class CustomerValueOverride(models.Model):
    """A manager's word against the figures: with a reason, and only for a time.

    The computed score is kept and shown beside it; after the last day it counts again.
    """

    _name = "customer.value.override"
    _description = "Customer Value Override"
    _inherit = ["mail.thread"]
    _order = "date_to desc, id desc"

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        tracking=True,
        domain="['|', ('is_company', '=', True), ('parent_id', '=', False)]",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    sets_score = fields.Boolean(default=False, string="Set the Score")
    score = fields.Float(tracking=True, help="0 to 100.")
    tier_id = fields.Many2one(
        "customer.value.tier",
        tracking=True,
        domain="[('model_id.state', '=', 'active'), ('company_id', '=', company_id)]",
    )
    reason = fields.Text(required=True, tracking=True)
    date_from = fields.Date(required=True, default=fields.Date.context_today)
    date_to = fields.Date(
        string="Until",
        required=True,
        tracking=True,
        help="The last day on which the override counts.",
    )
    active = fields.Boolean(default=True)

    _score_range = models.Constraint(
        "CHECK (score >= 0 AND score <= 100)", "A score runs from 0 to 100."
    )
    _dates_ordered = models.Constraint(
        "CHECK (date_to >= date_from)", "The last day lies before the first."
    )

    @api.depends("partner_id", "date_to")
    def _compute_display_name(self):
        for override in self:
            if not (override.partner_id and override.date_to):
                override.display_name = self.env._("New")
                continue
            override.display_name = self.env._(
                "%(customer)s until %(day)s",
                customer=override.partner_id.display_name,
                day=override.date_to,
            )

    @api.constrains("sets_score", "tier_id")
    def _check_says_something(self):
        for override in self:
            if not (override.sets_score or override.tier_id):
                raise ValidationError(
                    self.env._("Set a score or a tier: the override changes nothing.")
                )

    @api.constrains("reason")
    def _check_reason(self):
        for override in self:
            if not (override.reason or "").strip():
                raise ValidationError(
                    self.env._("Give a reason, for those who wonder in a year.")
                )

    @api.constrains("partner_id")
    def _check_entity(self):
        for override in self:
            if override.partner_id != override.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s belongs to %(company)s, which is the one scored. "
                        "Override the company.",
                        contact=override.partner_id.display_name,
                        company=override.partner_id.commercial_partner_id.display_name,
                    )
                )

    @api.constrains("partner_id", "company_id", "date_from", "date_to", "active")
    def _check_alone(self):
        for override in self.filtered("active"):
            other = self.search(
                [
                    ("id", "!=", override.id),
                    ("partner_id", "=", override.partner_id.id),
                    ("company_id", "=", override.company_id.id),
                    ("date_from", "<=", override.date_to),
                    ("date_to", ">=", override.date_from),
                ],
                limit=1,
            )
            if other:
                raise ValidationError(
                    self.env._(
                        "There is already an override in that time: %s. End it first.",
                        other.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        overrides = super().create(vals_list)
        overrides._rescore()
        return overrides

    def write(self, vals):
        before = self.partner_id
        result = super().write(vals)
        self._rescore(before)
        return result

    def unlink(self):
        partners, companies = self.partner_id, self.company_id
        result = super().unlink()
        self.env["customer.value.dirty"]._score_now(partners, companies, "override")
        return result

    def _rescore(self, others=None):
        partners = self.partner_id | (others or self.env["res.partner"])
        dirty = self.env["customer.value.dirty"]
        dirty._score_now(partners, self.company_id, "override")

    @api.model
    def _sql_active(self, model, as_of, scope):
        """The override that counts on a day, for each customer who has one.

        It names a tier of the version that was active when it was entered; in a later
        version the tier of the same code takes its place.
        """
        return SQL(
            """
            SELECT DISTINCT ON (word.partner_id) word.partner_id, word.id,
                   CASE WHEN word.sets_score THEN word.score END AS score,
                   COALESCE(present.id, word.tier_id) AS tier_id
              FROM customer_value_override word
         LEFT JOIN customer_value_tier said ON said.id = word.tier_id
         LEFT JOIN customer_value_tier present
                ON present.code = said.code AND present.model_id = %(model)s
             WHERE %(concerned)s AND word.active AND word.company_id = %(company)s
               AND %(as_of)s BETWEEN word.date_from AND word.date_to
          ORDER BY word.partner_id, word.id DESC
            """,
            concerned=scope.entity(SQL("word.partner_id")),
            model=model.id,
            company=model.company_id.id,
            as_of=as_of,
        )
