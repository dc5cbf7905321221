import logging

from odoo import api, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

CARD = "loyalty.card"
"""Of the module ``loyalty``, which may be there or not."""


class CustomerReferral(models.Model):
    """Rewards: coupons of a loyalty programme, or an activity to give one by hand."""

    _inherit = "customer.referral"

    def _give_rewards(self):
        """Reward who is due; one that fails says why and holds up no other."""
        for referral in self.sudo().filtered(lambda one: one.state == "qualified"):
            company = referral.company_id
            program = company._referral_program()
            if not program:
                referral._ask_for_reward()
                continue
            try:
                with self.env.cr.savepoint():
                    referral._make_coupons(program)
            except Exception as error:  # whatever a programme's own rules refuse
                _logger.warning("Referral %s: no coupon: %s", referral.id, error)
                referral.invalidate_recordset()
                referral.write({"reason": "reward_failed", "detail": str(error)})

    def _make_coupons(self, program):
        """One for the referrer and, if the company wishes, one for the customer."""
        company = self.company_id
        points = company.value_referral_points
        cards = self._generate(program, self.referrer_id, points)
        welcome = (
            self._generate(program, self.referred_id, points)
            if company.value_referral_welcome and self.referred_id
            else cards.browse()
        )
        self.write(
            {
                "state": "rewarded",
                "reason": False,
                "detail": False,
                "rewarded_on": self._today(),
                "reward": ", ".join((cards | welcome).mapped("code")),
                "reward_card_id": cards.id,
                "welcome_card_id": welcome.id,
            }
        )

    def _generate(self, program, partner, points):
        """A coupon by Odoo's own wizard, which also notes and announces it."""
        wizard = self.env["loyalty.generate.wizard"].with_company(self.company_id)
        return wizard.create(
            {
                "program_id": program.id,
                "mode": "selected",
                "customer_ids": [(6, 0, partner.ids)],
                "points_granted": points,
                "description": self.env._("Thank you: %s", self.display_name),
            }
        ).generate_coupons()

    def _ask_for_reward(self):
        """An activity for whom the company named, else the referrer's salesperson."""
        todo = "mail.mail_activity_data_todo"
        if self.activity_ids or not self.env.ref(todo, raise_if_not_found=False):
            return
        user = (
            self.company_id.value_referral_user_id
            or self.referrer_id.user_id
            or self.user_id
        )
        if user:
            self.activity_schedule(
                todo,
                user_id=user.id,
                summary=self.env._("Reward %s", self.referrer_id.display_name),
                note=self.env._(
                    "%s and stayed. Give the reward, then note on the referral what "
                    "was given.",
                    self.display_name,
                ),
            )

    # ------------------------------------------------------------------ withdraw

    @api.model
    def _used_cards(self, rows):
        """A function of a row: whether its reward cannot be withdrawn any more.

        A reward by hand cannot. A coupon can while nothing of it was spent.
        """
        ids = [row["reward_card_id"] for row in rows if row["reward_card_id"]]
        unused = set()
        if ids and CARD in self.env:
            cards = self.env[CARD].sudo().browse(ids).exists()
            issued = self._issued(cards)
            unused = {
                card.id
                for card in cards
                if card.active
                and not card.use_count
                and card.points >= issued.get(card.id, card.points)
            }
        return lambda row: row["reward_card_id"] not in unused

    def _issued(self, cards):
        self.env["loyalty.history"].flush_model()
        found = self.env.execute_query(
            SQL(
                "SELECT card_id, SUM(issued) FROM loyalty_history "
                "WHERE card_id = ANY(%s) GROUP BY card_id",
                cards.ids,
            )
        )
        return dict(found)

    def _withdraw_rewards(self):
        """Take the unused coupons back; they stay, without points, to be looked up."""
        if CARD not in self.env:
            return
        rows = self.read(["reward_card_id", "welcome_card_id"])
        ids = [row[name] for row in rows for name in row if name != "id" and row[name]]
        self.env[CARD].sudo().browse(ids).exists().filtered(
            lambda card: not card.use_count
        ).write({"points": 0, "active": False})
