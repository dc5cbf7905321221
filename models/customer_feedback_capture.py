from odoo import api, fields, models

from .res_partner import GROUP


class ResPartner(models.Model):
    _inherit = "res.partner"

    value_feedback_count = fields.Integer(
        string="Feedback Count",
        compute="_compute_value_feedback",
        groups=GROUP,
        help="What the company and its people have said, of it what you may read.",
    )
    value_feedback_open_count = fields.Integer(
        string="Open Feedback Count", compute="_compute_value_feedback", groups=GROUP
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_value_feedback(self):
        feedback = self.env["customer.feedback"]
        entities = self.commercial_partner_id
        counts, waiting = {}, {}
        if entities.ids:
            here = [("commercial_partner_id", "in", entities.ids)]
            waits = [*here, ("date_closed", "=", False)]
            groups = (["commercial_partner_id"], ["__count"])
            counts = dict(feedback._read_group(here, *groups))
            waiting = dict(feedback._read_group(waits, *groups))
        for partner in self:
            entity = partner.commercial_partner_id
            partner.value_feedback_count = counts.get(entity, 0)
            partner.value_feedback_open_count = waiting.get(entity, 0)

    def action_open_value_feedback(self):
        """What the contact's company has said; or, if nothing yet, note something."""
        self.ensure_one()
        if not self.value_feedback_count:
            return self.action_note_value_feedback()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_value.customer_feedback_action"
        )
        entity = self.commercial_partner_id
        return {
            **action,
            "name": self.env._("Feedback of %s", entity.display_name),
            "view_mode": "list,kanban,form",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "domain": [("commercial_partner_id", "=", entity.id)],
            "context": {"default_partner_id": self.id, "default_channel": "partner"},
        }

    def action_note_value_feedback(self):
        """Two fields: what kind of feedback, and what was said."""
        self.ensure_one()
        company = self.company_id or self.env.company
        return self.env["customer.feedback"]._note_action(
            self, company, "partner", self
        )


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_note_value_feedback(self):
        """Two fields, beside the quotation on which the customer said it."""
        self.ensure_one()
        return self.env["customer.feedback"]._note_action(
            self.partner_id, self.company_id, "quotation", self
        )


class CustomerFeedback(models.Model):
    _inherit = "customer.feedback"

    @api.model
    def _note_action(self, partner, company, channel, document):
        """The small form, with everything filled in that the document tells."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_value.customer_feedback_action_quick"
        )
        return {
            **action,
            "context": {
                "default_partner_id": partner.id,
                "default_company_id": company.id,
                "default_channel": channel,
                "default_res_model": document._name,
                "default_res_id": document.id,
            },
        }
