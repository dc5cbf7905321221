from odoo import models


class Base(models.AbstractModel):
    """Notice, where records reach the database, that a customer has to be rescored.

    Below ``create`` and ``write``, so that computed stored fields (an order's total, an
    invoice's payment state) are seen as well; only links without a column (tags) are
    seen in ``write``. For a model nobody watches it costs one look into a cached
    dictionary.
    """

    _inherit = "base"

    def _create(self, data_list):
        records = super()._create(data_list)
        if any(isinstance(route, str) for route in self._value_watched_routes()):
            self.env["customer.value.dirty"]._mark(self._name, records.ids)
        return records

    def write(self, vals):
        linked = self._value_watched_links(vals)
        for route in linked:
            self._value_mark_customers(route)
        result = super().write(vals)
        if linked:
            self.env["customer.value.dirty"]._mark(self._name, self.ids)
        if self._parent_store and self._parent_name in vals:
            self._value_moved_in_hierarchy()
        return result

    def _write_multi(self, vals_list):
        routes = self._value_watched_routes()
        if routes:
            self._value_mark_changed(routes, vals_list)
        return super()._write_multi(vals_list)

    def unlink(self):
        for route in self._value_watched_routes():
            self._value_mark_customers(route)
        return super().unlink()

    def _value_watched_routes(self):
        """``{route to the customer: watched fields}`` of this model."""
        if not self.env.registry.ready:
            return {}
        return self.env["customer.value.source"]._watched().get(self._name, {})

    def _value_watched_links(self, vals):
        """Routes for which a link that is written has no column of its own."""
        return [
            route
            for route, names in self._value_watched_routes().items()
            if any(
                self._fields[name].type == "many2many"
                for name in names.intersection(vals)
            )
        ]

    def _value_moved_in_hierarchy(self):
        """Forget statements in which a filter ("child of") found the old place."""
        if self._name in self.env["customer.value.source"]._hierarchies():
            self.env.registry.clear_cache("stable")

    def _value_mark_changed(self, routes, vals_list):
        dirty = self.env["customer.value.dirty"]
        for route, names in routes.items():
            link = route.split(".")[0] if isinstance(route, str) else None
            changed = [
                record.id
                for record, vals in zip(self, vals_list, strict=True)
                if not names.isdisjoint(vals)
            ]
            moved = self.browse(
                record.id
                for record, vals in zip(self, vals_list, strict=True)
                if link in vals
            )
            if moved:
                moved._value_mark_customers(route)
            if changed or moved:
                dirty._mark(self._name, {*changed, *moved.ids})

    def _value_mark_customers(self, route):
        """Mark whom the records speak of in the database, before that changes."""
        if self.ids:
            dirty = self.env["customer.value.dirty"]
            dirty._mark(
                "res.partner", dirty._entities({self._name: set(self.ids)}, route)
            )
