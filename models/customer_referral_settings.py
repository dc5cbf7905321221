from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.referral import Rules

PROGRAM = "loyalty.program"
"""Of the module ``loyalty``, which may be there or not."""

PROGRAM_TYPES = ("coupons", "gift_card", "next_order_coupons")
"""Programmes whose coupons stand for themselves, rather than points on one card."""


class ResCompany(models.Model):
    """The rules of referrals, each company its own."""

    _inherit = "res.company"

    value_referral_window = fields.Integer(
        string="Attribution Window (Days)",
        default=180,
        required=True,
        help="So many days after it was said the first purchase still counts.",
    )
    value_referral_minimum = fields.Monetary(
        string="Minimum First Purchase",
        currency_field="currency_id",
        help="Without tax and less returns. 0: every purchase counts.",
    )
    value_referral_return_days = fields.Integer(
        string="Return Period (Days)",
        default=30,
        required=True,
        help="So long a purchase may be returned.",
    )
    value_referral_waiting_days = fields.Integer(
        string="Waiting Period (Days)",
        default=7,
        required=True,
        help="So many days more, after the return period, before a reward is given.",
    )
    value_referral_cap = fields.Integer(
        string="Rewarded a Year",
        default=12,
        required=True,
        help="More referrals of one customer in a year are flagged. 0: no limit.",
    )
    value_referral_household = fields.Boolean(
        string="Flag Households",
        default=True,
        help="Flag referrals within a company, an address, a phone number or a private "
        "e-mail domain.",
    )
    value_referral_program_id = fields.Many2oneReference(
        string="Reward Programme",
        model_field="value_referral_program_model",
        help="Coupons of this programme are made; without one the reward is given by "
        "hand.",
    )
    value_referral_program_model = fields.Char(
        compute="_compute_value_referral_program_model"
    )
    value_referral_points = fields.Float(
        string="Points of a Coupon", default=1.0, help="What a coupon is worth."
    )
    value_referral_welcome = fields.Boolean(
        string="Reward Both", help="The customer who was brought gets a coupon too."
    )
    value_referral_user_id = fields.Many2one(
        "res.users",
        string="Rewards Given by",
        help="Is asked to give rewards by hand. Empty: the referrer's salesperson.",
    )
    value_referral_landing = fields.Char(
        string="Share Link Leads to",
        help="The page that share links open. Empty: your own home page.",
    )

    _value_referral_days = models.Constraint(
        "CHECK (value_referral_window > 0 AND value_referral_return_days >= 0 "
        "AND value_referral_waiting_days >= 0 AND value_referral_cap >= 0 "
        "AND value_referral_minimum >= 0)",
        "Referrals: the attribution window needs a day at least, and no number of "
        "days, cap or minimum is negative.",
    )

    def _compute_value_referral_program_model(self):
        self.value_referral_program_model = PROGRAM if PROGRAM in self.env else False

    @api.constrains("value_referral_program_id", "value_referral_points")
    def _check_value_referral_program(self):
        for company in self:
            program = company._referral_program()
            if not program:
                continue
            if program.company_id not in (program.company_id.browse(), company):
                raise ValidationError(
                    self.env._("%s belongs to another company.", program.name)
                )
            if program.program_type not in PROGRAM_TYPES:
                raise ValidationError(
                    self.env._(
                        "%s hands out no coupons. Choose a programme of coupons or "
                        "gift cards.",
                        program.name,
                    )
                )
            if company.value_referral_points <= 0:
                raise ValidationError(
                    self.env._("A coupon is worth more than no points.")
                )

    def _referral_program(self):
        """The programme, or an empty or missing one: ``bool`` of it tells."""
        self.ensure_one()
        if PROGRAM not in self.env:
            return self.browse()
        return self.env[PROGRAM].sudo().browse(self.value_referral_program_id).exists()

    def _referral_rules(self):
        self.ensure_one()
        return Rules(
            window_days=self.value_referral_window,
            hold_days=self.value_referral_return_days
            + self.value_referral_waiting_days,
            cap=self.value_referral_cap,
        )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    value_referral_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Referral Currency"
    )
    value_referral_window = fields.Integer(
        related="company_id.value_referral_window", readonly=False
    )
    value_referral_minimum = fields.Monetary(
        related="company_id.value_referral_minimum",
        readonly=False,
        currency_field="value_referral_currency_id",
    )
    value_referral_return_days = fields.Integer(
        related="company_id.value_referral_return_days", readonly=False
    )
    value_referral_waiting_days = fields.Integer(
        related="company_id.value_referral_waiting_days", readonly=False
    )
    value_referral_cap = fields.Integer(
        related="company_id.value_referral_cap", readonly=False
    )
    value_referral_household = fields.Boolean(
        related="company_id.value_referral_household", readonly=False
    )
    value_referral_program_id = fields.Many2oneReference(
        related="company_id.value_referral_program_id",
        model_field="value_referral_program_model",
        readonly=False,
    )
    value_referral_program_model = fields.Char(
        related="company_id.value_referral_program_model"
    )
    value_referral_points = fields.Float(
        related="company_id.value_referral_points", readonly=False
    )
    value_referral_welcome = fields.Boolean(
        related="company_id.value_referral_welcome", readonly=False
    )
    value_referral_user_id = fields.Many2one(
        related="company_id.value_referral_user_id", readonly=False
    )
    value_referral_landing = fields.Char(
        related="company_id.value_referral_landing", readonly=False
    )
