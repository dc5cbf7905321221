"""When a rule fires: day by day as a naive oracle says, and as the preview told."""

from datetime import timedelta
from random import Random

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..models.customer_care_rule import ACTIVE_FROM_START, READY_RULES
from ..tools.care import Level, Watch, episodes, load
from .care_common import DAY, CareCommon


def naive(rows, first, last, sign, points, days):
    """``[(former day, opened, closed)]``, looking at every single day.

    ``rows``: ``(day, score, what a step added, segment)`` in order.
    """

    def standing(day):
        past = [at for at, row in enumerate(rows) if row[0] <= day]
        return past[-1] if past else None

    def own(at):
        return rows[at][1] - sum(row[2] for row in rows[: at + 1])

    found, case, closed = [], None, None
    day = first
    while day <= last:
        now = standing(day)
        if now is not None and case:
            former_day, opened = case
            if sign * (own(now) - own(standing(former_day))) >= 0:
                found.append((former_day, opened, day))
                case, closed = None, day
        elif now is not None:
            past = [
                back
                for number in range(1, days + 1)
                if (back := day - number * DAY) >= (closed or back)
                and standing(back) is not None
                and rows[standing(back)][3] == rows[now][3]
            ]
            if past:
                best = max(past, key=lambda back: sign * own(standing(back)))
                if sign * (own(standing(best)) - own(now)) >= points:
                    case = best, day
        day += DAY
    if case:
        found.append((*case, None))
    return found


@tagged("post_install", "-at_install")
class TestCareTriggers(CareCommon):
    def random_history(self, draw, partner, model):
        """A walk within a tier, with steps of configuration; rows for :func:`naive`."""
        rows, score, segment = [], draw.randrange(45, 65), 0
        for back in range(80, -1, -1):
            day = self.today - back * DAY
            if rows and draw.random() > 0.12:
                continue
            score = min(max(score + draw.randrange(-14, 15), 40), 69)
            self.tell_row(partner, day, score, model)
            rows.append((day, score, 0, segment))
            if draw.random() < 0.2:
                after = min(max(score + draw.randrange(-9, 10), 40), 69)
                self.tell_row(partner, day, after, model, before=score)
                rows.append((day, after, after - score, segment))
                score = after
        self.stand(partner, score, model)
        return rows

    def test_falls_and_rises_as_the_oracle_says_and_as_the_preview_tells(self):
        """Two rules, a walk of many days with steps of configuration."""
        draw = Random(20260310)
        told = {
            partner.id: self.random_history(draw, partner, self.model)
            for partner in (self.customer() for __ in range(8))
        }
        first = self.today - 40 * DAY
        rules = {
            1: self.rule("fell", points=9, days=20),
            -1: self.rule("rose", points=9, days=30),
        }
        for sign, rule in rules.items():
            expected = {
                partner_id: cases
                for partner_id, rows in told.items()
                if (
                    cases := naive(
                        rows, first, self.today, sign, rule.points, rule.days
                    )
                )
            }
            self.assertGreater(sum(map(len, expected.values())), 4)
            previewed = rule._episodes(first, self.today)
            found = {key: list(map(tuple, cases)) for key, cases in previewed.items()}
            self.assertEqual(found, expected)
        for back in range(40, -1, -1):
            self.evaluate(back)
        for rule in rules.values():
            really = {}
            for case in self.cases(rule):
                really.setdefault(case.partner_id.id, []).append(
                    (case.former_date, case.date, case.date_closed or None)
                )
            previewed = rule._episodes(first, self.today)
            found = {key: list(map(tuple, cases)) for key, cases in previewed.items()}
            self.assertEqual(really, found)

    def test_the_edges_are_inclusive(self):
        rule = self.rule("fell", points=10, days=30)
        exactly = self.tell(self.customer(), (30, 82), (0, 72))
        too_little = self.tell(self.customer(), (30, 82), (0, 73))
        rounded = self.tell(self.customer(), (30, 82.4), (0, 72.4))
        too_long_ago = self.tell(self.customer(), (60, 82), (31, 72), (0, 72.2))
        self.evaluate()
        self.assertEqual(self.cases(rule).partner_id, exactly | rounded)
        self.assertFalse(self.cases(rule, too_little, too_long_ago))

    def test_the_last_day_of_the_window(self):
        rule = self.rule("fell", points=10, days=30)
        partner = self.tell(self.customer(), (60, 82), (29, 72))
        out = self.tell(self.customer(), (60, 82), (30, 72))
        self.evaluate()
        self.assertTrue(self.cases(rule, partner))
        self.assertEqual(self.cases(rule, partner).former_date, self.today - 30 * DAY)
        self.assertFalse(self.cases(rule, out))

    def test_what_we_changed_ourselves_is_no_fall(self):
        rule = self.rule("fell", points=10, days=30)
        partner = self.customer()
        self.tell(partner, (20, 82))
        self.tell_row(partner, 10, 60, before=82)
        self.stand(partner, 60)
        self.evaluate()
        self.assertFalse(self.cases(rule))
        self.tell(partner, (5, 50))
        self.evaluate()
        self.assertEqual(self.cases(rule, partner).former_score, 60)

    def test_another_scheme_cannot_be_compared(self):
        rule = self.rule("fell", points=10, days=30)
        other = self.make_scheme(sequence=20)
        partner = self.tell(self.customer(), (20, 90))
        self.tell(partner, (5, 30), model=other)
        self.evaluate()
        self.assertFalse(self.cases(rule))

    def test_tier_down_up_and_lost(self):
        down = self.rule("tier", tier_change="down", days=7)
        up = self.rule("tier", tier_change="up", days=7)
        gold = self.tier(90)
        lost = self.rule("tier", tier_change="lost", tier_ids=gold.ids, days=7)
        fell = self.tell(self.customer("Fell"), (20, 75), (3, 60))
        rose = self.tell(self.customer("Rose"), (20, 30), (3, 45))
        fell_low = self.tell(self.customer("Low"), (20, 45), (3, 30))
        stayed = self.tell(self.customer("Stayed"), (20, 95), (3, 71))
        long_ago = self.tell(self.customer("Ago"), (20, 75), (8, 60))
        forced = self.tell(self.customer("Forced"), (20, 75))
        self.tell(forced, (3, 60), cause="override")
        self.evaluate()
        self.assertEqual(self.cases(down).partner_id, fell | fell_low)
        self.assertEqual(self.cases(up).partner_id, rose)
        self.assertEqual(self.cases(lost).partner_id, fell)
        self.assertFalse(self.cases(down, stayed, long_ago, forced))
        case = self.cases(down, fell)
        self.assertEqual(case.former_tier_id, gold)
        self.assertEqual(case.tier_id, self.tier(60))
        self.assertTrue(self.cases(up).is_gain)

    def test_stage(self):
        stages = self.env["customer.loyalty.stage"].search([])
        at_risk = stages.filtered(lambda stage: stage.code == "at_risk")
        first = stages.filtered(lambda stage: stage.code == "first_purchase")
        risk = self.rule("stage", stage_id=at_risk.id, days=7)
        welcome = self.rule("stage", stage_id=first.id, days=7)
        late, lost, back, new, old = (self.customer() for __ in range(5))
        self.step(late, "loyal", 90)
        self.step(late, "at_risk", 2, "loyal")
        self.step(lost, "loyal", 90)
        self.step(lost, "lost", 2, "loyal")
        self.step(back, "loyal", 90)
        self.step(back, "at_risk", 5, "loyal")
        self.step(back, "loyal", 1, "at_risk")
        self.step(new, "first_purchase", 1)
        self.step(old, "loyal", 90)
        self.step(old, "at_risk", 7, "loyal")
        self.evaluate()
        self.assertEqual(self.cases(risk).partner_id, late)
        self.assertEqual(self.cases(welcome).partner_id, new)
        self.step(late, "lost", 0, "at_risk")
        self.evaluate()
        self.assertEqual(self.cases(risk).state, "open")
        self.step(late, "won_back", 0, "lost")
        self.evaluate()
        self.assertEqual(self.cases(risk).outcome, "recovered")

    def test_band(self):
        sales = self.model.indicator_ids
        half = sales.band_ids.filtered(lambda band: band.points == 50)
        below = self.rule(
            "band", indicator_id=sales.id, band_id=half.id, band_way="below", days=30
        )
        above = self.rule(
            "band", indicator_id=sales.id, band_id=half.id, band_way="above", days=30
        )
        fell = self.tell(self.customer(), (20, 50), (3, 49))
        rose = self.tell(self.customer(), (20, 49), (3, 50))
        unseen = self.tell(self.customer(), (20, 60))  # points moved, the score did not
        self.stand(unseen, 40)
        self.evaluate()
        self.assertEqual(self.cases(below).partner_id, fell | unseen)
        self.assertEqual(self.cases(above).partner_id, rose)
        self.cases(below, unseen)._close("wrong_alarm", self.today)
        self.evaluate()
        self.assertEqual(len(self.cases(below, unseen)), 1)

    def complain(self, partner, back, closed=None):
        complaint = self.env["customer.feedback"].create(
            {
                "kind": "complaint",
                "partner_id": partner.id,
                "company_id": self.company.id,
                "description": "Chipped",
                "date": self.local(self.today - back * DAY),
            }
        )
        if closed is not None:
            complaint.date_closed = self.local(self.today - closed * DAY)
        return complaint

    def test_complaint(self):
        rule = self.rule("complaint", days=3)
        young, old, solved, contact_of = (self.customer() for __ in range(4))
        clerk = self.make_partner("Clerk", parent_id=contact_of.id)
        self.complain(young, 2)
        self.complain(solved, 9, closed=1)
        complaint = self.complain(old, 3)
        second = self.complain(old, 200)
        self.complain(clerk, 40)
        praise = self.complain(young, 50)
        praise.kind = "praise"
        self.evaluate()
        self.assertEqual(self.cases(rule).partner_id, old | contact_of)
        self.assertEqual(self.cases(rule, old).former_date, self.today - 198 * DAY)
        complaint.date_closed = self.local(self.today)
        self.evaluate()
        self.assertEqual(self.cases(rule, old).state, "open")
        second.date_closed = self.local(self.today)
        self.evaluate()
        self.assertEqual(self.cases(rule, old).outcome, "recovered")
        self.assertEqual(self.cases(rule, contact_of).state, "open")

    def test_expired_override(self):
        rule = self.rule("override", days=7)
        expired, current, renewed, ago = (self.customer() for __ in range(4))

        def override(partner, begin, end):
            self.env["customer.value.override"].create(
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "sets_score": True,
                    "score": 90,
                    "reason": "Promised",
                    "date_from": self.today - begin * DAY,
                    "date_to": self.today - end * DAY,
                }
            )

        override(expired, 60, 1)
        override(current, 60, 0)
        override(renewed, 60, 4)
        override(renewed, 3, -30)
        override(ago, 60, 8)
        self.evaluate()
        self.assertEqual(self.cases(rule).partner_id, expired)
        override(expired, 0, -9)
        self.evaluate()
        self.assertEqual(self.cases(rule).state, "closed")

    def test_whom_it_speaks_of(self):
        gold_only = self.rule("fell", points=10, tier_ids=self.tier(90).ids)
        other = self.make_scheme(sequence=20)
        by_model = self.rule("fell", points=10, model_id=other.id)
        by_domain = self.rule("fell", points=10, domain="[('city', '=', 'Lyon')]")
        was_gold = self.tell(self.customer(city="Lyon"), (9, 75), (0, 60))
        silver = self.tell(self.customer(), (9, 60), (0, 45))
        elsewhere = self.tell(self.customer(), (9, 60), (0, 45), model=other)
        archived = self.tell(self.customer(city="Lyon"), (9, 75), (0, 60))
        archived.active = False
        self.evaluate()
        self.assertEqual(self.cases(gold_only).partner_id, was_gold)
        self.assertEqual(self.cases(by_model).partner_id, elsewhere)
        self.assertEqual(self.cases(by_domain).partner_id, was_gold)
        self.assertFalse(self.cases(gold_only, silver))
        for rule in (gold_only, by_model, by_domain):
            found = rule._episodes(self.today - 30 * DAY, self.today)
            self.assertEqual(set(found), set(self.cases(rule).partner_id.ids))

    def test_a_version_keeps_tiers_and_indicator(self):
        rule = self.rule("fell", points=10, tier_ids=self.tier(90).ids)
        draft = self.env["customer.value.model"].browse(
            self.model.action_new_draft()["res_id"]
        )
        draft._replace_active_version()
        partner = self.tell(self.customer(), (9, 90), (1, 75), model=draft)
        self.evaluate()
        self.assertEqual(self.cases(rule).partner_id, partner)

    def test_companies(self):
        elsewhere = self.make_company("UTC", "USD")
        self.work_in(self.company, elsewhere)
        scheme = self.make_scheme(elsewhere)
        here = self.rule("fell", points=10)
        there = self.rule("fell", points=10, company_id=elsewhere.id)
        partner = self.customer()
        self.tell(partner, (9, 75), (0, 74))
        self.tell(partner, (9, 75), (0, 50), model=scheme)
        self.evaluate()
        self.evaluate(company=elsewhere)
        self.assertFalse(self.cases(here))
        self.assertEqual(self.cases(there).company_id, elsewhere)
        self.assertEqual(self.cases(there).value_at_stake, 7500)


@tagged("post_install", "-at_install")
class TestCareRule(CareCommon):
    def test_bad_input_is_refused(self):
        for vals in (
            {"points": 0},
            {"points": -5},
            {"points": 101},
            {"days": 0},
            {"days": -1},
            {"days": 366},
            {"daily_cap": -1},
        ):
            with (
                self.subTest(vals),
                mute_logger("odoo.sql_db"),
                self.refused("customer_care_rule_positive", CheckViolation),
            ):
                self.rule(**vals)
        with self.refused("choose the stage"):
            self.rule("stage")
        with self.refused("choose the indicator"):
            self.rule("band")
        with self.refused("name the tiers"):
            self.rule("tier", tier_change="lost")
        with self.refused("choose the person"):
            self.rule(assign_to="person")
        with self.refused("filter on customers"):
            self.rule(domain="[('no_such_field', '=', 1)]")
        with self.refused("filter on customers"):
            self.rule(domain="[('name', '=',")
        elsewhere = self.make_scheme(self.make_company("UTC"))
        with self.refused("of its own company"):
            self.rule(model_id=elsewhere.id)
        with self.refused("one for care cases"):
            plan = self.env["mail.activity.plan"].create(
                {"name": "Another", "res_model": "res.partner"}
            )
            self.rule(plan_id=plan.id)

    def test_preview_before_activation(self):
        rule = self.rule(points=10, activate=False).with_user(self.manager)
        with self.refused("press Preview first", UserError):
            rule.action_activate()
        self.tell(self.customer(), (40, 90), (20, 70), (10, 92), (2, 70))
        self.tell(self.customer(user_id=False), (9, 90), (8, 70))
        rule.action_preview()
        told = rule.preview
        self.assertEqual((told["count"], told["customers"]), (3, 2))
        self.assertEqual(told["recovered"], 1)
        self.assertEqual(sum(told["weeks"]), 3)
        self.assertEqual(told["weeks"][-1], 1)
        people = {person["name"]: person["count"] for person in told["people"]}
        self.assertEqual(people, {self.seller.name: 2, "": 1})
        self.assertFalse(self.cases(rule))
        rule.action_activate()
        self.assertEqual(rule.state, "active")
        with self.refused("stop it first", UserError):
            rule.points = 5
        rule.user_id = self.seller
        self.assertTrue(rule.preview)
        rule.action_stop()
        rule.points = 5
        self.assertFalse(rule.preview)
        with self.refused("press Preview first", UserError):
            rule.action_activate()

    def test_form(self):
        with Form(self.env["customer.care.rule"].with_user(self.manager)) as form:
            form.name = "Waiting for us"
            form.trigger = "complaint"
            self.assertEqual(form.days, 3)
            form.days = 2
        rule = form.save()
        self.assertEqual(rule.code, "waiting_for_us")
        self.assertIn("open for 2 days", rule.summary)

    def test_the_broken_one_does_not_stop_the_others(self):
        broken = self.rule(points=10)
        works = self.rule(points=10)
        partner = self.tell(self.customer(), (9, 75), (0, 60))
        self.env.cr.execute(
            "UPDATE customer_care_rule SET domain = %s WHERE id = %s",
            ["[('no_such_field', '=', 1)]", broken.id],
        )
        broken.invalidate_recordset()
        with self.assertLogs("odoo.addons.customer_value", "WARNING"):
            self.evaluate()
        self.assertEqual(self.cases(works).partner_id, partner)
        self.assertFalse(self.cases(broken))
        self.assertIn("no_such_field", broken.problem)
        told = self.env["mail.message"].search(
            [("model", "=", broken._name), ("res_id", "=", broken.id)]
        )
        notices = told.filtered(lambda message: "does not work" in message.subject)
        self.assertIn(self.manager.partner_id, notices.partner_ids)
        with self.assertLogs("odoo.addons.customer_value", "WARNING"):
            self.evaluate()
        again = self.env["mail.message"].search_count(
            [("model", "=", broken._name), ("res_id", "=", broken.id)]
        )
        self.assertEqual(again, len(told))
        broken.sudo().domain = "[('function', '=', 'CARE')]"
        self.evaluate()
        self.assertFalse(broken.problem)
        self.assertEqual(self.cases(broken).partner_id, partner)

    def test_rights(self):
        rule = self.rule(points=10, activate=False)
        mine = rule.with_user(self.seller)
        self.assertTrue(mine.summary)
        for action in ("action_preview", "action_activate", "action_evaluate"):
            with self.assertRaises(AccessError):
                getattr(mine, action)()
        with self.assertRaises(AccessError):
            mine.name = "Mine"
        plain = self.make_seller("care.plain", "base.group_user")
        with self.assertRaises(AccessError):
            rule.with_user(plain).read(["name"])
        elsewhere = self.make_company("UTC")
        self.env["customer.care.rule"].create(
            {"name": "Theirs", "code": "theirs", "company_id": elsewhere.id}
        )
        self.assertFalse(
            self.env["customer.care.rule"]
            .with_user(self.manager)
            .search([("code", "=", "theirs")])
        )

    def test_used_rules_are_archived(self):
        rule = self.rule(points=10)
        self.tell(self.customer(), (9, 75), (0, 60))
        self.evaluate()
        with self.refused("Archive it", UserError):
            rule.unlink()
        self.rule().unlink()

    def test_ready_rules(self):
        company = self.make_company("UTC")
        self.env["customer.value.model"]._activate_ready(
            ["consumers", "key_accounts", "distributors"], company
        )
        rules = self.env["customer.care.rule"]
        fresh = rules._deliver(company)
        self.assertEqual(set(fresh.mapped("code")), set(READY_RULES))
        self.assertEqual(fresh.company_id, company)
        active = fresh.filtered(lambda rule: rule.state == "active")
        self.assertEqual(set(active.mapped("code")), set(ACTIVE_FROM_START))
        self.assertTrue(all(rule.plan_id.template_ids for rule in fresh))
        key = fresh.filtered(lambda rule: rule.code == "key_customer_fell")
        self.assertEqual((key.points, key.days), (10, 30))
        self.assertEqual(key.tier_ids.model_id.company_id, company)
        self.assertEqual(len(key.tier_ids), 4)
        self.assertFalse(rules._deliver(company))

    def test_without_its_tiers_a_ready_rule_waits(self):
        """It would speak of every customer otherwise."""
        company = self.make_company("UTC")
        fresh = self.env["customer.care.rule"]._deliver(company)
        active = fresh.filtered(lambda rule: rule.state == "active")
        self.assertEqual(active.mapped("code"), ["complaint_open"])


@tagged("post_install", "-at_install")
class TestCareTools(CareCommon):
    def test_load(self):
        first = self.today
        days = [first] * 5 + [first + 1 * DAY] * 2 + [first + 9 * DAY]
        self.assertEqual(load(days, 3), (8, 5, 2))
        self.assertEqual(load(days, 2), (8, 5, 3))
        self.assertEqual(load([], 3), (0, 0, 0))

    def test_the_former_tier_is_enough(self):
        """Gold again, though not yet with the former score."""
        first = self.today - timedelta(days=20)
        course = [
            Level(first, first + 5 * DAY, 0, 85, 0, 3),
            Level(first + 5 * DAY, first + 9 * DAY, 0, 60, 0, 2),
            Level(first + 9 * DAY, None, 0, 71, 0, 3),
        ]
        watch = Watch(sign=1, threshold=10, days=30, by_tier=True)
        [case] = episodes(course, first, self.today, watch)
        self.assertEqual(case.closed, first + 9 * DAY)
        plain = watch._replace(by_tier=False)
        [case] = episodes(course, first, self.today, plain)
        self.assertIsNone(case.closed)
