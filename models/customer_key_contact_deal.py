from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .customer_key_contact import STANCES


class CustomerKeyContactDeal(models.Model):
    """What a key contact is in one opportunity, where that differs from the account."""

    _name = "customer.key.contact.deal"
    _description = "Key Contact in an Opportunity"
    _inherit = ["customer.influence.confidential"]
    _order = "lead_id, id"
    _rec_name = "seat_id"

    lead_id = fields.Many2one(
        "crm.lead",
        string="Opportunity",
        required=True,
        index=True,
        ondelete="cascade",
    )
    seat_id = fields.Many2one(
        "customer.key.contact",
        string="Key Contact",
        required=True,
        ondelete="cascade",
    )
    map_id = fields.Many2one(
        related="seat_id.map_id", store=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="seat_id.company_id", store=True, index=True)
    role_ids = fields.Many2many(
        "customer.key.role",
        string="Roles in This Opportunity",
        ondelete="restrict",
        help="Empty: the roles at the account.",
    )
    stance = fields.Selection(
        STANCES, help="Empty: the stance at the account.", string="Stance in It"
    )
    note = fields.Text()

    _once = models.Constraint(
        "UNIQUE (seat_id, lead_id)",
        "This key contact is in the opportunity already. Change that line.",
    )

    @api.constrains("lead_id", "seat_id")
    def _check_account(self):
        for one in self:
            customer = one.lead_id.sudo().partner_id.commercial_partner_id
            if customer and customer != one.seat_id.account_id:
                raise ValidationError(
                    self.env._(
                        "The opportunity is with %(customer)s, and %(seat)s sits at "
                        "%(account)s. Give the person a seat at %(customer)s.",
                        customer=customer.display_name,
                        seat=one.seat_id.display_name,
                        account=one.seat_id.account_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        deals = super().create(vals_list)
        deals.lead_id.check_access("read")
        return deals

    def write(self, vals):
        result = super().write(vals)
        if "lead_id" in vals:
            self.lead_id.check_access("read")
        return result
