from odoo import fields, models, tools
from odoo.tools import SQL

TILL_LINE_INDEX = "customer_value_till_line_of_order"


class CustomerValueSale(models.Model):
    """Every sale once, net of tax and refunds, in company currency.

    What is invoiced counts by its posted invoices and credit notes; a till order by
    itself unless it was invoiced; a confirmed order by the part of its lines that no
    posted invoice and no till has taken over yet. An order that was invoiced and
    credited in full therefore counts nothing, a corrected invoice counts once. Amounts
    are taken at each document's own currency rate. The customer is who is invoiced, so
    that a sale does not change hands between order and invoice.

    Rows are pieces of a sum, not records: there is nothing to open or browse, nobody
    has access, the engine aggregates them in SQL.
    """

    _name = "customer.value.sale"
    _description = "Sales, Each Once"
    _inherit = ["customer.value.view"]
    _auto = False
    _value_watches = {
        "sale.order": {
            "partner_invoice_id": (
                "state",
                "amount_untaxed",
                "date_order",
                "currency_rate",
            )
        },
        "sale.order.line": {
            "order_id.partner_invoice_id": ("untaxed_amount_invoiced", "price_subtotal")
        },
        "pos.order": {
            "partner_id": ("state", "account_move", "amount_total", "date_order")
        },
        "account.move": {
            "partner_id": ("state", "amount_untaxed_signed", "invoice_date")
        },
    }

    res_model = fields.Char()
    res_id = fields.Integer()
    kind = fields.Selection(
        [
            ("invoice", "Invoice"),
            ("credit_note", "Credit note"),
            ("till", "Till"),
            ("till_return", "Till return"),
            ("order", "Order not yet invoiced"),
        ]
    )
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    date = fields.Datetime()
    amount = fields.Float()

    def _register_hook(self):
        """Find what a till took over of an order line: ``pos_sale`` has no index.

        Without one every line would be looked for among all lines of all tills.
        """
        result = super()._register_hook()
        column = "sale_order_line_id"
        if column in self.env["pos.order.line"]._fields:
            tools.sql.create_index(
                self.env.cr,
                TILL_LINE_INDEX,
                "pos_order_line",
                [f'"{column}"'],
                where=f'"{column}" IS NOT NULL',
            )
        return result

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(
            (self._invoices(), self._till_orders(), self._order_lines())
        )

    def _invoices(self):
        return SQL(
            """
            SELECT move.id, 'account.move' AS res_model, move.id AS res_id,
                   CASE move.move_type WHEN 'out_refund' THEN 'credit_note'
                                       ELSE 'invoice' END AS kind,
                   move.partner_id, move.company_id,
                   (move.invoice_date::timestamp AT TIME ZONE company.value_tz)
                       AT TIME ZONE 'UTC' AS date,
                   move.amount_untaxed_signed AS amount
              FROM account_move move
              JOIN res_company company ON company.id = move.company_id
             WHERE move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund')
               AND %s
            """,
            self._in_scope(SQL("move.partner_id")),
        )

    def _till_orders(self):
        """Paid till orders, but for those that a posted invoice bills.

        The invoice is looked up for each order that has one: a join would read all
        entries of the ledger for the few.
        """
        return SQL(
            """
            SELECT till.id, 'pos.order' AS res_model, till.id AS res_id,
                   CASE WHEN till.is_refund OR till.amount_total < 0
                        THEN 'till_return' ELSE 'till' END AS kind,
                   till.partner_id, till.company_id, till.date_order AS date,
                   (till.amount_total - till.amount_tax)
                       / COALESCE(NULLIF(till.currency_rate, 0), 1) AS amount
              FROM pos_order till
             WHERE till.state IN ('paid', 'done')
               AND till.partner_id IS NOT NULL
               AND CASE WHEN till.account_move IS NULL THEN TRUE
                        ELSE (SELECT invoice.state <> 'posted'
                                FROM account_move invoice
                               WHERE invoice.id = till.account_move) END
               AND %s
            """,
            self._in_scope(SQL("till.partner_id")),
        )

    def _order_lines(self):
        """Lines of confirmed orders, less what invoices and tills have taken over.

        Never more than the line is taken off, and a credit note does not give it back:
        who was credited did not order again. A down payment already invoiced is taken
        off until the final invoice takes it off itself (its invoiced amount is then
        zero again). An invoice in another currency is taken at its own rate.
        """
        return SQL(
            """
            SELECT line.id, 'sale.order' AS res_model, line.order_id AS res_id,
                   'order' AS kind, sale.partner_invoice_id AS partner_id,
                   sale.company_id, sale.date_order AS date,
                   CASE WHEN line.is_downpayment
                        THEN -COALESCE(line.untaxed_amount_invoiced, 0)
                        WHEN line.price_subtotal >= 0
                        THEN line.price_subtotal
                             - LEAST(line.price_subtotal, taken.amount)
                        ELSE line.price_subtotal
                             - GREATEST(line.price_subtotal, taken.amount)
                   END / COALESCE(NULLIF(sale.currency_rate, 0), 1) AS amount
              FROM sale_order_line line
              JOIN sale_order sale ON sale.id = line.order_id
        CROSS JOIN LATERAL (
                    SELECT COALESCE(SUM(
                               CASE WHEN item.currency_id = sale.currency_id
                                    THEN item.price_subtotal
                                    ELSE -item.balance * sale.currency_rate END
                           ), 0) + %s AS amount
                      FROM sale_order_line_invoice_rel link
                      JOIN account_move_line item ON item.id = link.invoice_line_id
                      JOIN account_move move ON move.id = item.move_id
                     WHERE link.order_line_id = line.id
                       AND move.state = 'posted' AND move.move_type = 'out_invoice'
                   ) taken
             WHERE sale.state = 'sale' AND line.display_type IS NULL
               AND (line.is_downpayment IS TRUE
                    OR ABS(COALESCE(line.untaxed_amount_invoiced, 0))
                       < ABS(line.price_subtotal))
               AND %s
            """,
            self._taken_by_tills(),
            self._in_scope(SQL("sale.partner_invoice_id")),
        )

    def _taken_by_tills(self):
        """What paid till orders took over of a line (module ``pos_sale``)."""
        if "sale_order_line_id" not in self.env["pos.order.line"]._fields:
            return SQL("0")
        return SQL("""COALESCE((
            SELECT SUM(item.price_subtotal)
              FROM pos_order_line item
              JOIN pos_order till ON till.id = item.order_id
             WHERE item.sale_order_line_id = line.id
               AND till.state IN ('paid', 'done')), 0)
        """)
