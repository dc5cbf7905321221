from xml.etree import ElementTree as etree

from odoo import Command
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..models.customer_closeness_partner import CLOSENESS_FIELDS
from ..models.customer_loyalty_partner import STATE_FIELDS
from ..models.customer_profile_partner import PROFILE_FIELDS
from ..models.customer_value_mixin import SHOWN_FIELDS
from ..models.ir_rule import FOLLOW_CONTACT
from ..models.res_partner import SCORE_FIELDS
from .rpc_common import RpcCommon
from .work_common import WorkCommon

OWN_VIEWS = (
    "res_partner_view_form",
    "res_partner_view_list",
    "res_partner_view_kanban",
    "res_partner_view_search",
    "sale_order_view_form",
    "sale_order_view_list",
    "sale_order_view_kanban",
    "sale_order_view_search",
    "crm_lead_view_form",
    "crm_lead_view_list_opportunity",
    "crm_lead_view_list_lead",
    "crm_lead_view_kanban",
    "crm_lead_view_search_opportunity",
    "crm_lead_view_search_lead",
    "res_partner_view_form_loyalty",
    "res_partner_view_list_loyalty",
    "res_partner_view_search_loyalty",
    "res_partner_view_form_touch",
    "calendar_event_view_form_touched",
    "res_partner_view_form_referral",
    "res_partner_view_search_referral",
    "sale_order_view_form_referral",
    "crm_lead_view_form_referral",
    "res_partner_view_form_timeline",
    "res_partner_view_list_closeness",
    "res_partner_view_search_closeness",
    "res_partner_view_form_profile",
    "res_partner_view_list_profile",
    "res_partner_view_search_profile",
    "crm_lead_view_form_profile",
    "res_partner_view_form_campaign",
)
PARTNER_FIELDS = (
    *SCORE_FIELDS,
    *STATE_FIELDS,
    *CLOSENESS_FIELDS,
    *PROFILE_FIELDS,
    "value_contact",
    "loyalty_stage_color",
    "value_tier_color",
    "value_top_share",
    "value_strip",
)
ENGINE_MODELS = (
    "customer.value.score",
    "customer.value.measure",
    "customer.value.history",
    "customer.value.run",
    "customer.value.run.chunk",
    "customer.value.run.reading",
    "customer.value.run.error",
    "customer.loyalty.state",
    "customer.loyalty.history",
    "customer.loyalty.rhythm",
    "customer.closeness",
    "customer.closeness.tie",
    "customer.profile.state",
    "customer.value.dirty",
)
"""Written by the engine alone."""


@tagged("post_install", "-at_install")
class TestWithoutGroup(WorkCommon):
    """Who does not have the group works as if the module were not there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.make_order(cls.gold, confirm=False)
        cls.lead = cls.make_lead(cls.gold)
        # a company may take the group away from its salespeople
        cls.env.ref("sales_team.group_sale_salesman").implied_ids = [
            Command.unlink(cls.env.ref("customer_value.group_user").id)
        ]
        cls.blind_seller = cls.make_user(
            "blind", "sales_team.group_sale_salesman_all_leads"
        )

    def _documents(self):
        """``(record as a reader without the group, our fields on it)``."""
        for reader in (self.plain, self.accountant):
            yield self.gold.with_user(reader), PARTNER_FIELDS
        yield self.gold.with_user(self.blind_seller), PARTNER_FIELDS
        yield self.order.with_user(self.blind_seller), SHOWN_FIELDS
        yield self.lead.with_user(self.blind_seller), SHOWN_FIELDS

    def test_the_fields_are_not_there(self):
        for record, names in self._documents():
            self.assertFalse(set(names) & set(record.fields_get()), record)

    def test_nothing_is_read(self):
        for record, names in self._documents():
            for name in names:
                for read in (
                    lambda one=record, name=name: one[name],
                    lambda one=record, name=name: one.read([name]),
                    lambda one=record, name=name: one.web_read({name: {}}),
                    lambda one=record, name=name: one.search_read([], [name]),
                ):
                    with self.assertRaises(AccessError, msg=f"{record} {name}"):
                        record.env.invalidate_all()
                        read()

    def test_nothing_is_searched_sorted_or_grouped_by(self):
        for record, names in self._documents():
            for name in set(names) - {"value_strip", "value_top_share"}:
                with self.assertRaises(AccessError, msg=f"search {record} {name}"):
                    record.search([(name, "=", False)])
                with self.assertRaises(AccessError, msg=f"group {record} {name}"):
                    record._read_group([], [name], ["__count"])
                with self.assertRaises(AccessError, msg=f"order {record} {name}"):
                    record.search([], order=f"{name} desc")
            with self.assertRaises(AccessError):
                record._read_group([], [], ["value_score:avg"])
            with self.assertRaises(AccessError):
                record.search([("value_score", ">", 80)])
        with self.assertRaises(AccessError):
            self.gold.with_user(self.plain).search([("value_top_share", "<", 20)])

    def test_no_way_round_by_another_model(self):
        orders = self.order.with_user(self.blind_seller)
        for domain in (
            [("partner_id.value_score", ">", 80)],
            [("partner_id", "any", [("value_tier_id.code", "=", "gold")])],
            [("partner_id.value_score_id.score", ">", 80)],
        ):
            with self.assertRaises(AccessError, msg=str(domain)):
                orders.search(domain)

    def test_nothing_is_exported(self):
        self.plain.group_ids += self.env.ref("base.group_allow_export")
        with self.assertRaises(AccessError):
            self.gold.with_user(self.plain).export_data(["name", "value_score"])

    def test_the_methods_refuse(self):
        for reader in (self.plain, self.accountant, self.blind_seller):
            gold = self.gold.with_user(reader)
            for call in (
                gold.value_breakdown,
                gold.action_open_value_score,
                gold.action_score_now,
            ):
                with self.assertRaises(AccessError, msg=str(call)):
                    call()

    @mute_logger(
        "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_access"
    )
    def test_the_tables_refuse(self):
        for reader in (self.plain, self.accountant, self.blind_seller, self.portal):
            for name in (*ENGINE_MODELS, "customer.value.override"):
                with self.assertRaises(AccessError, msg=f"{reader.login} {name}"):
                    self.env[name].with_user(reader).search([])

    def test_the_portal_sees_nothing_of_itself(self):
        """A customer with a login does not learn what he is worth."""
        self.portal.partner_id.parent_id = self.gold
        own = self.portal.partner_id.with_user(self.portal)
        self.assertFalse([name for name in own.fields_get() if name in PARTNER_FIELDS])
        with self.assertRaises(AccessError):
            own.read(["value_score"])
        with self.assertRaises(AccessError):
            own.value_breakdown()

    def test_views_are_those_of_a_database_without_the_module(self):
        screens = [
            ("res.partner", "form", "base.view_partner_form"),
            ("res.partner", "list", "base.view_partner_tree"),
            ("res.partner", "kanban", "base.res_partner_kanban_view"),
            ("res.partner", "search", "base.view_res_partner_filter"),
            ("calendar.event", "form", "calendar.view_calendar_event_form"),
        ]
        documents = [
            ("sale.order", "form", "sale.view_order_form"),
            ("sale.order", "list", "sale.view_quotation_tree_with_onboarding"),
            ("sale.order", "kanban", "sale.view_sale_order_kanban"),
            ("sale.order", "search", "sale.sale_order_view_search_inherit_quotation"),
            ("crm.lead", "form", "crm.crm_lead_view_form"),
            ("crm.lead", "list", "crm.crm_case_tree_view_oppor"),
            ("crm.lead", "list", "crm.crm_case_tree_view_leads"),
            ("crm.lead", "kanban", "crm.crm_case_kanban_view_leads"),
            ("crm.lead", "search", "crm.view_crm_case_opportunities_filter"),
            ("crm.lead", "search", "crm.view_crm_case_leads_filter"),
        ]
        readers = [
            (self.plain, screens),
            (self.accountant, screens),
            (self.blind_seller, screens + documents),
        ]
        seen = self._views(readers)
        for name in OWN_VIEWS:
            self.env.ref(f"customer_value.{name}").active = False
        self.assertEqual(seen, self._views(readers))
        self.assertEqual(len(seen), 25)

    def _views(self, readers):
        self.env.registry.clear_cache("templates")
        views = {}
        for reader, screens in readers:
            for model, kind, ref in screens:
                found = (
                    self.env[model]
                    .with_user(reader)
                    .get_views([(self.env.ref(ref).id, kind)])
                )
                arch = found["views"][kind]["arch"]
                self.assertNotRegex(arch, "name=.value_|customer_value")
                views[reader.login, ref] = (
                    _without_indentation(arch),
                    found["models"],
                )
        return views


def _without_indentation(arch):
    """Where a node was taken out, only the blanks around it are left."""
    return etree.canonicalize(arch, strip_text=True)


@tagged("post_install", "-at_install")
class TestReadableContacts(WorkCommon):
    """Scores follow the rules of their contacts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.make_order(cls.gold, confirm=False)
        cls.silver_order = cls.make_order(cls.silver, confirm=False)
        cls.env["customer.value.override"].create(
            {
                "partner_id": cls.gold.id,
                "company_id": cls.company.id,
                "sets_score": True,
                "score": 90,
                "reason": "Speaks for us",
                "date_to": "2099-12-31",
            }
        )
        cls.env["customer.touchpoint"].create({"partner_id": cls.gold.id})
        call = cls.make_activity(cls.gold, done=cls.model._today())
        call.user_id = cls.seller
        cls.env["customer.closeness"]._update(cls.company, cls.model._today())
        cls.env["customer.profile.state"]._update(cls.company, cls.model._today())
        cls.env["customer.profile.fact"].create(
            {
                "partner_id": cls.gold.id,
                "topic_id": cls.env.ref("customer_value.profile_topic_credit").id,
                "company_id": cls.company.id,
                "value": "Good",
            }
        )
        cls.env["customer.campaign.sheet"].create(
            {
                "name": "Spring",
                "partner_id": cls.gold.id,
                "company_id": cls.company.id,
                "user_id": cls.seller.id,
                "date_to": "2099-12-31",
            }
        )
        rule = cls.env["customer.care.rule"].create(
            {"name": "Fell", "code": "fell", "company_id": cls.company.id}
        )
        cls.env["customer.care.case"].create(
            {
                "rule_id": rule.id,
                "partner_id": cls.gold.id,
                "company_id": cls.company.id,
                "user_id": cls.seller.id,
                "date": cls.model._today(),
            }
        )
        rival = cls.env["customer.competitor"].create({"name": "Discount Barn"})
        promotion = cls.env["customer.competitor.promotion"].create(
            {
                "name": "Sale",
                "competitor_id": rival.id,
                "company_id": cls.company.id,
            }
        )
        cls.env["customer.held.firm"].create(
            {
                "promotion_id": promotion.id,
                "partner_id": cls.gold.id,
                "company_id": cls.company.id,
                "outcome": "pending",
            }
        )

    def _hide(self, *partners, keep=()):
        """A rule of the company's own: some contacts are nobody's business."""
        hidden = [partner.id for partner in partners]
        self.env["ir.rule"].sudo().create(
            {
                "name": "Hidden contacts",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": str([("id", "not in", hidden)]),
            }
        )
        self.env.invalidate_all()

    def _seen(self, name, user=None):
        records = self.env[name].with_user(user or self.seller)
        return records.search([("partner_id", "in", self.everybody.ids)]).partner_id

    def test_hidden_contacts_have_hidden_scores(self):
        for name in FOLLOW_CONTACT:
            self.assertIn(self.gold, self._seen(name), name)
        self._hide(self.gold)
        for name in FOLLOW_CONTACT:
            self.assertNotIn(self.gold, self._seen(name), name)
            self.assertNotIn(self.gold, self._seen(name, self.manager), name)
        self.assertEqual(self._seen("customer.value.score"), self.silver | self.basic)

    def test_hidden_scores_are_not_read_by_number(self):
        found = {
            name: self.env[name].search([("partner_id", "=", self.gold.id)])
            for name in FOLLOW_CONTACT
        }
        self._hide(self.gold)
        for name, records in found.items():
            self.assertTrue(records, name)
            with self.assertRaises(AccessError, msg=name):
                records.with_user(self.seller).read(["partner_id"])
            self.assertFalse(records.with_user(self.seller)._filtered_access("read"))

    def test_hidden_scores_are_not_in_sums(self):
        score = self.env["customer.value.score"].with_user(self.seller)
        here = [("company_id", "=", self.company.id)]
        self.assertEqual(score._read_group(here, [], ["__count"]), [(3,)])
        self._hide(self.gold)
        self.assertEqual(
            score._read_group(here, [], ["__count", "score:max"]), [(2, 50)]
        )

    def test_a_contact_of_another_company_is_hidden(self):
        """The rule of Odoo itself: contacts of a company I do not work for."""
        other = self.make_company("Europe/Madrid")
        (self.gold | self.buyer).sudo().company_id = other
        self.env.invalidate_all()
        self.assertNotIn(self.gold, self._seen("customer.value.score"))

    def test_scores_of_other_companies_are_hidden(self):
        other = self.make_company("Europe/Madrid")
        model = self._make_value_model(other)
        self.score(model)
        scores = self.env["customer.value.score"].search(
            [("company_id", "=", other.id)]
        )
        self.assertTrue(scores)
        scores = scores.with_context(allowed_company_ids=self.company.ids)
        self.assertFalse(scores.with_user(self.seller)._filtered_access("read"))

    def test_a_person_of_a_hidden_company_shows_no_score(self):
        self._hide(self.gold)
        buyer = self.buyer.with_user(self.seller)
        self.assertFalse(buyer.value_strip)
        self.assertFalse(buyer.value_tier_id)
        self.assertFalse(buyer.value_breakdown())
        here = Domain("id", "in", self.everybody.ids)
        self.assertEqual(
            buyer.search(here, order="value_score desc, id").ids,
            (self.silver | self.basic | self.buyer | self.unscored).ids,
        )
        self.assertNotIn(self.buyer, buyer.search(here & Domain("value_score", ">", 0)))
        groups = buyer._read_group(here, ["value_tier_id"], ["__count"])
        self.assertEqual({tier.code: n for tier, n in groups},
                         {"silver": 1, "basic": 1, False: 2})  # fmt: skip

    def test_a_quotation_of_a_hidden_contact_shows_no_score(self):
        """The form opens all the same: no error, no leak."""
        self._hide(self.gold)
        order = self.order.with_user(self.seller)
        self.assertFalse(order.value_strip)
        self.assertFalse(order.value_tier_id)
        both = order | self.silver_order.with_user(self.seller)
        here = Domain("id", "in", both.ids)
        self.assertEqual(
            both.search(here, order="value_score desc").ids,
            [self.silver_order.id, self.order.id],
        )
        self.assertFalse(order.search(here & Domain("value_score", ">", 60)))
        groups = order._read_group(here, ["value_tier_id"], ["__count"])
        self.assertEqual({tier.code: n for tier, n in groups}, {"silver": 1, False: 1})

    # ------------------------------------------------------------- confidential

    def test_confidential_measures_are_for_managers(self):
        measure = self.env["customer.value.measure"]
        secret = [("indicator_id.code", "=", "margin")]
        hidden = measure.search(
            [("partner_id", "=", self.gold.id), ("confidential", "=", True)]
        )
        self.assertEqual(len(hidden), 1)
        self.assertTrue(measure.with_user(self.manager).search_count(secret))
        self.assertFalse(measure.with_user(self.seller).search_count(secret))
        with self.assertRaises(AccessError):
            hidden.with_user(self.seller).read(["raw"])

    def test_bands_and_weights_of_confidential_measures_are_for_managers(self):
        """Weight and bands would turn the one sum that is shown into the figure."""
        indicator = self.model.indicator_ids.filtered("confidential")
        rule = (
            self.env["customer.value.tier.rule"]
            .sudo()
            .create(
                {
                    "tier_id": self.model.tier_ids[0].id,
                    "kind": "value",
                    "indicator_id": indicator.id,
                    "number": 7,
                }
            )
        )
        for records in (indicator, indicator.band_ids, rule):
            self.assertEqual(
                records.with_user(self.manager)._filtered_access("read"), records
            )
            self.assertFalse(records.with_user(self.seller)._filtered_access("read"))
        # what is left can still be read
        self.model.tier_ids.with_user(self.seller).read(["rule_summary"])
        self.model.indicator_ids.with_user(self.seller)._filtered_access("read").read()


@tagged("post_install", "-at_install")
class TestRpc(RpcCommon, WorkCommon):
    """The same, as the browser of somebody ill-disposed would ask."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["customer.value.history"].create(
            {
                "partner_id": cls.gold.id,
                "company_id": cls.company.id,
                "date": "2020-01-01",
                "score": 1,
            }
        )
        call = cls.make_activity(cls.gold, done=cls.model._today())
        call.user_id = cls.seller
        cls.env["customer.closeness"]._update(cls.company, cls.model._today())
        cls.env["customer.profile.state"]._update(cls.company, cls.model._today())
        run = cls.env["customer.value.run"]._start(cls.model)
        run._work_through()
        cls.env["customer.value.run.error"].create(
            {"run_id": run.id, "message": "Broken"}
        )
        cls.env["customer.value.run.reading"].create(
            {
                "run_id": run.id,
                "model_id": cls.model.id,
                "as_of": run.as_of,
                "shape": "sale.order partner_id",
            }
        )
        cls.env["customer.value.dirty"].create(
            {"res_model": "res.partner", "res_id": cls.gold.id}
        )
        cls.admin = new_test_user(
            cls.env,
            "value.admin",
            "base.group_system,customer_value.group_manager,sales_team.group_sale_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model")
    def test_nobody_writes_what_the_engine_writes(self):
        ids = {
            name: self.env[name].search([], limit=1, order="id desc").ids
            for name in ENGINE_MODELS
        }
        before = self._image()
        for user in (self.admin, self.manager, self.seller, self.plain, self.portal):
            self.authenticate(user.login, user.login)
            for name in ENGINE_MODELS:
                self.assertTrue(ids[name], name)
                field = "score" if "score" in self.env[name]._fields else "id"
                self.assertRefused(name, "write", ids[name], {field: 100})
                self.assertRefused(name, "unlink", ids[name])
                self.assertRefused(name, "create", [{"partner_id": self.gold.id}])
                self.assertRefused(name, "web_save", ids[name], {field: 100}, {})
                self.assertRefused(name, "copy", ids[name])
            self.assertRefused("customer.value.score", "name_create", "x")
        self.assertEqual(self._image(), before)

    def _image(self):
        """The rows of the tables, which no refused call may have touched."""
        self.env.invalidate_all()
        rows = []
        for name in ENGINE_MODELS[:-1]:  # logging in leaves marks of its own
            records = self.env[name].search([])
            rows.append((name, records.ids, records.mapped("display_name")))
        scores = self.env["customer.value.score"].search([])
        return rows, scores.mapped("score"), scores.mapped("write_date")

    @mute_logger("odoo.http")
    def test_the_engine_is_not_called_from_outside(self):
        self.authenticate(self.admin.login, self.admin.login)
        for model, method, args in (
            ("customer.value.engine", "_score", [self.model.id, "2026-01-01"]),
            ("customer.value.run", "_start", [self.model.ids]),
            ("customer.value.dirty", "_score_now", [self.gold.ids]),
            ("customer.value.score", "_strip", [self.score_of(self.gold).ids]),
            ("customer.value.measure", "_breakdown_rows", [1]),
        ):
            self.assertRefused(model, method, *args)

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_model")
    def test_without_the_group_nothing_is_learnt(self):
        for user in (self.plain, self.accountant, self.portal):
            self.authenticate(user.login, user.login)
            ids = (self.gold if user != self.portal else user.partner_id).ids
            for model, method, args in (
                ("res.partner", "read", [ids, ["value_score"]]),
                ("res.partner", "web_read", [ids, {"value_strip": {}}]),
                ("res.partner", "search_read", [[("value_score", ">", 1)], ["name"]]),
                ("res.partner", "search_count", [[("value_tier_id", "!=", False)]]),
                ("res.partner", "web_search_read", [[], {"value_tier_id": {}}]),
                ("res.partner", "value_breakdown", [ids]),
                ("res.partner", "action_score_now", [ids]),
                ("customer.value.score", "search_read", [[], ["score"]]),
                ("customer.value.measure", "search_read", [[], ["raw"]]),
                ("customer.value.history", "search_read", [[], ["score"]]),
                ("customer.value.override", "search_read", [[], ["reason"]]),
            ):
                self.assertRefused(model, method, *args)
            for method, groups in (
                ("formatted_read_group", {"groupby": ["value_tier_id"]}),
                ("web_read_group", {"groupby": ["value_trend"]}),
                ("formatted_read_group", {"aggregates": ["value_score:avg"]}),
            ):
                self.assertRefused("res.partner", method, [], **groups)
            self.assertRefused(
                "res.partner", "search_read", [], ["name"], order="value_score desc"
            )

    def test_with_the_group_it_works(self):
        self.authenticate(self.seller.login, self.seller.login)
        rows = self.call(
            "res.partner",
            "web_read",
            self.buyer.ids,
            {"value_score": {}, "value_strip": {}, "value_tier_id": {"fields": {}}},
        )
        self.assertEqual(rows[0]["value_score"], 87)
        self.assertEqual(rows[0]["value_strip"]["entity"], "Gold Works")
        breakdown = self.call("res.partner", "value_breakdown", self.buyer.ids)
        self.assertEqual(
            [row["state"] for row in breakdown["rows"]],
            ["measured", "none", "confidential"],
        )
        groups = self.call(
            "res.partner",
            "formatted_read_group",
            [("id", "in", self.everybody.ids)],
            groupby=["value_tier_id"],
            aggregates=["value_score:avg"],
        )
        self.assertEqual(len(groups), 4)

    @mute_logger("odoo.http")
    def test_the_manager_has_buttons_instead_of_write_access(self):
        run = self.env["customer.value.run"]._start(self.model)
        self.authenticate(self.seller.login, self.seller.login)
        self.assertRefused("customer.value.run", "action_cancel", run.ids)
        self.authenticate(self.manager.login, self.manager.login)
        self.call("customer.value.run", "action_cancel", run.ids)
        self.env.invalidate_all()
        self.assertEqual(run.state, "cancelled")
