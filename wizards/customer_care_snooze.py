from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CustomerCareSnooze(models.TransientModel):
    """Puts cases off until a day, with a reason."""

    _name = "customer.care.snooze"
    _description = "Snooze Care Cases"

    case_ids = fields.Many2many("customer.care.case", required=True)
    until = fields.Date(
        required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=7),
        help="The case is open again on this day, unless it recovers before.",
    )
    reason = fields.Char(required=True)

    @api.constrains("until")
    def _check_until(self):
        for wizard in self.filtered("case_ids"):
            if wizard.until <= max(case._today() for case in wizard.case_ids):
                raise ValidationError(self.env._("Choose a day to come."))

    @api.constrains("reason")
    def _check_reason(self):
        for wizard in self:
            if not (wizard.reason or "").strip():
                raise ValidationError(
                    self.env._("Give a reason, for those who wonder why it rests.")
                )

    def action_apply(self):
        self.ensure_one()
        self.case_ids._snooze(self.until, self.reason.strip())
        return {"type": "ir.actions.act_window_close"}
