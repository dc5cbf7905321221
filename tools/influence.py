"""Who decides, who holds it, and which way leads there: arithmetic of the map.

*Decision weight.* Each seat has a base weight, its power times the most its roles give.
A decision is followed back to where it is made: start with a seat drawn by base
weight; at each step the walk ends with probability ``1 - DAMPING``, else it asks whom
this person listens to. The chance to go on to source ``s`` of an influence on ``t`` is

    strength(s, t) / (OWN_MIND + sum of the strengths on t)

and with what is left, ``OWN_MIND / (...)``, the person keeps to the own mind. The
weight of a seat is the chance that the walk ends there:

    w = (1 - d) * b + d * w P        P: the matrix of these chances, its rows sum to 1

This is a random walk with restart (Page, Brin et al., 1998; Tong et al., 2006) on the
influence lines turned round. As ``d < 1`` it has one solution whatever circles the
lines run in, and as rows of P sum to 1 the weights sum to the base weights' sum: 100 %.

*Paths.* The strength of a chain is the product of the strengths of its links, each
between 0 and 1. The strongest chain is the shortest one where a link is as long as
``-log(strength)``, so Dijkstra (1959) finds it.
"""

import heapq
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import exp, inf, log
from typing import NamedTuple

DAMPING = 0.6
"""It is asked 1.5 times on average who is listened to: influence stays near."""

OWN_MIND = 8.0
"""Whom a single influence of the greatest strength (5) sways, follows it 5 times in 13:
about a third of the weight goes over."""

TIE_SHARE = 0.5
"""A personal tie sways half as much as influence of that strength, in both ways."""

UNKNOWN_POWER = 1.0
ROUNDS = 60
"""The rest of the walk after so many steps is below 1e-13."""

SUPPORTIVE = ("supporter", "favourable")
OPPOSING = ("critical", "opponent")
GREEN_FROM = 50.0
AMBER_FROM = 25.0

SILENT_DAYS = 30
UNAWARE_DAYS = 90
OPPOSED_FROM = 10.0
"""Percent of the weight from which opposition has to be answered."""

ENOUGH_SEATS = 3
"""From so many people on, one thread is too few."""

HALF_LIFE = 180.0
"""Days after which a contact counts half as evidence of being close."""

POINTS_OF = {"meeting": 3.0, "call": 2.0, "activity": 1.0, "mail": 1.0, "order": 1.5}
WARM_POINTS = 5.0
CLOSE_FROM = ((8.0, 3), (3.0, 2), (0.75, 1))
"""Points of evidence, and how close we may call it."""

Node = Hashable


class Edge(NamedTuple):
    """``kind``: influences, opposes or tie; ``strength`` 1 to 5."""

    source: int
    target: int
    kind: str
    strength: int


class Link(NamedTuple):
    """A step of a chain; ``strength`` above 0, at most 1."""

    start: Node
    end: Node
    strength: float
    how: str = ""


class Path(NamedTuple):
    links: tuple[Link, ...]
    strength: float

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (self.links[0].start, *(link.end for link in self.links))


@dataclass(frozen=True)
class Seat:
    """What gaps are found from.

    :param roles: codes
    :param touches: ``{colleague: day of the last contact}``
    :param owners: colleagues named as ours for this person
    """

    id: int
    weight: float = 0.0
    stance: str = "unknown"
    closeness: int | None = None
    roles: frozenset[str] = frozenset()
    owners: frozenset[int] = frozenset()
    touches: Mapping[int, date] = field(default_factory=dict)
    placeholder: bool = False

    @property
    def last_contact(self) -> date | None:
        return max(self.touches.values(), default=None)


class Gap(NamedTuple):
    """Whom it is about, and who of us where that is the point."""

    code: str
    seats: tuple[int, ...]
    colleagues: tuple[int, ...] = ()


# --------------------------------------------------------------------------- weight


def base_weight(power: int, role_factors: Iterable[float]) -> float:
    """Power (unknown: 0) times the most that a role gives.

    >>> base_weight(4, [1.0, 3.0]), base_weight(0, [])
    (12.0, 1.0)
    """
    return (power or UNKNOWN_POWER) * max(role_factors, default=1.0)


def decision_weights(
    base: Mapping[int, float], edges: Iterable[Edge], damping: float = DAMPING
) -> dict[int, float]:
    """Percent of the decision that each seat holds; see the top of this file.

    >>> weights = decision_weights({1: 9, 2: 1}, [Edge(2, 1, "influences", 5)])
    >>> {seat: round(weight) for seat, weight in weights.items()}
    {1: 57, 2: 43}
    """
    total = sum(base.values())
    if not base or total <= 0:
        return {seat: 100.0 / len(base) for seat in base}
    start = {seat: value / total for seat, value in base.items()}
    heard = _chances(start, edges)
    weights = dict.fromkeys(start, 0.0)
    walking = start
    for __ in range(ROUNDS):
        following = dict.fromkeys(start, 0.0)
        for seat, chance in walking.items():
            weights[seat] += (1 - damping) * chance
            for source, share in heard[seat].items():
                following[source] += damping * chance * share
        walking = following
    scale = 100.0 / sum(weights.values())
    return {seat: weight * scale for seat, weight in weights.items()}


def _chances(
    seats: Iterable[int], edges: Iterable[Edge]
) -> dict[int, dict[int, float]]:
    """``{seat: {whom it listens to, itself included: chance}}``."""
    heard: dict[int, dict[int, float]] = {seat: {seat: OWN_MIND} for seat in seats}
    for source, target, kind, strength in edges:
        if source == target or source not in heard or target not in heard:
            continue
        if kind == "influences":
            heard[target][source] = heard[target].get(source, 0.0) + strength
        elif kind == "tie":
            for one, other in ((source, target), (target, source)):
                sway = heard[other].get(one, 0.0) + TIE_SHARE * strength
                heard[other][one] = sway
    return {
        seat: {one: sway / sum(sways.values()) for one, sway in sways.items()}
        for seat, sways in heard.items()
    }


# ------------------------------------------------------------------------- coverage


class Coverage(NamedTuple):
    """``percent`` of the weight that is held by people who are for us."""

    colour: str
    percent: float


def coverage(seats: Sequence[Seat]) -> Coverage:
    """Green from 50 % held by supporters, amber from 25 %, else red.

    Whatever they hold, it is at best amber while those against us hold as much, and
    unknown, not red, while nobody's stance is known.

    >>> coverage([Seat(1, 60.0, "supporter"), Seat(2, 40.0, "unknown")])
    Coverage(colour='green', percent=60.0)
    """
    if all(seat.stance == "unknown" for seat in seats):
        return Coverage("unknown", 0.0)
    held = sum(seat.weight for seat in seats if seat.stance in SUPPORTIVE)
    against = sum(seat.weight for seat in seats if seat.stance in OPPOSING)
    if held >= GREEN_FROM and held > against:
        return Coverage("green", held)
    return Coverage("amber" if held >= AMBER_FROM else "red", held)


def gaps(seats: Sequence[Seat], edges: Iterable[Edge], today: date) -> list[Gap]:
    """Where the map is thin, the gravest first."""
    seats = sorted(seats, key=lambda seat: (-seat.weight, seat.id))
    if not seats:
        return []
    known = [seat for seat in seats if not seat.placeholder]
    champions = [seat for seat in known if "champion" in seat.roles]
    found = [
        ("decider_untouched", _untouched_deciders(seats)),
        ("opposition_unanswered", _unanswered(seats, edges)),
        ("one_owner", _held_by_one_owner(known)),
        ("one_contact", _known_by_one_contact(known)),
        ("champion_silent", [one for one in champions if _silent(one, today)]),
        ("colleagues_unaware", [one for one in known if _unaware(one, today)]),
    ]
    listed = [
        Gap(code, tuple(seat.id for seat in concerned), _who(code, concerned, today))
        for code, concerned in found
        if concerned
    ]
    return listed if champions else [Gap("no_champion", ()), *listed]


def _untouched_deciders(seats: Iterable[Seat]) -> list[Seat]:
    return [
        seat
        for seat in seats
        if "decision_maker" in seat.roles and not seat.last_contact
    ]


def _unanswered(seats: Sequence[Seat], edges: Iterable[Edge]) -> list[Seat]:
    """Those against us who weigh something, and whom no supporter works on."""
    friends = {seat.id for seat in seats if seat.stance in SUPPORTIVE}
    answered = set()
    for source, target, kind, __ in edges:
        if source in friends:
            answered.add(target)
        if target in friends and kind == "tie":
            answered.add(source)
    return [
        seat
        for seat in seats
        if seat.stance in OPPOSING
        and seat.weight >= OPPOSED_FROM
        and seat.id not in answered
    ]


def _held_by_one_owner(known: Sequence[Seat]) -> list[Seat]:
    """All threads run through one colleague."""
    threads = [seat for seat in known if _ours(seat)]
    ours = set().union(*map(_ours, threads))
    return threads if len(known) >= ENOUGH_SEATS and len(ours) == 1 else []


def _ours(seat: Seat) -> set[int]:
    return {*seat.owners, *seat.touches}


def _known_by_one_contact(known: Sequence[Seat]) -> list[Seat]:
    """We know one person only."""
    met = [seat for seat in known if seat.touches or (seat.closeness or 0) > 0]
    return met if len(known) >= ENOUGH_SEATS and len(met) == 1 else []


def _silent(seat: Seat, today: date) -> bool:
    last = seat.last_contact
    return last is None or (today - last).days > SILENT_DAYS


def _unaware(seat: Seat, today: date) -> bool:
    """Two colleagues are in touch with the person, one of them not named as ours."""
    fresh = _in_touch(seat, today)
    return len(fresh) > 1 and not fresh <= seat.owners


def _in_touch(seat: Seat, today: date) -> set[int]:
    return {
        user for user, day in seat.touches.items() if (today - day).days <= UNAWARE_DAYS
    }


def _who(code: str, concerned: Iterable[Seat], today: date) -> tuple[int, ...]:
    """The colleagues a gap is about."""
    if code == "one_owner":
        found = set().union(*map(_ours, concerned))
    elif code == "colleagues_unaware":
        found = set().union(*(_in_touch(seat, today) for seat in concerned))
    else:
        found = set()
    return tuple(sorted(found))


# ------------------------------------------------------------------------ closeness


def evidence_points(touches: Iterable[tuple[str, int]]) -> float:
    """What contacts, each a kind and its age in days, say about being close.

    >>> evidence_points([("meeting", 0), ("mail", 180)])
    3.5
    """
    return sum(
        POINTS_OF.get(kind, 1.0) * 0.5 ** (max(age, 0) / HALF_LIFE)
        for kind, age in touches
    )


def warmth(points: float) -> float:
    """Strength of a tie between 0 and 1 by points of evidence.

    >>> round(warmth(5), 2)
    0.63
    """
    return 1 - exp(-points / WARM_POINTS)


def closeness_of(points: float) -> int:
    """0 to 3.

    >>> [closeness_of(points) for points in (0, 1, 4, 9)]
    [0, 1, 2, 3]
    """
    return next((level for least, level in CLOSE_FROM if points >= least), 0)


# ----------------------------------------------------------------------------- paths


def best_chains(links: Iterable[Link], target: Node) -> dict[Node, Path]:
    """The strongest chain to ``target`` from everywhere it can be reached from.

    Of chains of the same strength the one with fewer links.
    """
    into: dict[Node, list[Link]] = {}
    for link in links:
        into.setdefault(link.end, []).append(link)
    best: dict[Node, tuple[float, int]] = {target: (0.0, 0)}
    onward: dict[Node, Link] = {}
    queue: list[tuple[float, int, int, Node]] = [(0.0, 0, 0, target)]
    pushed, done = 0, set()
    while queue:
        length, hops, __, node = heapq.heappop(queue)
        if node in done:
            continue
        done.add(node)
        for link in into.get(node, ()):
            if not 0 < link.strength <= 1:
                continue
            candidate = (length - log(link.strength), hops + 1)
            if candidate < best.get(link.start, (inf, 0)) and link.start not in done:
                best[link.start] = candidate
                onward[link.start] = link
                pushed += 1
                heapq.heappush(queue, (*candidate, pushed, link.start))
    return {node: _follow(node, onward, target) for node in onward}


def _follow(start: Node, onward: Mapping[Node, Link], target: Node) -> Path:
    links, strength = [], 1.0
    while start != target:
        link = onward[start]
        links.append(link)
        strength *= link.strength
        start = link.end
    return Path(tuple(links), strength)


def best_paths(
    links: Sequence[Link], starts: Iterable[Node], target: Node, limit: int = 3
) -> list[Path]:
    """The strongest ways to ``target``, each by another first step from ``starts``.

    Starts are only started from: no link leads to one.
    """
    starts = set(starts)
    inner = [link for link in links if link.start not in starts]
    onward = best_chains(inner, target)
    found = []
    for link in links:
        if link.start not in starts or not 0 < link.strength <= 1:
            continue
        if link.end == target:
            found.append(Path((link,), link.strength))
        elif link.end in onward:
            rest = onward[link.end]
            found.append(Path((link, *rest.links), link.strength * rest.strength))
    found.sort(key=lambda path: (-path.strength, len(path.links), str(path.nodes)))
    return found[:limit]


# ----------------------------------------------------------------------------- titles

TITLE_LEVELS = (
    (1, ("owner", "founder", "ceo", "president", "managing director", "chairman")),
    (1, ("general manager", "chief executive", "geschaeftsfuehrer")),
    (2, ("chief", "cfo", "coo", "cto", "cio", "vice president", "vp", "director")),
    (3, ("head", "lead", "leiter", "leiterin")),
    (4, ("manager", "supervisor", "chef")),
    (5, ("buyer", "purchaser", "engineer", "specialist", "clerk", "assistant")),
)

TITLE_ROLES = (
    ("decision_maker", TITLE_LEVELS[0][1] + TITLE_LEVELS[1][1]),
    ("approver", ("finance", "cfo", "controller", "treasurer", "accounting")),
    ("evaluator", ("purchasing", "procurement", "buyer", "purchaser", "sourcing")),
    ("gatekeeper", ("assistant", "secretary", "reception", "office")),
    ("user", ("chef", "kitchen", "engineer", "warehouse", "operations", "production")),
)

DEPARTMENTS = {
    "purchasing": ("purchasing", "procurement", "buyer", "purchaser", "sourcing"),
    "finance": ("finance", "cfo", "controller", "treasurer", "accounting"),
    "production": ("production", "engineer", "plant", "operations", "coo"),
    "kitchen": ("kitchen", "chef"),
    "logistics": ("warehouse", "logistics", "delivery"),
    "it": ("it", "cio", "cto", "software"),
}


def _says(title: str, words: Iterable[str]) -> bool:
    plain = f" {' '.join(title.lower().replace('-', ' ').replace(',', ' ').split())} "
    return any(f" {word} " in plain for word in words)


def title_level(title: str) -> int | None:
    """How far from the top a job title speaks of; None where it does not say.

    >>> [title_level(title) for title in ("CEO", "Purchasing Director", "Poet")]
    [1, 2, None]
    """
    if _says(title, ("former", "ex")):
        return None
    return next((level for level, words in TITLE_LEVELS if _says(title, words)), None)


def title_roles(title: str) -> list[str]:
    """Codes of roles a job title suggests.

    >>> title_roles("Assistant Buyer")
    ['evaluator', 'gatekeeper']
    """
    if _says(title, ("former", "ex")):
        return []
    return [role for role, words in TITLE_ROLES if _says(title, words)]


def title_department(title: str) -> str | None:
    return next(
        (name for name, words in DEPARTMENTS.items() if _says(title, words)), None
    )


def reports_to(titles: Mapping[int, str]) -> dict[int, int]:
    """Whom people may report to by their titles, where only one comes into question.

    The nearest level above in the same department; without one there, the nearest
    level above among those who stand over departments.

    >>> reports_to({1: "CEO", 2: "Purchasing Director", 3: "Buyer"})
    {2: 1, 3: 2}
    """
    levels = {one: title_level(title) for one, title in titles.items()}
    rooms = {one: title_department(title) for one, title in titles.items()}
    lines = {}
    for person, level in levels.items():
        if level is None or level == 1:
            continue
        above = [other for other, at in levels.items() if at is not None and at < level]
        same = [one for one in above if rooms[person] and rooms[one] == rooms[person]]
        above = same or [one for one in above if rooms[one] is None]
        nearest = max((levels[one] or 0 for one in above), default=0)
        bosses = [one for one in above if levels[one] == nearest]
        if len(bosses) == 1:
            lines[person] = bosses[0]
    return lines


# ---------------------------------------------------------------------------- cycles


def cycle_from(start: int, manager_of: Mapping[int, int]) -> list[int]:
    """The circle of reporting lines through ``start``, or an empty list.

    >>> cycle_from(1, {1: 2, 2: 3, 3: 1}), cycle_from(1, {1: 2, 2: 3, 3: 2})
    ([1, 2, 3], [])
    """
    walked, at = [], start
    while at and at not in walked:
        walked.append(at)
        at = manager_of.get(at, 0)
    return walked if at == start else []
