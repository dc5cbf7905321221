from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.rounding import round_half_up

MOVERS = 10
TABLE = "cv_preview"


class CustomerValuePreview(models.TransientModel):
    """A draft's scores of everybody beside today's, before it is activated.

    The engine scores the whole population into a temporary table. One line per
    customer is kept with the preview, so that every figure opens its customers; no
    score, no history and no customer is touched.
    """

    _name = "customer.value.preview"
    _description = "Preview of a Value Model"
    _rec_name = "model_id"

    model_id = fields.Many2one("customer.value.model", required=True, readonly=True)
    model_state = fields.Selection(related="model_id.state", string="Model State")
    as_of = fields.Date(string="As of", readonly=True)
    scored_count = fields.Integer(string="Customers", readonly=True)
    result = fields.Json(readonly=True)
    line_ids = fields.One2many(
        "customer.value.preview.line", "preview_id", readonly=True
    )

    @api.depends("model_id.name")
    def _compute_display_name(self):
        for preview in self:
            preview.display_name = self.env._("Preview of %s", preview.model_id.name)

    # ------------------------------------------------------------------ actions

    def action_activate(self):
        return self.model_id.action_activate()

    def action_open_model(self):
        return self.model_id._form_action()

    def action_refresh(self):
        """Score again: the draft or the customers have changed since."""
        return self._open(self.model_id)

    def action_open_lines(self, old_tiers=None, new_tiers=None, move=None):
        """The customers behind a figure.

        :param old_tiers: ids of today's tiers (False: no tier), or None for any
        :param new_tiers: the same of the draft's tiers
        :param move: one of the line's moves, or None
        """
        self.ensure_one()
        domain = [("preview_id", "=", self.id)]
        for name, ids in (("old_tier_id", old_tiers), ("new_tier_id", new_tiers)):
            if ids is not None:
                domain.append((name, "in", ids))
        if move:
            domain.append(("move", "=", move))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Customers in the Preview"),
            "res_model": "customer.value.preview.line",
            "views": [(False, "list"), (False, "pivot"), (False, "graph")],
            "domain": domain,
        }

    # ----------------------------------------------------------------- scoring

    def _open(self, model):
        """Preview a model and show it."""
        problem = model._activation_problem()
        if problem:
            raise UserError(
                self.env._("%(model)s: %(problem)s", model=model.name, problem=problem)
            )
        preview = self.create({"model_id": model.id, "as_of": model._today()})
        preview._score()
        return {
            "type": "ir.actions.act_window",
            "name": preview.display_name,
            "res_model": self._name,
            "res_id": preview.id,
            "view_mode": "form",
        }

    def _score(self):
        self.ensure_one()
        model = self.model_id
        if model.state == "draft" and not model.calibrated_on:
            model._calibrate(self.as_of)
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(TABLE)))
        errors = self.env["customer.value.engine"]._results_table(
            model, self.as_of, TABLE
        )
        self._keep_lines()
        self.env.cr.execute(SQL("DROP TABLE %s", SQL.identifier(TABLE)))
        self.result = self._result(errors)
        self.scored_count = self.result["scored"]

    def _keep_lines(self):
        """The draft's scores beside today's, for who has either."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO customer_value_preview_line
                            (preview_id, partner_id, old_score, old_tier_id,
                             new_score, new_tier_id, change, move,
                             create_uid, create_date, write_uid, write_date)
                     SELECT %(preview)s, partner_id, old_score, old_tier_id,
                            new_score, new_tier_id, new_score - old_score,
                            CASE WHEN old_score IS NULL THEN 'enters'
                                 WHEN new_score IS NULL THEN 'leaves'
                                 WHEN new_score > old_score THEN 'rises'
                                 WHEN new_score < old_score THEN 'falls'
                                 ELSE 'same' END,
                            %(uid)s, %(now)s, %(uid)s, %(now)s
                       FROM (SELECT partner_id, FLOOR(score + 0.5) AS new_score,
                                    tier_id AS new_tier_id
                               FROM %(table)s) draft
                  FULL JOIN (SELECT partner_id, FLOOR(score + 0.5) AS old_score,
                                    tier_id AS old_tier_id
                               FROM customer_value_score
                              WHERE company_id = %(company)s
                                AND (model_id = ANY(%(lineage)s) OR partner_id IN (
                                     SELECT partner_id FROM %(table)s))) today
                      USING (partner_id)
                """,
                preview=self.id,
                uid=self.env.uid,
                now=self.env.cr.now(),
                table=SQL.identifier(TABLE),
                company=self.model_id.company_id.id,
                lineage=self.model_id._lineage().ids,
            )
        )
        self.env["customer.value.preview.line"].invalidate_model()

    # ----------------------------------------------------------------- telling

    def _result(self, errors):
        """Everything the screen shows, in plain values."""
        Line = self.env["customer.value.preview.line"]
        mine = [("preview_id", "=", self.id)]
        moves = dict(Line._read_group(mine, ["move"], ["__count"]))
        flows = {
            (old.id, new.id): (old, new, count)
            for old, new, count in Line.with_context(active_test=False)._read_group(
                mine, ["old_tier_id", "new_tier_id"], ["__count"]
            )
        }
        return {
            "scored": sum(moves.values()) - moves.get("leaves", 0),
            "today": sum(moves.values()) - moves.get("enters", 0),
            "moves": moves,
            **self._averages(),
            "tiers": self._tiers(flows),
            "rises": self._movers([*mine, ("change", ">", 0)], "change desc, id"),
            "falls": self._movers([*mine, ("change", "<", 0)], "change, id"),
            "errors": [
                {"name": culprit.display_name, "message": message}
                for culprit, message in errors.items()
            ],
        }

    def _averages(self):
        [(old, new)] = self.env.execute_query(
            SQL(
                "SELECT AVG(old_score), AVG(new_score) "
                "FROM customer_value_preview_line WHERE preview_id = %s",
                self.id,
            )
        )
        return {"average": new, "average_today": old}

    def _tiers(self, flows):
        """Levels from the top, today's and the draft's matched by their code.

        ``to`` counts who goes from this level to each of the others, by its place.
        """
        own = self.model_id.tier_ids
        olds = own.browse().union(*(old for old, __, __ in flows.values()))
        news = own.union(*(new for __, new, __ in flows.values()))
        levels = {tier.code: self._level(tier) for tier in own}
        for side, tiers in (("new_ids", news), ("old_ids", olds)):
            for tier in tiers.sorted(lambda tier: (tier.sequence, tier.id)):
                level = levels.setdefault(tier.code, self._level(tier))
                level[side] += tier.ids
        levels[False] = {
            "name": self.env._("No tier"),
            "color": "",
            "old_ids": [False],
            "new_ids": [False],
        }
        levels = list(levels.values())
        for level in levels:
            level["to"] = [
                sum(
                    flows.get((old, new), (None, None, 0))[2]
                    for old in level["old_ids"]
                    for new in other["new_ids"]
                )
                for other in levels
            ]
        for place, level in enumerate(levels):
            level["today"] = sum(level["to"])
            level["draft"] = sum(other["to"][place] for other in levels)
        return levels

    def _level(self, tier):
        return {
            "name": tier.name,
            "color": tier.color or "",
            "old_ids": [],
            "new_ids": [],
        }

    def _movers(self, domain, order):
        lines = self.env["customer.value.preview.line"].search(
            domain, order=order, limit=MOVERS
        )
        return [
            {
                "partner_id": line.partner_id.id,
                "name": line.partner_id.sudo().display_name,
                "old": round_half_up(line.old_score),
                "new": round_half_up(line.new_score),
                "old_tier": line.old_tier_id.name or "",
                "old_color": line.old_tier_id.color or "",
                "new_tier": line.new_tier_id.name or "",
                "new_color": line.new_tier_id.color or "",
            }
            for line in lines
        ]


class CustomerValuePreviewLine(models.TransientModel):
    """One customer today and by the draft; dies with its preview."""

    _name = "customer.value.preview.line"
    _description = "Customer in a Preview"
    _rec_name = "partner_id"
    _order = "change desc, id"

    preview_id = fields.Many2one(
        "customer.value.preview", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    old_score = fields.Float(
        string="Score Today", readonly=True, aggregator="avg", digits=(6, 0)
    )
    old_tier_id = fields.Many2one(
        "customer.value.tier", string="Tier Today", readonly=True
    )
    new_score = fields.Float(
        string="Score by Draft", readonly=True, aggregator="avg", digits=(6, 0)
    )
    new_tier_id = fields.Many2one(
        "customer.value.tier", string="Tier by Draft", readonly=True
    )
    change = fields.Float(readonly=True, aggregator="avg", digits=(6, 0))
    move = fields.Selection(
        [
            ("rises", "Rises"),
            ("falls", "Falls"),
            ("same", "Stays"),
            ("enters", "Not scored today"),
            ("leaves", "Leaves the population"),
        ],
        readonly=True,
    )

    def _transient_vacuum(self):
        """Lines go with their preview, which the database does at once."""

    def action_open_partner(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "view_mode": "form",
        }
