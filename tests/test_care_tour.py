from odoo.tests import HttpCase, tagged

from .care_common import DAY, CareCommon


@tagged("post_install", "-at_install")
class TestCareTour(HttpCase, CareCommon):
    """Preview and activation of a rule; a case from opening to its end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fallen = cls.tell(
            cls.customer("Fallen Works"),
            (60, 90),
            (50, 75),
            (40, 90),
            (20, 80),
            (1, 60),
        )
        plan = cls.env["mail.activity.plan"].create(
            {
                "name": "Win back",
                "res_model": "customer.care.case",
                "template_ids": [(0, 0, {"summary": "Call and listen"})],
            }
        )
        cls.care_rule = cls.rule(
            name="Key customer fell",
            points=10,
            days=15,
            plan_id=plan.id,
            activate=False,
        )

    def open_case(self):
        self.care_rule.action_activate()
        self.evaluate()
        return self.cases(self.care_rule)

    def start(self, record, tour, user):
        self.env.flush_all()
        self.start_tour(f"/odoo/m-{record._name}/{record.id}", tour, login=user.login)

    def test_rule(self):
        self.start(self.care_rule, "customer_care_rule", self.manager)
        self.assertEqual(self.care_rule.state, "active")
        self.assertEqual(self.cases(self.care_rule).user_id, self.seller)

    def test_case_from_opening_to_automatic_close(self):
        case = self.open_case()
        self.start_tour("/odoo/my-day", "customer_care_case", login=self.seller.login)
        case.invalidate_recordset()
        self.assertEqual((case.state, case.user_id), ("snoozed", self.seller))
        case.sudo().date -= 3 * DAY
        self.tell(self.fallen, (0, 85))
        self.start_tour(
            f"/odoo/my-day/m-customer.care.case/{case.id}",
            "customer_care_recovered",
            login=self.seller.login,
        )
        case.invalidate_recordset()
        self.assertEqual((case.outcome, case.days_to_recover), ("recovered", 3))

    def test_from_the_contact(self):
        case = self.open_case()
        self.start(self.fallen, "customer_care_partner", self.seller)
        case.invalidate_recordset()
        self.assertEqual(case.outcome, "wrong_alarm")
