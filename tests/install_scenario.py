"""A company's life with the module, for `test_install.py`: steps for Odoo's shell.

`play(env, step)` writes what a step found as one line of JSON. The file is given to the
shell as it is: it imports nothing of the module, which is not there all the time.
"""

import json
import sys
from datetime import timedelta

from lxml import etree

from odoo import fields

MODULE = "customer_value"
# What the module merely knows about. These bring further modules along.
LATER = (
    "event",
    "loyalty",
    "marketing_card",
    "mass_mailing",
    "rating",
    "sale_margin",
    "survey",
)
# What a company set up for itself: an update has to leave it alone.
OWN_SETTINGS = {
    "dimension_purchase": {"name": "What they buy", "sequence": 77},
    "source_sales": {"name": "All sales", "description": "What we sold."},
    "category_agent": {"name": "Dealer"},
    "ir_cron_nightly": {"interval_number": 3, "active": False},
    "customer_value_history_rule_company": {"active": False},
}
KEPT = (
    "customer_value_model",
    "customer_value_indicator",
    "customer_value_band",
    "customer_value_tier",
    "customer_value_score",
    "customer_value_history",
    "customer_value_override",
    "customer_value_run",
)
SCREENS = {
    "res.partner": ("list", "form", "kanban", "search"),
    "sale.order": ("list", "form", "kanban", "search"),
    "crm.lead": ("list", "form", "kanban", "search"),
    "pos.order": ("list", "form", "search"),
    "res.config.settings": ("form",),
}
INVENTORY = {
    "relations": """
        SELECT relkind, relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace
    """,
    "columns": """
        SELECT table_name, column_name, data_type, is_nullable, column_default
        FROM information_schema.columns WHERE table_schema = 'public'
    """,
    "constraints": """
        SELECT conrelid::regclass, conname FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    """,
    "functions": """
        SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    """,
    "triggers": """
        SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE NOT tgisinternal
    """,
    "record names": "SELECT module, model, name FROM ir_model_data",
    "parameters": "SELECT key FROM ir_config_parameter",
    "schedules": "SELECT cron_name FROM ir_cron",
    # What has no name could be left in any table. Odoo itself signals and wakes crons.
    "rows": """
        SELECT tablename, (xpath('/row/n/text()', query_to_xml(
            format('SELECT count(*) AS n FROM %I', tablename), false, true, ''
        )))[1] AS number
        FROM pg_tables WHERE schemaname = 'public'
            AND tablename NOT LIKE 'orm_signaling%'
            AND tablename NOT IN ('ir_cron_trigger', 'ir_model_constraint')
    """,
    # Removing a field, Odoo notes the foreign keys of the table's other fields anew,
    # also of those it removes next; "constraints" shows that the keys are gone.
    "noted constraints": "SELECT name FROM ir_model_constraint WHERE type <> 'f'",
}


def play(env, step):
    found = STEPS[step](env)
    env.cr.commit()
    sys.stdout.write(f"\n{json.dumps(found, default=str)}\n")


def begin(env):
    """A company at work, which then installs the module, scores and configures."""
    _work(env)
    env.cr.commit()
    before = _inventory(env)
    _install(env)
    _score(env)
    _configure(env)
    _score(env)
    return {"inventory": before, "state": _state(env)}


def end(env):
    """After an update: what is there; then without the module, and with it again.

    At last the modules are installed that it merely knows about.
    """
    state = _state(env)
    _module(env).button_immediate_uninstall()
    after, screens = _inventory(env), _screens(env)
    _install(env)
    _score(env)
    return {
        "state": state,
        "inventory": after,
        "screens": screens,
        "scored_again": len(env["customer.value.score"].search([])),
        "screens_again": _screens(env),
        "later": _install_later(env),
    }


STEPS = {"begin": begin, "end": end}


def _module(env):
    return env["ir.module.module"].search([("name", "=", MODULE)])


def _install(env):
    _module(env).button_immediate_install()


def _work(env):
    env["product.product"].create({"name": "Advice", "type": "service"})
    for number in range(6):
        customer = env["res.partner"].create(
            {"name": f"Customer {number}", "is_company": number % 2 == 0}
        )
        when = fields.Datetime.now() - timedelta(days=20 * number)
        _sell(env, customer, 100 * (number + 1), when)


def _sell(env, customer, price, when):
    product = env["product.product"].search([("name", "=", "Advice")])
    line = {"product_id": product.id, "price_unit": price}
    order = env["sale.order"].create(
        {"partner_id": customer.id, "order_line": [fields.Command.create(line)]}
    )
    order.action_confirm()
    order.date_order = when


def _score(env):
    runs = env["customer.value.run"].search([("state", "in", ("pending", "running"))])
    runs._work_through()
    env["customer.value.dirty"]._cron_score_dirty()
    env.cr.commit()


def _configure(env):
    for name, values in OWN_SETTINGS.items():
        env.ref(f"{MODULE}.{name}").write(values)
    model = env.ref(f"{MODULE}.model_consumers")
    draft = env["customer.value.model"].browse(model.action_new_draft()["res_id"])
    draft.indicator_ids[0].weight += 11
    draft.action_activate()
    _score(env)
    score = env["customer.value.score"].search([("model_id", "=", draft.id)], limit=1)
    env["customer.value.override"].create(
        {
            "partner_id": score.partner_id.id,
            "sets_score": True,
            "score": 99,
            "reason": "We know them.",
            "date_to": fields.Date.today() + timedelta(days=30),
        }
    )
    env.cr.commit()


def _state(env):
    """Whatever the company would miss, and marks that wait for being scored."""
    tables = {name: _rows(env, f"SELECT * FROM {name} ORDER BY id") for name in KEPT}
    settings = {
        name: env.ref(f"{MODULE}.{name}").read(list(values))[0]
        for name, values in OWN_SETTINGS.items()
    }
    marks = _rows(env, "SELECT res_model, res_id FROM customer_value_dirty")
    return {**tables, "settings": settings, "marks": marks}


def _inventory(env):
    return {kind: _rows(env, query) for kind, query in INVENTORY.items()}


def _rows(env, query):
    env.cr.execute(query)
    return sorted([str(value) for value in row] for row in env.cr.fetchall())


def _screens(env):
    """Open screens as a browser does; the number of those that opened."""
    opened = 0
    for name, kinds in SCREENS.items():
        for kind in kinds:
            view = env[name].get_view(None, kind)
            root = etree.fromstring(view["arch"])
            names = set(root.xpath("//field[not(ancestor::field)]/@name"))
            env[name].search([], limit=2).web_read(
                {field: {} for field in names if field in env[name]._fields}
            )
            opened += 1
    return opened


def _install_later(env):
    """Modules that the installed module has been waiting for: before, and after."""
    person = env["res.partner"].search([("name", "=", "Customer 1")])
    before = _known(env, person)
    modules = env["ir.module.module"].search([("name", "in", LATER)])
    modules.button_immediate_install()
    woken = _known(env, person)
    _take_part(env, person)
    env.cr.commit()
    _score(env)
    return {
        "before": before,
        "woken": woken,
        "after": _known(env, person),
        "complaint": _low_rating(env, person),
        "reward": _reward(env, person),
        "screens": _screens(env),
    }


def _known(env, person):
    """Sources that wait, what is measured, told and offered."""
    waiting = env["customer.value.source"].search([("available", "=", False)])
    rows = person.value_breakdown()["rows"]
    timeline = person.value_timeline(limit=80)["entries"]
    return {
        "waiting": sorted(waiting.mapped("code")),
        "reasons": all(waiting.mapped("unavailable_reason")),
        "measures": {row["code"]: row["state"] for row in rows},
        "told": sorted({entry["kind"] for entry in timeline}),
        "program": env["res.config.settings"].create({}).value_referral_program_model,
    }


def _take_part(env, person):
    """The customer attends an event, answers a survey, rates us low, reads a mail."""
    yesterday = fields.Datetime.now() - timedelta(days=1)
    event = env["event.event"].create(
        {"name": "Fair", "date_begin": yesterday, "date_end": yesterday}
    )
    seat = env["event.registration"].create(
        {"event_id": event.id, "partner_id": person.id}
    )
    seat.action_set_done()
    question = {"title": "How are we?", "question_type": "char_box"}
    survey = env["survey.survey"].create(
        {
            "title": "How are we?",
            "question_and_page_ids": [fields.Command.create(question)],
        }
    )
    answer = survey._create_answer(partner=person)
    answer._save_lines(survey.question_ids, "Well")
    answer._mark_done()
    env["rating.rating"].create(
        {
            "res_model_id": env["ir.model"]._get_id("sale.order"),
            "res_id": env["sale.order"].search([("partner_id", "=", person.id)]).id,
            "partner_id": person.id,
            "rating": 1,
            "consumed": True,
            "feedback": "Too late",
        }
    )
    mailing = env["mailing.mailing"].create(
        {
            "subject": "News",
            "mailing_model_id": env["ir.model"]._get_id("res.partner"),
        }
    )
    trace = env["mailing.trace"].create(
        {"model": "res.partner", "res_id": person.id, "mass_mailing_id": mailing.id}
    )
    trace.set_sent()
    trace.set_opened()


def _run_schedule(env, name):
    """It works in a transaction of its own."""
    env.cr.commit()
    env.ref(f"{MODULE}.{name}").method_direct_trigger()
    env.cr.commit()
    env.invalidate_all()


def _low_rating(env, person):
    """The complaint that the scheduled action makes of it."""
    _run_schedule(env, "ir_cron_capture")
    said = env["customer.feedback"].search([("channel", "=", "rating")])
    return said.filtered(lambda one: one.partner_id == person).mapped(
        lambda one: [one.kind, one.description]
    )


def _reward(env, referrer):
    """A programme of coupons is chosen, and rewards who brought a customer."""
    program = env["loyalty.program"].create(
        {
            "name": "Thank you",
            "program_type": "coupons",
            "reward_ids": [fields.Command.create({"discount": 10})],
        }
    )
    settings = env["res.config.settings"].create(
        {
            "value_referral_program_id": program.id,
            "value_referral_return_days": 0,
            "value_referral_waiting_days": 0,
        }
    )
    settings.execute()
    brought = env["res.partner"].create({"name": "Brought"})
    long_ago = fields.Datetime.now() - timedelta(days=20)
    referral = env["customer.referral"].create(
        {
            "referrer_id": referrer.id,
            "referred_id": brought.id,
            "date": fields.Date.to_date(long_ago),
        }
    )
    _sell(env, brought, 100, long_ago + timedelta(days=1))
    _run_schedule(env, "ir_cron_referral")
    card = env["loyalty.card"].browse(referral.reward_card_id)
    return {
        "state": referral.state,
        "coupon": card.partner_id == referrer and card.program_id == program,
    }
