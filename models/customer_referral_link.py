import random
from base64 import b64encode

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.qr import qr_svg
from .res_partner import GROUP

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without those that are mistaken for one another when they are told."""

LENGTH = 6


class LinkTracker(models.Model):
    """A customer's personal share link: a tracked link that bears his code.

    Clicks are counted by ``link_tracker`` itself, once for an address. Whoever comes by
    it bears its UTM source, and so do the opportunities and orders that follow.
    """

    _inherit = "link.tracker"

    value_partner_id = fields.Many2one(
        "res.partner",
        string="Shared by",
        index="btree_not_null",
        ondelete="cascade",
        groups=GROUP,
        help="The customer whose personal share link this is.",
    )
    value_company_id = fields.Many2one(
        "res.company",
        string="Shared for",
        index="btree_not_null",
        ondelete="cascade",
        groups=GROUP,
    )
    value_code = fields.Char(
        string="Share Code",
        index="btree_not_null",
        groups=GROUP,
        help="Told at the till or by phone it does the same as the link.",
    )

    @api.model
    def _share_links(self, codes, company):
        """The links that bear these codes, however they were written."""
        return self.search(
            [
                ("value_code", "in", [code.strip().upper() for code in codes]),
                ("value_company_id", "=", company.id),
            ]
        )

    @api.model
    def _make_share_link(self, partner, company):
        """The link of a customer, made when it is first asked for."""
        known = self.search(
            [
                ("value_partner_id", "=", partner.id),
                ("value_company_id", "=", company.id),
            ],
            limit=1,
        )
        if known:
            return known
        code = self._unused_share_code()
        source = self.env["utm.source"].create({"name": f"Friend {code}"})
        url = company.value_referral_landing or company.get_base_url()
        link = self.create(
            {
                "url": url,
                "title": self.env._("Share link %s", code),
                "label": code,
                "source_id": source.id,
                "medium_id": self._share_medium().id,
                "value_partner_id": partner.id,
                "value_company_id": company.id,
                "value_code": code,
            }
        )
        link.code = code
        return link

    def _share_medium(self):
        mediums = self.env["utm.medium"]
        known = mediums.search([("name", "=", "Referral")], limit=1)
        return known or mediums.create({"name": "Referral"})

    def _unused_share_code(self):
        codes = self.env["link.tracker.code"]
        while True:
            code = "".join(random.choices(LETTERS, k=LENGTH))
            if not codes.search_count([("code", "=", code)], limit=1):
                return code


class ResPartner(models.Model):
    _inherit = "res.partner"

    value_share_link_id = fields.Many2one(
        "link.tracker",
        string="Share Link",
        compute="_compute_value_share",
        compute_sudo=True,
        groups=GROUP,
    )
    value_share_url = fields.Char(
        string="Share Address",
        compute="_compute_value_share",
        compute_sudo=True,
        exportable=False,
        groups=GROUP,
    )
    value_share_code = fields.Char(
        string="Share Code",
        compute="_compute_value_share",
        compute_sudo=True,
        search="_search_value_share_code",
        groups=GROUP,
        help="Told at the till or by phone it does the same as the link.",
    )
    value_share_qr = fields.Char(
        string="Share QR Code",
        compute="_compute_value_share_qr",
        exportable=False,
        groups=GROUP,
    )
    value_share_clicks = fields.Integer(
        string="Share Link Clicks",
        compute="_compute_value_share",
        compute_sudo=True,
        groups=GROUP,
    )

    @api.depends_context("company")
    def _compute_value_share(self):
        """One link of one's own; two contacts of a company share apart."""
        links = self.env["link.tracker"].search(
            [
                ("value_partner_id", "in", self._origin.ids),
                ("value_company_id", "=", self.env.company.id),
            ]
        )
        by_partner = {link.value_partner_id.id: link for link in links}
        for partner in self:
            link = by_partner.get(partner._origin.id, links.browse())
            url = link.short_url if link else False
            partner.value_share_link_id = link
            partner.value_share_url = url
            partner.value_share_code = link.value_code
            partner.value_share_clicks = link.count

    @api.depends("value_share_url")
    @api.depends_context("company")
    def _compute_value_share_qr(self):
        """The picture itself: nothing is asked for that this server may not draw."""
        for partner in self:
            url = partner.value_share_url
            picture = url and b64encode(qr_svg(url).encode()).decode()
            partner.value_share_qr = url and f"data:image/svg+xml;base64,{picture}"

    def _search_value_share_code(self, operator, value):
        self._check_field_access(self._fields["value_share_code"], "read")
        if operator not in ("in", "=", "ilike", "=ilike", "like"):
            return NotImplemented
        values = [value] if isinstance(value, str) else list(value)
        codes = [code.strip().upper() for code in values if code]
        links = (
            self.env["link.tracker"]
            .sudo()
            ._search(
                [
                    ("value_code", "in", codes),
                    ("value_company_id", "=", self.env.company.id),
                ]
            )
        )
        return [("id", "in", links.subselect(SQL("value_partner_id")))]

    def action_make_share_link(self):
        """Make the personal link; whoever may read the contact may hand it out."""
        self.ensure_one()
        self.check_access("read")
        self._check_field_access(self._fields["value_share_url"], "read")
        self.env["link.tracker"].sudo()._make_share_link(self, self.env.company)
        self.invalidate_recordset()
