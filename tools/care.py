"""What a care rule would have done: the same as ``models/care_sql.py``, day by day.

A *course* is a customer's levels in order (see there). Cases begin and end on days on
which the level moved, or on the first day: in between the window only gets shorter. So
the cases of a quarter are found by walking through a few rows, without a query for
every day.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple


class Level(NamedTuple):
    """A row of a course; it stood until the day before ``until``, None for now."""

    day: date
    until: date | None
    seg: int
    level: int
    shift: int = 0
    rank: int | None = None

    @property
    def own(self):
        """What the customer himself did to the level."""
        return self.level - self.shift


class Watch(NamedTuple):
    """What a rule looks for.

    :param sign: 1 for a fall, -1 for a rise
    :param days: of the window, None for ever
    :param target: the level that has to be reached exactly, or None
    :param by_tier: a case ends when the former tier is regained, too, unless steps
        moved the score meanwhile
    """

    sign: int
    threshold: int
    days: int | None
    target: int | None = None
    by_tier: bool = False


class Episode(NamedTuple):
    """A case: the last day of the former level, and its first and last day."""

    former_day: date
    opened: date
    closed: date | None


def episodes(
    course: Sequence[Level],
    first: date,
    last: date,
    watch: Watch,
    meant: Callable[[date, date], bool] = lambda former_day, day: True,
) -> list[Episode]:
    """The cases of one customer if the rule had been active since ``first``.

    ``meant(former day, day)`` tells whether the rule speaks of the customer then.
    """
    found = []
    case = closed = None
    days = {first, *(row.day for row in course if first < row.day <= last)}
    for day in sorted(days):
        at = _standing(course, day)
        if at is None:
            continue
        now = course[at]
        if case and _is_recovered(now, *case[:2], watch):
            former, __, opened = case
            found.append(Episode(_last_day(former), opened, day))
            case, closed = None, day
        elif not case:
            former = _former(course[:at], now, day, closed, watch)
            if former and meant(_last_day(former), day):
                case = former, now, day
    if case:
        found.append(Episode(_last_day(case[0]), case[2], None))
    return found


def _standing(course, day):
    """The place of the last row until a day."""
    places = [at for at, row in enumerate(course) if row.day <= day]
    return places[-1] if places else None


def _last_day(former):
    return former.until - timedelta(days=1)


def _former(earlier, now, day, closed, watch):
    """The level from which the customer fell far enough, the latest of the best."""
    begin = day - timedelta(days=watch.days) if watch.days is not None else date.min
    begin = max(begin, closed or date.min)
    stood = [
        row
        for row in earlier
        if row.seg == now.seg and row.until > row.day and row.until > begin
    ]
    if not stood or watch.target not in (None, now.level):
        return None
    best = max(reversed(stood), key=lambda row: watch.sign * row.own)
    return best if watch.sign * (best.own - now.own) >= watch.threshold else None


def _is_recovered(now, former, opening, watch):
    if watch.sign * (now.own - former.own) >= 0:
        return True
    ranks = (opening.rank, former.rank, now.rank)
    if not watch.by_tier or None in ranks or now.shift != former.shift:
        return False
    return opening.rank < former.rank <= now.rank


class Load(NamedTuple):
    """What a person would have got: cases, the most on a day, the longest queue."""

    count: int
    busiest: int
    waiting: int


def load(days: Sequence[date], cap: int) -> Load:
    """The load of cases that come on ``days`` when ``cap`` are given out a day.

    >>> load([date(2026, 3, 1)] * 3 + [date(2026, 3, 2)], 2)
    Load(count=4, busiest=3, waiting=1)
    """
    counts = Counter(days)
    waiting = most_waiting = 0
    for day in sorted({*counts, *_days_until_done(counts)}):
        waiting = max(waiting + counts[day] - cap, 0)
        most_waiting = max(most_waiting, waiting)
    return Load(len(days), max(counts.values(), default=0), most_waiting)


def _days_until_done(counts):
    """Every day from the first case to the last one."""
    if not counts:
        return []
    first, last = min(counts), max(counts)
    return [first + timedelta(days=number) for number in range((last - first).days)]
