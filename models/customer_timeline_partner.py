from odoo import fields, models
from odoo.tools import SQL

from .customer_timeline import PAGE, Asked


class ResPartner(models.Model):
    """The timeline of a contact is that of its commercial entity."""

    _inherit = "res.partner"

    def value_timeline(self, asked=None, after=None, limit=PAGE):
        """A page of what touched the customer, latest first, for the browser.

        :param asked: ``{groups, text, start, end, alone}``; days are texts, ``alone``
            leaves out the other contacts of the company
        :param after: what the page before gave as ``after``
        :return: ``{entries, after, groups, customer, contact}``
        """
        self.ensure_one()
        self.check_access("read")
        self._check_field_access(self._fields["value_score_id"], "read")
        asked = asked or {}
        timeline = self.env["customer.timeline"]
        entries, after = timeline._page(
            Asked(
                contacts=self._timeline_contacts(asked.get("alone")),
                text=(asked.get("text") or "").strip(),
                start=fields.Date.to_date(asked.get("start")),
                end=fields.Date.to_date(asked.get("end")),
                groups=tuple(asked.get("groups") or ()),
                after=tuple(after) if after else None,
            ),
            limit,
        )
        entity = self.commercial_partner_id
        return {
            "entries": entries,
            "after": after and [after[0].isoformat(sep=" "), *after[1:]],
            "groups": timeline._groups(),
            "customer": entity.sudo().display_name,
            "contact": self.name if self != entity else "",
        }

    def _timeline_contacts(self, alone=False):
        """Ids of the entity's contacts, those who are archived as well."""
        if alone:
            return tuple(self.ids)
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM res_partner WHERE commercial_partner_id = %s",
                self.commercial_partner_id.id,
            )
        )
        return tuple(contact_id for (contact_id,) in rows)

    def action_open_timeline(self):
        """The timeline on a page of its own."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "customer_value.customer_timeline_action"
        )
        name = self.commercial_partner_id.sudo().name
        return {
            **action,
            "name": self.env._("Timeline of %s", name),
            "context": {"active_id": self.id, "active_model": self._name},
        }
