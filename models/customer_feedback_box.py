import ast

from odoo import fields, models

from .customer_feedback_stage import KINDS


class CustomerFeedbackBox(models.Model):
    """An e-mail address whose mails become feedback, of a company and a kind."""

    _name = "customer.feedback.box"
    _description = "Feedback Mailbox"
    _inherit = ["mail.alias.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    kind = fields.Selection(
        KINDS,
        required=True,
        default="complaint",
        help="What a mail to this address is taken for until somebody reads it.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        domain="[('share', '=', False)]",
        check_company=True,
        index="btree_not_null",
        help="For mails of customers who have no salesperson.",
    )

    def write(self, vals):
        result = super().write(vals)
        if not {"kind", "company_id", "user_id"}.isdisjoint(vals):
            for box in self:
                box.alias_id.sudo().write(box._alias_get_creation_values())
        return result

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("customer.feedback")
        if self.id:
            defaults = ast.literal_eval(self.alias_defaults or "{}")
            defaults.update(
                kind=self.kind, company_id=self.company_id.id, box_id=self.id
            )
            values["alias_defaults"] = defaults
        return values
