from dataclasses import dataclass, field
from datetime import date

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

    def state_of(self, indicator):
        """UNAVAILABLE, CARRIED (its source is broken) or None: to be measured."""
        sources = indicator.source_id | indicator.opportunity_source_id
        if sources.filtered(lambda source: not source.available):
            broken = sources.filtered(lambda source: source._is_broken())
            return measure.CARRIED if broken else measure.UNAVAILABLE
        if indicator in self.errors or any(source in self.errors for source in sources):
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
