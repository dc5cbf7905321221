"""From what documents say to referrals: set-based, and twice is as good as once."""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

from ..tools.referral import PHONE_DIGITS, phone_tail

DOCUMENTS = {
    "crm.lead": ("opportunity", "create_date", "partner_id", "user_id"),
    "sale.order": ("quotation", "create_date", "partner_id", "user_id"),
    "pos.order": ("till", "date_order", "partner_id", None),
}
"""By model: the channel, the day, the customer and the salesperson."""

TAPS = 2
"""What it takes at the till: the button, and who it was."""


class CustomerReferral(models.Model):
    _inherit = "customer.referral"

    @api.model
    def _collect(self):
        """A referral for every document that names a referrer and has none yet.

        Not for one that repeats what is known: the quotation of an opportunity, the
        next order of the same customer.
        """
        self.env.flush_all()
        made = self.browse()
        for model_name in DOCUMENTS:
            rows = self.env.execute_query_dict(self._uncollected_sql(model_name))
            made |= self.sudo().create([self._collected(row) for row in rows])
            self.env.flush_all()
        return made

    def _uncollected_sql(self, model_name):
        channel, day, partner, user = DOCUMENTS[model_name]
        return SQL(
            """
            WITH said AS (%(said)s)
            SELECT DISTINCT ON (company.id, said.referrer_id, said.code,
                                COALESCE(customer.commercial_partner_id, -document.id))
                   %(model)s AS res_model, document.id AS res_id,
                   CASE WHEN said.by_link THEN 'link' ELSE %(channel)s END AS channel,
                   company.id AS company_id, said.referrer_id, said.code,
                   document.%(partner)s AS referred_id, %(user)s AS user_id,
                   (document.%(day)s AT TIME ZONE 'UTC'
                        AT TIME ZONE company.value_tz)::date AS date
              FROM said
              JOIN %(table)s document ON document.id = said.id
         LEFT JOIN res_partner customer ON customer.id = document.%(partner)s
              JOIN res_company company
                ON company.id = COALESCE(document.company_id, %(company)s)
             WHERE %(ready)s
               AND NOT EXISTS (
                   SELECT 1 FROM customer_referral known
                    WHERE known.res_model = %(model)s AND known.res_id = document.id)
               AND NOT EXISTS (
                   SELECT 1
                     FROM customer_referral known
                     JOIN res_partner brought ON brought.id = known.referred_id
                    WHERE known.referrer_id = said.referrer_id
                      AND known.company_id = company.id
                      AND brought.commercial_partner_id
                          = customer.commercial_partner_id)
          ORDER BY company.id, said.referrer_id, said.code,
                   COALESCE(customer.commercial_partner_id, -document.id), document.id
            """,
            said=self._said_sql(model_name),
            model=model_name,
            channel=channel,
            table=SQL.identifier(self.env[model_name]._table),
            partner=SQL.identifier(partner),
            day=SQL.identifier(day),
            user=SQL("document.%s", SQL.identifier(user)) if user else SQL("NULL"),
            company=self.env.company.id,
            ready=self._ready_sql(model_name),
        )

    def _said_sql(self, model_name):
        """Who was named on a document; else whose share link led to it."""
        table = SQL.identifier(self.env[model_name]._table)
        named = SQL(
            """
            SELECT id, value_referrer_id AS referrer_id, value_referrer_hint AS code,
                   FALSE AS by_link
              FROM %(table)s WHERE value_referrer_id IS NOT NULL
             UNION ALL
            SELECT id, NULL, value_referrer_hint, FALSE
              FROM %(table)s
             WHERE value_referrer_id IS NULL AND value_referrer_hint <> ''
            """,
            table=table,
        )
        if "source_id" not in self.env[model_name]._fields:
            return named
        return SQL(
            """
            %s UNION ALL
            SELECT document.id, link.value_partner_id, link.value_code, TRUE
              FROM link_tracker link
              JOIN %s document ON document.source_id = link.source_id
             WHERE link.value_partner_id IS NOT NULL
               AND document.value_referrer_id IS NULL
               AND COALESCE(document.value_referrer_hint, '') = ''
            """,
            named,
            table,
        )

    def _ready_sql(self, model_name):
        """Orders in the making say nothing yet; a quotation repeats its opportunity."""
        if model_name == "pos.order":
            return SQL("document.state IN ('paid', 'done')")
        if model_name == "sale.order":
            return SQL("""
                document.state <> 'cancel' AND NOT EXISTS (
                    SELECT 1 FROM customer_referral known
                     WHERE known.lead_id = document.opportunity_id
                       AND known.referrer_id = said.referrer_id)
            """)
        return SQL("TRUE")

    def _collected(self, row):
        """What ``create`` is given for a row of ``_uncollected_sql``."""
        if row["res_model"] == "crm.lead":
            row["lead_id"] = row["res_id"]
        if row["channel"] == "till":
            row["clicks"] = TAPS
        return row

    # -------------------------------------------------------------------- people

    def _refresh_people(self):
        """Look again at the documents for the customer, and up what was said."""
        open_ones = self.filtered(lambda one: one.state in ("pending", "flagged"))
        open_ones._refresh_referred()
        open_ones.filtered(
            lambda one: one.code and not one.referrer_id
        )._look_up_codes()

    def _refresh_referred(self):
        for model_name, (__, __, partner, __) in DOCUMENTS.items():
            found = self.env.execute_query(
                SQL(
                    """
                    SELECT referral.id, document.%(partner)s
                      FROM customer_referral referral
                      JOIN %(table)s document ON document.id = referral.res_id
                     WHERE referral.id = ANY(%(ids)s)
                       AND referral.res_model = %(model)s
                       AND document.%(partner)s IS NOT NULL
                       AND document.%(partner)s IS DISTINCT FROM referral.referred_id
                    """,
                    partner=SQL.identifier(partner),
                    table=SQL.identifier(self.env[model_name]._table),
                    model=model_name,
                    ids=self.ids,
                )
            )
            for referral_id, partner_id in found:
                self.browse(referral_id).referred_id = partner_id
        for referral in self.filtered(
            lambda one: one.lead_id.partner_id and not one.referred_id
        ):
            referral.referred_id = referral.lead_id.partner_id

    def _look_up_codes(self):
        """Find who was meant by a phone number, an address, a share code or a name.

        Who fits must be one customer: of two the till's word does not tell which.
        """
        for company, referrals in self.grouped("company_id").items():
            by_code = referrals.grouped("code")
            found = self._find_by_codes(by_code, company)
            for code, said in by_code.items():
                partners = found[code]
                if len(partners.commercial_partner_id) == 1:
                    said.referrer_id = partners[0]

    @api.model
    def _find_by_codes(self, codes, company):
        """The contacts that codes may mean, by the surest kind of match.

        One look for each kind, however many the codes.

        :return: ``{code: contacts}``
        """
        partners = self.env["res.partner"].sudo().with_company(company)
        found = dict.fromkeys(codes, partners)
        for find in (
            self._find_by_share_code,
            self._find_by_phone,
            self._find_by_email,
            self._find_by_number,
            self._find_by_name,
        ):
            missing = [code for code in codes if not found[code]]
            if missing:
                own = Domain("company_id", "in", [False, company.id])
                found.update(find(missing, partners, own, company))
        return found

    def _find_by_share_code(self, codes, partners, own, company):
        links = self.env["link.tracker"].sudo()._share_links(codes, company)
        by_code = {link.value_code: link.value_partner_id for link in links}
        return {code: by_code.get(code.strip().upper(), partners) for code in codes}

    def _find_by_phone(self, codes, partners, own, company):
        """By the last digits: what is before is written in many ways."""
        tails = {code: phone_tail(code) for code in codes}
        partners.flush_model(["phone", "active"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT found.tail, found.id
                  FROM (SELECT id, RIGHT(REGEXP_REPLACE(phone, %(others)s, '', 'g'),
                                         %(digits)s) AS tail
                          FROM res_partner WHERE phone IS NOT NULL AND active) found
                 WHERE found.tail = ANY(%(tails)s)
                """,
                others=r"\D",
                digits=PHONE_DIGITS,
                tails=[tail for tail in tails.values() if tail],
            )
        )
        allowed = partners.browse(row[1] for row in rows).filtered_domain(own)
        by_tail = {}
        for tail, partner_id in rows:
            if partner_id in allowed._ids:
                by_tail[tail] = by_tail.get(tail, partners) + partners.browse(
                    partner_id
                )
        return {code: by_tail.get(tail, partners) for code, tail in tails.items()}

    def _find_by_email(self, codes, partners, own, company):
        emails = {code: email_normalize(code) for code in codes}
        wanted = [email for email in emails.values() if email]
        known = partners.search(own & Domain("email_normalized", "in", wanted))
        by_email = known.grouped("email_normalized")
        return {code: by_email.get(email, partners) for code, email in emails.items()}

    def _find_by_number(self, codes, partners, own, company):
        """By the barcode of a customer card, or the reference."""
        wanted = [code.strip() for code in codes]
        numbers = Domain("barcode", "in", wanted) | Domain("ref", "in", wanted)
        known = partners.search(own & numbers)
        by_number = {}
        for partner in known:
            for number in {partner.barcode, partner.ref}:
                by_number[number] = by_number.get(number, partners) + partner
        return {code: by_number.get(code.strip(), partners) for code in codes}

    def _find_by_name(self, codes, partners, own, company):
        partners.flush_model(["name", "active"])
        rows = self.env.execute_query(
            SQL(
                "SELECT LOWER(name), id FROM res_partner "
                "WHERE LOWER(name) = ANY(%s) AND active",
                [code.strip().lower() for code in codes],
            )
        )
        allowed = partners.browse(row[1] for row in rows).filtered_domain(own)
        by_name = {}
        for name, partner_id in rows:
            if partner_id in allowed._ids:
                by_name[name] = by_name.get(name, partners) + partners.browse(
                    partner_id
                )
        return {code: by_name.get(code.strip().lower(), partners) for code in codes}

    def _move_leads(self, opportunities, target):
        """Of merged opportunities, see ``crm.lead``."""
        moved = self.search([("lead_id", "in", opportunities.ids)])
        moved.write({"lead_id": target.id})
        taken = self.search_count(
            [("res_model", "=", "crm.lead"), ("res_id", "=", target.id)]
        )
        for referral in moved.filtered(lambda one: one.res_model == "crm.lead"):
            referral.res_id = False if taken else target.id
            if taken:
                referral.res_model = False
            taken = True
