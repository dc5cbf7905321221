"""What could be drawn next, read from documents; nothing is written before a click."""

from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools import influence
from .counted import counted
from .customer_influence_graph import Graph

KINDS = [
    ("seat", "Seat"),
    ("line", "Reporting line"),
    ("closeness", "Closeness"),
    ("owner", "Our owner"),
]
SHOWN = 40
"""Proposals of a kind shown at once; the best first."""

OWNER_FROM = 0.3
"""Warmth from which a colleague is proposed as owner."""


class Proposal(NamedTuple):
    """What is proposed: a person for a seat, a manager, an owner, a closeness.

    :param one: the person (seat) or the seat (line, closeness, owner)
    :param other: the manager's seat, the level or the colleague; 0 for a person
    """

    kind: str
    one: int
    other: int = 0

    def number(self, account):
        """What the browser gives back."""
        return f"{account.id}-{self.kind}-{self.one}-{self.other}"

    @classmethod
    def parse(cls, number):
        """``(account id, proposal)``; None of what is no number of ours."""
        parts = str(number).split("-")
        if len(parts) != 4 or parts[1] not in dict(KINDS):
            return None
        if not all(part.isdecimal() for part in (parts[0], *parts[2:])):
            return None
        return int(parts[0]), cls(parts[1], int(parts[2]), int(parts[3]))


class CustomerKeyProposal(models.Model):
    """A proposal that was accepted, or dismissed for good.

    Open proposals are not stored: they are worked out whenever a map is opened.
    """

    _name = "customer.key.proposal"
    _description = "Proposal for an Influence Map"
    _inherit = ["customer.influence.confidential"]
    _order = "create_date desc, id desc"
    _rec_name = "kind"

    map_id = fields.Many2one(
        "customer.influence.map",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    account_id = fields.Many2one(related="map_id.account_id")
    company_id = fields.Many2one(related="map_id.company_id")
    kind = fields.Selection(KINDS, required=True, readonly=True)
    state = fields.Selection(
        [("accepted", "Accepted"), ("dismissed", "Dismissed")],
        required=True,
        readonly=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Person",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    seat_id = fields.Many2one(
        "customer.key.contact", readonly=True, index=True, ondelete="cascade"
    )
    manager_id = fields.Many2one(
        "customer.key.contact",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    user_id = fields.Many2one(
        "res.users", string="Colleague", readonly=True, ondelete="cascade"
    )
    level = fields.Integer(string="Closeness", readonly=True, aggregator=None)

    def _as_proposal(self):
        self.ensure_one()
        if self.kind == "seat":
            return Proposal("seat", self.partner_id.id)
        other = {
            "line": self.manager_id.id,
            "owner": self.user_id.id,
            "closeness": self.level,
        }[self.kind]
        return Proposal(self.kind, self.seat_id.id, other)

    @api.model
    def _vals_of(self, proposal):
        kind, one, other = proposal
        if kind == "seat":
            return {"kind": kind, "partner_id": one}
        name = {"line": "manager_id", "owner": "user_id", "closeness": "level"}[kind]
        return {"kind": kind, "seat_id": one, name: other}

    # ----------------------------------------------------------------- finding

    @api.model
    def _for_map(self, account, found, graph=None):
        """Open proposals of an account: ``[{id, kind, text, why}]``."""
        told = {
            proposal: words for proposal, words in self._found(account, found, graph)
        }
        shown, count = [], defaultdict(int)
        for proposal, (text, why) in told.items():
            count[proposal.kind] += 1
            if count[proposal.kind] > SHOWN:
                continue
            shown.append(
                {
                    "id": proposal.number(account),
                    # the map draws three kinds; an owner is a matter of closeness
                    "kind": "closeness" if proposal.kind == "owner" else proposal.kind,
                    "text": text,
                    "why": why,
                }
            )
        return shown

    @api.model
    def _found(self, account, found, graph=None):
        """``(proposal, (text, why))`` of what was not decided yet."""
        decided = {one._as_proposal() for one in found.sudo()._proposals()}
        every = [*self._seats_proposed(account, found)]
        if found:
            graph = graph or Graph(found)
            every += self._lines_proposed(graph)
            every += self._owners_proposed(graph)
            every += self._closeness_proposed(graph)
        return [(one, words) for one, words in every if one not in decided]

    @api.model
    def _seats_proposed(self, account, found):
        """People of the account or near it who have no seat, by what they do."""
        counts = self._candidates(account, found)
        people = self.env["res.partner"].browse(counts)._filtered_access("read").sudo()
        people = people - people._influence_opted_out()
        titles = {
            person: influence.title_roles(person.function or "") for person in people
        }
        ranked = sorted(
            people,
            key=lambda person: (
                -sum(counts[person.id].values()) - 3 * bool(titles[person]),
                person.id,
            ),
        )
        for person in ranked:
            told = self._why_seat(counts[person.id], person.function)
            if not told:
                continue
            text = self.env._("Give %s a seat", person.name)
            yield Proposal("seat", person.id), (text, told)

    def _why_seat(self, counts, function):
        told = [
            counted(self.env, kind, counts[kind])
            for kind in ("meeting", "mail", "order", "signed", "deal")
            if counts.get(kind)
        ]
        return ", ".join(filter(None, [function, *told]))

    @api.model
    def _candidates(self, account, found):
        """``{person: {kind: count}}`` of who has no seat on the map."""
        for name in ("calendar.event", "mail.message", "sale.order", "crm.lead"):
            self.env[name].flush_model()
        self.env["res.partner"].flush_model()
        self.env["customer.key.contact"].flush_model(["map_id", "partner_id"])
        rows = self.env.execute_query(self._candidates_sql(account, found))
        counts = defaultdict(dict)
        for person, kind, count in rows:
            counts[person][kind] = count
        return counts

    def _candidates_sql(self, account, found):
        """Persons of the account; who sat in its meetings, wrote, is in its deals."""
        return SQL(
            """
            WITH own AS (
                SELECT id, name FROM res_partner
                 WHERE commercial_partner_id = %(account)s AND id <> %(account)s
                   AND active AND is_company IS NOT TRUE AND type = 'contact'),
            deal AS (
                SELECT lead.id, lead.partner_id FROM crm_lead lead
                  JOIN res_partner customer ON customer.id = lead.partner_id
                 WHERE customer.commercial_partner_id = %(account)s AND lead.active
                   AND (lead.company_id IS NULL OR lead.company_id = %(company)s)),
            bought AS (
                SELECT document.id, document.partner_id, document.signed_by
                  FROM sale_order document
                  JOIN res_partner customer ON customer.id = document.partner_id
                 WHERE customer.commercial_partner_id = %(account)s
                   AND document.state = 'sale' AND document.company_id = %(company)s),
            ours AS (
                SELECT guest.calendar_event_id AS id
                  FROM own
                  JOIN calendar_event_res_partner_rel guest
                    ON guest.res_partner_id = own.id
                 UNION
                SELECT event.id FROM calendar_event event
                  JOIN deal ON deal.id = event.opportunity_id),
            written AS (
                SELECT own.id AS person, message.id FROM own
                  JOIN mail_message message ON message.author_id = own.id
                   AND message.message_type IN ('email', 'comment')
                 UNION
                SELECT own.id, message.id FROM own
                  JOIN mail_message_res_partner_rel receiver
                    ON receiver.res_partner_id = own.id
                  JOIN mail_message message ON message.id = receiver.mail_message_id
                   AND message.message_type IN ('email', 'comment', 'email_outgoing')
                 UNION
                SELECT message.author_id, message.id
                  FROM (SELECT 'crm.lead' AS model, id FROM deal
                         UNION ALL SELECT 'sale.order', id FROM bought
                         UNION ALL SELECT 'res.partner', id FROM own
                         UNION ALL SELECT 'res.partner', %(account)s) document
                  JOIN mail_message message ON message.model = document.model
                   AND message.res_id = document.id
                   AND message.message_type IN ('email', 'comment')),
            seen AS (
                SELECT id AS person, 'own' AS kind, 0 AS count FROM own
                 UNION ALL
                SELECT guest.res_partner_id, 'meeting', COUNT(*) FROM ours
                  JOIN calendar_event event ON event.id = ours.id AND event.active
                  JOIN calendar_event_res_partner_rel guest
                    ON guest.calendar_event_id = event.id
                 GROUP BY 1
                 UNION ALL
                SELECT person, 'mail', COUNT(*) FROM written GROUP BY 1
                 UNION ALL
                SELECT partner_id, 'deal', COUNT(*) FROM deal GROUP BY 1
                 UNION ALL
                SELECT partner_id, 'order', COUNT(*) FROM bought GROUP BY 1
                 UNION ALL
                SELECT own.id, 'signed', COUNT(*) FROM own
                  JOIN bought ON LOWER(TRIM(bought.signed_by)) = LOWER(own.name)
                 GROUP BY 1)
            SELECT seen.person, seen.kind, seen.count FROM seen
              JOIN res_partner person ON person.id = seen.person
             WHERE person.active AND person.is_company IS NOT TRUE
               AND person.id <> %(account)s
               AND NOT EXISTS (SELECT 1 FROM res_users colleague
                                WHERE colleague.partner_id = person.id
                                  AND colleague.share IS NOT TRUE)
               AND NOT EXISTS (SELECT 1 FROM customer_key_contact seat
                                WHERE seat.partner_id = person.id
                                  AND seat.map_id = %(map)s)
             ORDER BY seen.person
            """,
            account=account.id,
            company=self.env.company.id,
            map=found.id or 0,
        )

    @api.model
    def _lines_proposed(self, graph):
        """Whom people may report to, by their job titles."""
        titles = {
            seat.id: seat.job for seat in graph.seats if seat.job and graph.counts(seat)
        }
        seats = {seat.id: seat for seat in graph.seats}
        manager_of = {seat.id: seat.manager_id.id for seat in graph.seats}
        for report, manager in influence.reports_to(titles).items():
            if seats[report].manager_id:
                continue
            if influence.cycle_from(report, {**manager_of, report: manager}):
                continue
            yield (
                Proposal("line", report, manager),
                (
                    self.env._(
                        "%(person)s reports to %(manager)s",
                        person=seats[report]._shown_name(),
                        manager=seats[manager]._shown_name(),
                    ),
                    f"{seats[report].job} → {seats[manager].job}",
                ),
            )

    @api.model
    def _owners_proposed(self, graph):
        """A colleague who is in touch, where nobody is named as ours."""
        for seat in graph.seats:
            person = seat.partner_id.id
            if seat.owner_ids or not person or not graph.counts(seat):
                continue
            warm = {user: graph.touches.warmth(person, user)
                    for user in graph.touches.days(person)}  # fmt: skip
            closest = max(warm, key=lambda user: (warm[user], -user), default=None)
            if closest is None or warm[closest] < OWNER_FROM:
                continue
            colleague = self.env["res.users"].browse(closest).sudo()
            evidence = seat._evidence_text(graph.touches, person, closest)
            yield (
                Proposal("owner", seat.id, closest),
                (
                    self.env._(
                        "%(colleague)s looks after %(person)s",
                        colleague=colleague.name,
                        person=seat._shown_name(),
                    ),
                    evidence,
                ),
            )

    @api.model
    def _closeness_proposed(self, graph):
        """Where contact says something else than we said."""
        levels = dict(
            self.env["customer.key.contact"]
            ._fields["closeness"]
            ._description_selection(self.env)
        )
        for seat in graph.seats:
            found = graph.touches.closeness(seat.partner_id.id)
            if not seat.stated_closeness or found is None:
                continue
            if int(seat.stated_closeness) == found or not graph.counts(seat):
                continue
            yield (
                Proposal("closeness", seat.id, found),
                (
                    self.env._(
                        "Closeness of %(person)s: %(now)s, not %(stated)s",
                        person=seat._shown_name(),
                        now=levels[str(found)],
                        stated=levels[seat.stated_closeness],
                    ),
                    self.env._("What contact says"),
                ),
            )

    # ---------------------------------------------------------------- deciding

    @api.model
    def _decide(self, number, state):
        """Remember a decision; returns the map and the proposal."""
        parsed = Proposal.parse(number)
        account = self.env["res.partner"].browse(parsed and parsed[0]).exists()
        if not account:
            raise UserError(self.env._("There is no such proposal any more."))
        account.check_access("read")
        found = self.env["customer.influence.map"]._open_for(account)
        if parsed[1] not in dict(self._found(account, found)):
            raise UserError(self.env._("There is no such proposal any more."))
        self.env["customer.key.contact"].check_access("create")
        self.sudo().create(
            {"map_id": found.id, "state": state, **self._vals_of(parsed[1])}
        )
        return found, parsed[1]


class CustomerInfluenceMap(models.Model):
    _inherit = "customer.influence.map"

    proposal_ids = fields.One2many("customer.key.proposal", "map_id")

    def _proposals(self):
        return self.proposal_ids


class CustomerKeyContact(models.Model):
    _inherit = "customer.key.contact"

    @api.model
    def accept_proposal(self, proposal_id):
        """Draw what was proposed, by the user's own right; returns the seat's id."""
        found, (kind, one, other) = self.env["customer.key.proposal"]._decide(
            proposal_id, "accepted"
        )
        if kind == "seat":
            return self.create(self._proposed_seat(found, one)).id
        seat = self.browse(one)
        if kind == "line":
            seat.set_manager(other)
        elif kind == "owner":
            seat.owner_ids += self.env["res.users"].browse(other)
        else:
            seat.stated_closeness = False  # from now on it follows contact again
        return seat.id

    def _proposed_seat(self, found, person_id):
        title = self.env["res.partner"].browse(person_id).sudo().function or ""
        roles = self.env["customer.key.role"]._by_code(influence.title_roles(title))
        room = influence.title_department(title)
        return {
            "account_id": found.account_id.id,
            "company_id": found.company_id.id,
            "partner_id": person_id,
            "role_ids": roles.ids,
            "department": room and room.capitalize(),
        }

    @api.model
    def dismiss_proposal(self, proposal_id):
        """Never propose it again."""
        self.env["customer.key.proposal"]._decide(proposal_id, "dismissed")
        return True
