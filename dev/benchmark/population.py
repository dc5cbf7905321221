"""A population made by SQL: partners, orders, tills, invoices, payments, refunds.

One record of each kind is made through Odoo's own flows, per company (`_Samples`).
Every other row is a copy of such a record, with what differs replaced, so that the
rows are what Odoo itself would have stored, whatever its columns.

Chance comes from hashes of row numbers: the same population at every build. As in
life, the number of orders of a customer follows a Pareto law, most buy rarely, some
have left, a tenth of the orders is given back.
"""

import logging
from contextlib import contextmanager
from dataclasses import dataclass

from odoo import api, fields
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

DAYS = 1095
"""The population's past."""

PRODUCTS = 400
CATEGORIES = 20

FILLED = (
    "res_partner",
    "sale_order",
    "sale_order_line",
    "sale_order_line_invoice_rel",
    "pos_order",
    "pos_order_line",
    "account_move",
    "account_move_line",
    "account_partial_reconcile",
    "crm_lead",
    "mail_activity",
)

CHANCE = """
CREATE FUNCTION pg_temp.chance(number bigint, salt int) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ((hashint8extended(number, salt) >> 11) & ((1::bigint << 53) - 1))
           / (1::bigint << 53)::float8
$$
"""


@dataclass(frozen=True)
class Size:
    partners: int
    orders: int


def build(env: api.Environment, size: Size) -> dict[str, int]:
    """Fill the database; returns the number of rows by table."""
    samples = _Samples(env)
    samples.make()
    env.flush_all()
    env.invalidate_all()
    cr = env.cr
    cr.execute("SET LOCAL work_mem = '256MB'")
    cr.execute("SET LOCAL maintenance_work_mem = '512MB'")
    cr.execute("SET LOCAL jit = off")
    _spare_foreign_key_checks(cr)
    cr.execute(CHANCE)
    samples.write_table()
    with _without_secondary_indexes(cr):
        for step in (
            _stage_partners,
            _partners,
            _stage_orders,
            _sale_orders,
            _till_orders,
            _till_returns,
            _invoices,
            _credit_notes,
            _payments,
            _leads,
            _activities,
        ):
            _logger.info("Population: %s", step.__name__.strip("_"))
            step(cr, size)
    counts = {}
    for table in FILLED:
        cr.execute(SQL("SELECT COUNT(*) FROM %s", SQL.identifier(table)))
        [counts[table]] = cr.fetchone()
        _move_sequence(cr, table)
    _drop_stages(cr)
    return counts


# -------------------------------------------------------------------- samples


class _Samples:
    """One record of each kind, per company, from which the others are copied."""

    def __init__(self, env):
        self.env = env(
            user=env.ref("base.user_admin"),
            context={**env.context, "tracking_disable": True},
        )
        self.rows = []  # (kind, company id, record id, its line's id, its other line's)

    def make(self):
        self._activate_currencies()
        self.products = self._make_products()
        partner = self.env["res.partner"].create(
            {"name": "Bench sample", "customer_rank": 1}
        )
        for company in self._companies():
            here = self.env["res.company"].with_company(company).env
            self._make_in(here, company, partner.with_env(here))

    def _make_in(self, env, company, partner):
        product = self.products[0].with_env(env)
        self.rows.append(("partner", company.id, partner.id, None, None))
        self._sample_order(env, company, partner, product)
        self._sample_till_order(env, company, partner, product)
        for kind, move_type in (("invoice", "out_invoice"), ("credit", "out_refund")):
            self._sample_invoice(env, company, partner, product, kind, move_type)
        self._sample_payment(env, company, partner)
        lead = env["crm.lead"].create(
            {"name": "Bench", "partner_id": partner.id, "type": "opportunity"}
        )
        self.rows.append(("lead", company.id, lead.id, None, None))
        activity = partner.activity_schedule("mail.mail_activity_data_call")
        self.rows.append(("activity", company.id, activity.id, None, None))

    def _activate_currencies(self):
        currencies = self.env["res.currency"].with_context(active_test=False)
        for name, rate in (("USD", 1), ("EUR", 0.9), ("GBP", 0.8)):
            currency = currencies.search([("name", "=", name)])
            currency.active = True
            if rate != 1 and not currency.rate_ids:
                currency.rate_ids = [
                    fields.Command.create({"name": "2000-01-01", "rate": rate})
                ]

    def _make_products(self):
        categories = self.env["product.category"].create(
            [{"name": f"Range {number}"} for number in range(CATEGORIES)]
        )
        return self.env["product.product"].create(
            [
                {
                    "name": f"Article {number}",
                    "type": "service",
                    "categ_id": categories[number % CATEGORIES].id,
                    "list_price": 5 + number % 90,
                    "taxes_id": False,
                    "available_in_pos": number < 100,
                }
                for number in range(PRODUCTS)
            ]
        )

    def _companies(self):
        first = self.env.company
        second = self.env["res.company"].create(
            {
                "name": "Bench second",
                "currency_id": self.env.ref("base.EUR").id,
                "iap_enrich_auto_done": True,  # asks nobody outside
            }
        )
        self.env.user.company_ids |= second
        for company in (first, second):
            if not company.chart_template:
                self.env["account.chart.template"].try_loading(
                    "generic_coa", company, install_demo=False
                )
        return first, second

    def _sample_order(self, env, company, partner, product):
        order = env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [fields.Command.create({"product_id": product.id})],
            }
        )
        order.action_confirm()
        self.rows.append(("sale", company.id, order.id, order.order_line.id, None))

    def _sample_till_order(self, env, company, partner, product):
        journal = env["account.journal"].create(
            {"name": "Bench cash", "type": "cash", "code": "BNCH"}
        )
        method = env["pos.payment.method"].create(
            {"name": "Cash", "journal_id": journal.id}
        )
        config = env["pos.config"].create(
            {"name": "Bench till", "payment_method_ids": [(6, 0, method.ids)]}
        )
        config.open_ui()
        line = {
            "product_id": product.id,
            "qty": 1,
            "price_unit": 10,
            "price_subtotal": 10,
            "price_subtotal_incl": 10,
        }
        order = env["pos.order"].create(
            {
                "session_id": config.current_session_id.id,
                "company_id": company.id,
                "partner_id": partner.id,
                "pricelist_id": config.pricelist_id.id,
                "lines": [fields.Command.create(line)],
                "amount_tax": 0,
                "amount_total": 10,
                "amount_paid": 10,
                "amount_return": 0,
            }
        )
        order.state = "done"
        now = fields.Datetime.now()
        order.session_id.write({"state": "closed", "stop_at": now})
        self.rows.append(("till", company.id, order.id, order.lines.id, None))

    def _sample_invoice(self, env, company, partner, product, kind, move_type):
        move = env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": partner.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    fields.Command.create(
                        {"product_id": product.id, "price_unit": 10, "tax_ids": False}
                    )
                ],
            }
        )
        move.action_post()
        owed = move.line_ids.filtered(lambda item: item.display_type == "payment_term")
        self.rows.append((kind, company.id, move.id, move.invoice_line_ids.id, owed.id))

    def _sample_payment(self, env, company, partner):
        journal = env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
        )
        receivable = partner.property_account_receivable_id
        move = env["account.move"].create(
            {
                "journal_id": journal.id,
                "line_ids": [
                    fields.Command.create(
                        {
                            "account_id": journal.default_account_id.id,
                            "partner_id": partner.id,
                            "debit": 10,
                        }
                    ),
                    fields.Command.create(
                        {
                            "account_id": receivable.id,
                            "partner_id": partner.id,
                            "credit": 10,
                        }
                    ),
                ],
            }
        )
        move.action_post()
        bank, settled = move.line_ids.sorted("credit")
        self.rows.append(("payment", company.id, move.id, bank.id, settled.id))

    def write_table(self):
        """The samples, and the rates of the companies' currencies, for the copying."""
        cr = self.env.cr
        cr.execute(
            "CREATE TABLE bench_sample "
            "(kind text, company_id int, record_id int, line_id int, other_id int)"
        )
        rows = SQL(", ").join(SQL("%s", row) for row in self.rows)
        cr.execute(SQL("INSERT INTO bench_sample VALUES %s", rows))
        cr.execute(
            "CREATE TABLE bench_product AS "
            "SELECT ROW_NUMBER() OVER (ORDER BY id) - 1 AS number, id "
            "FROM product_product WHERE id = ANY(%s)",
            [self.products.ids],
        )
        cr.execute("""
            CREATE TABLE bench_money AS
            SELECT company.id AS company_id, currency.id AS currency_id,
                   ROW_NUMBER() OVER (PARTITION BY company.id ORDER BY
                        currency.id <> company.currency_id, currency.id) AS choice,
                   value.rate / own.rate AS rate
              FROM (SELECT DISTINCT company_id FROM bench_sample) sample
              JOIN res_company company ON company.id = sample.company_id
        CROSS JOIN res_currency currency
              JOIN (VALUES ('USD', 1.0), ('EUR', 0.9), ('GBP', 0.8))
                   AS value(name, rate) ON value.name = currency.name
              JOIN res_currency home ON home.id = company.currency_id
              JOIN (VALUES ('USD', 1.0), ('EUR', 0.9), ('GBP', 0.8))
                   AS own(name, rate) ON own.name = home.name
             WHERE currency.active
        """)


# -------------------------------------------------------------------- copying


def _copy(cr, table, kind, source, values, sample="record_id"):
    """Insert a copy of the company's sample for each row of ``source`` (alias ``o``).

    :param values: ``{column: SQL of what differs}``; may also refer to the sample
        as ``t``
    """
    cr.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_name = %s AND is_generated = 'NEVER' "
        "AND table_schema = CURRENT_SCHEMA ORDER BY ordinal_position",
        [table],
    )
    columns = [name for (name,) in cr.fetchall()]
    known = {name: value for name, value in values.items() if name in columns}
    names = ", ".join(f'"{name}"' for name in columns)
    items = ", ".join(known.get(name, f't."{name}"') for name in columns)
    cr.execute(f"""
        INSERT INTO "{table}" ({names})
        SELECT {items}
          FROM {source}
          JOIN bench_sample s ON s.kind = '{kind}' AND s.company_id = o.company_id
          JOIN "{table}" t ON t.id = s.{sample}
    """)


def _spare_foreign_key_checks(cr):
    """They are most of the time; only a superuser may spare them."""
    cr.execute("SELECT rolsuper FROM pg_roles WHERE rolname = CURRENT_USER")
    if cr.fetchone()[0]:
        cr.execute("SET LOCAL session_replication_role = replica")


@contextmanager
def _without_secondary_indexes(cr):
    """Drop what only speeds up reading, and build it anew when all rows are there."""
    cr.execute(
        """
        SELECT 'DROP INDEX ' || quote_ident(index.relname),
               pg_get_indexdef(index.oid)
          FROM pg_index link
          JOIN pg_class index ON index.oid = link.indexrelid
          JOIN pg_class owner ON owner.oid = link.indrelid
     LEFT JOIN pg_constraint rule ON rule.conindid = index.oid
         WHERE owner.relname = ANY(%s) AND rule.oid IS NULL
           AND owner.relnamespace = CURRENT_SCHEMA::regnamespace
        """,
        [list(FILLED)],
    )
    indexes = cr.fetchall()
    for drop, __ in indexes:
        cr.execute(drop)
    yield
    _logger.info("Population: %s indexes", len(indexes))
    for __, create in indexes:
        cr.execute(create)


def _move_sequence(cr, table):
    cr.execute(
        "SELECT pg_get_serial_sequence(%s, 'id') FROM information_schema.columns "
        "WHERE table_name = %s AND column_name = 'id'",
        [table, table],
    )
    row = cr.fetchone()
    if row and row[0]:
        cr.execute(f'SELECT setval(%s, (SELECT MAX(id) FROM "{table}"))', row)


def _first_free(cr, table):
    cr.execute(f'SELECT COALESCE(MAX(id), 0) FROM "{table}"')
    return cr.fetchone()[0]


def _note_base(cr, name, value):
    """Where the ids of our rows of a table begin, for those who refer to them."""
    cr.execute("CREATE TABLE IF NOT EXISTS bench_base (name text, value int)")
    cr.execute("INSERT INTO bench_base VALUES (%s, %s)", [name, value])


def _base(cr, name):
    cr.execute("SELECT value FROM bench_base WHERE name = %s", [name])
    return cr.fetchone()[0]


def _drop_stages(cr):
    for name in ("sample", "product", "money", "base", "entity", "order", "line"):
        cr.execute(f"DROP TABLE bench_{name}")


# ------------------------------------------------------------------- partners


def _stage_partners(cr, size):
    """Who there is: company, pace of buying, first and last day as a customer."""
    base = _first_free(cr, "res_partner")
    _note_base(cr, "partner", base)
    cr.execute(f"""
        CREATE UNLOGGED TABLE bench_entity AS
        WITH company AS (
            SELECT MIN(company_id) AS first, MAX(company_id) AS second FROM bench_sample
        ), drawn AS (
            SELECT n, {base} + n AS id,
                   CASE WHEN pg_temp.chance(n, 1) < 0.60 THEN company.first
                        WHEN pg_temp.chance(n, 1) < 0.95 THEN company.second END
                       AS company_id,
                   CASE WHEN pg_temp.chance(n, 2) < 0.5 THEN company.first
                        ELSE company.second END AS buys_at,
                   pg_temp.chance(n, 3) < 0.4 AS is_company,
                   CASE WHEN pg_temp.chance(n, 4) < 0.15 THEN 0
                        ELSE LEAST(POWER(1 - pg_temp.chance(n, 5), -1 / 1.16), 150)
                             - 0.7
                   END AS pace,
                   EXP(1.1 * (pg_temp.chance(n, 6) + pg_temp.chance(n, 7)
                              + pg_temp.chance(n, 8) - 1.5)) AS basket,
                   1 + {DAYS - 1} * pg_temp.chance(n, 9) AS since,
                   pg_temp.chance(n, 10) AS gone
              FROM generate_series(1, {size.partners}) n, company
        )
        SELECT n, id, company_id, COALESCE(company_id, buys_at) AS buys_at, is_company,
               pace, basket, since,
               CASE WHEN gone < 0.3 THEN since * gone / 0.3 ELSE 0 END AS until,
               pace * {size.orders} / SUM(pace) OVER () AS expected
          FROM drawn
    """)
    cr.execute("ANALYZE bench_entity")


def _partners(cr, size):
    """The entities, and for every tenth of them one contact."""
    cr.execute("SELECT ARRAY_AGG(id ORDER BY id) FROM res_partner_industry")
    [industries] = cr.fetchone()
    entity = {
        "id": "o.id",
        "name": "'Customer ' || o.n",
        "complete_name": "'Customer ' || o.n",
        "company_id": "o.own_company_id",
        "commercial_partner_id": "o.id",
        "is_company": "o.is_company",
        "commercial_company_name": "CASE WHEN o.is_company THEN 'Customer ' || o.n END",
        "city": "'City ' || o.n % 500",
        "email": "'customer' || o.n || '@example.com'",
        "email_normalized": "'customer' || o.n || '@example.com'",
        "industry_id": f"(ARRAY{industries})[1 + o.n % {len(industries)}]",
    }
    rows = """(SELECT n, id, company_id AS own_company_id, buys_at AS company_id,
                      is_company FROM bench_entity) o"""
    _copy(cr, "res_partner", "partner", rows, entity)
    base = _base(cr, "partner") + size.partners
    contact = {
        "id": f"{base} + o.n / 10",
        "name": "'Contact of ' || o.n",
        "complete_name": "'Customer ' || o.n || ', Contact of ' || o.n",
        "parent_id": "o.id",
        "company_id": "o.own_company_id",
        "commercial_partner_id": "o.id",
        "commercial_company_name": "CASE WHEN o.is_company THEN 'Customer ' || o.n END",
        "is_company": "FALSE",
        "customer_rank": "0",
    }
    tenth = rows.replace("FROM bench_entity)", "FROM bench_entity WHERE n % 10 = 0)")
    _copy(cr, "res_partner", "partner", tenth, contact)


def _stage_orders(cr, size):
    """Every purchase: when, where, how, what became of it; and its lines."""
    contacts = _base(cr, "partner") + size.partners
    cr.execute(f"""
        CREATE UNLOGGED TABLE bench_order AS
        WITH numbered AS (
            SELECT e.*, ROW_NUMBER() OVER (ORDER BY e.n, k) AS number
              FROM bench_entity e,
                   generate_series(
                       1, FLOOR(e.expected + pg_temp.chance(e.n, 11))::int) k
        ), drawn AS (
            SELECT number, n, id AS entity_id, buys_at AS company_id, basket,
                   CASE WHEN n % 10 = 0 AND pg_temp.chance(number, 12) < 0.5
                        THEN {contacts} + n / 10 ELSE id END AS partner_id,
                   NOW() AT TIME ZONE 'UTC' - INTERVAL '1 day'
                       * (until + (since - until) * pg_temp.chance(number, 13))
                       AS moment,
                   CASE WHEN is_company
                        THEN CASE WHEN pg_temp.chance(number, 14) < 0.7 THEN 'sale'
                                  WHEN pg_temp.chance(number, 14) < 0.9 THEN 'invoice'
                                  ELSE 'till' END
                        ELSE CASE WHEN pg_temp.chance(number, 14) < 0.22 THEN 'sale'
                                  WHEN pg_temp.chance(number, 14) < 0.25 THEN 'invoice'
                                  ELSE 'till' END
                   END AS kind,
                   CASE WHEN pg_temp.chance(number, 15) < 0.7 THEN 1
                        WHEN pg_temp.chance(number, 15) < 0.85 THEN 2
                        ELSE 3 END AS choice,
                   1 + FLOOR(3 * pg_temp.chance(number, 16))::int AS lines,
                   CASE WHEN pg_temp.chance(number, 17) < 0.06 THEN 'all'
                        WHEN pg_temp.chance(number, 17) < 0.10 THEN 'one'
                        ELSE '' END AS returned
              FROM numbered
        )
        SELECT drawn.*, money.currency_id, money.rate,
               CASE kind WHEN 'invoice' THEN TRUE
                         WHEN 'till' THEN pg_temp.chance(number, 18) < 0.03
                         ELSE moment < NOW() AT TIME ZONE 'UTC' - INTERVAL '20 days'
                              AND pg_temp.chance(number, 18) < 0.8 END AS invoiced,
               CASE WHEN pg_temp.chance(number, 19) < 0.92 THEN
                         (moment + INTERVAL '30 days')::date
                         + (45 * POWER(pg_temp.chance(number, 20), 2) - 10)::int
               END AS paid_on
          FROM drawn
          JOIN bench_money money USING (company_id, choice)
    """)
    cr.execute(f"""
        CREATE UNLOGGED TABLE bench_line AS
        SELECT l.*, product.id AS product_id, l.qty * l.price AS subtotal,
               CASE WHEN l.returned = 'all' OR (l.returned = 'one' AND l.position = 1)
                    THEN l.qty ELSE 0 END AS qty_back
          FROM (SELECT ROW_NUMBER() OVER (ORDER BY o.number, position) AS line,
                       o.*, position,
                       1 + FLOOR(3 * POWER(
                           pg_temp.chance(o.number * 4 + position, 21), 3))::int AS qty,
                       ROUND((o.basket * (5 + 60 * pg_temp.chance(
                           o.number * 4 + position, 22)))::numeric, 2) AS price,
                       FLOOR({PRODUCTS} * POWER(pg_temp.chance(
                           o.number * 4 + position, 23), 2))::int AS product
                  FROM bench_order o, generate_series(1, o.lines) position) l
          JOIN bench_product product ON product.number = l.product
    """)
    cr.execute("""
        CREATE UNLOGGED TABLE bench_order_sums AS
        SELECT o.*, sums.untaxed, sums.back
          FROM bench_order o
          JOIN (SELECT number, SUM(subtotal) AS untaxed, SUM(qty_back * price) AS back
                  FROM bench_line GROUP BY number) sums USING (number)
    """)
    cr.execute("DROP TABLE bench_order")
    cr.execute("ALTER TABLE bench_order_sums RENAME TO bench_order")
    cr.execute("ANALYZE bench_order, bench_line")


# --------------------------------------------------------------------- orders


def _sale_orders(cr, size):
    """Confirmed orders; given back before they were invoiced they are cancelled."""
    orders = _first_free(cr, "sale_order")
    lines = _first_free(cr, "sale_order_line")
    _note_base(cr, "sale", orders)
    _note_base(cr, "sale_line", lines)
    state = "CASE WHEN o.invoiced OR o.returned = '' THEN 'sale' ELSE 'cancel' END"
    invoice_status = (
        "CASE WHEN o.invoiced THEN 'invoiced' "
        "WHEN o.returned = '' THEN 'to invoice' ELSE 'no' END"
    )
    common = {
        "state": state,
        "invoice_status": invoice_status,
        "currency_id": "o.currency_id",
        "create_date": "o.moment",
        "write_date": "o.moment",
    }
    _copy(
        cr,
        "sale_order",
        "sale",
        "(SELECT * FROM bench_order WHERE kind = 'sale') o",
        common
        | {
            "id": f"{orders} + o.number",
            "name": "'B' || o.number",
            "access_token": "NULL",
            "partner_id": "o.partner_id",
            "partner_invoice_id": "o.partner_id",
            "partner_shipping_id": "o.partner_id",
            "currency_rate": "o.rate",
            "amount_untaxed": "o.untaxed",
            "amount_tax": "0",
            "amount_total": "o.untaxed",
            "date_order": "o.moment",
            "margin": "o.untaxed * 0.4",
        },
    )
    _copy(
        cr,
        "sale_order_line",
        "sale",
        "(SELECT * FROM bench_line WHERE kind = 'sale') o",
        common
        | {
            "id": f"{lines} + o.line",
            "order_id": f"{orders} + o.number",
            "order_partner_id": "o.partner_id",
            "product_id": "o.product_id",
            "product_uom_qty": "o.qty",
            "price_unit": "o.price",
            "price_subtotal": "o.subtotal",
            "price_total": "o.subtotal",
            "price_tax": "0",
            "price_reduce_taxexcl": "o.price",
            "price_reduce_taxinc": "o.price",
            "qty_invoiced": "CASE WHEN o.invoiced THEN o.qty - o.qty_back ELSE 0 END",
            "qty_to_invoice": "CASE WHEN o.invoiced THEN 0 ELSE o.qty END",
            "untaxed_amount_invoiced": (
                "CASE WHEN o.invoiced THEN (o.qty - o.qty_back) * o.price ELSE 0 END"
            ),
            "untaxed_amount_to_invoice": (
                "CASE WHEN o.invoiced THEN 0 ELSE o.subtotal END"
            ),
            "margin": "o.subtotal * 0.4",
        },
        sample="line_id",
    )


def _till_orders(cr, size):
    orders = _first_free(cr, "pos_order")
    lines = _first_free(cr, "pos_order_line")
    _note_base(cr, "till", orders)
    _note_base(cr, "till_line", lines)
    moves = _first_free(cr, "account_move")
    _note_base(cr, "move", moves)
    _copy(
        cr,
        "pos_order",
        "till",
        "(SELECT * FROM bench_order WHERE kind = 'till') o",
        _till_values("o.untaxed", "o.moment")
        | {
            "id": f"{orders} + o.number",
            "name": "'Till/' || o.number",
            "state": "'done'",
        },
    )
    _copy(
        cr,
        "pos_order_line",
        "till",
        "(SELECT * FROM bench_line WHERE kind = 'till') o",
        _till_line_values("o.qty", "o.moment")
        | {
            "id": f"{lines} + o.line",
            "order_id": f"{orders} + o.number",
            "name": "'Till/' || o.number || '/' || o.position",
        },
        sample="line_id",
    )
    # invoices are made later, so the link is set last, by _invoices


def _till_values(untaxed, moment):
    return {
        "partner_id": "o.partner_id",
        "uuid": "gen_random_uuid()::text",
        "pos_reference": "'B' || o.number",
        "access_token": "NULL",
        "currency_rate": "o.rate",
        "amount_tax": f"ROUND(({untaxed}) * 0.1, 2)",
        "amount_total": f"({untaxed}) + ROUND(({untaxed}) * 0.1, 2)",
        "amount_paid": f"({untaxed}) + ROUND(({untaxed}) * 0.1, 2)",
        "date_order": moment,
        "create_date": moment,
        "write_date": moment,
    }


def _till_line_values(qty, moment):
    return {
        "product_id": "o.product_id",
        "uuid": "gen_random_uuid()::text",
        "qty": qty,
        "price_unit": "o.price",
        "price_subtotal": f"{qty} * o.price",
        "price_subtotal_incl": f"ROUND({qty} * o.price * 1.1, 2)",
        "create_date": moment,
        "write_date": moment,
    }


def _till_returns(cr, size):
    """What was brought back to the till: an order of its own, with negative lines."""
    orders, lines = _base(cr, "till"), _base(cr, "till_line")
    cr.execute("SELECT MAX(number), MAX(line) FROM bench_line")
    more_orders, more_lines = cr.fetchone()
    moment = "LEAST(o.moment + INTERVAL '6 days', NOW() AT TIME ZONE 'UTC')"
    _copy(
        cr,
        "pos_order",
        "till",
        "(SELECT * FROM bench_order WHERE kind = 'till' AND returned <> '') o",
        _till_values("-o.back", moment)
        | {
            "id": f"{orders + more_orders} + o.number",
            "name": "'Till/' || o.number || ' REFUND'",
            "state": "'done'",
            "is_refund": "TRUE",
        },
    )
    _copy(
        cr,
        "pos_order_line",
        "till",
        "(SELECT * FROM bench_line WHERE kind = 'till' AND qty_back > 0) o",
        _till_line_values("-o.qty_back", moment)
        | {
            "id": f"{lines + more_lines} + o.line",
            "order_id": f"{orders + more_orders} + o.number",
            "refunded_orderline_id": f"{lines} + o.line",
            "name": "'Till/' || o.number || ' REFUND'",
        },
        sample="line_id",
    )


# ------------------------------------------------------------------- invoices

BILLED = "(SELECT * FROM bench_order WHERE invoiced) o"
BILLED_LINES = "(SELECT * FROM bench_line WHERE invoiced) o"
CREDITED = "(SELECT * FROM bench_order WHERE invoiced AND returned <> '') o"
CREDITED_LINES = "(SELECT * FROM bench_line WHERE invoiced AND qty_back > 0) o"
DUE = "(o.moment + INTERVAL '30 days')::date"
TODAY = "(NOW() AT TIME ZONE 'UTC')::date"
IS_PAID = f"(COALESCE(o.paid_on <= {TODAY}, FALSE) AND o.returned <> 'all')"
PAYMENT_STATE = (
    f"CASE WHEN o.returned = 'all' THEN 'reversed' WHEN {IS_PAID} THEN 'paid' "
    "WHEN o.returned = 'one' THEN 'partial' ELSE 'not_paid' END"
)
OPEN = f"CASE WHEN o.returned = 'all' OR {IS_PAID} THEN 0 ELSE o.untaxed - o.back END"


def _move_values(sign, amount, left, moment, state):
    """An invoice (sign 1) or credit note (-1) over ``amount`` in its own currency."""
    own = f"ROUND(({amount}) / o.rate, 2)"
    return {
        "partner_id": "o.partner_id",
        "commercial_partner_id": "o.entity_id",
        "partner_shipping_id": "o.partner_id",
        "invoice_partner_display_name": "'Customer ' || o.n",
        "currency_id": "o.currency_id",
        "access_token": "NULL",
        "payment_reference": "NULL",
        "date": f"({moment})::date",
        "invoice_date": f"({moment})::date",
        "invoice_date_due": DUE,
        "invoice_currency_rate": "o.rate",
        "payment_state": state,
        "amount_untaxed": amount,
        "amount_total": amount,
        "amount_residual": left,
        "amount_untaxed_signed": f"{sign} * {own}",
        "amount_untaxed_in_currency_signed": f"{sign} * ({amount})",
        "amount_total_signed": f"{sign} * {own}",
        "amount_total_in_currency_signed": f"{sign} * ({amount})",
        "amount_residual_signed": f"{sign} * ROUND(({left}) / o.rate, 2)",
        "create_date": moment,
        "write_date": moment,
    }


def _item_values(sign, amount, left, moment):
    """An item that is debited ``amount`` (sign 1) or credited (-1)."""
    own = f"ROUND(({amount}) / o.rate, 2)"
    return {
        "currency_id": "o.currency_id",
        "partner_id": "o.entity_id",
        "date": f"({moment})::date",
        "invoice_date": f"({moment})::date",
        "debit": own if sign > 0 else "0",
        "credit": own if sign < 0 else "0",
        "balance": f"{sign} * {own}",
        "amount_currency": f"{sign} * ({amount})",
        "amount_residual": f"{sign} * ROUND(({left}) / o.rate, 2)",
        "amount_residual_currency": f"{sign} * ({left})",
        "reconciled": f"({left}) = 0",
        "matching_number": "NULL",
        "full_reconcile_id": "NULL",
        "create_date": moment,
        "write_date": moment,
    }


def _product_item_values(sign, qty, moment):
    return _item_values(sign, f"{qty} * o.price", "0", moment) | {
        "product_id": "o.product_id",
        "quantity": qty,
        "price_unit": "o.price",
        "price_subtotal": f"{qty} * o.price",
        "price_total": f"{qty} * o.price",
        "reconciled": "FALSE",
        "date_maturity": "NULL",
    }


def _invoices(cr, size):
    moves = _base(cr, "move")
    items = _first_free(cr, "account_move_line")
    _note_base(cr, "item", items)
    cr.execute("SELECT MAX(number), MAX(line) FROM bench_line")
    owed = items + 2 * cr.fetchone()[1]
    _note_base(cr, "owed", owed)
    _copy(
        cr,
        "account_move",
        "invoice",
        BILLED,
        _move_values(1, "o.untaxed", OPEN, "o.moment", PAYMENT_STATE)
        | {"id": f"{moves} + o.number", "name": "'BINV/' || o.number"},
    )
    _copy(
        cr,
        "account_move_line",
        "invoice",
        BILLED_LINES,
        _product_item_values(-1, "o.qty", "o.moment")
        | {
            "id": f"{items} + o.line",
            "move_id": f"{moves} + o.number",
            "move_name": "'BINV/' || o.number",
        },
        sample="line_id",
    )
    _copy(
        cr,
        "account_move_line",
        "invoice",
        BILLED,
        _item_values(1, "o.untaxed", OPEN, "o.moment")
        | {
            "id": f"{owed} + o.number",
            "move_id": f"{moves} + o.number",
            "move_name": "'BINV/' || o.number",
            "date_maturity": DUE,
        },
        sample="other_id",
    )
    cr.execute(f"""
        INSERT INTO sale_order_line_invoice_rel (invoice_line_id, order_line_id)
        SELECT {items} + line, {_base(cr, "sale_line")} + line
          FROM bench_line WHERE kind = 'sale' AND invoiced
    """)
    cr.execute(f"""
        UPDATE pos_order SET account_move = {moves} + o.number, to_invoice = TRUE
          FROM bench_order o
         WHERE o.kind = 'till' AND o.invoiced
           AND pos_order.id = {_base(cr, "till")} + o.number
    """)


def _credit_notes(cr, size):
    """Of what was given back after it was invoiced, set off against the invoice."""
    moves, items, owed = (_base(cr, name) for name in ("move", "item", "owed"))
    cr.execute("SELECT MAX(number), MAX(line) FROM bench_line")
    more_orders, more_lines = cr.fetchone()
    moment = "LEAST(o.moment + INTERVAL '6 days', NOW() AT TIME ZONE 'UTC')"
    name = "'BRINV/' || o.number"
    move = f"{moves + more_orders} + o.number"
    _copy(
        cr,
        "account_move",
        "credit",
        CREDITED,
        _move_values(-1, "o.back", "0", moment, "'paid'")
        | {
            "id": move,
            "name": name,
            "reversed_entry_id": f"{moves} + o.number",
        },
    )
    _copy(
        cr,
        "account_move_line",
        "credit",
        CREDITED_LINES,
        _product_item_values(1, "o.qty_back", moment)
        | {"id": f"{items + more_lines} + o.line", "move_id": move, "move_name": name},
        sample="line_id",
    )
    _copy(
        cr,
        "account_move_line",
        "credit",
        CREDITED,
        _item_values(-1, "o.back", "0", moment)
        | {
            "id": f"{owed + more_orders} + o.number",
            "move_id": move,
            "move_name": name,
        },
        sample="other_id",
    )
    cr.execute(f"""
        INSERT INTO sale_order_line_invoice_rel (invoice_line_id, order_line_id)
        SELECT {items + more_lines} + line, {_base(cr, "sale_line")} + line
          FROM bench_line WHERE kind = 'sale' AND invoiced AND qty_back > 0
    """)
    _reconcile(
        cr,
        CREDITED,
        f"{owed} + o.number",
        f"{owed + more_orders} + o.number",
        "o.back",
        f"({moment})::date",
    )


def _payments(cr, size):
    moves, owed = _base(cr, "move"), _base(cr, "owed")
    cr.execute("SELECT MAX(number) FROM bench_order")
    [more] = cr.fetchone()
    paid = BILLED.replace("invoiced", f"invoiced AND {IS_PAID}".replace("o.", ""))
    move, name = f"{moves + 2 * more} + o.number", "'BPAY/' || o.number"
    own = "o.untaxed - o.back"
    values = _move_values(1, "0", "0", "o.paid_on", "'not_paid'")
    _copy(
        cr,
        "account_move",
        "payment",
        paid,
        {key: values[key] for key in ("partner_id", "commercial_partner_id", "date")}
        | {"id": move, "name": name, "currency_id": "o.currency_id"},
    )
    for sign, place, base in ((1, "line_id", owed + 2 * more),
                              (-1, "other_id", owed + 3 * more)):  # fmt: skip
        values = _item_values(sign, own, "0", "o.paid_on")
        _copy(
            cr,
            "account_move_line",
            "payment",
            paid,
            values
            | {
                "id": f"{base} + o.number",
                "move_id": move,
                "move_name": name,
                "invoice_date": "NULL",
                "date_maturity": "o.paid_on",
            },
            sample=place,
        )
    _reconcile(
        cr,
        paid,
        f"{owed} + o.number",
        f"{owed + 3 * more} + o.number",
        own,
        "o.paid_on",
    )


def _reconcile(cr, source, debit, credit, amount, day):
    base = _first_free(cr, "account_partial_reconcile")
    cr.execute(f"""
        INSERT INTO account_partial_reconcile
                    (id, debit_move_id, credit_move_id, company_id, max_date, amount,
                     debit_currency_id, credit_currency_id, debit_amount_currency,
                     credit_amount_currency, create_uid, create_date, write_uid,
                     write_date)
             SELECT {base} + ROW_NUMBER() OVER (ORDER BY o.number), {debit}, {credit},
                    o.company_id, {day}, ROUND(({amount}) / o.rate, 2), o.currency_id,
                    o.currency_id, {amount}, {amount}, 1, {day}, 1, {day}
               FROM {source}
    """)


# ------------------------------------------------------- opportunities, activities


def _leads(cr, size):
    """One opportunity for every fourth customer: won, lost or open."""
    cr.execute("SELECT id FROM crm_stage WHERE is_won ORDER BY sequence LIMIT 1")
    [won] = cr.fetchone()
    closed = "NOW() AT TIME ZONE 'UTC' - INTERVAL '1 day' * (o.n % 700)"
    base = _first_free(cr, "crm_lead")
    _copy(
        cr,
        "crm_lead",
        "lead",
        """(SELECT n, id, buys_at AS company_id, basket, pg_temp.chance(n, 30) AS luck
              FROM bench_entity WHERE n % 4 = 0) o""",
        {
            "id": f"{base} + o.n / 4",
            "name": "'Opportunity ' || o.n",
            "partner_id": "o.id",
            "partner_name": "'Customer ' || o.n",
            "company_id": "o.company_id",
            "expected_revenue": "ROUND((500 * o.basket)::numeric, 2)",
            "active": "o.luck < 0.4 OR o.luck > 0.7",
            "stage_id": f"CASE WHEN o.luck < 0.4 THEN {won} ELSE t.stage_id END",
            "probability": "CASE WHEN o.luck < 0.4 THEN 100 "
            "WHEN o.luck <= 0.7 THEN 0 ELSE 30 END",
            "won_status": "CASE WHEN o.luck < 0.4 THEN 'won' "
            "WHEN o.luck <= 0.7 THEN 'lost' ELSE 'pending' END",
            "date_closed": f"CASE WHEN o.luck <= 0.7 THEN {closed} END",
            "create_date": f"{closed} - INTERVAL '30 days'",
        },
    )


def _activities(cr, size):
    """Two calls or meetings done with every third customer."""
    base = _first_free(cr, "mail_activity")
    done = f"{TODAY} - (o.n * 7 % 600)::int"
    _copy(
        cr,
        "mail_activity",
        "activity",
        """(SELECT ROW_NUMBER() OVER (ORDER BY n) AS number, n, id,
                   buys_at AS company_id
              FROM bench_entity, generate_series(1, 2) WHERE n % 3 = 0) o""",
        {
            "id": f"{base} + o.number",
            "res_id": "o.id",
            "res_name": "'Customer ' || o.n",
            "date_deadline": done,
            "date_done": done,
            "active": "FALSE",
            "create_date": f"({done})::timestamp",
        },
    )
