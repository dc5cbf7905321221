"""The arithmetic of the map: weights, coverage, chains, against naive oracles."""

import doctest
from datetime import date, timedelta
from itertools import permutations
from math import prod
from random import Random

from odoo.tests import BaseCase

from ..tools import influence
from ..tools.influence import Edge, Link, Seat

TODAY = date(2024, 5, 17)


class InfluenceCase(BaseCase):
    def setUp(self):
        super().setUp()
        seed = Random().randrange(10**6)
        self.random = Random(seed)
        self.enterContext(self.subTest(seed=seed))

    def graph(self, size=None):
        """Base weights and lines that run in circles as they like."""
        size = size or self.random.randint(1, 9)
        base = {seat: self.random.uniform(0.1, 20) for seat in range(1, size + 1)}
        edges = [
            Edge(
                self.random.randint(1, size),
                self.random.randint(1, size),
                self.random.choice(("influences", "opposes", "tie")),
                self.random.randint(1, 5),
            )
            for __ in range(self.random.randint(0, 3 * size))
        ]
        return base, edges


class TestExamples(BaseCase):
    def test_examples(self):
        failed, tried = doctest.testmod(influence, raise_on_error=False)
        self.assertFalse(failed)
        self.assertGreaterEqual(tried, 10)


class TestWeights(InfluenceCase):
    def naive(self, base, edges):
        """Walk the walk: shares of a crowd that stops, listens or keeps its mind."""
        total = sum(base.values())
        crowd = {seat: one / total for seat, one in base.items()}
        settled = dict.fromkeys(base, 0.0)
        for __ in range(150):
            moved = dict.fromkeys(base, 0.0)
            for seat, share in crowd.items():
                settled[seat] += 0.4 * share
                sways = [(seat, 8.0)]
                for source, target, kind, strength in edges:
                    if source == target or kind == "opposes":
                        continue
                    if kind == "influences" and target == seat:
                        sways.append((source, float(strength)))
                    if kind == "tie" and seat in (source, target):
                        other = source if target == seat else target
                        sways.append((other, strength / 2))
                whole = sum(sway for __, sway in sways)
                for one, sway in sways:
                    moved[one] += 0.6 * share * sway / whole
            crowd = moved
        return {seat: 100 * share for seat, share in settled.items()}

    def test_against_a_crowd_that_walks(self):
        for __ in range(60):
            base, edges = self.graph()
            weights = influence.decision_weights(base, edges)
            for seat, weight in self.naive(base, edges).items():
                self.assertAlmostEqual(weights[seat], weight, places=6)

    def test_sum_to_a_hundred_whatever_circles(self):
        for __ in range(200):
            base, edges = self.graph()
            weights = influence.decision_weights(base, edges)
            self.assertAlmostEqual(sum(weights.values()), 100, places=6)
            self.assertGreaterEqual(min(weights.values()), 0)

    def test_order_of_lines_does_not_matter(self):
        base, edges = self.graph(8)
        weights = influence.decision_weights(base, edges)
        self.random.shuffle(edges)
        for seat, weight in influence.decision_weights(base, edges).items():
            self.assertAlmostEqual(weight, weights[seat], places=9)

    def test_influence_moves_weight_to_its_source(self):
        for __ in range(100):
            base, edges = self.graph(5)
            source, target = self.random.sample(sorted(base), 2)
            edges = [edge for edge in edges if edge.kind == "influences"]
            before = influence.decision_weights(base, edges)
            line = Edge(source, target, "influences", 3)
            after = influence.decision_weights(base, [*edges, line])
            self.assertGreater(after[source], before[source])

    def test_without_lines_it_is_power(self):
        weights = influence.decision_weights({1: 6, 2: 3, 3: 1}, [])
        self.assertEqual({one: round(weights[one]) for one in weights},
                         {1: 60, 2: 30, 3: 10})  # fmt: skip

    def test_opposition_carries_no_weight(self):
        base = {1: 5, 2: 5}
        weights = influence.decision_weights(base, [Edge(1, 2, "opposes", 5)])
        self.assertAlmostEqual(weights[1], 50)

    def test_nobody(self):
        self.assertEqual(influence.decision_weights({}, []), {})


class TestPaths(InfluenceCase):
    def links(self):
        users = [("user", number) for number in range(self.random.randint(1, 3))]
        seats = [("seat", number) for number in range(self.random.randint(1, 6))]
        links = [
            Link(user, seat, self.random.uniform(0.05, 1))
            for user in users
            for seat in seats
            if self.random.random() < 0.4
        ]
        links += [
            Link(one, other, self.random.uniform(0.05, 1))
            for one, other in permutations(seats, 2)
            if self.random.random() < 0.4
        ]
        return users, seats, links

    def brute_force(self, users, seats, links, target):
        """The strongest chain behind each first step: every chain is tried."""
        strengths = {(link.start, link.end): link.strength for link in links}
        best = {}
        others = [seat for seat in seats if seat != target]
        for user in users:
            for count in range(len(others) + 1):
                for between in permutations(others, count):
                    chain = (user, *between, target)
                    steps = list(zip(chain, chain[1:], strict=False))
                    if any(step not in strengths for step in steps):
                        continue
                    strength = prod(strengths[step] for step in steps)
                    first = chain[:2]
                    best[first] = max(best.get(first, 0), strength)
        return sorted(best.values(), reverse=True)

    def test_against_brute_force(self):
        for __ in range(120):
            users, seats, links = self.links()
            target = self.random.choice(seats)
            found = influence.best_paths(links, users, target, limit=99)
            expected = self.brute_force(users, seats, links, target)
            self.assertEqual(len(found), len(expected))
            for path, strength in zip(found, expected, strict=True):
                self.assertAlmostEqual(path.strength, strength, places=9)

    def test_chains_hang_together(self):
        users, seats, links = self.links()
        for target in seats:
            for path in influence.best_paths(links, users, target):
                self.assertIn(path.nodes[0], users)
                self.assertEqual(path.nodes[-1], target)
                self.assertEqual(len(set(path.nodes)), len(path.nodes))
                for one, other in zip(path.links, path.links[1:], strict=False):
                    self.assertEqual(one.end, other.start)
                self.assertAlmostEqual(
                    path.strength, prod(link.strength for link in path.links)
                )

    def test_a_sure_tie_is_no_dead_end(self):
        links = [Link("we", 1, 1.0), Link(1, 2, 1.0), Link(2, 1, 1.0)]
        [path] = influence.best_paths(links, ["we"], 2)
        self.assertEqual(path.nodes, ("we", 1, 2))
        self.assertEqual(path.strength, 1)

    def test_out_of_reach(self):
        self.assertEqual(influence.best_paths([Link("we", 1, 0.5)], ["we"], 2), [])


class TestCoverage(InfluenceCase):
    def colour(self, *seats):
        return influence.coverage(
            [Seat(at, weight, stance) for at, (weight, stance) in enumerate(seats)]
        ).colour

    def test_edges(self):
        for held, colour in ((50, "green"), (49.9, "amber"), (25, "amber")):
            seats = ((held, "favourable"), (100 - held, "neutral"))
            self.assertEqual(self.colour(*seats), colour)
        self.assertEqual(self.colour((24.9, "supporter"), (75.1, "neutral")), "red")

    def test_against_us_as_much(self):
        seats = ((50.0, "supporter"), (50.0, "opponent"))
        self.assertEqual(self.colour(*seats), "amber")

    def test_unknown_is_not_red(self):
        self.assertEqual(self.colour((100.0, "unknown")), "unknown")
        self.assertEqual(self.colour(), "unknown")
        self.assertEqual(self.colour((99.0, "unknown"), (1.0, "neutral")), "red")


class TestGaps(InfluenceCase):
    def codes(self, seats, edges=()):
        return {gap.code: set(gap.seats) for gap in influence.gaps(seats, edges, TODAY)}

    def ago(self, days):
        return TODAY - timedelta(days=days)

    def champion(self, **vals):
        vals.setdefault("touches", {7: TODAY})
        vals.setdefault("owners", frozenset({7}))
        return Seat(1, 50, "supporter", roles=frozenset({"champion"}), **vals)

    def test_a_whole_map_has_none(self):
        seats = [
            self.champion(),
            Seat(2, 30, touches={8: TODAY}, owners=frozenset({8})),
            Seat(3, 20, touches={7: TODAY}, owners=frozenset({7})),
        ]
        self.assertEqual(self.codes(seats), {})

    def test_no_champion(self):
        self.assertIn("no_champion", self.codes([Seat(1, 100)]))
        self.assertNotIn("no_champion", self.codes([self.champion()]))
        self.assertEqual(self.codes([]), {})

    def test_silent_from_the_31st_day(self):
        for days, silent in ((30, False), (31, True)):
            codes = self.codes([self.champion(touches={7: self.ago(days)})])
            self.assertEqual("champion_silent" in codes, silent)
        self.assertIn("champion_silent", self.codes([self.champion(touches={})]))

    def test_the_decider_was_never_contacted(self):
        decider = Seat(2, 50, roles=frozenset({"decision_maker"}))
        self.assertEqual(self.codes([decider])["decider_untouched"], {2})
        met = Seat(2, 50, roles=frozenset({"decision_maker"}), touches={7: self.ago(9)})
        self.assertNotIn("decider_untouched", self.codes([met]))

    def test_one_of_us_holds_all(self):
        ours = [self.champion(), *(Seat(at, 9, owners=frozenset({7})) for at in (2, 3))]
        self.assertEqual(self.codes(ours)["one_owner"], {1, 2, 3})
        self.assertNotIn("one_owner", self.codes(ours[:2]))
        shared = [*ours[:2], Seat(3, 9, owners=frozenset({8}))]
        self.assertNotIn("one_owner", self.codes(shared))

    def test_one_of_them_is_all_we_know(self):
        seats = [self.champion(), Seat(2, 9), Seat(3, 9)]
        self.assertEqual(self.codes(seats)["one_contact"], {1})
        seats[1] = Seat(2, 9, closeness=1)
        self.assertNotIn("one_contact", self.codes(seats))

    def test_two_of_us_unknowingly(self):
        touches = {7: TODAY, 8: self.ago(90)}
        self.assertIn(
            "colleagues_unaware", self.codes([self.champion(touches=touches)])
        )
        both = self.champion(touches=touches, owners=frozenset({7, 8}))
        self.assertNotIn("colleagues_unaware", self.codes([both]))
        touches[8] = self.ago(91)
        known = self.codes([self.champion(touches=touches)])
        self.assertNotIn("colleagues_unaware", known)

    def test_opposition_is_answered_by_a_supporter(self):
        foe = Seat(2, 10.0, "opponent")
        seats = [self.champion(), foe]
        self.assertEqual(self.codes(seats)["opposition_unanswered"], {2})
        line = Edge(1, 2, "influences", 1)
        self.assertNotIn("opposition_unanswered", self.codes(seats, [line]))
        light = [self.champion(), Seat(2, 9.9, "opponent")]
        self.assertNotIn("opposition_unanswered", self.codes(light))


class TestTitles(BaseCase):
    def test_only_one_comes_into_question(self):
        titles = {1: "CEO", 2: "Head of Finance", 3: "Head of Purchasing", 4: "Buyer"}
        self.assertEqual(influence.reports_to(titles), {2: 1, 3: 1, 4: 3})

    def test_two_bosses_are_no_proposal(self):
        self.assertEqual(influence.reports_to({1: "CEO", 2: "Owner", 3: "Buyer"}), {})

    def test_never_in_a_circle(self):
        draw = Random(3)
        words = ["CEO", "Director", "Head of Finance", "Buyer", "Chef", "Poet", "VP"]
        for __ in range(300):
            titles = {at: draw.choice(words) for at in range(1, 9)}
            lines = influence.reports_to(titles)
            for report in lines:
                self.assertEqual(influence.cycle_from(report, lines), [])

    def test_who_was_it_once_is_not_it(self):
        self.assertIsNone(influence.title_level("Former Head Chef"))
        self.assertEqual(influence.title_roles("Former CEO"), [])
