from odoo import api, fields, models

from .res_partner import GROUP


class ResPartner(models.Model):
    """A contact shows the touches and promises of its commercial entity."""

    _inherit = "res.partner"

    value_touch_count = fields.Integer(
        string="Touches", compute="_compute_value_touch_count", groups=GROUP
    )
    value_promise_ids = fields.Many2many(
        "customer.touchpoint",
        string="Open Promises",
        compute="_compute_value_promises",
        groups=GROUP,
    )
    value_promise_open = fields.Integer(
        string="Promises Open", compute="_compute_value_promises", groups=GROUP
    )
    value_promise_overdue = fields.Integer(
        string="Promises Overdue", compute="_compute_value_promises", groups=GROUP
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid")
    def _compute_value_touch_count(self):
        counts = dict(
            self.env["customer.touchpoint"]._read_group(
                self._value_touch_domain(), ["commercial_partner_id"], ["__count"]
            )
        )
        for partner in self:
            entity = partner.commercial_partner_id
            partner.value_touch_count = counts.get(entity._origin, 0)

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid")
    def _compute_value_promises(self):
        promises = self.env["customer.touchpoint"].search(
            [*self._value_touch_domain(), ("promise_state", "=", "open")],
            order="promise_due, id",
        )
        by_entity = promises.grouped("commercial_partner_id")
        for partner in self:
            theirs = by_entity.get(
                partner.commercial_partner_id._origin, promises.browse()
            )
            partner.value_promise_ids = theirs
            partner.value_promise_open = len(theirs)
            partner.value_promise_overdue = len(theirs.filtered("promise_overdue"))

    def _value_touch_domain(self):
        return [
            ("commercial_partner_id", "in", self.commercial_partner_id.ids),
            ("company_id", "=", self.env.company.id),
        ]

    # ------------------------------------------------------------------- actions

    def action_open_touchpoints(self):
        return self._value_touch_action("customer_value.customer_touchpoint_action")

    def action_open_promises(self):
        action = self._value_touch_action(
            "customer_value.customer_touchpoint_action_promises"
        )
        return {**action, "context": {**action["context"], "search_default_open": 1}}

    def _value_touch_action(self, xml_id):
        """An action on touchpoints, for the customer's own."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        return {
            **action,
            "name": self.env._(
                "%(what)s: %(customer)s",
                what=action["name"],
                customer=self.commercial_partner_id.display_name,
            ),
            "domain": [
                *self._value_touch_domain(),
                *(
                    [("kind", "=", "promise")]
                    if xml_id.endswith("_promises")
                    else []
                ),
            ],
            "context": {"default_partner_id": self.id},
        }
