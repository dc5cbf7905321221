from odoo import api, models

from ..tools.window import local_today


class CustomerValueDirty(models.Model):
    """Who was in touch is closer at once, not only after the night."""

    _inherit = "customer.value.dirty"

    @api.model
    def _score_entities(self, entities, companies=None, cause="evidence"):
        result = super()._score_entities(entities, companies, cause)
        closeness = self.env["customer.closeness"]
        for company in companies or closeness._companies():
            closeness._update(company, local_today(company.value_tz), entities)
        return result
