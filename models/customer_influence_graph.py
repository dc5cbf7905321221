"""The seats and lines of a map, as the pure functions want them."""

from functools import cached_property

from odoo import models
from odoo.fields import Domain

from ..tools import influence
from ..tools.influence import Edge, Link, Seat

STATED_STRENGTH = {0: 0.05, 1: 0.3, 2: 0.6, 3: 0.9}
"""How far an owner's word carries, by closeness."""

TO_MANAGER, TO_REPORT = 0.35, 0.45
"""Chance that somebody opens the door to the boss, or to one's own people."""

AGAINST_THE_LINE = 0.7
"""Whom I influence opens doors to me less than I to him."""


class Graph:
    """The current seats and lines of one map, as the pure functions want them.

    Seats of persons who are gone do not decide any more; of those who asked not to be
    profiled nothing is reckoned.
    """

    def __init__(self, found, lead=None, lines=None, touches=None):
        self.map = found.sudo()
        self.env = self.map.env
        self.today = self.map._today()
        self.seats = self.map.seat_ids
        self.silent = self.seats.partner_id._influence_opted_out()
        lines = self._lines_of(self.map) if lines is None else lines
        self.lines = lines.filtered(lambda line: not self._is_secret(line))
        self._touches = touches
        self.in_deal = self._in_deal(lead) if lead else {}
        self.weights = influence.decision_weights(self._base(), self.edges)

    @classmethod
    def of(cls, maps):
        """``{map: graph}``, in a constant number of queries per company."""
        maps = maps.sudo()
        lines = cls._lines_of(maps).grouped("map_id")
        graphs = {}
        for company, here in maps.grouped("company_id").items():
            touches = cls._touches_of(here.seat_ids, company, here[:1]._today())
            for found in here:
                own = lines.get(found, maps.env["customer.influence"])
                graphs[found] = cls(found, lines=own, touches=touches)
        return graphs

    @staticmethod
    def _lines_of(maps):
        model = maps.env["customer.influence"]
        today = maps[:1]._today()
        return model.search(
            Domain("map_id", "in", maps.ids)
            & model._current(today)
            & Domain("source_id.active", "=", True)
            & Domain("target_id.active", "=", True)
        )

    @staticmethod
    def _touches_of(seats, company, today):
        people = seats.partner_id
        people -= people._influence_opted_out()
        return seats.env["customer.influence.touch"]._of(people, company, today)

    @property
    def touches(self):
        if self._touches is None:
            company = self.map.company_id
            self._touches = self._touches_of(self.seats, company, self.today)
        return self._touches

    def _is_secret(self, line):
        """A personal tie of somebody who asked not to be profiled."""
        people = line.source_id.partner_id | line.target_id.partner_id
        return line.kind == "tie" and people & self.silent

    def _in_deal(self, lead):
        deals = self.env["customer.key.contact.deal"].search(
            [("lead_id", "=", lead.id), ("map_id", "=", self.map.id)]
        )
        return {deal.seat_id: deal for deal in deals}

    def counts(self, seat):
        return not seat.gone and seat.partner_id not in self.silent

    def roles(self, seat):
        deal = self.in_deal.get(seat)
        return deal.role_ids if deal and deal.role_ids else seat.role_ids

    def stance(self, seat):
        deal = self.in_deal.get(seat)
        return (deal and deal.stance) or seat.stance

    def closeness(self, seat):
        """By our own word, else by contact; None where nothing is known."""
        if seat.stated_closeness:
            return int(seat.stated_closeness)
        return self.touches.closeness(seat.partner_id.id)

    @cached_property
    def edges(self):
        return [
            Edge(line.source_id.id, line.target_id.id, line.kind, line.strength)
            for line in self.lines
        ]

    def _base(self):
        return {
            seat.id: influence.base_weight(
                seat.power, self.roles(seat).mapped("factor")
            )
            for seat in self.seats
            if self.counts(seat)
        }

    @cached_property
    def judged(self):
        """The seats that count, weighed."""
        return self._judged(self.weights)

    def _judged(self, weights):
        return [
            Seat(
                seat.id,
                weights[seat.id],
                self.stance(seat),
                self.closeness(seat),
                frozenset(self.roles(seat).mapped("code")),
                frozenset(seat.owner_ids.ids),
                self.touches.days(seat.partner_id.id),
                not seat.partner_id,
            )
            for seat in self.seats
            if seat.id in weights
        ]

    def coverage(self):
        return influence.coverage(self.judged)

    def coverage_without(self, seat):
        """As if she had left, with her influence."""
        base = {one: value for one, value in self._base().items() if one != seat.id}
        weights = influence.decision_weights(base, self.edges)
        return influence.coverage(self._judged(weights))

    def gaps(self):
        return influence.gaps(self.judged, self.edges, self.today)

    def quality(self):
        """Percent of what could be known of each person that is known."""
        known = [
            bool(fact)
            for seat in self.seats
            if self.counts(seat)
            for fact in (
                seat.partner_id,
                seat.role_ids,
                seat.power,
                seat.stance != "unknown",
                seat.owner_ids,
                self.closeness(seat) is not None,
            )
        ]
        return 100.0 * sum(known) / len(known) if known else 0.0

    # ---------------------------------------------------------------- chains

    def our_links(self):
        """Whom our people know: by their word, or by contact if that says more."""
        for seat in self.seats:
            person = seat.partner_id.id
            if not person or not self.counts(seat):
                continue
            stated = {}
            if seat.stated_closeness:
                strength = STATED_STRENGTH[int(seat.stated_closeness)]
                stated = dict.fromkeys(seat.owner_ids.ids, strength)
            for user in {*stated, *self.touches.days(person)}:
                by_contact = min(self.touches.warmth(person, user), 0.95)
                strength = max(stated.get(user, 0), by_contact)
                if strength > 0:
                    how = "word" if stated.get(user, 0) >= by_contact else "contact"
                    yield Link(("user", user), ("seat", seat.id), strength, how)

    def their_links(self):
        """Who among them opens a door to whom; opposition opens none."""
        here = {seat.id for seat in self.seats if self.counts(seat)}
        for line in self.lines:
            ends = (line.source_id.id, line.target_id.id)
            if line.kind == "opposes" or not here.issuperset(ends):
                continue
            strength = 0.18 * line.strength
            back = strength * (1 if line.kind == "tie" else AGAINST_THE_LINE)
            one, other = (("seat", end) for end in ends)
            yield Link(one, other, strength, line.tie_type or line.kind)
            yield Link(other, one, back, line.tie_type or line.kind)
        for seat in self.seats:
            if seat.id in here and seat.manager_id.id in here:
                report, manager = ("seat", seat.id), ("seat", seat.manager_id.id)
                yield Link(report, manager, TO_MANAGER, "reports")
                yield Link(manager, report, TO_REPORT, "manages")

    def paths_to(self, seat):
        ours = list(self.our_links())
        return influence.best_paths(
            [*ours, *self.their_links()],
            {link.start for link in ours},
            ("seat", seat.id),
        )


class CustomerKeyContact(models.Model):
    _inherit = "customer.key.contact"

    def _graph_to_ask(self):
        self.ensure_one()
        self.check_access("read")
        self._note_view("map")
        return Graph(self.map_id)
