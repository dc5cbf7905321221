from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .customer_referral import EARNED, LIVE, SEARCH_REFERRER
from .res_partner import GROUP
from .scoring_plan import Scope

MANAGER = "customer_value.group_manager"


class ResPartner(models.Model):
    """A contact shows who brought its company, whom it brought, and their worth.

    Nothing is stored on the contact. A customer has one credited referral in a company,
    so that referrers and customers make a tree.
    """

    _inherit = "res.partner"

    value_referrer_id = fields.Many2one(
        "res.partner",
        string="Referred by",
        compute="_compute_value_referrer",
        inverse="_inverse_value_referrer",
        search="_search_value_referrer",
        groups=GROUP,
        help="Who brought this customer. The first referrer keeps the credit. Found by "
        "name, phone or share code.",
    )
    value_referrer_state = fields.Selection(
        selection=lambda self: self.env["customer.referral"]._fields["state"].selection,
        string="Referral",
        compute="_compute_value_referrer",
        groups=GROUP,
    )
    value_referrer_why = fields.Char(
        string="Why the Referral Stands There",
        compute="_compute_value_referrer",
        groups=GROUP,
    )
    value_referred_ids = fields.One2many(
        "res.partner",
        string="Customers Brought",
        compute="_compute_value_referred",
        groups=GROUP,
    )
    value_referral_count = fields.Integer(
        string="Referrals",
        compute="_compute_value_referred",
        search="_search_value_referral_count",
        groups=GROUP,
        help="Live referrals, those that still wait included.",
    )
    value_brought_count = fields.Integer(
        string="Brought",
        compute="_compute_value_referred",
        search="_search_value_brought_count",
        groups=GROUP,
        help="Customers brought who bought and stayed.",
    )
    value_referred_count = fields.Integer(
        string="Customers in the Tree",
        compute="_compute_value_of_referred",
        groups=GROUP,
        help="Brought, and brought by those who were, each counted once.",
    )
    value_of_referred = fields.Float(
        string="Value of the Referred",
        compute="_compute_value_of_referred",
        digits=(6, 0),
        groups=GROUP,
        help="The realised value, in points, of all customers brought and of those "
        "whom they brought, each counted once: of those whom you may read.",
    )
    value_sales_of_referred = fields.Monetary(
        string="Sales of the Referred",
        compute="_compute_value_sales_of_referred",
        currency_field="value_currency_id",
        groups=MANAGER,
        help="Net sales to all customers brought and to those whom they brought, each "
        "sale counted once.",
    )
    value_currency_id = fields.Many2one(
        "res.currency", compute="_compute_value_currency", groups=GROUP
    )

    # ------------------------------------------------------------------ computes

    @api.depends_context("company")
    def _compute_value_currency(self):
        self.value_currency_id = self.env.company.currency_id

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "lang")
    def _compute_value_referrer(self):
        credited = self._credited_referrals()
        for partner in self:
            referral = credited.get(partner.commercial_partner_id._origin.id)
            partner.value_referrer_id = referral and referral.referrer_id
            partner.value_referrer_state = referral and referral.state
            partner.value_referrer_why = referral and referral.reason_text

    def _credited_referrals(self):
        """``{entity id: live referral}`` that the user may read, the first of each."""
        referrals = self.env["customer.referral"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("state", "in", LIVE),
                (
                    "referred_id.commercial_partner_id",
                    "in",
                    self.commercial_partner_id._origin.ids,
                ),
            ],
            order="date desc, id desc",
        )
        return {
            referral.referred_id.commercial_partner_id.id: referral
            for referral in referrals
        }

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid")
    def _compute_value_referred(self):
        """Whom: those that the user may read. How many: of everybody."""
        rows = self._links_below()
        told = self.browse(row[1] for row in rows if row[3])._filtered_access("read")
        by_entity = {}
        for referrer, *row in rows:
            by_entity.setdefault(referrer, []).append(row)
        for partner in self:
            own = by_entity.get(partner.commercial_partner_id._origin.id, [])
            partner.value_referred_ids = told & told.browse(row[0] for row in own)
            partner.value_referral_count = len(own)
            partner.value_brought_count = sum(row[1] in EARNED for row in own)

    def _links_below(self):
        """``(referrer, referred, state, is readable)``, each referred entity once."""
        referrals = self.env["customer.referral"]
        referrals.flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (link.referred)
                       link.referrer, link.referred, link.state, link.id IN %s
                  FROM (%s) link
                 WHERE link.referrer = ANY(%s) AND link.company_id = %s
              ORDER BY link.referred, link.date, link.id
                """,
                referrals._search([]).subselect(),
                self._links_sql(LIVE),
                self.commercial_partner_id._origin.ids,
                self.env.company.id,
            )
        )

    @api.model
    def _links_sql(self, states):
        """Referrals between commercial entities, as a subquery."""
        return SQL(
            """
            SELECT referral.id, referral.date, referral.company_id, referral.state,
                   giver.commercial_partner_id AS referrer,
                   taker.commercial_partner_id AS referred
              FROM customer_referral referral
              JOIN res_partner giver ON giver.id = referral.referrer_id
              JOIN res_partner taker ON taker.id = referral.referred_id
             WHERE referral.state = ANY(%s)
               AND giver.commercial_partner_id <> taker.commercial_partner_id
            """,
            list(states),
        )

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "uid")
    def _compute_value_of_referred(self):
        """Points of whom the user may read; how many they are, of everybody."""
        scores = self.env["customer.value.score"]._search(
            [("company_id", "=", self.env.company.id)]
        )
        scores.add_where(
            SQL(
                "%s = below.entity",
                SQL.identifier("customer_value_score", "partner_id"),
            )
        )
        found = self.env.execute_query(
            SQL(
                """
                %(below)s
                SELECT below.root, COUNT(*), SUM((
                       %(points)s))
                  FROM below WHERE below.entity <> below.root
              GROUP BY below.root
                """,
                below=self._below_sql(),
                points=scores.select(
                    SQL.identifier("customer_value_score", "realised")
                ),
            )
        )
        by_entity = {row[0]: row[1:] for row in found}
        for partner in self:
            entity = partner.commercial_partner_id._origin.id
            count, points = by_entity.get(entity, (0, 0))
            partner.value_referred_count = count
            partner.value_of_referred = points or 0.0

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_value_sales_of_referred(self):
        found = self.env.execute_query(
            SQL(
                """
                %(below)s
                SELECT below.root, SUM(sale.amount)
                  FROM below
                  JOIN res_partner buyer ON buyer.commercial_partner_id = below.entity
                  JOIN (%(sales)s) sale ON sale.partner_id = buyer.id
                 WHERE below.entity <> below.root AND sale.company_id = %(company)s
              GROUP BY below.root
                """,
                below=self._below_sql(),
                sales=self._sales_below()._table_query,
                company=self.env.company.id,
            )
        )
        amounts = dict(found)
        for partner in self:
            entity = partner.commercial_partner_id._origin.id
            partner.value_sales_of_referred = amounts.get(entity, 0.0)

    def _sales_below(self):
        """The view of sales, which looks at the customers of the tree alone."""
        found = self.env.execute_query(
            SQL(
                """
                %s
                SELECT DISTINCT person.id
                  FROM below
                  JOIN res_partner person
                    ON person.commercial_partner_id = below.entity
                 WHERE below.entity <> below.root
                """,
                self._below_sql(),
            )
        )
        contacts = tuple(row[0] for row in found)
        scope = Scope(ids=contacts, contacts=contacts)
        return self.env["customer.value.sale"].with_context(customer_value_scope=scope)

    def _below_sql(self):
        """``WITH RECURSIVE below (root, entity)``: everybody brought, each once.

        ``UNION`` keeps each customer once and ends a circle.
        """
        self.env["customer.referral"].flush_model()
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        return SQL(
            """
            WITH RECURSIVE below AS (
                SELECT root, root AS entity FROM UNNEST(%(roots)s::int[]) root
                 UNION
                SELECT below.root, link.referred
                  FROM below
                  JOIN LATERAL (%(links)s
                         AND giver.commercial_partner_id = below.entity
                         AND referral.company_id = %(company)s) link ON TRUE
            )
            """,
            roots=self.commercial_partner_id._origin.ids,
            links=self._links_sql(EARNED),
            company=self.env.company.id,
        )

    # ------------------------------------------------------------------- inverse

    def _inverse_value_referrer(self):
        """Said on the contact's form: a referral of its own, or its correction."""
        credited = self._credited_referrals()
        for partner in self:
            referral = credited.get(partner.commercial_partner_id.id)
            referrer = partner.value_referrer_id
            if referral and referral.referrer_id == referrer:
                continue
            if referral:
                referral._correct_referrer(referrer)
            elif referrer:
                self.env["customer.referral"].create(
                    {
                        "referrer_id": referrer.id,
                        "referred_id": partner.id,
                        "company_id": self.env.company.id,
                        "channel": "contact",
                    }
                )

    # ---------------------------------------------------------------- searching

    def _search_value_referrer(self, operator, value):
        """By referrer; ``any`` of a domain, and "not set", as well."""
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        referral = self.env["customer.referral"]
        live = Domain("company_id", "=", self.env.company.id) & Domain(
            "state", "in", LIVE
        )
        if operator == "in" and any(item is False for item in value):
            none = ~Domain("id", "in", self._referred_of(referral, live))
            others = [item for item in value if item is not False]
            return none | Domain(self._search_value_referrer("in", others))
        field = "referrer_id.commercial_partner_id"
        if operator == "in" and all(isinstance(item, int) for item in value):
            entities = self.sudo().browse(value).exists().commercial_partner_id.ids
            found = live & Domain(field, "in", entities)
        else:
            found = live & Domain("referrer_id", operator, value)
        return Domain("id", "in", self._referred_of(referral, found))

    def _referred_of(self, referral, domain):
        """The commercial entities brought by some referrals, as a subquery."""
        query = referral._search(domain & Domain("referred_id", "!=", False))
        return SQL(
            """(SELECT person.commercial_partner_id FROM res_partner person
                 WHERE person.id IN %s)""",
            query.subselect("referred_id"),
        )

    def _search_value_referral_count(self, operator, value):
        return self._search_by_count(LIVE, operator, value)

    def _search_value_brought_count(self, operator, value):
        return self._search_by_count(EARNED, operator, value)

    def _search_by_count(self, states, operator, value):
        """Odoo leaves it to a search of one's own whether the field may be read."""
        self._check_field_access(self._fields["value_referral_count"], "read")
        if operator not in ("in", ">", ">=", "<", "<="):
            return NotImplemented
        compare = (
            SQL("= ANY(%s)", [int(item or 0) for item in value])
            if operator == "in"
            else SQL("%s %s", SQL(operator), value)
        )
        self.env["customer.referral"].flush_model()
        found = self.env.execute_query(
            SQL(
                """
                SELECT entity.id
                  FROM res_partner entity
             LEFT JOIN (SELECT link.referrer, COUNT(DISTINCT link.referred) AS number
                          FROM (%s) link WHERE link.company_id = %s
                      GROUP BY link.referrer) counted ON counted.referrer = entity.id
                 WHERE entity.commercial_partner_id = entity.id
                   AND COALESCE(counted.number, 0) %s
                """,
                self._links_sql(states),
                self.env.company.id,
                compare,
            )
        )
        return [("commercial_partner_id", "in", [row[0] for row in found])]

    @api.model
    def _search_display_name(self, operator, value):
        """Where a referrer is chosen, also by phone and share code."""
        domain = super()._search_display_name(operator, value)
        if (
            not self.env.context.get(SEARCH_REFERRER)
            or operator in Domain.NEGATIVE_OPERATORS
            or not isinstance(value, str)
            or len(value.strip()) < 3
        ):
            return domain
        self.flush_model(["phone"])  # its search is written in SQL
        links = self.env["link.tracker"].sudo()._share_links([value], self.env.company)
        return (
            Domain(domain)
            | Domain("phone_mobile_search", "ilike", value)
            | Domain("id", "in", links.value_partner_id.ids)
        )

    # ------------------------------------------------------------------- actions

    def action_open_referrals(self):
        """From the smart button: everybody whom this customer brought."""
        self.ensure_one()
        entity = self.commercial_partner_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Brought by %s", entity.display_name),
            "res_model": "customer.referral",
            "view_mode": "list,kanban,form",
            "domain": [
                ("referrer_id.commercial_partner_id", "=", entity.id),
                ("company_id", "=", self.env.company.id),
            ],
            "context": {"default_referrer_id": self.id},
        }

    def action_open_referral_tree(self):
        """Who brought this customer, and whom it brought, as a tree."""
        self.ensure_one()
        entity = self.commercial_partner_id
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_value.res_partner_action_referral_tree"
        )
        return {
            **action,
            "domain": [("id", "=", entity.id)],
            "context": {},
        }


class CustomerReferral(models.Model):
    _inherit = "customer.referral"

    def _correct_referrer(self, referrer):
        """Of a credited referral, from the contact's form.

        Only while nothing came of it, and not what a document says.
        """
        self.ensure_one()
        if self.res_model or self.state not in ("pending", "flagged"):
            raise UserError(
                self.env._(
                    "%s: the credit is given. Open the referral to correct it.",
                    self.display_name,
                )
            )
        self.referrer_id = referrer
