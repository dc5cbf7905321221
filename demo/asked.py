"""What customers were asked, and what they answered: where Odoo's modules are there.

None of these modules is a dependency: their models are looked up in the registry.
"""

from collections import defaultdict
from datetime import timedelta

from odoo.fields import Command

MAILINGS = ("New season, new glaze", "Knives sharpened for free", "Our winter table")
EVENTS = ("Open kitchen", "Trade day", "Knife workshop")
QUESTIONS = ("How do you like our wares?", "What is missing?", "What do you cook most?")


def write_asked(scene, plan):
    """Returns ``{what: how often asked}``; what is not installed is left out."""
    writers = {
        "mailing": ("mailing.mailing", _write_mailings),
        "event": ("event.registration", _write_events),
        "survey": ("survey.user_input", _write_surveys),
        "rating": ("rating.rating", _write_ratings),
    }
    counts = {}
    for what, (model, write) in writers.items():
        asked = [
            (customer, one)
            for customer in plan.customers
            for one in customer.asked
            if one.what == what
        ]
        if model in scene.env and asked:
            write(scene, asked)
            counts[what] = len(asked)
    return counts


def _rounds(asked, length):
    """Group by the round (a mailing, an event) that the day falls into."""
    rounds = defaultdict(list)
    for customer, one in asked:
        rounds[one.day // length * length + length // 2].append((customer, one))
    return sorted(rounds.items(), reverse=True)


def _unique(scene, part):
    """Each customer once in a round."""
    return list(
        {scene.entity(customer): (customer, one) for customer, one in part}.values()
    )


def _write_mailings(scene, asked):
    model_id = scene.env["ir.model"]._get_id("res.partner")
    for number, (day, part) in enumerate(_rounds(asked, 45)):
        part = _unique(scene, part)
        mailing = scene.env["mailing.mailing"].create(
            {
                "subject": MAILINGS[number % len(MAILINGS)],
                "mailing_model_id": model_id,
                "body_html": "<p>Hello!</p>",
                "state": "done",
                "sent_date": scene.moment(day),
            }
        )
        scene.env["mailing.trace"].create(
            [_trace(scene, mailing, customer, one, day) for customer, one in part]
        )


def _trace(scene, mailing, customer, one, day):
    sent = scene.moment(day)
    opened = sent + timedelta(hours=5)
    entity = scene.entity(customer)
    return {
        "mass_mailing_id": mailing.id,
        "model": "res.partner",
        "res_id": entity.id,
        "email": entity.email,
        "sent_datetime": sent,
        "trace_status": "open" if one.answer else "sent",
        "open_datetime": opened if one.answer else False,
        "links_click_datetime": opened if one.answer > 1 else False,
    }


def _write_events(scene, asked):
    for number, (day, part) in enumerate(_rounds(asked, 60)):
        part = _unique(scene, part)
        begin = scene.moment(day)
        event = scene.env["event.event"].create(
            {
                "name": EVENTS[number % len(EVENTS)],
                "date_begin": begin,
                "date_end": begin + timedelta(hours=3),
                "company_id": scene.company.id,
                "event_mail_ids": [Command.clear()],
            }
        )
        seats = scene.env["event.registration"].create(
            [
                {
                    "event_id": event.id,
                    "partner_id": scene.entity(customer).id,
                    "state": "done" if one.answer else "open",
                }
                for customer, one in part
            ]
        )
        booked = begin - timedelta(days=14)
        scene.backdate(seats, [{"create_date": booked}] * len(seats))


def _write_surveys(scene, asked):
    survey = scene.env["survey.survey"].create(
        {
            "title": "Hearth & Clay and you",
            "users_login_required": False,
            "access_mode": "token",
            "question_and_page_ids": [
                Command.create({"title": title, "question_type": "text_box"})
                for title in QUESTIONS
            ],
        }
    )
    inputs = scene.env["survey.user_input"].create(
        [
            {
                "survey_id": survey.id,
                "partner_id": scene.entity(customer).id,
                "email": scene.entity(customer).email,
                "state": "done" if one.answer else "new",
                "end_datetime": scene.moment(one.day - 2) if one.answer else False,
                "user_input_line_ids": _answers(survey, one),
            }
            for customer, one in asked
        ]
    )
    scene.backdate(
        inputs, [{"create_date": scene.moment(one.day)} for __, one in asked]
    )


def _answers(survey, one):
    """Little: the first question alone. Much: all of them."""
    lines = []
    for number, question in enumerate(survey.question_ids if one.answer else ()):
        skipped = one.answer == 1 and number > 0
        values = {"question_id": question.id, "skipped": skipped}
        if not skipped:
            values |= {"answer_type": "text_box", "value_text_box": "Very good."}
        lines.append(Command.create(values))
    return lines


def _write_ratings(scene, asked):
    """Asked about the customer's own contact; ``consumed`` once answered."""
    model_id = scene.env["ir.model"]._get_id("res.partner")
    ratings = scene.env["rating.rating"].create(
        [
            {
                "res_model_id": model_id,
                "res_id": scene.entity(customer).id,
                "partner_id": scene.entity(customer).id,
                "rated_partner_id": scene.seller(customer).partner_id.id,
                "rating": one.answer,
                "consumed": bool(one.answer),
            }
            for customer, one in asked
        ]
    )
    scene.backdate(
        ratings,
        [
            {
                "create_date": scene.moment(one.day),
                "rated_on": scene.moment(one.day - 1) if one.answer else None,
            }
            for __, one in asked
        ],
    )
