from itertools import product

from odoo import api, fields, models

LEVELS = range(1, 6)


class CustomerValueSegment(models.Model):
    """A named part of the recency, frequency, monetary cube of 125 cells.

    Each of the three measures is a level 1 (lowest points) to 5 (highest points). The
    segments of a model have to cover every cell exactly once; published tables
    seldom do, which leaves customers unnamed or named twice.
    """

    _name = "customer.value.segment"
    _description = "Customer Value Segment"
    _inherit = ["customer.value.locked", "customer.value.coded"]
    _value_words = frozenset({"name", "advice"})
    _order = "model_id, sequence, id"

    model_id = fields.Many2one(
        "customer.value.model", required=True, ondelete="cascade", index=True
    )
    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    advice = fields.Char(translate=True, help="What to do with these customers.")
    recency_min = fields.Integer(default=1, required=True)
    recency_max = fields.Integer(default=5, required=True)
    frequency_min = fields.Integer(default=1, required=True)
    frequency_max = fields.Integer(default=5, required=True)
    monetary_min = fields.Integer(default=1, required=True)
    monetary_max = fields.Integer(default=5, required=True)
    customer_count = fields.Integer(compute="_compute_customer_count")

    _code_unique = models.Constraint(
        "UNIQUE (model_id, code)", "Two segments of a model cannot have the same code."
    )
    _levels = models.Constraint(
        "CHECK (recency_min BETWEEN 1 AND recency_max AND recency_max <= 5 "
        "AND frequency_min BETWEEN 1 AND frequency_max AND frequency_max <= 5 "
        "AND monetary_min BETWEEN 1 AND monetary_max AND monetary_max <= 5)",
        "Levels run from 1 to 5, the lower one first.",
    )

    @api.depends("model_id")
    def _compute_customer_count(self):
        counts = dict(
            self.env["customer.value.score"]._read_group(
                [("segment_id", "in", self.ids)], ["segment_id"], ["__count"]
            )
        )
        for segment in self:
            segment.customer_count = counts.get(segment, 0)

    def action_open_customers(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "customer.value.score",
            "view_mode": "list,graph,pivot,form",
            "domain": [("segment_id", "=", self.id)],
        }

    def _covers(self, recency, frequency, monetary):
        """Whether the cell lies in the segment."""
        self.ensure_one()
        return (
            self.recency_min <= recency <= self.recency_max
            and self.frequency_min <= frequency <= self.frequency_max
            and self.monetary_min <= monetary <= self.monetary_max
        )

    def _by_cell(self):
        """Id of the segment of each cell, or None; monetary runs fastest."""
        return [
            next((one.id for one in self if one._covers(*cell)), None)
            for cell in product(LEVELS, repeat=3)
        ]

    def _partition_problem(self):
        """The first cell that is not covered exactly once, in words; or False."""
        for cell in product(LEVELS, repeat=3):
            names = self.filtered(lambda segment, at=cell: segment._covers(*at)).mapped(
                "name"
            )
            if len(names) == 1:
                continue
            where = self.env._(
                "recency %(r)s, frequency %(f)s, monetary %(m)s",
                r=cell[0],
                f=cell[1],
                m=cell[2],
            )
            if names:
                return self.env._(
                    "Segments overlap at %(cell)s: %(names)s. Every cell has to belong "
                    "to one segment.",
                    cell=where,
                    names=", ".join(names),
                )
            return self.env._(
                "No segment covers %s. Widen one, or add one.",
                where,
            )
        return False
