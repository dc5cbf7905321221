"""An administrator's own source: what is refused, in which words, and what works."""

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import CustomerValueCommon


@tagged("post_install", "-at_install")
class TestSources(CustomerValueCommon):
    def assert_refused(self, words, res_model="sale.order", **vals):
        with self.refused(words):
            self.make_source(res_model, **vals)

    def test_what_is_refused(self):
        for words, vals in (
            ("no model “sale.ordre”", {"res_model": "sale.ordre"}),
            ("keeps no records", {"res_model": "mail.thread"}),
            ("keeps no records", {"res_model": "sale.advance.payment.inv"}),
            ("no field “dat”", {"date_field": "dat"}),
            (
                "no field “nope” \\(in “partner_id.nope”",
                {"amount_field": "partner_id.nope"},
            ),
            ("“name”.*is of type char", {"date_field": "name"}),
            ("“state”.*is of type selection", {"amount_field": "state"}),
            ("“name”.*is of type char", {"rate_field": "name"}),
            ("does not end in a contact", {"partner_path": "user_id"}),
            ("does not end in a contact", {"partner_path": "name"}),
            ("does not lead to one other record", {"partner_path": "order_line.id"}),
            ("not stored", {"amount_field": "amount_to_invoice"}),
            ("not stored", {"date_field": "expected_date"}),
            ("does not end in a “res.company”", {"company_path": "partner_id"}),
            ("filter cannot be used", {"domain": "[('nope', '=', 1)]"}),
            ("filter cannot be used", {"domain": "[('state', '=', "}),
            (
                "filter cannot be used",
                {"domain": "[('date_order', '>', context_today())]"},
            ),
            ("may point to any model", {"res_model": "mail.message",
                                        "partner_path": "res_id"}),
        ):  # fmt: skip
            with self.subTest(words=words, **vals):
                self.assert_refused(words, **vals)

    def test_reference_with_its_tie(self):
        source = self.make_source(
            "mail.message",
            partner_path="res_id",
            domain="[('model', '=', 'res.partner')]",
            date_field="date",
            company_path=False,
        )
        self.assertTrue(source.available)
        customer = self.make_partner()
        customer.message_post(body="Hello")
        model = self.make_model(
            [{"code": "mails", "source": source}], partners=customer
        )
        row = self.results(model, customer)[customer.id]
        self.assertGreaterEqual(row["raw"][0], 1)

    def test_related_field_without_a_column(self):
        """Followed to where it is stored; refused where that is nowhere."""
        self.assert_refused(
            "not stored", "sale.order.line", partner_path="order_partner_id",
            amount_field="product_id.lst_price",
        )  # fmt: skip
        works = self.make_source(
            "sale.order.line",
            partner_path="order_partner_id",
            date_field="order_id.date_order",
            amount_field="product_id.list_price",
        )
        self.assertTrue(works.available)

    def test_model_the_manager_may_not_read(self):
        manager = new_test_user(
            self.env,
            "value_manager",
            groups="customer_value.group_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        secret = "payment.transaction"
        self.assertFalse(self.env[secret].with_user(manager).has_access("read"))
        sources = self.env["customer.value.source"].with_user(manager)
        vals = {"name": "Bank", "code": "bank"}
        with self.refused(f"may not read “{secret}”"):
            sources.create(dict(vals, res_model=secret))
        own = sources.create(dict(vals, res_model="res.partner", partner_path="id"))
        self.assertTrue(own.available)
        with self.refused(f"may not read “{secret}”"):
            own.write({"res_model": secret, "partner_path": "partner_id"})

    def test_sleeps_until_its_module_comes(self):
        module = self.env["ir.module.module"].create(
            {"name": "customer_value_later", "shortdesc": "Later"}
        )
        module.state = "uninstalled"
        source = self.make_source("later.model", module_name=module.name)
        self.assertFalse(source.available)
        self.assertEqual(source.availability, "absent")
        self.assertIn("Later", source.unavailable_reason)
        self.assertFalse(source._is_broken())
        # the module is installed, and brings the model
        module.state = "installed"
        source.res_model = "sale.order"
        self.assertTrue(source.available)
        self.assertFalse(source.unavailable_reason)
        self.assertIn(
            source,
            self.env["customer.value.source"].search([("available", "=", True)]),
        )

    def test_copy(self):
        source = self.source("sales")
        copied = source.copy()
        self.assertEqual(copied.code, "sales_copy")
        self.assertNotEqual(copied.name, source.name)
        self.assertEqual(copied.res_model, source.res_model)
        self.assertTrue(copied.available)

    def test_company_dependent_amount(self):
        """Each company's own value counts, whatever company is the user's."""
        elsewhere = self.make_company("UTC", "USD")
        self.work_in(self.company, elsewhere)
        customer = self.make_partner()
        for company, cost in ((self.company, 11), (elsewhere, 22)):
            self.product.with_company(company).standard_price = cost
            self.make_order(customer, company=company)
        source = self.make_source(
            "sale.order.line",
            partner_path="order_id.partner_id",
            date_field="order_id.date_order",
            amount_field="product_id.standard_price",
        )
        for company, cost in ((self.company, 11), (elsewhere, 22)):
            model = self.make_model(
                [{"source": source, "aggregate": "sum", "window": (0, "day")}],
                partners=customer,
                company=company,
            )
            self.assertEqual(self.results(model, customer)[customer.id]["raw"], [cost])

    def test_values_of_a_linked_record(self):
        """Tags at the end of a path are those of the record the path leads to."""
        tags = self.env["res.partner.category"].create([{"name": "A"}, {"name": "B"}])
        house = self.make_partner(category_id=[Command.set(tags[0].ids)])
        daughter = self.make_partner(
            parent_id=house.id,
            is_company=True,
            category_id=[Command.set(tags[1].ids)],
        )
        model = self.make_model(
            [
                {
                    "aggregate": "attribute",
                    "attribute_path": "parent_id.category_id",
                    "scale": "enumeration",
                    "bands": {str(tags[0].id): 30, str(tags[1].id): 70},
                }
            ],
            partners=house | daughter,
        )
        found = self.results(model, house | daughter)
        self.assertEqual(found[daughter.id]["points"], [30])
        self.assertEqual(found[house.id]["points"], [0])

    def test_indicators_that_cannot_work(self):
        model = self.make_model([{"source": "purchases"}], activate=False)
        attribute = {"aggregate": "attribute", "source": None}
        for words, vals in (
            ("map of values is for a field", {"source": "sales", "scale": "enumeration",
                                              "bands": {"a": 1}}),
            ("is of type char", attribute | {"attribute_path": "ref"}),
            ("is of type one2many", attribute | {"attribute_path": "child_ids",
                                                 "scale": "enumeration", "bands": {}}),
            ("no field “nope”", attribute | {"attribute_path": "nope"}),
            ("choose the customer's field", attribute),
            ("choose the source", {"source": None}),
            ("needs a source with an amount", {"source": "activities_done",
                                               "aggregate": "sum"}),
            ("is of type one2many", {"source": "invoices", "aggregate": "distinct",
                                     "distinct_path": "invoice_line_ids"}),
            ("choose the field whose", {"source": "invoices", "aggregate": "distinct"}),
            ("length of a window", {"source": "sales", "aggregate": "growth",
                                    "window": (0, "day")}),
        ):  # fmt: skip
            with self.subTest(words=words), self.refused(words):
                self.make_indicator(model, **vals)

    def test_slots_are_never_shared(self):
        model = self.make_model([{"source": "purchases"}], activate=False)
        copied = model.indicator_ids.copy({"code": "again"})
        self.assertNotEqual(copied.slot, model.indicator_ids[:1].slot)

    def test_exchange_in_one_order(self):
        """A line that gives back is taken over by the invoice like the others."""
        customer = self.make_partner()
        order = self.make_order(customer, [(1, 100.0), (-1, 40.0)])
        model = self.make_model(
            [{"source": "sales", "aggregate": "sum"}], partners=customer
        )
        self.assertEqual(self.results(model, customer)[customer.id]["raw"], [60])
        self.invoice_order(order)
        self.assertEqual(self.results(model, customer)[customer.id]["raw"], [60])

    def test_settled_at_the_till(self):
        """The till takes over an order: money once, one purchase (``pos_sale``)."""
        if "sale_order_line_id" not in self.env["pos.order.line"]._fields:
            return
        customer = self.make_partner()
        model = self.make_model(
            [
                {"code": "sales", "source": "sales", "aggregate": "sum"},
                {"code": "purchases", "source": "purchases"},
            ],
            partners=customer,
        )
        order = self.make_order(customer, [(5, 10.0)])
        session = self.open_till()
        for settled in (2, 3):
            self.ring_up(session, customer, [(settled, 10.0)], settles=order.order_line)
            self.assertEqual(self.results(model, customer)[customer.id]["raw"], [50, 1])
