"""How close we are to somebody, from the contacts we had.

    closeness = 100 * freshness * (0.5 frequency + 0.3 mutuality + 0.2 depth)

    freshness   2 ** -(days since the last contact / 90)
                a quarter of a year of silence halves it: what is not tended fades
    frequency   1 - 2 ** -(days in touch / 6)
                half of what can be had for six days in touch in a year, more for more
    mutuality   1 - 2 ** -(the fewer of days they came to us, days we came to them / 3)
                the rarer direction counts: who only sends is not in a conversation
    depth       mail 0.25, message 0.5, call 0.75, meeting or visit 1
                the deepest contact of the year

Days in touch, directions and depth are those of the last :data:`DAYS` days; a call, a
meeting or a visit goes in both directions. Several contacts of a day count once. So no
contact ever lowers closeness; only silence does. That ties are strong by time spent,
intimacy and reciprocity is Granovetter's (*The Strength of Weak Ties*, 1973); the
numbers are ours, chosen so that who is met every month in both directions is very
good, who is met each quarter good, and who got one mail fair for a few months.

Who was never in touch is not zero: nothing is known. ``models/customer_closeness.py``
says the same in SQL for everybody at once.
"""

from typing import NamedTuple

DAYS = 365
"""How long a contact counts, but for being the last one."""

HALF_LIFE = 90
HALF_OFTEN = 6
HALF_MUTUAL = 3
WEIGHTS = {"frequency": 0.5, "mutuality": 0.3, "depth": 0.2}
DEPTHS = {1: 0.25, 2: 0.5, 3: 0.75, 4: 1.0}
"""Mail, message, call, meeting or visit."""

LEVELS = (("very_good", 60), ("good", 35), ("fair", 5), ("none", 0))
"""From so many points; the first that is reached."""

CAPACITY = 150
"""Ties one person can keep alive (Dunbar, *Neocortex Size as a Constraint on Group Size
in Primates*, 1992: about 150)."""


class Contacts(NamedTuple):
    """What is known of the contacts with somebody.

    :param silence: days since the last one, 0 is today; None: never in touch
    :param days: days in touch
    :param days_in: of these, days on which they came to us
    :param days_out: days on which we came to them
    :param depth: of the deepest, 0 if there was none in the year
    """

    silence: int | None
    days: int = 0
    days_in: int = 0
    days_out: int = 0
    depth: int = 0


def _saturating(count: int, half: int) -> float:
    return 1 - 2 ** (-count / half)


def closeness(contacts: Contacts) -> int | None:
    """Points from 0 to 100, None if nothing is known.

    >>> closeness(Contacts(silence=20, days=12, days_in=6, days_out=12, depth=4))
    69
    >>> closeness(Contacts(silence=10, days=1, days_out=1, depth=1))
    10
    >>> closeness(Contacts(silence=None))
    """
    if contacts.silence is None:
        return None
    parts = {
        "frequency": _saturating(contacts.days, HALF_OFTEN),
        "mutuality": _saturating(min(contacts.days_in, contacts.days_out), HALF_MUTUAL),
        "depth": DEPTHS.get(contacts.depth, 0.0),
    }
    fresh = 2 ** (-max(contacts.silence, 0) / HALF_LIFE)
    points = sum(WEIGHTS[name] * part for name, part in parts.items())
    return int(100 * fresh * points + 0.5)


def level(score: int | None) -> str | None:
    """In words, by :data:`LEVELS`."""
    if score is None:
        return None
    return next(code for code, least in LEVELS if score >= least)


def tie(contacts: Contacts) -> str | None:
    """Strong: good or better, and in both directions. Sleeping: faded. Else weak."""
    reached = level(closeness(contacts))
    if reached in (None, "none"):
        return reached and "sleeping"
    is_mutual = bool(contacts.days_in and contacts.days_out)
    return "strong" if is_mutual and reached in ("very_good", "good") else "weak"
