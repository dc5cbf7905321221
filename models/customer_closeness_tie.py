from odoo import fields, models


class CustomerClosenessTie(models.Model):
    """How close one of us is to a customer: who knows them.

    Kept by ``customer.closeness``, which see.
    """

    _name = "customer.closeness.tie"
    _description = "Tie Between a User and a Customer"
    _inherit = ["customer.closeness.measured"]
    _log_access = False

    user_id = fields.Many2one(
        "res.users",
        string="Our Person",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )

    _partner_user_company_unique = models.Constraint(
        "UNIQUE (partner_id, user_id, company_id)",
        "A user and a customer have one tie in a company.",
    )
