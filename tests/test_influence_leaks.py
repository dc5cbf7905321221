"""Ways round the rules of a map: names, errors, documents, the log, merging."""

import inspect
import json

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from ..models.customer_influence_rights import FOLLOW_MAP, MAP
from .test_influence_rights import QUIET, RightsCommon

SECRETS = ("Chen Hao", "Wang Li", "Liu Fang", "Likes tea", "Old classmates")
"""Who sits at Gold Works, and what is written about them."""


class LeakCommon(RightsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls.seat(name="Mine", account=cls.silver, user=cls.outsider)
        cls.env.flush_all()

    def assertSecret(self, told):
        text = told if isinstance(told, str) else json.dumps(told, default=str)
        for secret in SECRETS:
            self.assertNotIn(secret, text)

    def caught(self, action):
        """The message with which something is refused."""
        with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
            self.env.invalidate_all()
            action()
        self.env.invalidate_all()
        return str(caught.exception)


@tagged("post_install", "-at_install")
class TestNames(LeakCommon):
    def test_names_are_for_the_team(self):
        for record in (self.buying, self.sway, self.deal):
            self.env.invalidate_all()
            hidden = record.with_user(self.outsider).sudo().display_name
            self.assertEqual(hidden, "Confidential")
            self.assertIn("Wang Li", record.with_user(self.seller).display_name)
            self.assertIn("Wang Li", record.display_name)
        both = (self.mine | self.buying).with_user(self.outsider).sudo()
        self.assertEqual(both.mapped("display_name"), ["Mine", "Confidential"])

    @mute_logger(*QUIET)
    def test_refusals_name_nobody(self):
        mine = self.mine.with_user(self.outsider)
        lines = self.env["customer.influence"].with_user(self.outsider)
        for action in (
            lambda: mine.write({"manager_id": self.buying.id}),
            lambda: lines.create({"source_id": mine.id, "target_id": self.top.id}),
            lambda: lines.create({"source_id": self.top.id, "target_id": mine.id}),
            lambda: mine.report_ids.browse(self.top.id).set_manager(mine.id),
            lambda: self.env["customer.key.contact.deal"]
            .with_user(self.outsider)
            .create({"lead_id": self.deal.lead_id.id, "seat_id": self.top.id}),
        ):
            self.assertSecret(self.caught(action))

    @mute_logger(*QUIET)
    def test_a_form_that_is_only_begun(self):
        """Odoo shows the name behind any number put into a form."""
        spec = {"fields": {"display_name": {}}}
        seats = self.env["customer.key.contact"].with_user(self.outsider)
        told = seats.onchange(
            {"account_id": self.silver.id, "manager_id": self.top.id},
            ["account_id", "manager_id"],
            {"account_id": spec, "manager_id": spec, "display_name": {}},
        )
        self.assertSecret(told)
        lines = self.env["customer.influence"].with_user(self.outsider)
        try:
            told = lines.onchange(
                {"source_id": self.top.id, "target_id": self.buying.id},
                ["source_id", "target_id"],
                {"source_id": spec, "target_id": spec, "display_name": {}},
            )
        except AccessError as error:
            told = str(error)
        self.assertSecret(told)

    @mute_logger(*QUIET)
    def test_what_is_about_any_record(self):
        """Activities, messages, ratings, attachments tell what they are about."""
        about = {"res_model": self.buying._name, "res_id": self.buying.id}
        model = self.env["ir.model"]._get(self.buying._name)
        tries = {
            "mail.activity": {
                "res_model_id": model.id,
                "res_id": self.buying.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
            },
            "mail.message": {"model": self.buying._name, "res_id": self.buying.id},
            "ir.attachment": {"name": "Spy", "raw": b"spy", **about},
            "mail.compose.message": {
                "model": self.buying._name,
                "res_ids": str(self.buying.ids),
            },
        }
        if "rating.rating" in self.env:
            tries["rating.rating"] = {
                "res_model_id": model.id,
                "res_id": self.buying.id,
                "rating": 5,
            }
        for name, vals in tries.items():
            with self.subTest(model=name):
                self.assertSecret(self.told_of(name, vals))

    def told_of(self, name, vals):
        records = self.env[name].with_user(self.outsider)
        try:
            with self.env.cr.savepoint():
                record = records.create(vals)
                record.env.flush_all()
                record.env.invalidate_all()
                return record.read()
        except UserError as error:
            return str(error)

    def test_proposals_name_whom_the_reader_may_see(self):
        hidden = self.make_partner(
            "Hidden Buyer", parent_id=self.silver.id, function="Buyer"
        )
        texts = [
            one["text"] for one in self.map_of(self.outsider, self.silver)["proposals"]
        ]
        self.assertIn("Give Hidden Buyer a seat", texts)
        self.env["ir.rule"].create(
            {
                "name": "Hidden contacts",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": str([("id", "!=", hidden.id)]),
            }
        )
        self.env.invalidate_all()
        told = self.map_of(self.outsider, self.silver)["proposals"]
        self.assertNotIn("Hidden Buyer", json.dumps(told))


@tagged("post_install", "-at_install")
class TestCalls(LeakCommon):
    """Whatever can be called is tried by somebody outside the team."""

    OPEN = {
        # answer to everybody, and then with nothing but that there is a map
        "map_data",
        # take what they are given, and are refused by the rules: tested elsewhere
        "create",
        "accept_proposal",
        "dismiss_proposal",
        "export_data",
        "formatted_read_group",
        "formatted_read_grouping_sets",
        "write",
        "unlink",
        "set_manager",
    }

    def public_methods(self, name):
        """What our classes add to a model that RPC may call."""
        for cls in type(self.env[name]).__mro__:
            if "customer_value" not in cls.__module__:
                continue
            for method, function in vars(cls).items():
                if not method.startswith("_") and inspect.isfunction(function):
                    yield method

    @mute_logger(*QUIET)
    def test_every_method_is_refused(self):
        tried = set()
        for name, records in self.records().items():
            for method in sorted({*self.public_methods(name)} - self.OPEN):
                with self.subTest(model=name, method=method):
                    theirs = records[:1].with_user(self.outsider)
                    told = self.caught(getattr(theirs, method))
                    self.assertSecret(told)
                    tried.add(method)
        self.assertLessEqual(
            {
                "best_path",
                "who_knows",
                "what_if_leaves",
                "action_introduction_mail",
                "action_introduction_activity",
                "action_open_map",
            },
            tried,
        )

    @mute_logger(*QUIET)
    def test_proposals_of_others_are_not_decided(self):
        clerk = self.make_partner("A clerk", parent_id=self.gold.id, function="Buyer")
        number = f"{self.gold.id}-seat-{clerk.id}-0"
        seats = self.env["customer.key.contact"].with_user(self.outsider)
        for decide in (seats.accept_proposal, seats.dismiss_proposal):
            self.assertSecret(self.caught(lambda decide=decide: decide(number)))
        open_ones = [one["id"] for one in self.map_of(self.seller)["proposals"]]
        self.assertIn(number, open_ones)

    @mute_logger(*QUIET)
    def test_another_account_under_ones_own_deal(self):
        """The deal of the map that is asked for is one that the reader may see."""
        lead = self.deal.lead_id
        self.env["ir.rule"].create(
            {
                "name": "Hidden deals",
                "model_id": self.env.ref("crm.model_crm_lead").id,
                "domain_force": str([("id", "!=", lead.id)]),
            }
        )
        self.env.invalidate_all()
        self.caught(lambda: self.map_of(self.seller, lead=lead))

    def test_no_report_prints_a_map(self):
        reports = self.env["ir.actions.report"].search(
            [("model", "in", (MAP, *FOLLOW_MAP))]
        )
        self.assertFalse(reports)


@tagged("post_install", "-at_install")
class TestElsewhere(LeakCommon):
    """What other parts of the module show of an account with a map."""

    def test_the_timeline_tells_nothing_of_a_map(self):
        kinds = self.env["customer.timeline"]._kinds()
        self.assertGreater(len(kinds), 10)
        self.assertFalse({kind.model for kind in kinds} & {MAP, *FOLLOW_MAP})

    def test_indicators_on_maps_are_one_sum(self):
        """The breakdown, the change and its documents name neither."""
        account = self.unscored
        self.seat(name="Chief", account=account, stance="favourable")
        self.env.cr.flush()
        model = self.make_model(
            [
                {"source": "sales", "aggregate": "sum", "window": (12, "month")},
                {
                    "source": "influence_coverage",
                    "aggregate": "max",
                    "window": (0, "day"),
                    "missing": "ignore",
                    "confidential": True,
                },
            ],
            partners=account,
        )
        self.score(model)
        coverage = model.indicator_ids.filtered("confidential")
        theirs = account.with_user(self.outsider)
        measures = self.env["customer.value.measure"]
        mine = [("partner_id", "=", account.id)]
        self.assertIn(coverage, measures.search(mine).indicator_id)
        self.assertNotIn(
            coverage.id, measures.with_user(self.outsider).search(mine).indicator_id.ids
        )
        rows = theirs.value_score_id.breakdown
        self.assertNotIn(coverage.name, json.dumps(rows))
        self.assertIn("confidential", json.dumps(rows))
        self.caught(lambda: theirs.value_change_documents(coverage.id, "2024-01-01"))
        self.assertFalse(
            coverage.with_user(self.outsider)._filtered_access("read"),
        )


@tagged("post_install", "-at_install")
class TestHelpingOneselfIn(LeakCommon):
    @mute_logger(*QUIET)
    def test_by_becoming_the_salesperson(self):
        gold = self.gold.with_user(self.outsider)
        told = self.caught(lambda: gold.write({"user_id": self.outsider.id}))
        self.assertIn("seen by its account team", told)
        self.assertSecret(told)
        self.silver.with_user(self.outsider).user_id = self.outsider
        self.assertEqual(self.silver.user_id, self.outsider)
        self.gold.with_user(self.leader).user_id = self.leader
        self.gold.with_user(self.manager).user_id = self.manager
        self.assertTrue(self.map_of(self.outsider)["confidential"])

    @mute_logger(*QUIET)
    def test_by_merging_accounts(self):
        for merged in ((self.gold, self.silver), (self.silver, self.gold)):
            told = self.caught(lambda merged=merged: self.merge(self.outsider, *merged))
            self.assertIn("seen by its account team", told)
            self.assertSecret(told)
        self.merge(self.manager, self.silver, self.gold)
        self.assertTrue(self.map_of(self.seller)["seats"])

    def merge(self, user, source, into):
        user.group_ids |= self.env.ref("base.group_partner_manager")
        self.env["base.partner.merge.automatic.wizard"].with_user(user)._merge(
            (source | into).ids, into.with_user(user)
        )
        self.env.invalidate_all()

    def test_a_map_does_not_vanish_with_its_account(self):
        """Nor with it the log of who looked."""
        self.map_of(self.outsider)
        self.map_of(self.seller)
        for user in (self.outsider, self.seller, self.manager):
            user.group_ids |= self.env.ref("base.group_partner_manager")
            told = self.caught(self.gold.with_user(user).unlink)
            self.assertIn("Archive", told)
            self.assertSecret(told)
        with mute_logger(*QUIET), self.assertRaises(AccessError):
            self.map.with_user(self.manager).unlink()
        self.assertTrue(self.map.exists())

    def test_whom_we_ask_learns_no_more_than_he_needs(self):
        """The colleague who opens the door may not be of the team."""
        self.meet(self.wang, self.outsider)
        asking = self.top.with_user(self.seller)
        asking.action_introduction_activity()
        note = (
            self.env["mail.activity"].search([("user_id", "=", self.outsider.id)]).note
        )
        self.assertIn("Chen Hao", note)
        self.assertNotIn("Wang Li", note)
        self.map.user_ids |= self.outsider
        body = asking.action_introduction_mail()["context"]["default_body"]
        self.assertIn("Wang Li", body)


@tagged("post_install", "-at_install")
class TestLog(LeakCommon):
    def views(self, user):
        self.env.flush_all()
        return self.env["customer.influence.view.log"].search(
            [("map_id", "=", self.map.id), ("user_id", "=", user.id)]
        )

    def test_every_way_of_looking_is_written_down(self):
        looks = [
            lambda model: model.search_read([("map_id", "=", self.map.id)], ["id"]),
            lambda model: model.formatted_read_group(
                [("map_id", "=", self.map.id)], ["map_id"], ["__count"]
            ),
            lambda model: model.web_read_group(
                [("map_id", "=", self.map.id)], ["map_id"], ["__count"]
            ),
            lambda model: model.formatted_read_grouping_sets(
                [("map_id", "=", self.map.id)], [["map_id"]], ["__count"]
            ),
            lambda model: model.search([("map_id", "=", self.map.id)]).web_read(
                {"display_name": {}}
            ),
        ]
        names = [name for name in FOLLOW_MAP if name != "customer.influence.view.log"]
        for name in names:
            for at, look in enumerate(looks):
                with self.subTest(model=name, look=at):
                    self.views(self.owner).unlink()
                    look(self.env[name].with_user(self.owner))
                    self.assertEqual(self.views(self.owner).mapped("how"), ["records"])

    def test_who_sees_nothing_is_not_written_down(self):
        model = self.env["customer.key.contact"].with_user(self.outsider)
        model.formatted_read_group([], ["stance"], ["__count"])
        model.search_read([], ["id"])
        self.assertFalse(self.views(self.outsider))


@tagged("post_install", "-at_install")
class TestLeaksByRpc(LeakCommon, HttpCase):
    def call(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    @mute_logger("odoo.http", *QUIET)
    def test_errors_in_debug_mode(self):
        """There Odoo names the records that somebody may not read."""
        self.authenticate(self.outsider.login, self.outsider.login)
        self.url_open("/odoo?debug=1")
        for name, records in self.records().items():
            answer = self.url_open(
                f"/web/dataset/call_kw/{name}/read",
                json={
                    "params": {
                        "model": name,
                        "method": "read",
                        "args": [records.ids, ["display_name"]],
                        "kwargs": {},
                    }
                },
            )
            message = answer.json()["error"]["data"]["message"]
            self.assertIn(f"({name}: {records.ids[0]}", message)
            if name != MAP:  # that there is one may be known
                self.assertNotIn("Gold", message)
            self.assertSecret(answer.text)

    @mute_logger("odoo.http", *QUIET)
    def test_the_log_by_rpc(self):
        self.authenticate(self.seller.login, self.seller.login)
        self.call("customer.key.contact", "map_data", self.gold.id)
        log = self.env["customer.influence.view.log"].search([])
        self.assertEqual(log.user_id, self.seller)
        tries = (
            ("write", [log.ids, {"user_id": self.outsider.id}]),
            ("unlink", [log.ids]),
            ("create", [[{"map_id": self.map.id, "user_id": self.outsider.id}]]),
        )
        for user in (self.seller, self.manager):
            self.authenticate(user.login, user.login)
            for method, args in tries:
                with self.assertRaises(JsonRpcException, msg=method):
                    self.call("customer.influence.view.log", method, *args)
        with self.assertRaises(JsonRpcException):
            self.call("customer.influence.map", "unlink", self.map.ids)
        with self.assertRaises(JsonRpcException):
            self.call("customer.influence.view.log", "_note", self.map.ids, "map")
        told = self.call(
            "customer.influence.view.log", "web_search_read", [], {"user_id": {}}
        )
        self.assertIn(self.seller.id, [one["user_id"] for one in told["records"]])
        self.assertTrue(log.exists())
        self.authenticate(self.seller.login, self.seller.login)
        with self.assertRaises(JsonRpcException):
            self.call("customer.influence.view.log", "search_read", [], ["user_id"])

    @mute_logger("odoo.http", *QUIET)
    def test_a_file_of_everything(self):
        """What the browser's export writes."""
        self.outsider.group_ids += self.env.ref("base.group_allow_export")
        self.authenticate(self.outsider.login, self.outsider.login)
        for model in FOLLOW_MAP:
            answer = self.url_open(
                "/web/export/csv",
                data={
                    "data": json.dumps(
                        {
                            "model": model,
                            "fields": [{"name": "display_name", "label": "Name"}],
                            "ids": False,
                            "domain": [],
                            "groupby": [],
                            "import_compat": False,
                            "context": {},
                        }
                    ),
                    "csrf_token": Request.csrf_token(self),
                },
            )
            for secret in SECRETS:
                self.assertNotIn(secret, answer.text)


@tagged("post_install", "-at_install")
class TestDeletedPerson(LeakCommon):
    def test_nothing_personal_stays(self):
        tie = self.line(self.plant, self.buying, "tie", tie_type="family")
        self.buying.write({"power": 4, "closeness": 3})
        report = self.seat(name="Assistant", manager_id=self.buying.id)
        self.wang.unlink()
        self.env.invalidate_all()
        self.assertTrue(self.buying.is_placeholder)
        self.assertEqual(self.buying.manager_id, self.top)
        self.assertEqual(report.manager_id, self.buying)
        for gone in (tie, self.sway, self.deal):
            self.assertFalse(gone.exists())
        self.assertEqual(
            (self.buying.note, self.buying.stance, self.buying.power),
            (False, "unknown", 0),
        )
        self.assertFalse(self.buying.stated_closeness)
        self.assertFalse(self.buying.history_ids)

    def test_erased_by_privacy_lookup(self):
        """Its wizard deletes with full rights; personal ties go with the person."""
        if "privacy.lookup.wizard" not in self.env:
            return
        tie = self.line(self.plant, self.buying, "tie", tie_type="school")
        self.wang.email = "wang.li@example.com"
        wizard = self.env["privacy.lookup.wizard"].create(
            {"name": "Wang Li", "email": "wang.li@example.com"}
        )
        wizard.action_lookup()
        found = wizard.line_ids.filtered(
            lambda one: one.res_model in ("res.partner", *FOLLOW_MAP)
        )
        self.assertIn("customer.key.contact", found.mapped("res_model"))
        found.action_unlink_all()
        self.env.invalidate_all()
        for gone in (self.wang, self.buying, tie):
            self.assertFalse(gone.exists())
        self.assertFalse(
            self.env["customer.key.contact.history"].search(
                [("partner_id", "=", self.wang.id)]
            )
        )

    def test_the_export_tells_of_ties_on_both_sides(self):
        self.line(self.plant, self.buying, "tie", tie_type="family", evidence="Aunt")
        self.line(self.buying, self.top, "tie", tie_type="school", evidence="Class 9")
        url = self.wang.with_user(self.manager).action_influence_export()["url"]
        found = self.env["ir.attachment"].browse(int(url.split("/")[3].split("?")[0]))
        told = json.loads(found.raw)
        lines = told["customer.influence"]
        self.assertEqual({one.get("evidence") for one in lines},
                         {"Aunt", "Class 9", "Old classmates"})  # fmt: skip
        self.assertEqual({one["kind"] for one in lines}, {"tie", "influences"})
        self.assertEqual(told["customer.key.contact"][0]["note"], "Likes tea")
        self.assertTrue(told["customer.key.contact.history"])
        self.assertTrue(told["customer.key.contact.deal"])


@tagged("post_install", "-at_install")
class TestOptedOut(LeakCommon):
    def test_ties_of_who_asked_not_to_be_profiled(self):
        """Neither drawn, nor counted, nor told, whichever way the tag came."""
        tie = self.line(self.plant, self.buying, "tie", tie_type="family")
        tag = self.env.ref("customer_value.category_no_profiling")
        tag.partner_ids = [Command.link(self.liu.id)]
        self.env.flush_all()
        self.env.invalidate_all()
        drawn = self.map_of(self.seller)["edges"]
        self.assertNotIn(tie.id, [edge["id"] for edge in drawn])
        self.map._refresh_nightly()
        self.assertFalse(tie.exists())
        with self.refused("asked not to be profiled"):
            self.line(self.buying, self.plant, "tie", tie_type="school")
        other = self.line(self.buying, self.plant, "influences")
        with self.refused("asked not to be profiled"):
            other.kind = "tie"
