from odoo import fields, models

CAUSES = [
    ("evidence", "Evidence"),
    ("time", "Time"),
    ("calibration", "Calibration"),
    ("configuration", "Configuration"),
    ("merge", "Merge"),
    ("override", "Override"),
]


class CustomerValueHistory(models.Model):
    """Where a customer stood, append-only: a row when the shown score or tier moved.

    At most one row per customer, company and day; the last of the day stands. Written
    by the engine alone.
    """

    _name = "customer.value.history"
    _description = "Customer Value History"
    _order = "date desc, id desc"
    _log_access = False

    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    model_id = fields.Many2one(
        "customer.value.model", readonly=True, ondelete="cascade"
    )
    date = fields.Date(required=True, readonly=True)
    score = fields.Float(readonly=True, aggregator="avg")
    tier_id = fields.Many2one("customer.value.tier", readonly=True, ondelete="set null")
    coverage = fields.Float(readonly=True, aggregator="avg")
    cause = fields.Selection(CAUSES, readonly=True)

    _partner_company_date_idx = models.Index("(partner_id, company_id, date DESC)")
