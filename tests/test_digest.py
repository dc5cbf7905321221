"""Figures of the digest: who moved, who recovered, and for whom."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .care_common import CareCommon


@tagged("post_install", "-at_install")
class TestDigest(CareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.digest = cls.env["digest.digest"].create(
            {
                "name": "Care",
                "company_id": cls.company.id,
                "kpi_value_risers": True,
                "kpi_value_fallers": True,
                "kpi_value_at_risk": True,
                "kpi_value_recovered": True,
            }
        )

    def kpis(self, user):
        """``{figure: values of a day, a week, a month}``."""
        told = self.digest.with_user(user).sudo(False)
        rows = self.digest.with_user(user)._compute_kpis(self.company, user)
        self.assertTrue(told)
        return {
            row["kpi_name"]: [row[f"kpi_col{at}"]["value"] for at in (1, 2, 3)]
            for row in rows
        }

    def test_the_figures(self):
        self.tell(self.customer(), (60, 50), (0, 55))
        self.tell(self.customer(), (60, 50), (20, 60), (3, 58))
        self.tell(self.customer(), (60, 50), (4, 40))
        self.tell(self.customer(), (60, 50), (0, 54))
        configured = self.customer()
        self.tell(configured, (60, 50))
        self.tell_row(configured, 2, 90, before=50)
        late = self.customer()
        self.step(late, "loyal", 90)
        self.step(late, "at_risk", 5, "loyal")
        self.step(late, "lost", 0, "at_risk")
        self.rule(points=10)
        back = self.tell(self.customer(), (90, 60), (80, 45))
        self.evaluate(70)
        self.tell(back, (0, 60))
        self.evaluate()
        self.env.flush_all()
        told = self.kpis(self.manager)
        self.assertEqual(told["kpi_value_risers"], [2, 2, 3])
        self.assertEqual(told["kpi_value_fallers"], [0, 1, 1])
        self.assertEqual(told["kpi_value_at_risk"], [0, 1, 1])
        self.assertEqual(told["kpi_value_recovered"], [1, 1, 1])

    def test_links(self):
        actions = self.digest._compute_kpis_actions(self.company, self.manager)
        for name in ("risers", "fallers", "at_risk", "recovered"):
            xml_id = actions[f"kpi_value_{name}"].split("?")[0]
            self.assertTrue(self.env.ref(xml_id).res_model)

    def test_who_is_no_user_gets_the_mail_without_them(self):
        plain = self.make_seller("care.plain", "base.group_user")
        rows = self.digest._compute_kpis(self.company, plain)
        self.assertFalse([row for row in rows if "kpi_value" in row["kpi_name"]])
        with self.assertRaises(AccessError):
            self.digest.with_user(plain)._compute_kpi_value_risers_value()
