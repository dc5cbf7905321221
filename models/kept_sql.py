"""Statements that are composed once and used for many batches of customers.

Composing the statement of a value model takes longer than scoring one customer by it.
So the engine keeps it, with blanks for what differs from one batch to the next. A
statement may be kept if nothing but the configuration went into it: what a filter
looks up while it is composed (the children of a category, a computed field's search)
may be different next time.
"""

from datetime import date
from enum import Enum

from odoo.fields import Domain
from odoo.tools import SQL

HIERARCHICAL = ("child_of", "parent_of")


class Blank(Enum):
    """A parameter to be filled in when the statement is executed."""

    ENTITIES = "entities"
    CONTACTS = "contacts"
    NOW = "now"
    USER = "user"
    CAUSE = "cause"


def filled(statement: SQL, values: dict) -> SQL:
    """The statement with its blanks filled in; ids are given as tuples."""
    return SQL(
        statement.code,
        *(
            _literal(values[param]) if isinstance(param, Blank) else param
            for param in statement.params
        ),
    )


def _literal(value):
    return list(value) if isinstance(value, tuple) else value


def is_steady(domain: Domain, model) -> bool:
    """Whether the filter, as SQL, depends on nothing that is looked up."""
    return all(
        _is_steady_condition(condition, model)
        for condition in Domain(domain).iter_conditions()
    )


def _is_steady_condition(condition, model):
    names = condition.field_expr.split(".")
    while names:
        field = model._fields.get(names.pop(0))
        if field is None:
            return False
        if field.related and not field.store:
            names = [*field.related.split("."), *names]
            continue
        if not field.store:
            return False
        model = model.env[field.comodel_name] if field.relational else model
    value = condition.value
    if condition.operator in HIERARCHICAL:
        # its place is looked up; who moves there sees to it: _value_moved_in_hierarchy
        return model._parent_store and _is_steady_value(field, value)
    if _is_any(condition):
        return isinstance(value, Domain | list | tuple) and is_steady(value, model)
    return _is_steady_value(field, value)


def _is_steady_value(field, value):
    """No name to look up, no day that moves with the clock."""
    values = value if isinstance(value, list | tuple | set | frozenset) else (value,)
    if field.relational or field.name == "id":
        return all(isinstance(one, int) for one in values)
    if field.type in ("date", "datetime"):
        return all(_is_fixed_moment(one) for one in values)
    return True


def _is_fixed_moment(value):
    if not isinstance(value, str):
        return value is False or isinstance(value, date)
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        return False
    return True


def hierarchies(domain: Domain, model) -> set[str]:
    """Names of the models in whose hierarchy the filter looks up a place."""
    found = set()
    for condition in Domain(domain).iter_conditions():
        there = _model_at(model, condition.field_expr)
        if condition.operator in HIERARCHICAL:
            found.add(there._name)
        elif _is_any(condition):
            found |= hierarchies(condition.value, there)
    return found


def _model_at(model, path):
    for name in path.split("."):
        field = model._fields.get(name)
        if field is not None and field.relational:
            model = model.env[field.comodel_name]
    return model


def _is_any(condition):
    return condition.operator.removeprefix("not ").removesuffix("!") == "any"
