from odoo import api, fields, models
from odoo.addons.mail.tools.discuss import Store

from .customer_touchpoint import CONTACT_KINDS, DIRECTIONS, FEELINGS, KINDS
from .res_partner import GROUP

TOUCHED_KINDS = [(code, name) for code, name in KINDS if code in CONTACT_KINDS]


class CustomerTouched(models.AbstractModel):
    """Something of Odoo's own that is a touch: who took the step, how it felt."""

    _name = "customer.touched"
    _description = "Counts as a Touch"

    value_direction = fields.Selection(
        DIRECTIONS,
        string="Touch Direction",
        groups=GROUP,
        copy=False,
        help="Who took the step towards the other. Empty: we did.",
    )
    value_feeling = fields.Selection(
        FEELINGS,
        string="Touch Feeling",
        groups=GROUP,
        copy=False,
        help="How it felt. Empty: not said.",
    )


class MailActivityType(models.Model):
    _inherit = "mail.activity.type"

    value_kind = fields.Selection(
        TOUCHED_KINDS,
        string="Counts as a Touch",
        compute="_compute_value_kind",
        store=True,
        readonly=False,
        help="What an activity of this type is, once done with a customer. Empty: "
        "work for the customer that is no contact.",
    )

    @api.depends("category")
    def _compute_value_kind(self):
        """Calls, meetings, and Odoo's own e-mail type; others can be told."""
        by_category = {"phonecall": "call", "meeting": "visit"}
        mail = self.env.ref("mail.mail_activity_data_email", raise_if_not_found=False)
        for one in self:
            kind = "message" if one == mail else by_category.get(one.category)
            one.value_kind = one.value_kind or kind


class MailActivity(models.Model):
    """A done activity is a touch as it is; the feeling is asked where it is done."""

    _name = "mail.activity"
    _inherit = ["mail.activity", "customer.touched"]

    def _to_store_defaults(self, target):
        return [
            *super()._to_store_defaults(target),
            Store.Attr("value_asks_feeling", lambda one: one._value_asks_feeling()),
        ]

    def _value_asks_feeling(self):
        """Whether the user is asked how it felt when the activity is marked done."""
        return bool(
            self.activity_type_id.sudo().value_kind
            and self.res_model in self.env["customer.value.activity"]._documents()
            and self.env.user.has_group(GROUP)
        )


class CalendarEvent(models.Model):
    """A meeting with a customer is a touch from its beginning on."""

    _name = "calendar.event"
    _inherit = ["calendar.event", "customer.touched"]

    value_kind = fields.Selection(
        TOUCHED_KINDS,
        string="Counts as",
        default="visit",
        groups=GROUP,
        help="What the meeting is to the customers asked to it. Empty: no touch.",
    )

    def _value_touch_partner(self):
        """The customer, if the meeting is with one: a contact who is not of ours."""
        guests = self.attendee_ids.partner_id.filtered("partner_share")
        return guests[:1] if len(guests.commercial_partner_id) == 1 else guests[:0]
