from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    value_case_cap = fields.Integer(
        string="Care Cases a Day",
        default=5,
        required=True,
        help="New cases that a person gets on a day. What is found beyond waits for "
        "the next day; those with most at stake come first.",
    )

    _value_case_cap_positive = models.Constraint(
        "CHECK (value_case_cap >= 1)",
        "A person gets at least one case a day. Stop the rules to open none.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    value_case_cap = fields.Integer(
        related="company_id.value_case_cap", readonly=False, required=True
    )

    @api.constrains("value_case_cap")
    def _check_value_case_cap(self):
        for settings in self:
            if settings.value_case_cap < 1:
                raise ValidationError(
                    self.env._(
                        "A person gets at least one case a day. Stop the rules to "
                        "open none."
                    )
                )

    def action_activate_ready_models(self):
        """The company gets the ready care rules together with the models."""
        action = super().action_activate_ready_models()
        self.env["customer.care.rule"]._deliver(self.company_id)
        return action
