from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

from odoo.addons.mail.tools.discuss import Store

LOGGED = {
    "kind",
    "direction",
    "feeling",
    "note",
    "promise_due",
    "mention_channel",
    "mention_url",
    "mention_reach",
    "next_step",
    "next_date",
}
"""What the *Log* panel may say; the rest follows from the document and the user."""

SHOWN_BEFORE = 3
"""Touches before, shown under the panel."""


class MailThread(models.AbstractModel):
    """Documents that lead to a customer offer the *Log* button above their chatter."""

    _inherit = "mail.thread"

    def _value_touch_partner(self):
        """The customer a touch logged on this document was with, or none.

        To be extended by models that lead to their customer in another way.
        """
        return self.env["res.partner"]

    def _value_may_log_touch(self):
        """Whether the user is offered the button here."""
        self.ensure_one()
        if not self.env["customer.touchpoint"].sudo(False).has_access("create"):
            return False
        return bool(self._value_touch_partner())

    def _thread_to_store(self, store: Store, fields, *, request_list=None):
        super()._thread_to_store(store, fields, request_list=request_list)
        if "customer_touch" not in (request_list or ()):
            return
        for thread in self:
            may_log = thread._value_may_log_touch()
            store.add(thread, {"value_may_log_touch": may_log}, as_thread=True)


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _value_touch_partner(self):
        """Customers, vendors and prospects; with colleagues one does not log."""
        return self if self.partner_share else self.browse()


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _value_touch_partner(self):
        return self.partner_id


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _value_touch_partner(self):
        return self.partner_id


class AccountMove(models.Model):
    _inherit = "account.move"

    def _value_touch_partner(self):
        return self.partner_id if self.is_sale_document() else self.partner_id.browse()


class PosOrder(models.Model):
    _inherit = "pos.order"

    def _value_touch_partner(self):
        return self.partner_id


class CustomerTouchpoint(models.Model):
    """What the *Log* panel of the browser calls."""

    _inherit = "customer.touchpoint"

    @api.model
    def log_prepare(self, res_model, res_id):
        """What the panel shows before anything is typed.

        :return: ``{partner, channels, before, ask}``; ``ask``: a question about the
            customer that may be answered beside, or False
        """
        partner = self._logged_document(res_model, res_id)._value_touch_partner()
        entity = partner.commercial_partner_id
        before = self.search(
            [
                ("commercial_partner_id", "=", entity.id),
                ("company_id", "=", self.env.company.id),
            ],
            limit=SHOWN_BEFORE,
        )
        return {
            "partner": partner.display_name,
            "channels": self._fields["mention_channel"]._description_selection(
                self.env
            ),
            "before": [touchpoint._in_words() for touchpoint in before],
            "ask": partner._value_profile_question(),
        }

    @api.model
    def log(self, res_model, res_id, values, clicks=0):
        """Log a touch with the customer of a document.

        :param values: what was entered, see :data:`LOGGED`
        :param clicks: how many clicks it took
        :return: ``{id, name, planned}``; ``planned``: a next step became an activity
        """
        document = self._logged_document(res_model, res_id)
        partner = document._value_touch_partner()
        if not partner:
            raise UserError(
                self.env._("Choose the customer of the document first, then log.")
            )
        company = self.env.company
        if "company_id" in document._fields and document._name != "res.partner":
            company = document.company_id or company
        touchpoint = self.create(
            {
                **{name: values[name] for name in LOGGED & set(values)},
                "partner_id": partner.id,
                "company_id": company.id,
                "res_model": document._name,
                "res_id": document.id,
                "clicks": max(int(clicks), 0),
            }
        )
        return {
            "id": touchpoint.id,
            "name": touchpoint.display_name,
            "planned": bool(touchpoint.next_step and touchpoint.next_date),
        }

    def _logged_document(self, res_model, res_id):
        self.check_access("create")
        document = self.env.get(res_model or "")
        if document is None or not hasattr(document, "_value_touch_partner"):
            raise UserError(self.env._("There is no customer to be found here."))
        document = document.browse(res_id).exists()
        if not document:
            raise UserError(self.env._("The document is no longer there."))
        document.check_access("read")
        return document

    def _in_words(self):
        self.ensure_one()
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return {
            "id": self.id,
            "kind": kinds[self.kind],
            "day": format_date(
                self.env, fields.Datetime.context_timestamp(self, self.date).date()
            ),
            "who": self.user_id.sudo().name or "",
            "note": self.note or "",
        }
