"""Three accounts and the people who decide there.

Brightside is healthy: two of us know those who decide, and they are for us. At Tiny
Table all hangs on one person and one colleague. At Huaxin the general manager has the
last word and was never met; he listens to an old classmate in purchasing, who is ours,
and to whom nobody has spoken for a while.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from odoo.fields import Command


@dataclass(frozen=True)
class Person:
    """Somebody at an account; ``met`` is who of us met her how many days ago."""

    key: str
    name: str
    job: str
    roles: tuple[str, ...] = ()
    power: int = 0
    stance: str = "unknown"
    boss: str = ""
    owners: tuple[str, ...] = ()
    met: tuple[tuple[str, int], ...] = ()
    department: str = ""
    note: str = ""
    desired: str = ""
    elsewhere: bool = False  # works for himself
    known: str = ""  # exists already, by the XML id ``demo_<known>``
    placeholder: bool = False


@dataclass(frozen=True)
class Account:
    key: str
    people: tuple[Person, ...]
    lines: tuple[tuple, ...] = field(default=())  # from, to, kind, strength, tie, why


ACCOUNTS = (
    Account(
        "brightside",
        (
            Person("elena", "Elena Fisk", "Owner", ("decision_maker",), 5,
                   "favourable", owners=("mia",), met=(("mia", 12), ("mia", 80)),
                   desired="3"),
            Person("noor", "Noor Haddad", "Head of Courses", ("champion", "influencer"),
                   4, "supporter", "elena", ("mia", "ana"),
                   (("mia", 9), ("ana", 23)), "Courses",
                   known="brightside_contact_1",
                   note="Won us back: she liked that we rang before she complained."),
            Person("tom", "Tom Breck", "Finance Manager", ("approver",), 3,
                   "favourable", "elena", ("ana",), (("ana", 30), ("ana", 75)),
                   "Finance"),
            Person("jade", "Jade Oyelaran", "Kitchen Manager", ("user", "evaluator"), 2,
                   "supporter", "noor", ("ana",), (("ana", 18),), "Kitchen"),
            Person("sam", "Sam Whitlock", "Office Assistant", ("gatekeeper",), 1,
                   "neutral", "elena"),
        ),
        (
            ("noor", "elena", "influences", 4, "", "Elena asks her before she orders"),
            ("jade", "noor", "influences", 3, "", "Tries every pan first"),
            ("noor", "tom", "influences", 2, "", "Plans the budget with him"),
        ),
    ),
    Account(
        "tiny_table",
        (
            Person("joanna", "Joanna Pike", "Founder", ("decision_maker", "champion"),
                   5, "supporter", owners=("ana",), met=(("ana", 15), ("ana", 44)),
                   known="tiny_table_contact_1"),
            Person("marcus", "Marcus Dean", "Head Chef", ("user", "evaluator"), 3,
                   boss="joanna", department="Kitchen"),
            Person("priti", "Priti Rao", "Finance Manager", ("approver",), 3,
                   boss="joanna", department="Finance"),
            Person("events", "", "Events coordinator", ("influencer",), 0,
                   boss="joanna", placeholder=True),
        ),
        (("marcus", "joanna", "influences", 3, "", "Cooked with her for ten years"),),
    ),
    Account(
        "huaxin",
        (
            Person("huang", "Huang Jun", "General Manager", ("decision_maker",), 5),
            Person("lin", "Lin Mei", "Purchasing Director", ("champion", "evaluator"),
                   3, "supporter", "huang", ("ana",), (("ana", 95), ("ana", 170)),
                   "Purchasing", known="huaxin_contact_1",
                   note="Tells us early what the board thinks. Keep it between us."),
            Person("zhou", "Zhou Qing", "Finance Director", ("approver",), 4, "neutral",
                   "huang", ("mia",), (("mia", 160),), "Finance", desired="2"),
            Person("liu", "Liu Fang", "Production Manager", ("blocker",), 3, "opponent",
                   "huang", department="Production"),
            Person("chen", "Chen Wei", "Warehouse Manager", ("user",), 2, "favourable",
                   "lin", ("ana",), (("ana", 120),), "Logistics",
                   known="huaxin_contact_2"),
            Person("sun", "Sun Yan", "Purchasing Assistant", ("gatekeeper",), 1,
                   "neutral", "lin", department="Purchasing"),
            Person("engineer", "", "Plant engineer", ("user",), 0, boss="liu",
                   department="Production", placeholder=True),
            Person("bo", "Bo Karlsson", "Consultant", ("influencer",), 3, "neutral",
                   elsewhere=True),
        ),
        (
            ("lin", "huang", "influences", 5, "", "He follows her in every purchase"),
            ("lin", "huang", "tie", 4, "school", "Old classmates"),
            ("liu", "zhou", "opposes", 3, "", "They fight over the same budget"),
            ("sun", "zhou", "influences", 2, "", "Keeps his calendar"),
            ("bo", "zhou", "tie", 3, "former_colleague", "Worked together in Ningbo"),
        ),
    ),
)  # fmt: skip


def write_maps(scene):
    """Draw the maps; returns the number of seats."""
    return sum(_write_map(scene, account) for account in ACCOUNTS)


def _write_map(scene, account):
    entity = scene.ref(account.key)
    seats = {}
    for person in account.people:
        partner = _partner(scene, entity, person)
        seats[person.key] = scene.env["customer.key.contact"].create(
            _seat(scene, entity, person, partner, seats.get(person.boss))
        )
        _meet(scene, entity, person, partner)
    scene.env["customer.influence"].create(
        [
            {
                "source_id": seats[source].id,
                "target_id": seats[target].id,
                "kind": kind,
                "strength": strength,
                "tie_type": tie or False,
                "evidence": why,
            }
            for source, target, kind, strength, tie, why in account.lines
        ]
    )
    return len(seats)


def _partner(scene, entity, person):
    partners = scene.env["res.partner"]
    if person.placeholder:
        return partners
    if person.known:
        return scene.ref(person.known).with_env(scene.env)
    address = f"{'.'.join(person.name.lower().split())}@example.com"
    return partners.create(
        {
            "name": person.name,
            "function": person.job,
            "email": address,
            "parent_id": False if person.elsewhere else entity.id,
            "company_id": scene.company.id,
        }
    )


def _seat(scene, entity, person, partner, boss):
    roles = [scene.env.ref(f"customer_value.key_role_{code}") for code in person.roles]
    return {
        "account_id": entity.id,
        "company_id": scene.company.id,
        "partner_id": partner.id,
        "name": person.job if person.placeholder else False,
        "job": person.job,
        "department": person.department,
        "role_ids": [Command.set([role.id for role in roles])],
        "power": person.power,
        "stance": person.stance,
        "manager_id": boss.id if boss else False,
        "owner_ids": [Command.set([getattr(scene, one).id for one in person.owners])],
        "desired_closeness": person.desired or False,
        "note": person.note,
    }


def _meet(scene, entity, person, partner):
    events = [
        {
            "name": f"Visit: {entity.name}",
            "start": scene.moment(day, day),
            "stop": scene.moment(day, day) + timedelta(hours=1),
            "user_id": getattr(scene, user).id,
            "partner_ids": [
                Command.set((getattr(scene, user).partner_id | partner).ids)
            ],
        }
        for user, day in person.met
    ]
    meetings = scene.env["calendar.event"].create(events)
    meetings.attendee_ids.write({"state": "accepted"})
