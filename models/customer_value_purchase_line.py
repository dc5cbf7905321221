from odoo import fields, models
from odoo.tools import SQL


class CustomerValuePurchaseLine(models.Model):
    """What was bought of each product: once, less what was given back.

    The purchases of ``customer.value.purchase``, line by line: confirmed orders, till
    orders, and what invoices bill beside both. What is credited or returned subtracts
    on the day of the purchase it belongs to, whenever it comes back; what names no
    purchase, on its own day. Quantities are in the product's unit, amounts without tax
    in company currency at each document's own rate.
    """

    _name = "customer.value.purchase.line"
    _description = "Products Bought, Each Once"
    _inherit = ["customer.value.view"]
    _auto = False

    res_model = fields.Char()
    res_id = fields.Integer()
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    date = fields.Datetime()
    product_id = fields.Many2one("product.product")
    quantity = fields.Float()
    amount = fields.Float()

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(
            (self._order_lines(), self._till_lines(), self._invoice_lines())
        )

    def _order_lines(self):
        """Lines of confirmed orders, less what was credited and not billed again."""
        return SQL(
            """
            SELECT line.id, 'sale.order' AS res_model, sale.id AS res_id,
                   sale.partner_invoice_id AS partner_id, sale.company_id,
                   sale.date_order AS date, line.product_id,
                   %(quantity)s::float8 AS quantity,
                   (%(amount)s / COALESCE(NULLIF(sale.currency_rate, 0), 1))::float8
                       AS amount
              FROM sale_order sale
              JOIN sale_order_line line ON line.order_id = sale.id
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              JOIN uom_uom base_unit ON base_unit.id = template.uom_id
              JOIN uom_uom unit ON unit.id = line.product_uom_id
        CROSS JOIN LATERAL (
                    SELECT line.product_uom_qty * unit.factor / base_unit.factor
                               AS quantity,
                           line.price_subtotal AS amount
                   ) ordered
        CROSS JOIN LATERAL (%(billed)s) billed
             WHERE sale.state = 'sale' AND line.is_downpayment IS NOT TRUE
               AND %(in_scope)s
            """,
            quantity=self._kept("quantity"),
            amount=self._kept("amount"),
            billed=self._billed(),
            in_scope=self._in_scope(SQL("sale.partner_invoice_id")),
        )

    def _kept(self, what):
        """Ordered less credited; what was billed beyond the order makes up for it.

        An invoice that was credited and written anew bills the same goods twice and
        credits them once. Lines that give back have the other sign.
        """
        ordered, invoiced, credited = (
            SQL.identifier(table, name)
            for table, name in (
                ("ordered", what),
                ("billed", f"invoiced_{what}"),
                ("billed", f"credited_{what}"),
            )
        )
        return SQL(
            """(%(ordered)s - SIGN(%(ordered)s) * GREATEST(0,
                    SIGN(%(ordered)s) * %(credited)s
                    - GREATEST(0, SIGN(%(ordered)s) * %(invoiced)s - ABS(%(ordered)s))
               ))""",
            ordered=ordered,
            invoiced=invoiced,
            credited=credited,
        )

    def _billed(self):
        """What posted invoices and credit notes say of an order line, in its currency.

        Of other currencies the entry is taken, at the order's rate.
        """
        note = SQL("move.move_type = 'out_refund'")
        return SQL(
            """
            SELECT COALESCE(SUM(item.quantity) FILTER (WHERE NOT %(note)s), 0)
                       AS invoiced_quantity,
                   COALESCE(SUM(item.quantity) FILTER (WHERE %(note)s), 0)
                       AS credited_quantity,
                   COALESCE(SUM(item.amount) FILTER (WHERE NOT %(note)s), 0)
                       AS invoiced_amount,
                   COALESCE(SUM(item.amount) FILTER (WHERE %(note)s), 0)
                       AS credited_amount
              FROM sale_order_line_invoice_rel link
        CROSS JOIN LATERAL (
                    SELECT item.move_id,
                           item.quantity * COALESCE(
                               item_unit.factor / base_unit.factor, 1) AS quantity,
                           CASE WHEN item.currency_id = sale.currency_id
                                THEN item.price_subtotal
                                ELSE SIGN(item.price_subtotal) * ABS(item.balance)
                                     * sale.currency_rate END AS amount
                      FROM account_move_line item
                 LEFT JOIN uom_uom item_unit ON item_unit.id = item.product_uom_id
                     WHERE item.id = link.invoice_line_id
                   ) item
              JOIN account_move move ON move.id = item.move_id
             WHERE link.order_line_id = line.id AND move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund')
            """,
            note=note,
        )

    def _till_lines(self):
        """Lines of paid till orders; a return counts against what it returns.

        A till's part of a confirmed order was bought by that order (``pos_sale``), and
        so it is with what the till takes back of it.
        """
        settles = "sale_order_origin_id" in self.env["pos.order.line"]._fields
        return SQL(
            """
            SELECT line.id, 'pos.order' AS res_model, till.id AS res_id,
                   till.partner_id, till.company_id,
                   COALESCE(%(order_day)s, sold_till.date_order, till.date_order)
                       AS date,
                   line.product_id,
                   CASE WHEN sold.id IS NULL THEN line.qty
                        ELSE -ABS(line.qty) END::float8 AS quantity,
                   (CASE WHEN sold.id IS NULL AND line.qty >= 0
                         THEN line.price_subtotal
                         ELSE -ABS(line.price_subtotal) END
                       / COALESCE(NULLIF(till.currency_rate, 0), 1))::float8 AS amount
              FROM pos_order till
              JOIN pos_order_line line ON line.order_id = till.id
         LEFT JOIN pos_order_line sold ON sold.id = line.refunded_orderline_id
         LEFT JOIN pos_order sold_till ON sold_till.id = sold.order_id
                   %(join_order)s
             WHERE till.state IN ('paid', 'done') AND till.partner_id IS NOT NULL
               AND %(not_settled)s AND %(in_scope)s
            """,
            order_day=SQL("sale.date_order" if settles else "NULL"),
            join_order=SQL(
                "LEFT JOIN sale_order sale ON sale.state = 'sale' AND sale.id = "
                "COALESCE(sold.sale_order_origin_id, line.sale_order_origin_id)"
                if settles
                else ""
            ),
            not_settled=SQL(
                "(sale.id IS NULL OR sold.id IS NOT NULL)" if settles else "TRUE"
            ),
            in_scope=self._in_scope(SQL("till.partner_id")),
        )

    def _invoice_lines(self):
        """What posted invoices and credit notes bill of neither an order nor a till."""
        return SQL(
            """
            SELECT item.id, 'account.move' AS res_model, move.id AS res_id,
                   move.partner_id, move.company_id,
                   COALESCE(till.date_order,
                            (COALESCE(reversed.invoice_date, move.invoice_date
                                )::timestamp AT TIME ZONE company.value_tz
                            ) AT TIME ZONE 'UTC') AS date,
                   item.product_id,
                   (CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END
                       * item.quantity * COALESCE(unit.factor / base_unit.factor, 1)
                   )::float8 AS quantity,
                   -item.balance::float8 AS amount
              FROM account_move move
              JOIN res_company company ON company.id = move.company_id
              JOIN account_move_line item ON item.move_id = move.id
              JOIN product_product product ON product.id = item.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
              JOIN uom_uom base_unit ON base_unit.id = template.uom_id
         LEFT JOIN uom_uom unit ON unit.id = item.product_uom_id
         LEFT JOIN account_move reversed ON reversed.id = move.reversed_entry_id
         LEFT JOIN LATERAL (
                    SELECT MIN(date_order) AS date_order
                      FROM pos_order WHERE account_move = reversed.id
                   ) till ON TRUE
             WHERE move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund')
               AND item.display_type = 'product'
               AND NOT EXISTS (
                    SELECT 1 FROM pos_order WHERE account_move = move.id)
               AND NOT EXISTS (
                    SELECT 1 FROM sale_order_line_invoice_rel link
                     WHERE link.invoice_line_id = item.id)
               AND %s
            """,
            self._in_scope(SQL("move.partner_id")),
        )
