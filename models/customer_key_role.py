from odoo import api, fields, models


class CustomerKeyRole(models.Model):
    """A part that people play when an account decides: several per person."""

    _name = "customer.key.role"
    _description = "Role in a Decision"
    _inherit = ["customer.value.coded"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="Stable name. The map looks for decision_maker and champion.",
    )
    sequence = fields.Integer(default=10)
    icon = fields.Char(
        default="fa-user-o", help="Icon on the map, one of Font Awesome 4."
    )
    factor = fields.Float(
        string="Weight",
        default=1.0,
        required=True,
        help="How much this role adds to a person's power: the decision weight starts "
        "from power times the greatest of the person's roles.",
    )
    description = fields.Text(translate=True)
    active = fields.Boolean(default=True)

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another role already has this code."
    )
    _factor_positive = models.Constraint(
        "CHECK (factor > 0)",
        "The weight of a role has to be above zero. To let a role count little, give "
        "it 0.1.",
    )

    @api.model
    def _by_code(self, codes):
        """The active roles with these codes, those that were not renamed away."""
        return self.sudo().search([("code", "in", list(codes))])
