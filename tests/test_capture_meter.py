"""The zero-typing meter, counted once more by hand."""

from odoo import Command
from odoo.tests import tagged

from .touch_common import TouchCommon


@tagged("post_install", "-at_install")
class TestCaptureMeter(TouchCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls.make_seller("meter", "sales_team.group_sale_salesman")
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Field sales",
                "company_id": cls.company.id,
                "crm_team_member_ids": [Command.create({"user_id": cls.seller.id})],
            }
        )
        for clicks in (1, 2, 6, 0):
            cls.touch(user_id=cls.seller.id, clicks=clicks)
        cls.touch(user_id=cls.seller.id, capture="document", clicks=9)
        cls.touch(user_id=cls.seller.id, days=70, clicks=4)
        for days in (0, 0, 70):
            order = cls.make_order(cls.buyer, when=cls.moment(days))
            order.user_id = cls.seller
        cls.make_order(cls.buyer, confirm=False)
        cls.env.flush_all()

    def sums(self, groups, *aggregates, domain=()):
        return self.env["customer.capture.report"]._read_group(
            [("company_id", "=", self.company.id), *domain], groups, aggregates
        )

    def test_shares_and_clicks_by_source(self):
        found = {
            source: numbers
            for source, *numbers in self.sums(
                ["source"],
                "records:sum",
                "typed:sum",
                "document_share:avg",
                "clicks_each:avg",
            )
        }
        touches = found["Touchpoint"]
        self.assertEqual(touches[:2], [6, 5])
        self.assertAlmostEqual(touches[2], 100 / 6)
        self.assertAlmostEqual(touches[3], (1 + 2 + 6 + 4) / 4)
        orders = found[self.env["ir.model"]._get("sale.order").name]
        self.assertEqual(orders[:3], [3, 0, 100])
        self.assertFalse(orders[3], "nothing was typed")

    def test_what_is_noted_in_a_profile_is_typed(self):
        """By the day it was noted, not by the day it tells of."""
        self.env["customer.profile.fact"].create(
            {
                "partner_id": self.buyer.id,
                "company_id": self.company.id,
                "topic_id": self.env.ref("customer_value.profile_topic_birthday").id,
                "date": "1970-05-05",
                "noted_by": self.seller.id,
            }
        )
        self.env.flush_all()
        told = self.sums(
            ["source", "month:month", "department", "capture"],
            "records:sum",
            domain=[("source", "=", "Profile Fact")],
        )
        month = self.ago(0).replace(day=1)
        self.assertEqual(told, [("Profile Fact", month, "Field sales", "typed", 1)])

    def test_months(self):
        by_month = dict(
            self.sums(
                ["month:month"], "records:sum", domain=[("capture", "=", "typed")]
            )
        )
        self.assertEqual(by_month[self.ago(0).replace(day=1)], 4)
        self.assertEqual(by_month[self.ago(70).replace(day=1)], 1)

    def test_department_is_the_sales_team(self):
        departments = dict(
            self.sums(["department"], "records:sum", domain=[("typed", ">", 0)])
        )
        self.assertEqual(departments, {"Field sales": 5})

    def test_department_of_the_employee(self):
        """Where employees are kept, their department; others keep their team."""
        if "hr.employee" in self.env:
            department = self.env["hr.department"].create({"name": "Branch north"})
            self.env["hr.employee"].create(
                {
                    "name": "Seller",
                    "user_id": self.seller.id,
                    "department_id": department.id,
                    "company_id": self.company.id,
                }
            )
            self.env.flush_all()
        expected = "Branch north" if "hr.employee" in self.env else "Field sales"
        [(name, *__)] = self.sums(
            ["department"], "records:sum", domain=[("typed", ">", 0)]
        )
        self.assertEqual(name, expected)

    def test_shares_are_of_all_records_not_averages(self):
        [(share,)] = self.sums(
            [],
            "document_share:avg",
            domain=[("source", "in", ["Touchpoint", "Sales Order"])],
        )
        self.assertAlmostEqual(share, 100 * (1 + 3) / (6 + 3))

    def test_every_record_says_how_it_came(self):
        """Mails, portals and links type themselves; the rest somebody entered."""
        friend = self.make_partner("Friend")

        def made(model, channel, **vals):
            return self.env[model].create({"channel": channel, **vals}).capture

        for channel, capture in (
            ("mail", "document"),
            ("portal", "document"),
            ("rating", "document"),
            ("quotation", "typed"),
            ("till", "typed"),
        ):
            said = {"kind": "praise", "description": "Good", "partner_id": friend.id}
            found = made("customer.feedback", channel, **said)
            self.assertEqual(found, capture, channel)
        for channel, capture in (("link", "document"), ("quotation", "typed")):
            brought = self.make_partner("Brought")
            found = made(
                "customer.referral",
                channel,
                referrer_id=friend.id,
                referred_id=brought.id,
            )
            self.assertEqual(found, capture, channel)

    def test_every_captured_model_is_found(self):
        names = {part.model for part in self.env["customer.capture.report"]._parts()}
        captured = self.env.registry.descendants(["customer.captured"], "_inherit")
        self.assertLessEqual(captured - {"customer.captured"}, names)
        self.assertIn("customer.touchpoint", names)
        self.assertIn("sale.order", names)

    def test_manager_sees_his_companies_and_changes_nothing(self):
        boss = self.make_seller("meter_boss", "customer_value.group_manager")
        elsewhere = self.make_company("UTC")
        self.touch(self.neighbour, company_id=elsewhere.id)
        report = self.env["customer.capture.report"].with_user(boss)
        seen = report.with_context(allowed_company_ids=self.company.ids).search([])
        self.assertLessEqual(set(seen.company_id.ids), {self.company.id})
        self.assertTrue(seen.filtered(lambda row: row.source == "Touchpoint"))
