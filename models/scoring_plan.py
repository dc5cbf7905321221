from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from odoo.tools import SQL

from . import measure_sql as measure
from .kept_sql import Blank, is_steady

FEW = 500
"""Up to so many contacts are named one by one in each condition, so that PostgreSQL
goes by the index on them. More are joined, by a table whose size it knows."""

SCOPE_TABLE = SQL.identifier("customer_value_scope")
"""Temporary: ``contact``, each once: the customers and all who belong to them."""


@dataclass(frozen=True)
class Scope:
    """Which commercial entities: all, an id range (both ends included), or some ids.

    :param contacts: with ``ids``, if they are few: who belongs to them
    :param has_table: whether :data:`SCOPE_TABLE` holds all who are meant
    """

    first: int | None = None
    last: int | None = None
    ids: tuple[int, ...] | Blank | None = None
    contacts: tuple[int, ...] | Blank | None = None
    has_table: bool = False

    @property
    def is_few(self) -> bool:
        """Whether documents are best found by the index on their contact."""
        return self.contacts is not None

    def entity(self, entity: SQL) -> SQL:
        """Condition: the entity is meant."""
        if self.ids is not None:
            return self._in_table(entity) if self.has_table else _any(entity, self.ids)
        if self.first is not None:
            return SQL("%s BETWEEN %s AND %s", entity, self.first, self.last)
        return SQL("TRUE")

    def contact(self, contact: SQL) -> SQL:
        """Condition: the contact belongs to an entity that is meant."""
        if self.is_few:
            return _any(contact, self.contacts)
        return self._in_table(contact) if self.has_table else SQL("TRUE")

    def _in_table(self, partner: SQL) -> SQL:
        return SQL("%s IN (SELECT contact FROM %s)", partner, SCOPE_TABLE)


def _any(partner: SQL, ids) -> SQL:
    values = ids if isinstance(ids, Blank) else list(ids)
    return SQL("%s = ANY(%s::int[])", partner, values)


EVERYBODY = Scope()


@dataclass
class Plan:
    """One scoring of one model: what, when, for whom, and what turned out broken.

    :param keeps_last_good: whether present scores stand in where a source is broken,
        and hold their tier by its hysteresis
    :param only_held: whether only those are scored who have a score by this version
    :param readings: ``{key: table}`` of what was read already, by entity; see
        :meth:`~.scoring_sql.ScoringSql.reading_key`
    """

    model: object
    as_of: date
    scope: Scope = EVERYBODY
    keeps_last_good: bool = True
    only_held: bool = False
    cause: str = "evidence"
    errors: dict = field(default_factory=dict)
    readings: dict[str, str] = field(default_factory=dict)

    @property
    def company(self):
        return self.model.company_id

    @property
    def clock(self):
        return measure.Clock(self.as_of, self.company.value_tz)

    @property
    def indicators(self):
        return self.model.indicator_ids

    def is_steady(self):
        """Whether the plan's statement depends on nothing but the configuration."""
        partners = self.model.env["res.partner"]
        domains = [
            value_model._population_domain()
            for value_model in self.model | self.model._earlier_active_models()
        ]
        domains += [rule._partner_domain() for rule in self.model.tier_ids.rule_ids]
        return all(is_steady(domain, partners) for domain in domains) and all(
            is_steady(source._domain(), source._source_model())
            for source in self.indicators.source_id
            | self.indicators.opportunity_source_id
            if self._unreadable.get(source) is None
        )

    @cached_property
    def _unreadable(self):
        """``{source: UNAVAILABLE or CARRIED}`` of what cannot be read at all."""
        sources = self.indicators.source_id | self.indicators.opportunity_source_id
        return {
            source: measure.CARRIED if source._is_broken() else measure.UNAVAILABLE
            for source in sources
            if not source._is_usable()
        }

    def state_of(self, indicator):
        """UNAVAILABLE, CARRIED (its source is broken) or None: to be measured."""
        needed = (indicator, indicator.source_id, indicator.opportunity_source_id)
        states = {self._unreadable.get(record) for record in needed}
        for state in (measure.CARRIED, measure.UNAVAILABLE):
            if state in states:
                return state
        if any(record in self.errors for record in needed):
            return measure.CARRIED
        return None

    @property
    def measured(self):
        return self.indicators.filtered(lambda record: self.state_of(record) is None)

    @property
    def usable(self):
        """Indicators that may have evidence: all but the unavailable ones."""
        return self.indicators.filtered(
            lambda record: self.state_of(record) != measure.UNAVAILABLE
        )
