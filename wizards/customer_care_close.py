from odoo import fields, models

from ..models.customer_care_case import BY_HAND


class CustomerCareClose(models.TransientModel):
    """Ends cases by hand: how it ended, and what was learned."""

    _name = "customer.care.close"
    _description = "Close Care Cases"

    case_ids = fields.Many2many("customer.care.case", required=True)
    outcome = fields.Selection(BY_HAND, required=True)
    note = fields.Text(string="What Did We Learn?")

    def action_apply(self):
        self.ensure_one()
        self.case_ids.check_access("write")
        for cases in self.case_ids.grouped("company_id").values():
            cases._close(self.outcome, cases[:1]._today(), self.note)
        return {"type": "ir.actions.act_window_close"}
