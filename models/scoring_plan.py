from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from odoo.tools import SQL

from . import measure_sql as measure


@dataclass(frozen=True)
class Scope:
    """Which commercial entities: all, an id range (both ends included), or some ids."""

    first: int | None = None
    last: int | None = None
    ids: tuple[int, ...] | None = None

    def contains(self, entity: SQL) -> SQL:
        if self.ids is not None:
            return SQL("%s = ANY(%s)", entity, list(self.ids))
        if self.first is not None:
            return SQL("%s BETWEEN %s AND %s", entity, self.first, self.last)
        return SQL("TRUE")


EVERYBODY = Scope()


@dataclass
class Plan:
    """One scoring of one model: what, when, for whom, and what turned out broken."""

    model: object
    as_of: date
    scope: Scope = EVERYBODY
    contacts: tuple[int, ...] | None = None
    keeps_last_good: bool = True
    errors: dict = field(default_factory=dict)

    @property
    def company(self):
        return self.model.company_id

    @property
    def clock(self):
        return measure.Clock(self.as_of, self.company.value_tz)

    @property
    def indicators(self):
        return self.model.indicator_ids

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
