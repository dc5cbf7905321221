"""What we know of the customers; much is still open, as in life."""

# (customer, topic, answer, days ago that it was noted)
FACTS = (
    ("huaxin", "credit", "Good until the spring; now 60 days instead of 30", 45),
    ("huaxin", "capacity", "Two warehouses in Hangzhou, about 9,000 sets a year", 410),
    ("huaxin", "management", "The founder decides; her nephew buys", 300),
    ("brightside", "management", "Head of school plans a year ahead", 120),
    ("brightside", "funds", "Course fees and the city's grant", 118),
    ("casa_verde", "credit", "Always on time", 200),
    ("casa_verde", "capacity", "Four branches, 620 seats", 190),
    ("casa_verde", "funds", "The family's own money, no bank", 95),
    ("grand_meridian", "credit", "Pays 30 to 65 days late; owes for three orders", 18),
    ("grand_meridian", "capacity", "11 hotels, 2,300 rooms", 260),
    ("olive_thyme", "credit", "Very good, pays early", 90),
    ("olive_thyme", "capacity", "Two shops; a third from next year", 26),
    ("olive_thyme", "management", "Theo keeps his books weekly and plans by them", 230),
    ("olive_thyme", "funds", "A bank loan for the third shop is granted", 26),
    ("saltmarsh", "funds", "Northgate Foods stands behind the merger", 38),
    ("tiny_table", "capacity", "Three weddings a week in the season", 44),
    ("nordlys", "management", "Works alone; the daughter helps before Christmas", 150),
    ("priya", "occupation", "Teaches chemistry at the college", 240),
    ("priya", "family", "Husband, twin daughters, her grandmother", 140),
    ("priya", "preferences", "Clay and copper; nothing with a coating", 33),
    ("derek", "preferences", "Returns whatever is heavier than it looks", 60),
    ("margaret", "occupation", "Retired nurse", 9),
)
# Of the other customers we know a little, the more the longer they buy.
BUSINESS = (
    ("credit", ("Good", "Good, 30 days", "Pays two weeks late")),
    ("capacity", ("One shop", "Three shops", "A warehouse of 400 m²")),
    ("management", ("Owner decides alone", "Buyer and owner together")),
    ("funds", ("Own money", "Bank loan", "Part of a group")),
)
PERSONAL = (
    ("preferences", ("Cast iron", "Bright colours", "Knives", "Whatever lasts")),
    ("occupation", ("Nurse", "Carpenter", "Works in an office", "Studies")),
    ("family", ("Lives alone", "Two small children", "A large family")),
)
KNOWN = {"once": 0, "few": 1, "drifted": 1, "fading": 2, "steady": 2, "growing": 3}


def write_facts(scene, plan):
    """Returns how many were noted; afterwards completeness is reckoned."""
    customers = {one.key: one for one in plan.customers if one.named}
    told = [
        _fact(scene, customers[key], topic, answer, day)
        for key, topic, answer, day in FACTS
    ]
    facts = scene.env["customer.profile.fact"].create([*told, *_others(scene, plan)])
    scene.env["customer.profile.state"]._update(scene.company, scene.today)
    return len(facts)


def _others(scene, plan):
    others = [one for one in plan.customers if not one.named]
    for number, customer in enumerate(others):
        if number % 3 == 0:
            continue  # nobody got round to asking
        topics = PERSONAL if customer.kind == "consumer" else BUSINESS
        for topic, answers in topics[: KNOWN.get(customer.habit, 1)]:
            answer = answers[number % len(answers)]
            day = min(customer.since, 10 + number * 7 % 300)
            yield _fact(scene, customer, topic, answer, day)


def _fact(scene, customer, topic, answer, day):
    return {
        "partner_id": scene.entity(customer).id,
        "company_id": scene.company.id,
        "topic_id": scene.env.ref(f"customer_value.profile_topic_{topic}").id,
        "value": answer,
        "noted_on": scene.date(day),
        "noted_by": scene.seller(customer).id,
    }
