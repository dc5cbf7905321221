from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL, Query

from .ir_rule import CONTACT_KNOWN

OF_DOCUMENT = "customer_value_of_document"
"""Context key: the contact is joined by a document, no rule was applied to it."""


def by_entity(name):
    """The ``search`` of a contact's field that is read from its entity's row."""
    return lambda partners, *condition: partners._search_by_entity(name, *condition)


class ResPartner(models.Model):
    """Contacts show fields of their commercial entity's row in a table beside.

    Such a table has one row per commercial entity and company. No column is added to
    ``res_partner``: the table is joined, which makes the fields sortable, groupable and
    searchable without a write to a contact.
    """

    _inherit = "res.partner"

    _entity_fields = {}
    """``{field of the contact: (model of the table, its field)}``"""

    def _entity_rows(self, model_name):
        """``{entity id: row}`` in the current company, those the user may read."""
        rows = self.env[model_name].search(
            [
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("company_id", "=", self.env.company.id),
            ]
        )
        return {row.partner_id.id: row for row in rows}

    def _show_entity_fields(self, model_name):
        """Compute all fields that are read from one table."""
        rows = self._entity_rows(model_name)
        for partner in self:
            row = rows.get(partner.commercial_partner_id._origin.id)
            for name, (owner, source) in self._entity_fields.items():
                if owner == model_name:
                    partner[name] = row[source] if row else False

    def _field_to_sql(self, alias, field_expr, query=None):
        """Join the table beside instead of reading a column.

        Its rules are part of the join: who may read a person but not her company sees
        no score, and neither sorts nor groups by it.
        """
        if field_expr not in self._entity_fields:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        model_name, source = self._entity_fields[field_expr]
        beside = self.env[model_name]
        row = query.make_alias(alias, beside._table)
        query.add_join(
            "LEFT JOIN",
            row,
            beside._table,
            SQL(
                "%s = %s AND %s = %s AND %s",
                SQL.identifier(row, "partner_id"),
                SQL.identifier(alias, "commercial_partner_id"),
                SQL.identifier(row, "company_id"),
                self.env.company.id,
                self._entity_readable_sql(alias, row, beside),
            ),
        )
        return beside._field_to_sql(row, source, query)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Contacts without a row come last, however the list is sorted."""
        if field_name in self._entity_fields and not nulls.code:
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    def _entity_readable_sql(self, alias, row, beside):
        """Whether the user may read the row, as an SQL condition.

        A contact that is itself the customer was let through by the rules of contacts
        already; only for the others, and in documents, the customer is looked up.
        """
        if self.env.su:
            return SQL("TRUE")
        customer = SQL.identifier(row, "partner_id")
        itself = SQL("%s = %s", customer, SQL.identifier(alias, "id"))
        readable = self._search([], active_test=False)
        readable.add_where(SQL("%s = %s", customer, SQL.identifier(self._table, "id")))
        return SQL(
            "%s AND (%s OR EXISTS %s)",
            self._entity_own_rule_sql(row, beside),
            SQL("FALSE") if self.env.context.get(OF_DOCUMENT) else itself,
            readable.subselect(),
        )

    def _entity_own_rule_sql(self, row, beside):
        """The rules of the table, but for those of its contacts (see elsewhere)."""
        beside = beside.with_context(**{CONTACT_KNOWN: True})
        rule = beside.env["ir.rule"]._compute_domain(beside._name, "read")
        rule = rule.optimize_full(beside.sudo())
        query = Query(self.env, row, SQL.identifier(beside._table))
        without_joins = query.from_clause
        condition = rule._to_sql(beside.sudo(), row, query)
        if query.from_clause == without_joins:
            return condition
        return SQL(
            "%s IN %s", SQL.identifier(row, "id"), beside._search([]).subselect()
        )

    def _search_by_entity(self, name, operator, value):
        """Contacts whose entity's row matches; those without one count as empty."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented  # the ORM asks for the opposite and negates it
        model_name, field = self._entity_fields[name]
        beside = self.env[model_name]
        here = [("company_id", "=", self.env.company.id)]
        if operator == "in" and any(item is False for item in value):
            others = [item for item in value if item is not False]
            known = beside._search(
                [*here, (field, "not in", others), (field, "!=", False)]
            )
            return [("commercial_partner_id", "not in", known.subselect("partner_id"))]
        found = beside._search([*here, (field, operator, value)])
        return [("commercial_partner_id", "in", found.subselect("partner_id"))]
