from odoo import fields, models
from odoo.tools import SQL


class CustomerValuePayment(models.Model):
    """Every instalment a customer owed: when it was due, when it was settled.

    One row per receivable line of a posted customer invoice. ``days_late`` is negative
    for an early payment. An open instalment is overdue from the day after it was due.
    """

    _name = "customer.value.payment"
    _description = "Payments Due"
    _inherit = ["customer.value.view"]
    _auto = False
    _value_watches = {
        "account.move": {
            "partner_id": ("state", "amount_residual", "invoice_date_due")
        },
    }

    res_model = fields.Char()
    res_id = fields.Integer()
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    due_date = fields.Date()
    overdue_date = fields.Date(help="The first day on which it is late.")
    paid_date = fields.Date(help="Empty while something is open.")
    days_late = fields.Integer()
    amount_open = fields.Float()

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT item.id, 'account.move' AS res_model, item.move_id AS res_id,
                   move.partner_id, item.company_id,
                   item.date_maturity AS due_date,
                   item.date_maturity + 1 AS overdue_date,
                   settled.paid_date,
                   settled.paid_date - item.date_maturity AS days_late,
                   item.amount_residual AS amount_open
              FROM account_move_line item
              JOIN account_move move ON move.id = item.move_id
              JOIN account_account account ON account.id = item.account_id
         LEFT JOIN LATERAL (
                    SELECT MAX(part.max_date) AS paid_date
                      FROM account_partial_reconcile part
                     WHERE part.debit_move_id = item.id AND item.reconciled
                   ) settled ON TRUE
             WHERE move.state = 'posted' AND move.move_type = 'out_invoice'
               AND account.account_type = 'asset_receivable'
               AND item.date_maturity IS NOT NULL
               AND %s
            """,
            self._in_scope(SQL("move.partner_id")),
        )
