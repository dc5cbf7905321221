from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

KINDS = [
    ("influences", "Influences"),
    ("opposes", "Opposes"),
    ("tie", "Personal tie"),
]
TIES = [
    ("family", "Family"),
    ("school", "School"),
    ("home_town", "Home town"),
    ("former_colleague", "Former colleague"),
    ("other", "Other"),
]


class CustomerInfluence(models.Model):
    """A line behind the reporting lines: who sways, opposes or knows whom.

    Directed; lines may run in circles. A personal tie counts in both directions.
    """

    _name = "customer.influence"
    _description = "Influence Between Key Contacts"
    _inherit = ["customer.influence.confidential"]
    _order = "map_id, strength desc, id"

    source_id = fields.Many2one(
        "customer.key.contact",
        string="From",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('map_id', '=?', map_id)]",
    )
    target_id = fields.Many2one(
        "customer.key.contact",
        string="To",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('map_id', '=?', map_id), ('id', '!=', source_id)]",
    )
    map_id = fields.Many2one(
        related="source_id.map_id", store=True, index=True, ondelete="cascade"
    )
    account_id = fields.Many2one(related="source_id.account_id", store=True, index=True)
    company_id = fields.Many2one(related="source_id.company_id", store=True, index=True)
    kind = fields.Selection(KINDS, required=True, default="influences")
    tie_type = fields.Selection(
        TIES,
        string="Tie",
        help="What binds the two. Personal data: not kept of people who asked not to "
        "be profiled.",
    )
    strength = fields.Integer(
        required=True, default=3, aggregator="avg", help="1 (weak) to 5 (strong)."
    )
    evidence = fields.Char(help="How we know.")
    since = fields.Date()
    until = fields.Date(help="The last day on which the line counts.")

    _line_unique = models.UniqueIndex(
        "(source_id, target_id, kind, COALESCE(tie_type, ''))",
        "There is already such a line between these two. Change its strength.",
    )
    _strength_range = models.Constraint(
        "CHECK (strength BETWEEN 1 AND 5)", "Strength runs from 1 to 5."
    )
    _no_self = models.Constraint(
        "CHECK (source_id <> target_id)",
        "A line leads from one person to another.",
    )
    _dates_ordered = models.Constraint(
        "CHECK (until >= since)", "The last day of the line lies before the first."
    )

    @api.depends("source_id", "target_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        shown = self._told_to_me()
        (self - shown).display_name = self.env._("Confidential")
        for line in shown:
            line.display_name = self.env._(
                "%(one)s → %(other)s: %(kind)s",
                one=line.source_id.display_name,
                other=line.target_id.display_name,
                kind=kinds.get(line.kind, ""),
            )

    @api.constrains("source_id", "target_id")
    def _check_one_map(self):
        for line in self:
            if line.source_id.map_id != line.target_id.map_id:
                raise ValidationError(
                    self.env._(
                        "%(one)s and %(other)s sit at different accounts. Give one "
                        "of them a seat at the other's account first.",
                        one=line.source_id.display_name,
                        other=line.target_id.display_name,
                    )
                )

    @api.constrains("source_id", "target_id", "kind")
    def _check_no_profile(self):
        """Personal ties are personal data."""
        for line in self.filtered(lambda line: line.kind == "tie"):
            for seat in line.source_id | line.target_id:
                if seat.partner_id._influence_opted_out():
                    raise ValidationError(
                        self.env._(
                            "%s asked not to be profiled: personal ties are not kept.",
                            seat.display_name,
                        )
                    )

    @api.constrains("source_id", "target_id", "kind", "tie_type")
    def _check_tie_once(self):
        """A tie counts both ways: the way back would count it twice."""
        for line in self.filtered(lambda line: line.kind == "tie"):
            back = self.search_count(
                [
                    ("source_id", "=", line.target_id.id),
                    ("target_id", "=", line.source_id.id),
                    ("kind", "=", "tie"),
                    ("tie_type", "=", line.tie_type),
                ],
                limit=1,
            )
            if back:
                raise ValidationError(
                    self.env._(
                        "This tie between %(one)s and %(other)s is drawn already, "
                        "the other way round. A tie counts both ways.",
                        one=line.source_id.display_name,
                        other=line.target_id.display_name,
                    )
                )

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind != "tie":
            self.tie_type = False

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.map_id._refresh_soon()
        return lines

    def write(self, vals):
        result = super().write(vals)
        self.map_id._refresh_soon()
        return result

    def unlink(self):
        self.map_id._refresh_soon()
        return super().unlink()

    @api.model
    def _current(self, day):
        """Condition: the line counts on that day."""
        return (Domain("since", "=", False) | Domain("since", "<=", day)) & (
            Domain("until", "=", False) | Domain("until", ">=", day)
        )
