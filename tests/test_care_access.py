"""Rights on care: whose cases one sees and changes, on screens and past them.

Every user asks the server himself, as a browser does and as a program does.
"""

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .rpc_common import RpcCommon
from .test_care_case import CaseCommon

CASE = "customer.care.case"
RULE = "customer.care.rule"
DAY_MODEL = "customer.my.day"
CLOSE = "customer.care.close"
SNOOZE = "customer.care.snooze"
PARTNER_FIELDS = ("value_case_count", "value_case_id", "value_case_text")
QUIET_LOGS = (
    "odoo.http",
    "odoo.addons.base.models.ir_model",
    "odoo.addons.base.models.ir_rule",
)
FIGURES = [
    f"kpi_value_{name}_value" for name in ("risers", "fallers", "at_risk", "recovered")
]
TABLES = (
    SQL("SELECT * FROM customer_care_case ORDER BY id"),
    SQL("SELECT * FROM customer_care_rule ORDER BY id"),
)


@tagged("post_install", "-at_install")
class TestCareAccess(RpcCommon, CaseCommon):
    """Cases of a seller, of another one, of nobody, of a customer whom the sellers may
    not read, and of another company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make = cls.make_seller
        cls.junior = make("care.junior", "sales_team.group_sale_salesman")
        cls.cashier = make("care.cashier", "point_of_sale.group_pos_user")
        cls.till_boss = make("care.tillboss", "point_of_sale.group_pos_manager")
        cls.plain = make("care.nogroup", "base.group_user")
        cls.care_rule = cls.rule(points=10, plan_id=cls.plan.id, name="Fell deeply")
        cls.mine = cls.fallen_case("Mine")
        cls.others = cls.fallen_case("Others", user_id=cls.other_seller.id)
        cls.nobodys = cls.fallen_case("Nobodys", user_id=False)
        cls.hidden = cls.fallen_case("Hidden")
        cls.hide_from_sellers(cls.hidden.partner_id)
        cls.foreign_setting()
        cls.strangers = cls.cashier | cls.till_boss | cls.plain
        readers = cls.seller | cls.other_seller | cls.junior | cls.manager
        exports = cls.env.ref("base.group_allow_export")
        exports.user_ids |= readers | cls.outsider | cls.strangers
        cls.env.flush_all()

    @classmethod
    def fallen_case(cls, name, rule=None, company=None, **vals):
        """The open case of a customer who fell from 75 to 60."""
        rule = rule or cls.care_rule
        model = cls.model if company is None else cls.foreign_model
        partner = cls.customer(name, **vals)
        cls.tell(partner, (9, 75), (1, 60), model=model)
        cls.evaluate(company=company)
        return cls.cases(rule, partner)

    @classmethod
    def hide_from_sellers(cls, partner):
        everybody = cls.env.ref("base.group_user")
        manager = cls.env.ref("customer_value.group_manager")
        for name, domain, group in (
            ("Hide", [("id", "!=", partner.id)], everybody),
            ("All", [(1, "=", 1)], manager),
        ):
            cls.env["ir.rule"].create(
                {
                    "name": name,
                    "model_id": cls.env["ir.model"]._get_id("res.partner"),
                    "domain_force": str(domain),
                    "groups": [Command.link(group.id)],
                }
            )

    @classmethod
    def foreign_setting(cls):
        other = cls.env["res.company"].create(
            {"name": "Elsewhere", "value_tz": "Europe/Madrid"}
        )
        cls.env.user.company_ids |= other
        cls.use_company(cls.company, other)
        cls.foreign_company = other
        cls.foreign_model = cls.make_scheme(other)
        cls.foreign_rule = cls.rule(points=10, company_id=other.id)
        cls.outsider = cls.make_seller(
            "care.outsider",
            "customer_value.group_manager,sales_team.group_sale_manager",
        )
        cls.outsider.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        cls.foreign = cls.fallen_case(
            "Foreign",
            rule=cls.foreign_rule,
            company=other,
            user_id=cls.outsider.id,
        )

    def image(self):
        """All cases and rules as they stand in their tables."""
        self.env.flush_all()
        return [self.env.execute_query_dict(table) for table in TABLES]

    # ------------------------------------------------------------- seeing cases

    def seen(self, user):
        """The cases a user comes by, in every way there is; all ways agree."""
        self.log_in(user)
        everything = self.mine | self.others | self.nobodys | self.hidden | self.foreign
        of_us = [("id", "in", everything.ids)]
        found = self.call(CASE, "search", of_us)
        by_way = {
            "read": [row["id"] for row in self.call(CASE, "read", found, ["score"])],
            "search_read": [
                row["id"] for row in self.call(CASE, "search_read", of_us, ["score"])
            ],
            "web_search_read": [
                row["id"]
                for row in self.call(
                    CASE, "web_search_read", of_us, {"causes": {}, "order_count": {}}
                )["records"]
            ],
            "name_search": [
                number for number, __ in self.call(CASE, "name_search", "", of_us)
            ],
            "program": self.call_as(user, CASE, "search", of_us),
        }
        for way, ids in by_way.items():
            self.assertEqual(set(ids), set(found), way)
        [group] = self.call(
            CASE, "formatted_read_group", of_us, [], ["__count", "score:max"]
        )
        self.assertEqual(group["__count"], len(found))
        grouped = self.call(
            CASE, "web_read_group", of_us, groupby=["partner_id"], aggregates=[]
        )
        self.assertEqual(len(grouped["groups"]), len(found))
        exported = self.call(CASE, "export_data", found, ["id", "change_text"])
        self.assertEqual(len(exported["datas"]), len(found))
        for case in everything.filtered(lambda case: case.id not in found):
            self.assertRefused(CASE, "read", case.ids, ["state"])
            self.assertRefused(CASE, "export_data", case.ids, ["state"])
            self.assertRefused(CASE, "web_read", case.ids, {"causes": {}})
        return self.env[CASE].browse(found)

    @mute_logger(*QUIET_LOGS)
    def test_who_sees_which_cases(self):
        open_to_us = self.mine | self.others | self.nobodys
        self.assertEqual(len(open_to_us | self.hidden | self.foreign), 5)
        for user, cases in (
            (self.seller, open_to_us),
            (self.junior, open_to_us),
            (self.manager, open_to_us | self.hidden),
            (self.outsider, self.foreign),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(self.seen(user), cases)

    @mute_logger(*QUIET_LOGS)
    def test_a_company_i_do_not_work_for_cannot_be_named(self):
        self.log_in(self.manager)
        self.assertRefused(
            CASE,
            "search_read",
            [],
            ["score"],
            context={"allowed_company_ids": self.foreign_company.ids},
        )

    @mute_logger(*QUIET_LOGS)
    def test_without_the_group_nothing_is_learnt(self):
        customer = self.mine.partner_id
        for user in self.strangers:
            self.log_in(user)
            for model in (CASE, RULE, DAY_MODEL, CLOSE, SNOOZE):
                self.assertRefused(model, "search_read", [], ["id"])
                self.assertRefused(model, "search_count", [])
                self.assertRefused(model, "name_search", "")
                self.assertRefused(model, "formatted_read_group", [], [], ["__count"])
                self.assertRefused(model, "create", [{}])
                self.assertRefusedAs(user, model, "search", [])
            for record in (self.mine, self.care_rule):
                self.assertRefused(record._name, "read", record.ids, ["id"])
                self.assertRefused(
                    record._name, "export_data", record.ids, ["display_name"]
                )
            for name in PARTNER_FIELDS:
                self.assertRefused("res.partner", "read", customer.ids, [name])
            self.assertRefused(
                "res.partner", "search", [("value_case_id", "!=", False)]
            )
            for button in ("action_take", "action_close", "action_check_now"):
                self.assertRefused(CASE, button, self.mine.ids)

    def test_the_contact_tells_what_the_reader_may_know(self):
        partners = self.mine.partner_id | self.hidden.partner_id
        found = [("value_case_id", "!=", False), ("id", "in", partners.ids)]
        self.log_in(self.seller)
        rows = self.call("res.partner", "search_read", found, [*PARTNER_FIELDS])
        self.assertEqual([row["id"] for row in rows], self.mine.partner_id.ids)
        self.assertEqual(rows[0]["value_case_count"], 1)
        self.assertIn("Fell deeply", rows[0]["value_case_text"])
        self.log_in(self.manager)
        self.assertEqual(self.call("res.partner", "search_count", found), 2)

    # -------------------------------------------------------- changing cases

    @mute_logger(*QUIET_LOGS)
    def test_what_was_found_stays_as_it_is(self):
        cases = self.env[CASE]
        by_people = cases._care_by_hand | cases._mail_fields()
        kept = [
            name
            for name, field in cases._fields.items()
            if field.store and name not in by_people and field.type != "one2many"
        ]
        self.assertLess(
            {"state", "outcome", "date", "former_score", "score", "days_to_recover"},
            set(kept),
        )
        before = self.image()
        for user in (self.seller, self.manager):
            self.log_in(user)
            for name in kept:
                vals = {name: False}
                self.assertRefused(CASE, "write", self.mine.ids, vals)
                self.assertRefused(CASE, "web_save", self.mine.ids, vals, {})
            vals = {
                "rule_id": self.care_rule.id,
                "partner_id": self.customer("New").id,
                "company_id": self.company.id,
                "date": "2026-01-01",
            }
            self.assertRefused(CASE, "create", [vals])
            self.assertRefused(CASE, "web_save", [], vals, {})
            self.assertRefused(CASE, "copy", self.mine.ids)
            self.assertRefusedAs(user, CASE, "write", self.mine.ids, {"score": 99})
            for method, args in (
                ("_close", ["recovered", "2026-01-01"]),
                ("_start", ["2026-01-01"]),
                ("_snooze", ["2030-01-01", "Later"]),
                ("_move_to", [[1], 2]),
            ):
                self.assertRefused(CASE, method, self.mine.ids, *args)
            self.assertRefused("customer.care.engine", "_evaluate", self.company.id)
            imported = self.call(
                CASE, "load", [".id", "score"], [[str(self.mine.id), "99"]]
            )
            self.assertFalse(imported["ids"])
        self.assertEqual(self.image(), before)

    @mute_logger(*QUIET_LOGS)
    def test_a_seller_works_on_his_own_and_on_what_is_nobodys(self):
        self.log_in(self.seller)
        for case in (self.others, self.hidden, self.foreign):
            self.assertRefused(CASE, "write", case.ids, {"user_id": self.seller.id})
            self.assertRefused(CASE, "unlink", case.ids)
            for button in (
                "action_take",
                "action_close",
                "action_snooze",
                "action_wake_up",
                "action_check_now",
            ):
                self.assertRefused(CASE, button, case.ids)
        self.assertRefused(CASE, "unlink", self.mine.ids)
        self.call(CASE, "action_take", self.nobodys.ids)
        self.call(CASE, "write", self.mine.ids, {"user_id": self.other_seller.id})
        self.env.invalidate_all()
        self.assertEqual(self.nobodys.user_id, self.seller)
        self.assertEqual(self.mine.activity_ids.user_id, self.other_seller)
        self.assertRefused(CASE, "action_take", self.mine.ids)

    @mute_logger(*QUIET_LOGS)
    def test_nobody_gets_a_case_of_a_company_he_does_not_work_for(self):
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "care.portal",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
            }
        )
        self.log_in(self.manager)
        for user in (portal, self.outsider):
            self.assertRefused(CASE, "write", self.mine.ids, {"user_id": user.id})
        self.call(CASE, "write", self.hidden.ids, {"user_id": self.manager.id})
        self.assertRefused(CASE, "action_take", self.foreign.ids)

    @mute_logger(*QUIET_LOGS)
    def test_a_closed_case_stays_with_who_took_care(self):
        self.mine._close("lost", self.today)
        self.env.flush_all()
        for user in (self.seller, self.manager):
            self.log_in(user)
            vals = {"user_id": self.other_seller.id}
            self.assertRefused(CASE, "write", self.mine.ids, vals)

    @mute_logger(*QUIET_LOGS)
    def test_the_dialogs(self):
        """They end and put off what one works on, and are one's own."""
        later = str(self.today + 9 * (self.today - self.mine.former_date))
        self.log_in(self.seller)
        for case in (self.others, self.hidden, self.foreign):
            ends = {"case_ids": [Command.set(case.ids)], "outcome": "lost"}
            puts_off = {"case_ids": ends["case_ids"], "until": later, "reason": "Why"}
            for model, vals in ((CLOSE, ends), (SNOOZE, puts_off)):
                # a dialog about a case one may not read is refused at once
                if case == self.others:
                    [wizard] = self.call(model, "create", [vals])
                    self.assertRefused(model, "action_apply", [wizard])
            self.env.invalidate_all()
            self.assertEqual(case.state, "open")
        ends = {"case_ids": [Command.set(self.mine.ids)], "outcome": "passed"}
        self.assertRefusedValue(CLOSE, ends)
        [wizard] = self.call(
            CLOSE, "create", [{**ends, "outcome": "lost", "note": "Too late"}]
        )
        self.log_in(self.other_seller)
        self.assertRefused(CLOSE, "read", [wizard], ["note"])
        self.assertRefused(CLOSE, "write", [wizard], {"outcome": "done"})
        self.assertRefused(CLOSE, "action_apply", [wizard])
        self.log_in(self.seller)
        self.call(CLOSE, "action_apply", [wizard])
        self.env.invalidate_all()
        self.assertEqual((self.mine.state, self.mine.outcome), ("closed", "lost"))

    @mute_logger(*QUIET_LOGS)
    def test_a_dialog_about_what_one_may_not_read_does_nothing(self):
        later = str(self.today + 9 * (self.today - self.mine.former_date))
        self.log_in(self.seller)
        for case in (self.hidden, self.foreign):
            cases = [Command.set(case.ids)]
            for model, vals in (
                (CLOSE, {"case_ids": cases, "outcome": "lost"}),
                (SNOOZE, {"case_ids": cases, "until": later, "reason": "Why"}),
            ):
                try:
                    [wizard] = self.call(model, "create", [vals])
                except Exception as error:
                    self.assertIn("Error", str(error))
                    continue
                row = self.call(model, "read", [wizard], ["case_ids"])[0]
                self.assertFalse(row["case_ids"])
                self.call(model, "action_apply", [wizard])
        self.env.invalidate_all()
        self.assertEqual({self.hidden.state, self.foreign.state}, {"open"})

    def assertRefusedValue(self, model, vals):
        """Refused by what the field can hold."""
        with self.assertRaisesRegex(Exception, "ValueError"):
            self.call(model, "create", [vals])

    # ----------------------------------------------------------------- rules

    @mute_logger(*QUIET_LOGS)
    def test_a_seller_changes_no_rule(self):
        before = self.image()
        for user in (self.seller, self.junior):
            self.log_in(user)
            rows = self.call(RULE, "search_read", [], ["name", "summary"])
            self.assertIn(self.care_rule.id, [row["id"] for row in rows])
            self.assertNotIn(self.foreign_rule.id, [row["id"] for row in rows])
            self.assertRefused(RULE, "write", self.care_rule.ids, {"daily_cap": 9})
            self.assertRefused(RULE, "web_save", self.care_rule.ids, {"name": "x"}, {})
            self.assertRefused(RULE, "unlink", self.care_rule.ids)
            self.assertRefused(RULE, "copy", self.care_rule.ids)
            self.assertRefused(RULE, "create", [{"name": "Mine", "code": "mine"}])
            self.assertRefusedAs(user, RULE, "write", self.care_rule.ids, {"name": "x"})
            for button in (
                "action_preview",
                "action_activate",
                "action_stop",
                "action_evaluate",
            ):
                self.assertRefused(RULE, button, self.care_rule.ids)
        self.assertEqual(self.image(), before)

    @mute_logger(*QUIET_LOGS)
    def test_no_rule_counts_that_nobody_looked_at(self):
        draft = self.rule(points=10, activate=False)
        unseen = [
            {"state": "active"},
            {"previewed_on": "2026-01-01"},
            {"preview": {"count": 0}},
            {"problem": "None"},
        ]
        self.log_in(self.manager)
        self.assertRefused(RULE, "action_activate", draft.ids)
        for vals in unseen:
            self.assertRefused(RULE, "write", draft.ids, vals)
            self.assertRefused(RULE, "web_save", draft.ids, vals, {})
            self.assertRefusedAs(self.manager, RULE, "write", draft.ids, vals)
        new = {"name": "New", "company_id": self.company.id}
        for vals in unseen[:2]:
            self.assertRefused(RULE, "create", [{**new, **vals}])
            self.assertRefused(RULE, "copy", draft.ids, vals)
            defaults = {f"default_{name}": value for name, value in vals.items()}
            self.assertRefused(RULE, "create", [new], context=defaults)
        self.env.invalidate_all()
        self.assertEqual(draft.state, "draft")
        self.call(RULE, "action_preview", draft.ids)
        self.call(RULE, "action_activate", draft.ids)
        self.assertRefused(RULE, "write", draft.ids, {"points": 1})
        self.env.invalidate_all()
        self.assertEqual((draft.state, draft.points), ("active", 10))
        self.call(RULE, "action_stop", draft.ids)
        self.call(RULE, "write", draft.ids, {"points": 1})
        # what it asks has changed: it has to be looked at again
        self.assertRefused(RULE, "action_activate", draft.ids)

    @mute_logger(*QUIET_LOGS)
    def test_rules_of_other_companies(self):
        self.log_in(self.manager)
        self.assertRefused(RULE, "read", self.foreign_rule.ids, ["name"])
        self.assertRefused(RULE, "write", self.foreign_rule.ids, {"daily_cap": 9})
        self.assertRefused(RULE, "action_evaluate", self.foreign_rule.ids)
        self.assertRefused(
            RULE, "create", [{"name": "x", "company_id": self.foreign_company.id}]
        )
        self.log_in(self.outsider)
        self.call(RULE, "write", self.foreign_rule.ids, {"daily_cap": 9})

    @mute_logger(*QUIET_LOGS)
    def test_a_confidential_measure_is_not_named(self):
        indicator = self.model.indicator_ids
        rule = self.rule(
            "band",
            name="Watch closely",
            indicator_id=indicator.id,
            band_id=indicator.band_ids.filtered(lambda band: band.points == 50).id,
        )
        partner = self.tell(self.customer("Confidential"), (9, 75), (1, 20))
        self.evaluate(rules=rule)
        case = self.cases(rule, partner)
        self.assertIn("“sales” fell below 50 points", case.change_text + rule.summary)
        indicator.sudo().confidential = True
        self.env.flush_all()
        self.env.invalidate_all()
        self.log_in(self.seller)
        self.assertRefused(RULE, "read", rule.ids, ["indicator_id"])
        self.assertNotIn(rule.id, self.call(RULE, "search", []))
        [row] = self.call(
            CASE, "web_read", case.ids, {"change_text": {}, "display_name": {}}
        )
        self.assertEqual(row["display_name"], "Confidential: Watch closely")
        self.assertNotIn("“sales”", row["change_text"])
        [row] = self.call("res.partner", "read", partner.ids, ["value_case_text"])
        self.assertIn("Watch closely", row["value_case_text"])
        self.log_in(self.manager)
        [row] = self.call(RULE, "read", rule.ids, ["indicator_id", "summary"])
        self.assertEqual(row["indicator_id"][0], indicator.id)
        self.assertIn("confidential", row["summary"])

    # ---------------------------------------------------------------- my day

    def lines(self, user):
        self.log_in(user)
        names = ["kind", "res_id", "score", "tier_id", "value_at_stake", "name"]
        return self.call(DAY_MODEL, "search_read", [], names)

    @mute_logger(*QUIET_LOGS)
    def test_my_day_is_mine(self):
        lines = {user: self.lines(user) for user in (self.seller, self.manager)}
        self.assertEqual(
            [(row["kind"], row["res_id"]) for row in lines[self.seller]],
            [("case", self.mine.id)],
        )
        self.assertFalse(lines[self.manager])
        [line] = lines[self.seller]
        self.log_in(self.other_seller)
        for method, *args in (
            ("action_done",),
            ("action_snooze",),
            ("action_open",),
            ("export_data", ["name"]),
        ):
            self.assertRefused(DAY_MODEL, method, [line["id"]], *args)
        self.assertFalse(self.call(DAY_MODEL, "read", [line["id"]], ["name"]))
        self.log_in(self.seller)
        self.assertRefused(DAY_MODEL, "write", [line["id"]], {"name": "x"})
        self.assertRefused(DAY_MODEL, "unlink", [line["id"]])
        self.assertRefused(DAY_MODEL, "create", [{"name": "x"}])
        self.assertTrue(self.call_as(self.seller, DAY_MODEL, "search", []))

    def test_a_quotation_of_a_hidden_customer_tells_no_score(self):
        seen, hidden = self.others.partner_id, self.hidden.partner_id
        calls = {
            partner: self.make_order(partner, confirm=False).activity_schedule(
                "mail.mail_activity_data_call",
                date_deadline=self.today,
                summary=partner.name,
                user_id=self.seller.id,
            )
            for partner in (seen, hidden)
        }
        self.env.flush_all()
        self.assertEqual(len(calls), 2)
        rows = {row["name"]: row for row in self.lines(self.seller)}
        told = ("score", "tier_id", "value_at_stake")
        self.assertEqual(rows["Others"]["score"], 60)
        self.assertEqual(rows["Others"]["value_at_stake"], 6000)
        self.assertFalse(any(rows["Hidden"][name] for name in told))
        [group] = self.call(
            DAY_MODEL,
            "formatted_read_group",
            [("name", "=", "Hidden")],
            [],
            ["value_at_stake:sum"],
        )
        self.assertFalse(group["value_at_stake:sum"])

    # ---------------------------------------------------------------- digest

    def figures(self, user, digest):
        self.log_in(user)
        [row] = self.call("digest.digest", "read", digest.ids, FIGURES)
        return [row[name] for name in FIGURES]

    @mute_logger(*QUIET_LOGS)
    def test_the_digest_counts_what_the_reader_may_read(self):
        late = self.customer("Late")
        for partner in (late, self.hidden.partner_id):
            self.step(partner, "at_risk", 0, "loyal")
            self.tell(partner, (20, 90), (0, 30))
        foreign = self.customer("Foreign fall")
        self.tell(foreign, (20, 90), (0, 30), model=self.foreign_model)
        here, there = self.env["digest.digest"].create(
            [
                {"name": company.name, "company_id": company.id}
                for company in (self.company, self.foreign_company)
            ]
        )
        self.env.flush_all()
        self.assertEqual(self.figures(self.manager, here), [0, 2, 2, 0])
        self.assertEqual(self.figures(self.seller, here), [0, 1, 1, 0])
        self.assertRefused("digest.digest", "read", there.ids, FIGURES)
        self.assertEqual(self.figures(self.outsider, there), [0, 1, 0, 0])
        for user in self.strangers:
            self.log_in(user)
            self.assertRefused("digest.digest", "read", here.ids, FIGURES)
