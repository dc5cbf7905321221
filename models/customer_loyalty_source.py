from odoo import api, fields, models

USES = [
    ("touch", "In touch"),
    ("rating", "Says what he thinks (1 to 5)"),
    ("participation", "Takes part"),
    ("occasion", "Was asked to take part"),
    ("breadth", "Buys from many categories"),
]

READY_USES = {
    "activities_done": "touch",
    "meetings": "touch",
    "messages_received": "touch",
    "mailings_replied": "touch",
    "ratings": "rating",
    "ratings_asked": "occasion",
    "ratings_answered": "participation",
    "event_registrations": "occasion",
    "event_attendance": "participation",
    "survey_invitations": "occasion",
    "survey_answers": "participation",
    "order_lines": "breadth",
    "till_lines": "breadth",
    "touches_logged": "touch",
    "mention_tone": "rating",
}
"""By the code of delivered sources."""


class CustomerValueSource(models.Model):
    _inherit = "customer.value.source"

    loyalty_use = fields.Selection(
        USES,
        compute="_compute_loyalty_use",
        store=True,
        readonly=False,
        precompute=True,
        help="What the records say about loyalty. Touches, ratings and participation "
        "keep a prospect awake; ratings, and participation over occasions, make the "
        "attitudinal index; categories of products are part of the behavioural one.",
    )

    @api.depends("code")
    def _compute_loyalty_use(self):
        for source in self:
            source.loyalty_use = source.loyalty_use or READY_USES.get(source.code)

    @api.model
    def _for_loyalty(self):
        """Sources that say something about loyalty and can be read."""
        sources = self.sudo().search([("loyalty_use", "!=", False)], order="id")
        return sources.filtered(lambda source: source._is_usable())
