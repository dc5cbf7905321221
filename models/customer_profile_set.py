from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, ormcache

from .customer_influence_partner import OPT_OUT

TEXT_TYPES = ("char", "text", "html")
NUMBER_TYPES = ("integer", "float", "monetary")
OTHER_TYPES = ("date", "datetime", "selection", "many2one")
KINDS = [("business", "Companies"), ("person", "Private persons"), ("any", "Both")]


class CustomerProfileSet(models.Model):
    """What we want to know of a part of the customers.

    A customer (a commercial entity) belongs to the first set, by sequence, whose
    population he is in. His completeness is the weight of what is known of it, in
    percent of the weight of all; what may not be asked of him does not count. All is
    asked quietly: on the contact's form stands what is not known yet.
    """

    _name = "customer.profile.set"
    _description = "Profile Set"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10, help="A customer belongs to the first set he fits."
    )
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="cascade", help="Empty: all companies."
    )
    kind = fields.Selection(KINDS, string="For", required=True, default="any")
    domain = fields.Char(
        string="Population",
        required=True,
        default="[]",
        help="Which contacts these questions are for.",
    )
    line_ids = fields.One2many(
        "customer.profile.field", "set_id", string="Questions", copy=True
    )
    customer_count = fields.Integer(
        string="Customers", compute="_compute_customers", help="In this company."
    )
    completeness = fields.Float(
        string="Known (%)",
        compute="_compute_customers",
        digits=(5, 0),
        help="On average over its customers in this company.",
    )

    @api.depends_context("company", "uid")
    def _compute_customers(self):
        found = {
            one: (count, average)
            for one, count, average in self.env["customer.profile.state"]._read_group(
                [("set_id", "in", self.ids), ("company_id", "=", self.env.company.id)],
                ["set_id"],
                ["__count", "completeness:avg"],
            )
        }
        for one in self:
            one.customer_count, one.completeness = found.get(one._origin, (0, 0))

    @api.constrains("domain")
    def _check_domain(self):
        for one in self:
            try:
                self.env["res.partner"].sudo()._search(one._population())
            except (ValueError, SyntaxError, KeyError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "The population of “%(name)s” cannot be read: %(error)s",
                        name=one.name,
                        error=error,
                    )
                ) from error

    # ---------------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        self._reckon_soon()
        return super().create(vals_list)

    def write(self, vals):
        if set(vals) - {"name"}:
            self._reckon_soon()
        return super().write(vals)

    def unlink(self):
        self._reckon_soon()
        return super().unlink()

    @api.model
    def _reckon_soon(self):
        """Everybody's completeness, by the scheduled action."""
        self.env.registry.clear_cache("stable")
        cron = self.env.ref("customer_value.ir_cron_profile", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger()

    def action_open_customers(self):
        """Its customers, those of whom least is known first."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "customer.profile.state",
            "view_mode": "list,graph",
            "domain": [
                ("set_id", "=", self.id),
                ("company_id", "=", self.env.company.id),
            ],
        }

    # ------------------------------------------------------------------- asking

    def _population(self):
        self.ensure_one()
        domain = Domain(literal_eval(self.domain))
        if self.kind == "any":
            return domain
        return domain & Domain("is_company", "=", self.kind == "business")

    @api.model
    @ormcache(cache="stable")
    def _asked_fields(self):
        """Names of the contact's fields that some set asks for."""
        return frozenset(self.sudo().search([]).line_ids.field_id.mapped("name")) | {
            "is_company",
            "parent_id",
            "active",
        }

    @api.model
    def _profiles_sql(self, company, scope):
        """Of each customer: set, weight known and of all, open questions; or None."""
        contacts = self.env["res.partner"].sudo().with_company(company)
        earlier = Domain.FALSE
        parts = []
        for one in self.sudo().search(
            [("company_id", "in", (company.id, False)), ("line_ids", "!=", False)]
        ):
            mine = one._population()
            query = contacts._search(
                Domain("company_id", "in", (company.id, False))
                & Domain("partner_share", "=", True)
                & mine
                & ~earlier
            )
            contact = SQL.identifier(query.table)
            query.add_where(SQL("%s.id = %s.commercial_partner_id", contact, contact))
            query.add_where(scope.entity(SQL("%s.id", contact)))
            parts.append(query.select(*one._profile_columns(query, company)))
            earlier |= mine
        return SQL(" UNION ALL ").join(parts) if parts else None

    def _profile_columns(self, query, company):
        weights, known, still = [], [], []
        for line in self.line_ids:
            answered = line._answered_sql(query, company)
            asked = line._asked_sql(query)
            weights.append(SQL("CASE WHEN %s THEN %s ELSE 0 END", asked, line.weight))
            known.append(
                SQL(
                    "CASE WHEN %s AND %s THEN %s ELSE 0 END",
                    asked,
                    answered,
                    line.weight,
                )
            )
            still.append(
                SQL("CASE WHEN %s AND NOT %s THEN %s END", asked, answered, line.id)
            )
        return (
            SQL("%s.id AS partner_id", SQL.identifier(query.table)),
            SQL("%s AS set_id", self.id),
            SQL("%s AS known", SQL(" + ").join(known)),
            SQL("%s AS total", SQL(" + ").join(weights)),
            SQL(
                "ARRAY_REMOVE(ARRAY[%s]::int[], NULL) AS open_ids",
                SQL(", ").join(still),
            ),
        )


class CustomerProfileField(models.Model):
    """One question of a set: a field of the contact, or a topic of our own."""

    _name = "customer.profile.field"
    _description = "Profile Question"
    _order = "sequence, id"

    set_id = fields.Many2one(
        "customer.profile.set", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    field_id = fields.Many2one(
        "ir.model.fields",
        string="Field of the Contact",
        domain=[
            ("model", "=", "res.partner"),
            ("store", "=", True),
            ("ttype", "in", (*TEXT_TYPES, *NUMBER_TYPES, *OTHER_TYPES)),
        ],
        index=True,
        ondelete="cascade",
    )
    topic_id = fields.Many2one(
        "customer.profile.topic", string="Our Topic", index=True, ondelete="cascade"
    )
    weight = fields.Integer(
        default=1, required=True, help="How much it matters beside the others."
    )
    question = fields.Char(
        string="In Other Words",
        translate=True,
        help="Empty: as the topic asks, or by the name of the field.",
    )

    _weight_positive = models.Constraint(
        "CHECK (weight > 0)", "A question weighs 1 at least, or leave it out."
    )
    _asks_one_thing = models.Constraint(
        "CHECK ((field_id IS NULL) <> (topic_id IS NULL))",
        "Ask for a field of the contact or for a topic of our own: one of them.",
    )

    @api.depends("question", "field_id", "topic_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """The question in words."""
        for line in self:
            line.display_name = (
                line.question
                or line.topic_id.question
                or line.sudo().field_id.field_description
            )

    @api.constrains("field_id")
    def _check_field(self):
        for line in self.filtered("field_id"):
            field = self.env["res.partner"]._fields.get(line.field_id.name)
            usable = (
                line.field_id.model == "res.partner"
                and field is not None
                and field.store
                and field.type in (*TEXT_TYPES, *NUMBER_TYPES, *OTHER_TYPES)
                and not field.company_dependent
                and not field.groups
            )
            if not usable:
                raise ValidationError(
                    self.env._(
                        "“%s” cannot be asked for: take a stored field of the contact "
                        "that everybody may read, or a topic of our own.",
                        line.field_id.field_description,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self.env["customer.profile.set"]._reckon_soon()
        return super().create(vals_list)

    def write(self, vals):
        self.env["customer.profile.set"]._reckon_soon()
        return super().write(vals)

    def unlink(self):
        self.env["customer.profile.set"]._reckon_soon()
        return super().unlink()

    def _field(self):
        return self.env["res.partner"]._fields[self.sudo().field_id.name]

    # ---------------------------------------------------------------------- SQL

    def _answered_sql(self, query, company):
        """Whether the answer is known of a contact."""
        if self.topic_id:
            return SQL(
                "%s.id IN (SELECT partner_id FROM customer_profile_fact "
                "WHERE company_id = %s AND topic_id = %s)",
                SQL.identifier(query.table),
                company.id,
                self.topic_id.id,
            )
        field = self._field()
        column, kind = SQL.identifier(query.table, field.name), field.type
        if kind in TEXT_TYPES:
            return SQL("TRIM(COALESCE(%s, '')) <> ''", column)
        if kind in NUMBER_TYPES:
            return SQL("COALESCE(%s, 0) <> 0", column)
        return SQL("%s IS NOT NULL", column)

    def _asked_sql(self, query):
        """Whether a contact may be asked: nothing personal of who does not want it."""
        tag = self.env["ir.model.data"]._xmlid_to_res_id(OPT_OUT)
        if not self.topic_id.is_personal or not tag:
            return SQL("TRUE")
        rel = self.env["res.partner"]._fields["category_id"]
        return SQL(
            "%s.id NOT IN (SELECT %s FROM %s WHERE %s = %s)",
            SQL.identifier(query.table),
            SQL.identifier(rel.column1),
            SQL.identifier(rel.relation),
            SQL.identifier(rel.column2),
            tag,
        )

    # ---------------------------------------------------------------- answering

    def _in_short(self):
        """The question, as the contact's form shows it."""
        self.ensure_one()
        return {
            "id": self.id,
            "question": self.display_name,
            **self._input(),
        }

    def _input(self):
        """What is typed; a link to another record is chosen on the form itself."""
        if self.topic_id:
            return {"input": "date" if self.topic_id.has_date else "text"}
        field = self._field()
        if field.type == "selection":
            choices = field._description_selection(self.env)
            return {"input": "choice", "choices": choices}
        if field.type in NUMBER_TYPES:
            return {"input": "number"}
        return {"input": {"date": "date", "char": "text"}.get(field.type, "form")}
