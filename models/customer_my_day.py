from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.window import local_today
from .care_sql import stake_sql
from .entity_fields import OF_DOCUMENT

KINDS = [("case", "Case"), ("promise", "Promise"), ("activity", "Activity")]
PLACES = len(KINDS)


class CustomerMyDay(models.Model):
    """What a salesperson has to do today, most at stake first.

    A view over three things: the cases the reader is in charge of, the promises that
    were due, the activities that are due. Each is read through its own model, so its
    record rules hold; an activity on one of those cases stands on the case's line.
    """

    _name = "customer.my.day"
    _description = "My Day"
    _auto = False
    _order = "value_at_stake desc, date, id"

    kind = fields.Selection(KINDS, readonly=True)
    name = fields.Char(string="What", readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    user_id = fields.Many2one("res.users", readonly=True)
    date = fields.Date(string="Due", readonly=True)
    detail = fields.Char(compute="_compute_detail", string="About")
    is_gain = fields.Boolean(readonly=True)
    value_at_stake = fields.Monetary("Value at Stake", readonly=True)
    tier_id = fields.Many2one("customer.value.tier", readonly=True)
    tier_color = fields.Char(related="tier_id.color")
    score = fields.Integer(readonly=True, aggregator="avg")

    # ------------------------------------------------------------------ reading

    @property
    def _table_query(self):
        parts = [self._cases_sql(), self._activities_sql(), self._promises_sql()]
        return SQL(
            """
            SELECT line.*, score.tier_id, FLOOR(score.score + 0.5)::int AS score,
                   company.currency_id,
                   GREATEST(COALESCE(line.stake, %(stake)s, 0), 0) AS value_at_stake
              FROM (%(lines)s) line
         LEFT JOIN customer_value_score score
                ON score.partner_id = line.partner_id
               AND score.company_id = line.company_id AND %(readable)s
         LEFT JOIN res_company company ON company.id = line.company_id
            """,
            lines=SQL(" UNION ALL ").join(parts),
            stake=stake_sql(SQL("score.model_id"), SQL("score.raw")),
            readable=self._readable_scores_sql(),
        )

    def _readable_scores_sql(self):
        """A document of the reader may be about a customer whom he may not read."""
        contacts = self.env["res.partner"].with_context(**{OF_DOCUMENT: True})
        scores = self.env["customer.value.score"]
        return contacts._entity_readable_sql("line", "score", scores)

    def _today(self):
        return local_today(self.env.company.value_tz)

    def _of_me(self, model_name, domain):
        """The ids of the reader's records that he may read, as a subselect."""
        mine = Domain("user_id", "=", self.env.uid) & Domain(domain)
        return self.env[model_name]._search(mine).subselect()

    def _cases_sql(self):
        """Due with the first activity planned on them, else since they were given."""
        return SQL(
            """
            SELECT care.id * %(places)s AS id, 'case' AS kind,
                   %(name)s AS name, 'customer.care.case' AS res_model,
                   care.id AS res_id, care.partner_id, care.company_id, care.user_id,
                   COALESCE(planned.date, care.date_assigned, care.date) AS date,
                   care.is_gain, care.value_at_stake AS stake
              FROM customer_care_case care
              JOIN customer_care_rule rule ON rule.id = care.rule_id
         LEFT JOIN LATERAL (
                    SELECT MIN(date_deadline) AS date FROM mail_activity
                     WHERE res_model = 'customer.care.case' AND res_id = care.id
                       AND active) planned ON TRUE
             WHERE care.id IN %(mine)s
            """,
            places=PLACES,
            name=self._rule_name(),
            mine=self._of_me("customer.care.case", self._cases_domain()),
        )

    def _cases_domain(self):
        return Domain("state", "=", "open") & Domain(
            "company_id", "in", self.env.companies.ids
        )

    def _rule_name(self):
        """In the reader's language."""
        rules = self.env["customer.care.rule"]
        return rules._field_to_sql("rule", "name")

    def _activities_sql(self):
        """Due ones, but for those on a case or of a promise: these are shown anyway."""
        due = (
            Domain("active", "=", True)
            & Domain("date_deadline", "<=", self._today())
            & (
                Domain("res_model", "!=", "customer.care.case")
                | Domain("res_model", "=", False)
            )
        )
        return SQL(
            """
            SELECT activity.id * %(places)s + 1 AS id, 'activity' AS kind,
                   COALESCE(NULLIF(activity.summary, ''), %(type)s) AS name,
                   activity.res_model, activity.res_id,
                   customer.commercial_partner_id AS partner_id,
                   %(company)s AS company_id, activity.user_id,
                   activity.date_deadline AS date, FALSE AS is_gain,
                   NULL::numeric AS stake
              FROM mail_activity activity
         LEFT JOIN mail_activity_type kind ON kind.id = activity.activity_type_id
         LEFT JOIN sale_order quotation ON activity.res_model = 'sale.order'
               AND quotation.id = activity.res_id
         LEFT JOIN crm_lead lead ON activity.res_model = 'crm.lead'
               AND lead.id = activity.res_id
         LEFT JOIN account_move invoice ON activity.res_model = 'account.move'
               AND invoice.id = activity.res_id
         LEFT JOIN customer_feedback said ON activity.res_model = 'customer.feedback'
               AND said.id = activity.res_id
         LEFT JOIN res_partner customer ON customer.id = COALESCE(
                   quotation.partner_id, lead.partner_id, invoice.partner_id,
                   said.partner_id, CASE WHEN activity.res_model = 'res.partner'
                                         THEN activity.res_id END)
             WHERE activity.id IN %(mine)s AND NOT EXISTS (
                   SELECT 1 FROM customer_touchpoint promise
                    WHERE promise.promise_reminder_id = activity.id
                      AND promise.promise_state = 'open')
            """,
            places=PLACES,
            type=self.env["mail.activity.type"]._field_to_sql("kind", "name"),
            company=self.env.company.id,
            mine=self._of_me("mail.activity", due),
        )

    def _promises_sql(self):
        """What the reader promised, and the day is over."""
        overdue = Domain("promise_overdue", "=", True) & Domain(
            "company_id", "in", self.env.companies.ids
        )
        return SQL(
            """
            SELECT touch.id * %(places)s + 2 AS id, 'promise' AS kind,
                   COALESCE(NULLIF(touch.note, ''), %(promise)s) AS name,
                   'customer.touchpoint' AS res_model,
                   touch.id AS res_id,
                   customer.commercial_partner_id AS partner_id, touch.company_id,
                   touch.user_id, touch.promise_due AS date, FALSE AS is_gain,
                   NULL::numeric AS stake
              FROM customer_touchpoint touch
         LEFT JOIN res_partner customer ON customer.id = touch.partner_id
             WHERE touch.id IN %(mine)s
            """,
            places=PLACES,
            promise=self.env._("Promise"),
            mine=self._of_me("customer.touchpoint", overdue),
        )

    @api.depends("kind", "res_model", "res_id")
    @api.depends_context("lang")
    def _compute_detail(self):
        """In words: what the line is about, as far as the reader may read it."""
        for model_name, lines in self.grouped("res_model").items():
            documents = self.env.get(model_name, self.env["mail.activity"])
            documents = documents.browse(lines.mapped("res_id")).exists()
            readable = documents._filtered_access("read")
            by_id = {document.id: document for document in readable}
            for line in lines:
                line.detail = line._about(by_id.get(line.res_id))

    def _about(self, document):
        if document and self.kind == "case":
            return document.change_text
        if document and self.kind == "activity" and document._name != "res.partner":
            return document.display_name
        return ""

    # ------------------------------------------------------------------ actions

    def _document(self):
        """The record behind the line; of an activity the one it is planned on."""
        self.ensure_one()
        if not self.res_model or self.res_model not in self.env:
            return self.env["mail.activity"]
        return self.env[self.res_model].browse(self.res_id).exists()

    def _activity(self):
        return self.env["mail.activity"].browse(self.id // PLACES)

    def action_open(self):
        """The document of the line."""
        document = self._document()
        if not document:
            raise UserError(self.env._("There is no document behind this line."))
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "view_mode": "form",
        }

    def action_done(self):
        """Close the case with an outcome, keep the promise, do the activity."""
        self.ensure_one()
        if self.kind == "case":
            return self._document().action_close()
        if self.kind == "promise":
            self._document().action_keep_promise()
        else:
            self._activity().action_done()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_snooze(self):
        """Put it off: a case with a reason, the others until next week."""
        self.ensure_one()
        if self.kind == "case":
            return self._document().action_snooze()
        later = fields.Date.add(self._today(), days=7)
        if self.kind == "promise":
            self._document().promise_due = later
        else:
            self._activity().date_deadline = later
        return {"type": "ir.actions.client", "tag": "soft_reload"}
