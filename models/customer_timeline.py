from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.window import start_of_day_utc
from .customer_timeline_kind import GROUPS, KINDS

PAGE = 40
LARGEST_PAGE = 200

ACTIVITIES_ON = (
    ("res.partner", "id"),
    ("crm.lead", "partner_id"),
    ("sale.order", "partner_id"),
)
"""Documents whose activities are the customer's, and the way to the contact."""

TOUCH_ICONS = {
    "call": "fa-phone",
    "visit": "fa-map-marker",
    "message": "fa-comment-o",
    "greeting": "fa-gift",
    "promise": "fa-handshake-o",
    "mention": "fa-bullhorn",
}

SAID = ("email", "comment", "sms", "whatsapp")
"""Types of messages that a customer writes."""

INDEXED = {
    "account.payment": "partner_id",
    "rating.rating": "partner_id",
    "calendar.attendee": "partner_id",
}
"""Links to a contact for which Odoo has no index."""


def index_name(model_name):
    return f"customer_value_{model_name.replace('.', '_')}_of_contact"


class Asked(NamedTuple):
    """What somebody wants to see.

    :param contacts: ids of the contacts, archived ones as well
    :param text: to be found, or empty
    :param start: first day, or None
    :param end: last day, or None
    :param groups: codes of :data:`GROUPS`; empty is all
    :param after: the last row of the page before, as ``(moment, position, id)``
    """

    contacts: tuple[int, ...]
    text: str = ""
    start: object = None
    end: object = None
    groups: tuple[str, ...] = ()
    after: tuple | None = None


class CustomerTimeline(models.AbstractModel):
    """Everything that touches a customer, latest first, as the reader may see it.

    How it works. Each kind of document is a branch of one statement. The branch is
    composed by the ORM's own ``_search`` as the reader: access to the model, record
    rules, access to the fields it is filtered and dated by. Whoever may not read a
    model gets no branch of it; nothing is read with full rights. Each branch gives a
    page at most, so that however long a story is, little is sorted together. Only ids
    come out; the page is then read by the ORM as the reader, a model at a time.

    A page is taken up after the last row of the one before, by moment, kind and id:
    what is added or taken away meanwhile neither repeats nor hides a row.

    Activities and messages have no rules of their own, they follow their document. Odoo
    finds out which may be read by reading all of them first. Here their branch asks the
    ``_search`` of each model of documents instead, for one document at a time; what is
    on the page is checked again by Odoo's own rule.

    How to add a kind: see ``customer_timeline_kind``; another module appends to
    ``_kinds``.
    """

    _name = "customer.timeline"
    _description = "Timeline of a Customer"

    def _register_hook(self):
        """Find the documents of one contact, where Odoo would read all of them."""
        result = super()._register_hook()
        for model_name, column in INDEXED.items():
            model = self.env.get(model_name)
            if model is not None and model._fields[column].store:
                tools.sql.create_index(
                    self.env.cr,
                    index_name(model_name),
                    model._table,
                    [f'"{column}"'],
                    where=f'"{column}" IS NOT NULL',
                )
        return result

    # -------------------------------------------------------------------- kinds

    @api.model
    def _kinds(self):
        """All kinds; those to come are appended, for pages count on their places."""
        return KINDS

    @api.model
    def _readable_kinds(self):
        """``{position: kind}`` of what is installed and the reader may read at all."""
        return {
            position: kind
            for position, kind in enumerate(self._kinds())
            if self._is_readable(kind)
        }

    def _is_readable(self, kind):
        model = self.env.get(kind.model)
        if model is None or not model.has_access("read"):
            return False
        links = [path.split(".")[0] for path in kind.partner]
        return all(self._may_read(model, name) for name in (kind.date, *links))

    def _may_read(self, model, name):
        field = model._fields.get(name)
        return field is not None and model._has_field_access(field, "read")

    @api.model
    def _groups(self):
        """``[{code, label}]`` of the groups in which the reader may see something."""
        found = {kind.group for kind in self._readable_kinds().values()}
        return [
            {"code": code, "label": self.env._(label)}
            for code, label in GROUPS.items()
            if code in found
        ]

    # --------------------------------------------------------------------- page

    @api.model
    def _page(self, asked, limit=PAGE):
        """A page, latest first.

        :return: ``(entries, after)``; ``after`` takes up the next page, None at the end
        """
        limit = max(1, min(limit, LARGEST_PAGE))
        rows = self._rows(asked, limit + 1)
        page = rows[:limit]
        after = page[-1] if len(rows) > limit else None
        return self._entries(page, asked), after

    @api.model
    def _rows(self, asked, limit):
        """``[(moment, position of the kind, id)]``, latest first."""
        if not asked.contacts:
            return []
        self.env.flush_all()
        branches = [
            branch
            for position, kind in self._readable_kinds().items()
            if not asked.groups or kind.group in asked.groups
            if (branch := self._branch(position, kind, asked, limit))
        ]
        if not branches:
            return []
        return self.env.execute_query(
            SQL(
                "SELECT * FROM (%s) AS told "
                "ORDER BY moment DESC, position DESC, id DESC LIMIT %s",
                SQL(" UNION ALL ").join(branches),
                limit,
            )
        )

    def _branch(self, position, kind, asked, limit):
        """The latest documents of a kind as ``(moment, position, id)``, or None."""
        query = self._query(kind, asked)
        if query.is_empty():
            return None
        moment = self._moment_sql(kind, query)
        record_id = SQL.identifier(query.table, "id")
        query.add_where(SQL("%s IS NOT NULL", moment))
        if asked.after:
            last_moment, last_position, last_id = asked.after
            query.add_where(
                SQL(
                    "(%s, %s, %s) < (%s::timestamp, %s, %s)",
                    moment,
                    position,
                    record_id,
                    last_moment,
                    last_position,
                    last_id,
                )
            )
        for operator, day in ((SQL(">="), asked.start), (SQL("<"), asked.end)):
            if day:
                if day is asked.end:
                    day = fields.Date.add(day, days=1)
                begin = start_of_day_utc(day, self._tz())
                query.add_where(SQL("%s %s %s", moment, operator, begin))
        query.order = SQL("%s DESC, %s DESC", moment, record_id)
        query.limit = limit
        return SQL(
            "(%s)",
            query.select(
                SQL("%s AS moment", moment),
                SQL("%s AS position", position),
                SQL("%s AS id", record_id),
            ),
        )

    def _query(self, kind, asked):
        """Which documents of a kind are meant, as the reader may see them."""
        domain = Domain(kind.domain)
        if own := getattr(self, f"_domain_{kind.code}", None):
            domain &= own()
        if asked.text:
            model = self.env[kind.model]
            domain &= Domain.OR(
                Domain(path, "ilike", asked.text)
                for path in kind.text
                if self._may_read(model, path.split(".")[0])
            )
        if kind.partner:
            domain &= Domain.OR(
                Domain(path, "in", asked.contacts) for path in kind.partner
            )
            model = self.env[kind.model].with_context(active_test=False)
            query = model._search(domain)
        else:
            query = getattr(self, f"_query_{kind.code}")(domain, asked.contacts)
        where = getattr(self, f"_where_{kind.code}", None)
        if where and not query.is_empty():
            query.add_where(where(query.table))
        return query

    def _moment_sql(self, kind, query):
        """When it was, in UTC; a day begins at midnight where the reader is."""
        model = self.env[kind.model]
        moment = model._field_to_sql(query.table, kind.date, query)
        if model._fields[kind.date].type != "date":
            return moment
        return SQL(
            "((%s)::timestamp AT TIME ZONE %s AT TIME ZONE 'UTC')", moment, self._tz()
        )

    def _tz(self):
        return self.env.tz.zone

    # ---------------------------------------------------- kinds of their own way

    def _query_activity(self, domain, contacts):
        """Activities done with the customer that are the reader's own, or whose
        document the reader may read."""
        query = self.env["mail.activity"].sudo()._search(domain)
        activity = SQL.identifier("activity", "res_id")
        branches = SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT activity.id
                  FROM mail_activity activity
                  JOIN %(table)s document ON document.id = activity.res_id
                 WHERE activity.res_model = %(model)s
                   AND %(path)s = ANY(%(contacts)s)
                   AND (%(own)s OR %(readable)s)
                """,
                table=SQL.identifier(self.env[name]._table),
                model=name,
                path=SQL.identifier("document", path),
                contacts=list(contacts),
                own=SQL("activity.user_id = %s", self.env.uid),
                readable=self._document_is_readable(name, activity),
            )
            for name, path in ACTIVITIES_ON
        )
        query.add_where(SQL("%s IN (%s)", SQL.identifier(query.table, "id"), branches))
        return query

    def _query_mail(self, domain, contacts):
        """What the customer wrote, and what was sent to him.

        Readable is what the reader wrote or received, and what stands on a document
        that the reader may read.
        """
        messages = self.env["mail.message"]
        found = SQL(
            """
            SELECT message.id
              FROM mail_message message
             WHERE message.author_id = ANY(%(contacts)s)
               AND message.message_type = ANY(%(said)s)
             UNION ALL
            SELECT sent.mail_message_id
              FROM mail_notification sent
             WHERE sent.res_partner_id = ANY(%(contacts)s)
               AND sent.notification_type <> 'inbox'
            """,
            contacts=list(contacts),
            said=list(SAID),
        )
        if not self.env.user._is_internal():
            domain &= messages._get_search_domain_share()
        domain &= Domain("message_type", "!=", "user_notification")
        query = messages.sudo()._search(domain)
        query.add_where(SQL("%s IN (%s)", SQL.identifier(query.table, "id"), found))
        if not self.env.su:
            query.add_where(self._message_is_readable(query.table, found))
        return query

    def _message_is_readable(self, alias, found):
        """Its author, one of its recipients, or a reader of its document."""
        me = self.env.user.partner_id.id
        names = self.env.execute_query(
            SQL("SELECT DISTINCT model FROM mail_message WHERE id IN (%s)", found)
        )
        documents = [
            SQL(
                "(%s = %s AND %s)",
                SQL.identifier(alias, "model"),
                name,
                self._document_is_readable(name, SQL.identifier(alias, "res_id")),
            )
            for (name,) in names
            if name in self.env
        ]
        received = SQL(
            "EXISTS (SELECT 1 FROM mail_notification mine "
            "WHERE mine.mail_message_id = %s AND mine.res_partner_id = %s)",
            SQL.identifier(alias, "id"),
            me,
        )
        author = SQL("%s = %s", SQL.identifier(alias, "author_id"), me)
        return SQL("(%s)", SQL(" OR ").join([author, received, *documents]))

    def _document_is_readable(self, name, document_id):
        """Condition: the reader may read that document of a model."""
        model = self.env[name].with_context(active_test=False)
        if self.env.su:
            return SQL("TRUE")
        if not model.has_access("read"):
            return SQL("FALSE")
        query = model._search([])
        query.add_where(SQL("%s = %s", SQL.identifier(query.table, "id"), document_id))
        return SQL("EXISTS %s", query.subselect(SQL("1")))

    def _domain_meeting(self):
        """No private meetings of others, which Odoo would show as "Busy"."""
        if self.env.su:
            return Domain.TRUE
        meetings = self.env["calendar.event"]
        takes_part = Domain("partner_ids", "in", self.env.user.partner_id.ids)
        return takes_part | Domain(meetings._get_default_privacy_domain())

    def _where_tier(self, alias):
        """Another tier than the day before; versions of a model share their codes."""
        return SQL(
            """
            (SELECT tier.code FROM customer_value_tier tier
              WHERE tier.id = %(row)s.tier_id)
            IS DISTINCT FROM
            (SELECT tier.code
               FROM customer_value_history before
          LEFT JOIN customer_value_tier tier ON tier.id = before.tier_id
              WHERE before.partner_id = %(row)s.partner_id
                AND before.company_id = %(row)s.company_id
                AND before.former_id = 0
                AND (before.date, before.recorded, before.id)
                    < (%(row)s.date, %(row)s.recorded, %(row)s.id)
           ORDER BY before.date DESC, before.recorded DESC, before.id DESC LIMIT 1)
            """,
            row=SQL.identifier(alias),
        )

    # ------------------------------------------------------------------ entries

    def _entries(self, rows, asked):
        """The rows made for the browser, as the reader may read them."""
        kinds = self._kinds()
        ids = {}
        for __, position, record_id in rows:
            ids.setdefault(position, []).append(record_id)
        told = {
            position: self._told(kinds[position], record_ids, asked)
            for position, record_ids in ids.items()
        }
        return [
            {
                **told[position][record_id],
                "key": f"{kinds[position].code},{record_id}",
                "moment": fields.Datetime.to_string(moment),
            }
            for moment, position, record_id in rows
            if record_id in told[position]
        ]

    def _told(self, kind, ids, asked):
        """``{id: entry}`` of the records of a kind that the reader may read."""
        model = self.env[kind.model].with_context(active_test=False)
        records = model.browse(ids)._filtered_access("read")
        names = {
            name
            for name in (
                kind.date,
                kind.title,
                kind.note,
                kind.amount,
                kind.currency if kind.amount else "",
                kind.state,
                kind.person,
                kind.user,
                kind.direction,
                *(kind.opens or ()),
            )
            if name and self._may_read(model, name)
        }
        present = getattr(self, f"_present_{kind.code}", None)
        people = records[:0]
        if kind.person in names:
            people = records.mapped(kind.person)
        names_of = {person.id: person.name for person in people.sudo()}
        found = {}
        for record, values in zip(records, records.read(list(names)), strict=True):
            entry = found[record.id] = self._entry(kind, record, values)
            entry["person"]["name"] = names_of.get(entry["person"]["id"]) or ""
            if present:
                found[record.id].update(present(record, asked))
        return found

    def _entry(self, kind, record, values):
        return {
            "kind": kind.code,
            "label": self.env._(kind.label),
            "icon": kind.icon,
            "group": kind.group,
            "is_day": record._fields[kind.date].type == "date",
            "title": _shown(record, kind.title, values),
            "note": _shown(record, kind.note, values),
            "state": _shown(record, kind.state, values),
            "amount": values.get(kind.amount) if kind.amount else None,
            "currency_id": _linked(values.get(kind.currency))["id"],
            "person": _linked(values.get(kind.person)),
            "user": _linked(values.get(kind.user)),
            "direction": values.get(kind.direction) or _fixed(kind.direction),
            "opens": self._opened(kind, record, values),
        }

    def _opened(self, kind, record, values):
        """Model and id of the document behind it, or False."""
        if kind.opens is None:
            return False
        if not kind.opens:
            return {"model": record._name, "id": record.id}
        model_name, res_id = (values.get(name) for name in kind.opens)
        if not res_id or model_name not in self.env:
            return False
        return {"model": model_name, "id": res_id}

    def _present_activity(self, activity, asked):
        """Calls look like calls."""
        kind = activity.sudo().activity_type_id
        return {
            "label": kind.name or self.env._("Activity"),
            "icon": kind.icon or "fa-check",
            "title": activity.summary or kind.name or "",
            "note": tools.html2plaintext(activity.note or "").strip(),
        }

    def _present_mail(self, message, asked):
        is_received = message.author_id.id in asked.contacts
        author = {"id": message.author_id.id, "name": message.author_id.sudo().name}
        return {
            "label": self.env._("Message received")
            if is_received
            else self.env._("Message sent"),
            "direction": "in" if is_received else "out",
            "title": message.subject or message.record_name or message.preview or "",
            "person": author if is_received else _linked(False),
            "user": _linked(False) if is_received else author,
        }

    def _present_invoice(self, move, asked):
        if move.move_type != "out_refund":
            return {}
        return {"label": self.env._("Credit note"), "icon": "fa-undo"}

    def _present_opportunity(self, lead, asked):
        return {} if lead.won_status in ("won", "lost") else {"state": ""}

    def _present_touchpoint(self, touch, asked):
        kinds = dict(touch._fields["kind"]._description_selection(self.env))
        return {
            "label": kinds.get(touch.kind, ""),
            "icon": TOUCH_ICONS.get(touch.kind, "fa-hand-o-right"),
            "title": touch.note or kinds.get(touch.kind, ""),
            "note": "",
        }

    def _present_feedback(self, feedback, asked):
        kinds = dict(feedback._fields["kind"]._description_selection(self.env))
        return {"label": kinds.get(feedback.kind, ""), "note": ""}

    def _present_order(self, order, asked):
        if order.state == "sale":
            return {"state": ""}
        return {"label": self.env._("Quotation"), "icon": "fa-file-o"}

    def _present_till(self, order, asked):
        if order.amount_total >= 0:
            return {}
        return {"label": self.env._("Till return"), "icon": "fa-undo"}


def _shown(record, name, values):
    """A value as a person reads it."""
    value = values.get(name)
    if not value:
        return ""
    field = record._fields[name]
    if field.type == "selection":
        return dict(field._description_selection(record.env)).get(value, "")
    return value[1] if isinstance(value, tuple) else str(value)


def _linked(value):
    """A many2one for the browser."""
    res_id, name = value if value else (False, "")
    return {"id": res_id, "name": name}


def _fixed(direction):
    return direction if direction in ("in", "out") else ""
