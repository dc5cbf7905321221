from odoo import fields, models
from odoo.tools import SQL

from .customer_referral import EARNED
from .scoring_plan import Scope


class CustomerReferralSale(models.Model):
    """Net sales to customers brought, as evidence about who brought them.

    Pieces of a sum like ``customer.value.sale``, whose sales these are: each of them
    for one referrer, since a customer has one credited referral.
    """

    _name = "customer.referral.sale"
    _description = "Sales of Customers Brought"
    _inherit = ["customer.value.view"]
    _auto = False
    _value_watches = {
        "customer.referral": {
            "referrer_id": ("state", "referrer_id", "referred_id", "purchase_amount")
        },
    }

    res_model = fields.Char()
    res_id = fields.Integer()
    partner_id = fields.Many2one("res.partner", string="Referrer")
    referred_id = fields.Many2one("res.partner", string="Customer Brought")
    company_id = fields.Many2one("res.company")
    date = fields.Datetime()
    amount = fields.Float()

    @property
    def _table_query(self):
        """The scope names referrers; of whom they brought, all sales are looked at."""
        sales = self.env["customer.value.sale"].with_context(
            customer_value_scope=Scope()
        )
        return SQL(
            """
            SELECT sale.id, sale.res_model, sale.res_id, credit.referrer_id
                       AS partner_id,
                   sale.partner_id AS referred_id, sale.company_id, sale.date,
                   sale.amount
              FROM (SELECT DISTINCT ON (taker.commercial_partner_id,
                                        referral.company_id)
                           referral.referrer_id, referral.company_id,
                           taker.commercial_partner_id AS customer
                      FROM customer_referral referral
                      JOIN res_partner taker ON taker.id = referral.referred_id
                     WHERE referral.state = ANY(%s)
                  ORDER BY taker.commercial_partner_id, referral.company_id,
                           referral.date, referral.id) credit
              JOIN res_partner buyer ON buyer.commercial_partner_id = credit.customer
              JOIN (%s) sale ON sale.partner_id = buyer.id
                            AND sale.company_id = credit.company_id
             WHERE %s
            """,
            list(EARNED),
            sales._table_query,
            self._in_scope(SQL("credit.referrer_id")),
        )
