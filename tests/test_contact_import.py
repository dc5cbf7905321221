"""Contacts that come in by the thousand, as by an import."""

from odoo.tests import tagged

from .common import CustomerValueCommon


@tagged("post_install", "-at_install")
class TestContactImport(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_model([{"source": "purchases"}], domain=[("is_company", "=", True)])

    def bring_in(self, count):
        """Contacts brought in at once, with what waits for the commit; the queries."""
        self.forget_marks()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        contacts = self.env["res.partner"].create(
            [{"name": f"Imported {number}"} for number in range(count)]
        )
        self.env.flush_all()
        self.env.cr.precommit.run()
        return contacts, self.env.cr.sql_log_count - before

    def test_queries_do_not_grow_with_the_contacts(self):
        """Odoo inserts a hundred at a time; nothing is asked for each of them."""
        self.bring_in(3)
        __, few = self.bring_in(10)
        contacts, many = self.bring_in(100)
        self.assertEqual(many, few)
        self.assertLessEqual(contacts, self.marked_customers())
        __, more = self.bring_in(200)
        __, thousand = self.bring_in(1000)
        self.assertEqual(thousand - many, 9 * (more - many))
