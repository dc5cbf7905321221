"""Rounding that keeps sums: what is shown adds up to what is shown."""

from collections.abc import Sequence
from math import floor


def largest_remainder(values: Sequence[float], total: int | None = None) -> list[int]:
    """Round ``values`` to integers that add up to ``total``.

    Hamilton's method: everyone gets the floor, the units left over go to the
    largest fractions, first come first served on ties. ``total`` defaults to the
    sum rounded half up, the way a score is shown.

    >>> largest_remainder([41.6, 9.6, 21.6])
    [42, 9, 22]
    """
    if total is None:
        total = round_half_up(sum(values))
    floors = [floor(value) for value in values]
    missing = total - sum(floors)
    by_fraction = sorted(
        range(len(values)), key=lambda at: (floors[at] - values[at], at)
    )
    step = 1 if missing >= 0 else -1
    order = by_fraction if missing >= 0 else by_fraction[::-1]
    for turn in range(abs(missing) if values else 0):
        floors[order[turn % len(order)]] += step
    return floors


def round_half_up(value: float) -> int:
    """The integer a score is shown as: 72.5 is shown as 73."""
    return floor(value + 0.5)
