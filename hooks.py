"""Installation and removal."""

from odoo.tools import SQL

from .models.customer_value_model import READY_MODELS
from .models.customer_value_sale import TILL_LINE_INDEX

MODULE = "customer_value"


def post_init_hook(env):
    """Activate the delivered models; a scheduled action scores the customers."""
    env["customer.value.model"]._activate_ready(READY_MODELS)


def uninstall_hook(env):
    """Leave nothing behind, and let Odoo delete the delivered records one by one.

    Indicators of later versions, which Odoo does not know, hold on to dimensions and
    sources. Marks must not be written any more. Our index is on another's table. What
    other modules noted of our models (that they have discussions) Odoo forgets to drop.
    """
    env.invalidate_all()
    env.cr.execute("DELETE FROM customer_value_indicator")
    env.cr.execute("DELETE FROM customer_influence_map")  # and seats, which hold roles
    env.cr.precommit.data.pop("customer_value.dirty", None)
    env.cr.execute(SQL("DROP INDEX IF EXISTS %s", SQL.identifier(TILL_LINE_INDEX)))
    ours = [model._name for model in env.values() if model._original_module == MODULE]
    inherits = env["ir.model.inherit"].search([("model_id.model", "in", ours)])
    env["ir.model.data"].search(
        [("model", "=", inherits._name), ("res_id", "in", inherits.ids)]
    ).unlink()
