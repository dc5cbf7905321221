from odoo import api, fields, models
from odoo.tools.misc import format_date

from .customer_closeness_measured import LEVELS, TIES
from .customer_loyalty_partner import ResPartner as ContactWithLoyalty
from .customer_value_contact import CONTACT_KINDS
from .entity_fields import by_entity
from .res_partner import GROUP

CLOSENESS_FIELDS = {
    "value_closeness_id": "id",
    "value_closeness": "score",
    "value_closeness_level": "level",
    "value_tie": "tie",
    "value_last_contact_date": "last_date",
    "value_last_contact_kind": "last_kind",
    "value_last_contact_user_id": "last_user_id",
}
"""Fields of a contact, and the field of its company's closeness that each one shows."""

KNOWN_BY = 3


class ResPartner(models.Model):
    """A contact shows how close we are to its commercial entity."""

    _inherit = "res.partner"
    _entity_fields = {
        **ContactWithLoyalty._entity_fields,
        **{
            name: ("customer.closeness", source)
            for name, source in CLOSENESS_FIELDS.items()
        },
    }

    value_closeness_id = fields.Many2one(
        "customer.closeness",
        string="Closeness Details",
        compute="_compute_closeness",
        search=by_entity("value_closeness_id"),
        groups=GROUP,
    )
    value_closeness = fields.Integer(
        string="Closeness",
        compute="_compute_closeness",
        search=by_entity("value_closeness"),
        aggregator="avg",
        groups=GROUP,
        help="0 to 100: how lately, how often, in both directions or one, and how "
        "deeply we were in touch.",
    )
    value_closeness_level = fields.Selection(
        LEVELS,
        string="Closeness in Words",
        compute="_compute_closeness",
        search=by_entity("value_closeness_level"),
        groups=GROUP,
    )
    value_tie = fields.Selection(
        TIES,
        string="Tie",
        compute="_compute_closeness",
        search=by_entity("value_tie"),
        groups=GROUP,
        help="Strong: good or very good, and in both directions. Sleeping: faded away. "
        "Weak: all others.",
    )
    value_last_contact_date = fields.Datetime(
        string="Last Contact",
        compute="_compute_closeness",
        search=by_entity("value_last_contact_date"),
        groups=GROUP,
    )
    value_last_contact_kind = fields.Selection(
        CONTACT_KINDS,
        string="Last Contact By",
        compute="_compute_closeness",
        search=by_entity("value_last_contact_kind"),
        groups=GROUP,
    )
    value_last_contact_user_id = fields.Many2one(
        "res.users",
        string="Last Contact With",
        compute="_compute_closeness",
        search=by_entity("value_last_contact_user_id"),
        groups=GROUP,
    )
    value_contact = fields.Json(
        compute="_compute_value_contact", groups=GROUP, exportable=False
    )

    # ------------------------------------------------------------------ reading

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_closeness(self):
        self._show_entity_fields("customer.closeness")

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "lang", "tz")
    def _compute_value_contact(self):
        """Last contact and closeness, as the form says them."""
        rows = self._entity_rows("customer.closeness")
        for partner in self:
            row = rows.get(partner.commercial_partner_id._origin.id)
            partner.value_contact = row._in_short() if row else False

    def _invalidate_contact_fields(self):
        """Forget what is cached after it was written in SQL."""
        self.invalidate_model([*CLOSENESS_FIELDS, "value_contact"])


class CustomerCloseness(models.Model):
    _inherit = "customer.closeness"

    def _in_short(self):
        """Made for the browser; the document only if the reader may read it."""
        self.ensure_one()
        levels = dict(self._fields["level"]._description_selection(self.env))
        ties = dict(self._fields["tie"]._description_selection(self.env))
        kinds = dict(self._fields["last_kind"]._description_selection(self.env))
        user = self.last_user_id.sudo()
        return {
            "date": fields.Datetime.to_string(self.last_date),
            "kind": kinds.get(self.last_kind, ""),
            "user": {"id": user.id, "name": user.name or ""},
            "opens": self._last_document(),
            "score": self.score,
            "level": self.level,
            "level_words": levels.get(self.level, ""),
            "tie_words": ties.get(self.tie, ""),
            "tie": self.tie,
            "known_by": [
                {
                    "id": tie.user_id.id,
                    "name": tie.user_id.sudo().name,
                    "level": tie.level,
                    "level_words": levels.get(tie.level, ""),
                    "last": format_date(self.env, tie.last_date),
                }
                for tie in self.tie_ids[:KNOWN_BY]
            ],
        }

    def _last_document(self):
        """Model and id of what a click opens, or False."""
        if self.last_model not in self.env:
            return False
        document = self.env[self.last_model].browse(self.last_res_id).exists()
        document = document._filtered_access("read") if document else document
        if self.last_model == "mail.message" and document:
            if not document.res_id or document.model not in self.env:
                return False
            document = self.env[document.model].browse(document.res_id)
            document = document.exists()._filtered_access("read")
        return bool(document) and {"model": document._name, "id": document.id}
