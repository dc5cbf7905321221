"""Installation and removal."""

from odoo.tools import SQL

from .models.customer_value_sale import TILL_LINE_INDEX

READY_MODELS = ("consumers", "key_accounts", "distributors")


def post_init_hook(env):
    """Activate the delivered models; a scheduled action scores the customers."""
    env["customer.value.model"]._activate_ready(READY_MODELS)


def uninstall_hook(env):
    """Leave nothing behind: marks still to be written, our index on another table."""
    env.cr.precommit.data.pop("customer_value.dirty", None)
    env.cr.execute(SQL("DROP INDEX IF EXISTS %s", SQL.identifier(TILL_LINE_INDEX)))
