"""What is known of many referrals, each kind of fact by one statement."""

from odoo import models
from odoo.tools import SQL

from odoo.addons.iap.tools.iap_tools import mail_prepare_for_domain_search

from ..tools.referral import phone_tail
from .customer_referral import EARNED, LIVE
from .scoring_plan import Scope


class CustomerReferral(models.Model):
    _inherit = "customer.referral"

    def _with_siblings(self):
        """These, and whoever else claims the same customers: the first one counts."""
        found = self.env.execute_query(
            SQL(
                """
                SELECT other.id
                  FROM customer_referral mine
                  JOIN res_partner brought ON brought.id = mine.referred_id
                  JOIN res_partner person
                    ON person.commercial_partner_id = brought.commercial_partner_id
                  JOIN customer_referral other
                    ON other.referred_id = person.id
                   AND other.company_id = mine.company_id
                 WHERE mine.id = ANY(%s)
                """,
                self.ids,
            )
        )
        return self | self.browse(row[0] for row in found)

    def _rows(self):
        """``[{...}]`` of these, oldest first, with what is known of both people."""
        return self.env.execute_query_dict(
            SQL(
                """
                SELECT referral.id, referral.company_id, referral.date, referral.state,
                       referral.reason, referral.decision, referral.code,
                       referral.res_model, referral.res_id, referral.lead_id,
                       referral.rewarded_on, referral.reward_card_id,
                       referral.referrer_id, referral.referred_id,
                       giver.commercial_partner_id AS giver_entity,
                       giver.active AS giver_active,
                       taker.commercial_partner_id AS taker_entity,
                       giver.phone AS giver_phone,
                       COALESCE(taker.phone, lead.phone) AS taker_phone,
                       giver.email AS giver_email,
                       COALESCE(taker.email, lead.email_from) AS taker_email,
                       CONCAT_WS('|', giver.street, giver.street2, giver.zip,
                                 giver.city) AS giver_address,
                       giver.street AS giver_street,
                       CASE WHEN taker.id IS NULL
                            THEN CONCAT_WS('|', lead.street, lead.street2, lead.zip,
                                           lead.city)
                            ELSE CONCAT_WS('|', taker.street, taker.street2, taker.zip,
                                           taker.city) END AS taker_address
                  FROM customer_referral referral
             LEFT JOIN res_partner giver ON giver.id = referral.referrer_id
             LEFT JOIN res_partner taker ON taker.id = referral.referred_id
             LEFT JOIN crm_lead lead ON lead.id = referral.lead_id
                 WHERE referral.id = ANY(%s)
              ORDER BY referral.date, referral.id
                """,
                self.ids,
            )
        )

    def _purchases_of(self, rows):
        """``{referral id: {before, best, model, res_id, day, amount}}``.

        Amounts are net of what was taken back. The own document counts on whichever
        day it bears: it is what the customer was brought by.
        """
        rows = [row for row in rows if row["taker_entity"]]
        if not rows:
            return {}
        found = self.env.execute_query_dict(
            SQL(
                """
                WITH claim AS (
                    SELECT referral.id, referral.company_id, referral.date AS day,
                           referral.date + company.value_referral_window AS until,
                           COALESCE(company.value_referral_minimum, 0) AS minimum,
                           company.value_tz AS tz,
                           referral.res_model, referral.res_id,
                           brought.commercial_partner_id AS entity
                      FROM customer_referral referral
                      JOIN res_company company ON company.id = referral.company_id
                      JOIN res_partner brought ON brought.id = referral.referred_id
                     WHERE referral.id = ANY(%(ids)s)
                ), bought AS (
                    SELECT claim.id, purchase.res_model, purchase.res_id,
                           purchase.date, purchase.amount, claim.minimum,
                           (purchase.date AT TIME ZONE 'UTC'
                               AT TIME ZONE claim.tz)::date AS local_day,
                           claim.day, claim.until,
                           (purchase.res_model = claim.res_model
                               AND purchase.res_id = claim.res_id) IS TRUE AS is_own
                      FROM (%(purchases)s) purchase
                      JOIN res_partner buyer ON buyer.id = purchase.partner_id
                      JOIN claim ON claim.entity = buyer.commercial_partner_id
                                AND claim.company_id = purchase.company_id
                ), kept AS (
                    SELECT bought.*,
                           local_day < day AND NOT is_own AS is_before,
                           is_own OR local_day BETWEEN day AND until AS is_inside,
                           amount - CASE WHEN is_own OR local_day BETWEEN day AND until
                                         THEN %(taken_back)s ELSE 0 END AS net
                      FROM bought
                )
                SELECT id, BOOL_OR(is_before) AS before,
                       MAX(net) FILTER (WHERE is_inside) AS best,
                       (ARRAY_AGG(res_model ORDER BY date, res_model, res_id)
                            FILTER (WHERE is_inside AND net >= minimum))[1] AS model,
                       (ARRAY_AGG(res_id ORDER BY date, res_model, res_id)
                            FILTER (WHERE is_inside AND net >= minimum))[1] AS res_id,
                       (ARRAY_AGG(local_day ORDER BY date, res_model, res_id)
                            FILTER (WHERE is_inside AND net >= minimum))[1] AS day,
                       (ARRAY_AGG(net ORDER BY date, res_model, res_id)
                            FILTER (WHERE is_inside AND net >= minimum))[1] AS amount
                  FROM kept
              GROUP BY id
                """,
                ids=[row["id"] for row in rows],
                purchases=self._purchases_in_scope(rows),
                taken_back=self._taken_back_sql(),
            )
        )
        return {row.pop("id"): row for row in found}

    def _purchases_in_scope(self, rows):
        """The purchases of the customers brought, see ``customer.value.purchase``."""
        entities = tuple({row["taker_entity"] for row in rows})
        found = self.env.execute_query(
            SQL(
                "SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)",
                list(entities),
            )
        )
        scope = Scope(ids=entities, contacts=tuple(row[0] for row in found))
        purchases = self.env["customer.value.purchase"]
        return purchases.with_context(customer_value_scope=scope)._table_query

    def _taken_back_sql(self):
        """What was credited or returned of the purchase ``bought``."""
        return SQL("""
            COALESCE(CASE bought.res_model
            WHEN 'sale.order' THEN (
                SELECT SUM(item.balance)
                  FROM sale_order_line line
                  JOIN sale_order_line_invoice_rel link ON link.order_line_id = line.id
                  JOIN account_move_line item ON item.id = link.invoice_line_id
                  JOIN account_move move ON move.id = item.move_id
                 WHERE line.order_id = bought.res_id
                   AND move.state = 'posted' AND move.move_type = 'out_refund')
            WHEN 'pos.order' THEN (
                SELECT SUM(ABS(back.price_subtotal)
                           / COALESCE(NULLIF(back_order.currency_rate, 0), 1))
                  FROM pos_order_line sold
                  JOIN pos_order_line back ON back.refunded_orderline_id = sold.id
                  JOIN pos_order back_order ON back_order.id = back.order_id
                 WHERE sold.order_id = bought.res_id
                   AND back_order.state IN ('paid', 'done'))
            WHEN 'account.move' THEN (
                SELECT -SUM(note.amount_untaxed_signed)
                  FROM account_move note
                 WHERE note.reversed_entry_id = bought.res_id
                   AND note.state = 'posted' AND note.move_type = 'out_refund')
            END, 0)
        """)

    def _credits_above(self, rows):
        """``{(company, customer): (day, id, referrer)}``, up the tree from these.

        Of live referrals, the first one of each customer. ``UNION`` ends a circle.
        """
        found = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE above AS (
                    SELECT giver.commercial_partner_id AS entity, mine.company_id
                      FROM customer_referral mine
                      JOIN res_partner giver ON giver.id = mine.referrer_id
                     WHERE mine.id = ANY(%(ids)s)
                     UNION
                    SELECT giver.commercial_partner_id, referral.company_id
                      FROM above
                      JOIN res_partner person
                        ON person.commercial_partner_id = above.entity
                      JOIN customer_referral referral
                        ON referral.referred_id = person.id
                       AND referral.company_id = above.company_id
                       AND referral.state = ANY(%(live)s)
                      JOIN res_partner giver ON giver.id = referral.referrer_id
                )
                SELECT DISTINCT ON (above.company_id, above.entity)
                       above.company_id, above.entity,
                       referral.date, referral.id, giver.commercial_partner_id
                  FROM above
                  JOIN res_partner person ON person.commercial_partner_id = above.entity
                  JOIN customer_referral referral
                    ON referral.referred_id = person.id
                   AND referral.company_id = above.company_id
                   AND referral.state = ANY(%(live)s)
                   AND NOT referral.id = ANY(%(ids)s)
                  JOIN res_partner giver ON giver.id = referral.referrer_id
              ORDER BY above.company_id, above.entity, referral.date, referral.id
                """,
                ids=[row["id"] for row in rows],
                live=list(LIVE),
            )
        )
        return {(row[0], row[1]): tuple(row[2:]) for row in found}

    def _earned_before(self, rows):
        """``{(company, referrer): [days]}`` of others that earned something."""
        found = self.env.execute_query(
            SQL(
                """
                SELECT referral.company_id, giver.commercial_partner_id,
                       ARRAY_AGG(referral.date)
                  FROM res_partner giver
                  JOIN customer_referral referral ON referral.referrer_id = giver.id
                 WHERE giver.commercial_partner_id = ANY(%s)
                   AND referral.state = ANY(%s) AND NOT referral.id = ANY(%s)
              GROUP BY referral.company_id, giver.commercial_partner_id
                """,
                list({row["giver_entity"] for row in rows if row["giver_entity"]}),
                list(EARNED),
                [row["id"] for row in rows],
            )
        )
        return {(row[0], row[1]): row[2] for row in found}


def household(row):
    """What both people share that makes one doubt, or None.

    :param row: of ``_rows``
    """
    if row["giver_entity"] and row["giver_entity"] == row["taker_entity"]:
        return "same_company"
    if row["giver_street"] and _alike(row["giver_address"], row["taker_address"]):
        return "same_address"
    phone = phone_tail(row["giver_phone"])
    if phone and phone == phone_tail(row["taker_phone"]):
        return "same_phone"
    emails = [
        mail_prepare_for_domain_search(row[name])
        for name in ("giver_email", "taker_email")
    ]
    if emails[0] and emails[0] == emails[1]:
        return "same_email"
    return None


def _alike(*texts):
    """The same letters and digits, however they are written."""
    first, second = (
        "".join(letter for letter in (text or "").casefold() if letter.isalnum())
        for text in texts
    )
    return bool(first) and first == second
