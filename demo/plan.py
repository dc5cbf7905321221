"""Who buys what, when, and what else happens: the demo company's last three years.

Pure and seeded. A day is a number of days ago, so that the same plan is laid before
any today. Nothing here knows Odoo: ``generator`` writes the plan as documents.
"""

import random
from dataclasses import dataclass, field

from . import words

SEED = 20240229
TWO_YEARS = 725
THREE_YEARS = 1085


@dataclass(frozen=True)
class Purchase:
    """An order or a visit to the till."""

    day: int
    channel: str  # order, till
    basket: tuple[tuple[str, int], ...]
    fate: str = "paid"  # paid, open, credited, reduced, uninvoiced, cancelled, returned
    late: int = 0  # days after the due date on which it was paid
    contact: int = 0  # which of the customer's contacts ordered; 0: itself


@dataclass(frozen=True)
class Deal:
    """An opportunity: ``day`` it was found, ``days`` it took until won or lost."""

    day: int
    days: int
    outcome: str  # won, lost, open
    amount: int


@dataclass(frozen=True)
class Touch:
    """Something that happened between people."""

    day: int
    kind: str  # call, todo, meeting, message, mail


@dataclass(frozen=True)
class Asked:
    """We asked for something: an event, a survey, a mailing, a rating."""

    day: int
    what: str  # event, survey, mailing, rating
    answer: int  # 0 nothing, 1 little (opened), 2 much (clicked); a rating: 1..5


@dataclass
class Customer:
    key: str
    kind: str  # consumer, key_account, distributor
    habit: str
    since: int
    name: str = ""
    named: bool = False  # exists already, by the XML id ``demo_<key>``
    tag: str = ""  # distributor, agent, franchisee
    country: str = "US"
    city: str = ""
    currency: str = "USD"
    seller: str = "ana"
    contacts: int = 0
    size: float = 0.0  # of its baskets, against others of its kind
    purchases: list[Purchase] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    touches: list[Touch] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)


@dataclass(frozen=True)
class Type:
    """How many customers of a kind share a habit, how often and how much they buy."""

    kind: str
    habit: str
    count: int
    gap: int
    spend: float


TYPES = (
    Type("consumer", "once", 104, 0, 65),
    Type("consumer", "few", 60, 0, 75),
    Type("consumer", "steady", 26, 70, 95),
    Type("consumer", "steady", 8, 30, 190),
    Type("consumer", "drifted", 17, 60, 90),
    Type("consumer", "fading", 7, 45, 100),
    Type("consumer", "growing", 9, 60, 110),
    Type("consumer", "returned", 4, 55, 90),
    Type("key_account", "steady", 4, 90, 9000),
    Type("key_account", "steady", 7, 175, 2800),
    Type("key_account", "few", 8, 0, 1200),
    Type("key_account", "once", 6, 0, 700),
    Type("key_account", "drifted", 3, 110, 2800),
    Type("key_account", "fading", 2, 90, 3800),
    Type("key_account", "growing", 3, 120, 3200),
    Type("distributor", "steady", 3, 120, 24000),
    Type("distributor", "steady", 4, 200, 8500),
    Type("distributor", "few", 4, 0, 2200),
    Type("distributor", "drifted", 2, 160, 6500),
    Type("distributor", "growing", 3, 140, 7000),
    Type("distributor", "fading", 1, 120, 9000),
)

TAGS = ("franchisee", "franchisee", "distributor", "agent", "distributor")
CURRENCIES = {"FR": "EUR", "DE": "EUR", "GB": "GBP", "CN": "CNY"}
PLACES = {
    "consumer": ("US",),
    "key_account": ("US", "US", "US", "CA", "FR", "GB"),
    "distributor": ("US", "US", "CA", "DE", "FR", "GB", "CN"),
}
REACH = {"consumer": TWO_YEARS, "key_account": TWO_YEARS, "distributor": THREE_YEARS}

# Chances by habit that a question asked is answered with nothing, little, much.
WARMTH = {
    "once": (75, 20, 5),
    "few": (55, 30, 15),
    "steady": (30, 35, 35),
    "growing": (15, 35, 50),
    "returned": (30, 35, 35),
    "drifted": (75, 20, 5),
    "fading": (60, 30, 10),
}


class Plan:
    """The customers of a demo company ``scale`` times as large as the full one.

    ``catalogue`` maps product keys to list prices; baskets are filled from it.
    """

    def __init__(self, catalogue, named=(), scale=1.0, seed=SEED):
        self.random = random.Random(seed)
        self.prices = dict(sorted(catalogue.items()))
        self.names = set()
        self.customers = [story(self) for story in named]
        for kind in TYPES:
            for __ in range(round(kind.count * scale)):
                self.customers.append(self.customer(kind))

    # ------------------------------------------------------------------ customers

    def customer(self, kind):
        reach = REACH[kind.kind]
        since = self.random.randint(30, reach - 20)
        if kind.habit not in ("once", "few"):
            since = self.random.randint(reach * 6 // 10, reach - 5)
        place = self.random.choice(PLACES[kind.kind])
        customer = Customer(
            key="",
            kind=kind.kind,
            habit=kind.habit,
            since=since,
            name=self.name(kind.kind),
            country=place,
            city=self.random.choice(words.CITIES[place]),
            currency=CURRENCIES.get(place, "USD"),
            seller=self.random.choice(("ana", "ana", "mia")),
            contacts=0 if kind.kind == "consumer" else self.random.randint(1, 2),
        )
        if kind.kind == "distributor":
            customer.tag = TAGS[len(self.customers) % len(TAGS)]
        days = self.days(kind.habit, since, kind.gap)
        self.buy(customer, days, kind.spend)
        self.live(customer)
        return customer

    def name(self, kind):
        while True:
            name = self.a_name(kind)
            if name not in self.names:
                self.names.add(name)
                return name

    def a_name(self, kind):
        pick = self.random.choice
        if kind == "consumer":
            return f"{pick(words.GIVEN)} {pick(words.FAMILY)}"
        forms = words.KEY_ACCOUNTS if kind == "key_account" else words.DISTRIBUTORS
        return pick(forms).format(pick(words.FIRST_WORDS))

    # ------------------------------------------------------------------ purchases

    def days(self, habit, since, gap):
        """Days ago of the purchases of a habit, the oldest first."""
        if habit == "once":
            return [since]
        if habit == "few":
            more = self.random.randint(1, 2)
            return sorted(
                {since, *(self.random.randint(2, since) for __ in range(more))},
                reverse=True,
            )
        if habit == "drifted":
            return self.rhythm(since, self.random.randint(120, 330), gap)
        if habit == "fading":
            late = self.random.randint(20, 75)
            return self.rhythm(since, 200, gap) + self.rhythm(170, late, gap * 2)
        if habit == "growing":
            early = self.rhythm(since, 260, gap * 1.5)
            return early + self.rhythm(250, 1, gap * 0.7)
        if habit == "returned":
            pause = self.random.randint(330, 420)
            return self.rhythm(since, pause, gap) + self.rhythm(80, 1, gap * 0.5)
        return self.rhythm(since, 1, gap)

    def rhythm(self, start, end, gap):
        """Days from ``start`` down to ``end``, about ``gap`` apart."""
        days, day = [], float(start)
        while day >= end:
            days.append(int(day))
            day -= max(3.0, self.random.gauss(gap, gap / 4))
        return days

    def buy(self, customer, days, spend, **fixed):
        """Purchases on the days; a growing customer's baskets grow."""
        customer.size = customer.size or self.random.lognormvariate(0, 0.35)
        for position, day in enumerate(days):
            amount = spend * customer.size * self.random.lognormvariate(0, 0.4)
            if customer.habit == "growing":
                amount *= 0.7 + 0.9 * position / max(1, len(days) - 1)
            customer.purchases.append(self.purchase(customer, day, amount, **fixed))

    def purchase(self, customer, day, amount, **fixed):
        till = customer.kind == "consumer" and self.random.random() < 0.98
        values = {
            "channel": "till" if till else "order",
            "basket": self.basket(amount),
            "contact": self.random.randint(0, customer.contacts),
            "late": self.lateness(),
        }
        values["fate"] = self.fate(values["channel"], day)
        return Purchase(day=day, **{**values, **fixed})

    def basket(self, amount):
        """One to three products worth about the amount."""
        lines = self.random.choice((1, 1, 2, 2, 3)) if amount > 60 else 1
        affordable = [key for key, price in self.prices.items() if price <= amount]
        pool = affordable or [min(self.prices, key=self.prices.get)]
        keys = self.random.sample(pool, min(lines, len(pool)))
        share = amount / len(keys)
        return tuple((key, max(1, round(share / self.prices[key]))) for key in keys)

    def fate(self, channel, day):
        """What becomes of a purchase; young invoices are not all paid."""
        dice = self.random.random()
        if channel == "till":
            return "returned" if dice < 0.03 and day > 12 else "paid"
        if day < 5:
            return "uninvoiced"
        if dice < 0.04:
            return "cancelled"
        if dice < 0.07:
            return "credited"
        if dice < 0.10:
            return "reduced"
        return "paid"

    def lateness(self):
        return self.random.choice((-9, -4, -2, 0, 0, 1, 2, 3, 6, 14))

    # ------------------------------------------------------------- relationships

    def live(self, customer):
        """What happens beside buying, as warm as the customer is."""
        if customer.kind != "consumer":
            self.negotiate(customer)
            self.talk(customer)
        elif self.random.random() < 0.12:
            customer.touches.append(Touch(self.some_day(customer), "message"))
        self.ask(customer)

    def some_day(self, customer, oldest=TWO_YEARS):
        return self.random.randint(1, max(2, min(oldest, customer.since)))

    def negotiate(self, customer):
        mean = {"once": 0, "few": 1, "drifted": 1}.get(customer.habit, 2)
        for __ in range(self.random.randint(0, mean + 1)):
            day = self.some_day(customer)
            days = self.random.randint(10, 80)
            outcome = self.random.choice(("won", "won", "lost"))
            if days >= day:
                outcome = "open"
            amount = self.random.choice((800, 1500, 3000, 6000, 12000))
            customer.deals.append(Deal(day, days, outcome, amount))

    def talk(self, customer):
        spans = {"once": 500, "few": 300, "drifted": 220, "fading": 150}
        gap = spans.get(customer.habit, 110)
        end = 150 if customer.habit == "drifted" else 2
        for day in self.rhythm(min(customer.since, 540), end, gap):
            kinds = ("call", "call", "mail", "meeting", "message", "message")
            customer.touches.append(Touch(day, self.random.choice(kinds)))

    def ask(self, customer):
        """Not everybody is asked; nobody is asked before he was a customer."""
        chances = {"mailing": 0.75, "survey": 0.35, "event": 0.25, "rating": 0.3}
        for what, chance in chances.items():
            if self.random.random() > chance:
                continue
            times = self.random.randint(1, 4 if what == "mailing" else 2)
            for __ in range(times):
                day = self.some_day(customer, 360)
                customer.asked.append(Asked(day, what, self.answer(customer, what)))

    def answer(self, customer, what):
        warmth = WARMTH[customer.habit]
        level = self.random.choices((0, 1, 2), warmth)[0]
        if what == "rating":
            return self.random.choice(((0, 0, 1, 2, 3), (0, 3, 4), (4, 5, 5))[level])
        return level
