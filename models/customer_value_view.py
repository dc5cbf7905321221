from odoo import models
from odoo.tools import SQL

from .scoring_plan import Scope


class CustomerValueView(models.AbstractModel):
    """A view over documents of several kinds, made for scoring.

    PostgreSQL tells apart whose documents are meant only after it has worked out every
    row of such a view, where it cannot name the contacts one by one. So the view asks
    itself, in each of its parts.
    """

    _name = "customer.value.view"
    _description = "View Over Documents"
    _auto = False

    def _in_scope(self, contact: SQL) -> SQL:
        """Condition: the document's contact belongs to a customer that is scored."""
        scope = self.env.context.get("customer_value_scope")
        return scope.contact(contact) if isinstance(scope, Scope) else SQL("TRUE")
