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
    """After an update: what is there; then without the module, and with it again."""
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
    }


STEPS = {"begin": begin, "end": end}


def _module(env):
    return env["ir.module.module"].search([("name", "=", MODULE)])


def _install(env):
    _module(env).button_immediate_install()


def _work(env):
    product = env["product.product"].create({"name": "Advice", "type": "service"})
    for number in range(6):
        customer = env["res.partner"].create(
            {"name": f"Customer {number}", "is_company": number % 2 == 0}
        )
        line = {"product_id": product.id, "price_unit": 100 * (number + 1)}
        order = env["sale.order"].create(
            {"partner_id": customer.id, "order_line": [fields.Command.create(line)]}
        )
        order.action_confirm()
        order.date_order = fields.Datetime.now() - timedelta(days=20 * number)


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
