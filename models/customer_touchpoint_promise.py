from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import plaintext2html
from odoo.tools.misc import format_date

from ..tools.window import local_today

PROMISE_STATES = [
    ("open", "Open"),
    ("kept", "Kept"),
    ("broken", "Broken"),
]
REMINDERS_A_DAY = 20
"""For one person: whoever owes more is told of the oldest first, and knows anyway."""


class CustomerTouchpoint(models.Model):
    """Promises: who keeps them, until when, and whether they were kept."""

    _inherit = "customer.touchpoint"

    promise_due = fields.Date(
        string="Due", help="The last day on which the promise is kept in time."
    )
    promise_state = fields.Selection(
        PROMISE_STATES,
        string="Promise",
        compute="_compute_promise_state",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
    )
    promise_date = fields.Date(
        string="Kept or Broken On",
        compute="_compute_promise_date",
        store=True,
        readonly=False,
        copy=False,
    )
    promise_overdue = fields.Boolean(
        string="Overdue",
        compute="_compute_promise_overdue",
        search="_search_promise_overdue",
        help="Open, and the day it was due is over.",
    )
    promise_days = fields.Integer(
        string="Days Overdue",
        compute="_compute_promise_overdue",
        aggregator=None,
        help="Since it was due; negative: days that are left.",
    )
    promise_reminded = fields.Date(
        string="Reminded On",
        readonly=True,
        copy=False,
        help="The owner of an overdue promise is reminded once.",
    )
    promise_reminder_id = fields.Many2one(
        "mail.activity",
        string="Reminder",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    _promise_index = models.Index(
        "(company_id, promise_due) WHERE promise_state = 'open'"
    )

    # ------------------------------------------------------------------ computes

    @api.depends("kind")
    def _compute_promise_state(self):
        for touchpoint in self:
            is_promise = touchpoint.kind == "promise"
            touchpoint.promise_state = is_promise and (
                touchpoint.promise_state or "open"
            )

    @api.depends("promise_state")
    def _compute_promise_date(self):
        """The day it was said; another one may be entered."""
        for touchpoint in self:
            if touchpoint.promise_state in ("kept", "broken"):
                touchpoint.promise_date = touchpoint._today()
            else:
                touchpoint.promise_date = False

    @api.depends("promise_state", "promise_due", "company_id")
    def _compute_promise_overdue(self):
        for touchpoint in self:
            is_open = touchpoint.promise_state == "open" and touchpoint.promise_due
            days = (
                (touchpoint._today() - touchpoint.promise_due).days if is_open else 0
            )
            touchpoint.promise_days = days
            touchpoint.promise_overdue = days > 0

    def _search_promise_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(
            self._overdue_domain() if wanted else ~self._overdue_domain()
            for wanted in value
        )

    @api.model
    def _overdue_domain(self):
        """Open promises whose day is over where their company is."""
        companies = self.env["res.company"].sudo().search([])
        by_day = companies.grouped(lambda company: local_today(company.value_tz))
        return Domain("promise_state", "=", "open") & Domain.OR(
            Domain("company_id", "in", there.ids) & Domain("promise_due", "<", day)
            for day, there in by_day.items()
        )

    def _today(self):
        company = self.company_id or self.env.company
        return local_today(company.sudo().value_tz)

    # --------------------------------------------------------------- constraints

    @api.constrains("kind", "promise_due", "user_id", "date")
    def _check_promise(self):
        for promise in self.filtered(lambda one: one.kind == "promise"):
            if not promise.promise_due:
                raise ValidationError(
                    self.env._(
                        "Until when? A promise needs the day on which it is due."
                    )
                )
            if not promise.user_id:
                raise ValidationError(
                    self.env._("Who keeps it? A promise needs one of us as its owner.")
                )
            if promise.promise_due < promise.date.date() - timedelta(days=1):
                raise ValidationError(
                    self.env._(
                        "The promise is due on %(due)s, before it was given on "
                        "%(given)s. Correct one of the days.",
                        due=format_date(self.env, promise.promise_due),
                        given=format_date(self.env, promise.date.date()),
                    )
                )

    @api.constrains("kind", "promise_state", "promise_date")
    def _check_promise_state(self):
        for touchpoint in self:
            if touchpoint.promise_state and touchpoint.kind != "promise":
                raise ValidationError(
                    self.env._("Only a promise can be kept or broken.")
                )
            if touchpoint.promise_date and touchpoint.promise_date > touchpoint._today():
                raise ValidationError(
                    self.env._(
                        "A promise is marked as kept or broken when it is, not before."
                    )
                )

    # ---------------------------------------------------------------------- CRUD

    def write(self, vals):
        """Another day or owner is a new start: then the new owner may be reminded."""
        if "promise_due" in vals or "user_id" in vals:
            vals = {**vals, "promise_reminded": False}
        result = super().write(vals)
        if not {"promise_due", "user_id", "promise_state", "kind", "active"}.isdisjoint(
            vals
        ):
            self._drop_reminders()
        return result

    def unlink(self):
        self._reminders().unlink()
        return super().unlink()

    def _reminders(self):
        """Activities still planned; also those assigned to somebody else."""
        return self.sudo().promise_reminder_id.filtered("active")

    def _drop_reminders(self):
        """A reminder goes with its reason."""
        settled = self.filtered(
            lambda one: not (one.active and one.promise_overdue and one.promise_reminded)
        )
        settled._reminders().unlink()

    # ------------------------------------------------------------------- actions

    def action_keep_promise(self):
        self._settle_promises("kept")

    def action_break_promise(self):
        self._settle_promises("broken")

    def action_reopen_promise(self):
        self.filtered("promise_state").promise_state = "open"

    def _settle_promises(self, state):
        self.filtered(lambda one: one.promise_state == "open").promise_state = state

    # ----------------------------------------------------------------- reminding

    @api.model
    def _cron_remind_promises(self):
        """Remind the owners of overdue promises, once for each promise."""
        waiting = self._to_remind()
        self.env["ir.cron"]._commit_progress(remaining=len(waiting))
        for owner, promises in waiting.grouped("user_id").items():
            promises.with_context(lang=owner.lang)._remind()
            if not self.env["ir.cron"]._commit_progress(len(promises)):
                break

    @api.model
    def _to_remind(self):
        """Overdue promises of which nobody was reminded, the oldest of each owner."""
        waiting = self._read_group(
            self._overdue_domain() & Domain("promise_reminded", "=", False),
            ["user_id"],
            ["id:recordset"],
        )
        told = dict(
            self._read_group(
                [("promise_reminded", "=", fields.Date.today())],
                ["user_id"],
                ["__count"],
            )
        )
        chosen = self.browse()
        for owner, promises in waiting:
            room = max(REMINDERS_A_DAY - told.get(owner, 0), 0)
            if owner.active:
                chosen += promises.sorted(lambda one: (one.promise_due, one.id))[:room]
        return chosen

    def _remind(self):
        for promise in self:
            promise.promise_reminder_id = promise.partner_id.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=promise._today(),
                user_id=promise.user_id.id,
                summary=self.env._(
                    "Promise overdue since %s",
                    format_date(self.env, promise.promise_due),
                ),
                note=plaintext2html(promise.note or ""),
            )
        self.promise_reminded = fields.Date.today()
