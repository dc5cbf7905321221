from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CustomerValueCommon


@tagged("post_install", "-at_install")
class TestCampaignSheet(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls.make_partner("Shop")
        cls.clerk = cls.make_partner("Clerk", parent_id=cls.shop.id, is_company=False)
        cls.stranger = cls.make_partner("Stranger")
        cls.sheet = cls.make_sheet()
        cls.first, cls.second = cls.sheet.line_ids
        cls.seller = cls.make_user("seller", "sales_team.group_sale_salesman_all_leads")
        cls.plain = cls.make_user("plain", "base.group_user")

    @classmethod
    def make_user(cls, login, *groups, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            f"campaign.{login}",
            ",".join((*groups, "base.group_partner_manager")),
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def make_sheet(cls, **vals):
        return cls.env["customer.campaign.sheet"].create(
            {
                "name": "Spring",
                "partner_id": cls.shop.id,
                "company_id": cls.company.id,
                "date_from": "2024-03-01",
                "date_to": "2024-03-31",
                "material_cost": 400,
                "material_discount": 75,
                "advertising_cost": 1000,
                "advertising_share": 40,
                "line_ids": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "usual_price": 100,
                            "discount": 10,
                            "usual_quantity": 20,
                            "quantity": 50,
                            "sales_price": 140,
                            "cost": 60,
                        }
                    ),
                    Command.create(
                        {
                            "product_id": cls.other_product.id,
                            "usual_price": 40,
                            "discount": 25,
                            "quantity": 10,
                            "sales_price": 55.5,
                            "cost": 12,
                        }
                    ),
                ],
                **vals,
            }
        )

    def order(self, day, clock="12:00", partner=None, **vals):
        lines = vals.pop("lines", ((3, 90.0, self.product),))
        return self.make_order(
            partner or self.shop, lines, when=self.local(day, clock), **vals
        )

    def result(self):
        self.env.invalidate_all()
        return [
            (line.actual_quantity, round(line.actual_purchase, 2))
            for line in self.first | self.second
        ]

    def test_plan_by_hand(self):
        sheet = self.sheet
        sales = 50 * 140 + 10 * 55.5
        purchase = 50 * 90 + 10 * 30
        ours = 400 * 0.75 + 1000 * 0.4
        margin = sales - purchase - (1400 - ours)
        told = {
            "expected_sales": sales,
            "expected_purchase": purchase,
            "our_shares": ours,
            "his_shares": 1400 - ours,
            "his_margin": margin,
            "his_extra": margin - 20 * (140 - 100),
            "our_contribution": purchase - (50 * 60 + 10 * 12) - ours,
        }
        self.assertEqual({name: round(sheet[name], 2) for name in told}, told)

    def test_result_from_confirmed_orders_of_the_period(self):
        self.order("2024-03-01", "00:05")
        self.order("2024-03-31", "23:55", partner=self.clerk)
        self.order("2024-02-29", "23:55")
        self.order("2024-04-01", "00:05")
        self.order("2024-03-10", confirm=False)
        self.order("2024-03-10").action_cancel()
        self.order("2024-03-10", partner=self.stranger)
        self.assertEqual(self.result(), [(6, 540), (0, 0)])
        self.order("2024-03-11", lines=((2, 30.0, self.other_product),))
        self.assertEqual(self.result(), [(6, 540), (2, 60)])
        self.assertEqual(self.sheet.actual_purchase, 600)
        self.assertEqual(self.sheet.reached, 12.5)  # 600 of 4,800
        self.assertEqual(self.sheet.actual_contribution, 600 - 6 * 60 - 2 * 12 - 700)

    def test_other_unit_and_currency(self):
        self.set_rate(self.company, "USD", "2024-01-01", 2)
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self.order(
            "2024-03-10",
            confirm=False,
            lines=((1, 1200.0, self.product),),
            pricelist_id=self.make_pricelist(self.company, "USD").id,
        )
        order.order_line.write({"product_uom_id": dozen.id, "price_unit": 1200})
        order.date_order = self.local("2024-03-10")
        order.action_confirm()
        order.date_order = self.local("2024-03-10")
        self.assertEqual(self.result(), [(12, 600), (0, 0)])

    def test_one_query_for_many(self):
        sheets = self.sheet | self.make_sheet(name="More") | self.make_sheet(name="Yet")
        for some in (self.sheet, sheets):
            some.mapped("reached")
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.read(["reached", "our_contribution", "his_extra"])
            count = self.env.cr.sql_log_count - before
            if some == self.sheet:
                one = count
        self.assertLessEqual(count, one + 1)

    def test_agreed_is_agreed(self):
        self.sheet.action_agree()
        for change in (
            lambda: self.sheet.write({"material_cost": 1}),
            lambda: self.first.write({"discount": 1}),
            lambda: self.first.unlink(),
            lambda: self.first.copy({"product_id": self.make_product("New").id}),
        ):
            with self.refused("set it back to draft", UserError):
                change()
        self.sheet.note = "Window display"
        self.sheet.action_run()
        self.sheet.action_done()
        self.sheet.action_draft()
        self.first.discount = 20
        with self.refused("names no product", UserError):
            self.make_sheet(line_ids=[]).action_agree()

    @mute_logger("odoo.sql_db")
    def test_bad_input_is_refused(self):
        for record, vals in (
            (self.sheet, {"date_to": "2024-02-01"}),
            (self.sheet, {"material_discount": 101}),
            (self.first, {"discount": -1}),
        ):
            with self.assertRaises(CheckViolation), self.env.cr.savepoint():
                record.write(vals)
                self.env.flush_all()

    def test_the_form_proposes_prices(self):
        self.product.with_company(self.company).standard_price = 33
        with Form(self.env["customer.campaign.sheet"].with_user(self.seller)) as form:
            form.name = "Summer"
            form.partner_id = self.shop
            form.date_to = form.date_from + timedelta(days=9)
            with form.line_ids.new() as line:
                line.product_id = self.product
                line.sales_price = 130
                self.assertEqual((line.usual_price, line.cost), (100, 33))
        self.assertEqual(form.record.expected_purchase, 100)

    def test_rights(self):
        self.assertEqual(self.shop.with_user(self.seller).value_campaign_count, 1)
        self.sheet.with_user(self.seller).name = "Summer"
        other = self.make_user(
            "other",
            "sales_team.group_sale_salesman_all_leads",
            company=self.make_company("UTC"),
        )
        for user in (self.plain, other):
            for record in (self.sheet, self.first):
                context = {"allowed_company_ids": user.company_ids.ids}
                with self.assertRaises(AccessError):
                    record.with_user(user).with_context(**context).read(
                        ["sequence"] if record == self.first else ["name"]
                    )
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": str([("id", "!=", self.shop.id)]),
            }
        )
        self.env.invalidate_all()
        for record in (self.sheet, self.first):
            with self.assertRaises(AccessError):
                record.with_user(self.seller).read(["display_name"])

    def test_merge_moves_the_sheet_and_orders_count(self):
        self.order("2024-03-10", partner=self.stranger)
        self.assertEqual(self.result(), [(0, 0), (0, 0)])
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.shop | self.stranger).ids, self.stranger
        )
        self.assertEqual(self.result(), [(3, 270), (0, 0)])
        self.assertEqual(self.sheet.partner_id, self.stranger)
        self.assertEqual(self.stranger.value_campaign_count, 1)

    def test_print_tells_nothing_of_our_costs(self):
        self.first.cost = 61.37
        self.sheet.action_agree()
        report = self.env["ir.actions.report"].with_user(self.seller)
        html, __ = report._render_qweb_html(
            "customer_value.report_campaign_sheet", self.sheet.ids
        )
        page = html.decode()
        for words in ("Spring", "Your margin", "Maintenance"):
            self.assertIn(words, page)
        for number in (self.first.cost, self.sheet.our_contribution):
            self.assertNotIn(f"{number:,.2f}", page)
