"""Which changes make a customer dirty: worked out once, looked up at every write.

A *route* leads from a changed record to the customers it speaks of:

* a path, ``"order_id.partner_id"``: follow it to the contact;
* a pair ``(model, path)``: the record is what records of ``model`` point to by
  ``path``; these have routes of their own. A product category whose parent changes,
  an event that is moved, a stage that becomes a won one.
"""

from odoo.fields import Domain


class Watching:
    """Collects ``{model name: {route: names of fields}}``.

    :param env: a superuser environment
    """

    def __init__(self, env):
        self.env = env
        self.routes = {}

    def frozen(self):
        return {
            model_name: {route: frozenset(names) for route, names in routes.items()}
            for model_name, routes in self.routes.items()
        }

    def watch(self, model_name, to_customer, paths):
        """Watch what records of a model say by ``paths``, wherever the fields live."""
        for path in {to_customer, *paths}:
            self._watch_path(model_name, to_customer, path.split("."))

    def _watch_path(self, origin, to_customer, names):
        model, walked = self.env[origin], []
        for position, name in enumerate(names):
            field = model._fields.get(name)
            if field is None:
                return
            if field.related and not field.store:
                there = [*walked, *field.related.split("."), *names[position + 1 :]]
                self._watch_path(origin, to_customer, there)
                return
            self._add(model, self._route(origin, to_customer, walked), name)
            if not field.relational:
                return
            walked.append(name)
            model = self.env[field.comodel_name]
            for inverse in self.env.registry.field_inverses[field]:
                if field.type == "many2many":
                    self._add(model, (origin, ".".join(walked)), inverse.name)

    def _route(self, origin, to_customer, walked):
        """From the record reached by ``walked`` to the customer."""
        if not walked:
            return to_customer
        prefix = ".".join(walked) + "."
        if to_customer.startswith(prefix):
            return to_customer.removeprefix(prefix)
        return origin, prefix[:-1]

    def _add(self, model, route, name):
        routes = self.routes.setdefault(model._name, {})
        routes.setdefault(route, set()).add(name)


def condition_paths(domain):
    """The dotted paths a filter looks at, those inside ``any`` included."""
    for condition in Domain(domain).iter_conditions():
        path = condition.field_expr
        if condition.operator.removeprefix("not ").removesuffix("!") == "any":
            yield path
            for inner in condition_paths(condition.value):
                yield f"{path}.{inner}"
        else:
            yield path
