import logging

import psycopg2.extensions

from odoo import api, models

from ..tools.window import local_today

_logger = logging.getLogger(__name__)


class CustomerValueFollowing(models.AbstractModel):
    """What is worked out of documents beside the score: stages, closeness, profiles.

    In SQL, and written only where something changed: every night for everybody, since
    time alone moves it, and for some customers soon after they were scored
    (``customer.value.dirty``). Nobody's score waits for it. A model that inherits this
    says how, in :meth:`_update`.
    """

    _name = "customer.value.following"
    _description = "What Follows From Documents"

    @api.model
    def _update(self, company, as_of, ids=None):
        """Bring a company's customers up to date.

        :param ids: commercial entities, everybody if None
        """
        raise NotImplementedError

    @api.model
    def _companies(self):
        """Those with an active value model, and those that had one."""
        value_models = self.env["customer.value.model"].sudo()
        kept = self.env["customer.loyalty.state"].sudo()
        had = [company for (company,) in kept._read_group([], ["company_id"])]
        active = value_models.search([("state", "=", "active")]).company_id
        return active.union(*had)

    @api.model
    def _cron_nightly(self):
        """Everybody; a company that somebody else works on is done in a later call."""
        companies = self._companies()
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(companies))
        for company in companies:
            done = 1
            try:
                self._update_company(company)
            except psycopg2.extensions.TransactionRollbackError:
                self.env.cr.rollback()
                _logger.info("%s of %s: later", self._description, company.name)
                done = 0
            if not cron._commit_progress(done):
                break

    @api.model
    def _update_company(self, company):
        self._update(company, local_today(company.value_tz))

    @api.model
    def _update_some(self, entities):
        """Bring some customers up to date in all companies."""
        for company in self._companies():
            self._update(company, local_today(company.value_tz), entities)

    @api.model
    def _follow(self, entities):
        """All that follows, for customers who were scored."""
        followers = self.env.registry.descendants([self._name], "_inherit")
        for name in sorted(followers - {self._name}):
            self.env[name]._update_some(entities)
