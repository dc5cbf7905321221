from datetime import timedelta

from lxml import etree

from odoo.tests import tagged

from ..models.customer_value_model import READY_MODELS
from .common import CustomerValueCommon

ABSENT = {
    "cards_made",
    "cards_shared",
    "event_attendance",
    "event_registrations",
    "link_clicks",
    "mailings_clicked",
    "mailings_opened",
    "mailings_received",
    "mailings_replied",
    "margin",
    "ratings",
    "ratings_answered",
    "ratings_asked",
    "survey_answers",
    "survey_invitations",
    "survey_questions",
    "survey_questions_answered",
}
USERS = {
    "manager": "customer_value.group_manager,sales_team.group_sale_manager,"
    "point_of_sale.group_pos_manager,base.group_system",
    "seller": "sales_team.group_sale_salesman_all_leads",
    "cashier": "base.group_user,point_of_sale.group_pos_user",
}
# Where we appear in what others made.
HOSTS = {
    "customer.value.score": ("list", "form", "kanban", "search", "pivot", "graph"),
    "res.partner": ("list", "form", "kanban", "search"),
    "sale.order": ("list", "form", "kanban", "search"),
    "crm.lead": ("list", "form", "kanban", "search"),
    "res.config.settings": ("form",),
}


@tagged("-standard", "customer_value_minimal")
class TestMinimalInstall(CustomerValueCommon):
    """The module with nothing but what its manifest depends on.

    `dev/test` runs this, on a database of that kind, before everything else.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            login: cls.env["res.users"].create(
                {
                    "name": login,
                    "login": f"minimal.{login}",
                    "company_id": cls.company.id,
                    "company_ids": cls.company.ids,
                    "group_ids": [cls.env.ref(group).id for group in groups.split(",")],
                }
            )
            for login, groups in USERS.items()
        }

    def sources(self):
        return self.env["customer.value.source"].search([])

    def score_ready_models(self):
        """The delivered models, activated for the test's company and scored."""
        ready = self.env["customer.value.model"]
        ready._activate_ready(READY_MODELS, self.company)
        models = ready.search(
            [("company_id", "=", self.company.id), ("state", "=", "active")]
        )
        runs = models.run_ids
        runs._work_through()
        return models, runs

    def test_nothing_more_than_the_dependencies(self):
        """Else this stage would prove nothing."""
        absent = (
            self.env["ir.module.module"]
            .search([("name", "in", self.sources().mapped("module_name"))])
            .filtered(lambda module: module.state != "installed")
        )
        self.assertEqual(
            set(absent.mapped("name")),
            {
                "event",
                "marketing_card",
                "mass_mailing",
                "rating",
                "sale_margin",
                "survey",
            },
        )

    def test_sources_of_absent_modules_say_why(self):
        """Unavailable ones name the module, the others work; none is broken."""
        sources = self.sources().with_user(self.users["manager"])
        unavailable = sources.filtered(lambda source: not source.available)
        self.assertEqual(set(unavailable.mapped("code")), ABSENT)
        for source in sources:
            with self.subTest(source=source.code):
                self.assertEqual(bool(source.unavailable_reason), source in unavailable)
                self.assertFalse(source._is_broken())
        modules = self.env["ir.module.module"]
        for source in unavailable:
            module = modules.search([("name", "=", source.module_name)])
            self.assertIn(module.shortdesc, source.unavailable_reason)

    def test_installation_activated_the_ready_models(self):
        models = self.env["customer.value.model"].search([("state", "=", "active")])
        company = self.env.ref("base.main_company")
        own = models.filtered(lambda model: model.company_id == company)
        self.assertEqual(set(own.mapped("code")), set(READY_MODELS))
        self.assertTrue(own.run_ids, "a run waits for the scheduled action")

    def test_customers_are_scored_without_an_error(self):
        """Full run, then what changed: what cannot be measured is left out."""
        agent = self.env.ref("customer_value.category_agent")
        customers = {
            "consumers": self.make_partner("Person", is_company=False),
            "key_accounts": self.make_partner("Company"),
            "distributors": self.make_partner("Agent", category_id=agent.ids),
        }
        day = self.env["customer.value.model"].new()._today() - timedelta(days=5)
        for customer in customers.values():
            order = self.make_order(customer, when=self.local(day))
            self.invoice_order(order, day)
        models, runs = self.score_ready_models()
        self.assertEqual(set(runs.mapped("state")), {"done"})
        self.assertFalse(runs.error_ids)
        for code, customer in customers.items():
            model = models.filtered(lambda one, code=code: one.code == code)
            with self.subTest(model=code):
                score = self.scores(customer)
                self.assertEqual(score.model_id, model)
                self.assertGreater(score.score, 0)
                self.assertTrue(score.tier_id)
                self.assertFalse(score.is_flagged)
                self.assert_left_out(customer, model)
        before = {one: self.scores(one).score for one in customers.values()}
        self.make_order(customers["consumers"], ((1, 5000.0),))
        self.score_dirty()
        self.assertNotEqual(
            self.scores(customers["consumers"]).score, before[customers["consumers"]]
        )

    def scores(self, customer):
        found = self.env["customer.value.score"].search(
            [("partner_id", "=", customer.id), ("company_id", "=", self.company.id)]
        )
        found.invalidate_recordset()
        return found

    def assert_left_out(self, customer, model):
        [row] = self.stored(customer).values()
        rows = customer.value_breakdown()["rows"]
        states = {one["code"]: one["state"] for one in rows}
        for indicator in model.indicator_ids:
            sources = indicator.source_id | indicator.opportunity_source_id
            if set(sources.mapped("code")) & ABSENT:
                self.assertIsNone(self.measure(row, indicator)[1], indicator.code)
                self.assertEqual(states[indicator.code], "unavailable")
            else:
                known = ("measured", "none")
                self.assertIn(states[indicator.code], known, indicator.code)

    def test_our_views_open(self):
        """Each one of ours alone, for whom it is made."""
        data = self.env["ir.model.data"].search(
            [("module", "=", "customer_value"), ("model", "=", "ir.ui.view")]
        )
        views = self.env["ir.ui.view"].browse(data.mapped("res_id"))
        self.assertGreater(len(views), 25)
        for view in views:
            while view.mode == "extension":
                view = view.inherit_id
            if view.type != "qweb":
                with self.subTest(view=view.xml_id):
                    self.get_view("manager", view.model, view.id, view.type)

    def test_views_of_others_open(self):
        for login in ("manager", "seller"):
            for model, kinds in HOSTS.items():
                if model == "res.config.settings" and login == "seller":
                    continue
                for kind in kinds:
                    with self.subTest(login=login, model=model, kind=kind):
                        self.get_view(login, model, None, kind)

    def get_view(self, login, model, view_id, kind):
        user = self.users[login]
        view = self.env[model].with_user(user).get_view(view_id, kind)
        self.assertTrue(len(etree.fromstring(view["arch"])))

    def test_menus_lead_to_existing_models(self):
        menus = self.env["ir.ui.menu"].with_user(self.users["manager"])
        root = menus.env.ref("customer_value.customer_value_menu")
        for menu in menus.search([("id", "child_of", root.id)]):
            if menu.action and menu.action._name == "ir.actions.act_window":
                with self.subTest(menu=menu.complete_name):
                    model = self.env[menu.action.res_model].with_user(
                        self.users["manager"]
                    )
                    model.get_views(menu.action.views)

    def test_the_till_loads(self):
        customer = self.make_partner("Person", is_company=False)
        self.make_order(customer)
        self.score_ready_models()
        session = self.open_till().with_user(self.users["cashier"])
        rows = session.load_data([])["res.partner"]
        badges = {row["id"]: row["value_badge"] for row in rows}
        self.assertIn("tier", badges[customer.id])
