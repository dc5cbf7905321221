import json

from odoo import api, fields, models
from odoo.tools import SQL

CASHIER = "point_of_sale.group_pos_user"
READ_APART = "value_badges_read_apart"


class CustomerValueScore(models.Model):
    _inherit = "customer.value.score"

    @api.model
    def _till_badges(self, partner_ids):
        """What a cashier may know of contacts: a tier and one human line, no money.

        One query however many contacts; whoever calls answers for who may see them.

        :return: ``{contact id: JSON text of {"tier", "color", "line"}}``, without the
            unscored
        """
        frequencies = self._till_frequencies()
        rows = self._till_rows(partner_ids, frequencies)
        tiers = self.env["customer.value.tier"].sudo().browse({row[1] for row in rows})
        words = {
            tier.id: {"tier": tier.name, "color": tier.color or ""} for tier in tiers
        }
        texts = {}
        for tier_id, trend, model_id, purchases in {row[1:] for row in rows}:
            line = self._till_line(trend, frequencies.get(model_id), purchases)
            texts[tier_id, trend, model_id, purchases] = json.dumps(
                {**words[tier_id], "line": line}
            )
        return {row[0]: texts[row[1:]] for row in rows}

    def _till_frequencies(self):
        """``{model id: indicator}``: the number of purchases, where it may show."""
        models_in_use = (
            self.env["customer.value.model"]
            .sudo()
            .search_fetch(
                [("company_id", "=", self.env.company.id), ("state", "=", "active")],
                ["rfm_frequency_id"],
            )
        )
        return {
            model.id: frequency
            for model in models_in_use
            if (frequency := model.rfm_frequency_id)
            and frequency.aggregate == "count"
            and not (
                frequency.confidential or frequency.decays or frequency.window_shift
            )
        }

    def _till_rows(self, partner_ids, frequencies):
        """``(contact, tier, trend, model, purchases)`` of the scored contacts."""
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        purchases = [
            SQL(
                "WHEN score.model_id = %(model)s AND score.states[%(slot)s] = 1 "
                "THEN score.raw[%(slot)s]::int",
                model=model_id,
                slot=indicator.slot,
            )
            for model_id, indicator in frequencies.items()
        ]
        return self.env.execute_query(
            SQL(
                """
                SELECT contact.id, score.tier_id, score.trend, score.model_id,
                       CASE %(purchases)s ELSE 0 END
                  FROM res_partner contact
                  JOIN customer_value_score score
                    ON score.partner_id = contact.commercial_partner_id
                   AND score.company_id = %(company)s
                 WHERE contact.id = ANY(%(contacts)s) AND score.tier_id IS NOT NULL
                """,
                purchases=SQL(" ").join([*purchases, SQL("WHEN FALSE THEN 0")]),
                company=self.env.company.id,
                contacts=list(partner_ids),
            )
        )

    def _till_line(self, trend, frequency, purchases):
        """For example “Rising · 12 purchases in 12 months”."""
        trends = {
            "up": self.env._("Rising"),
            "down": self.env._("Falling"),
            "new": self.env._("New"),
        }
        words = [trends[trend]] if trend in trends else []
        if purchases:
            words.append(self._till_purchases(frequency, purchases))
        return " · ".join(words)

    def _till_purchases(self, frequency, number):
        purchases = (
            self.env._("1 purchase")
            if number == 1
            else self.env._("%s purchases", number)
        )
        if not frequency.window_number:
            return purchases
        return self.env._(
            "%(purchases)s in %(window)s",
            purchases=purchases,
            window=self._till_window(frequency),
        )

    def _till_window(self, frequency):
        number = frequency.window_number
        if frequency.window_unit == "day":
            return self.env._("a day") if number == 1 else self.env._("%s days", number)
        if frequency.window_unit == "month":
            return (
                self.env._("a month")
                if number == 1
                else self.env._("%s months", number)
            )
        return self.env._("a year") if number == 1 else self.env._("%s years", number)


class ResPartner(models.Model):
    _inherit = "res.partner"

    value_badge = fields.Char(
        compute="_compute_value_badge",
        groups=CASHIER,
        exportable=False,
        help="What the till shows of a contact's value, as JSON text: a text costs a "
        "large till a fraction of what a JSON field would.",
    )

    @api.depends("commercial_partner_id")
    @api.depends_context("company", "lang")
    def _compute_value_badge(self):
        """With the engine's rights: cashiers have none on scores."""
        badges = self.env["customer.value.score"]._till_badges(self._origin.ids)
        alike = self.grouped(lambda partner: badges.get(partner._origin.id, False))
        for badge, partners in alike.items():
            partners.value_badge = badge

    @api.model
    def get_value_badges(self, partner_ids):
        """The present badges, for the till to renew those that it holds.

        The till keeps a contact's row until the contact itself is written, which a
        rescoring never does.

        :return: ``[{"id", "value_badge"}]`` of the contacts that the user may read
        """
        partners = self.browse(partner_ids).exists()._filtered_access("read")
        return partners.read(["value_badge"], load=False)

    @api.model
    def _load_pos_data_fields(self, config):
        """For cashiers: tills that customers use themselves (kiosks) load it not."""
        names = super()._load_pos_data_fields(config)
        if self.env.user.has_group(CASHIER) and not self.env.context.get(READ_APART):
            names.append("value_badge")
        return names

    @api.model
    def _load_pos_data_read(self, records, config):
        """All badges by one query: as a field they are read a thousand at a time."""
        without = self.with_context(**{READ_APART: True})
        rows = super(ResPartner, without)._load_pos_data_read(records, config)
        if "value_badge" in self._load_pos_data_fields(config):
            ids = [row["id"] for row in rows]
            badges = self.env["customer.value.score"]._till_badges(ids)
            for row in rows:
                row["value_badge"] = badges.get(row["id"], False)
        return rows

    def _invalidate_value_fields(self):
        self.invalidate_model(["value_badge"])
        return super()._invalidate_value_fields()
