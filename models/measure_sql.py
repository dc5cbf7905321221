"""From one indicator to SQL: its aggregate, its evidence, its points.

The engine (``customer_value_engine.py``) puts these pieces together. Column names, with
``k`` the indicator's slot: ``x<k>`` the aggregate, ``y<k>`` the same over the window
before (growth), ``o<k>`` the number of occasions, ``s<k>`` the points, ``e<k>`` the
evidence state.
"""

from datetime import timedelta
from typing import NamedTuple

from odoo.tools import SQL

from ..tools.window import Window, start_of_day_utc, window_ending

COUNTING = ("count", "distinct", "months", "rate")
NONE, MEASURED, CARRIED, UNAVAILABLE = range(4)


class Clock(NamedTuple):
    """The day of the run in the company's time zone."""

    as_of: object
    tz: str

    def window(self, indicator, back=0):
        """The indicator's window, or the one ``back`` windows before it."""
        return window_ending(
            self.as_of,
            indicator.window_number,
            indicator.window_unit,
            indicator.window_shift + back,
        )


class Stamp(NamedTuple):
    """A source's date column: its SQL and whether it is a UTC time stamp."""

    sql: SQL
    is_datetime: bool

    def within(self, window: Window, tz: str) -> SQL:
        """The days of the window, both ends included."""
        first, after = window.first, window.last + timedelta(days=1)
        if self.is_datetime:
            first = first and start_of_day_utc(first, tz)
            after = start_of_day_utc(after, tz)
        if first is None:
            return SQL("%s < %s", self.sql, after)
        return SQL("(%s >= %s AND %s < %s)", self.sql, first, self.sql, after)

    def local_day(self, tz: str) -> SQL:
        if not self.is_datetime:
            return self.sql
        return SQL("((%s AT TIME ZONE 'UTC') AT TIME ZONE %s)::date", self.sql, tz)


class Records(NamedTuple):
    """A source's records in a query that may hold those of other sources too."""

    source: object
    query: object
    counts: SQL
    clock: Clock

    @property
    def stamp(self) -> Stamp:
        source = self.source
        return Stamp(
            source._path_sql(self.query, source.date_field), source._is_datetime()
        )

    def within(self, window: Window) -> SQL:
        """The source's own records of some days."""
        return SQL("(%s AND %s)", self.counts, self.stamp.within(window, self.clock.tz))

    def path(self, path: str) -> SQL:
        return self.source._path_sql(self.query, path)


def column(prefix: str, indicator) -> SQL:
    return SQL.identifier(f"{prefix}{indicator.slot}")


def evidence_names(indicator, source) -> list[str]:
    """The columns that the reading of a source fills for an indicator."""
    prefixes = []
    if source == indicator.source_id:
        prefixes += ["x", "y"] if indicator.aggregate == "growth" else ["x"]
    if source == indicator.opportunity_source_id:
        prefixes.append("o")
    return [f"{prefix}{indicator.slot}" for prefix in prefixes]


def evidence_columns(indicator, records: Records) -> dict[str, SQL]:
    """``{x<k>: aggregate}`` (and ``y<k>``) over the records."""
    clock = records.clock
    value = aggregate(indicator, records)
    during = SQL("%s FILTER (WHERE %s)", value, records.within(clock.window(indicator)))
    if indicator.aggregate == "recency":
        during = SQL("%s - %s", clock.as_of, during)
    columns = {f"x{indicator.slot}": during}
    if indicator.aggregate == "growth":
        before = records.within(clock.window(indicator, back=1))
        columns[f"y{indicator.slot}"] = SQL("%s FILTER (WHERE %s)", value, before)
    return columns


def aggregate(indicator, records: Records) -> SQL:
    """The aggregate function call, to be filtered by the window."""
    kind = indicator.aggregate
    if kind in ("count", "rate"):
        if indicator.decays:
            return SQL("SUM(%s)", decay(indicator, records))
        return SQL("COUNT(*)")
    if kind == "distinct":
        return SQL("COUNT(DISTINCT %s)", records.path(indicator.distinct_path))
    if kind == "recency":
        return SQL("MAX(%s)", records.stamp.local_day(records.clock.tz))
    if kind == "months":
        return SQL(
            "COUNT(DISTINCT DATE_TRUNC('month', %s))",
            records.stamp.local_day(records.clock.tz),
        )
    amount = records.source._amount_sql(records.query)
    if kind == "sum" and indicator.decays:
        return SQL("SUM(%s * %s)", amount, decay(indicator, records))
    function = {"avg": "AVG", "min": "MIN", "max": "MAX"}.get(kind, "SUM")
    return SQL("%s(%s)", SQL(function), amount)


def decay(indicator, records: Records) -> SQL:
    """One half to the power of age over half-life."""
    clock = records.clock
    age = SQL("(%s - %s)", clock.as_of, records.stamp.local_day(clock.tz))
    return SQL("POWER(0.5, %s::numeric / %s)", age, indicator.half_life)


def occasion_columns(indicator, records: Records) -> dict[str, SQL]:
    """``{o<k>: …}``: how often the customer was asked, invited or due in the window."""
    inside = records.within(records.clock.window(indicator))
    return {f"o{indicator.slot}": SQL("NULLIF(COUNT(*) FILTER (WHERE %s), 0)", inside)}


def span(indicators, clock: Clock) -> Window:
    """The days that any of the indicators looks at."""
    windows = []
    for indicator in indicators:
        back = 1 if indicator.aggregate == "growth" else 0
        windows.append(clock.window(indicator, back))
        windows.append(clock.window(indicator))
    firsts = [window.first for window in windows]
    first = None if None in firsts else min(firsts)
    return Window(first, max(window.last for window in windows))


def raw_value(indicator) -> SQL:
    """``x`` as it is kept: six decimals, so that the order of a sum cannot matter."""
    own = column("x", indicator)
    if indicator.scale == "enumeration":
        return SQL("NULL::float8")
    if indicator.aggregate == "growth":
        before = column("y", indicator)
        own = SQL(
            "CASE WHEN %s > 0 THEN 100.0 * (COALESCE(%s, 0) - %s) / %s END",
            before,
            own,
            before,
            before,
        )
    elif indicator.aggregate == "rate":
        occasions = column("o", indicator)
        own = SQL(
            "CASE WHEN %s > 0 THEN LEAST(100.0 * COALESCE(%s, 0) / %s, 100) END",
            occasions,
            own,
            occasions,
        )
    elif indicator.missing == "unranked" and indicator.aggregate in COUNTING:
        own = SQL("NULLIF(%s, 0)", own)
    elif indicator.missing == "unranked":
        pass
    elif indicator.aggregate in COUNTING or indicator.aggregate == "sum":
        own = SQL("COALESCE(%s, 0)", own)
    return SQL("NULLIF(ROUND((%s)::numeric, 6), 'NaN')::float8", own)


def evidence_state(indicator) -> SQL:
    """NONE or MEASURED: not asked and not there are not the same as zero."""
    conditions = []
    if indicator.opportunity_source_id:
        conditions.append(SQL("COALESCE(%s, 0) = 0", column("o", indicator)))
    elif indicator.missing == "ignore":
        conditions.append(nothing_there(indicator))
    if not conditions:
        return SQL("%s::smallint", MEASURED)
    return SQL(
        "(CASE WHEN %s THEN %s ELSE %s END)::smallint",
        SQL(" OR ").join(conditions),
        NONE,
        MEASURED,
    )


def nothing_there(indicator) -> SQL:
    own = column("v" if indicator.scale == "enumeration" else "x", indicator)
    if indicator.aggregate in COUNTING:
        return SQL("COALESCE(%s, 0) = 0", own)
    if indicator.aggregate == "growth":
        return SQL("COALESCE(%s, 0) <= 0", column("y", indicator))
    return SQL("%s IS NULL", own)


def points(indicator) -> SQL:
    """Points of the raw value ``x<k>``: see ``tools/scale.py`` for the meaning."""
    if indicator.scale == "enumeration":
        return enumeration_points(indicator, column("v", indicator))
    value = column("x", indicator)
    scale = indicator._scale_points()
    if not scale:
        return SQL("0::float8")
    if indicator.scale == "interpolated":
        ladder = interpolated_ladder(scale, value)
    else:
        ladder = step_ladder(scale, value)
    return SQL("(CASE WHEN %s IS NULL THEN 0 %s END)::float8", value, ladder)


def step_ladder(scale, value: SQL) -> SQL:
    steps = [
        SQL("WHEN %s >= %s THEN %s", value, threshold, gained)
        for threshold, gained in reversed(scale)
        if threshold != float("-inf")
    ]
    lowest = scale[0][1] if scale[0][0] == float("-inf") else 0
    return SQL("%s ELSE %s", SQL(" ").join(steps), lowest)


def interpolated_ladder(scale, value: SQL) -> SQL:
    steps = [SQL("WHEN %s >= %s THEN %s", value, *scale[-1])]
    pairs = list(zip(scale, scale[1:], strict=False))
    for (low, low_points), (high, high_points) in reversed(pairs):
        steps.append(
            SQL(
                "WHEN %s >= %s THEN %s + %s * (%s - %s)",
                value,
                low,
                low_points,
                (high_points - low_points) / (high - low),
                value,
                low,
            )
        )
    return SQL("%s ELSE %s", SQL(" ").join(steps), scale[0][1])


def enumeration_points(indicator, value: SQL) -> SQL:
    """Points by value (text); for several values at once the best one counts."""
    by_points = {}
    for band in indicator.band_ids:
        by_points.setdefault(band.points, []).append(band.match_value or "")
    steps = [
        SQL("WHEN %s && %s::text[] THEN %s", value, by_points[gained], gained)
        for gained in sorted(by_points, reverse=True)
    ]
    if not steps:
        return SQL("0::float8")
    return SQL("(CASE %s ELSE 0 END)::float8", SQL(" ").join(steps))
