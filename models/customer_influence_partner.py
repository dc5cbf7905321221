import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .res_partner import GROUP

OPT_OUT = "customer_value.category_no_profiling"


class ResPartner(models.Model):
    """A contact opens the map of its company, and tells whether there is one."""

    _inherit = "res.partner"

    influence_map_state = fields.Selection(
        [
            ("none", "No map"),
            ("open", "Map"),
            ("confidential", "Confidential map"),
        ],
        compute="_compute_influence_map",
        groups=GROUP,
        exportable=False,
        help="Whether the people who decide there are mapped, and whether you may see "
        "them. Empty for somebody who buys for himself.",
    )
    influence_seat_count = fields.Integer(
        string="Key Contacts",
        compute="_compute_influence_map",
        groups=GROUP,
        exportable=False,
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid")
    def _compute_influence_map(self):
        """That there is a map may be known to all; how large it is, to its team."""
        entities = self.commercial_partner_id._origin
        maps = self.env["customer.influence.map"].search(
            [
                ("account_id", "in", entities.ids),
                ("company_id", "=", self.env.company.id),
            ]
        )
        every = (
            self.env["customer.influence.map"]
            .sudo()
            .search(
                [
                    ("account_id", "in", entities.ids),
                    ("company_id", "=", self.env.company.id),
                ]
            )
        )
        mine = {found.account_id: found for found in maps}
        known = every.account_id
        for partner in self:
            entity = partner.commercial_partner_id._origin
            found = mine.get(entity)
            partner.influence_seat_count = found.seat_count if found else 0
            if found:
                partner.influence_map_state = "open"
            elif entity.sudo() in known:
                partner.influence_map_state = "confidential"
            else:
                partner.influence_map_state = "none" if entity.is_company else False

    # ------------------------------------------------------------- opting out

    def _influence_opted_out(self):
        """Those who asked not to be profiled, by their tag."""
        tag = self.env["ir.model.data"]._xmlid_to_res_id(OPT_OUT)
        return self.sudo().filtered(lambda person: tag in person.category_id.ids)

    def write(self, vals):
        if vals.get("user_id") == self.env.uid:
            self._influence_check_team()
        result = super().write(vals)
        if "category_id" in vals:
            self._influence_forget_ties()
        return result

    def _influence_forget_ties(self):
        """Personal ties of those who asked not to be profiled are not kept."""
        people = self._influence_opted_out()
        if people:
            self.env["customer.influence"].sudo().search(
                Domain("kind", "=", "tie")
                & (
                    Domain("source_id.partner_id", "in", people.ids)
                    | Domain("target_id.partner_id", "in", people.ids)
                )
            ).unlink()

    @api.model
    def _influence_forget_all_ties(self, maps):
        """The tag may have been given from its own side."""
        tied = self.env["customer.influence"].search(
            [("kind", "=", "tie"), ("map_id", "in", maps.ids)]
        )
        seats = tied.source_id | tied.target_id
        seats.partner_id._influence_forget_ties()

    # ----------------------------------------------- whose the maps stay

    def _influence_check_team(self):
        """Nobody lets himself in: by becoming the salesperson, by merging accounts."""
        maps = self.env["customer.influence.map"]
        if not self.env.su and maps.has_access("read"):
            own = self.env.user.company_ids
            for found in maps.sudo()._of_any(self):
                if found.company_id in own:
                    found.with_env(self.env).with_context(
                        allowed_company_ids=own.ids
                    )._check_team()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_mapped(self):
        """Neither a map nor the log of who looked at it vanishes with a contact."""
        if self.env.su:
            return
        for found in self.env["customer.influence.map"].sudo()._of_any(self):
            raise UserError(
                self.env._(
                    "The people who decide at %s are mapped, with a history. Archive "
                    "the contact instead.",
                    found.account_id.display_name,
                )
            )

    def unlink(self):
        """A deleted person leaves a place on the map, and nothing personal."""
        self._influence_erase()
        return super().unlink()

    # ----------------------------------------------------------- privacy

    def _influence_held(self):
        """Every record of the map about these persons: ``{model: records}``."""
        seats = (
            self.env["customer.key.contact"]
            .sudo()
            .with_context(active_test=False)
            .search([("partner_id", "in", self.ids)])
        )
        by_person = [("partner_id", "in", self.ids)]
        by_seat = [
            "|",
            ("source_id", "in", seats.ids),
            ("target_id", "in", seats.ids),
        ]
        sudo = self.sudo().env
        return {
            "customer.key.contact": seats,
            "customer.influence": sudo["customer.influence"].search(by_seat),
            "customer.key.contact.deal": sudo["customer.key.contact.deal"].search(
                [("seat_id", "in", seats.ids)]
            ),
            "customer.key.contact.history": sudo["customer.key.contact.history"].search(
                by_person
            ),
            "customer.key.proposal": sudo["customer.key.proposal"].search(by_person),
        }

    def _check_influence_privacy(self):
        if not self.env.user.has_group("customer_value.group_manager"):
            raise AccessError(
                self.env._("Managers of customer value answer for personal data.")
            )
        self.check_access("read")

    def action_influence_export(self):
        """A file of everything the maps hold on these persons, to be handed out."""
        self._check_influence_privacy()
        held = {
            name: [self._influence_told(record) for record in records]
            for name, records in self._influence_held().items()
        }
        attachment = self.env["ir.attachment"].create(
            {
                "name": "key_contact_data.json",
                "mimetype": "application/json",
                "raw": json.dumps(held, indent=2, ensure_ascii=False, default=str),
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{attachment.id}?download=true",
            "target": "self",
        }

    def _influence_told(self, record):
        """A record's stored facts in words."""
        told = {}
        for name, field in record._fields.items():
            if not field.store or name in ("id", "create_uid", "write_uid"):
                continue
            value = record[name]
            if field.relational:
                told[name] = value.mapped("display_name")
            elif value or value == 0:
                told[name] = value
        return told

    def action_influence_erase(self):
        """Remove persons from all maps; their seats stay as places to be filled."""
        self._check_influence_privacy()
        self.check_access("write")
        self._influence_erase()
        return True

    def _influence_erase(self):
        held = self._influence_held()
        seats = held.pop("customer.key.contact")
        for records in held.values():
            records.unlink()
        for seat in seats:
            title = seat.job or seat.name or self.env._("Unnamed seat")
            seat.write(
                {
                    "partner_id": False,
                    "name": title,
                    "note": False,
                    "stance": "unknown",
                    "power": 0,
                    "stated_closeness": False,
                    "desired_closeness": False,
                    "owner_ids": [fields.Command.clear()],
                }
            )
        seats.history_ids.unlink()

    # ------------------------------------------------------------- actions

    def _influence_map_action(self, lead=None, seat=None):
        entity = self.commercial_partner_id
        action = self.env["ir.actions.client"]._for_xml_id(
            "customer_value.customer_influence_map_client_action"
        )
        where = {
            "account_id": entity.id,
            "lead_id": lead.id if lead else False,
            "seat_id": seat.id if seat else False,
        }
        return {
            **action,
            "name": self.env._("Key contacts of %s", entity.display_name),
            "params": where,
            "context": {
                "active_model": "res.partner",
                "active_id": entity.id,
                **{f"influence_{name}": value for name, value in where.items()},
            },
        }

    def action_open_influence_map(self):
        self.ensure_one()
        self.check_access("read")
        return self._influence_map_action()


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def action_open_influence_map(self):
        """The customer's map, with roles and stances as in this opportunity."""
        self.ensure_one()
        self.check_access("read")
        return self.partner_id._influence_map_action(lead=self)
