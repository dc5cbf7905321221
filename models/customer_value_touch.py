from odoo import fields, models
from odoo.tools import SQL

from .customer_touched import TOUCHED_KINDS
from .customer_touchpoint import CONTACT_KINDS, DIRECTIONS, FEELINGS


class CustomerValueTouch(models.Model):
    """Every touch with a customer, wherever it was recorded.

    What was logged, activities done (of the types that count as a touch) and meetings.
    Nothing is copied: a call that was planned stays an activity, a visit stays in the
    calendar, and both count here. An activity that was planned as a meeting counts by
    its meeting. Several people of one customer at a meeting are one touch. Promises and
    mentions are no touches; e-mails the customer wrote have a source of their own.

    Rows come from several tables and share numbers: they are counted, not opened.
    """

    _name = "customer.value.touch"
    _description = "Touches"
    _inherit = ["customer.value.view"]
    _auto = False
    _value_watches = {
        "customer.touchpoint": {
            "partner_id": (
                "kind",
                "active",
                "date",
                "direction",
                "feeling",
                "company_id",
            )
        },
        "mail.activity": {
            "res_id": (
                "active",
                "date_done",
                "activity_type_id.value_kind",
                "calendar_event_id",
                "value_direction",
                "value_feeling",
            )
        },
        "crm.lead": {"partner_id": ("company_id",)},
        "sale.order": {"partner_id": ("company_id",)},
        "calendar.attendee": {
            "partner_id": (
                "state",
                "event_id.active",
                "event_id.start",
                "event_id.value_kind",
                "event_id.value_direction",
                "event_id.value_feeling",
            )
        },
    }

    origin = fields.Selection(
        [
            ("touchpoint", "Logged"),
            ("activity", "Activity done"),
            ("meeting", "Meeting"),
        ]
    )
    res_model = fields.Char()
    res_id = fields.Integer()
    partner_id = fields.Many2one("res.partner", string="Customer")
    company_id = fields.Many2one("res.company")
    user_id = fields.Many2one("res.users", string="Our Person")
    kind = fields.Selection(TOUCHED_KINDS)
    direction = fields.Selection(DIRECTIONS)
    feeling = fields.Selection(FEELINGS)
    feeling_points = fields.Integer(string="Feeling (-2 to 2)", aggregator="avg")
    date = fields.Datetime()

    @property
    def _table_query(self):
        return SQL(
            "SELECT touch.*, touch.feeling::integer AS feeling_points "
            "FROM ((%s) UNION ALL (%s) UNION ALL (%s)) touch",
            self._logged(),
            self._activities(),
            self._meetings(),
        )

    def _logged(self):
        return SQL(
            """
            SELECT touch.id, 'touchpoint' AS origin,
                   'customer.touchpoint' AS res_model, touch.id AS res_id,
                   touch.partner_id, touch.company_id, touch.user_id, touch.kind,
                   touch.direction, touch.feeling, touch.date
              FROM customer_touchpoint touch
             WHERE touch.active AND touch.kind = ANY(%s) AND %s
            """,
            list(CONTACT_KINDS),
            self._in_scope(SQL("touch.partner_id")),
        )

    def _activities(self):
        """Noon of the day on which it was done, where the company is."""
        return SQL(
            """
            SELECT done.id, 'activity' AS origin, done.res_model, done.res_id,
                   done.partner_id, done.company_id, done.user_id, type.value_kind,
                   COALESCE(activity.value_direction, 'out'), activity.value_feeling,
                   ((done.date + TIME '12:00') AT TIME ZONE %s) AT TIME ZONE 'UTC'
              FROM (%s) done
              JOIN mail_activity activity ON activity.id = done.id
              JOIN mail_activity_type type ON type.id = done.activity_type_id
             WHERE type.value_kind IS NOT NULL AND activity.calendar_event_id IS NULL
            """,
            self.env.company.value_tz,
            self.env["customer.value.activity"]._table_query,
        )

    def _meetings(self):
        return SQL(
            """
            SELECT DISTINCT ON (event.id, guest.commercial_partner_id)
                   attendee.id, 'meeting' AS origin, 'calendar.event' AS res_model,
                   event.id AS res_id, attendee.partner_id,
                   NULL::integer AS company_id, event.user_id, event.value_kind,
                   COALESCE(event.value_direction, 'out'), event.value_feeling,
                   event.start
              FROM calendar_attendee attendee
              JOIN calendar_event event ON event.id = attendee.event_id
              JOIN res_partner guest ON guest.id = attendee.partner_id
             WHERE attendee.state <> 'declined' AND event.active
               AND event.value_kind IS NOT NULL AND guest.partner_share
               AND %s
          ORDER BY event.id, guest.commercial_partner_id, attendee.id
            """,
            self._in_scope(SQL("attendee.partner_id")),
        )
