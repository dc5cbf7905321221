from odoo import api, fields, models


class CustomerCompetitor(models.Model):
    """A rival, named by whoever hears of it first; the till offers the names."""

    _name = "customer.competitor"
    _description = "Rival"
    _inherit = ["pos.load.mixin"]
    _order = "sequence, name"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    promotion_ids = fields.One2many("customer.competitor.promotion", "competitor_id")
    promotion_count = fields.Integer(compute="_compute_promotion_count")

    _name_unique = models.Constraint("UNIQUE (name)", "This rival is known already.")

    @api.depends("promotion_ids")
    def _compute_promotion_count(self):
        counts = dict(
            self.env["customer.competitor.promotion"]._read_group(
                [("competitor_id", "in", self.ids)], ["competitor_id"], ["__count"]
            )
        )
        for competitor in self:
            competitor.promotion_count = counts.get(competitor, 0)

    @api.model
    def _load_pos_data_fields(self, config):
        return ["name"]

    def action_open_promotions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_value.customer_competitor_promotion_action"
        )
        return {
            **action,
            "domain": [("competitor_id", "=", self.id)],
            "context": {"default_competitor_id": self.id},
        }
