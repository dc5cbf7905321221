"""Installation and removal."""

from odoo.tools import SQL

from .models.customer_timeline import INDEXED, index_name
from .models.customer_value_model import READY_MODELS
from .models.customer_value_sale import TILL_LINE_INDEX

MODULE = "customer_value"


def post_init_hook(env):
    """Activate the delivered models; a scheduled action scores the customers."""
    env["customer.value.model"]._activate_ready(READY_MODELS)
    env.ref("customer_value.ir_cron_closeness")._trigger()
    env.ref("customer_value.ir_cron_profile")._trigger()
    rules = env["customer.care.rule"]
    rules.search([("state", "=", "draft")])._activate_from_start()
    rules._deliver()


def uninstall_hook(env):
    """Leave nothing behind, and let Odoo delete the delivered records one by one.

    Indicators of later versions, which Odoo does not know, hold on to dimensions and
    sources; care rules of other companies to activity plans and stages. Marks must not
    be written any more. Our indexes are on others' tables. What other modules noted of
    our models (that they have discussions and activities) Odoo forgets to drop.
    """
    env.invalidate_all()
    env.cr.execute("DELETE FROM customer_care_case")
    env.cr.execute("DELETE FROM customer_care_rule")
    env.cr.execute("DELETE FROM customer_value_indicator")
    env.cr.execute("DELETE FROM customer_profile_fact")  # which hold topics
    env.cr.execute("DELETE FROM customer_influence_map")  # and seats, which hold roles
    env.cr.precommit.data.pop("customer_value.dirty", None)
    for name in (TILL_LINE_INDEX, *map(index_name, INDEXED)):
        env.cr.execute(SQL("DROP INDEX IF EXISTS %s", SQL.identifier(name)))
    readings = env["customer.value.run.reading"]
    for table in readings._kept_tables().values():
        readings._drop(table)
    ours = [model._name for model in env.values() if model._original_module == MODULE]
    inherits = env["ir.model.inherit"].search([("model_id.model", "in", ours)])
    env["ir.model.data"].search(
        [("model", "=", inherits._name), ("res_id", "in", inherits.ids)]
    ).unlink()
    choices = env["ir.model.fields.selection"].search([("field_id.model", "in", ours)])
    env["ir.model.data"].search(
        [
            ("module", "!=", MODULE),
            ("model", "=", choices._name),
            ("res_id", "in", choices.ids),
        ]
    ).unlink()
