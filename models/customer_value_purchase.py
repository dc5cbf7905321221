from odoo import fields, models
from odoo.tools import SQL


class CustomerValuePurchase(models.Model):
    """Every occasion on which a customer bought: once, on the day he decided.

    Confirmed orders, till orders, and posted invoices that come from neither. A till
    order that takes over a confirmed order is the same purchase. What was taken back
    in full (all invoices reversed, all lines returned at the till) is
    not a purchase. For money see ``customer.value.sale``.
    """

    _name = "customer.value.purchase"
    _description = "Purchases, Each Once"
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
        "pos.order": {"partner_id": ("state", "amount_total", "date_order")},
        "account.move": {"partner_id": ("state", "payment_state", "invoice_date")},
    }

    res_model = fields.Char()
    res_id = fields.Integer()
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    date = fields.Datetime()
    amount = fields.Float()

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(
            (self._orders(), self._till_orders(), self._direct_invoices())
        )

    # "No X, or else some Y" rather than one nested NOT EXISTS: PostgreSQL answers the
    # first half for all documents from one hash, or for one customer by index, and
    # looks at the second half only for the few that were touched.

    def _orders(self):
        """Confirmed orders, unless all their posted invoices were reversed."""
        invoice = SQL("""
            SELECT TRUE
              FROM sale_order_line line
              JOIN sale_order_line_invoice_rel link ON link.order_line_id = line.id
              JOIN account_move_line item ON item.id = link.invoice_line_id
              JOIN account_move move ON move.id = item.move_id
             WHERE line.order_id = sale.id
               AND move.state = 'posted' AND move.move_type = 'out_invoice'
        """)
        return SQL(
            """
            SELECT sale.id, 'sale.order' AS res_model, sale.id AS res_id,
                   sale.partner_invoice_id AS partner_id, sale.company_id,
                   sale.date_order AS date,
                   sale.amount_untaxed / COALESCE(NULLIF(sale.currency_rate, 0), 1)
                       AS amount
              FROM sale_order sale
             WHERE sale.state = 'sale'
               AND (NOT EXISTS (%(invoice)s AND move.payment_state = 'reversed')
                    OR (%(invoice)s AND move.payment_state <> 'reversed' LIMIT 1))
               AND %(in_scope)s
            """,
            invoice=invoice,
            in_scope=self._in_scope(SQL("sale.partner_invoice_id")),
        )

    def _till_orders(self):
        """Till orders that are no returns and of which something was kept."""
        return SQL(
            """
            SELECT till.id, 'pos.order' AS res_model, till.id AS res_id,
                   till.partner_id, till.company_id, till.date_order AS date,
                   (till.amount_total - till.amount_tax)
                       / COALESCE(NULLIF(till.currency_rate, 0), 1) AS amount
              FROM pos_order till
             WHERE till.state IN ('paid', 'done') AND till.partner_id IS NOT NULL
               AND till.is_refund IS NOT TRUE AND till.amount_total >= 0
               AND (NOT EXISTS (
                        SELECT 1
                          FROM pos_order_line sold
                          JOIN pos_order_line returned
                            ON returned.refunded_orderline_id = sold.id
                         WHERE sold.order_id = till.id
                           AND returned.refunded_orderline_id IS NOT NULL)
                    OR (SELECT TRUE
                          FROM pos_order_line kept
                         WHERE kept.order_id = till.id AND kept.qty > COALESCE((
                                SELECT SUM(ABS(back.qty))
                                  FROM pos_order_line back
                                  JOIN pos_order back_order
                                    ON back_order.id = back.order_id
                                 WHERE back.refunded_orderline_id = kept.id
                                   AND back_order.state IN ('paid', 'done')), 0)
                           AND kept.qty > 0
                         LIMIT 1))
               AND %s AND %s
            """,
            self._takes_over_no_order(),
            self._in_scope(SQL("till.partner_id")),
        )

    def _takes_over_no_order(self):
        """Not the till's part of a confirmed order (module ``pos_sale``)."""
        if "sale_order_origin_id" not in self.env["pos.order.line"]._fields:
            return SQL("TRUE")
        return SQL("""NOT EXISTS (
            SELECT 1
              FROM pos_order_line line
              JOIN sale_order sale ON sale.id = line.sale_order_origin_id
             WHERE line.order_id = till.id AND sale.state = 'sale'
               AND line.sale_order_origin_id IS NOT NULL)
        """)

    def _direct_invoices(self):
        """Posted invoices that bill neither an order nor a till order."""
        return SQL(
            """
            SELECT move.id, 'account.move' AS res_model, move.id AS res_id,
                   move.partner_id, move.company_id,
                   (move.invoice_date::timestamp AT TIME ZONE company.value_tz)
                       AT TIME ZONE 'UTC' AS date,
                   move.amount_untaxed_signed AS amount
              FROM account_move move
              JOIN res_company company ON company.id = move.company_id
             WHERE move.state = 'posted' AND move.move_type = 'out_invoice'
               AND move.payment_state <> 'reversed'
               AND NOT EXISTS (
                    SELECT 1 FROM pos_order till WHERE till.account_move = move.id)
               AND NOT EXISTS (
                    SELECT 1
                      FROM account_move_line item
                      JOIN sale_order_line_invoice_rel link
                        ON link.invoice_line_id = item.id
                     WHERE item.move_id = move.id)
               AND %s
            """,
            self._in_scope(SQL("move.partner_id")),
        )
