from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL, Query

from .customer_captured import CAPTURES


class Part(NamedTuple):
    """Business documents that are evidence, each once.

    :param date: when it came about
    :param user: the field of our person, if any
    """

    model: str
    date: str
    user: str | None
    domain: tuple = ()


PARTS = (
    Part("sale.order", "date_order", "user_id", (("state", "=", "sale"),)),
    Part("pos.order", "date_order", "user_id", (("state", "in", ("paid", "done")),)),
    Part(
        "account.move",
        "invoice_date",
        "invoice_user_id",
        (("state", "=", "posted"), ("move_type", "in", ("out_invoice", "out_refund"))),
    ),
    Part("crm.lead", "create_date", "user_id"),
    Part(
        "mail.activity",
        "date_done",
        "user_id",
        (
            ("active", "=", False),
            ("date_done", "!=", False),
            ("activity_type_id.value_kind", "!=", False),
        ),
    ),
    Part("calendar.event", "start", "user_id", (("active", "=", True),)),
    Part(
        "mail.message",
        "date",
        None,
        (
            ("message_type", "in", ("email", "comment")),
            ("is_internal", "=", False),
            ("author_id.partner_share", "=", True),
        ),
    ),
    Part("event.registration", "create_date", None),
    Part("survey.user_input", "end_datetime", None, (("state", "=", "done"),)),
    Part("rating.rating", "rated_on", None, (("consumed", "=", True),)),
    Part("mailing.trace", "open_datetime", None, (("open_datetime", "!=", False),)),
)
"""Documents, hard dependencies first; what is not installed is left out."""


class CustomerCaptureReport(models.Model):
    """The zero-typing meter: what capture costs those who do it.

    By kind of record, month and department: how much of the evidence was born from
    business documents, how much was typed, and how many clicks the typed part took.
    Typed records are those of the models that inherit ``customer.captured``, found in
    the registry. Work is measured by department, never by person.
    """

    _name = "customer.capture.report"
    _description = "Zero-Typing Meter"
    _auto = False
    _order = "month desc, source"
    _rec_name = "source"

    source = fields.Char(readonly=True, help="What kind of record the evidence is.")
    month = fields.Date(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    department = fields.Char(
        readonly=True,
        help="Of who recorded it: the department where employees are kept, else the "
        "sales team. Empty: nobody of us, as with mails and till orders by machine.",
    )
    capture = fields.Selection(CAPTURES, readonly=True)
    records = fields.Integer(readonly=True)
    typed = fields.Integer(readonly=True)
    clicks = fields.Integer(
        readonly=True, help="Clicks of the typed records whose clicks were counted."
    )
    measured = fields.Integer(
        readonly=True, help="Typed records whose clicks were counted."
    )
    document_share = fields.Float(
        string="Born from Documents (%)",
        readonly=True,
        aggregator="avg",
        digits=(5, 1),
        help="Share of the evidence that nobody had to type.",
    )
    clicks_each = fields.Float(
        string="Clicks per Typed Record", readonly=True, aggregator="avg", digits=(5, 1)
    )

    def _read_group_select(self, aggregate_spec: str, query: Query) -> SQL:
        """Shares are of all records of a group, not averages of averages."""

        def total(name):
            return SQL("SUM(%s)", self._field_to_sql(self._table, name, query))

        if aggregate_spec == "document_share:avg":
            born = SQL("%s - %s", total("records"), total("typed"))
            return SQL("100.0 * (%s) / NULLIF(%s, 0)", born, total("records"))
        if aggregate_spec == "clicks_each:avg":
            return SQL("1.0 * %s / NULLIF(%s, 0)", total("clicks"), total("measured"))
        return super()._read_group_select(aggregate_spec, query)

    # ---------------------------------------------------------------- the query

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT ROW_NUMBER() OVER () AS id, evidence.*,
                   100.0 * (records - typed) / records AS document_share,
                   clicks::float / NULLIF(measured, 0) AS clicks_each
              FROM (
                SELECT source, month, company_id, department, capture,
                       COUNT(*) AS records,
                       COUNT(*) FILTER (WHERE capture = 'typed') AS typed,
                       COALESCE(SUM(clicks), 0) AS clicks,
                       COUNT(*) FILTER (WHERE clicks > 0) AS measured
                  FROM (%s) record
              GROUP BY source, month, company_id, department, capture
              ) evidence
            """,
            SQL(" UNION ALL ").join(self._part_sql(part) for part in self._parts()),
        )

    @api.model
    def _parts(self):
        """What is installed: documents, and whatever says how it was captured."""
        parts = [part for part in PARTS if part.model in self.env]
        captured = self.env.registry.descendants(["customer.captured"], "_inherit")
        for name in sorted(captured):
            model = self.env[name]
            if model._auto and not model._abstract:
                on, by = model._captured_on, model._captured_by
                date = on if on in model._fields else "create_date"
                user = by if by in model._fields else "create_uid"
                parts.append(Part(name, date, user))
        return parts

    def _part_sql(self, part):
        """One row for each record of a part."""
        model = self.env[part.model].sudo().with_context(active_test=False)
        query = model._search([(part.date, "!=", False), *part.domain])
        alias = query.table

        def column(name, otherwise):
            if name in model._fields and model._fields[name].store:
                return model._field_to_sql(alias, name, query)
            return otherwise

        is_captured = "capture" in model._fields
        date = column(part.date, SQL("NULL"))
        if model._fields[part.date].type == "datetime":
            date = SQL(
                "%s AT TIME ZONE 'UTC' AT TIME ZONE %s",
                date,
                self.env.company.value_tz,
            )
        return query.select(
            SQL("%s::varchar AS source", self._source_name(model)),
            SQL("DATE_TRUNC('month', %s)::date AS month", date),
            SQL("%s AS company_id", column("company_id", SQL("NULL::integer"))),
            SQL("%s AS department", self._department_sql(model, query, part.user)),
            SQL(
                "%s AS capture",
                column("capture", SQL("NULL")) if is_captured else SQL("'document'"),
            ),
            SQL(
                "CASE WHEN %s THEN %s ELSE 0 END AS clicks",
                SQL("%s = 'typed'", column("capture", SQL("NULL")))
                if is_captured
                else SQL("FALSE"),
                column("clicks", SQL("0")) if is_captured else SQL("0"),
            ),
        )

    def _source_name(self, model):
        """What people call it, where the model's own name is not that."""
        words = {
            "account.move": self.env._("Invoice"),
            "crm.lead": self.env._("Opportunity"),
            "mail.activity": self.env._("Activity done"),
            "calendar.event": self.env._("Meeting"),
            "mail.message": self.env._("Message received"),
            "survey.user_input": self.env._("Survey answered"),
            "mailing.trace": self.env._("Mailing opened"),
        }
        name = model._name
        return words.get(name) or self.env["ir.model"]._get(name).sudo().name

    def _department_sql(self, model, query, user_field):
        """The department of our person, else the sales team, in the reader's words."""
        if not user_field:
            return SQL("NULL::varchar")
        user = model._field_to_sql(query.table, user_field, query)
        users = query.make_alias(query.table, "our_person")
        query.add_join(
            "LEFT JOIN",
            users,
            "res_users",
            SQL("%s = %s", SQL.identifier(users, "id"), user),
        )
        team = self._joined_name(query, users, "sale_team_id", "crm.team")
        if "hr.employee" not in self.env:
            return team
        return SQL("COALESCE(%s, %s)", self._employee_department(query, users), team)

    def _joined_name(self, query, alias, link, comodel):
        table = self.env[comodel]._table
        there = query.make_alias(alias, table)
        query.add_join(
            "LEFT JOIN",
            there,
            table,
            SQL("%s = %s", SQL.identifier(there, "id"), SQL.identifier(alias, link)),
        )
        return self.env[comodel].sudo()._field_to_sql(there, "name", query)

    def _employee_department(self, query, users):
        """A user may be an employee of several companies: the first one's counts."""
        departments = self.env["hr.department"].sudo()
        name = departments._field_to_sql("department", "name")
        return SQL(
            """(
            SELECT %s FROM hr_employee employee
              JOIN hr_version version ON version.id = employee.current_version_id
              JOIN hr_department department ON department.id = version.department_id
             WHERE employee.user_id = %s ORDER BY employee.id LIMIT 1)""",
            name,
            SQL.identifier(users, "id"),
        )
