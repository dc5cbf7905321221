from odoo import fields, models

COMPONENTS = [
    ("realised", "Realised value"),
    ("potential", "Potential value"),
    ("reference", "Model value"),
]


class CustomerValueDimension(models.Model):
    """What kind of value an indicator speaks of.

    Dimensions follow customer engagement value (Kumar et al. 2010: purchases,
    referral, influence, knowledge), completed by engagement, loyalty, potential and
    profile. Each rolls up to one component of the value shown on the customer:
    realised, potential or model value (the worth as a reference and example).
    """

    _name = "customer.value.dimension"
    _description = "Customer Value Dimension"
    _inherit = ["customer.value.coded"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Stable name for tests and integrations.")
    sequence = fields.Integer(default=10)
    component = fields.Selection(
        COMPONENTS,
        required=True,
        default="realised",
        help="Realised: what the customer brought. Potential: what he may still "
        "bring. Model: what he is worth as an example and advocate for others.",
    )
    color = fields.Integer(string="Colour", help="Colour in charts and lists.")
    description = fields.Text(translate=True)

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another dimension already has this code."
    )

    def write(self, vals):
        result = super().write(vals)
        if "component" in vals:
            self.env.registry.clear_cache("stable")
        return result
