"""What a timeline tells: one short description for each kind of document.

Models and fields are named by text. A kind whose model is not installed is left out; a
field that is missing, or that the reader may not read, is left empty.
"""

from dataclasses import dataclass

from odoo.tools.translate import LazyTranslate

# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)  # named before there is an environment

GROUPS = {
    "sales": _lt("Sales"),
    "money": _lt("Money"),
    "talks": _lt("Talks"),
    "service": _lt("Service"),
    "loyalty": _lt("Loyalty"),
}
"""The chips by which a timeline is filtered."""


@dataclass(frozen=True)
class Kind:
    """Documents of a model, and which of their fields say what.

    :param code: stable name, also the way a page is taken up again
    :param partner: paths to the contact; empty if ``customer.timeline`` has a method
        ``_query_<code>`` that finds the documents
    :param date: stored field, a day or a moment
    :param domain: which records are told, and never others
    :param text: fields that a search looks into
    :param title: field; a name or a chosen record
    :param note: field of a second, quieter line
    :param person: field: who of the customer's people
    :param user: field: who of us
    :param direction: "in", "out", or the name of a field that says so
    :param opens: fields with model and id of what a click opens; empty is the record
        itself, None nothing

    What a description cannot say is a method of ``customer.timeline`` named after
    the code: ``_domain_<code>``, ``_where_<code>`` (a condition in SQL),
    ``_present_<code>``.
    """

    code: str
    label: object
    group: str
    icon: str
    model: str
    date: str
    partner: tuple[str, ...] = ("partner_id",)
    domain: tuple = ()
    text: tuple[str, ...] = ()
    title: str = "display_name"
    note: str = ""
    amount: str = ""
    currency: str = "currency_id"
    state: str = ""
    person: str = "partner_id"
    user: str = "user_id"
    direction: str = ""
    opens: tuple[str, str] | tuple[()] | None = ()


KINDS = (
    Kind(
        code="order",
        label=_lt("Order"),
        group="sales",
        icon="fa-shopping-bag",
        model="sale.order",
        partner=("partner_id", "partner_invoice_id"),
        date="date_order",
        text=("name", "client_order_ref"),
        title="name",
        note="client_order_ref",
        amount="amount_total",
        state="state",
    ),
    Kind(
        code="till",
        label=_lt("Till order"),
        group="sales",
        icon="fa-shopping-basket",
        model="pos.order",
        date="date_order",
        domain=(("state", "!=", "cancel"),),
        text=("name", "pos_reference"),
        title="pos_reference",
        amount="amount_total",
        state="state",
    ),
    Kind(
        code="opportunity",
        label=_lt("Opportunity"),
        group="sales",
        icon="fa-star-o",
        model="crm.lead",
        date="create_date",
        text=("name",),
        title="name",
        note="stage_id",
        amount="expected_revenue",
        currency="company_currency",
        state="won_status",
    ),
    Kind(
        code="invoice",
        label=_lt("Invoice"),
        group="money",
        icon="fa-file-text-o",
        model="account.move",
        date="invoice_date",
        domain=(
            ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
            ("state", "=", "posted"),
        ),
        text=("name", "ref"),
        title="name",
        note="ref",
        amount="amount_total_in_currency_signed",
        state="payment_state",
        user="invoice_user_id",
    ),
    Kind(
        code="payment",
        label=_lt("Payment"),
        group="money",
        icon="fa-money",
        model="account.payment",
        date="date",
        domain=(
            ("partner_type", "=", "customer"),
            ("state", "in", ("in_process", "paid")),
        ),
        text=("name", "memo"),
        title="name",
        note="memo",
        amount="amount_signed",
        state="state",
        user="",
    ),
    Kind(
        code="meeting",
        label=_lt("Meeting"),
        group="talks",
        icon="fa-calendar",
        model="calendar.event",
        partner=("partner_ids",),
        date="start",
        domain=(("active", "=", True),),
        text=("name", "description"),
        title="name",
        note="location",
        person="",
    ),
    Kind(
        code="activity",
        label=_lt("Activity"),
        group="talks",
        icon="fa-check",
        model="mail.activity",
        partner=(),
        date="date_done",
        domain=(
            ("active", "=", False),
            ("date_done", "!=", False),
            ("calendar_event_id", "=", False),
        ),
        text=("summary", "note", "feedback"),
        title="summary",
        note="activity_type_id",
        person="",
        opens=("res_model", "res_id"),
    ),
    Kind(
        code="mail",
        label=_lt("Message"),
        group="talks",
        icon="fa-envelope-o",
        model="mail.message",
        partner=(),
        date="date",
        text=("subject", "body"),
        title="subject",
        note="preview",
        person="author_id",
        user="",
        opens=("model", "res_id"),
    ),
    Kind(
        code="touchpoint",
        label=_lt("Touch"),
        group="talks",
        icon="fa-hand-o-right",
        model="customer.touchpoint",
        partner=("partner_id", "people_ids"),
        date="date",
        domain=(("active", "=", True),),
        text=("note", "next_step"),
        title="note",
        note="kind",
        direction="direction",
    ),
    Kind(
        code="registration",
        label=_lt("Event"),
        group="service",
        icon="fa-ticket",
        model="event.registration",
        date="create_date",
        text=("name", "event_id.name"),
        title="event_id",
        note="name",
        state="state",
        user="",
        direction="in",
    ),
    Kind(
        code="survey",
        label=_lt("Survey answer"),
        group="service",
        icon="fa-list-ol",
        model="survey.user_input",
        date="end_datetime",
        domain=(("state", "=", "done"), ("test_entry", "=", False)),
        text=("survey_id.title",),
        title="survey_id",
        user="",
        direction="in",
    ),
    Kind(
        code="rating",
        label=_lt("Rating"),
        group="service",
        icon="fa-thumbs-o-up",
        model="rating.rating",
        date="rated_on",
        domain=(("consumed", "=", True),),
        text=("feedback", "res_name"),
        title="rating_text",
        note="feedback",
        user="",
        direction="in",
    ),
    Kind(
        code="feedback",
        label=_lt("Feedback"),
        group="service",
        icon="fa-commenting-o",
        model="customer.feedback",
        date="date",
        text=("subject", "description"),
        title="subject",
        note="kind",
        state="stage_id",
        direction="in",
    ),
    Kind(
        code="referral",
        label=_lt("Referral"),
        group="loyalty",
        icon="fa-users",
        model="customer.referral",
        partner=("referrer_id", "referred_id"),
        date="date",
        title="referred_id",
        note="reason_text",
        state="state",
        person="referrer_id",
    ),
    Kind(
        code="stage",
        label=_lt("Loyalty stage"),
        group="loyalty",
        icon="fa-heart-o",
        model="customer.loyalty.history",
        date="date",
        domain=(("former_id", "=", 0),),
        text=("stage_id.name",),
        title="stage_id",
        note="evidence",
        person="",
        user="",
        opens=None,
    ),
    Kind(
        code="tier",
        label=_lt("Value tier"),
        group="loyalty",
        icon="fa-diamond",
        model="customer.value.history",
        date="date",
        domain=(("former_id", "=", 0), ("tier_id", "!=", False)),
        text=("tier_id.name",),
        title="tier_id",
        person="",
        user="",
        opens=None,
    ),
)
