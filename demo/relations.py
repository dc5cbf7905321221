"""What happens beside selling: opportunities, activities, meetings, messages."""

from datetime import timedelta

from . import words

CALLS = ("How was the last delivery?", "Next order", "Price list", "Shelf plan")


def _happenings(plan, *kinds):
    return [
        (customer, touch)
        for customer in plan.customers
        for touch in customer.touches
        if touch.kind in kinds
    ]


def write_deals(scene, plan):
    deals = [(deal, one) for one in plan.customers for deal in one.deals]
    leads = scene.env["crm.lead"].create(
        [_lead(scene, deal, customer) for deal, customer in deals]
    )
    of = {"won": [], "lost": [], "open": []}
    for lead, (deal, __) in zip(leads, deals, strict=True):
        of[deal.outcome].append(lead.id)
    leads.browse(of["won"]).action_set_won()
    reason = scene.env["crm.lost.reason"].search([], limit=1)
    leads.browse(of["lost"]).action_set_lost(lost_reason_id=reason.id)
    _advance(scene, leads.browse(of["open"]))
    scene.backdate(leads, [_deal_dates(scene, deal) for deal, __ in deals])
    return len(leads)


def _lead(scene, deal, customer):
    names = ("Spring range", "Kitchen refit", "Gift sets", "New branch", "Yearly order")
    return {
        "type": "opportunity",
        "name": names[(deal.day + deal.amount) % len(names)],
        "partner_id": scene.entity(customer).id,
        "user_id": scene.seller(customer).id,
        "expected_revenue": deal.amount,
        "date_deadline": scene.today + timedelta(days=deal.days - deal.day),
    }


def _advance(scene, leads):
    """Open opportunities stand on all stages before won."""
    stages = scene.env["crm.stage"].search([("is_won", "=", False)])
    for position, lead in enumerate(leads):
        lead.stage_id = stages[position % len(stages)]


def _deal_dates(scene, deal):
    closed = None
    if deal.outcome != "open":
        closed = scene.moment(deal.day - deal.days)
    return {
        "create_date": scene.moment(deal.day),
        "date_open": scene.moment(deal.day),
        "date_closed": closed,
        "date_last_stage_update": closed or scene.moment(deal.day // 2),
    }


def write_activities(scene, plan):
    """Calls and to-dos planned and done; the next one is planned for some."""
    done = _happenings(plan, "call", "todo", "mail")
    activities = scene.env["mail.activity"].create(
        [_activity(scene, customer, touch) for customer, touch in done]
    )
    messages, __ = activities._action_done(feedback="")
    moments = [
        scene.moment(touch.day, number) for number, (__, touch) in enumerate(done)
    ]
    scene.backdate(activities, [{"date_done": moment.date()} for moment in moments])
    by_document = sorted(messages, key=lambda message: message.id)
    scene.backdate(
        scene.env["mail.message"].concat(*by_document),
        [{"date": moment} for moment in moments],
    )
    return len(activities)


def _activity(scene, customer, touch):
    kinds = {"call": "call", "mail": "email", "todo": "todo"}
    kind = scene.env.ref(f"mail.mail_activity_data_{kinds[touch.kind]}")
    return {
        "res_model_id": scene.env["ir.model"]._get_id("res.partner"),
        "res_id": scene.entity(customer).id,
        "activity_type_id": kind.id,
        "summary": CALLS[touch.day % len(CALLS)],
        "user_id": scene.seller(customer).id,
        "date_deadline": scene.date(touch.day),
    }


def write_meetings(scene, plan):
    meetings = _happenings(plan, "meeting")
    events = scene.env["calendar.event"].create(
        [_meeting(scene, customer, touch) for customer, touch in meetings]
    )
    events.attendee_ids.write({"state": "accepted"})
    return len(events)


def _meeting(scene, customer, touch):
    start = scene.moment(touch.day, touch.day)
    seller = scene.seller(customer)
    guest = scene.contact(customer, 1)
    return {
        "name": f"Visit: {scene.entity(customer).name}",
        "start": start,
        "stop": start + timedelta(hours=1),
        "user_id": seller.id,
        "partner_ids": [(6, 0, (seller.partner_id | guest).ids)],
    }


def write_messages(scene, plan):
    """Mails the customer wrote to us."""
    inbound = _happenings(plan, "message")
    for number, (customer, touch) in enumerate(inbound):
        author = scene.contact(customer, 1)
        subject = words.SUBJECTS[touch.day % len(words.SUBJECTS)]
        scene.entity(customer).message_post(
            author_id=author.id,
            email_from=author.email_formatted,
            date=scene.moment(touch.day, number),
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            subject=subject,
            body=subject,
        )
    return len(inbound)
