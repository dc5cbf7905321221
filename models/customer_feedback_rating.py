from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

DAYS_BACK = 30
"""Older ratings become no complaint: the module may have come later than they did."""

BATCH = 200


class CustomerFeedback(models.Model):
    _inherit = "customer.feedback"

    @api.model
    def _cron_low_ratings(self):
        """A customer who rates us low has complained without typing it."""
        if "rating.rating" not in self.env:
            return
        remaining = len(self._low_ratings())
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        while remaining:
            taken = self._note_low_ratings(BATCH)
            remaining = max(remaining - taken, 0)
            time_left = self.env["ir.cron"]._commit_progress(taken, remaining=remaining)
            if not (time_left and taken):
                break

    @api.model
    def _note_low_ratings(self, limit=None):
        """Complaints of the low ratings that are none yet; returns how many."""
        rows = self._low_ratings(limit)
        ratings = self.env["rating.rating"].sudo().browse([row[0] for row in rows])
        values = []
        for rating, (__, company_id) in zip(ratings, rows, strict=True):
            with_company = self.with_company(company_id)
            values.append(with_company._of_rating(rating, company_id))
        self.sudo().create(values)
        return len(rows)

    @api.model
    def _low_ratings(self, limit=None):
        """``(rating, company)`` of consumed low ratings that are no complaint yet.

        The company is the contact's own, else the one whose document was rated.
        Anybody can create a rating; only what a customer filled in counts.
        """
        companies = self.env["res.company"].sudo().search([])
        limits = {
            company.id: company.value_feedback_rating
            for company in companies
            if company.value_feedback_rating
        }
        if not limits:
            return []
        ratings = (
            self.env["rating.rating"]
            .sudo()
            .search(
                [
                    ("consumed", "=", True),
                    ("rating", ">=", 1),
                    ("rating", "<=", max(limits.values())),
                    ("write_date", ">=", self._ratings_since()),
                    ("partner_id.partner_share", "=", True),
                    ("id", "not in", self._noted_ratings()),
                ],
                order="id",
            )
        )
        rows = []
        for rating in ratings:
            company_id = self._company_of_rating(rating)
            if rating.rating <= limits.get(company_id, 0):
                rows.append((rating.id, company_id))
        return rows[:limit]

    def _ratings_since(self):
        return fields.Datetime.now() - timedelta(days=DAYS_BACK)

    def _noted_ratings(self):
        """The ratings that became complaints, whatever became of these."""
        self.env["customer.feedback"].flush_model(["channel", "res_model", "res_id"])
        return SQL(
            "SELECT res_id FROM customer_feedback "
            "WHERE channel = 'rating' AND res_model = 'rating.rating'"
        )

    def _company_of_rating(self, rating):
        document = self.env.get(rating.res_model)
        company = rating.partner_id.company_id
        if not company and document is not None and "company_id" in document._fields:
            company = document.browse(rating.res_id).sudo().exists().company_id
        return (company or self.env.company).id

    def _of_rating(self, rating, company_id):
        """A complaint in the words of the rating."""
        return {
            "kind": "complaint",
            "channel": "rating",
            "partner_id": rating.partner_id.id,
            "company_id": company_id,
            "res_model": rating._name,
            "res_id": rating.id,
            "date": rating.rated_on or rating.write_date,
            "subject": self.env._(
                "Rated %(stars)s of 5: %(document)s",
                stars=round(rating.rating),
                document=rating.res_name or rating.partner_id.display_name,
            ),
            "description": rating.feedback,
        }
