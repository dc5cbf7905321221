"""Care of the demo company's customers: months of cases, in all states.

The ready rules look at the ends of past months and at today, as they would have every
night. What nobody took care of for weeks was closed by hand, and told how.
"""

from datetime import timedelta

from ..tools.window import month_ends

MONTHS = 2
DAYS_OF_WORK = 7
PATIENCE = timedelta(days=45)

BY_HAND = (
    ("no_action", "A quiet season for them: orders again in two months."),
    ("lost", "Their new buyer had signed with a rival before we called."),
    ("wrong_alarm", "Two invoices were booked late; nothing had changed."),
    ("recovered", "A visit helped: they had waited for an answer about delivery."),
    ("no_action", "Moved to a larger shop. Busy, and content."),
)


def write_cases(scene):
    """Evaluate the rules month by month; the number of cases."""
    rules = scene.env["customer.care.rule"].search(
        [("company_id", "=", scene.company.id), ("state", "=", "draft")]
    )
    rules.action_activate()
    rules.user_id = scene.mia
    engine = scene.env["customer.care.engine"]
    cases = scene.env["customer.care.case"]
    for day in sorted(month_ends(scene.today, MONTHS)):
        engine._evaluate(scene.company, day)
        for later in range(1, DAYS_OF_WORK):
            engine._give_out(scene.company, day + timedelta(days=later), tells=False)
        _work(cases.search([("state", "=", "open")], order="id"), day)
    engine._evaluate(scene.company, scene.today, tells=False)
    _snooze(cases.search([("state", "=", "open"), ("is_gain", "=", False)]), scene)
    return cases.search_count([])


def _work(cases, day):
    """The first step of every second plan is done; what is old is closed."""
    for case in cases[::2]:
        case.activity_ids.sorted("date_deadline")[:1].action_feedback(
            feedback="Done, see the notes."
        )
    old = cases.filtered(lambda case: case.date < day - PATIENCE)
    for number, case in enumerate(old):
        outcome, note = BY_HAND[number % len(BY_HAND)]
        case._close(outcome, day, note)


def _snooze(cases, scene):
    for case in cases[1:6:4]:
        case._snooze(
            scene.today + timedelta(days=12), "On holiday until the week after next"
        )
