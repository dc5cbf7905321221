"""What customers say, and two rivals who were cheaper for a while."""

from odoo.fields import Command

IDEA = "Lend out the big pots for parties"


def write_feedback(scene):
    """One of each story; returns how many were said."""
    _adopted_idea(scene)
    _told_complaint(scene)
    _overdue_complaint(scene)
    _others(scene)
    return scene.env["customer.feedback"].search_count([])


def _say(scene, name, day, kind, subject, **vals):
    return scene.env["customer.feedback"].create(
        {
            "partner_id": scene.ref(name).id,
            "company_id": scene.company.id,
            "date": scene.moment(day, len(subject)),
            "kind": kind,
            "subject": subject,
            **vals,
        }
    )


def _stage(scene, step):
    return scene.env.ref(f"customer_value.feedback_stage_{step}")


def _cause(scene, name):
    return scene.env.ref(f"customer_value.feedback_cause_{name}").id


def _adopted_idea(scene):
    """Two customers had it; both are credited, one of them waits for thanks."""
    idea = _say(
        scene, "olive_thyme_contact_1", 80, "suggestion", IDEA, channel="partner",
        answer="From May on, pots of 30 litres and more can be borrowed in the shop.",
    )  # fmt: skip
    again = _say(
        scene, "priya", 61, "suggestion", "Could one rent a paella pan?",
        channel="till",
    )  # fmt: skip
    again.parent_id = idea
    idea.action_adopt()
    decided = scene.moment(30)
    (idea | again).write(
        {"date_adopted": decided, "date_closed": decided, "date_heard": decided}
    )
    idea.date_thanked = scene.moment(28)
    idea.activity_unlink(["customer_value.feedback_activity_thank"])


def _told_complaint(scene):
    """Heard, found, solved, told: within two days."""
    said = _say(
        scene, "casa_verde_contact_1", 40, "complaint",
        "Twelve plates of 120 arrived broken", channel="mail",
        description="The boxes at the bottom of the pallet were crushed.",
        cause_id=_cause(scene, "delivery"),
        resolution="Plates go on top of the pallet; the carrier was told.",
        answer="Twelve new plates came with the next van, and plates now travel on "
        "top.",
    )  # fmt: skip
    for step in ("heard", "found", "solved", "told", "closed"):
        said.stage_id = _stage(scene, step)
    for name, day, user in (
        ("heard", 40, scene.ana),
        ("found", 39, scene.ana),
        ("solved", 39, scene.mia),
        ("answered", 38, scene.ana),
    ):
        said[f"date_{name}"] = scene.moment(day, len(name))
        said[f"{name}_user_id"] = user
    said.date_closed = scene.moment(35)


def _overdue_complaint(scene):
    """A key customer waits; the cause is known, nobody has told him."""
    said = _say(
        scene, "grand_meridian_contact_1", 9, "complaint",
        "Invoices never carry our order number", channel="quotation",
        description="Our accountants send every invoice back. Third time I say so.",
        cause_id=_cause(scene, "billing"), user_id=scene.ana.id,
    )  # fmt: skip
    for step in ("heard", "found"):
        said.stage_id = _stage(scene, step)
    said.write(
        {
            "date_heard": scene.moment(8),
            "heard_user_id": scene.ana.id,
            "date_found": scene.moment(6),
            "found_user_id": scene.ana.id,
        }
    )


def _others(scene):
    _say(
        scene, "olive_thyme_contact_1", 12, "praise",
        "Carl knew at once which knife I meant", channel="till",
    )  # fmt: skip
    _say(
        scene, "priya", 3, "suggestion", "A bench beside the till", channel="portal"
    )  # fmt: skip
    _say(
        scene, "derek", 5, "complaint", "The second pan warped as well",
        channel="till", cause_id=_cause(scene, "quality"),
    )  # fmt: skip


def write_rivals(scene):
    """Two promotions in the past, judged by what customers did; returns how many."""
    rivals = scene.env["customer.competitor"].create(
        [{"name": "PanWorld"}, {"name": "Discount Barn"}]
    )
    cookware = scene.ref("category_cookware")
    promotions = scene.env["customer.competitor.promotion"].create(
        [
            {
                "name": "Everything must go",
                "competitor_id": rivals[0].id,
                "company_id": scene.company.id,
                "date_from": scene.date(150),
                "date_to": scene.date(120),
                "depth": 25,
                "note": "Leaflets in the whole town.",
            },
            {
                "name": "Pans at half price",
                "competitor_id": rivals[1].id,
                "company_id": scene.company.id,
                "date_from": scene.date(45),
                "date_to": scene.date(24),
                "categ_ids": [Command.set(cookware.ids)],
                "depth": 50,
                "note": "Only cookware, only while stocks last.",
            },
        ]
    )
    for promotion in promotions:
        scene.env["customer.held.firm"]._evaluate(promotion)
    return len(promotions)
