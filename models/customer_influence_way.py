"""The way in to a person, and how to ask for an introduction on it."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import influence


class CustomerKeyContact(models.Model):
    _inherit = "customer.key.contact"

    def best_path(self):
        """The strongest ways from us to this person, each by another first step.

        :return: ``[{steps: [{type: user or seat, id, name, how}], strength}]``
        """
        return self._ways_told(self._graph_to_ask(), self)

    @api.model
    def _ways_told(self, graph, seat):
        return [
            {
                "steps": self._steps(path),
                "strength": round(path.strength, 3),
            }
            for path in graph.paths_to(seat)
        ]

    @api.model
    def _way_in(self, graph):
        """The way to whom we have to win first: the heaviest who is not for us."""
        people = {seat.id: seat for seat in graph.seats if seat.partner_id}
        open_ones = [
            seat
            for seat in graph.judged
            if seat.id in people
            and seat.stance not in influence.SUPPORTIVE
            and seat.weight >= influence.OPPOSED_FROM
        ]
        if not open_ones:
            return False
        first = max(open_ones, key=lambda seat: (seat.weight, -seat.id))
        return {
            "seat_id": first.id,
            "name": people[first.id]._shown_name(),
            "paths": self._ways_told(graph, people[first.id])[:1],
        }

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

        A colleague who sees the map is told the way; others are only asked.
        """
        path = self._first_way()
        (__, user), (__, first_seat), *__ = path.nodes
        colleague = self.env["res.users"].browse(user).sudo()
        if colleague != self.env.user:
            words = self._words_to_colleague(colleague, path)
            return colleague.partner_id, Markup("<p>%s</p>") % words
        person = self.browse(first_seat).sudo().partner_id
        words = self.env._(
            "Hello %(name)s, I would like to get to know %(person)s. Could you bring "
            "us together?",
            name=person.name,
            person=self._shown_name(),
        )
        return person, Markup("<p>%s</p>") % words

    def _words_to_colleague(self, colleague, path):
        facts = {
            "name": colleague.name,
            "person": self._shown_name(),
            "account": self.account_id.sudo().name,
        }
        if not self.map_id.with_user(colleague)._is_for_me():
            return self.env._(
                "Hello %(name)s, could you bring me together with %(person)s of "
                "%(account)s?",
                **facts,
            )
        return self.env._(
            "Hello %(name)s, could you bring me together with %(person)s of "
            "%(account)s? The shortest way seems to be: %(way)s.",
            way=" → ".join(step["name"] for step in self._steps(path)),
            **facts,
        )

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
