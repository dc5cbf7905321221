"""The map of an account and all that hangs on it is seen by its team."""

from odoo import api, models
from odoo.fields import Domain

MAP = "customer.influence.map"
FOLLOW_MAP = (
    "customer.key.contact",
    "customer.influence",
    "customer.key.contact.deal",
    "customer.key.contact.history",
    "customer.key.proposal",
    "customer.influence.view.log",
)
"""Models whose records may be read, written and removed by who may read their map."""


class IrRule(models.Model):
    _inherit = "ir.rule"

    @api.model
    def _compute_domain(self, model_name, mode="read"):
        """Seats and lines follow the rules of their map, and maps those of accounts."""
        domain = super()._compute_domain(model_name, mode)
        if model_name == MAP and not self.env.su:
            domain &= self._account_team_domain()
        elif model_name in FOLLOW_MAP and not self.env.su:
            domain &= Domain("map_id", "any", self._compute_domain(MAP, "read"))
        return domain

    def _account_team_domain(self):
        account = super()._compute_domain("res.partner", "read")
        domain = Domain.TRUE
        if not account.is_true():
            domain &= Domain("account_id", "any", account)
        if not self.env.user.has_group("customer_value.group_manager"):
            domain &= self.env[MAP]._team_domain()
        return domain


class CustomerInfluenceConfidential(models.AbstractModel):
    """What hangs on a map: who looks is written down, names are for the team."""

    _name = "customer.influence.confidential"
    _description = "Confidential Part of an Influence Map"

    @api.depends_context("uid")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _told_to_me(self):
        """Those whose name the user may read.

        Odoo tells names past the rules: as the value of a many2one, in the message
        of an access error, as the name of what an activity or a rating is about.
        """
        if self.env.user._is_superuser():
            return self
        return self.sudo(False)._filtered_access("read").with_env(self.env)

    # ------------------------------------------------------------------ log

    def _read_format(self, fnames, load="_classic_read"):
        self._note_view("records")
        return super()._read_format(fnames, load)

    def export_data(self, fields_to_export):
        self._note_view("export")
        return super().export_data(fields_to_export)

    @api.model
    def formatted_read_group(self, domain, *args, **kwargs):
        self._note_groups(domain)
        return super().formatted_read_group(domain, *args, **kwargs)

    @api.model
    def formatted_read_grouping_sets(self, domain, *args, **kwargs):
        self._note_groups(domain)
        return super().formatted_read_grouping_sets(domain, *args, **kwargs)

    def _note_view(self, how):
        if self and not self.env.su:
            self.env["customer.influence.view.log"]._note(self.map_id, how)

    @api.model
    def _note_groups(self, domain):
        """Groups and pivots tell of the people, too."""
        maps = self.env[MAP]
        if not self.env.su:
            maps = maps.concat(*(one for [one] in self._read_group(domain, ["map_id"])))
        self.env["customer.influence.view.log"]._note(maps, "records")
