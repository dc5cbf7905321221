from odoo import api, models


class CustomerValueDemo(models.AbstractModel):
    """The door through which the demo files reach the generator.

    The generator is imported when demo data is loaded, never otherwise.
    """

    _name = "customer.value.demo"
    _description = "Customer Value Demo Data"

    @api.model
    def _generate(self):
        """Once: forcing demo data upon a database loads what is there already again."""
        if self.env.ref("customer_value.demo_pos_config", False):
            return
        from ..demo.generator import generate

        generate(self.env)
