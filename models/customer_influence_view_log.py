from datetime import timedelta

from odoo import api, fields, models

SAME_VISIT = timedelta(minutes=10)
"""Who looks again so soon is still looking: one row, not one per click."""


class CustomerInfluenceViewLog(models.Model):
    """Who looked at the map of which account, when; nobody can change it.

    It is there for the people on the map, whose data is looked at; not for judging
    employees.
    """

    _name = "customer.influence.view.log"
    _description = "View of an Influence Map"
    _order = "date desc, id desc"
    _rec_name = "map_id"
    _log_access = False

    map_id = fields.Many2one(
        "customer.influence.map",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    account_id = fields.Many2one(related="map_id.account_id")
    company_id = fields.Many2one(related="map_id.company_id")
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, index=True, ondelete="cascade"
    )
    date = fields.Datetime(required=True, readonly=True)
    how = fields.Selection(
        [("map", "On the map"), ("records", "Records"), ("export", "Exported")],
        required=True,
        readonly=True,
    )

    @api.model
    def _note(self, maps, how):
        """Write down that the user looks at these maps."""
        if self.env.su or not maps:
            return
        now = fields.Datetime.now()
        looking = self.sudo().search(
            [
                ("map_id", "in", maps.ids),
                ("user_id", "=", self.env.uid),
                ("how", "=", how),
                ("date", ">", now - SAME_VISIT),
            ]
        )
        self.sudo().create(
            [
                {"map_id": one.id, "user_id": self.env.uid, "date": now, "how": how}
                for one in maps - looking.map_id
            ]
        )
