"""The map of a key account is for its team: by ORM, RPC, groups, export, chatter."""

import json

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from ..models.customer_influence_rights import FOLLOW_MAP, MAP
from .influence_common import InfluenceCommon

QUIET = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access")
FOR_TEAM = tuple(name for name in FOLLOW_MAP if name != "customer.influence.view.log")


class RightsCommon(InfluenceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.draw_gold()
        cls.buying.owner_ids = cls.owner
        cls.map.user_ids = cls.named
        cls.buying.note = "Likes tea"
        lead = cls.make_lead(cls.wang)
        cls.deal = cls.env["customer.key.contact.deal"].create(
            {"lead_id": lead.id, "seat_id": cls.buying.id, "stance": "critical"}
        )
        cls.proposal = cls.env["customer.key.proposal"].create(
            {
                "map_id": cls.map.id,
                "kind": "seat",
                "state": "dismissed",
                "partner_id": cls.buyer.id,
            }
        )
        cls.members = (cls.seller, cls.leader, cls.owner, cls.named, cls.manager)
        cls.strangers = (cls.outsider, cls.plain, cls.accountant, cls.portal)
        cls.env.flush_all()

    def records(self):
        """One or more records of every model that hangs on the map."""
        found = {MAP: self.map}
        for name in FOR_TEAM:
            found[name] = self.env[name].search([("map_id", "=", self.map.id)])
            self.assertTrue(found[name], name)
        return found


@tagged("post_install", "-at_install")
class TestTeam(RightsCommon):
    def test_every_model_with_a_map_follows_it(self):
        """A model that is added later is not forgotten."""
        ours = {
            name
            for name, model in self.env.items()
            if "map_id" in model._fields and model._fields["map_id"].comodel_name == MAP
        }
        self.assertEqual(ours, set(FOLLOW_MAP))

    def test_the_team_sees_the_map(self):
        for member in self.members:
            self.assertEqual(len(self.map_of(member)["seats"]), 3, member.login)
            for name, records in self.records().items():
                mine = records.with_user(member)
                self.assertEqual(mine._filtered_access("read"), mine, name)

    def test_others_see_that_there_is_one(self):
        data = self.map_of(self.outsider)
        self.assertTrue(data["confidential"])
        self.assertFalse(data["can_edit"])
        for empty in ("seats", "edges", "proposals", "users", "deals"):
            self.assertEqual(data[empty], [])
        self.assertNotIn("Wang", json.dumps(data))
        gold = self.gold.with_user(self.outsider)
        self.assertEqual(gold.influence_map_state, "confidential")
        self.assertEqual(gold.influence_seat_count, 0)
        self.assertEqual(self.wang.with_user(self.outsider).influence_map_state,
                         "confidential")  # fmt: skip
        own = self.gold.with_user(self.seller)
        self.assertEqual(
            (own.influence_map_state, own.influence_seat_count), ("open", 3)
        )
        self.assertEqual(self.silver.with_user(self.seller).influence_map_state, "none")
        self.assertFalse(self.consultant.with_user(self.seller).influence_map_state)

    def test_who_leaves_the_team_sees_no_more(self):
        self.gold.user_id = self.outsider
        self.assertTrue(self.map_of(self.seller)["confidential"])
        self.assertTrue(self.map_of(self.leader)["confidential"])
        self.assertFalse(self.map_of(self.outsider)["confidential"])
        self.buying.owner_ids = False
        self.map.user_ids = False
        for user in (self.owner, self.named):
            self.env.invalidate_all()
            self.assertTrue(self.map_of(user)["confidential"])

    @mute_logger(*QUIET)
    def test_search_read_group_export(self):
        for user in (self.outsider, self.plain, self.accountant):
            user.group_ids += self.env.ref("base.group_allow_export")
        for name, records in self.records().items():
            for stranger in self.strangers:
                model = self.env[name].with_user(stranger)
                theirs = records.with_user(stranger)
                here = [("id", "in", records.ids)]
                with self.subTest(model=name, user=stranger.login):
                    self.env.invalidate_all()
                    if not model.has_access("read"):
                        with self.assertRaises(AccessError):
                            model.search(here)
                    else:
                        self.assertFalse(model.search(here))
                        self.assertEqual(model.search_count(here), 0)
                        self.assertEqual(model.search_read(here, ["id"]), [])
                        self.assertEqual(
                            model._read_group(here, [], ["__count"]), [(0,)]
                        )
                        self.assertEqual(model.name_search("", here), [])
                    for reading in (
                        lambda records=theirs: records.read(["display_name"]),
                        lambda records=theirs: records.web_read({"display_name": {}}),
                        lambda records=theirs: records.export_data(["display_name"]),
                    ):
                        # the portal may not export anything at all
                        with self.assertRaises(UserError):
                            self.env.invalidate_all()
                            reading()

    @mute_logger(*QUIET)
    def test_groups_by_every_field(self):
        model = self.env["customer.key.contact"].with_user(self.outsider)
        for field in ("stance", "partner_id", "role_ids", "owner_ids", "manager_id"):
            groups = model._read_group(
                [("account_id", "=", self.gold.id)], [field], ["power:sum"]
            )
            self.assertEqual(groups, [], field)
        mine = self.env["customer.key.contact"].with_user(self.seller)
        self.assertEqual(
            len(mine._read_group([("account_id", "=", self.gold.id)], ["stance"])), 3
        )

    @mute_logger(*QUIET)
    def test_no_way_round_by_another_model(self):
        """Neither the person, nor the opportunity, nor the roles tell of seats."""
        for name in ("res.partner", "crm.lead", "customer.key.role", "res.users"):
            model = self.env[name]
            ways = [
                field.name
                for field in model._fields.values()
                if field.comodel_name in (MAP, *FOLLOW_MAP)
            ]
            self.assertEqual(ways, [], name)

    @mute_logger(*QUIET)
    def test_writing_from_outside(self):
        buying = self.buying.with_user(self.outsider)
        for change in (
            lambda: buying.write({"stance": "neutral"}),
            lambda: buying.set_manager(False),
            lambda: buying.unlink(),
            lambda: buying.best_path(),
            lambda: buying.who_knows(),
            lambda: buying.what_if_leaves(),
            lambda: self.sway.with_user(self.outsider).write({"strength": 1}),
            lambda: self.sway.with_user(self.outsider).unlink(),
            lambda: self.map.with_user(self.outsider).write(
                {"user_ids": [Command.link(self.outsider.id)]}
            ),
            lambda: self.env["customer.influence"]
            .with_user(self.outsider)
            .create({"source_id": self.plant.id, "target_id": self.buying.id}),
            lambda: self.env["customer.key.contact.deal"]
            .with_user(self.outsider)
            .create({"lead_id": self.deal.lead_id.id, "seat_id": self.plant.id}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self.env.invalidate_all()
                change()

    @mute_logger(*QUIET)
    def test_nobody_lets_himself_in(self):
        """A seat of one's own, with oneself as owner, would open the map."""
        with self.assertRaises(AccessError):
            self.seat(self.consultant, user=self.outsider, owner_ids=self.outsider.ids)
        own = self.seat(name="Mine", account=self.silver, user=self.outsider)
        with self.assertRaises(UserError):
            own.write({"account_id": self.gold.id, "map_id": self.map.id})
        with self.assertRaises(AccessError):
            self.env["customer.key.contact"].with_user(self.outsider).accept_proposal(
                f"{self.gold.id}-seat-{self.buyer.id}-0"
            )
        self.assertTrue(self.map_of(self.outsider)["confidential"])

    def test_who_begins_a_map_belongs_to_it(self):
        self.seat(name="First", account=self.silver, user=self.outsider)
        self.assertFalse(self.map_of(self.outsider, self.silver)["confidential"])
        self.assertTrue(self.map_of(self.owner, self.silver)["confidential"])

    @mute_logger(*QUIET)
    def test_history_and_decisions_are_not_edited(self):
        for user in self.members:
            for name in ("customer.key.contact.history", "customer.key.proposal"):
                records = self.records()[name].with_user(user)
                with self.assertRaises(AccessError):
                    records.write({"map_id": self.map.id})
                with self.assertRaises(AccessError):
                    records.unlink()
                with self.assertRaises(AccessError):
                    records.create({"map_id": self.map.id})

    def test_of_a_map_only_its_people_are_changed(self):
        mine = self.map.with_user(self.seller)
        mine.user_ids |= self.outsider
        self.assertFalse(self.map_of(self.outsider)["confidential"])
        with self.assertRaises(AccessError):
            mine.account_id = self.silver
        with self.assertRaises(AccessError):
            mine.coverage_percent = 100

    def test_another_company(self):
        other = self.make_company("Europe/Madrid")
        self.seller.company_ids |= other
        there = self.map.with_user(self.seller).with_context(
            allowed_company_ids=other.ids
        )
        self.assertFalse(there._filtered_access("read"))
        self.assertFalse(self.buying.with_env(there.env)._filtered_access("read"))

    def test_a_hidden_account_hides_its_map(self):
        """A company's own rule on contacts holds for their maps."""
        self.env["ir.rule"].create(
            {
                "name": "Hidden contacts",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": str([("id", "!=", self.gold.id)]),
            }
        )
        self.env.invalidate_all()
        for name, records in self.records().items():
            for member in (self.seller, self.manager):
                mine = records.with_user(member)
                self.assertFalse(mine._filtered_access("read"), name)

    # ------------------------------------------------------ forms and chatter

    def test_the_persons_own_form(self):
        """It tells that there is a map; no role, no stance, no note."""
        spec = {"influence_map_state": {}, "influence_seat_count": {}, "name": {}}
        [told] = self.wang.with_user(self.outsider).web_read(spec)
        self.assertEqual(told["influence_map_state"], "confidential")
        self.assertEqual(told["influence_seat_count"], 0)
        names = [
            name for name in self.wang.fields_get() if name.startswith("influence")
        ]
        self.assertEqual(sorted(names), ["influence_map_state", "influence_seat_count"])
        for reader in (self.plain, self.accountant):
            self.assertFalse(set(names) & set(self.wang.with_user(reader).fields_get()))
            with self.assertRaises(AccessError):
                self.wang.with_user(reader).read(["influence_map_state"])

    def test_nothing_is_posted(self):
        """Neither the account, nor the person, nor an opportunity tells of the map."""
        documents = self.gold | self.wang
        messages = self.env["mail.message"]
        about = [
            ("model", "in", ("res.partner", "crm.lead", "customer.key.contact", MAP)),
            (
                "res_id",
                "in",
                (documents.ids + self.deal.lead_id.ids + self.map.seat_ids.ids),
            ),
        ]
        before = messages.search(about)
        env = self.env(context={"tracking_disable": False})
        seat = self.buying.with_env(env).with_user(self.seller)
        seat.write({"stance": "opponent", "power": 5, "owner_ids": self.leader.ids})
        self.sway.with_env(env).strength = 1
        self.deal.with_env(env).stance = "supporter"
        self.env.cr.flush()
        self.assertEqual(messages.search(about), before)
        for name in (MAP, *FOLLOW_MAP):
            self.assertFalse(hasattr(self.env[name], "message_post"), name)

    def test_the_introduction_is_read_by_those_it_is_for(self):
        self.meet(self.wang, self.owner)
        context = self.top.with_user(self.seller).action_introduction_mail()["context"]
        composer = self.env["mail.compose.message"].with_user(self.seller)
        composer.with_context(**context).create({})._action_send_mail()
        [message] = self.env["mail.message"].search(
            [("subject", "=", "Introduction to Chen Hao")]
        )
        self.assertEqual(message.notified_partner_ids, self.owner.partner_id)
        for reader, reads in ((self.owner, True), (self.seller, True),
                              (self.outsider, False)):  # fmt: skip
            mine = message.with_user(reader)
            self.assertEqual(bool(mine._filtered_access("read")), reads, reader.login)

    def test_the_introduction_to_do_is_seen_by_the_two(self):
        self.meet(self.wang, self.owner)
        self.top.with_user(self.seller).action_introduction_activity()
        activity = self.env["mail.activity"].search(
            [("summary", "=", "Introduction to Chen Hao")]
        )
        self.assertTrue(activity.with_user(self.owner)._filtered_access("read"))
        self.assertFalse(activity.with_user(self.outsider)._filtered_access("read"))

    # -------------------------------------------------------------------- log

    def views(self):
        return self.env["customer.influence.view.log"].search(
            [("map_id", "=", self.map.id)]
        )

    def test_views_are_logged(self):
        self.leader.group_ids += self.env.ref("base.group_allow_export")
        self.assertFalse(self.views())
        self.map_of(self.outsider)
        self.assertFalse(self.views())  # he saw nothing
        self.map_of(self.seller)
        self.map_of(self.seller)
        self.assertEqual(self.views().user_id, self.seller)
        self.assertEqual(self.views().mapped("how"), ["map"])
        self.buying.with_user(self.owner).web_read({"stance": {}})
        self.buying.with_user(self.named).search_read(
            [("map_id", "=", self.map.id)], ["note"]
        )
        self.buying.with_user(self.leader).export_data(["note"])
        self.buying.with_user(self.manager).what_if_leaves()
        self.assertEqual(
            {(view.user_id, view.how) for view in self.views()},
            {
                (self.seller, "map"),
                (self.owner, "records"),
                (self.named, "records"),
                (self.leader, "export"),
                (self.manager, "map"),
            },
        )

    @mute_logger(*QUIET)
    def test_the_log_is_for_managers_and_nobody_edits_it(self):
        self.map_of(self.seller)
        log = self.views()
        self.assertTrue(log.with_user(self.manager).read(["user_id", "date"]))
        for user in (self.seller, self.outsider):
            with self.assertRaises(AccessError):
                log.with_user(user).read(["user_id"])
        admin = self.env.ref("base.user_admin")
        admin.write(
            {
                "company_ids": [Command.link(self.company.id)],
                "group_ids": [Command.link(self.env.ref("base.group_system").id)],
            }
        )
        for user in (self.manager, admin):
            mine = log.with_user(user)
            for change in (
                lambda mine=mine: mine.write({"user_id": self.outsider.id}),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine.create({"map_id": self.map.id}),
            ):
                with self.assertRaises(AccessError):
                    change()

    # ---------------------------------------------------------------- privacy

    def test_export_and_erasure_by_managers(self):
        tie = self.env["customer.influence"].create(
            {
                "source_id": self.plant.id,
                "target_id": self.buying.id,
                "kind": "tie",
                "tie_type": "family",
                "evidence": "Cousins",
            }
        )
        with self.assertRaises(AccessError):
            self.wang.with_user(self.seller).action_influence_export()
        with self.assertRaises(AccessError):
            self.wang.with_user(self.seller).action_influence_erase()
        wang = self.wang.with_user(self.manager)
        url = wang.action_influence_export()["url"]
        attachment = self.env["ir.attachment"].browse(
            int(url.split("/")[3].split("?")[0])
        )
        told = attachment.raw.decode()
        for words in ("Likes tea", "Cousins", "supporter", "Wang Li"):
            self.assertIn(words, told)
        self.assertFalse(attachment.with_user(self.seller)._filtered_access("read"))
        wang.action_influence_erase()
        self.env.invalidate_all()
        self.assertFalse(tie.exists() | self.sway.exists())
        self.assertTrue(self.buying.is_placeholder)
        self.assertFalse(self.buying.note)
        self.assertFalse(
            self.env["customer.key.contact.history"].search(
                [("partner_id", "=", self.wang.id)]
            )
        )
        self.assertTrue(self.wang.exists())

    def test_privacy_lookup_finds_it_where_installed(self):
        """Its wizard asks every table that links to a contact and is not its child."""
        linked = [
            name
            for name in FOLLOW_MAP
            for field in self.env[name]._fields.values()
            if field.type == "many2one"
            and field.store
            and field.comodel_name == "res.partner"
            and field.name == "partner_id"
            and field.ondelete != "cascade"
        ]
        self.assertEqual(
            set(linked), {"customer.key.contact", "customer.key.contact.history"}
        )
        if "privacy.lookup.wizard" in self.env:
            self.wang.email = "wang.li@example.com"
            wizard = self.env["privacy.lookup.wizard"].create(
                {"name": "Wang Li", "email": "wang.li@example.com"}
            )
            wizard.action_lookup()
            self.assertIn("customer.key.contact", wizard.line_ids.mapped("res_model"))


@tagged("post_install", "-at_install")
class TestByRpc(RightsCommon, HttpCase):
    def call(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    @mute_logger("odoo.http", *QUIET)
    def test_from_outside(self):
        self.authenticate(self.outsider.login, self.outsider.login)
        data = self.call("customer.key.contact", "map_data", self.gold.id)
        self.assertTrue(data["confidential"])
        self.assertEqual(data["seats"], [])
        found = self.call(
            "customer.key.contact", "web_search_read", [], {"partner_id": {}}
        )
        self.assertEqual(found["records"], [])
        groups = self.call(
            "customer.key.contact", "web_read_group", [], ["stance"], ["__count"]
        )
        self.assertEqual(groups["groups"], [])
        for method, args in (
            ("read", [self.buying.ids, ["note"]]),
            ("write", [self.buying.ids, {"stance": "neutral"}]),
            ("unlink", [self.buying.ids]),
            ("best_path", [self.buying.ids]),
            ("export_data", [self.buying.ids, ["note"]]),
            ("create", [[{"account_id": self.gold.id, "name": "Spy",
                          "owner_ids": self.outsider.ids}]]),
        ):  # fmt: skip
            with self.assertRaises(JsonRpcException, msg=method):
                self.call("customer.key.contact", method, *args)
        self.assertEqual(self.buying.stance, "supporter")

    def test_from_inside(self):
        self.authenticate(self.seller.login, self.seller.login)
        data = self.call("customer.key.contact", "map_data", self.gold.id, False)
        self.assertEqual(len(data["seats"]), 3)
        self.call("customer.key.contact", "set_manager", self.plant.ids, self.buying.id)
        self.assertEqual(self.plant.manager_id, self.buying)
        self.call("customer.key.contact", "write", self.plant.ids, {"closeness": 2})
        self.assertEqual(self.plant.stated_closeness, "2")
