"""What the map tells beyond what was drawn: weight, coverage, gaps, ways, what if."""

from functools import cached_property

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools import influence
from ..tools.influence import Edge, Link, Seat
from ..tools.window import local_today
from .counted import counted

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


class CustomerInfluenceMap(models.Model):
    _inherit = "customer.influence.map"

    def _refresh(self):
        """Store what the value model reads; only what changed is written."""
        for found, graph in Graph.of(self).items():
            cover = graph.coverage()
            told = {
                "coverage_colour": cover.colour,
                "coverage_percent": round(cover.percent, 2),
                "quality_percent": round(graph.quality(), 2),
                "gap_count": len(graph.gaps()),
            }
            changed = {name: told[name] for name in told if found[name] != told[name]}
            if changed:
                found.write(changed)

    def _refresh_soon(self):
        """Once at the end of the transaction, however much of the map was drawn."""
        waiting = self.env.cr.precommit.data.setdefault(
            "customer_influence.maps", set()
        )
        if not waiting:
            self.env.cr.precommit.add(self._refresh_waiting)
        waiting.update(self.ids)

    @api.model
    def _refresh_waiting(self):
        waiting = self.env.cr.precommit.data.pop("customer_influence.maps", set())
        self.sudo().browse(waiting).exists()._refresh()

    @api.model
    def _cron_refresh(self, batch=50):
        """Every night: contact ages, people move, lines end."""
        maps = self.sudo().search([], order="id")
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(maps))
        for start in range(0, len(maps), batch):
            part = maps[start : start + batch]
            part._refresh_nightly()
            if not cron._commit_progress(len(part)):
                break

    def _refresh_nightly(self):
        self.env["res.partner"].sudo()._influence_forget_all_ties(self)
        self.seat_ids._note_moves()
        self._refresh()

    @api.model
    def _gap_texts(self, graph):
        """``[{code, text, seat_ids}]`` in the reader's language."""
        names = {seat.id: seat.display_name for seat in graph.seats}
        told = []
        for gap in graph.gaps():
            who = ", ".join(names[seat] for seat in gap.seats[:3])
            if len(gap.seats) > 3:
                who = self.env._("%(names)s and others", names=who)
            told.append(
                {
                    "code": gap.code,
                    "text": self._gap_text(gap.code, who),
                    "seat_ids": list(gap.seats),
                }
            )
        return told

    def _gap_text(self, code, who):
        return {
            "no_champion": self.env._("Nobody is our champion"),
            "decider_untouched": self.env._(
                "Decides, but was never contacted: %s", who
            ),
            "opposition_unanswered": self.env._(
                "Against us, and none of our supporters answers: %s", who
            ),
            "one_owner": self.env._("All threads run through one colleague: %s", who),
            "one_contact": self.env._("We know one person only: %s", who),
            "champion_silent": self.env._(
                "Champion, but no contact for 30 days: %s", who
            ),
            "colleagues_unaware": self.env._(
                "Two of us are in touch without being named together: %s", who
            ),
        }[code]


class CustomerKeyContact(models.Model):
    _inherit = "customer.key.contact"

    # -------------------------------------------------------------- reckoned

    @api.depends("power", "role_ids.factor", "partner_id", "active")
    def _compute_weight(self):
        maps = self.map_id.sudo()
        lines = Graph._lines_of(maps).grouped("map_id") if maps else {}
        none = self.env["customer.influence"].sudo()
        weights = {}
        for found in maps:
            weights |= Graph(found, lines=lines.get(found, none)).weights
        for seat in self:
            seat.weight = weights.get(seat._origin.id, 0.0)

    @api.depends("partner_id", "stated_closeness")
    def _compute_contact(self):
        for company, seats in self.grouped("company_id").items():
            company = company.sudo() or self.env.company
            today = local_today(company.value_tz)
            touches = Graph._touches_of(seats.sudo(), company, today)
            for seat in seats:
                person = seat.partner_id.id
                by_contact = touches.closeness(person)
                seat.last_contact = touches.last(person) or False
                seat.closeness = seat.stated_closeness or (
                    str(by_contact) if by_contact is not None else False
                )

    def _note_moves(self):
        """Tell the history of persons who left or came back since it was told last."""
        history = self.env["customer.key.contact.history"].sudo()
        rows = history._read_group(
            [("seat_id", "in", self.ids)], ["seat_id"], ["id:max"]
        )
        last = history.browse([last_id for __, last_id in rows])
        before = {row.seat_id.id: row.event for row in last}
        for event in ("archived", "moved"):
            self.filtered(
                lambda seat, event=event: seat.gone == event != before.get(seat.id)
            )._tell_history(event)
        self.filtered(
            lambda seat: not seat.gone and before.get(seat.id) in ("archived", "moved")
        )._tell_history("back")

    # ------------------------------------------------------------ for the map

    @api.model
    def map_data(self, account_id, lead_id=False):
        """Everything the map shows, in a constant number of queries.

        :param lead_id: roles and stances as they are in this opportunity
        :return: see ``_map_of``; ``confidential`` where there is a map and the user
            may not see it: then there is nothing but the account
        """
        self.check_access("read")
        account = self.env["res.partner"].browse(account_id).commercial_partner_id
        account.check_access("read")
        found = self.env["customer.influence.map"]._of(account)
        data = {
            "account": self._account_of_map(account),
            "can_edit": self.has_access("create"),
            "confidential": False,
            "deals": self._deals_of(account),
            "roles": self._roles_of_map(),
            "users": [],
            "seats": [],
            "edges": [],
            "coverage": {
                "colour": "unknown",
                "percent": 0.0,
                "gaps": [],
            },
            "proposals": [],
        }
        if found and not found.with_env(self.env)._is_for_me():
            return {**data, "can_edit": False, "confidential": True, "deals": []}
        data["users"] = self._users_of_map()
        if found:
            self.env["customer.influence.view.log"]._note(found, "map")
            graph = Graph(found, self._lead(lead_id))
            data.update(self._drawn(graph))
        if data["can_edit"]:
            data["proposals"] = self.env["customer.key.proposal"]._for_map(
                account, found, graph if found else None
            )
        return data

    def _lead(self, lead_id):
        lead = self.env["crm.lead"].browse(lead_id or [])
        lead.check_access("read")
        return lead

    def _account_of_map(self, account):
        return {
            "id": account.id,
            "name": account.display_name,
            "tier": account.value_tier_id.sudo().name or False,
            "tier_color": account.value_tier_id.sudo().color or False,
            "score": account.value_score if account.value_score_id else False,
        }

    def _deals_of(self, account):
        leads = self.env["crm.lead"]
        if not leads.has_access("read"):
            return []
        found = leads.search(
            [
                ("type", "=", "opportunity"),
                ("partner_id.commercial_partner_id", "=", account.id),
                ("company_id", "in", [self.env.company.id, False]),
                ("won_status", "=", "pending"),
            ],
            limit=80,
        )
        return [{"id": lead.id, "name": lead.name} for lead in found]

    def _roles_of_map(self):
        return [
            {"id": role.id, "name": role.name, "code": role.code, "icon": role.icon}
            for role in self.env["customer.key.role"].search([])
        ]

    def _users_of_map(self):
        users = self.env["res.users"].search(
            [("share", "=", False), ("company_ids", "in", self.env.company.ids)],
            limit=200,
        )
        return [{"id": user.id, "name": user.name} for user in users.sudo()]

    def _drawn(self, graph):
        seats = graph.seats.with_env(self.env)
        cover = graph.coverage()
        return {
            "seats": [
                self._seat_drawn(graph, seat)
                for seat in graph.seats.with_context(lang=self.env.lang)
            ],
            "edges": [
                {
                    "id": line.id,
                    "source_id": line.source_id.id,
                    "target_id": line.target_id.id,
                    "kind": line.kind,
                    "strength": line.strength,
                    "tie_type": line.tie_type,
                    "evidence": line.evidence or "",
                }
                for line in graph.lines
                if line.source_id in seats and line.target_id in seats
            ],
            "coverage": {
                "colour": cover.colour,
                "percent": round(cover.percent, 1),
                "gaps": self.env["customer.influence.map"]._gap_texts(graph),
            },
        }

    def _seat_drawn(self, graph, seat):
        closeness = graph.closeness(seat)
        last = graph.touches.last(seat.partner_id.id)
        desired = seat.desired_closeness
        return {
            "id": seat.id,
            "partner_id": seat.partner_id.id,
            "name": seat._shown_name(),
            "job": seat.job or "",
            "department": seat.department or "",
            "role_ids": graph.roles(seat).ids,
            "power": seat.power,
            "stance": graph.stance(seat),
            "closeness": False if closeness is None else closeness,
            "stated_closeness": seat.stated_closeness and int(seat.stated_closeness),
            "desired_closeness": int(desired) if desired else False,
            "manager_id": seat.manager_id.id,
            "owner_ids": seat.owner_ids.ids,
            "last_contact": fields.Date.to_string(last) if last else False,
            "placeholder": not seat.partner_id,
            "gone": bool(seat.gone),
            "gone_how": seat.gone,
            "weight": round(graph.weights.get(seat.id, 0.0), 1),
            "note": seat.note or "",
            "in_deal": seat in graph.in_deal,
        }

    # ----------------------------------------------------------------- ways

    def best_path(self):
        """The strongest ways from us to this person, each by another first step.

        :return: ``[{steps: [{type: user or seat, id, name, how}], strength}]``
        """
        graph = self._graph_to_ask()
        return [
            {
                "steps": self._steps(path),
                "strength": round(path.strength, 3),
            }
            for path in graph.paths_to(self)
        ]

    def _graph_to_ask(self):
        self.ensure_one()
        self.check_access("read")
        self._note_view("map")
        return Graph(self.map_id)

    def _steps(self, path):
        hows = ["", *(link.how for link in path.links)]
        steps = []
        for (kind, id_), how in zip(path.nodes, hows, strict=True):
            record = self.env["res.users" if kind == "user" else self._name].browse(id_)
            steps.append(
                {
                    "type": kind,
                    "id": id_,
                    "name": record.sudo().display_name,
                    "how": self._how_text(how),
                }
            )
        return steps

    @api.model
    def _how_text(self, how):
        return {
            "": "",
            "word": self.env._("by our own word"),
            "contact": self.env._("by contact"),
            "influences": self.env._("influence"),
            "tie": self.env._("personal tie"),
            "family": self.env._("family"),
            "school": self.env._("school"),
            "home_town": self.env._("home town"),
            "former_colleague": self.env._("former colleague"),
            "other": self.env._("personal tie"),
            "reports": self.env._("reports to"),
            "manages": self.env._("manages"),
        }[how]

    def who_knows(self):
        """Colleagues by strength of evidence: meetings, calls, mails, orders.

        :return: ``[{user_id, name, strength, evidence}]``, the closest first
        """
        graph = self._graph_to_ask()
        person = self.partner_id.id
        known = [
            {
                "user_id": user.id,
                "name": user.name,
                "strength": round(graph.touches.warmth(person, user.id), 3),
                "evidence": self._evidence_text(graph.touches, person, user.id),
            }
            for user in self.env["res.users"].sudo().browse(graph.touches.days(person))
        ]
        return sorted(known, key=lambda one: (-one["strength"], one["name"]))

    def _evidence_text(self, touches, person, user):
        counts = touches.counts(person, user)
        told = [
            counted(self.env, kind, counts[kind])
            for kind in ("meeting", "call", "mail", "order", "activity")
            if kind in counts
        ]
        return ", ".join(told)

    def what_if_leaves(self):
        """Coverage without this person, and who could take the thread up.

        :return: ``{coverage_before, coverage_after, replacements}``
        """
        graph = self._graph_to_ask()
        before, after = graph.coverage(), graph.coverage_without(self)
        return {
            "coverage_before": {
                "colour": before.colour,
                "percent": round(before.percent, 1),
            },
            "coverage_after": {
                "colour": after.colour,
                "percent": round(after.percent, 1),
            },
            "replacements": self._replacements(graph),
        }

    def _replacements(self, graph, limit=3):
        """The warmest of those who stand near: same boss, room, role, or a line."""
        near = {
            end.id
            for line in graph.lines
            if line.kind != "opposes"
            and self.id in (line.source_id.id, line.target_id.id)
            for end in line.source_id | line.target_id
        }
        ranked = []
        for other in graph.seats:
            if other.id == self.id or not other.partner_id or not graph.counts(other):
                continue
            warm = (graph.closeness(other) or 0) + 2 * (
                graph.stance(other) in influence.SUPPORTIVE
            )
            if graph.stance(other) in influence.OPPOSING:
                continue
            akin = (
                (other.id in near)
                + bool(other.manager_id and other.manager_id.id == self.manager_id.id)
                + bool(other.department and other.department == self.department)
                + bool(
                    other.role_ids.ids
                    and set(other.role_ids.ids) & set(self.role_ids.ids)
                )
            )
            ranked.append((-warm - akin, -graph.weights.get(other.id, 0), other))
        ranked.sort(key=lambda one: (*one[:2], one[2].id))
        return [
            {
                "seat_id": seat.id,
                "name": seat._shown_name(),
                "job": seat.job or "",
                "closeness": graph.closeness(seat) or 0,
                "stance": graph.stance(seat),
                "weight": round(-weight, 1),
            }
            for __, weight, seat in ranked[:limit]
        ]

    # --------------------------------------------------------- introduction

    def action_introduction_mail(self):
        """A draft to the first link of the best way.

        A private notification, as seats have no chatter: nobody follows it.
        """
        receiver, body = self._introduction()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask for an introduction"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_composition_mode": "comment",
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_email_layout_xmlid": "mail.mail_notification_layout",
                "default_partner_ids": receiver.ids,
                "default_subject": self._introduction_subject(),
                "default_body": body,
            },
        }

    def action_introduction_activity(self):
        """A to-do on no document: only who asks and who is asked see it."""
        receiver, body = self._introduction()
        colleague = receiver.sudo().user_ids.filtered(lambda user: not user.share)
        # not on a document, where more would read it: Odoo lets nobody plan such for
        # another, and both know what they do
        self.env["mail.activity"].sudo().create(
            {
                "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                "summary": self._introduction_subject(),
                "note": body,
                "user_id": (colleague[:1] or self.env.user).id,
                "date_deadline": fields.Date.add(self.map_id.sudo()._today(), days=7),
            }
        )
        return True

    def _introduction_subject(self):
        return self.env._("Introduction to %s", self._shown_name())

    def _introduction(self):
        """Whom to ask, and a draft of the words.

        A colleague is told the way; somebody of the customer's is only asked.
        """
        path = self._first_way()
        (__, user), (__, first_seat), *__ = path.nodes
        colleague = self.env["res.users"].browse(user).sudo()
        if colleague != self.env.user:
            way = " → ".join(step["name"] for step in self._steps(path))
            words = self.env._(
                "Hello %(name)s, could you bring me together with %(person)s of "
                "%(account)s? The shortest way seems to be: %(way)s.",
                name=colleague.name,
                person=self._shown_name(),
                account=self.account_id.sudo().name,
                way=way,
            )
            return colleague.partner_id, Markup("<p>%s</p>") % words
        person = self.browse(first_seat).sudo().partner_id
        words = self.env._(
            "Hello %(name)s, I would like to get to know %(person)s. Could you bring "
            "us together?",
            name=person.name,
            person=self._shown_name(),
        )
        return person, Markup("<p>%s</p>") % words

    def _first_way(self):
        """The best way that somebody can be asked for."""
        paths = self._graph_to_ask().paths_to(self)
        me = ("user", self.env.uid)
        if paths and paths[0].nodes == (me, ("seat", self.id)):
            raise UserError(
                self.env._("You know %s best yourself.", self._shown_name())
            )
        if not paths:
            raise UserError(
                self.env._(
                    "Nobody of us knows a way to %s yet. Draw who has influence on the "
                    "person, or name our owners.",
                    self._shown_name(),
                )
            )
        return paths[0]
