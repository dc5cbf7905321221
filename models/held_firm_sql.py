"""Composes the statement that judges who held firm in a rival's promotion.

``purchase``  days on which something was bought
``due``       who was due in the window by the own rhythm, as it was when it began
``outcome``   what each of them did
``sale``      net sales a day, of those who were due

Who bought on fewer than two days before has no rhythm that could make him due. How the
expected interval comes about is written in ``tools/rhythm.py``.
"""

from dataclasses import dataclass

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

KEPT = (
    "outcome",
    "date",
    "last_date",
    "expected_days",
    "due_date",
    "grace_date",
    "bought_date",
    "amount",
    "usual_amount",
)

USUAL_MONTHS = 12


@dataclass
class HeldFirmSql:
    """One evaluation of one promotion.

    :param reader: a :class:`~.customer_loyalty_sql.LoyaltySql` that reads documents
        until the day
    :param pooled: mean interval of all customers, or None
    """

    reader: object
    promotion: object
    pooled: float | None

    @property
    def as_of(self):
        return self.reader.as_of

    def due(self):
        """Who was due: the last purchase before the window and the expected days."""
        expected = self.reader.expected(
            SQL("(last_date - first_date)"),
            SQL("(days - 1)"),
            SQL("%s::float8", self.pooled),
        )
        return SQL(
            """
            SELECT * FROM (
                SELECT rhythm.partner_id, last_date, expected AS expected_days,
                       CEIL(ROUND(expected::numeric, 6))::int AS allowed,
                       last_date + CEIL(ROUND(expected::numeric, 6))::int AS due_date
                  FROM (SELECT before.*, %(expected)s AS expected
                          FROM (SELECT partner_id, COUNT(*) AS days,
                                       MIN(day) AS first_date, MAX(day) AS last_date
                                  FROM purchase WHERE day < %(begin)s
                              GROUP BY partner_id HAVING COUNT(*) > 1) before) rhythm
                  JOIN res_partner customer ON customer.id = rhythm.partner_id
                 WHERE %(region)s AND %(categories)s) found
             WHERE due_date BETWEEN %(begin)s AND %(end)s
            """,
            expected=expected,
            begin=self.promotion.date_from,
            end=self.promotion.date_to,
            region=self.region(),
            categories=self.categories(),
        )

    def region(self):
        """Condition: the customer lives where it is cheaper."""
        states, countries = self.promotion.state_ids, self.promotion.country_ids
        if not states and not countries:
            return SQL("TRUE")
        return SQL(
            "(customer.state_id = ANY(%s) OR customer.country_id = ANY(%s))",
            states.ids,
            (countries - states.country_id).ids,
        )

    def categories(self):
        """Condition: the customer bought of what is cheaper, before it was."""
        promotion = self.promotion
        if not promotion.categ_ids:
            return SQL("TRUE")
        below = (
            promotion.env["product.category"]
            .sudo()
            .search([("id", "child_of", promotion.categ_ids.ids)])
        )
        readings = []
        for source in self.reader.sources:
            if source.loyalty_use == "breadth":
                query, entity, day = self.reader.records(source)
                category = source._path_sql(
                    query, "product_id.product_tmpl_id.categ_id"
                )
                query.add_where(SQL("%s = ANY(%s)", category, below.ids))
                query.add_where(SQL("%s < %s", day, promotion.date_from))
                readings.append(query.select(entity))
        if not readings:
            return SQL("FALSE")
        return SQL("rhythm.partner_id IN (%s)", SQL(" UNION ").join(readings))

    def outcome(self):
        """Of everybody who was due, the first purchase since the window opened."""
        return SQL(
            """
            SELECT due.partner_id, last_date, ROUND(expected_days::numeric, 2)::float8
                       AS expected_days, due_date, grace_date,
                   CASE WHEN bought <= grace_date THEN bought END AS bought_date,
                   CASE WHEN bought <= %(end)s THEN 'held'
                        WHEN bought <= grace_date THEN 'delayed'
                        WHEN %(as_of)s > grace_date THEN 'lapsed'
                        ELSE 'pending' END AS outcome,
                   CASE WHEN bought <= grace_date THEN bought
                        WHEN %(as_of)s > grace_date THEN grace_date + 1 END AS date
              FROM (SELECT due.*, %(end)s + allowed AS grace_date,
                           (SELECT MIN(day) FROM purchase
                             WHERE purchase.partner_id = due.partner_id
                               AND day >= %(begin)s) AS bought
                      FROM due) due
            """,
            begin=self.promotion.date_from,
            end=self.promotion.date_to,
            as_of=self.as_of,
        )

    def sale(self):
        """Net sales a day of the year before the window, and since."""
        source = self.reader.env["customer.value.source"].new(
            {
                "res_model": "customer.value.sale",
                "partner_path": "partner_id",
                "date_field": "date",
                "amount_field": "amount",
                "company_path": "company_id",
                "domain": "[]",
            }
        )
        query, entity, day = self.reader.records(source.sudo())
        amount = source._path_sql(query, "amount")
        query.add_where(SQL("%s IN (SELECT partner_id FROM due)", entity))
        query.add_where(SQL("%s >= %s", day, self.usual_since))
        query.groupby = SQL("%s, %s", entity, day)
        return query.select(
            SQL("%s AS partner_id", entity),
            SQL("%s AS day", day),
            SQL("SUM(%s) AS amount", amount),
        )

    @property
    def usual_since(self):
        return self.promotion.date_from - relativedelta(months=USUAL_MONTHS)

    def judged(self):
        """With amounts: an order may be invoiced, and counted, days after it came."""
        return SQL(
            """
            SELECT outcome.*,
                   COALESCE((SELECT ROUND(SUM(sale.amount)::numeric, 2) FROM sale
                              WHERE sale.partner_id = outcome.partner_id
                                AND sale.day BETWEEN outcome.bought_date
                                                 AND outcome.grace_date), 0) AS amount,
                   COALESCE(ROUND((SELECT SUM(sale.amount)::numeric FROM sale
                                    WHERE sale.partner_id = outcome.partner_id
                                      AND sale.day < %(begin)s)
                            / NULLIF((SELECT COUNT(*) FROM purchase
                                       WHERE purchase.partner_id = outcome.partner_id
                                         AND purchase.day >= %(since)s
                                         AND purchase.day < %(begin)s), 0), 2), 0)
                       AS usual_amount
              FROM outcome
            """,
            begin=self.promotion.date_from,
            since=self.usual_since,
        )

    def update(self):
        """Writes what differs; returns the customers whose row did."""
        columns = SQL(", ").join(map(SQL.identifier, KEPT))
        return SQL(
            """
            WITH purchase AS MATERIALIZED (%(purchase)s), due AS MATERIALIZED (%(due)s),
                 outcome AS (%(outcome)s), sale AS MATERIALIZED (%(sale)s),
                 judged AS MATERIALIZED (%(judged)s),
                 gone AS (
                DELETE FROM customer_held_firm held
                 WHERE promotion_id = %(promotion)s
                   AND NOT EXISTS (SELECT 1 FROM judged
                                    WHERE judged.partner_id = held.partner_id)
             RETURNING partner_id),
                 written AS (
                INSERT INTO customer_held_firm AS held
                            (promotion_id, company_id, partner_id, %(columns)s)
                SELECT %(promotion)s, %(company)s, partner_id, %(columns)s FROM judged
           ON CONFLICT (promotion_id, partner_id) DO UPDATE SET %(assign)s
                 WHERE (%(old)s) IS DISTINCT FROM (%(new)s)
             RETURNING partner_id)
            SELECT partner_id FROM gone UNION SELECT partner_id FROM written
            """,
            purchase=self.reader.purchase(),
            due=self.due(),
            outcome=self.outcome(),
            sale=self.sale(),
            judged=self.judged(),
            promotion=self.promotion.id,
            company=self.promotion.company_id.id,
            columns=columns,
            assign=SQL(", ").join(
                SQL("%s = EXCLUDED.%s", SQL.identifier(name), SQL.identifier(name))
                for name in KEPT
            ),
            old=SQL(", ").join(SQL("held.%s", SQL.identifier(name)) for name in KEPT),
            new=SQL(", ").join(
                SQL("EXCLUDED.%s", SQL.identifier(name)) for name in KEPT
            ),
        )
