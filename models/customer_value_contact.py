from odoo import SUPERUSER_ID, fields, models
from odoo.tools import SQL

from ..tools.closeness import DEPTHS

CONTACT_KINDS = [
    ("mail", "E-mail"),
    ("message", "Message"),
    ("greeting", "Greeting or gift"),
    ("activity", "Activity"),
    ("call", "Call"),
    ("meeting", "Meeting"),
    ("visit", "Visit"),
]
DEPTH_OF = {
    "mail": 1,
    "message": 2,
    "greeting": 2,
    "activity": 2,
    "call": 3,
    "meeting": 4,
    "visit": 4,
}
"""By kind; what a depth is worth: ``tools/closeness.py``."""

WRITTEN = ("email", "comment", "sms", "whatsapp")
"""Types of messages that somebody wrote: no notices, newsletters, automatic answers."""

NOT_ARRIVED = ("bounce", "exception", "canceled")


class CustomerValueContact(models.Model):
    """Every contact that one of us had with a customer: who, when, how deep.

    What was logged by hand, activities done, meetings held, messages that a person
    wrote in either direction. Notices, newsletters and what could not be delivered are
    no contacts. Where several of us met several of them there is a row for each pair:
    days are counted, not rows. A call, a meeting or a visit goes in both directions.

    Who of us a customer's message was for is asked of its document: its salesperson.

    Rows are pieces of a sum, not records: nobody has access.
    """

    _name = "customer.value.contact"
    _description = "Contacts With Customers"
    _inherit = ["customer.value.view"]
    _auto = False
    _value_watches = {
        "mail.activity": {"res_id": ("active", "date_done", "activity_type_id")},
        "crm.lead": {"partner_id": ("company_id",)},
        "sale.order": {"partner_id": ("company_id",)},
        "calendar.attendee": {
            "partner_id": ("state", "event_id.active", "event_id.start")
        },
        "mail.message": {"author_id": ("date", "message_type")},
        "mail.notification": {"res_partner_id": ("notification_status",)},
    }

    res_model = fields.Char()
    res_id = fields.Integer()
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    user_id = fields.Many2one("res.users")
    date = fields.Datetime()
    kind = fields.Selection(CONTACT_KINDS)
    direction = fields.Selection([("in", "In"), ("out", "Out"), ("both", "Both")])
    depth = fields.Integer()

    @property
    def _table_query(self):
        parts = [
            self._activities(),
            self._meetings(),
            self._messages_received(),
            self._messages_sent(),
        ]
        if "customer.touchpoint" in self.env:
            parts.append(self._logged())
        return SQL(
            """
            SELECT made.*,
                   CASE WHEN made.kind IN ('call', 'meeting', 'visit') THEN 'both'
                        ELSE made.step END AS direction,
                   %s AS depth
              FROM (%s) made
            """,
            self._depth_sql(SQL("made.kind")),
            SQL(" UNION ALL ").join(parts),
        )

    def _depth_sql(self, kind):
        cases = SQL(" ").join(
            SQL("WHEN %s THEN %s", code, depth)
            for code, depth in DEPTH_OF.items()
            if depth in DEPTHS
        )
        return SQL("CASE %s %s ELSE 0 END", kind, cases)

    def _logged(self):
        """What was written down by hand; promises and mentions are no contacts."""
        return SQL(
            """
            SELECT touch.id, 'customer.touchpoint' AS res_model, touch.id AS res_id,
                   touch.partner_id, touch.company_id, touch.user_id, touch.date,
                   touch.kind, touch.direction AS step
              FROM customer_touchpoint touch
             WHERE touch.active
               AND touch.kind IN ('call', 'visit', 'message', 'greeting')
               AND %s
            """,
            self._in_scope(SQL("touch.partner_id")),
        )

    def _activities(self):
        """Activities done with the customer; what is done for him is no contact.

        Noon of the day on which they were done: a day is all that is known. Those that
        were planned as a meeting count by the meeting.
        """
        return SQL(
            """
            SELECT done.id, done.res_model, done.res_id, done.partner_id,
                   done.company_id, done.user_id, done.date + TIME '12:00' AS date,
                   %(kind)s AS kind, 'out' AS step
              FROM (%(done)s) done
              JOIN mail_activity activity ON activity.id = done.id
              JOIN mail_activity_type type ON type.id = done.activity_type_id
             WHERE activity.calendar_event_id IS NULL
               AND %(kind)s IS NOT NULL
            """,
            kind=self._activity_kind_sql(),
            done=self.env["customer.value.activity"]._table_query,
        )

    def _activity_kind_sql(self):
        if "value_kind" in self.env["mail.activity.type"]._fields:
            return SQL("type.value_kind")
        reference = self.env["ir.model.data"]._xmlid_to_res_id
        work = ("mail_activity_data_todo", "mail_activity_data_warning")
        return SQL(
            """
            CASE WHEN type.id = ANY(%s) OR type.category = 'upload_file' THEN NULL
                 WHEN type.id = %s THEN 'mail'
                 WHEN type.category = 'phonecall' THEN 'call'
                 WHEN type.category = 'meeting' THEN 'visit'
                 ELSE 'activity' END
            """,
            [reference(f"mail.{name}") or 0 for name in work],
            reference("mail.mail_activity_data_email") or 0,
        )

    def _meetings(self):
        """Meetings that are over, each guest with each of us who did not say no."""
        counts = SQL("TRUE")
        if "value_kind" in self.env["calendar.event"]._fields:
            counts = SQL("event.value_kind IS NOT NULL")
        return SQL(
            """
            SELECT guest.id, 'calendar.event', event.id, guest.partner_id,
                   NULL::integer, host.user_id, event.start, 'meeting', 'out'
              FROM calendar_attendee guest
              JOIN calendar_event event ON event.id = guest.event_id
              JOIN res_partner person ON person.id = guest.partner_id
        CROSS JOIN LATERAL (
                    SELECT event.user_id
                     UNION
                    SELECT users.id
                      FROM calendar_attendee ours
                      JOIN res_users users ON users.partner_id = ours.partner_id
                     WHERE ours.event_id = event.id AND ours.state <> 'declined'
                       AND users.share IS NOT TRUE
                   ) host
             WHERE guest.state <> 'declined' AND person.partner_share
               AND event.active AND event.stop <= NOW() AT TIME ZONE 'UTC'
               AND %s AND %s
            """,
            counts,
            self._in_scope(SQL("guest.partner_id")),
        )

    def _messages_received(self):
        """What a customer wrote, for the salesperson of the document or of himself."""
        return SQL(
            """
            SELECT message.id, 'mail.message', message.id, message.author_id,
                   message.record_company_id,
                   COALESCE(lead.user_id, sale.user_id, person.user_id),
                   message.date,
                   CASE message.message_type WHEN 'email' THEN 'mail'
                                             ELSE 'message' END,
                   'in'
              FROM mail_message message
              JOIN res_partner person ON person.id = message.author_id
         LEFT JOIN crm_lead lead
                ON message.model = 'crm.lead' AND lead.id = message.res_id
         LEFT JOIN sale_order sale
                ON message.model = 'sale.order' AND sale.id = message.res_id
             WHERE message.message_type = ANY(%s) AND message.is_internal IS NOT TRUE
               AND person.partner_share AND %s
            """,
            list(WRITTEN),
            self._in_scope(SQL("message.author_id")),
        )

    def _messages_sent(self):
        """What one of us wrote to a customer, and was not sent back."""
        return SQL(
            """
            SELECT message.id, 'mail.message', message.id, sent.res_partner_id,
                   message.record_company_id, users.id, message.date,
                   CASE sent.notification_type WHEN 'email' THEN 'mail'
                                               ELSE 'message' END,
                   'out'
              FROM mail_notification sent
              JOIN mail_message message ON message.id = sent.mail_message_id
              JOIN res_users users ON users.partner_id = message.author_id
              JOIN res_partner person ON person.id = sent.res_partner_id
             WHERE message.message_type = ANY(%s)
               AND sent.notification_type <> 'inbox'
               AND sent.notification_status <> ALL(%s)
               AND users.share IS NOT TRUE AND users.id <> %s
               AND person.partner_share AND %s
            """,
            list(WRITTEN),
            list(NOT_ARRIVED),
            SUPERUSER_ID,
            self._in_scope(SQL("sent.res_partner_id")),
        )
