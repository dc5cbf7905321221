from odoo import fields, models
from odoo.tools import SQL


class CustomerValueActivity(models.Model):
    """Activities done with a customer, wherever they were planned.

    On the contact, on an opportunity or on an order: the activity's document leads to
    the customer.
    """

    _name = "customer.value.activity"
    _description = "Activities Done"
    _inherit = ["customer.value.view"]
    _auto = False
    _value_watches = {
        "mail.activity": {"res_id": ("active", "date_done", "activity_type_id")},
        "crm.lead": {"partner_id": ("company_id",)},
        "sale.order": {"partner_id": ("company_id",)},
    }

    res_model = fields.Char()
    res_id = fields.Integer()
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    user_id = fields.Many2one("res.users")
    activity_type_id = fields.Many2one("mail.activity.type")
    date = fields.Date()

    def _documents(self):
        """``{model: (its table, the path to the customer)}`` of what counts."""
        return {
            "res.partner": (SQL("res_partner"), SQL("document.id")),
            "crm.lead": (SQL("crm_lead"), SQL("document.partner_id")),
            "sale.order": (SQL("sale_order"), SQL("document.partner_id")),
        }

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT activity.id, activity.res_model, activity.res_id,
                       %(partner)s AS partner_id, document.company_id,
                       activity.user_id, activity.activity_type_id,
                       activity.date_done AS date
                  FROM mail_activity activity
                  JOIN %(table)s document ON document.id = activity.res_id
                 WHERE activity.res_model = %(model)s
                   AND activity.active IS NOT TRUE
                   AND activity.date_done IS NOT NULL
                   AND %(in_scope)s
                """,
                partner=partner,
                in_scope=self._in_scope(partner),
                table=table,
                model=model,
            )
            for model, (table, partner) in self._documents().items()
        )
