"""A customer's own rhythm, and when a silence is longer than it should be.

A purchase day counts once, however often somebody bought on it. Between purchase days
lie *intervals*. How long the next one may be expected to last is the customer's own
mean, shrunk to the mean of the population (the *pooled* mean):

    expected = (m * own mean + k * pooled mean) / (m + k)        m: own intervals

This is the empirical-Bayes estimate of a mean from few observations (Efron and Morris,
*Stein's Estimation Rule and Its Competitors*, 1973; in the credibility theory of
insurance Buehlmann's formula, 1967): the less is known of somebody, the more she is
taken for one of all. ``k`` says how many own intervals weigh as much as the population.
Who bought once has no own interval: the population's mean is expected.

How late is late is asked of the population as well. Each interval that came to its end
has a ratio: its length over what was expected when it began. If 80 of 100 ratios are
below 1.7, then 80 of 100 customers who come back do so before 1.7 times the expected
interval is over; who stays away longer is *at risk*.

``models/customer_loyalty_sql.py`` says the same in SQL for everybody at once.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil, floor, log
from typing import NamedTuple

SHRINKAGE = 2.0
"""``k``: two own intervals (three purchase days) weigh as much as the population."""

ENOUGH = 30
"""With fewer intervals in all, percentiles are those of :func:`random_percentile`."""

PERCENTS = range(1, 100)


class Rhythm(NamedTuple):
    """What the intervals of a population have in common.

    :param pooled: their mean in days, or None if there are none
    :param percentiles: the ratio that so many percent stay below, from 1 to 99
    """

    pooled: float | None
    percentiles: Sequence[float]

    def percentile(self, percent: int) -> float:
        return self.percentiles[percent - 1]


class Return(NamedTuple):
    """A purchase day after another: how long she stayed away, what was expected."""

    day: date
    interval: int
    expected: float


def intervals(days: Sequence[date]) -> list[int]:
    """Days between purchase days in ascending order, each of them once.

    >>> intervals([date(2024, 2, 28), date(2024, 3, 1)])
    [2]
    """
    return [(b - a).days for a, b in zip(days, days[1:], strict=False)]


def expected_interval(
    own: Sequence[int], pooled: float | None, shrinkage: float = SHRINKAGE
) -> float | None:
    """Days until the next purchase; None if neither own nor others' are known.

    >>> expected_interval([10, 20], 30)
    22.5
    """
    if pooled is None:
        return sum(own) / len(own) if own else None
    return (sum(own) + shrinkage * pooled) / (len(own) + shrinkage)


def returns(
    days: Sequence[date], pooled: float | None, shrinkage: float = SHRINKAGE
) -> list[Return]:
    """Each interval beside what the intervals before it let expect."""
    own = intervals(days)
    found = []
    for at, (day, interval) in enumerate(zip(days[1:], own, strict=True)):
        expected = expected_interval(own[:at], pooled, shrinkage)
        if expected is not None:
            found.append(Return(day, interval, expected))
    return found


def measure_rhythm(
    population: Sequence[Sequence[date]], shrinkage: float = SHRINKAGE
) -> Rhythm:
    """The rhythm of customers, each given by the purchase days in ascending order."""
    pool = [interval for days in population for interval in intervals(days)]
    if not pool:
        return Rhythm(None, [random_percentile(percent) for percent in PERCENTS])
    pooled = sum(pool) / len(pool)
    if len(pool) < ENOUGH:
        return Rhythm(pooled, [random_percentile(percent) for percent in PERCENTS])
    ratios = sorted(
        one.interval / one.expected
        for days in population
        for one in returns(days, pooled, shrinkage)
    )
    return Rhythm(pooled, [quantile(ratios, percent / 100) for percent in PERCENTS])


def quantile(ordered: Sequence[float], share: float) -> float:
    """By linear interpolation between neighbours (``PERCENTILE_CONT`` of SQL).

    >>> quantile([1, 2, 4], 0.75)
    3.0
    """
    at = share * (len(ordered) - 1)
    low = floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def random_percentile(percent: int) -> float:
    """The ratio that so many percent stay below if purchases come at random.

    Intervals are then distributed exponentially: nothing but their mean is assumed.

    >>> round(random_percentile(80), 3), round(random_percentile(95), 3)
    (1.609, 2.996)
    """
    return -log(1 - percent / 100)


def days_allowed(expected: float, ratio: float) -> int:
    """After so many days of silence the ratio is reached.

    Rounded at the sixth decimal first, so that arithmetic noise moves nobody.
    """
    return ceil(round(expected * ratio, 6))


def late_from(last: date, expected: float, ratio: float) -> date:
    """The first day on which a customer who last bought on ``last`` is that late."""
    return last + timedelta(days=days_allowed(expected, ratio))


def rhythm_kept(elapsed: float, expected: float, lost: float) -> float:
    """100 while the next purchase is not due yet, 0 from ``lost`` times it on.

    >>> rhythm_kept(10, 30, 3), rhythm_kept(60, 30, 3), rhythm_kept(200, 30, 3)
    (100.0, 50.0, 0.0)
    """
    if elapsed <= expected:
        return 100.0
    if lost <= 1:
        return 0.0
    return max(0.0, 100.0 * (lost - elapsed / expected) / (lost - 1))
