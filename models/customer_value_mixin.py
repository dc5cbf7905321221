from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .customer_value_score import SCORE_BANDS, TRENDS
from .entity_fields import OF_DOCUMENT
from .res_partner import GROUP

SQL_FIELDS = (
    "value_tier_id",
    "value_score",
    "value_score_band",
    "value_trend",
    "value_trend_points",
)
"""Fields that can be sorted and grouped by: the partner knows their SQL."""

SHOWN_FIELDS = (*SQL_FIELDS, "value_tier_color", "value_strip")


def _by_customer(name):
    """The ``search`` of a field that shows the customer's field of that name."""
    return lambda documents, *condition: documents._search_by_customer(name, *condition)


class CustomerValueMixin(models.AbstractModel):
    """A document with a ``partner_id`` shows the value of that customer.

    Not plain related fields: those read with full rights, so they would show the value
    of a customer whom the reader of the document may not read, and would let who lacks
    the group sort and group by it.
    """

    _name = "customer.value.mixin"
    _description = "Document of a Valued Customer"

    _value_shown_fields = SHOWN_FIELDS

    value_tier_id = fields.Many2one(
        "customer.value.tier",
        compute="_compute_customer_value",
        search=_by_customer("value_tier_id"),
        groups=GROUP,
    )
    value_tier_color = fields.Char(
        string="Value Tier Colour",
        compute="_compute_customer_value",
        groups=GROUP,
        exportable=False,
    )
    value_score = fields.Float(
        compute="_compute_customer_value",
        search=_by_customer("value_score"),
        aggregator="avg",
        digits=(6, 0),
        groups=GROUP,
        help="0 to 100: how close we are and what the relationship is worth.",
    )
    value_score_band = fields.Selection(
        SCORE_BANDS,
        compute="_compute_customer_value",
        search=_by_customer("value_score_band"),
        groups=GROUP,
    )
    value_trend = fields.Selection(
        TRENDS,
        compute="_compute_customer_value",
        search=_by_customer("value_trend"),
        groups=GROUP,
        help="Against 30 days ago.",
    )
    value_trend_points = fields.Float(
        compute="_compute_customer_value",
        aggregator="avg",
        digits=(6, 0),
        groups=GROUP,
        help="Points gained or lost in 30 days.",
    )
    value_strip = fields.Json(
        compute="_compute_customer_value", groups=GROUP, exportable=False
    )

    # ------------------------------------------------------------------ reading

    @api.depends("partner_id")
    @api.depends_context("company", "lang")
    def _compute_customer_value(self):
        readable = self.partner_id._filtered_access("read")
        for document in self:
            partner = document.partner_id & readable
            for name in SHOWN_FIELDS:
                document[name] = partner[name]

    def _field_to_sql(self, alias, field_expr, query=None):
        """The customer's field, joined: sortable, groupable and aggregable."""
        if field_expr not in SQL_FIELDS:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        partner, partner_alias = self._fields["partner_id"].join(self, alias, query)
        partner = partner.with_context(**{OF_DOCUMENT: True})
        return partner._field_to_sql(partner_alias, field_expr, query)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Customers without a score come last, however the list is sorted."""
        if field_name in SQL_FIELDS and not nulls.code:
            nulls = SQL("NULLS LAST")
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    # ---------------------------------------------------------------- searching

    def _search_by_customer(self, name, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        domain = Domain("partner_id", "any", [(name, operator, value)])
        if operator == "in" and any(item is False for item in value):
            domain |= Domain("partner_id", "=", False)
        return domain
