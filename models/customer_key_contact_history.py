from odoo import api, fields, models

from .customer_key_contact import CLOSENESS, STANCES

EVENTS = [
    ("seated", "Seated"),
    ("changed", "Changed"),
    ("archived", "Person archived"),
    ("moved", "Person moved"),
    ("back", "Person back"),
    ("merged", "Joined with another seat"),
]


class CustomerKeyContactHistory(models.Model):
    """Who held which role, power and stance when, append-only.

    A row is how a seat stood from ``recorded`` until the next row of the seat. The
    person is a link, not a name: when a person is erased, so is who it was.
    """

    _name = "customer.key.contact.history"
    _description = "History of a Key Contact"
    _inherit = ["customer.influence.confidential"]
    _order = "recorded desc, id desc"
    _rec_name = "seat_id"
    _log_access = False

    seat_id = fields.Many2one(
        "customer.key.contact", readonly=True, index=True, ondelete="set null"
    )
    map_id = fields.Many2one(
        "customer.influence.map",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    account_id = fields.Many2one(related="map_id.account_id")
    company_id = fields.Many2one(related="map_id.company_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Person",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    seat_name = fields.Char(readonly=True)
    recorded = fields.Datetime(readonly=True, required=True)
    user_id = fields.Many2one(
        "res.users", string="By", readonly=True, ondelete="set null"
    )
    event = fields.Selection(EVENTS, required=True, readonly=True)
    stance = fields.Selection(STANCES, readonly=True)
    power = fields.Integer(readonly=True, aggregator=None)
    closeness = fields.Selection(CLOSENESS, readonly=True)
    role_ids = fields.Many2many(
        "customer.key.role", string="Roles", readonly=True, ondelete="cascade"
    )
    manager_id = fields.Many2one(
        "customer.key.contact", string="Reported To", readonly=True, ondelete="set null"
    )
    is_active = fields.Boolean(string="On the Map", readonly=True)

    @api.model
    def _tell(self, seats, event):
        """Write down how seats stand now."""
        seats = seats.sudo()
        seats.flush_recordset()
        now = fields.Datetime.now()
        self.sudo().create(
            [
                {
                    "seat_id": seat.id,
                    "map_id": seat.map_id.id,
                    "partner_id": seat.partner_id.id,
                    "seat_name": seat.name or seat.job,
                    "recorded": now,
                    "user_id": self.env.uid,
                    "event": event,
                    "stance": seat.stance,
                    "power": seat.power,
                    "closeness": seat.stated_closeness,
                    "role_ids": seat.role_ids.ids,
                    "manager_id": seat.manager_id.id,
                    "is_active": seat.active,
                }
                for seat in seats
            ]
        )


class CustomerKeyContact(models.Model):
    _inherit = "customer.key.contact"

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
