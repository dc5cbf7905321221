"""What just happened: touches logged, promises, mentions; feelings at some meetings.

Calls and meetings that were planned are in ``relations``: they count as they are.
"""

from datetime import timedelta

SITES = "https://reviews.example.com/hearth-and-clay"

# (customer, day, kind, direction, feeling, note)
TOUCHES = (
    ("huaxin", 128, "message", "in", "-1", "Asked twice why the last crate was late"),
    ("huaxin", 96, "call", "out", "-2", "A rival offers 12 % less; they will look"),
    ("huaxin", 40, "call", "out", "-1", "No answer to the new price list yet"),
    ("brightside", 12, "call", "in", "2", "Thrilled with the spring course pans"),
    ("brightside", 62, "greeting", "out", "1", "Ten years of the school: a glazed bowl"),
    ("casa_verde", 30, "visit", "in", "1", "The chef came by to see the new colours"),
    ("casa_verde", 9, "greeting", "out", "2", "Birthday card for Signora Verdi"),
    ("grand_meridian", 18, "call", "out", "-1", "Payment promised for the end of month"),
    ("olive_thyme", 21, "message", "in", "1", "Sent pictures of the new shelf"),
    ("tiny_table", 15, "visit", "in", "2", "Brought two friends to the show room"),
    ("priya", 33, "visit", "in", "2", "Showed us her grandmother's recipe book"),
    ("saltmarsh", 19, "call", "in", "1", "Merger on track, 40 shops from spring on"),
    ("nordlys", 55, "message", "out", "0", "Sent the catalogue in Norwegian"),
)
# (customer, given, due, state, settled, promise); days ago, negative: still to come
PROMISES = (
    ("huaxin", 60, 30, "broken", 28, "Reply about the late crate within the month"),
    ("huaxin", 20, 6, "open", 0, "New price list with the volume discount"),
    ("brightside", 40, 20, "kept", 24, "Free sharpening of 30 course knives"),
    ("brightside", 8, -6, "open", 0, "Two aprons for the opening of the new kitchen"),
    ("casa_verde", 75, 50, "kept", 52, "Replace the chipped casserole"),
    ("casa_verde", 14, 3, "open", 0, "Sample tiles in the colours of the branch"),
    ("grand_meridian", 90, 60, "kept", 44, "A statement of all open invoices"),
    ("olive_thyme", 30, 10, "kept", 12, "Shelf plan for the window"),
    ("tiny_table", 10, -14, "open", 0, "A quotation for the wedding season"),
    ("maison_lavande", 50, 35, "kept", 40, "Labels in French"),
)
# (customer, day, channel, where, reach, feeling, what)
MENTIONS = (
    ("priya", 210, "review", "/201", 800, "2", "“The pan I will leave my daughter”"),
    ("priya", 120, "social", "/p88", 2400, "2", "A picture of Sunday's tagine"),
    ("priya", 26, "talk", "", 30, "1", "Recommended us at her cooking circle"),
    ("brightside", 45, "press", "/herald-7", 18000, "2", "An article names our knives"),
    ("tiny_table", 70, "podcast", "/ep-41", 5200, "1", "Talks of her supplier in a show"),
    ("olive_thyme", 90, "social", "/o17", 1500, "1", "The new window, with our wares"),
    ("derek", 64, "review", "/317", 900, "-1", "“Beautiful, but I returned half”"),
    ("huaxin", 34, "forum", "/t-5120", 3100, "-2", "Complains of late crates"),
)
SPREAD = ("Asked how the last order sells", "Took a message", "Met at the fair")


def write_touches(scene, plan):
    """Returns how many were logged."""
    touchpoints = scene.env["customer.touchpoint"]
    customers = {one.key: one for one in plan.customers if one.named}
    values = [
        *(_touch(scene, customers, *row) for row in TOUCHES),
        *(_promise(scene, customers, *row) for row in PROMISES),
        *(_mention(scene, customers, *row) for row in MENTIONS),
        *_spread(scene, plan),
    ]
    logged = touchpoints.create(values)
    _feel_meetings(scene)
    return len(logged)


def _logged(scene, customer, day, kind, note, **values):
    return {
        "partner_id": scene.contact(customer, 1).id,
        "company_id": scene.company.id,
        "user_id": scene.seller(customer).id,
        "date": scene.moment(day, day),
        "kind": kind,
        "note": note,
        "clicks": 1 + day % 3,
        **values,
    }


def _touch(scene, customers, key, day, kind, direction, feeling, note):
    return _logged(
        scene, customers[key], day, kind, note, direction=direction, feeling=feeling
    )


def _promise(scene, customers, key, given, due, state, settled, note):
    values = {
        "promise_due": scene.today - timedelta(days=due),
        "promise_state": state,
    }
    if state != "open":
        values["promise_date"] = scene.date(settled)
    return _logged(scene, customers[key], given, "promise", note, **values)


def _mention(scene, customers, key, day, channel, where, reach, feeling, note):
    return _logged(
        scene,
        customers[key],
        day,
        "mention",
        note,
        direction="in",
        feeling=feeling,
        mention_channel=channel,
        mention_url=f"{SITES}{where}" if where else False,
        mention_reach=reach,
    )


def _spread(scene, plan):
    """Every fourth business customer who still buys was met lately, too."""
    lively = [
        one
        for one in plan.customers
        if one.kind != "consumer" and not one.named and one.habit in LIVELY
    ]
    for number, customer in enumerate(lively[::4]):
        day = 5 + number * 11 % 80
        yield _logged(
            scene,
            customer,
            min(day, customer.since),
            ("call", "visit", "message")[number % 3],
            SPREAD[number % 3],
            direction="in" if number % 2 else "out",
            feeling=("1", "0", False)[number % 3],
        )


LIVELY = ("steady", "growing", "returned")


def _feel_meetings(scene):
    """At the last meetings it was noted how they felt."""
    events = scene.env["calendar.event"].search(
        [("start", ">=", scene.moment(60)), ("start", "<=", scene.moment(0))],
        order="start desc, id",
        limit=12,
    )
    for number, event in enumerate(events):
        event.value_feeling = ("1", "2", "0")[number % 3]
