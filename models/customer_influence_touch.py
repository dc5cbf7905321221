"""Who of us was in touch with whom: read from documents, in one query."""

from collections import defaultdict
from datetime import date, timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ..tools.influence import closeness_of, evidence_points, warmth
from .customer_touchpoint import CONTACT_KINDS

KEPT_DAYS = 730
"""What is older says nothing about being close today."""


READ = (
    "calendar.event",
    "calendar.attendee",
    "mail.message",
    "mail.activity",
    "mail.activity.type",
    "crm.lead",
    "sale.order",
    "customer.touchpoint",
    "res.users",
    "res.partner",
)


class Contact(NamedTuple):
    """A contact of a colleague with a person."""

    person: int
    user: int
    kind: str
    day: date


class Touches:
    """Contacts of a few people, summed up in the ways the map asks for."""

    def __init__(self, contacts, today):
        self.today = today
        self.by_person = defaultdict(lambda: defaultdict(list))
        for contact in contacts:
            self.by_person[contact.person][contact.user].append(contact)

    def days(self, person):
        """``{colleague: day of the last contact}``."""
        if person not in self.by_person:
            return {}
        return {
            user: max(contact.day for contact in contacts)
            for user, contacts in self.by_person[person].items()
        }

    def last(self, person):
        return max(self.days(person).values(), default=None)

    def points(self, person, user=None):
        return evidence_points(
            (contact.kind, (self.today - contact.day).days)
            for one, contacts in self.by_person.get(person, {}).items()
            if user in (None, one)
            for contact in contacts
        )

    def closeness(self, person):
        """By the colleague who is closest; None without any contact."""
        if person not in self.by_person:
            return None
        return closeness_of(max(self.points(person, one) for one in self.days(person)))

    def warmth(self, person, user):
        return warmth(self.points(person, user))

    def counts(self, person, user):
        """``{kind: how often}``."""
        found = defaultdict(int)
        for contact in self.by_person.get(person, {}).get(user, ()):
            found[contact.kind] += 1
        return dict(found)


class CustomerInfluenceTouch(models.AbstractModel):
    """Meetings, calls, mails and orders between our people and persons.

    Persons, not companies: what was sent to the company's address says nothing about
    who there knows us. Read with full rights; what comes out of it are days and counts
    on a map the user may see.
    """

    _name = "customer.influence.touch"
    _description = "Contact Between Colleagues and Persons"

    @api.model
    def _of(self, people, company, today):
        """Contacts of ``people`` (contacts, any may be archived) in two years."""
        if not people:
            return Touches((), today)
        for name in READ:
            self.env[name].flush_model()
        rows = self.env.execute_query(self._sql(people.ids, company, today))
        return Touches((Contact(*row) for row in rows), today)

    def _sql(self, person_ids, company, today):
        tz = company.value_tz or "UTC"
        parts = (
            self._meetings_sql(tz),
            self._activities_sql(),
            self._mails_sent_sql(tz),
            self._mails_received_sql(tz),
            self._orders_sql(tz),
            self._logged_sql(tz),
        )
        return SQL(
            """
            WITH person AS (SELECT UNNEST(%(people)s::int[]) AS id),
                 colleague AS (
                     SELECT id, partner_id FROM res_users
                      WHERE share IS NOT TRUE AND id <> %(robot)s)
            SELECT DISTINCT person_id, user_id, kind, day
              FROM (%(parts)s) touch (person_id, user_id, kind, day, company_id)
             WHERE day BETWEEN %(since)s AND %(today)s
               AND (company_id IS NULL OR company_id = %(company)s)
             ORDER BY day, person_id, user_id, kind
            """,
            people=person_ids,
            robot=self.env.ref("base.user_root").id,
            parts=SQL(" UNION ALL ").join(parts),
            since=today - timedelta(days=KEPT_DAYS),
            today=today,
            company=company.id,
        )

    def _day_sql(self, moment, tz):
        """The day of a time stamp, where the company is."""
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", SQL(moment), tz)

    def _meetings_sql(self, tz):
        """Who of us sat in a meeting with the person, unless one of them declined."""
        return SQL(
            """
            SELECT person.id, colleague.id, 'meeting', %(day)s, NULL::int
              FROM person
              JOIN calendar_event_res_partner_rel guest
                ON guest.res_partner_id = person.id
              JOIN calendar_event event
                ON event.id = guest.calendar_event_id AND event.active
              JOIN calendar_event_res_partner_rel ours
                ON ours.calendar_event_id = event.id
              JOIN colleague ON colleague.partner_id = ours.res_partner_id
             WHERE event.start <= NOW() AT TIME ZONE 'UTC'
               AND NOT EXISTS (
                       SELECT 1 FROM calendar_attendee attendee
                        WHERE attendee.event_id = event.id
                          AND attendee.partner_id IN (person.id, colleague.partner_id)
                          AND attendee.state = 'declined')
            """,
            day=self._day_sql("event.start", tz),
        )

    def _activities_sql(self):
        """Calls and other activities done, on the person or on his document."""
        documents = (
            ("res.partner", SQL("res_partner"), SQL("document.id"), SQL("NULL::int")),
            (
                "crm.lead",
                SQL("crm_lead"),
                SQL("document.partner_id"),
                SQL("document.company_id"),
            ),
            (
                "sale.order",
                SQL("sale_order"),
                SQL("document.partner_id"),
                SQL("document.company_id"),
            ),
        )
        return SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT person.id, colleague.id,
                       CASE WHEN type.category = 'phonecall' THEN 'call'
                            ELSE 'activity' END,
                       activity.date_done, %(company)s
                  FROM person
                  JOIN %(table)s document ON %(partner)s = person.id
                  JOIN mail_activity activity
                    ON activity.res_model = %(model)s AND activity.res_id = document.id
                   AND activity.active IS NOT TRUE AND activity.date_done IS NOT NULL
                  JOIN colleague ON colleague.id = activity.user_id
                  JOIN mail_activity_type type ON type.id = activity.activity_type_id
                """,
                model=model,
                table=table,
                partner=partner,
                company=company,
            )
            for model, table, partner, company in documents
        )

    def _mails_sent_sql(self, tz):
        return SQL(
            """
            SELECT person.id, colleague.id, 'mail', %(day)s, NULL::int
              FROM person
              JOIN mail_message_res_partner_rel receiver
                ON receiver.res_partner_id = person.id
              JOIN mail_message message ON message.id = receiver.mail_message_id
               AND message.message_type IN ('comment', 'email', 'email_outgoing')
              JOIN colleague ON colleague.partner_id = message.author_id
            """,
            day=self._day_sql("message.date", tz),
        )

    def _mails_received_sql(self, tz):
        """Mail a person wrote, to whoever of us answers for what it is about."""
        documents = (
            ("res.partner", SQL("res_partner"), SQL("NULL::int")),
            ("crm.lead", SQL("crm_lead"), SQL("document.company_id")),
            ("sale.order", SQL("sale_order"), SQL("document.company_id")),
        )
        return SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT person.id, colleague.id, 'mail', %(day)s, %(company)s
                  FROM person
                  JOIN mail_message message ON message.author_id = person.id
                   AND message.message_type IN ('email', 'comment')
                   AND message.model = %(model)s
                  JOIN %(table)s document ON document.id = message.res_id
                  JOIN colleague ON colleague.id = document.user_id
                """,
                day=self._day_sql("message.date", tz),
                model=model,
                table=table,
                company=company,
            )
            for model, table, company in documents
        )

    def _orders_sql(self, tz):
        return SQL(
            """
            SELECT person.id, colleague.id, 'order', %(day)s, document.company_id
              FROM person
              JOIN sale_order document
                ON document.partner_id = person.id AND document.state = 'sale'
              JOIN colleague ON colleague.id = document.user_id
            """,
            day=self._day_sql("document.date_order", tz),
        )

    def _logged_sql(self, tz):
        """What was logged by hand, weighed as its like in the calendar and the mail."""
        return SQL(
            """
            SELECT person.id, colleague.id,
                   CASE logged.kind WHEN 'visit' THEN 'meeting' WHEN 'call' THEN 'call'
                                    ELSE 'mail' END,
                   %(day)s, logged.company_id
              FROM person
              JOIN customer_touchpoint logged
                ON logged.active AND logged.kind IN %(kinds)s
               AND (logged.partner_id = person.id
                    OR EXISTS (
                           SELECT 1 FROM customer_touchpoint_people_rel beside
                            WHERE beside.touchpoint_id = logged.id
                              AND beside.partner_id = person.id))
              JOIN colleague ON colleague.id = logged.user_id
            """,
            day=self._day_sql("logged.date", tz),
            kinds=CONTACT_KINDS,
        )
