"""Referrals, feedback and mentions where there are no buttons: RPC, as real users."""

from odoo.fields import Command
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .referral_common import ReferralCommon

CAPTURED = ("customer.referral", "customer.feedback", "customer.touchpoint")
REFUSALS = ("odoo.exceptions.AccessError", "odoo.exceptions.UserError")
QUIET = (
    "odoo.http",
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
)


@tagged("post_install", "-at_install")
class TestCaptureByRpc(ReferralCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make, seller = cls.make_user, "sales_team.group_sale_salesman"
        cls.seller = make("rpcseller", seller, "base.group_allow_export")
        cls.other = make("rpcother", seller)
        cls.cashier = make(
            "rpctill", "point_of_sale.group_pos_user", "base.group_allow_export"
        )
        cls.keeper = make("rpckeeper", "stock.group_stock_user")
        cls.plain = make("rpcplain", "base.group_user", "base.group_allow_export")
        cls.portal = make("rpcportal", "base.group_portal")
        cls.elsewhere = cls.make_company("UTC")
        cls.stranger = make("rpcstranger", seller)
        cls.stranger.write(
            {
                "company_ids": [Command.set(cls.elsewhere.ids)],
                "company_id": cls.elsewhere.id,
            }
        )
        cls.dan = cls.make_person("Dan")
        cls.eve = cls.make_person("Eve")
        cls.ada.user_id = cls.seller
        cls.dan.user_id = cls.other
        cls.mine = cls.capture(cls.ada, cls.ben, cls.seller)
        cls.theirs = cls.capture(cls.dan, cls.eve, cls.other)
        cls.all = {name: cls.mine[name] | cls.theirs[name] for name in CAPTURED}

    @classmethod
    def capture(cls, partner, friend, user):
        """One of each: who was brought, what was said, where it was spread."""
        vals = {
            "partner_id": partner.id,
            "user_id": user.id,
            "company_id": cls.company.id,
        }
        return {
            "customer.referral": cls.say(partner, friend, user_id=user.id),
            "customer.feedback": cls.env["customer.feedback"].create(
                {**vals, "kind": "complaint", "description": "Too dear"}
            ),
            "customer.touchpoint": cls.env["customer.touchpoint"].create(
                {**vals, "kind": "mention", "mention_channel": "review"}
            ),
        }

    def login(self, user):
        self.authenticate(user.login, f"{user.login}-password")

    def call(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    @mute_logger(*QUIET)
    def assertRefused(self, model, method, *args, **kwargs):
        words = f"{model}.{method}{args}"
        with self.assertRaises(JsonRpcException, msg=words) as caught:
            self.call(model, method, *args, **kwargs)
        self.assertIn(str(caught.exception), REFUSALS, words)

    def found(self, model, domain):
        return set(self.call(model, "search", domain))

    def test_a_salesperson_has_the_own_customers(self):
        self.login(self.seller)
        for name in CAPTURED:
            here = [("id", "in", self.all[name].ids)]
            mine, theirs = self.mine[name].ids, self.theirs[name].ids
            self.assertEqual(self.found(name, here), set(mine), name)
            self.assertEqual(self.call(name, "search_count", here), 1, name)
            rows = self.call(name, "web_search_read", here, {"display_name": {}})
            self.assertEqual([row["id"] for row in rows["records"]], mine, name)
            for groupby in ("company_id", "create_date:month"):
                groups = self.call(
                    name, "formatted_read_group", here, [groupby], ["__count"]
                )
                self.assertEqual([group["__count"] for group in groups], [1], name)
            self.call(name, "export_data", mine, ["id", "company_id/name"])
            self.assertRefused(name, "export_data", theirs, ["company_id/name"])
            self.assertRefused(name, "read", theirs, ["display_name"])
            self.assertRefused(name, "web_read", theirs, {"display_name": {}})
            self.assertRefused(name, "write", theirs, {"user_id": self.seller.id})
            self.assertRefused(name, "unlink", theirs)

    def test_nor_others_by_their_contacts(self):
        """Nothing of what is hidden shows by a path that begins with a contact."""
        self.login(self.seller)
        people = (self.ada | self.ben | self.dan | self.eve).ids
        for domain, found in (
            ([("value_referrer_id", "!=", False)], self.ben),
            ([("value_referrer_id", "=", self.dan.id)], self.dan[:0]),
            ([("value_referrer_id.name", "=", "Dan")], self.dan[:0]),
            ([("value_referrer_id.name", "=", "Ada")], self.ben),
        ):
            domain = [("id", "in", people), *domain]
            self.assertEqual(self.found("res.partner", domain), set(found.ids), domain)
        names = [
            "value_referred_ids",
            "value_referrer_id",
            "value_referrer_state",
            "value_feedback_count",
            "value_touch_count",
        ]
        rows = {
            row["id"]: row for row in self.call("res.partner", "read", people, names)
        }
        ada, ben = rows[self.ada.id], rows[self.ben.id]
        self.assertEqual(ada["value_referred_ids"], self.ben.ids)
        self.assertEqual(ben["value_referrer_id"][0], self.ada.id)
        self.assertEqual(
            (ada["value_feedback_count"], ada["value_touch_count"]), (1, 1)
        )
        for person in (self.dan, self.eve):
            seen = {name: rows[person.id][name] for name in names}
            self.assertFalse(any(seen.values()), seen)
        exported = self.call(
            "res.partner", "export_data", people, ["name", "value_referred_ids/name"]
        )
        told = {row[0] for row in exported["datas"] if row[1]}
        self.assertEqual(told, {"Ada"})

    def test_who_creates_at_the_till_browses_nothing(self):
        """So do those who have nothing to do with it; customers least of all."""
        for user in (self.cashier, self.plain, self.keeper, self.portal):
            self.login(user)
            for name in CAPTURED:
                ids = self.all[name].ids
                self.assertRefused(name, "search_read", [], ["display_name"])
                self.assertRefused(name, "search_count", [])
                self.assertRefused(name, "read", ids, ["display_name"])
                self.assertRefused(name, "name_search", "a")
                self.assertRefused(name, "export_data", ids, ["company_id/name"])
                self.assertRefused(name, "formatted_read_group", [], ["company_id"])
                self.assertRefused(name, "create", [{"company_id": self.company.id}])
            own = user.partner_id if user == self.portal else self.ada
            for field in (
                "value_referred_ids",
                "value_referrer_id",
                "value_feedback_count",
                "value_touch_count",
                "value_share_code",
            ):
                self.assertRefused("res.partner", "read", own.ids, [field])
            for domain in (
                [("value_referrer_id.name", "=", "Ada")],
                [("value_referrer_id", "=", self.ada.id)],
                [("value_brought_count", ">", 0)],
                [("value_share_code", "=", "ABC")],
            ):
                self.assertRefused("res.partner", "search", domain)
        self.login(self.cashier)
        self.assertRefused(
            "res.partner", "export_data", self.ada.ids, ["value_referred_ids/name"]
        )

    def test_what_was_said_on_a_document(self):
        """Who may read the document for other reasons does not read that."""
        self.login(self.keeper)
        self.call("pos.order", "search_read", [], ["name"], limit=1)
        for field in (
            "value_feedback_kind",
            "value_feedback_text",
            "value_competitor_id",
            "value_promotion_id",
            "value_referrer_id",
        ):
            self.assertRefused("pos.order", "search_read", [], [field])
            self.assertRefused("pos.order", "search", [(field, "!=", False)])
            self.assertRefused("pos.order", "formatted_read_group", [], [field])

    def test_whose_share_links_there_are(self):
        """Any user reads tracked links, but not whose they are; nor another company."""
        for company in (self.company, self.elsewhere):
            self.env["link.tracker"]._make_share_link(self.ada, company)
        fields = ("value_partner_id", "value_company_id", "value_code")
        links = self.env["link.tracker"].search(
            [("value_partner_id", "=", self.ada.id)]
        )
        self.assertEqual(len(links), 2)
        here = [("id", "in", links.ids)]
        self.login(self.plain)
        for field in fields:
            self.assertRefused("link.tracker", "read", links.ids, [field])
            self.assertRefused("link.tracker", "search", [(field, "!=", False)])
            self.assertRefused("link.tracker", "formatted_read_group", [], [field])
        for user, company in (
            (self.plain, self.company),
            (self.seller, self.company),
            (self.stranger, self.elsewhere),
        ):
            self.login(user)
            own = links.filtered(
                lambda one, company=company: one.value_company_id == company
            )
            self.assertEqual(self.found("link.tracker", here), set(own.ids))
            self.assertRefused("link.tracker", "read", (links - own).ids, ["url"])

    def test_another_company_has_nothing(self):
        self.login(self.stranger)
        for name in CAPTURED:
            ids = self.all[name].ids
            self.assertFalse(self.found(name, [("id", "in", ids)]), name)
            self.assertRefused(name, "read", ids, ["display_name"])
            self.assertRefused(name, "write", ids, {"user_id": self.stranger.id})
            # nor by naming the company in the context
            kwargs = {"context": {"allowed_company_ids": self.company.ids}}
            self.assertRefused(name, "search", [], **kwargs)
        people = (self.ada | self.ben | self.dan | self.eve).ids
        domain = [("id", "in", people), ("value_referrer_id", "!=", False)]
        self.assertFalse(self.found("res.partner", domain))
        for row in self.call(
            "res.partner", "read", people, ["value_brought_count", "value_referred_ids"]
        ):
            self.assertFalse(row["value_brought_count"])
            self.assertFalse(row["value_referred_ids"])
