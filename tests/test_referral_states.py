"""What becomes of a referral: each line of the table, and a naive oracle."""

import random
from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, tagged

from ..tools.referral import HOUSEHOLD, Facts, Rules, verdict
from .referral_common import ReferralCommon


@tagged("post_install", "-at_install")
class TestVerdict(BaseCase):
    """Properties of the pure function, over many facts."""

    rules = Rules(window_days=60, hold_days=21, cap=3)
    said = date(2026, 3, 1)

    def facts(self, seed):
        draw = random.Random(seed)

        def maybe(share=0.12):
            return draw.random() < share

        day = self.said + timedelta(days=draw.randrange(0, 61))
        return Facts(
            day=self.said,
            decision=draw.choice([None, None, None, "approved", "void", "flagged"]),
            withdrawn=maybe(),
            document_gone=maybe(),
            referrer_known=not maybe(),
            referrer_archived=maybe(),
            referred_known=not maybe(),
            same_person=maybe(),
            circular=maybe(),
            not_first=maybe(),
            bought_before=maybe(),
            household=draw.choice([None, None, *HOUSEHOLD]),
            bought_less=maybe(0.3),
            purchase_day=draw.choice([None, day]),
            earned=draw.randrange(0, 5),
            reward_used=draw.choice([None, None, None, True, False]),
        )

    def test_all_but_rewarded_say_why(self):
        for seed in range(3000):
            state, reason = verdict(self.facts(seed), self.rules, date(2026, 4, 20))
            self.assertEqual(bool(reason), state != "rewarded", self.facts(seed))

    def test_nothing_is_earned_in_spite_of_a_reason_against_it(self):
        for seed in range(3000):
            facts = self.facts(seed)
            state, __ = verdict(facts, self.rules, date(2026, 6, 30))
            if state != "qualified":
                continue
            self.assertTrue(facts.purchase_day and facts.referrer_known)
            self.assertFalse(facts.same_person or facts.circular or facts.not_first)
            self.assertFalse(facts.bought_before or facts.withdrawn)
            doubted = facts.household or facts.referrer_archived or facts.earned >= 3
            self.assertTrue(not doubted or facts.decision == "approved")

    def test_time_alone_moves_forward(self):
        """Pending becomes qualified or void, flagged void; nothing comes back."""
        rank = {"pending": 0, "flagged": 0, "qualified": 1, "rewarded": 1, "void": 1}
        for seed in range(500):
            facts = self.facts(seed)
            course = [
                verdict(facts, self.rules, self.said + timedelta(days=days)).state
                for days in range(0, 120, 4)
            ]
            ranks = [rank[state] for state in course]
            self.assertEqual(ranks, sorted(ranks), facts)

    def test_boundaries_are_inclusive(self):
        waits = Facts(day=self.said)
        last = self.said + timedelta(days=60)
        self.assertEqual(verdict(waits, self.rules, last).state, "pending")
        after = last + timedelta(days=1)
        self.assertEqual(verdict(waits, self.rules, after), ("void", "expired"))
        bought = Facts(day=self.said, purchase_day=self.said)
        due = self.said + timedelta(days=21)
        self.assertEqual(verdict(bought, self.rules, due).state, "qualified")
        before = due - timedelta(days=1)
        self.assertEqual(verdict(bought, self.rules, before).state, "pending")


@tagged("post_install", "-at_install")
class TestReferralStates(ReferralCommon):
    def test_from_word_to_qualified(self):
        referral = self.say(self.ada, self.ben, ago=30)
        self.assertStands(referral, "pending", "no_purchase")
        self.assertEqual(referral.deadline, self.day(-30))
        self.buy(self.ben, ago=20, amount=49.99)
        self.assertStands(referral, "pending", "bought_less")
        order = self.buy(self.ben, ago=20, amount=50)
        self.assertStands(referral, "pending", "may_be_returned")
        self.assertEqual(
            (referral.purchase_model, referral.purchase_id), ("sale.order", order.id)
        )
        self.assertEqual(referral.purchase_amount, 50)
        self.assertEqual(referral.purchase_date, self.day(20))
        self.assertEqual(referral.qualified_on, self.day(-1))
        order.date_order = self.moment(21)
        self.assertStands(referral, "qualified", "to_reward")

    def test_a_purchase_on_the_day_it_was_said_counts(self):
        self.buy(self.ben, ago=30)
        self.assertStands(
            self.say(self.ada, self.ben, ago=30), "qualified", "to_reward"
        )

    def test_a_company_that_never_set_a_minimum(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_company SET value_referral_minimum = NULL WHERE id = %s",
            self.company.ids,
        )
        self.buy(self.ben, ago=29, amount=1)
        self.assertStands(self.say(self.ada, self.ben), "qualified", "to_reward")

    def test_an_existing_customer_cannot_be_referred(self):
        self.buy(self.ben, ago=31, amount=1)
        self.buy(self.ben, ago=29)
        self.assertStands(self.say(self.ada, self.ben), "void", "existing_customer")

    def test_a_purchase_taken_back_makes_no_existing_customer(self):
        order = self.buy(self.ben, ago=40)
        self.credit(self.invoice_order(order, self.day(40)), self.day(39))
        self.assertStands(self.say(self.ada, self.ben), "pending", "no_purchase")

    def test_outside_the_window(self):
        self.buy(self.ben, ago=20)
        self.assertStands(self.say(self.ada, self.ben, ago=81), "void", "expired")
        self.assertStands(
            self.say(self.ada, self.cleo, ago=60), "pending", "no_purchase"
        )
        self.buy(self.cleo, ago=30, amount=10)
        self.assertStands(self.say(self.ben, self.cleo, ago=61), "void", "too_little")

    def test_the_first_referrer_keeps_the_credit(self):
        later = self.say(self.ben, self.cleo, ago=20)
        first = self.say(self.ada, self.cleo, ago=30)
        (later | first)._evaluate()
        self.assertEqual((first.state, later.state), ("pending", "void"))
        self.assertEqual((later.reason, later.first_id), ("not_first", first))
        self.assertIn("Ada", later.reason_text)

    def test_the_credit_passes_on_when_the_first_one_is_refused(self):
        first = self.say(self.ada, self.cleo, ago=30)
        later = self.say(self.ben, self.cleo, ago=20)
        self.assertStands(later, "void", "not_first")
        first.decision_note = "Invented"
        first.action_void()
        self.assertEqual((first.state, first.reason), ("void", "by_manager"))
        self.assertEqual(first.reason_text, "By a manager's word: Invented")
        self.assertEqual((later.state, later.first_id.id), ("pending", False))

    def test_another_contact_of_the_same_company_is_the_same_customer(self):
        works = self.make_partner("Works")
        people = [
            self.make_partner(name, parent_id=works.id) for name in ("One", "Two")
        ]
        first = self.say(self.ada, people[0], ago=9)
        self.assertStands(self.say(self.ben, people[1], ago=8), "void", "not_first")
        self.assertStands(first, "pending", "no_purchase")

    def test_circles_are_refused_where_they_close(self):
        one = self.say(self.ada, self.ben, ago=30)
        two = self.say(self.ben, self.cleo, ago=29)
        three = self.say(self.cleo, self.ada, ago=28)
        (one | two | three)._evaluate()
        self.assertEqual((one | two).mapped("state"), ["pending", "pending"])
        self.assertEqual((three.state, three.reason), ("void", "circular"))
        for referral in three | two | one:
            before = referral.state
            referral._evaluate()
            self.assertEqual(referral.state, before)

    def test_nobody_brings_oneself(self):
        with self.refused("cannot bring"):
            self.say(self.ada, self.ada)
        order = self.make_order(self.ada, confirm=False, value_referrer_id=self.ada.id)
        referral = self.collect()
        self.assertEqual(referral.res_id, order.id)
        self.assertStands(referral, "void", "same_person")

    def test_households_and_companies_are_flagged(self):
        works = self.make_partner("Works")
        one, two = (
            self.make_partner(name, parent_id=works.id) for name in ("One", "Two")
        )
        self.assertStands(self.say(one, two), "flagged", "same_company")
        place = {"street": "1 Long Lane", "zip": "1010", "city": "Auckland"}
        self.ada.write(place)
        self.ben.write({**place, "street": "1, long lane"})
        self.assertStands(self.say(self.ada, self.ben), "flagged", "same_address")
        for person in (self.ada, self.cleo):
            person.write({"phone": "+64 21 555 0199", "street": False})
        self.assertStands(self.say(self.ada, self.cleo), "flagged", "same_phone")
        dan = self.make_person("Dan", email="dan@smith-family.test")
        eve = self.make_person("Eve", email="eve@smith-family.test")
        self.assertStands(self.say(dan, eve), "flagged", "same_email")
        fay = self.make_person("Fay", email="fay@gmail.com")
        gus = self.make_person("Gus", email="gus@gmail.com")
        self.assertStands(self.say(fay, gus), "pending", "no_purchase")
        self.company.value_referral_household = False
        self.assertStands(self.say(eve, dan, ago=29), "void", "circular")

    def test_flags_are_decided_by_a_manager_with_a_reason(self):
        for person in (self.ada, self.ben):
            person.phone = "+64 21 555 0199"
        referral = self.say(self.ada, self.ben)
        self.buy(self.ben, ago=25)
        self.assertStands(referral, "flagged", "same_phone")
        with self.refused("Write the reason", UserError):
            referral.action_approve()
        referral.decision_note = "The phone of the office"
        referral.action_approve()
        self.assertEqual((referral.state, referral.reason), ("qualified", "to_reward"))
        referral.decision_note = "He called: was not brought"
        referral.action_flag()
        self.assertEqual((referral.state, referral.reason), ("flagged", "by_manager"))
        referral.action_void()
        self.assertEqual(referral.state, "void")
        with self.refused("cannot be done", UserError):
            referral.action_approve()
        referral.action_reopen()
        self.assertEqual((referral.state, referral.reason), ("flagged", "same_phone"))

    def test_a_year_has_a_cap(self):
        self.company.value_referral_cap = 2
        friends = [self.make_person(f"Friend {number}") for number in range(4)]
        old = self.say(self.ada, friends[0], ago=420)
        self.buy(friends[0], ago=419)
        made = old
        for number, friend in enumerate(friends[1:]):
            made |= self.say(self.ada, friend, ago=50 - number)
            self.buy(friend, ago=45 - number)
        (made | old)._evaluate()
        self.assertEqual(
            made.sorted("date").mapped("state"),
            ["qualified", "qualified", "qualified", "flagged"],
        )
        self.assertEqual(made.sorted("date")[-1].reason, "over_cap")

    def test_archived_referrers_wait(self):
        referral = self.say(self.ada, self.ben)
        self.buy(self.ben, ago=25)
        self.ada.active = False
        self.assertStands(referral, "flagged", "referrer_archived")
        self.ada.active = True
        self.assertStands(referral, "qualified", "to_reward")
        self.ben.active = False
        self.assertStands(referral, "qualified", "to_reward")

    def test_taken_back_before_the_reward(self):
        referral = self.say(self.ada, self.ben)
        order = self.buy(self.ben, ago=25)
        self.assertStands(referral, "qualified", "to_reward")
        invoice = self.invoice_order(order, self.day(25))
        self.credit(invoice, self.day(20), amount=60)
        self.assertStands(referral, "pending", "bought_less")
        self.credit(invoice, self.day(20), amount=40)
        self.buy(self.ben, ago=23, amount=70)
        self.assertStands(referral, "qualified", "to_reward")
        self.assertEqual(referral.purchase_amount, 70)

    def test_cancelled_before_the_reward(self):
        referral = self.say(self.ada, self.ben)
        order = self.buy(self.ben, ago=25)
        self.assertStands(referral, "qualified", "to_reward")
        order._action_cancel()
        self.assertStands(referral, "pending", "no_purchase")

    def test_returned_at_the_till(self):
        session = self.open_till()
        referral = self.say(self.ada, self.ben)
        order = self.ring_up(
            session, self.ben, lines=((2, 40.0),), when=self.moment(28)
        )
        self.assertStands(referral, "qualified", "to_reward")
        self.assertEqual(referral.purchase_amount, 80)
        self.take_back(order, quantities=(1,), when=self.moment(27))
        self.assertStands(referral, "pending", "bought_less")

    def test_found_facts_cannot_be_written(self):
        self.env.user.group_ids += self.env.ref("customer_value.group_manager")
        manager = self.make_user(
            "mgr", "customer_value.group_manager", "sales_team.group_sale_salesman"
        )
        referral = self.say(self.ada, self.ben).with_user(manager)
        for vals in (
            {"state": "rewarded"},
            {"purchase_amount": 10},
            {"decision": "approved"},
            {"reward_card_id": 3},
        ):
            with self.refused("cannot be written", AccessError):
                referral.write(vals)
            with self.refused("cannot be written", AccessError):
                referral.copy(vals)


@tagged("post_install", "-at_install")
class TestReferralOracle(ReferralCommon):
    """Random villages, judged one by one by rules written down anew."""

    def village(self, seed):
        draw = random.Random(seed)
        people = [self.make_person(f"P{seed}-{number}") for number in range(9)]
        for person in draw.sample(people, 3):
            person.phone = f"+64 21 555 01{seed:02d}"
        said = []
        for __ in range(26):
            referrer, referred = draw.sample(people, 2)
            said.append(self.say(referrer, referred, ago=draw.randrange(0, 100)))
        bought = []
        for __ in range(14):
            person, ago = draw.choice(people), draw.randrange(0, 110)
            amount = draw.choice([20.0, 50.0, 90.0])
            self.buy(person, ago, amount)
            bought.append((person, ago, amount))
        return said, bought

    def judged(self, said, bought):
        """``{referral: state}``: oldest first, each against those before."""
        states, holders = {}, {}
        for referral in sorted(said, key=lambda one: (one.date, one.id)):
            ago = (self.day(0) - referral.date).days
            who = referral.referred_id
            mine = [(days, sum_) for one, days, sum_ in bought if one == who]
            before = any(days > ago for days, __ in mine)
            inside = [
                days for days, sum_ in mine if ago - 60 <= days <= ago and sum_ >= 50
            ]
            if who in holders or before or self.leads_to(referral, holders):
                states[referral] = "void"
                continue
            if not inside and ago > 60:
                states[referral] = "void"
                continue
            holders[who] = referral.referrer_id
            phones = {referral.referrer_id.phone, who.phone}
            if len(phones) == 1 and phones != {False}:
                states[referral] = "flagged"
            elif inside and max(inside) >= 21:
                states[referral] = "qualified"
            else:
                states[referral] = "pending"
        return states

    def leads_to(self, referral, holders):
        person = referral.referrer_id
        while person in holders:
            person = holders[person]
            if person == referral.referred_id:
                return True
        return False

    def test_against_the_oracle(self):
        seen = set()
        for seed in range(4):
            said, bought = self.village(seed)
            referrals = self.referrals.union(*said)
            referrals._evaluate()
            expected = self.judged(said, bought)
            for referral in said:
                self.assertEqual(
                    referral.state,
                    expected[referral],
                    f"village {seed}: {referral.display_name}, {referral.reason}",
                )
            seen.update(expected.values())
            self.assertNothingChanges(referrals)
        self.assertEqual(seen, {"pending", "qualified", "flagged", "void"})

    def assertNothingChanges(self, referrals):
        """Looked at again, all at once or one by one, they stand where they stood."""
        before = {one: (one.state, one.reason) for one in referrals}
        referrals._evaluate()
        for referral in reversed(referrals):
            referral._evaluate()
        self.assertEqual({one: (one.state, one.reason) for one in referrals}, before)

    def test_number_of_statements(self):
        """Many cost what few do, but for what changes."""

        def statements(number):
            friends = [self.make_person(f"Q{number}-{at}") for at in range(number)]
            referrals = self.referrals.union(
                *(self.say(self.ada, friend) for friend in friends)
            )
            self.buy(friends[0], ago=1)
            referrals._evaluate()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            referrals._evaluate()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        few, many = statements(3), statements(40)
        self.assertLessEqual(many, few)
        self.assertLess(many, 25)
