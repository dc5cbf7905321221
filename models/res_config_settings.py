from odoo import api, fields, models

from .customer_value_model import READY_MODELS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    value_tz = fields.Selection(
        related="company_id.value_tz", readonly=False, required=True
    )
    value_ready_names = fields.Char(
        string="Ready Models to Activate",
        compute="_compute_value_ready_names",
        help="Delivered models that the company does not use yet.",
    )

    @api.depends("company_id")
    def _compute_value_ready_names(self):
        for settings in self:
            unused = settings._unused_ready_schemes()
            settings.value_ready_names = ", ".join(unused.mapped("name"))

    def _unused_ready_schemes(self):
        """The delivered models that the company has no version of."""
        schemes = self.env["customer.value.model"].sudo()
        ready = schemes.search([("code", "in", READY_MODELS)], order="sequence, id")
        used = ready.filtered(lambda m: m.company_id == self.company_id and m.version)
        unused = ready.filtered(lambda model: model.code not in used.mapped("code"))
        by_code = unused.grouped("code")
        return schemes.union(*(versions[:1] for versions in by_code.values()))

    def action_activate_ready_models(self):
        """Activate them for a company that was created after the installation."""
        self.ensure_one()
        schemes = self.env["customer.value.model"]
        schemes.check_access("create")
        schemes.sudo()._ready_drafts(READY_MODELS, self.company_id).action_activate()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "customer_value.customer_value_run_action"
        )
