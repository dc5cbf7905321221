"""Customers with a name and a story; their contact records are in ``customers.xml``."""

from .plan import THREE_YEARS, TWO_YEARS, Asked, Customer, Deal, Touch


def huaxin(plan):
    """Distributor in Hangzhou, the largest: orders every month, then fell silent."""
    story = Customer(
        "huaxin", "distributor", "fading", THREE_YEARS, named=True, currency="CNY",
        contacts=2,
    )  # fmt: skip
    days = [*range(1070, 110, -45), 100]
    plan.buy(story, days, 21000, fate="paid", late=2)
    story.deals += [
        Deal(500, 60, "won", 24000),
        Deal(300, 45, "won", 18000),
        Deal(70, 55, "lost", 30000),
    ]
    story.touches += [
        *(Touch(day, "call") for day in (520, 430, 350, 280, 210, 140)),
        *(Touch(day, "meeting") for day in (480, 300, 150)),
        *(Touch(day, "message") for day in (400, 260, 180, 128)),
    ]
    story.asked += [
        Asked(330, "event", 2),
        Asked(200, "mailing", 2),
        Asked(40, "mailing", 0),
        Asked(35, "survey", 0),
    ]
    return story


def brightside(plan):
    """Cooking school, lost for nine months and won back."""
    story = Customer(
        "brightside", "key_account", "returned", 700, named=True, seller="mia",
        contacts=1,
    )  # fmt: skip
    plan.buy(story, [690, 620, 540, 470, 400], 2400, fate="paid")
    plan.buy(story, [70, 41, 22, 8], 3200, fate="paid", late=-2)
    story.deals += [Deal(130, 45, "won", 12000), Deal(24, 60, "open", 9000)]
    story.touches += [
        *(Touch(day, "meeting") for day in (125, 84, 22)),
        *(Touch(day, "call") for day in (140, 110, 60, 33, 12)),
        *(Touch(day, "message") for day in (105, 55, 28, 9)),
    ]
    story.asked += [Asked(20, "event", 2), Asked(15, "mailing", 2)]
    return story


def tiny_table(plan):
    """Small caterer with a large pipeline: potential rather than sales."""
    story = Customer(
        "tiny_table", "key_account", "growing", 210, named=True, contacts=1
    )
    plan.buy(story, [200, 150, 95, 50, 20], 420, fate="paid", late=-4)
    story.deals += [
        Deal(60, 90, "open", 45000),
        Deal(35, 90, "open", 28000),
        Deal(180, 30, "won", 900),
    ]
    story.touches += [
        *(Touch(day, "meeting") for day in (170, 90, 44, 15)),
        *(Touch(day, "call") for day in (140, 60, 30, 6)),
        *(Touch(day, "message") for day in (75, 31, 11)),
    ]
    story.asked += [Asked(50, "event", 2), Asked(30, "survey", 2)]
    return story


def casa_verde(plan):
    """Restaurant group: its branches and a contact who left all order for it."""
    story = Customer(
        "casa_verde", "key_account", "steady", TWO_YEARS, named=True, contacts=4
    )
    for contact in range(1, 5):
        last = 420 if contact == 4 else contact
        days = plan.rhythm(TWO_YEARS - 10 * contact, last, 190)
        plan.buy(story, days, 3200, contact=contact)
    plan.live(story)
    return story


def grand_meridian(plan):
    """Hotel chain: buys much, pays one to two months late, owes us now."""
    story = Customer(
        "grand_meridian", "key_account", "steady", TWO_YEARS, named=True, contacts=1,
        seller="mia",
    )  # fmt: skip
    days = plan.rhythm(TWO_YEARS - 8, 140, 64)
    for day in days:
        plan.buy(story, [day], 7200, fate="paid", late=plan.random.randint(30, 65))
    plan.buy(story, [112, 78, 49], 6100, fate="open")
    plan.live(story)
    return story


def maison_lavande(plan):
    """Shop in Lyon that buys in euro, at the rate of each day."""
    story = Customer(
        "maison_lavande", "key_account", "steady", 640, named=True, currency="EUR",
        contacts=1,
    )  # fmt: skip
    plan.buy(story, plan.rhythm(630, 3, 66), 3400, late=1)
    plan.live(story)
    return story


def saltmarsh(plan):
    """Deli group about to be merged into a large buyer: a manager's word counts."""
    story = Customer(
        "saltmarsh", "key_account", "few", 400, named=True, seller="mia", contacts=1
    )
    plan.buy(story, [385, 240, 66], 800, fate="paid")
    story.deals.append(Deal(40, 90, "open", 60000))
    story.touches += [Touch(38, "meeting"), Touch(19, "call")]
    return story


def nordlys(plan):
    """Agent in Oslo: few orders of his own, an A customer by what he is."""
    story = Customer("nordlys", "distributor", "steady", 900, named=True, contacts=1)
    plan.buy(story, plan.rhythm(880, 6, 150), 3200, fate="paid", late=-5)
    plan.live(story)
    return story


def olive_thyme(plan):
    """Franchisee who grows by far more than a tenth every year, and joins in."""
    story = Customer(
        "olive_thyme", "distributor", "growing", THREE_YEARS, named=True, contacts=1
    )
    plan.buy(story, [*range(1050, 735, -80)], 3000, fate="paid", late=-3)
    plan.buy(story, [*range(715, 370, -72)], 4900, fate="paid", late=-3)
    plan.buy(story, [*range(350, 5, -45)], 5400, fate="paid", late=-4)
    story.deals += [Deal(400, 40, "won", 9000), Deal(45, 80, "open", 14000)]
    story.touches += [
        *(Touch(day, "meeting") for day in (600, 410, 230, 95, 26)),
        *(Touch(day, "call") for day in (330, 270, 190, 120, 64, 14)),
        *(Touch(day, "message") for day in (300, 160, 80, 18)),
    ]
    story.asked += [
        Asked(250, "event", 2),
        Asked(120, "survey", 2),
        Asked(90, "mailing", 2),
        Asked(60, "rating", 5),
    ]
    return story


def priya(plan):
    """Champion among the consumers: buys often, comes, answers, praises."""
    story = Customer("priya", "consumer", "growing", 715, named=True)
    plan.buy(story, plan.rhythm(705, 4, 21), 165, channel="till", fate="paid")
    story.touches += [Touch(day, "message") for day in (310, 140, 47, 13)]
    story.asked += [
        *(Asked(day, "mailing", 2) for day in (200, 110, 30)),
        *(Asked(day, "event", 2) for day in (240, 75)),
        *(Asked(day, "survey", 2) for day in (180, 50)),
        *(Asked(day, "rating", 5) for day in (150, 12)),
    ]
    return story


def derek(plan):
    """Captive consumer: buys a lot, brings half of it back, thinks little of us."""
    story = Customer("derek", "consumer", "steady", 500, named=True)
    plan.buy(story, plan.rhythm(490, 40, 34), 130, channel="till", fate="paid")
    story.purchases = [
        plan.purchase(story, sale.day, 130, channel="till", fate="returned")
        if position % 2
        else sale
        for position, sale in enumerate(story.purchases)
    ]
    story.touches += [Touch(day, "message") for day in (330, 210, 60)]
    story.asked += [
        *(Asked(day, "survey", 0) for day in (180, 85)),
        Asked(150, "event", 0),
        Asked(120, "rating", 1),
        Asked(45, "rating", 2),
    ]
    return story


def margaret(plan):
    """Buys and was never asked anything: no evidence, and no blame."""
    story = Customer("margaret", "consumer", "steady", 430, named=True)
    plan.buy(story, plan.rhythm(420, 9, 48), 120, channel="till", fate="paid")
    return story


STORIES = (
    huaxin,
    brightside,
    tiny_table,
    casa_verde,
    grand_meridian,
    maison_lavande,
    saltmarsh,
    nordlys,
    olive_thyme,
    priya,
    derek,
    margaret,
)
