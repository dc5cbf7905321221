from datetime import timedelta

from odoo import Command, fields
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestReadmeExample(TransactionCase):
    """The example a reader of the README can redo by hand is what the engine says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls.env["customer.value.model"].create(
            {
                "name": "README",
                "code": "readme",
                "domain": "[('ref', '=', 'README')]",
            }
        )
        cls.add("sales", "sum", 30, "interpolated", [(0, 0), (1000, 50), (5000, 100)])
        cls.add("purchases", "count", 20, "step", [(0, 0), (1, 40), (3, 70), (6, 100)])
        cls.add(
            "purchases", "recency", 20, "step", [(0, 100), (30, 80), (90, 40), (365, 0)]
        )
        cls.add("praises", "rate", 10, "step", [(0, 0), (50, 60), (80, 100)])
        cls.add("events", "rate", 20, "step", [(0, 0), (50, 60), (80, 100)])
        cls.env["customer.value.tier"].create(
            [
                {
                    "model_id": cls.model.id,
                    "name": name,
                    "code": name.lower(),
                    "sequence": at,
                    "rule_ids": [
                        Command.create({"kind": "score", "number": number})
                        for number in numbers
                    ],
                }
                for at, (name, numbers) in enumerate(
                    [("Gold", [70]), ("Silver", [40]), ("Bronze", [])]
                )
            ]
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Rosa Marin", "ref": "README"}
        )

    @classmethod
    def add(cls, source, aggregate, weight, scale, bands):
        """An indicator; `praises` and `events` are rates over opportunities."""
        sources = cls.env["customer.value.source"]
        values = {
            "model_id": cls.model.id,
            "name": f"{source} {aggregate}",
            "code": f"{source}_{aggregate}",
            "dimension_id": cls.env.ref("customer_value.dimension_purchase").id,
            "aggregate": aggregate,
            "weight": weight,
            "scale": scale,
            "window_number": 90 if aggregate == "count" else 12,
            "window_unit": "day" if aggregate == "count" else "month",
            "band_ids": [
                Command.create({"threshold": edge, "points": points})
                for edge, points in bands
            ],
        }
        if aggregate == "rate":
            tag = f"[('name', 'like', '{source}%')]"
            source_of = {
                "res_model": "crm.lead",
                "partner_path": "partner_id",
                "date_field": "create_date",
            }
            asked = sources.create(
                {"name": source, "code": f"{source}_asked", "domain": tag, **source_of}
            )
            done = sources.create(
                {
                    "name": source,
                    "code": f"{source}_done",
                    "domain": f"[('name', '=', '{source} done')]",
                    **source_of,
                }
            )
            values |= {"source_id": done.id, "opportunity_source_id": asked.id}
        else:
            values["source_id"] = sources.search([("code", "=", source)]).id
        cls.env["customer.value.indicator"].create(values)

    def order(self, days_ago, amount):
        product = self.env["product.product"].create({"name": "Pan", "type": "consu"})
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        order.date_order = fields.Datetime.now() - timedelta(days=days_ago)

    def test_rosa_marin(self):
        """3,000 in a year, 2 purchases in 90 days, the last 12 days ago, 2 of 4."""
        self.order(200, 1600)
        self.order(60, 1000)
        self.order(12, 400)
        self.env["crm.lead"].create(
            [
                {"name": name, "partner_id": self.customer.id}
                for name in ("praises done", "praises done", "praises", "praises")
            ]
        )
        run = self.env["customer.value.run"]
        run.search([("state", "in", ("pending", "running"))]).action_cancel()
        self.model._replace_active_version()
        run._start(self.model)._work_through()
        score = self.env["customer.value.score"].search(
            [("partner_id", "=", self.customer.id)]
        )
        contributions = {
            measure.indicator_id.code: (measure.raw, measure.points, measure.share)
            for measure in score.measure_ids
            if measure.state == "measured"
        }
        self.assertEqual(
            contributions,
            {
                "sales_sum": (3000, 75, 37.5),
                "purchases_count": (2, 40, 25),
                "purchases_recency": (12, 100, 25),
                "praises_rate": (50, 60, 12.5),
            },
        )
        self.assertAlmostEqual(score.score, 70.625)
        self.assertEqual(score.tier_id.code, "gold")
        self.assertAlmostEqual(score.coverage, 80)
        self.assertEqual((score.evidence_count, score.indicator_count), (4, 5))
