from odoo import api, fields, models
from odoo.tools import SQL

PERIODS = [
    ("7", "7 days"),
    ("30", "30 days"),
    ("90", "90 days"),
    ("365", "1 year"),
    ("month", "This month"),
]


class CustomerValueMovement(models.TransientModel):
    """What moved the customers of a value model: by indicator, and by tier.

    Every customer's present standing is compared with his last one until the day, by
    the same formulas as a single explanation (``tools/change.py``), in one statement.
    Who was scored by another version then, or not at all, cannot be compared by
    indicator and is counted apart.
    """

    _name = "customer.value.movement"
    _description = "What Moved the Customers"
    _rec_name = "model_id"

    model_id = fields.Many2one(
        "customer.value.model",
        string="Value Model",
        required=True,
        domain=[("state", "=", "active")],
        default=lambda self: self._default_model(),
    )
    period = fields.Selection(PERIODS, required=True, default="month")
    start = fields.Date(
        compute="_compute_start",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        string="Since",
        help="Compared is the standing at the end of this day.",
    )
    line_ids = fields.One2many(
        "customer.value.movement.line", "movement_id", readonly=True
    )
    tier_line_ids = fields.One2many(
        "customer.value.movement.tier", "movement_id", readonly=True
    )
    compared_count = fields.Integer(readonly=True, string="Customers Compared")
    other_count = fields.Integer(
        readonly=True,
        string="Not Compared",
        help="Customers who had no score then, or one by another version.",
    )
    average_before = fields.Float(readonly=True, string="Average Then")
    average_after = fields.Float(readonly=True, string="Average Now")

    @api.model
    def _default_model(self):
        return self.env["customer.value.model"].search(
            [("state", "=", "active"), ("company_id", "=", self.env.company.id)],
            limit=1,
        )

    @api.depends("model_id.name")
    def _compute_display_name(self):
        for movement in self:
            movement.display_name = self.env._("What moved %s", movement.model_id.name)

    @api.depends("period", "model_id")
    def _compute_start(self):
        for movement in self:
            today = movement.model_id and movement.model_id._today()
            if not today:
                movement.start = False
            elif movement.period == "month":
                # the standing at the end of last month
                movement.start = fields.Date.subtract(today.replace(day=1), days=1)
            else:
                days = int(movement.period)
                movement.start = fields.Date.subtract(today, days=days)

    @api.model
    def action_open(self):
        """From the menu: this month of the first model, already compared."""
        movement = self.new()
        if not movement.model_id:
            return self.env["ir.actions.act_window"]._for_xml_id(
                "customer_value.customer_value_movement_action"
            )
        return self.create({}).action_compare()

    def action_compare(self):
        """Reckon, and show the result."""
        self.ensure_one()
        self.line_ids.unlink()
        self.tier_line_ids.unlink()
        [row] = self.env.execute_query_dict(self._totals_sql())
        self.write(
            {
                "compared_count": row["compared"],
                "other_count": row["others"],
                "average_before": row["before"] or 0,
                "average_after": row["after"] or 0,
                "line_ids": [
                    fields.Command.create(self._indicator_vals(indicator, row))
                    for indicator in self.model_id.indicator_ids
                ],
                "tier_line_ids": [
                    fields.Command.create(vals)
                    for vals in self.env.execute_query_dict(self._tiers_sql())
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def _indicator_vals(self, indicator, row):
        slot = indicator.slot
        return {
            "indicator_id": indicator.id,
            "evidence": row[f"d{slot}"] or 0,
            "coverage": row[f"w{slot}"] or 0,
            "risen": row[f"u{slot}"] or 0,
            "fallen": row[f"f{slot}"] or 0,
        }

    # -------------------------------------------------------------- statements

    def _pairs_sql(self):
        """Present standing and the last one until the start, by customer."""
        return SQL(
            """
            SELECT score.id, score.tier_id, score.score AS after, earlier.*
              FROM customer_value_score score
         LEFT JOIN LATERAL (
                    SELECT history.model_id AS before_model_id,
                           history.score AS before, history.tier_id AS before_tier_id,
                           history.points AS p0, history.states AS e0
                      FROM customer_value_history history
                     WHERE history.partner_id = score.partner_id
                       AND history.company_id = score.company_id
                       AND history.former_id = 0 AND history.date <= %s
                  ORDER BY history.date DESC, history.recorded DESC, history.id DESC
                     LIMIT 1) earlier ON TRUE
             WHERE score.model_id = %s
            """,
            self.start,
            self.model_id.id,
        )

    def _totals_sql(self):
        """One row: how many, the averages, and by indicator the mean effects.

        For slot k: ``d<k>`` and ``w<k>`` the means of D and W, ``u<k>`` and ``f<k>``
        how many customers it raised or lowered by half a point or more.
        """
        slots = self.model_id.indicator_ids.mapped("slot")
        weights = {one.slot: one.weight for one in self.model_id.indicator_ids}
        evidenced = [
            SQL(
                "CASE WHEN (%s)[%s] IN (1, 2) THEN %s::float8 ELSE 0 END AS %s",
                SQL.identifier(f"e{side}"),
                slot,
                weights[slot],
                SQL.identifier(f"a{side}_{slot}"),
            )
            for side in (0, 1)
            for slot in slots
        ]
        columns = []
        for slot in slots:
            columns += self._effect_columns(slot)
        return SQL(
            """
            WITH pairs AS (%(pairs)s),
            comparable AS (
                SELECT pairs.after, pairs.before, pairs.p0, pairs.e0,
                       score.points AS p1, score.states AS e1
                  FROM pairs JOIN customer_value_score score ON score.id = pairs.id
                 WHERE pairs.before_model_id = %(model)s AND pairs.p0 IS NOT NULL
            ), weighed AS (
                SELECT comparable.*, %(evidenced)s FROM comparable OFFSET 0
            ), shared AS (
                SELECT weighed.*, NULLIF(%(sum0)s, 0) AS t0, NULLIF(%(sum1)s, 0) AS t1
                  FROM weighed OFFSET 0
            ), scored AS (
                SELECT shared.*, COALESCE((%(s0)s) / t0, 0) AS c0,
                       COALESCE((%(s1)s) / t1, 0) AS c1
                  FROM shared OFFSET 0
            ), effects AS (
                SELECT %(effects)s FROM scored OFFSET 0
            )
            SELECT (SELECT COUNT(*) FROM comparable) AS compared,
                   (SELECT COUNT(*) FROM pairs) - (SELECT COUNT(*) FROM comparable)
                       AS others,
                   (SELECT AVG(before) FROM comparable) AS before,
                   (SELECT AVG(after) FROM comparable) AS after,
                   %(means)s
              FROM effects
            """,
            pairs=self._pairs_sql(),
            model=self.model_id.id,
            evidenced=SQL(", ").join(evidenced),
            sum0=self._sum(slots, 0, points=False),
            sum1=self._sum(slots, 1, points=False),
            s0=self._sum(slots, 0, points=True),
            s1=self._sum(slots, 1, points=True),
            effects=SQL(", ").join(columns),
            means=SQL(", ").join(self._mean_columns(slots)),
        )

    def _sum(self, slots, side, points):
        terms = [
            SQL(
                "%s * COALESCE((%s)[%s], 0)",
                SQL.identifier(f"a{side}_{slot}"),
                SQL.identifier(f"p{side}"),
                slot,
            )
            if points
            else SQL.identifier(f"a{side}_{slot}")
            for slot in slots
        ]
        return SQL(" + ").join(terms) if terms else SQL("0")

    def _effect_columns(self, slot):
        """D and W as in ``tools/change.py``."""
        names = {
            "a0": SQL("COALESCE(%s / t0, 0)", SQL.identifier(f"a0_{slot}")),
            "a1": SQL("COALESCE(%s / t1, 0)", SQL.identifier(f"a1_{slot}")),
            "s0": self._points_sql(slot, 0, 1),
            "s1": self._points_sql(slot, 1, 0),
            "mean": SQL("CASE WHEN t0 > 0 AND t1 > 0 THEN (c0 + c1) / 2 ELSE 0 END"),
            "d": SQL.identifier(f"d{slot}"),
            "w": SQL.identifier(f"w{slot}"),
        }
        return [
            SQL("(%(a0)s + %(a1)s) * (%(s1)s - %(s0)s) / 2 AS %(d)s", **names),
            SQL(
                "(%(a1)s - %(a0)s) * ((%(s0)s + %(s1)s) / 2 - %(mean)s) AS %(w)s",
                **names,
            ),
        ]

    def _points_sql(self, slot, side, other):
        return SQL(
            "COALESCE(CASE WHEN %s > 0 THEN (%s)[%s] END, (%s)[%s], 0)",
            SQL.identifier(f"a{side}_{slot}"),
            SQL.identifier(f"p{side}"),
            slot,
            SQL.identifier(f"p{other}"),
            slot,
        )

    def _mean_columns(self, slots):
        for slot in slots:
            change = SQL(
                "%s + %s", SQL.identifier(f"d{slot}"), SQL.identifier(f"w{slot}")
            )
            for prefix in ("d", "w"):
                name = SQL.identifier(f"{prefix}{slot}")
                yield SQL("AVG(%s) AS %s", name, name)
            for prefix, sign in (("u", SQL(">=")), ("f", SQL("<="))):
                yield SQL(
                    "COUNT(*) FILTER (WHERE %s %s %s) AS %s",
                    change,
                    sign,
                    0.5 if prefix == "u" else -0.5,
                    SQL.identifier(f"{prefix}{slot}"),
                )

    def _tiers_sql(self):
        """By today's tier: how many rose, fell, stayed, and came from another tier."""
        return SQL(
            """
            SELECT tier_id, COUNT(*) AS customer_count,
                   COUNT(*) FILTER (
                       WHERE FLOOR(after + 0.5) > FLOOR(before + 0.5)) AS risen,
                   COUNT(*) FILTER (
                       WHERE FLOOR(after + 0.5) < FLOOR(before + 0.5)) AS fallen,
                   COUNT(*) FILTER (WHERE before IS NULL) AS entered,
                   COUNT(*) FILTER (
                       WHERE before_tier_id <> tier_id) AS from_other_tier
              FROM (%s) pairs
          GROUP BY tier_id
            """,
            self._pairs_sql(),
        )


class CustomerValueMovementLine(models.TransientModel):
    """An indicator's mean effect on the scores of the customers compared."""

    _name = "customer.value.movement.line"
    _description = "What an Indicator Moved"
    _order = "sort desc, id"

    movement_id = fields.Many2one(
        "customer.value.movement", required=True, ondelete="cascade", index=True
    )
    indicator_id = fields.Many2one("customer.value.indicator", required=True)
    evidence = fields.Float(help="By what customers did, or stopped doing, on average.")
    coverage = fields.Float(
        help="By evidence that appeared or disappeared, on average."
    )
    total = fields.Float(string="Average Effect", compute="_compute_total", store=True)
    sort = fields.Float(compute="_compute_total", store=True)
    risen = fields.Integer(
        string="Raised", help="Customers it raised by half a point or more."
    )
    fallen = fields.Integer(
        string="Lowered", help="Customers it lowered by half a point or more."
    )

    @api.depends("evidence", "coverage")
    def _compute_total(self):
        for line in self:
            line.total = line.evidence + line.coverage
            line.sort = abs(line.total)


class CustomerValueMovementTier(models.TransientModel):
    """How the customers of a tier moved."""

    _name = "customer.value.movement.tier"
    _description = "How a Tier Moved"
    _order = "tier_sequence, id"

    movement_id = fields.Many2one(
        "customer.value.movement", required=True, ondelete="cascade", index=True
    )
    tier_id = fields.Many2one("customer.value.tier")
    tier_color = fields.Char(related="tier_id.color")
    tier_sequence = fields.Integer(related="tier_id.sequence", store=True)
    customer_count = fields.Integer(string="Customers")
    risen = fields.Integer()
    fallen = fields.Integer()
    entered = fields.Integer(string="New", help="Not scored then.")
    from_other_tier = fields.Integer(string="From Another Tier")
