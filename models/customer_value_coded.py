import re
import unicodedata

from odoo import api, models


class CustomerValueCoded(models.AbstractModel):
    """A record with a stable code, proposed from its name where none was typed."""

    _name = "customer.value.coded"
    _description = "Record With a Stable Code"

    @api.onchange("name")
    def _onchange_name_propose_code(self):
        for record in self:
            if record.name and not record.code:
                record.code = self._code_of(record.name)

    @api.model
    def _code_of(self, name):
        """Lower-case ASCII words joined by underscores; a script without ASCII letters
        keeps its own.

        >>> self._code_of("Net sales, 12 months")
        'net_sales_12_months'
        """
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        words = re.findall(r"\w+", (plain.strip() or name).lower())
        return "_".join(words)[:64]
