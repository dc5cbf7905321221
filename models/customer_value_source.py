from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from .kept_sql import hierarchies
from .scoring_plan import EVERYBODY
from .watching import Watching, condition_paths

NUMERIC_TYPES = ("integer", "float", "monetary")


class SourceDefinitionError(Exception):
    """A source names something that is not there; the message says how to mend it."""


class CustomerValueSource(models.Model):
    """Where evidence comes from: records of an Odoo model that lead to a customer.

    Everything is named by text, so that a source may speak of a module that is not
    installed: it is then *unavailable*, says so, and wakes up when the module comes.
    A path is a dotted chain of stored many2one fields (``order_id.partner_id``).
    """

    _name = "customer.value.source"
    _description = "Customer Value Source"
    _inherit = ["customer.value.coded"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="Stable name for tests, integrations and other modules.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(
        translate=True, help="What one record says about the customer."
    )
    res_model = fields.Char(
        string="Model Name",
        required=True,
        help="Technical name of the model whose records are the evidence.",
    )
    res_model_id = fields.Many2one(
        "ir.model",
        string="Model",
        compute="_compute_res_model_id",
        inverse="_inverse_res_model_id",
        help="The records that are the evidence.",
    )
    module_name = fields.Char(
        string="Needs Module",
        help="The module that brings the model. While it is not installed the source "
        "is shown as unavailable and its indicators are left out.",
    )
    domain = fields.Char(default="[]", required=True, help="Which records count.")
    partner_path = fields.Char(
        string="Path to the Customer",
        required=True,
        default="partner_id",
        help="Fields that lead from a record to the contact. Its company (commercial "
        "entity) receives the evidence.",
    )
    date_field = fields.Char(
        required=True,
        default="create_date",
        help="The day on which the record counts. A path is allowed.",
    )
    amount_field = fields.Char(
        help="The number to sum, average or compare. A path is allowed.",
    )
    rate_field = fields.Char(
        string="Currency Rate",
        help="The document's own currency rate: the amount is divided by it, which "
        "gives company currency at the rate of the document's day.",
    )
    company_path = fields.Char(
        string="Path to the Company",
        default="company_id",
        help="Records of other companies are not counted. Empty: records belong to "
        "every company.",
    )
    amount_unit = fields.Selection(
        [
            ("money", "Money"),
            ("number", "Number"),
            ("day", "Days"),
            ("percent", "Percent"),
        ],
        default="number",
        required=True,
        help="How the amount is shown.",
    )
    available = fields.Boolean(
        compute="_compute_available",
        search="_search_available",
        help="Whether the model is there and every field of the source is usable.",
    )
    unavailable_reason = fields.Char(compute="_compute_available")
    availability = fields.Selection(
        [
            ("available", "Available"),
            ("absent", "Not installed"),
            ("broken", "Cannot be read"),
        ],
        compute="_compute_available",
    )
    browsable = fields.Boolean(
        compute="_compute_browsable",
        help="Whether the user may read the model, so that its fields can be picked.",
    )
    last_error = fields.Text(
        readonly=True,
        copy=False,
        help="Why the last scoring run could not read this source.",
    )
    last_error_date = fields.Datetime(readonly=True, copy=False)
    indicator_ids = fields.One2many("customer.value.indicator", "source_id")
    indicator_count = fields.Integer(compute="_compute_indicator_count")

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another source already has this code."
    )

    # ------------------------------------------------------------------ computes

    @api.depends("res_model")
    def _compute_res_model_id(self):
        for source in self:
            source.res_model_id = self.env["ir.model"]._get(source.res_model)

    def _inverse_res_model_id(self):
        for source in self:
            if source.res_model_id:
                source.res_model = source.res_model_id.model

    @api.onchange("res_model_id")
    def _onchange_res_model_id(self):
        if self.res_model_id:
            self.res_model = self.res_model_id.model

    @api.depends(
        "res_model",
        "domain",
        "partner_path",
        "date_field",
        "amount_field",
        "rate_field",
        "company_path",
    )
    def _compute_available(self):
        for source in self:
            try:
                source._check_definition()
            except SourceDefinitionError as error:
                absent = source._missing_module_message()
                source.available = False
                source.availability = "absent" if absent else "broken"
                source.unavailable_reason = absent or str(error)
            else:
                source.available = True
                source.availability = "available"
                source.unavailable_reason = False

    @api.depends("res_model")
    @api.depends_context("uid")
    def _compute_browsable(self):
        for source in self:
            model = self.env.get(source.res_model or "")
            source.browsable = (
                model is not None and not model._abstract and model.has_access("read")
            )

    def _search_available(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = self.search([]).filtered(lambda source: source.available in value)
        return [("id", "in", wanted.ids)]

    def _compute_indicator_count(self):
        counts = dict(
            self.env["customer.value.indicator"]._read_group(
                [("source_id", "in", self.ids)], ["source_id"], ["__count"]
            )
        )
        for source in self:
            source.indicator_count = counts.get(source, 0)

    # --------------------------------------------------------------- constraints

    @api.constrains(
        "res_model",
        "module_name",
        "domain",
        "partner_path",
        "date_field",
        "amount_field",
        "rate_field",
        "company_path",
    )
    def _check_usable(self):
        """Refuse what cannot work where it is entered; a missing module is fine."""
        for source in self:
            if source._missing_module_message() or source._may_load_later():
                continue
            try:
                source._check_definition()
            except SourceDefinitionError as error:
                raise ValidationError(
                    self.env._("%(name)s: %(problem)s", name=source.name, problem=error)
                ) from error
            if not source._may_be_published():
                raise ValidationError(
                    self.env._(
                        "%(name)s: you may not read “%(model)s” yourself, so you "
                        "cannot publish figures about it. Choose another model or "
                        "ask for access.",
                        name=source.name,
                        model=source.res_model,
                    )
                )

    def _may_be_published(self):
        """Whether the user may read the model; our own views are nobody's to read.

        The user's own rights are asked: Odoo checks constraints as superuser.
        """
        own = self.res_model.startswith("customer.value.")
        model = self.env[self.res_model].with_user(self.env.user)
        return own or model.has_access("read")

    def _missing_module_message(self):
        """A message if the module that owns the source is not installed, else False.

        The module may bring the model, or a field of a model that is there anyway.
        """
        self.ensure_one()
        if not self.module_name:
            return False
        module = (
            self.env["ir.module.module"]
            .sudo()
            .search([("name", "=", self.module_name)])
        )
        if not module or module.state in ("installed", "to upgrade"):
            return False
        return self.env._("The module “%s” is not installed.", module.shortdesc)

    def _may_load_later(self):
        """Whether modules are being loaded, the source's own perhaps after ours."""
        return bool(self.module_name) and not self.env.registry.ready

    def _check_definition(self):
        """Raise :class:`SourceDefinitionError` for the first thing that cannot work."""
        self.ensure_one()
        model = self._source_model()
        self._check_path(model, self.date_field, ("date", "datetime"))
        if self.amount_field:
            self._check_path(model, self.amount_field, NUMERIC_TYPES)
        if self.rate_field:
            self._check_path(model, self.rate_field, NUMERIC_TYPES)
        self._check_partner_path(model)
        # "company_id" is optional: records of a model without it serve every company
        if self.company_path and (
            self.company_path != "company_id" or "company_id" in model._fields
        ):
            self._check_comodel(model, self.company_path, "res.company")
        self._check_domain(model)

    def _source_model(self):
        """The sudoed model of the source, archived records included."""
        model = self.env.get(self.res_model)
        if model is None:
            raise SourceDefinitionError(
                self.env._(
                    "there is no model “%s”. Check its technical name, or install "
                    "the module that brings it.",
                    self.res_model,
                )
            )
        if model._abstract or model._transient:
            raise SourceDefinitionError(
                self.env._(
                    "“%s” keeps no records. Choose a model that does.",
                    self.res_model,
                )
            )
        return model.sudo().with_context(active_test=False)

    def _walk(self, model, path):
        """Yield ``(model, field)`` along a dotted path of stored fields.

        :raises SourceDefinitionError: unknown, unstored or non-many2one step
        """
        *hops, __ = names = path.split(".")
        for position, name in enumerate(names):
            field = model._fields.get(name)
            if field is None:
                raise SourceDefinitionError(
                    self.env._(
                        "“%(model)s” has no field “%(field)s” (in “%(path)s”).",
                        model=model._name,
                        field=name,
                        path=path,
                    )
                )
            if not self._is_stored(model, field):
                raise SourceDefinitionError(
                    self.env._(
                        "“%(field)s” of “%(model)s” is not stored, so it cannot be "
                        "read for many customers at once. Choose a stored field.",
                        model=model._name,
                        field=name,
                    )
                )
            yield model, field
            if position < len(hops):
                if field.type != "many2one":
                    raise SourceDefinitionError(
                        self.env._(
                            "“%(field)s” in “%(path)s” does not lead to one other "
                            "record. Only many2one fields can be followed.",
                            field=name,
                            path=path,
                        )
                    )
                model = self.env[field.comodel_name].sudo()

    def _is_stored(self, model, field):
        """Whether SQL finds the field, be it by following a related field."""
        if field.store or not field.related:
            return bool(field.store)
        for name in field.related.split("."):
            step = model._fields[name]
            if not self._is_stored(model, step):
                return False
            model = self.env[step.comodel_name].sudo() if step.relational else model
        return True

    def _check_path(self, model, path, types):
        *__, (owner, field) = self._walk(model, path)
        if field.type not in types:
            raise SourceDefinitionError(
                self.env._(
                    "“%(path)s” of “%(model)s” is of type %(type)s; it has to be one "
                    "of: %(types)s.",
                    path=path,
                    model=owner._name,
                    type=field.type,
                    types=", ".join(types),
                )
            )
        return field

    def _check_comodel(self, model, path, comodel):
        *__, (__owner, field) = self._walk(model, path)
        if field.type != "many2one" or field.comodel_name != comodel:
            raise SourceDefinitionError(
                self.env._(
                    "“%(path)s” does not end in a “%(comodel)s”.",
                    path=path,
                    comodel=comodel,
                )
            )

    def _check_partner_path(self, model):
        """The path ends in a contact, or in a reference the domain ties to contacts."""
        *__, (owner, field) = self._walk(model, self.partner_path)
        if field.type == "many2one_reference":
            beside = self._beside(self.partner_path, field.model_field)
            tie = f"'{beside}', '=', 'res.partner'"
            if tie in (self.domain or "").replace('"', "'"):
                return
            raise SourceDefinitionError(
                self.env._(
                    "“%(path)s” may point to any model: add (%(tie)s) to the filter.",
                    path=self.partner_path,
                    tie=tie,
                )
            )
        is_partner = owner._name == "res.partner" and field.name == "id"
        if not is_partner and (
            field.type != "many2one" or field.comodel_name != "res.partner"
        ):
            raise SourceDefinitionError(
                self.env._(
                    "“%s” does not end in a contact. The path to the customer has to "
                    "end in a field that holds a contact.",
                    self.partner_path,
                )
            )

    @staticmethod
    def _beside(path, name):
        """The path of another field of the record on which ``path`` ends."""
        return ".".join([*path.split(".")[:-1], name])

    def _check_domain(self, model):
        try:
            model._search(self._domain())
        except Exception as error:
            raise SourceDefinitionError(
                self.env._("the filter cannot be used: %s", error)
            ) from error

    # ------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        sources = super().create(vals_list)
        self.env.registry.clear_cache("stable")
        return sources

    def write(self, vals):
        result = super().write(vals)
        if not {"last_error", "last_error_date"}.issuperset(vals):
            self.flush_recordset()
            self.env.registry.clear_cache("stable")
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache("stable")
        return result

    def copy_data(self, default=None):
        """The copy starts with a code of its own."""
        return [
            dict(vals, code=f"{source.code}_copy", name=f"{source.name} (copy)")
            for source, vals in zip(
                self, super().copy_data(default=default), strict=True
            )
        ]

    # ------------------------------------------------------------------ actions

    def action_open_records(self):
        """The records that count, as the user may read them."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.res_model,
            "view_mode": "list,form",
            "domain": list(self._domain()),
            "context": {"active_test": False},
        }

    def action_open_indicators(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Indicators of %s", self.name),
            "res_model": "customer.value.indicator",
            "view_mode": "list,form",
            "domain": [("source_id", "=", self.id)],
        }

    # ------------------------------------------------------------------ business

    def _domain(self):
        """The filter as a :class:`Domain`; literals only."""
        return Domain(safe_eval(self.domain or "[]", {}))

    def _shape(self):
        """Sources of the same shape are different filters on the same records."""
        self.ensure_one()
        return " ".join((self.res_model, self.partner_path, self.company_path or ""))

    def _query(self, company, scope=EVERYBODY):
        """The company's records of the source's model, whatever the filter and date.

        :param scope: whose records; only our own views heed it, see
            ``customer.value.view``, and for the others it has to be asked again
        :return: an ORM ``Query``; extend it with :meth:`_condition`, :meth:`_path_sql`
        """
        self.ensure_one()
        model = self._source_model().with_company(company)
        if scope.has_table:
            model = model.with_context(customer_value_scope=scope)
        domain = Domain.TRUE
        if self.company_path and (
            self.company_path != "company_id" or "company_id" in model._fields
        ):
            domain = Domain(self.company_path, "in", [company.id, False])
        return model._search(domain)

    def _condition(self, query, company):
        """SQL of the filter: which of the model's records count."""
        model = self._source_model().with_company(company)
        domain = self._domain().optimize_full(model)
        return SQL("(%s)", domain._to_sql(model, query.table, query))

    def _path_sql(self, query, path):
        """SQL of a dotted path, its joins added to ``query``."""
        model, alias = self._source_model(), query.table
        *hops, last = path.split(".")
        for hop in hops:
            model, alias = model._fields[hop].join(model, alias, query)
        return model._field_to_sql(alias, last, query)

    def _document_sql(self, query):
        """``(model, id)`` of the document a record is, or is a piece of."""
        model = self._source_model()
        if {"res_model", "res_id"} <= set(model._fields) and not model._auto:
            return self._path_sql(query, "res_model"), self._path_sql(query, "res_id")
        return SQL("%s::varchar", self.res_model), SQL.identifier(query.table, "id")

    def _amount_sql(self, query):
        """SQL of the amount in company currency, or of 1 where records are counted."""
        if not self.amount_field:
            return SQL("1")
        amount = self._path_sql(query, self.amount_field)
        if not self.rate_field:
            return amount
        rate = self._path_sql(query, self.rate_field)
        return SQL("%s / COALESCE(NULLIF(%s, 0), 1)", amount, rate)

    def _is_broken(self):
        """Whether the source should work, its module being there, and does not."""
        self.ensure_one()
        return not self.available and not self._missing_module_message()

    @tools.ormcache("self.id", cache="stable")
    def _is_usable(self):
        """``available``, kept from one scoring to the next: it takes time to find out.

        Forgotten when a source is written or the modules change; a source that breaks
        otherwise is found out by the statement that fails.
        """
        return self.available

    def _note_error(self, message):
        """Show what went wrong in the last run, or that it works again."""
        self.ensure_one()
        source = self.sudo()
        if (source.last_error or False) != (message or False):
            source.write(
                {
                    "last_error": message,
                    "last_error_date": message and fields.Datetime.now(),
                }
            )

    def _is_datetime(self):
        """Whether the source's clock is a time stamp (UTC) rather than a day."""
        *__, (__owner, field) = self._walk(self._source_model(), self.date_field)
        return field.type == "datetime"

    @api.model
    @tools.ormcache(cache="stable")
    def _watched(self):
        """What makes a customer dirty, for all usable sources.

        :return: ``{model name: {route to the customer: frozenset of field names}}``,
            see :mod:`.watching`
        """
        watching = Watching(self.env(su=True))
        watching.watch(
            "res.partner", "commercial_partner_id", self._watched_of_contacts()
        )
        for source in self.sudo().search([]).filtered("available"):
            model = self.env[source.res_model]
            own = getattr(model, "_value_watches", None) or {
                source.res_model: {source.partner_path: source._watched_fields()}
            }
            for model_name, paths in own.items():
                for to_customer, names in paths.items():
                    watching.watch(model_name, to_customer, names)
        return watching.frozen()

    @api.model
    @tools.ormcache(cache="stable")
    def _hierarchies(self):
        """Models in whose hierarchy a filter looks up a place ("child of")."""
        sources = self.sudo().search([]).filtered("available")
        found = set().union(
            *(
                hierarchies(source._domain(), source._source_model())
                for source in sources
            ),
            *(
                hierarchies(domain, self.env["res.partner"])
                for domain in self._domains_of_contacts()
            ),
        )
        return frozenset(found)

    def _active_models(self):
        models = self.env["customer.value.model"].sudo()
        return models.search([("state", "=", "active")])

    def _domains_of_contacts(self):
        active = self._active_models()
        domains = [model._population_domain() for model in active]
        return domains + [rule._partner_domain() for rule in active.tier_ids.rule_ids]

    def _watched_of_contacts(self):
        """What decides by which model a contact is scored, and how."""
        names = {"active", "company_id", "is_company", "parent_id"}
        for domain in self._domains_of_contacts():
            names.update(condition_paths(domain))
        attributes = self._active_models().indicator_ids.mapped("attribute_path")
        return names.union(filter(None, attributes))

    def _watched_fields(self):
        """Paths of the source's model that decide what a record says."""
        paths = [
            *condition_paths(self._domain()),
            self.partner_path,
            self.date_field,
            self.amount_field,
            self.rate_field,
            self.company_path,
            *self.indicator_ids.filtered(
                lambda indicator: indicator.model_id.state == "active"
            ).mapped("distinct_path"),
        ]
        return set(filter(None, paths))
