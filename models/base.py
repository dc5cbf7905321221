from odoo import models


class Base(models.AbstractModel):
    """Notice, where records reach the database, that a customer has to be rescored.

    Below ``create`` and ``write``, so that computed stored fields (an order's total, an
    invoice's payment state) are seen as well. For a model nobody watches it costs one
    look into a cached dictionary.
    """

    _inherit = "base"

    def _create(self, data_list):
        records = super()._create(data_list)
        if self._value_watched_paths():
            self.env["customer.value.dirty"]._mark(self._name, records.ids)
        return records

    def _write_multi(self, vals_list):
        paths = self._value_watched_paths()
        if paths:
            self._value_mark_changed(paths, vals_list)
        return super()._write_multi(vals_list)

    def unlink(self):
        for path in self._value_watched_paths():
            self._value_mark_partners(path)
        return super().unlink()

    def _value_watched_paths(self):
        """``{path to the partner: watched fields}`` of this model."""
        if not self.env.registry.ready:
            return {}
        return self.env["customer.value.source"]._watched().get(self._name, {})

    def _value_mark_changed(self, paths, vals_list):
        dirty = self.env["customer.value.dirty"]
        for path, names in paths.items():
            link = path.split(".")[0]
            changed = self.browse(
                record.id
                for record, vals in zip(self, vals_list, strict=True)
                if not names.isdisjoint(vals)
            )
            moved = self.browse(
                record.id
                for record, vals in zip(self, vals_list, strict=True)
                if link in vals
            )
            if moved:
                moved._value_mark_partners(path)
            if changed or moved:
                dirty._mark(self._name, (changed | moved).ids)

    def _value_mark_partners(self, path):
        """Mark who the records belong to in the database, before that changes."""
        if not self.ids:
            return
        dirty = self.env["customer.value.dirty"]
        by_model, entities = {}, set()
        dirty._follow_path(self._name, path, self.ids, by_model, entities)
        for model_name, ids in by_model.items():
            dirty._mark(model_name, ids)
        dirty._mark("res.partner", entities)
