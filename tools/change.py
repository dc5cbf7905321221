"""Why a score changed: an exact account of the difference between two standings.

A score is S = sum of a_k * s_k over the indicators with evidence, a_k being the share
of k's weight among the evidenced weights and s_k its points. Between two standings

    D_k = (a0 + a1) / 2 * (s1 - s0)             the points changed
    W_k = (a1 - a0) * ((s0 + s1) / 2 - m)       the share changed

with m the mean of both scores, and the sum of all D and W is S1 - S0: the product rule
in finite differences, as in Shapley's value of two factors. Subtracting m changes
nothing in sum, because shares always add up to one; it tells that more weight on an
indicator better than the score raises it. Who has no evidence on one side takes the
points of the other, so that evidence which appears or disappears is an effect of the
share. Without any evidence on one side there are no shares: m is zero then.

Numbers may be floats or fractions.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Standing:
    """Weights and points of the indicators that have evidence, by a key."""

    weights: Mapping[Hashable, float]
    points: Mapping[Hashable, float]

    @property
    def shares(self) -> dict:
        total = sum(self.weights[key] for key in self.points)
        if not total:
            return {}
        return {key: self.weights[key] / total for key in self.points}

    @property
    def score(self):
        return sum(share * self.points[key] for key, share in self.shares.items())


class Effect(NamedTuple):
    """What an indicator did to the score, in points."""

    points: float
    share: float


def decompose(before: Standing, after: Standing) -> dict[Hashable, Effect]:
    """``{key: effect}``; the effects add up to ``after.score - before.score``."""
    old, new = before.shares, after.shares
    mean = (before.score + after.score) / 2 if old and new else 0
    effects = {}
    for key in [*old, *(key for key in new if key not in old)]:
        a0, a1 = old.get(key, 0), new.get(key, 0)
        s0 = before.points[key] if key in old else after.points[key]
        s1 = after.points[key] if key in new else before.points[key]
        effects[key] = Effect(
            points=(a0 + a1) * (s1 - s0) / 2,
            share=(a1 - a0) * ((s0 + s1) / 2 - mean),
        )
    return effects
