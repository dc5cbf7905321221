from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools.window import local_today

COLOURS = [
    ("green", "Green"),
    ("amber", "Amber"),
    ("red", "Red"),
    ("unknown", "Not known"),
]


class CustomerInfluenceMap(models.Model):
    """The decision tree of an account: who may see it, and how well it is covered.

    One per account and company. It is made with the first seat. Seats, lines, history
    and the log of views follow its rules (``customer_influence_rights.py``): whoever
    may read the map may read them, nobody else.
    """

    _name = "customer.influence.map"
    _description = "Influence Map"
    _rec_name = "account_id"
    _order = "coverage_percent, id"

    account_id = fields.Many2one(
        "res.partner",
        required=True,
        readonly=True,
        ondelete="cascade",
        domain="['|', ('is_company', '=', True), ('parent_id', '=', False)]",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    account_user_id = fields.Many2one(
        related="account_id.user_id", string="Salesperson", related_sudo=True
    )
    user_ids = fields.Many2many(
        "res.users",
        "customer_influence_map_user_rel",
        string="Named People",
        domain="[('share', '=', False)]",
        help="They see the map as well as the salesperson of the account, the leader "
        "of his team, and whoever is named as ours for one of its people.",
    )
    seat_ids = fields.One2many("customer.key.contact", "map_id", string="Key Contacts")
    seat_count = fields.Integer(compute="_compute_seat_count")
    coverage_colour = fields.Selection(
        COLOURS, string="Coverage", readonly=True, default="unknown"
    )
    coverage_percent = fields.Float(
        string="Held by Supporters (%)",
        readonly=True,
        aggregator="avg",
        digits=(6, 1),
        help="Share of the decision weight held by people who are for us.",
    )
    quality_percent = fields.Float(
        string="Map Quality (%)",
        readonly=True,
        aggregator="avg",
        digits=(6, 1),
        help="Of what the map could tell of each person (who, role, power, stance, "
        "our owner, contact), the share that is known.",
    )
    gap_count = fields.Integer(string="Gaps", readonly=True, aggregator="sum")

    _account_unique = models.Constraint(
        "UNIQUE (account_id, company_id)", "An account has one map in a company."
    )

    def _compute_seat_count(self):
        counts = dict(
            self.env["customer.key.contact"]._read_group(
                [("map_id", "in", self.ids)], ["map_id"], ["__count"]
            )
        )
        for one in self:
            one.seat_count = counts.get(one, 0)

    # ------------------------------------------------------------------ rights

    @api.model
    def _team_domain(self):
        """Whose map it is: condition on a map, for the current user."""
        user = self.env.user
        return Domain.OR(
            [
                Domain("account_id.user_id", "=", user.id),
                Domain("account_id.user_id.sale_team_id.user_id", "=", user.id),
                Domain("user_ids", "in", user.ids),
                Domain("seat_ids.owner_ids", "in", user.ids),
            ]
        )

    @api.model
    def _of(self, account, company=None):
        """The account's map in the company, with full rights; empty without one."""
        company = company or self.env.company
        return self.sudo().search(
            [
                ("account_id", "=", account.commercial_partner_id.id),
                ("company_id", "=", company.id),
            ]
        )

    @api.model
    def _open_for(self, account, company=None):
        """The map to draw on; begun, with its author named, where there was none.

        Refused to who may not see it: naming oneself as owner of a new seat would
        otherwise open the map of others.
        """
        company = company or self.env.company
        found = self._of(account, company)
        if found:
            found.with_env(self.env)._check_team()
            return found
        account.check_access("read")
        begun = self.sudo().create(
            {
                "account_id": account.commercial_partner_id.id,
                "company_id": company.id,
            }
        )
        if not self.env.su and not begun.with_env(self.env)._is_for_me():
            begun.user_ids = self.env.user
        return begun

    def _is_for_me(self):
        """Whether the user may see the map."""
        return self.env.su or bool(self._filtered_access("read"))

    def _check_team(self):
        if not self._is_for_me():
            raise AccessError(
                self.env._(
                    "The map of %s is seen by its account team. Ask its salesperson or "
                    "a manager to name you.",
                    self.sudo().account_id.display_name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            account = self.env["res.partner"].browse(vals.get("account_id"))
            if account and account.commercial_partner_id != account:
                raise UserError(
                    self.env._(
                        "%(contact)s belongs to %(company)s: the map is that of the "
                        "company.",
                        contact=account.display_name,
                        company=account.commercial_partner_id.display_name,
                    )
                )
        return super().create(vals_list)

    def write(self, vals):
        """Its team says who else belongs to it; the rest is reckoned."""
        if not self.env.su and set(vals) - {"user_ids"}:
            raise AccessError(
                self.env._("Of a map only the people named to see it can be changed.")
            )
        return super().write(vals)

    # ----------------------------------------------------------------- actions

    def action_open_map(self):
        self.ensure_one()
        return self.account_id._influence_map_action()

    def action_open_seats(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_value.customer_key_contact_action"
        )
        action["domain"] = [("map_id", "=", self.id)]
        action["context"] = {"default_account_id": self.account_id.id}
        return action

    def _today(self):
        return local_today(self.company_id.sudo().value_tz or "UTC")
