from odoo import api, fields, models

MOST_MONTHS = 60


class CustomerValueReplay(models.TransientModel):
    """Works out from the documents where customers stood at the ends of past months.

    Scores by each model's runs, loyalty stages by company.
    """

    _name = "customer.value.replay"
    _description = "Reconstruct the Past"

    model_ids = fields.Many2many(
        "customer.value.model",
        string="Value Models",
        required=True,
        domain="[('state', '=', 'active'), ('company_id', 'in', allowed_company_ids)]",
        default=lambda self: self._default_models(),
    )
    months = fields.Integer(
        default=24,
        required=True,
        help="The end of each of the last so many months.",
    )

    _months_range = models.Constraint(
        f"CHECK (months BETWEEN 1 AND {MOST_MONTHS})",
        f"Choose between 1 and {MOST_MONTHS} months.",
    )

    @api.model
    def _default_models(self):
        """The active models among those it was opened from, else all."""
        models_ = self.env["customer.value.model"]
        domain = [
            ("state", "=", "active"),
            ("company_id", "in", self.env.companies.ids),
        ]
        if self.env.context.get("active_model") == models_._name:
            domain.append(("id", "in", self.env.context.get("active_ids", [])))
        return models_.search(domain)

    def action_replay(self):
        """Queue the months for the workers, and show them."""
        self.ensure_one()
        self.env["customer.value.run"]._start_replay(self.model_ids, self.months)
        self.env["customer.loyalty.history"]._start_replay(
            self.model_ids.company_id, self.months
        )
        return self.env["ir.actions.act_window"]._for_xml_id(
            "customer_value.customer_value_run_action"
        )
