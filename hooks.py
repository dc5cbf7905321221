"""Installation and removal."""

READY_MODELS = ("consumers", "key_accounts", "distributors")


def post_init_hook(env):
    """Activate the delivered models; a scheduled action scores the customers."""
    env["customer.value.model"]._activate_ready(READY_MODELS)


def uninstall_hook(env):
    """Forget marks that a transaction under way would still write."""
    env.cr.precommit.data.pop("customer_value.dirty", None)
