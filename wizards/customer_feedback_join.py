from odoo import api, fields, models


class CustomerFeedbackJoin(models.TransientModel):
    """Say of several pieces of feedback that they are the same idea."""

    _name = "customer.feedback.join"
    _description = "Join the Same Idea"

    feedback_ids = fields.Many2many("customer.feedback", required=True, readonly=True)
    first_id = fields.Many2one(
        "customer.feedback",
        string="The First",
        required=True,
        domain="[('id', 'in', feedback_ids)]",
        help="The others are joined to it. All authors are credited.",
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        feedbacks = self.env["customer.feedback"].browse(
            self.env.context.get("active_ids", [])
        )
        oldest = feedbacks.sorted(lambda one: (one.date, one.id))[:1]
        values["feedback_ids"] = [fields.Command.set(feedbacks.ids)]
        values["first_id"] = (oldest.parent_id or oldest).id
        return values

    def action_join(self):
        self.feedback_ids._join(self.first_id)
        return {"type": "ir.actions.act_window_close"}
