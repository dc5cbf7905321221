from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.influence import cycle_from

STANCES = [
    ("supporter", "Supporter"),
    ("favourable", "Favourable"),
    ("neutral", "Neutral"),
    ("critical", "Critical"),
    ("opponent", "Opponent"),
    ("unknown", "Not known"),
]
CLOSENESS = [("0", "None"), ("1", "Acquainted"), ("2", "Good"), ("3", "Close")]
TOLD = ("partner_id", "role_ids", "power", "stance", "stated_closeness", "manager_id")
"""What the history of a seat tells."""


class CustomerKeyContact(models.Model):
    """A person's seat at an account: role, power, stance, whom it reports to.

    Also a seat known to exist without a person (a placeholder), and one of a person
    who works elsewhere: a consultant, somebody of the parent company. The seat stays
    when its person is archived or moves on, and says so.
    """

    _name = "customer.key.contact"
    _description = "Key Contact"
    _inherit = ["customer.influence.confidential"]
    _order = "account_id, id"
    _parent_name = "manager_id"

    account_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="cascade",
        domain="['|', ('is_company', '=', True), ('parent_id', '=', False)]",
        help="The customer whose decisions are mapped.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    map_id = fields.Many2one(
        "customer.influence.map",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Person",
        index="btree_not_null",
        ondelete="set null",
        domain="[('is_company', '=', False)]",
        help="Empty while it is known that the seat exists, but not who sits there. "
        "The person may work elsewhere.",
    )
    employer_id = fields.Many2one(
        "res.partner",
        string="Employer When Seated",
        readonly=True,
        copy=False,
        ondelete="set null",
    )
    name = fields.Char(
        string="Seat", help="What the seat is called, for example plant engineer."
    )
    job = fields.Char(
        string="Job Title",
        compute="_compute_job",
        store=True,
        readonly=False,
        precompute=True,
    )
    department = fields.Char()
    role_ids = fields.Many2many(
        "customer.key.role", string="Roles", ondelete="restrict"
    )
    power = fields.Integer(
        aggregator="avg",
        help="1 (little) to 5 (decides alone): the standing in the house, whatever the "
        "title says. 0: not known.",
    )
    stance = fields.Selection(STANCES, required=True, default="unknown")
    stated_closeness = fields.Selection(
        CLOSENESS,
        string="Closeness, Stated",
        help="How close we are by our own word. Empty: it follows contact.",
    )
    closeness = fields.Selection(
        CLOSENESS,
        compute="_compute_contact",
        inverse="_inverse_closeness",
        help="How close we are: by our own word, else by meetings, calls, mails and "
        "orders. Emptied, it follows contact again.",
    )
    desired_closeness = fields.Selection(CLOSENESS, help="How close we want to be.")
    owner_ids = fields.Many2many(
        "res.users",
        "customer_key_contact_owner_rel",
        string="Our Owners",
        domain="[('share', '=', False)]",
        help="Colleagues who look after this person. They see the whole map.",
    )
    manager_id = fields.Many2one(
        "customer.key.contact",
        string="Reports To",
        index="btree_not_null",
        ondelete="set null",
        domain="[('map_id', '=', map_id), ('id', '!=', id)]",
    )
    report_ids = fields.One2many(
        "customer.key.contact", "manager_id", string="Direct Reports"
    )
    note = fields.Text(help="Seen by the account team and managers only.")
    active = fields.Boolean(default=True)
    is_placeholder = fields.Boolean(
        compute="_compute_is_placeholder", search="_search_is_placeholder"
    )
    gone = fields.Selection(
        [("archived", "Archived"), ("moved", "Moved")],
        compute="_compute_gone",
        help="The person was archived, or works for somebody else than when seated.",
    )
    last_contact = fields.Date(compute="_compute_contact")
    weight = fields.Float(
        string="Decision Weight (%)",
        compute="_compute_weight",
        digits=(6, 1),
        help="Share of the decision that this person holds: power and roles, carried "
        "on along the lines of influence.",
    )
    outgoing_ids = fields.One2many(
        "customer.influence", "source_id", string="Has Influence On"
    )
    incoming_ids = fields.One2many(
        "customer.influence", "target_id", string="Is Influenced By"
    )
    deal_ids = fields.One2many(
        "customer.key.contact.deal", "seat_id", string="In Opportunities"
    )
    history_ids = fields.One2many("customer.key.contact.history", "seat_id")

    _person_unique = models.Constraint(
        "UNIQUE (map_id, partner_id)",
        "This person already has a seat at the account. Open that one (it may be "
        "archived).",
    )
    _power_range = models.Constraint(
        "CHECK (power BETWEEN 0 AND 5)",
        "Power runs from 1 to 5; 0 means that it is not known.",
    )

    # ---------------------------------------------------------------- computes

    @api.depends("partner_id", "name", "job")
    def _compute_display_name(self):
        shown = self._told_to_me()
        for seat in shown:
            seat.display_name = seat._shown_name()
        (self - shown).display_name = self.env._("Confidential")

    def _shown_name(self):
        person = self.partner_id.sudo()
        return person.name or self.name or self.job or self.env._("Who sits here?")

    @api.depends("partner_id")
    def _compute_job(self):
        for seat in self:
            seat.job = seat.job or seat.partner_id.sudo().function

    @api.depends("partner_id")
    def _compute_is_placeholder(self):
        for seat in self:
            seat.is_placeholder = not seat.partner_id

    def _search_is_placeholder(self, operator, value):
        if operator != "in":
            return NotImplemented
        if len(set(value)) != 1:
            return [(len(set(value)), "=", 2)]
        return [("partner_id", "=" if True in value else "!=", False)]

    @api.depends("partner_id.active", "partner_id.commercial_partner_id", "employer_id")
    def _compute_gone(self):
        for seat in self:
            seat.gone = seat._how_gone()

    def _how_gone(self):
        person = self.partner_id.sudo()
        if not person:
            return False
        if not person.active:
            return "archived"
        moved = self.employer_id and person.commercial_partner_id != self.employer_id
        return "moved" if moved else False

    def _inverse_closeness(self):
        for seat in self:
            seat.stated_closeness = seat.closeness

    # ------------------------------------------------------------- constraints

    @api.constrains("manager_id")
    def _check_manager(self):
        for seat in self:
            if seat.manager_id and seat.manager_id.map_id != seat.map_id:
                raise ValidationError(
                    self.env._(
                        "%(person)s and %(manager)s sit at different accounts. Give "
                        "%(manager)s a seat at %(account)s first.",
                        person=seat.display_name,
                        manager=seat.manager_id.display_name,
                        account=seat.account_id.display_name,
                    )
                )
            self._check_no_cycle(seat)

    def _check_no_cycle(self, seat):
        seats = self.with_context(active_test=False).search(
            [("map_id", "=", seat.map_id.id)]
        )
        circle = cycle_from(seat.id, {one.id: one.manager_id.id for one in seats})
        if circle:
            names = [self.browse(one).display_name for one in [*circle, seat.id]]
            raise ValidationError(
                self.env._(
                    "Reporting lines would run in a circle: %s. Change one of them "
                    "first; influence may run in circles, reporting may not.",
                    " → ".join(names),
                )
            )

    @api.constrains("partner_id", "name", "job")
    def _check_says_what(self):
        for seat in self:
            if not (seat.partner_id or seat.name or seat.job):
                raise ValidationError(
                    self.env._("Choose the person, or say what the seat is called.")
                )

    @api.constrains("partner_id", "account_id")
    def _check_person(self):
        for seat in self:
            if seat.partner_id and seat.partner_id == seat.account_id:
                if seat.partner_id.is_company:
                    raise ValidationError(
                        self.env._(
                            "%s is the account itself. Choose one of its people.",
                            seat.partner_id.display_name,
                        )
                    )

    # -------------------------------------------------------------------- CRUD

    @api.model
    def _clean(self, vals):
        """Closeness may come as a number from the map; keys are texts."""
        for name in ("closeness", "stated_closeness", "desired_closeness"):
            value = vals.get(name)
            if value is not None and value is not False:
                vals = {**vals, name: str(value)}
        return vals

    @api.model_create_multi
    def create(self, vals_list):
        prepared = [self._with_map(self._clean(vals)) for vals in vals_list]
        seats = super().create(prepared)
        for seat in seats:
            seat.sudo().employer_id = seat.partner_id.sudo().commercial_partner_id
        seats._check_person_known()
        seats._tell_history("seated")
        seats.map_id._refresh_soon()
        return seats

    def _check_person_known(self):
        """Nobody learns a name by giving its owner a seat."""
        self.partner_id.check_access("read")

    def _with_map(self, vals):
        """The account's map for a new seat; refused to who may not see it."""
        partner = self.env["res.partner"].browse(
            vals.get("account_id") or self.env.context.get("default_account_id")
        )
        if not partner:
            raise UserError(self.env._("Choose the account of the key contact."))
        account = partner.commercial_partner_id
        company = self.env["res.company"].browse(vals.get("company_id"))
        company = company or self.env.company
        found = self.env["customer.influence.map"]._open_for(account, company)
        return {
            **vals,
            "account_id": account.id,
            "company_id": company.id,
            "map_id": found.id,
        }

    def write(self, vals):
        vals = self._clean(vals)
        if not self.env.su and {"account_id", "company_id", "map_id"} & set(vals):
            self._check_stays(vals)
        told = self._told() if self._may_move_history(vals) else {}
        result = super().write(vals)
        if vals.get("partner_id"):
            self._check_person_known()
        if "partner_id" in vals:
            for seat in self.sudo():
                seat.employer_id = seat.partner_id.commercial_partner_id
        if told:
            now = self._told()
            changed = self.filtered(lambda seat: told[seat.id] != now[seat.id])
            changed._tell_history("changed")
        self.map_id._refresh_soon()
        return result

    def _may_move_history(self, vals):
        return not {*TOLD, "closeness", "active"}.isdisjoint(vals)

    def _told(self):
        return {seat.id: (*(seat[name] for name in TOLD), seat.active) for seat in self}

    def _check_stays(self, vals):
        for seat in self:
            for name in {"account_id", "company_id", "map_id"} & set(vals):
                if seat[name].id != vals[name]:
                    raise UserError(
                        self.env._(
                            "A seat stays with its account. Make a new one for %s "
                            "there, and archive this one.",
                            seat.display_name,
                        )
                    )

    def unlink(self):
        """Who reported to a seat that is removed reports to the one above it."""
        for seat in self:
            below = seat.with_context(active_test=False).report_ids - self
            above = seat.manager_id
            while above in self:
                above = above.manager_id
            below.manager_id = above
        self.map_id._refresh_soon()
        return super().unlink()

    def _tell_history(self, event):
        self.env["customer.key.contact.history"]._tell(self, event)

    # ---------------------------------------------------------------- business

    def set_manager(self, manager_id=False):
        """Reporting line drawn on the map; refused where it would close a circle."""
        self.write({"manager_id": manager_id or False})
        return True

    def action_open_map(self):
        self.ensure_one()
        return self.account_id._influence_map_action(seat=self)
