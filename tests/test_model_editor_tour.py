from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestModelEditorTour(HttpCase):
    def test_edit_preview_activate(self):
        company = self.env["res.company"].create({"name": "Tour Works"})
        manager = new_test_user(
            self.env,
            "tour.manager",
            "customer_value.group_manager,sales_team.group_sale_salesman_all_leads",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        model = self._make_model(manager)
        model.action_activate()
        run = model.run_ids
        run.sudo()._work_through()
        before = {score.partner_id: score.score for score in self._scores(model)}
        self.start_tour(
            "/odoo/customer-value",
            "customer_value_model_editor",
            login="tour.manager",
        )
        self.assertEqual(model.state, "retired")
        version = model.version_ids.filtered(lambda other: other.state == "active")
        self.assertEqual(version.version, 2)
        self.assertEqual(version.indicator_ids.mapped("weight"), [30, 10])
        self.assertEqual(version.run_ids.state, "pending")
        version.run_ids.sudo()._work_through()
        after = {score.partner_id: score.score for score in self._scores(version)}
        self.assertEqual(set(after), set(before))
        self.assertNotEqual(after, before)

    def _scores(self, model):
        return self.env["customer.value.score"].search([("model_id", "=", model.id)])

    def _make_model(self, manager):
        """Two measures of equal weight that pull in opposite directions."""
        self.env["res.partner"].create(
            [
                {"name": f"Tour Customer {color}", "ref": "TOUR", "color": color}
                for color in range(4)
            ]
        )
        model = (
            self.env["customer.value.model"]
            .with_user(manager)
            .create(
                {
                    "name": "Tour Model",
                    "code": "tour",
                    "domain": "[('ref', '=', 'TOUR')]",
                    "tier_ids": [
                        Command.create({"name": "Everybody", "code": "everybody"})
                    ],
                }
            )
        )
        dimension = self.env.ref("customer_value.dimension_purchase")
        for code, points in (
            ("rising", (0, 40, 60, 100)),
            ("falling", (90, 60, 40, 0)),
        ):
            model.indicator_ids.create(
                {
                    "model_id": model.id,
                    "name": code.title(),
                    "code": code,
                    "dimension_id": dimension.id,
                    "aggregate": "attribute",
                    "attribute_path": "color",
                    "weight": 10,
                    "band_ids": [
                        Command.create({"threshold": edge, "points": gained})
                        for edge, gained in enumerate(points)
                    ],
                }
            )
        return model
