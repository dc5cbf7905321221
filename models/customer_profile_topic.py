from odoo import fields, models


class CustomerProfileTopic(models.Model):
    """Something worth knowing of a customer for which Odoo has no field.

    Ready ones: credit, capacity, management quality and funds of a business;
    occupation, family, preferences and birthday of a person.
    """

    _name = "customer.profile.topic"
    _description = "Profile Topic"
    _inherit = ["customer.value.coded"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="Stable name for imports, integrations and other modules.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    question = fields.Char(
        required=True, translate=True, help="As one would ask it, in plain words."
    )
    has_date = fields.Boolean(
        string="A Day", help="The answer is a day, such as a birthday."
    )
    is_personal = fields.Boolean(
        string="Personal",
        help="Speaks of a private person: neither asked nor kept of whoever carries "
        "the tag “No profiling”.",
    )

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another topic already has this code."
    )
