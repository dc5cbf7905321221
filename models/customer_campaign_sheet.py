from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.window import local_today
from .scoring_plan import Scope

STATES = [
    ("draft", "Draft"),
    ("agreed", "Agreed"),
    ("running", "Running"),
    ("done", "Done"),
]


class CustomerCampaignSheet(models.Model):
    """A promotion that we and a distributor run together, reckoned for both.

    Before: what he may expect to sell and earn, what we put in and keep. Afterwards:
    what he bought in the period, beside the plan: ``customer.value.purchase.line``
    counts every purchase once, at the till too, less what came back of it.
    Amounts are in the company's currency, without tax.

    What is agreed with him does not change unnoticed: lines and shares are changed in
    a draft only.
    """

    _name = "customer.campaign.sheet"
    _description = "Campaign Sheet"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"

    name = fields.Char(string="Promotion", required=True, tracking=True)
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Distributor",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        index=True,
        tracking=True,
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: local_today(self.env.company.value_tz),
        tracking=True,
    )
    date_to = fields.Date(
        string="To", required=True, tracking=True, help="The last day, included."
    )
    state = fields.Selection(
        STATES, default="draft", required=True, tracking=True, group_expand=True
    )
    line_ids = fields.One2many(
        "customer.campaign.line", "sheet_id", string="Products", copy=True
    )
    material_cost = fields.Monetary(
        string="Material", help="Displays, leaflets, samples: what they cost in all."
    )
    material_discount = fields.Float(
        string="Material Discount (%)",
        digits=(5, 1),
        help="The part of the material that we bear.",
    )
    advertising_cost = fields.Monetary(
        string="Advertising", help="What the advertising costs in all."
    )
    advertising_share = fields.Float(
        string="Our Share of Advertising (%)", digits=(5, 1)
    )
    note = fields.Text(string="Agreed Besides")
    our_shares = fields.Monetary(
        compute="_compute_plan",
        help="What we bear of material and advertising.",
    )
    his_shares = fields.Monetary(
        compute="_compute_plan", help="What he bears of material and advertising."
    )
    expected_sales = fields.Monetary(
        compute="_compute_plan", help="What he sells to his buyers."
    )
    expected_purchase = fields.Monetary(
        string="He Buys For", compute="_compute_plan", help="Our expected sales."
    )
    his_margin = fields.Monetary(
        compute="_compute_plan",
        help="His sales less what he pays us and his shares.",
    )
    his_extra = fields.Monetary(
        string="His Extra Profit",
        compute="_compute_plan",
        help="His margin less what he would earn in such a period anyway: the usual "
        "quantity at the usual price.",
    )
    our_contribution = fields.Monetary(
        compute="_compute_plan",
        help="Our expected sales less the cost of the goods and our shares.",
    )
    actual_purchase = fields.Monetary(
        string="He Bought For",
        compute="_compute_result",
        help="Of these products, ordered or bought at the till in the period, less "
        "what was credited or returned.",
    )
    actual_contribution = fields.Monetary(
        string="Our Contribution Came To",
        compute="_compute_result",
        help="What he bought for less the cost of the goods and our shares.",
    )
    reached = fields.Float(
        string="Reached (%)",
        compute="_compute_result",
        digits=(16, 1),
        help="What he bought, in percent of what was expected.",
    )

    _period = models.Constraint(
        "CHECK (date_from <= date_to)",
        "A promotion ends on the day it begins, or later: correct the dates.",
    )
    _shares = models.Constraint(
        "CHECK (material_discount BETWEEN 0 AND 100 "
        "AND advertising_share BETWEEN 0 AND 100 "
        "AND material_cost >= 0 AND advertising_cost >= 0)",
        "Enter shares of 0 to 100 percent, and costs that are not negative.",
    )

    # ------------------------------------------------------------------ computes

    @api.depends(
        "material_cost",
        "material_discount",
        "advertising_cost",
        "advertising_share",
        "line_ids.expected_sales",
        "line_ids.expected_purchase",
        "line_ids.usual_margin",
        "line_ids.goods_cost",
    )
    def _compute_plan(self):
        for sheet in self:
            lines = sheet.line_ids
            shared = sheet.material_cost + sheet.advertising_cost
            ours = (
                sheet.material_cost * sheet.material_discount
                + sheet.advertising_cost * sheet.advertising_share
            ) / 100
            sales = sum(lines.mapped("expected_sales"))
            purchase = sum(lines.mapped("expected_purchase"))
            sheet.our_shares = ours
            sheet.his_shares = shared - ours
            sheet.expected_sales = sales
            sheet.expected_purchase = purchase
            sheet.his_margin = sales - purchase - sheet.his_shares
            sheet.his_extra = sheet.his_margin - sum(lines.mapped("usual_margin"))
            sheet.our_contribution = purchase - sum(lines.mapped("goods_cost")) - ours

    @api.depends("line_ids.actual_purchase", "line_ids.actual_quantity")
    def _compute_result(self):
        for sheet in self:
            lines = sheet.line_ids
            bought = sum(lines.mapped("actual_purchase"))
            goods = sum(line.actual_quantity * line.cost for line in lines)
            sheet.actual_purchase = bought
            sheet.actual_contribution = bought - goods - sheet.our_shares
            sheet.reached = (
                100 * bought / sheet.expected_purchase if sheet.expected_purchase else 0
            )

    # -------------------------------------------------------------------- actions

    def write(self, vals):
        fixed = {
            "partner_id",
            "company_id",
            "material_cost",
            "material_discount",
            "advertising_cost",
            "advertising_share",
            "line_ids",
        }
        if fixed & set(vals):
            self._check_draft()
        return super().write(vals)

    def _check_draft(self):
        for sheet in self.filtered(lambda one: one.state != "draft"):
            raise UserError(
                self.env._(
                    "“%s” is agreed with the distributor: set it back to draft to "
                    "change it.",
                    sheet.name,
                )
            )

    def action_agree(self):
        for sheet in self.filtered(lambda one: not one.line_ids):
            raise UserError(
                self.env._("“%s” names no product yet: add one first.", sheet.name)
            )
        self.state = "agreed"

    def action_run(self):
        self.state = "running"

    def action_done(self):
        self.state = "done"

    def action_draft(self):
        self.state = "draft"


class CustomerCampaignLine(models.Model):
    """A product of a campaign sheet."""

    _name = "customer.campaign.line"
    _description = "Product of a Campaign Sheet"
    _rec_name = "product_id"
    _order = "sequence, id"

    sheet_id = fields.Many2one(
        "customer.campaign.sheet", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="sheet_id.company_id")
    currency_id = fields.Many2one(related="sheet_id.currency_id")
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        "product.product", required=True, index=True, ondelete="restrict"
    )
    usual_price = fields.Monetary(
        compute="_compute_prices",
        store=True,
        readonly=False,
        help="What he usually pays us for one.",
    )
    discount = fields.Float(string="Discount (%)", digits=(5, 1))
    price = fields.Monetary(
        string="Price to Him", compute="_compute_plan", help="During the promotion."
    )
    usual_quantity = fields.Float(
        digits="Product Unit",
        help="What he would buy in such a period without the promotion.",
    )
    quantity = fields.Float(
        string="Planned Quantity", digits="Product Unit", default=1, required=True
    )
    sales_price = fields.Monetary(
        string="His Sales Price", help="What his buyers pay him for one."
    )
    cost = fields.Monetary(
        string="Unit Cost",
        compute="_compute_prices",
        store=True,
        readonly=False,
        help="What one costs us.",
    )
    expected_sales = fields.Monetary(compute="_compute_plan")
    expected_purchase = fields.Monetary(string="He Buys For", compute="_compute_plan")
    usual_margin = fields.Monetary(compute="_compute_plan")
    goods_cost = fields.Monetary(compute="_compute_plan")
    actual_quantity = fields.Float(
        string="Bought",
        digits="Product Unit",
        compute="_compute_actual",
        help="In the period, less what was returned.",
    )
    actual_purchase = fields.Monetary(string="He Bought For", compute="_compute_actual")

    _product_unique = models.Constraint(
        "UNIQUE (sheet_id, product_id)",
        "The product is on the sheet already: change that line.",
    )
    _sense = models.Constraint(
        "CHECK (discount BETWEEN 0 AND 100 AND quantity >= 0 AND usual_quantity >= 0)",
        "Enter a discount of 0 to 100 percent, and quantities that are not negative.",
    )

    # ------------------------------------------------------------------ computes

    @api.depends("product_id")
    def _compute_prices(self):
        """A proposal, from the product, in the company's currency."""
        for line in self.filtered("product_id"):
            product = line.product_id.with_company(line.company_id)
            today = local_today(line.company_id.value_tz or "UTC")
            line.usual_price = product.currency_id._convert(
                product.lst_price, line.currency_id, line.company_id, today
            )
            line.cost = product.cost_currency_id._convert(
                product.standard_price, line.currency_id, line.company_id, today
            )

    @api.depends(
        "usual_price", "discount", "quantity", "usual_quantity", "sales_price", "cost"
    )
    def _compute_plan(self):
        for line in self:
            line.price = line.usual_price * (1 - line.discount / 100)
            line.expected_sales = line.quantity * line.sales_price
            line.expected_purchase = line.quantity * line.price
            line.goods_cost = line.quantity * line.cost
            line.usual_margin = line.usual_quantity * (
                line.sales_price - line.usual_price
            )

    @api.depends(
        "product_id",
        "sheet_id.partner_id",
        "sheet_id.company_id",
        "sheet_id.date_from",
        "sheet_id.date_to",
    )
    def _compute_actual(self):
        """One query for all; the customer's total, whoever sold to him."""
        found = {}
        if self.ids:
            self.env.flush_all()
            found = {
                line: (quantity, amount)
                for line, quantity, amount in self.env.execute_query(self._actual_sql())
            }
        for line in self:
            quantity, amount = found.get(line._origin.id, (0, 0))
            line.actual_quantity = quantity
            line.actual_purchase = amount

    def _actual_sql(self):
        return SQL(
            """
            SELECT planned.id, SUM(bought.quantity), SUM(bought.amount)
              FROM customer_campaign_line planned
              JOIN customer_campaign_sheet sheet ON sheet.id = planned.sheet_id
              JOIN res_company company ON company.id = sheet.company_id
              JOIN res_partner distributor ON distributor.id = sheet.partner_id
              JOIN res_partner contact
                ON contact.commercial_partner_id = distributor.commercial_partner_id
              JOIN (%(bought)s) bought
                ON bought.partner_id = contact.id
               AND bought.company_id = sheet.company_id
               AND bought.product_id = planned.product_id
               AND bought.date >= %(begin)s AND bought.date < %(end)s
             WHERE planned.id = ANY(%(ids)s)
          GROUP BY planned.id
            """,
            bought=self._bought_by_distributors()._table_query,
            begin=_instant(SQL("sheet.date_from")),
            end=_instant(SQL("sheet.date_to + 1")),
            ids=self.ids,
        )

    def _bought_by_distributors(self):
        """The view of products bought, which looks at these distributors alone."""
        entities = self.sudo().sheet_id.partner_id.commercial_partner_id
        contacts = self.env["res.partner"].sudo().with_context(active_test=False)
        theirs = contacts.search([("commercial_partner_id", "in", entities.ids)])
        scope = Scope(ids=tuple(entities.ids), contacts=tuple(theirs.ids))
        bought = self.env["customer.value.purchase.line"]
        return bought.with_context(customer_value_scope=scope)

    # ---------------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.sheet_id._check_draft()
        return lines

    def write(self, vals):
        if set(vals) - {"sequence"}:
            self.sheet_id._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_in_draft(self):
        self.sheet_id._check_draft()


class IrRule(models.Model):
    _inherit = "ir.rule"

    @api.model
    def _compute_domain(self, model_name, mode="read"):
        """Lines may be read by who may read their sheet."""
        domain = super()._compute_domain(model_name, mode)
        if model_name != "customer.campaign.line" or self.env.su:
            return domain
        sheets = self._compute_domain("customer.campaign.sheet", "read")
        return domain & Domain("sheet_id", "any", sheets)


def _instant(day):
    """When a day begins in the company's time zone, as stored in UTC."""
    return SQL(
        "(((%s)::timestamp AT TIME ZONE company.value_tz) AT TIME ZONE 'UTC')", day
    )
