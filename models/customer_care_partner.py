from odoo import api, fields, models

from .customer_care_engine import LIVE
from .res_partner import GROUP


class ResPartner(models.Model):
    """A contact shows the care cases of its commercial entity."""

    _inherit = "res.partner"

    value_case_count = fields.Integer(
        compute="_compute_value_cases", groups=GROUP, string="Care Cases"
    )
    value_case_id = fields.Many2one(
        "customer.care.case",
        compute="_compute_value_cases",
        search="_search_value_case_id",
        string="Open Case",
        groups=GROUP,
    )
    value_case_text = fields.Char(
        compute="_compute_value_cases", string="Open Case in Words", groups=GROUP
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "lang")
    def _compute_value_cases(self):
        """Of several cases under way the one with most at stake is named; those that
        were put off come last."""
        cases = self.env["customer.care.case"]
        here = [
            ("partner_id", "in", self.commercial_partner_id.ids),
            ("company_id", "=", self.env.company.id),
        ]
        counts = dict(cases._read_group(here, ["partner_id"], ["__count"]))
        found = cases.search([*here, ("state", "in", LIVE)])
        live = found.sorted(lambda case: case.state == "snoozed").grouped("partner_id")
        for partner in self:
            entity = partner.commercial_partner_id._origin
            first = live.get(entity, cases)[:1]
            partner.value_case_count = counts.get(entity, 0)
            partner.value_case_id = first
            partner.value_case_text = first and self.env._(
                "%(rule)s, day %(day)s",
                rule=first.sudo().rule_id.name,
                day=first.days_open,
            )

    def _search_value_case_id(self, operator, value):
        """Customers with a case under way, of contacts and their companies."""
        if operator != "in":
            return NotImplemented
        here = [("company_id", "=", self.env.company.id), ("state", "in", LIVE)]
        cases = self.env["customer.care.case"]
        ids = [number for number in value if number]
        with_none = False in value
        found = cases._search(here if with_none else [*here, ("id", "in", ids)])
        inside = "not in" if with_none else "in"
        domain = [("commercial_partner_id", inside, found.subselect("partner_id"))]
        if with_none and ids:
            named = cases._search([*here, ("id", "in", ids)]).subselect("partner_id")
            domain = ["|", *domain, ("commercial_partner_id", "in", named)]
        return domain

    def action_open_value_cases(self):
        """The cases of the contact's company, from the smart button."""
        self.ensure_one()
        entity = self.commercial_partner_id
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_value.customer_care_case_action"
        )
        return dict(
            action,
            name=self.env._("Care of %s", entity.display_name),
            view_mode="list,form",
            views=[(False, "list"), (False, "form")],
            domain=[
                ("partner_id", "=", entity.id),
                ("company_id", "=", self.env.company.id),
            ],
            context={},
        )

    def action_open_value_case(self):
        self.ensure_one()
        return self.value_case_id.action_open()

    def unlink(self):
        """Cases go with their discussions and activities, not in the database alone."""
        self.env["customer.care.case"].sudo().with_context(active_test=False).search(
            [("partner_id", "in", self.ids)]
        ).unlink()
        return super().unlink()
