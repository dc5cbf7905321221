"""The stage on which the plan is played: one company, its people, products, today."""

import gc
from datetime import datetime, time, timedelta

from odoo import fields
from odoo.tools import SQL

QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notify_force_send": False,
    "mail_auto_subscribe_no_notify": True,
    "mail_activity_quick_update": True,
    "no_reset_password": True,
    "no_mail_to_attendees": True,
    "dont_notify": True,
}
"""Nobody is notified of what did not happen."""

BATCH = 100

FILLED = (
    "res.partner",
    "sale.order",
    "sale.order.line",
    "account.move",
    "account.move.line",
    "account.payment",
    "account.partial.reconcile",
    "account.full.reconcile",
    "pos.order",
    "pos.order.line",
    "pos.payment",
    "pos.session",
    "stock.move",
    "stock.picking",
    "crm.lead",
    "mail.message",
    "mail.activity",
    "calendar.event",
    "calendar.attendee",
    "mailing.trace",
    "event.registration",
    "survey.user_input",
    "survey.user_input.line",
    "rating.rating",
)
"""Models the generator fills."""


class Scene:
    def __init__(self, env):
        company = env.ref("base.main_company")
        self.env = env(su=True, context={**env.context, **QUIET})
        self.env = self.env["base"].with_company(company).env
        self.company = company.with_env(self.env)
        self.known = {}  # by XML id
        self.today = fields.Date.context_today(self.company)
        self.ana = self.ref("user_ana")
        self.mia = self.ref("user_mia")
        self.carl = self.ref("user_carl")
        self.products = self._products()
        self.people = {}  # customer of the plan -> [its entity, its contacts ...]

    def ref(self, name):
        if name not in self.known:
            self.known[name] = self.env.ref(f"customer_value.demo_{name}")
        return self.known[name]

    def _products(self):
        prefix = "demo_product_"
        data = self.env["ir.model.data"].search(
            [
                ("module", "=", "customer_value"),
                ("model", "=", "product.product"),
                ("name", "=like", f"{prefix}%"),
            ]
        )
        records = self.env["product.product"].browse
        return {row.name.removeprefix(prefix): records(row.res_id) for row in data}

    def catalogue(self):
        return {key: product.list_price for key, product in self.products.items()}

    def settle(self):
        """Write what waits, and tell the planner how full the tables are by now.

        Autovacuum sees nothing of a transaction under way; without this PostgreSQL
        takes the tables for empty and joins them by nested loops. What waits for the
        commit, and garbage, keep environments alive: each change of a context looks
        through all of these.
        """
        self.env.cr.flush()
        gc.collect()
        names = [self.env[model]._table for model in FILLED if model in self.env]
        tables = SQL(", ").join(map(SQL.identifier, names))
        self.env.cr.execute(SQL("ANALYZE %s", tables))

    # ----------------------------------------------------------------- days

    def date(self, day):
        """The date so many days ago, today at the latest."""
        return self.today - timedelta(days=max(day, 0))

    def moment(self, day, seed=0):
        """An hour of a working day, UTC; the same for the same seed."""
        hour, minute = 9 + seed * 7 % 8, seed * 13 % 60
        moment = datetime.combine(self.date(day), time(hour, minute))
        return min(moment, fields.Datetime.now() - timedelta(minutes=5))

    # ----------------------------------------------------------------- people

    def entity(self, customer):
        return self.people[id(customer)][0]

    def contact(self, customer, number):
        people = self.people[id(customer)]
        return people[number] if number < len(people) else people[0]

    def seller(self, customer):
        return self.mia if customer.seller == "mia" else self.ana

    # ----------------------------------------------------------------- dates

    def backdate(self, records, values):
        """Set columns that Odoo fills with the present; ``values`` per record."""
        if not records:
            return
        records.flush_recordset()
        names = list(values[0])
        table = SQL.identifier(records._table)
        for record_id, columns in zip(records.ids, values, strict=True):
            sets = [
                SQL("%s = %s", SQL.identifier(name), columns[name]) for name in names
            ]
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s WHERE id = %s",
                    table,
                    SQL(", ").join(sets),
                    record_id,
                )
            )
        records.invalidate_recordset(names)


def batches(items):
    """Few, then more, then :data:`BATCH` at a time: see :meth:`Scene.settle`."""
    start, size = 0, 4
    while start < len(items):
        yield items[start : start + size]
        start, size = start + size, min(size * 5, BATCH)
