"""Why a score changed: exact in sum, plain in words, down to the documents."""

from datetime import timedelta
from random import Random

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..tools.rounding import round_half_up
from .history_common import DAY, HistoryCommon


@tagged("post_install", "-at_install")
class TestChangeIsExact(HistoryCommon):
    """Random histories, with everything that may happen to one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model.sudo().state = "retired"
        definition = [
            {"code": f"i{number}", "source": "sales", "weight": weight}
            for number, weight in enumerate((5, 2, 1, 2))
        ]
        cls.scheme = cls.make_model(definition, partners=cls.partner)
        cls.heavier = cls.scheme.copy(
            {"name": cls.scheme.name, "code": cls.scheme.code}
        )
        for indicator, weight in zip(
            cls.heavier.indicator_ids, (1, 1, 6, 0), strict=True
        ):
            indicator.weight = weight
        cls.rival = cls.make_model(definition[:2], domain=[("id", "=", 0)])
        cls.score(cls.scheme, cls.day)
        cls.row = cls.env["customer.value.score"].search(
            [("partner_id", "=", cls.partner.id)]
        )

    def test_lines_add_up_to_the_change(self):
        for seed in range(60):
            draw = Random(seed)
            with self.subTest(seed=seed):
                days = self.make_history(draw)
                start = draw.choice(days)
                end = draw.choice([None, draw.choice(days)])
                if end and end < start:
                    start, end = end, start
                self.check(start, end)

    def check(self, start, end):
        change = self.env["customer.value.change"]
        rows = change._rows(self.row, end)
        before = [row for row in rows if row["date"] <= start] or rows[:1]
        told = change._explain(self.row, start, end)
        exact = rows[-1]["score"] - before[-1]["score"]
        self.assertAlmostEqual(
            sum(line["amount"] for line in told["lines"]), exact, places=5
        )
        self.assertEqual(
            sum(line["shown"] for line in told["lines"]), told["to"] - told["from"]
        )
        self.assertEqual(told["to"], round_half_up(rows[-1]["score"]))
        for line in told["lines"]:
            self.assertAlmostEqual(sum(line["effects"].values()), line["amount"])

    def make_history(self, draw):
        """A random history of 2 to 9 rows and a present score; returns the days."""
        self.env["customer.value.history"].sudo().search([]).unlink()
        day, days = self.day, []
        version = self.scheme
        last = self.standing(draw, version)
        for __ in range(draw.randrange(2, 10)):
            day += draw.randrange(1, 40) * DAY
            days.append(day)
            kind = draw.choice(["evidence"] * 4 + ["calibration", "configuration"])
            if draw.random() < 0.1:
                kind = "merge"
            before = None
            if kind != "evidence":
                before = (version, *self.standing(draw, version))
            if kind == "configuration":
                version = draw.choice((self.scheme, self.heavier, self.rival))
            last = self.standing(draw, version)
            self.insert(day, kind, version, last, before, draw)
        self.present(version, draw)
        return days


@tagged("post_install", "-at_install")
class TestChange(HistoryCommon):
    def score_of(self, partner=None, user=None):
        score = self.env["customer.value.score"].search(
            [("partner_id", "=", (partner or self.partner).id)]
        )
        return score.with_user(user) if user else score

    def explain(self, start, end=None, user=None):
        score = self.score_of(user=user)
        return score.env["customer.value.change"]._explain(score, start, end)

    def line(self, told, code):
        return next(line for line in told["lines"] if line["code"] == code)

    def test_what_was_bought_raises_it(self):
        self.score(self.model, self.day)
        self.buy(40, self.day + DAY)
        self.score(self.model, self.day + DAY)
        told = self.explain(self.day)
        self.assertEqual((told["from"], told["to"]), (0, 30))
        line = self.line(told, "sales")
        self.assertEqual(line["shown"], 30)
        self.assertEqual(line["effects"], {"evidence": 30, "coverage": 0})
        self.assertEqual((line["before"]["raw"], line["after"]["raw"]), (0, 40))

    def test_time_takes_it_away_again(self):
        """Thirty days later the order has left the window; its line says which."""
        order = self.buy(40, self.day)
        self.score(self.model, self.day)
        later = self.day + timedelta(days=40)
        kept = self.buy(10, later)
        self.score(self.model, later, cause="time")
        told = self.explain(self.day, later)
        self.assertEqual((told["from"], told["to"]), (30, 8))
        documents = self.env["customer.value.change"]._documents(
            self.score_of(), self.sales, self.day, later
        )
        self.assertEqual(documents["unit"], "money")
        for side, wanted in (("left", order), ("entered", kept)):
            [record] = documents[side]["records"]
            self.assertEqual((record["model"], record["id"]), ("sale.order", wanted.id))
            self.assertEqual(record["amount"], wanted.amount_untaxed)
            self.assertEqual(documents[side]["hidden"], 0)

    def test_a_new_configuration_is_told_apart(self):
        self.buy(40, self.day)
        self.score(self.model, self.day)
        draft = self.model.copy({"name": self.model.name, "code": self.model.code})
        draft.indicator_ids.filtered(lambda one: one.code == "deals").weight = 9
        draft.sudo()._replace_active_version()
        self.score(draft, self.day + DAY)
        self.buy(40, self.day + 2 * DAY)
        self.score(draft, self.day + 2 * DAY)
        told = self.explain(self.day)
        self.assertEqual((told["from"], told["to"]), (30, 20))
        effects = {}
        for line in told["lines"]:
            for kind, amount in line["effects"].items():
                effects[kind] = effects.get(kind, 0) + amount
        self.assertAlmostEqual(effects.pop("weight"), -20)
        self.assertAlmostEqual(effects.pop("evidence"), 10)
        self.assertFalse(any(effects.values()))

    def test_a_field_is_told_by_its_values(self):
        """What the field said then, though the history keeps points alone; nothing
        where two values give the same points."""
        industries = self.env["res.partner.industry"].create(
            [{"name": name} for name in ("Mining", "Baking", "Brewing")]
        )
        mining, baking, brewing = industries
        self.model.action_retire()
        self.model = self.make_model(
            [
                {
                    "code": "industry",
                    "aggregate": "attribute",
                    "attribute_path": "industry_id",
                    "scale": "enumeration",
                    "bands": {mining.id: 20, baking.id: 80, brewing.id: 80},
                }
            ],
            partners=self.partner,
            recalibration="never",
        )
        for offset, industry in enumerate((mining, baking)):
            self.partner.industry_id = industry
            self.score(self.model, self.day + offset * DAY)
        line = self.line(self.explain(self.day), "industry")
        self.assertEqual(line["shown"], 60)
        self.assertEqual(line["before"]["value_label"], "Mining")
        self.assertEqual(line["after"]["value_label"], "")
        self.model.indicator_ids.band_ids.filtered(
            lambda band: band.match_value == str(brewing.id)
        ).sudo().unlink()
        line = self.line(self.explain(self.day), "industry")
        self.assertEqual(line["after"]["value_label"], "Baking")

    def test_a_word_of_the_manager_is_a_line(self):
        self.buy(40, self.day)
        self.score(self.model, self.day)
        self.env.cr.execute(
            "UPDATE customer_value_score SET score = 77 WHERE partner_id = %s",
            [self.partner.id],
        )
        self.env.invalidate_all()
        told = self.explain(self.day)
        self.assertEqual(self.line(told, "override")["shown"], 47)
        self.assertEqual(sum(line["shown"] for line in told["lines"]), 47)

    def make_reader(self, group="group_user"):
        return new_test_user(
            self.env,
            f"change.{group}",
            f"base.group_user,sales_team.group_sale_salesman,customer_value.{group}",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )

    def test_confidential_indicators_are_one_line(self):
        self.deals.sudo().confidential = True
        self.score(self.model, self.day)
        lead = self.make_lead(self.partner)
        lead.action_set_won()
        lead.date_closed = self.local(self.day)
        self.buy(40, self.day)
        self.score(self.model, self.day + DAY)
        told = self.explain(self.day, user=self.make_reader())
        self.assertEqual(
            {line["code"] for line in told["lines"]}, {"sales", "confidential"}
        )
        self.assertNotIn("before", self.line(told, "confidential"))
        self.assertEqual(
            sum(line["shown"] for line in told["lines"]), told["to"] - told["from"]
        )
        manager = self.explain(self.day, user=self.make_reader("group_manager"))
        self.assertIn("deals", {line["code"] for line in manager["lines"]})

    def test_documents_one_may_not_read_are_a_number(self):
        """A salesperson sees his own orders, and how many others there are."""
        reader = self.make_reader()
        self.score(self.model, self.day)
        own = self.buy(40, self.day + DAY)
        own.user_id = reader
        self.buy(30, self.day + DAY).user_id = self.env.user
        self.score(self.model, self.day + DAY)
        score = self.score_of(user=reader)
        entered = score.env["customer.value.change"]._documents(
            score, self.sales, self.day, self.day + DAY
        )["entered"]
        self.assertEqual([one["id"] for one in entered["records"]], own.ids)
        self.assertEqual((entered["count"], entered["hidden"]), (2, 1))

    def test_through_the_partner(self):
        self.score(self.model, self.day)
        self.buy(40, self.day + DAY)
        self.score(self.model, self.day + DAY)
        partner = self.partner.with_user(self.make_reader())
        told = partner.value_change(str(self.day))
        self.assertEqual(told["to"], 30)
        self.assertEqual(told["start"], str(self.day))
        documents = partner.value_change_documents(
            self.sales.id, str(self.day), str(self.day + DAY)
        )
        self.assertEqual(documents["entered"]["count"], 1)

    def test_not_for_everybody(self):
        self.score(self.model, self.day)
        stranger = new_test_user(
            self.env,
            "change.stranger",
            "base.group_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.partner.with_user(stranger).value_change(str(self.day))
        self.sales.sudo().confidential = True
        reader = self.make_reader()
        with self.assertRaises(AccessError):
            self.partner.with_user(reader).value_change_documents(
                self.sales.id, str(self.day), str(self.day + DAY)
            )
