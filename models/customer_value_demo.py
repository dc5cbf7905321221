from odoo import api, models


class CustomerValueDemo(models.AbstractModel):
    """The door through which the demo files reach the generator.

    The generator is imported when demo data is loaded, never otherwise.
    """

    _name = "customer.value.demo"
    _description = "Customer Value Demo Data"

    @api.model
    def _generate(self):
        from ..demo.generator import generate

        generate(self.env)
