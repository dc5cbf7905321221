"""A model, two customers, and histories: as the engine writes them, or made up."""

from datetime import date, timedelta

from odoo.tools import SQL

from .common import CustomerValueCommon

DAY = timedelta(days=1)


class HistoryCommon(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.make_partner("Told")
        cls.other = cls.make_partner("Other")
        cls.model = cls.make_model(
            [
                {
                    "code": "sales",
                    "source": "sales",
                    "aggregate": "sum",
                    "window": (30, "day"),
                    "scale": "interpolated",
                    "bands": ((0, 0), (100, 100)),
                },
                {"code": "deals", "source": "opportunities_won", "weight": 1},
            ],
            partners=cls.partner | cls.other,
            recalibration="never",
        )
        cls.sales, cls.deals = cls.model.indicator_ids
        cls.sales.sudo().weight = 3
        cls.day = date(2026, 3, 10)

    def buy(self, amount, day, partner=None):
        return self.make_order(
            partner or self.partner, [(1, amount)], when=self.local(day)
        )

    def history(self, partner=None):
        """Rows oldest first."""
        return self.env["customer.value.history"].search(
            [("partner_id", "=", (partner or self.partner).id)],
            order="date, recorded, id",
        )

    def told(self, partner=None):
        return [
            (row.date, round(row.score, 2), row.cause) for row in self.history(partner)
        ]

    def vectors(self, row):
        [[raw, points, states, before_points]] = self.env.execute_query(
            self.sql_vectors(row)
        )
        return raw, points, states, before_points

    @staticmethod
    def sql_vectors(row):
        return SQL(
            "SELECT raw, points, states, before_points "
            "FROM customer_value_history WHERE id = %s",
            row.id,
        )

    # ------------------------------------------------------- made-up histories

    # Of ``self.partner`` and of ``self.row``, his score.

    def standing(self, draw, version):
        """Points and states of the slots, and the score they give."""
        size = max(version.indicator_ids.mapped("slot"))
        points = [float(draw.randrange(0, 101)) for __ in range(size)]
        states = [draw.choice((0, 1, 1, 1, 2, 3)) for __ in range(size)]
        if draw.random() < 0.05:
            states = [0] * size
        weights = {one.slot: one.weight for one in version.indicator_ids}
        counted = [slot for slot in weights if states[slot - 1] in (1, 2)]
        total = sum(weights[slot] for slot in counted)
        score = sum(weights[slot] * points[slot - 1] for slot in counted)
        return points, states, score / total if total else 0.0

    def insert(self, day, kind, version, standing, before, draw):
        points, states, score = standing
        shown = 55.5 if draw.random() < 0.2 else score
        old_version, old_points, old_states, old_score = before or [None] * 4
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO customer_value_history
                       (partner_id, company_id, former_id, date, recorded, cause,
                        is_step, model_id, score, computed_score, raw, basis, points,
                        states, before_model_id, before_score, before_points,
                        before_states)
                VALUES (%s, %s, 0, %s, now(), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
                        %s, %s, %s)
                """,
                self.partner.id,
                self.company.id,
                day,
                kind,
                before is not None,
                version.id,
                shown,
                score,
                points,
                points,
                points,
                states,
                old_version and old_version.id,
                old_score,
                old_points,
                old_states,
            )
        )

    def present(self, version, draw):
        points, states, score = self.standing(draw, version)
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_value_score
                   SET model_id = %s, score = %s, computed_score = %s, raw = %s,
                       basis = %s, points = %s, states = %s
                 WHERE id = %s
                """,
                version.id,
                score,
                score,
                points,
                points,
                points,
                states,
                self.row.id,
            )
        )
        self.row.invalidate_recordset()
