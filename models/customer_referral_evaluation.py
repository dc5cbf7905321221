from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..tools.referral import Facts, due_day, last_day, verdict
from ..tools.window import local_today
from .customer_referral import EARNED, LIVE
from .customer_referral_facts import household

BATCH = 1000
"""Referrals looked at together: about a second."""

CAP_DAYS = 365
FINAL_DAYS = 365
"""A reward that stood so long is not looked at any more."""


class CustomerReferral(models.Model):
    _inherit = "customer.referral"

    # ---------------------------------------------------------------------- cron

    @api.model
    def _cron_evaluate(self):
        """Take up what documents say, look at every open referral, give rewards."""
        self._collect()
        ids = self._open_ids()
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(ids))
        for start in range(0, len(ids), BATCH):
            batch = self.browse(ids[start : start + BATCH])
            batch._evaluate()
            batch._give_rewards()
            if not cron._commit_progress(len(batch)):
                break

    @api.model
    def _open_ids(self):
        """Oldest first, so that one batch finds the credits of the one before."""
        found = self.env.execute_query(
            SQL(
                """
                SELECT id FROM customer_referral
                 WHERE state IN ('pending', 'flagged', 'qualified')
                    OR (state = 'rewarded' AND rewarded_on > CURRENT_DATE - %s)
                    OR (state = 'void' AND reason = 'not_first')
              ORDER BY date, id
                """,
                FINAL_DAYS,
            )
        )
        return [row[0] for row in found]

    # ---------------------------------------------------------------- evaluation

    def _evaluate(self):
        """Find the state of each of these, by the facts of all of them at once."""
        referrals = self.sudo().with_context(active_test=False)
        self.env.flush_all()
        referrals._refresh_people()
        self.env.flush_all()
        referrals = referrals._with_siblings()
        rows = referrals._rows()
        found = referrals._verdicts(rows)
        referrals._write_found(found)

    def _verdicts(self, rows):
        """``{referral id: values to write}``, by the order in which they were made."""
        purchases = self._purchases_of(rows)
        credits, earned = self._credits_above(rows), self._earned_before(rows)
        used = self._used_cards(rows)
        companies = self.company_id
        rules = {company.id: company._referral_rules() for company in companies}
        today = {company.id: local_today(company.value_tz) for company in companies}
        found = {}
        for row in rows:
            company_id = row["company_id"]
            bought = purchases.get(row["id"], {})
            facts = self._facts(row, bought, credits, earned, used)
            if self._is_final(row, today[company_id]):
                state, reason = row["state"], row["reason"]
            else:
                state, reason = verdict(facts, rules[company_id], today[company_id])
                if reason == "to_reward" and row["reason"] == "reward_failed":
                    reason = "reward_failed"
                found[row["id"]] = {
                    "state": state,
                    "reason": reason or False,
                    **self._found_of(row, bought, rules[company_id]),
                    "first_id": self._first_id(row, credits)
                    if reason == "not_first"
                    else False,
                }
            self._take_note(row, state, credits, earned)
        return found

    def _is_final(self, row, today):
        if row["state"] == "void":
            return row["reason"] not in ("not_first", None)
        if row["state"] == "rewarded":
            return row["rewarded_on"] <= today - timedelta(days=FINAL_DAYS)
        return False

    def _facts(self, row, bought, credits, earned, used):
        is_lead = row["res_model"] == "crm.lead" or row["lead_id"]
        return Facts(
            day=row["date"],
            decision=row["decision"],
            withdrawn=not row["referrer_id"] and not row["code"],
            document_gone=not row["referred_id"]
            and not row["lead_id"]
            and row["res_model"] in (None, "crm.lead"),
            referrer_known=bool(row["referrer_id"]),
            referrer_archived=row["giver_active"] is False,
            referred_known=bool(row["referred_id"] or is_lead),
            same_person=bool(row["referrer_id"])
            and row["referrer_id"] == row["referred_id"],
            circular=self._is_circular(row, credits),
            not_first=bool(self._first_id(row, credits)),
            bought_before=bool(bought.get("before")),
            household=household(row)
            if self._checks_household(row["company_id"])
            else None,
            bought_less=bought.get("best") is not None,
            purchase_day=bought.get("day"),
            earned=self._earned_in_year(row, earned),
            reward_used=used(row) if row["rewarded_on"] else None,
        )

    def _checks_household(self, company_id):
        return self.env["res.company"].browse(company_id).value_referral_household

    def _first_id(self, row, credits):
        """Who holds the credit for this customer, said before."""
        credit = row["taker_entity"] and credits.get(
            (row["company_id"], row["taker_entity"])
        )
        return credit[1] if credit and credit[1] != row["id"] else None

    def _is_circular(self, row, credits):
        """Whether the referrer was, at whatever distance, brought by this customer.

        Only what was said before counts: of a circle the last link is refused.
        """
        entity, target = row["giver_entity"], row["taker_entity"]
        if not (entity and target) or entity == target:
            return False
        said, seen = (row["date"], row["id"]), set()
        while entity not in seen:
            seen.add(entity)
            credit = credits.get((row["company_id"], entity))
            if not credit or credit[:2] >= said:
                return False
            entity = credit[2]
            if entity == target:
                return True
        return False

    def _earned_in_year(self, row, earned):
        days = earned.get((row["company_id"], row["giver_entity"]), ())
        first = row["date"] - timedelta(days=CAP_DAYS)
        return sum(first < day <= row["date"] for day in days)

    def _take_note(self, row, state, credits, earned):
        """What those that were made later have to know of this one."""
        if state in LIVE and row["taker_entity"] and row["giver_entity"]:
            credits.setdefault(
                (row["company_id"], row["taker_entity"]),
                (row["date"], row["id"], row["giver_entity"]),
            )
        if state in EARNED:
            key = (row["company_id"], row["giver_entity"])
            earned[key] = [*earned.get(key, ()), row["date"]]

    def _found_of(self, row, bought, rules):
        """The purchase that counts, and the days on which something is due."""
        day = bought.get("day")
        return {
            "purchase_model": bought.get("model") or False,
            "purchase_id": bought.get("res_id") or False,
            "purchase_date": day or False,
            "purchase_amount": bought.get("amount") or 0.0,
            "deadline": last_day(row["date"], rules),
            "qualified_on": due_day(day, rules) if day else False,
        }

    def _write_found(self, found):
        """Write what changed; referrals with the same values together."""
        alike = {}
        for referral in self.browse(found):
            changed = {
                name: value
                for name, value in found[referral.id].items()
                if not self._is_same(referral, name, value)
            }
            if changed:
                key = tuple(sorted(changed.items(), key=lambda item: item[0]))
                alike[key] = alike.get(key, self.browse()) | referral
        for values, referrals in alike.items():
            referrals._before_change(dict(values))
            referrals.write(dict(values))

    def _is_same(self, referral, name, value):
        present = referral[name]
        field = self._fields[name]
        if field.type == "monetary":
            return referral.currency_id.compare_amounts(present, value) == 0
        if field.type == "many2one":
            present = present.id
        return (present or False) == (value or False)

    def _before_change(self, values):
        """A reward whose ground is gone, and that is unused, is withdrawn."""
        if values.get("reason") == "reward_withdrawn":
            self._withdraw_rewards()
