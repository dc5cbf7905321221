"""What moved the customers of a model, against a customer-by-customer reckoning."""

from random import Random

from odoo.tests import tagged

from .history_common import DAY, HistoryCommon


@tagged("post_install", "-at_install")
class TestMovement(HistoryCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model.sudo().state = "retired"
        cls.partners = cls.env["res.partner"].union(
            *(cls.make_partner() for __ in range(12))
        )
        cls.scheme = cls.make_model(
            [
                {"code": f"i{number}", "source": "sales", "weight": weight}
                for number, weight in enumerate((5, 2, 1, 2))
            ],
            tiers=(("top", {"rules": [{"kind": "score", "number": 50}]}), ("rest", {})),
            partners=cls.partners,
        )
        cls.score(cls.scheme, cls.day)
        cls.env["customer.value.history"].sudo().search([]).unlink()

    def moved(self, start):
        movement = self.env["customer.value.movement"].create(
            {"model_id": self.scheme.id, "period": "30"}
        )
        movement.start = start
        movement.action_compare()
        return movement

    def test_as_the_explanations_of_all_customers(self):
        draw = Random(3)
        start = self.day + 5 * DAY
        told = []
        for partner in self.partners:
            self.partner = partner
            self.row = self.env["customer.value.score"].search(
                [("partner_id", "=", partner.id)]
            )
            self.present(self.scheme, draw)
            if partner == self.partners[0]:
                continue  # nothing is known of the past
            standing = self.standing(draw, self.scheme)
            self.insert(self.day, "evidence", self.scheme, standing, None, Random(1))
            told.append(self.env["customer.value.change"]._explain(self.row, start))
        self.env.invalidate_all()
        movement = self.moved(start)
        self.assertEqual(movement.compared_count, len(told))
        self.assertEqual(movement.other_count, 1)
        for line in movement.line_ids:
            code = line.indicator_id.code
            amounts = [
                entry["amount"]
                for one in told
                for entry in one["lines"]
                if entry["code"] == code
            ]
            self.assertAlmostEqual(line.total, sum(amounts) / len(told), places=5)
            self.assertEqual(line.risen, sum(amount >= 0.5 for amount in amounts))
            self.assertEqual(line.fallen, sum(amount <= -0.5 for amount in amounts))
        self.assertEqual(len(movement.line_ids), 4)
        scores = self.env["customer.value.score"].search(
            [("partner_id", "in", self.partners[1:].ids)]
        )
        self.assertAlmostEqual(
            movement.average_after, sum(scores.mapped("score")) / len(scores), places=5
        )
        tiers = movement.tier_line_ids
        self.assertEqual(sum(tiers.mapped("customer_count")), len(self.partners))
        self.assertEqual(
            sum(tiers.mapped("risen")), sum(one["to"] > one["from"] for one in told)
        )
        self.assertEqual(
            sum(tiers.mapped("fallen")), sum(one["to"] < one["from"] for one in told)
        )
        self.assertEqual(sum(tiers.mapped("entered")), 1)
