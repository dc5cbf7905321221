from odoo import api, models


class CustomerValueLocked(models.AbstractModel):
    """What a value model consists of: only a draft lets itself be changed.

    Customers were scored by an active or retired version, so its indicators, bands,
    tiers and segments stay as they were; only its words may be mended. The engine,
    which cuts calibrated bands anew, works with superuser rights and is let through.
    """

    _name = "customer.value.locked"
    _description = "Part of a Versioned Value Model"

    _value_words = frozenset({"name", "description"})
    """Fields that change no figure: free in every version."""

    def _value_models(self):
        """The value models that the records belong to."""
        return self.model_id

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._touch_value_models()
        return records

    def write(self, vals):
        if self._value_words.issuperset(vals):
            return super().write(vals)
        self._touch_value_models()
        result = super().write(vals)
        self._touch_value_models()  # the records may have moved to another model
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_from_drafts(self):
        self._touch_value_models()

    def _touch_value_models(self):
        value_models = self.sudo()._value_models()
        if not self.env.su:
            value_models._check_unlocked()
        value_models._forget_calibration()
        value_models._forget_statements()
