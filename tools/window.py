"""Days and windows: where a measure begins and ends, in the company's time zone."""

from datetime import date, datetime, time, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta


class Window(NamedTuple):
    """Days ``first`` to ``last``, both included; ``first`` None means since ever."""

    first: date | None
    last: date


def window_ending(as_of: date, number: int, unit: str, shift: int = 0) -> Window:
    """The window of ``number`` days, months or years that ends at ``as_of``.

    ``shift`` goes back by whole windows. ``number`` 0 is everything up to ``as_of``.
    Month ends clip as calendars do: one month ending 31 March begins on 1 March,
    one month ending 28 February begins on 29 January.

    >>> window_ending(date(2026, 3, 31), 1, "month")
    Window(first=datetime.date(2026, 3, 1), last=datetime.date(2026, 3, 31))
    """
    if not number:
        return Window(None, as_of)

    def back(windows: int) -> date:
        return as_of - relativedelta(**{f"{unit}s": number * windows})

    return Window(back(shift + 1) + timedelta(days=1), back(shift))


def month_ends(day: date, count: int) -> list[date]:
    """The last days of the ``count`` months before the month of ``day``, latest first.

    >>> month_ends(date(2026, 3, 31), 2)
    [datetime.date(2026, 2, 28), datetime.date(2026, 1, 31)]
    """
    first = day.replace(day=1)
    return [
        first - relativedelta(months=back) - timedelta(days=1) for back in range(count)
    ]


def local_today(tz: str) -> date:
    """Today where the company is, whatever the server's clock says."""
    return datetime.now(ZoneInfo(tz)).date()


def local_day(instant: datetime, tz: str) -> date:
    """The day of a naive UTC instant, as Odoo stores it, in ``tz``.

    >>> local_day(datetime(2026, 3, 31, 13), "Pacific/Auckland")
    datetime.date(2026, 4, 1)
    """
    return instant.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(tz)).date()


def start_of_day_utc(day: date, tz: str) -> datetime:
    """The naive UTC instant, as Odoo stores it, at which ``day`` begins in ``tz``."""
    local = datetime.combine(day, time.min, tzinfo=ZoneInfo(tz))
    return local.astimezone(timezone.utc).replace(tzinfo=None)
