"""From a raw measure to points: the scales of an indicator.

A scale is a list of ``(threshold, points)`` in ascending order of threshold. The
engine says the same in SQL (``models/customer_value_engine.py``); this is the form
the screen uses, and the place where the meaning is written down.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

Scale = Sequence[tuple[float, float]]


class NextBand(NamedTuple):
    """What lifts a customer: the measure still missing and the points it brings."""

    threshold: float
    distance: float
    points: float


def step_points(value: float, scale: Scale) -> float:
    """Points of the highest band whose lower edge (inclusive) ``value`` reaches.

    Below the first edge there are no points.

    >>> step_points(10, [(0, 20), (10, 60)]), step_points(-1, [(0, 20)])
    (60, 0.0)
    """
    at = bisect_right([threshold for threshold, __ in scale], value)
    return scale[at - 1][1] if at else 0.0


def interpolated_points(value: float, scale: Scale) -> float:
    """Points on the line through the bands' edges, flat outside the first and last.

    >>> interpolated_points(5, [(0, 0), (10, 100)])
    50.0
    """
    at = bisect_right([threshold for threshold, __ in scale], value)
    if at == 0:
        return scale[0][1] if scale else 0.0
    if at == len(scale):
        return scale[-1][1]
    (low, low_points), (high, high_points) = scale[at - 1], scale[at]
    return low_points + (high_points - low_points) * (value - low) / (high - low)


def next_better_band(value: float, points: float, scale: Scale) -> NextBand | None:
    """The nearest band that brings more points than now, above or below ``value``.

    Scales may fall (days since the last purchase), so the better band can lie on
    either side. ``distance`` is signed: what has to be added to ``value``. On the
    falling side the measure has to drop below the current band's edge, whose
    threshold is returned. ``None`` at the top.
    """
    better = [
        (abs(threshold - value), threshold, gained)
        for threshold, gained in scale
        if gained > points and threshold > value
    ]
    better += [
        (abs(value - upper), upper, gained)
        for (__, gained), (upper, __p) in zip(scale, scale[1:], strict=False)
        if gained > points and upper <= value
    ]
    if not better:
        return None
    __, threshold, gained = min(better)
    return NextBand(threshold, threshold - value, gained)
