"""What if somebody leaves: coverage without the person, and who takes the thread up."""

from odoo import models

from ..tools import influence


class CustomerKeyContact(models.Model):
    _inherit = "customer.key.contact"

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
