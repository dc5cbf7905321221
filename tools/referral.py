"""What becomes of a referral: a pure function of what is known of it on a day."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

DECISIONS = ("approved", "void", "flagged")
"""What a manager may say of a referral."""

HOUSEHOLD = ("same_company", "same_address", "same_phone", "same_email")

PHONE_DIGITS = 8
"""So many last digits make a phone number one's own, however the rest is written."""


class Verdict(NamedTuple):
    state: str
    reason: str | None


@dataclass(frozen=True)
class Rules:
    """A company's rules, see the settings."""

    window_days: int
    hold_days: int
    cap: int


@dataclass(frozen=True)
class Facts:
    """What is known of one referral.

    ``day`` is the day of the referral; ``purchase_day`` that of the first purchase
    that reaches the minimum inside the window, net of what was taken back;
    ``bought_less`` tells that there was one below it. ``earned`` counts the other
    referrals of the same referrer that were not refused in the year before.
    ``reward_used`` is None while nothing was given.
    """

    day: date
    decision: str | None = None
    withdrawn: bool = False
    document_gone: bool = False
    referrer_known: bool = True
    referrer_archived: bool = False
    referred_known: bool = True
    same_person: bool = False
    circular: bool = False
    not_first: bool = False
    bought_before: bool = False
    household: str | None = None
    bought_less: bool = False
    purchase_day: date | None = None
    earned: int = 0
    reward_used: bool | None = None


def verdict(facts: Facts, rules: Rules, today: date) -> Verdict:
    """State and reason, by the table in the docstring of ``customer.referral``.

    >>> rules = Rules(window_days=180, hold_days=37, cap=0)
    >>> verdict(Facts(day=date(2026, 3, 1)), rules, date(2026, 3, 2))
    Verdict(state='pending', reason='no_purchase')
    """
    if facts.reward_used is not None:
        return _rewarded(facts)
    if facts.decision == "void":
        return Verdict("void", "by_manager")
    refused = _refused(facts)
    if refused:
        return Verdict("void", refused)
    held = _held(facts, rules)
    expired = not facts.purchase_day and today > last_day(facts.day, rules)
    if expired:
        return Verdict("void", "too_little" if facts.bought_less else "expired")
    if held:
        return Verdict("flagged", held)
    return _waiting(facts, rules, today)


def last_day(day: date, rules: Rules) -> date:
    """The last day on which the first purchase may be made."""
    return day + timedelta(days=rules.window_days)


def due_day(purchase_day: date, rules: Rules) -> date:
    """The first day on which the purchase can no longer be returned, and a bit more."""
    return purchase_day + timedelta(days=rules.hold_days)


def _rewarded(facts):
    """A reward stands unless its ground is gone; used ones are for a manager."""
    if facts.decision == "void":
        return Verdict("void", "by_manager")
    gone = facts.same_person or not facts.purchase_day
    if not gone or facts.decision == "approved":
        return Verdict("rewarded", None)
    if facts.reward_used:
        return Verdict("flagged", "reward_used")
    return Verdict("void", "reward_withdrawn")


def _refused(facts):
    reasons = {
        "withdrawn": facts.withdrawn,
        "document_gone": facts.document_gone,
        "same_person": facts.same_person,
        "not_first": facts.not_first,
        "circular": facts.circular,
        "existing_customer": facts.bought_before,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _held(facts, rules):
    """Why nothing goes on without a manager; unknown people cannot be approved."""
    if not facts.referrer_known:
        return "unknown_referrer"
    if not facts.referred_known:
        return "unknown_referred"
    if facts.decision == "flagged":
        return "by_manager"
    if facts.decision == "approved":
        return None
    if facts.referrer_archived:
        return "referrer_archived"
    if facts.household:
        return facts.household
    if rules.cap and facts.earned >= rules.cap:
        return "over_cap"
    return None


def _waiting(facts, rules, today):
    if not facts.purchase_day:
        return Verdict("pending", "bought_less" if facts.bought_less else "no_purchase")
    if today < due_day(facts.purchase_day, rules):
        return Verdict("pending", "may_be_returned")
    return Verdict("qualified", "to_reward")


def phone_tail(text: str | None) -> str | None:
    """The digits by which phone numbers are compared, None of too few.

    >>> phone_tail("021 555 0199") == phone_tail("+64 21 5550199") == "15550199"
    True
    """
    digits = "".join(letter for letter in text or "" if letter.isdigit())
    return digits[-PHONE_DIGITS:] if len(digits) >= PHONE_DIGITS else None
