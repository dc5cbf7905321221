from odoo import api, models


class CustomerLoyaltyHistory(models.Model):
    _inherit = "customer.loyalty.history"

    @api.model
    def _cron_nightly(self):
        """Scores and stages of the night are known: the care rules look at them."""
        result = super()._cron_nightly()
        cron = self.env.ref("customer_value.ir_cron_care", False)
        if cron:
            cron.sudo()._trigger()
        return result
