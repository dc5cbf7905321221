"""Decision weight, coverage and gaps: how well a map stands, and where it is thin."""

from odoo import api, models

from .customer_influence_graph import Graph


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
            users = self.env["res.users"].browse(gap.colleagues).sudo()
            who = self._some([names[seat] for seat in gap.seats])
            ours = self._some(users.mapped("name"))
            told.append(
                {
                    "code": gap.code,
                    "text": self._gap_text(gap.code, who, ours),
                    "seat_ids": list(gap.seats),
                }
            )
        return told

    def _some(self, names):
        told = ", ".join(names[:3])
        if len(names) > 3:
            return self.env._("%(names)s and others", names=told)
        return told

    def _gap_text(self, code, who, ours):
        return {
            "no_champion": self.env._("Nobody is our champion"),
            "decider_untouched": self.env._(
                "Decides, but was never contacted: %s", who
            ),
            "opposition_unanswered": self.env._(
                "Against us, and none of our supporters answers: %s", who
            ),
            "one_owner": self.env._("All threads run through one colleague: %s", ours),
            "one_contact": self.env._("We know one person only: %s", who),
            "champion_silent": self.env._(
                "Champion, but no contact for 30 days: %s", who
            ),
            "colleagues_unaware": self.env._(
                "%(colleagues)s are in touch with %(who)s without being named together",
                colleagues=ours,
                who=who,
            ),
        }[code]


class CustomerKeyContact(models.Model):
    _inherit = "customer.key.contact"

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
