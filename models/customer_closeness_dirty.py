from odoo import api, models


class CustomerValueDirty(models.Model):
    """Who was in touch is closer at once, not only after the night."""

    _inherit = "customer.value.dirty"

    @api.model
    def _after_scoring(self, entities):
        result = super()._after_scoring(entities)
        self.env["customer.closeness"]._update_some(entities)
        return result
