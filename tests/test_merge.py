"""Merging and deleting contacts: nothing aborts, what is known is kept."""

from datetime import timedelta

from odoo.tests import tagged

from .common import CustomerValueCommon


@tagged("post_install", "-at_install")
class TestMerge(CustomerValueCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kept = cls.make_partner("Kept")
        cls.gone = cls.make_partner("Gone")
        cls.unscored = cls.make_partner("Never scored")
        cls.elsewhere = cls.make_company("UTC", "USD")
        cls.use_company(cls.company, cls.elsewhere)
        cls.models = cls.env["customer.value.model"].union(
            *(
                cls.make_model(
                    [{"source": "sales", "aggregate": "sum", "window": (0, "day")}],
                    domain=[("name", "in", ["Kept", "Gone", "Other"])],
                    company=company,
                )
                for company in (cls.company, cls.elsewhere)
            )
        )
        for partner, amount in ((cls.kept, 10), (cls.gone, 32)):
            cls.make_invoice(partner, amount, company=cls.company)
        for model in cls.models:
            cls.score(model)
        cls.forget_marks()

    def merge(self, *sources, into=None):
        into = into or self.kept
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (into | self.env["res.partner"].union(*sources)).ids, into, False
        )
        self.env.invalidate_all()

    def history_of(self, *partners):
        return self.env["customer.value.history"].search(
            [("partner_id", "in", [partner.id for partner in partners])]
        )

    def test_scores_in_every_company(self):
        self.merge(self.gone, self.unscored)
        self.assertFalse((self.gone | self.unscored).exists())
        self.assertEqual(self.marked_customers() & self.kept, self.kept)
        self.score_dirty()
        for company, raw in ((self.company, 42), (self.elsewhere, 0)):
            rows = self.stored(company=company)
            self.assertEqual(rows[self.kept.id]["raw"], [raw])
            self.assertNotIn(self.gone.id, rows)
        for model in self.models:
            self.assertEqual(self.score(model)[0], 0)

    def test_only_the_other_one_was_scored(self):
        self.merge(self.gone, into=self.unscored)
        self.unscored.name = "Other"
        self.score_dirty()
        self.assertEqual(self.stored()[self.unscored.id]["raw"], [32])

    def test_history_and_overrides_are_kept(self):
        override = self.env["customer.value.override"].create(
            {
                "partner_id": self.gone.id,
                "company_id": self.company.id,
                "sets_score": True,
                "score": 77,
                "reason": "Opens a market for us",
                "date_to": self.models[0]._today() + timedelta(days=9),
            }
        )
        history = self.history_of(self.kept, self.gone)
        count = len(history)
        self.assertGreater(count, 1)
        self.merge(self.gone)
        self.assertEqual(self.history_of(self.kept), history.exists())
        self.assertEqual(len(history.exists()), count)
        self.assertEqual(override.partner_id, self.kept)
        self.score_dirty()
        row = self.stored()[self.kept.id]
        self.assertTrue(row["is_overridden"])
        self.assertEqual(row["score"], 77)

    def test_both_were_overridden(self):
        today = self.models[0]._today()
        for partner, score in ((self.kept, 11), (self.gone, 22)):
            self.env["customer.value.override"].create(
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "sets_score": True,
                    "score": score,
                    "reason": "Known to the board",
                    "date_to": today + timedelta(days=9),
                }
            )
        self.merge(self.gone)
        self.score_dirty()
        self.assertIn(self.stored()[self.kept.id]["score"], (11, 22))

    def test_a_contact_of_another_customer(self):
        clerk = self.make_partner("Clerk", parent_id=self.gone.id)
        self.make_invoice(clerk, 8)
        other = self.make_partner("Other clerk", parent_id=self.kept.id)
        self.score_dirty()
        self.merge(clerk, into=other)
        self.score_dirty()
        rows = self.stored()
        self.assertEqual(rows[self.kept.id]["raw"], [18])
        self.assertEqual(rows[self.gone.id]["raw"], [32])

    def test_deleted(self):
        lone = self.make_partner("Other")
        self.score_dirty()
        self.assertIn(lone.id, self.stored())
        self.env["customer.value.override"].create(
            {
                "partner_id": lone.id,
                "company_id": self.company.id,
                "sets_score": True,
                "score": 50,
                "reason": "Friend of the house",
                "date_to": self.models[0]._today(),
            }
        )
        lone_id = lone.id
        lone.unlink()
        self.score_dirty()
        self.assertNotIn(lone_id, self.stored())
        self.assertFalse(
            self.env["customer.value.history"].search([("partner_id", "=", lone_id)])
        )
