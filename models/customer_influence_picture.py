"""What the browser is told of a map."""

from odoo import api, fields, models

from .customer_influence_graph import Graph


class CustomerKeyContact(models.Model):
    _inherit = "customer.key.contact"

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
            "way": False,
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
            "way": self._way_in(graph),
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
