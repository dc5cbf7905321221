import json

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

OPEN_ALL = """
const { action } = odoo.__WOWL_DEBUG__.root.env.services;
const rest = (ms) => new Promise((done) => setTimeout(done, ms));
const isBusy = () => document.querySelector(".o_loading_indicator, .o_blockUI");
const settled = async () => {
    for (let quiet = 0; quiet < 3; quiet = isBusy() ? 0 : quiet + 1) {
        await rest(25);
    }
};
let here = "";
(async () => {
    for (const [name, id, viewTypes] of %s) {
        for (const viewType of viewTypes) {
            here = `${name}, ${viewType}`;
            const options = viewType ? { viewType } : {};
            await action.doAction(id, { clearBreadcrumbs: true, ...options });
            await settled();
            const problem = document.querySelector(".o_error_dialog, .modal .alert");
            if (problem || !document.querySelector(".o_action_manager > *")) {
                throw new Error(problem?.innerText);
            }
        }
    }
    console.log("every screen opened");
})().catch((problem) => console.error(`${here}: ${problem.message || problem}`));
"""


@tagged("post_install", "-at_install")
class TestEveryScreen(HttpCase):
    """Each menu item, in each of its views, opens for whoever is shown it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            "screens_seller": "sales_team.group_sale_salesman",
            "screens_manager": "sales_team.group_sale_manager,"
            "customer_value.group_manager",
        }
        for login, groups in cls.users.items():
            new_test_user(cls.env, login, groups=groups, tour_enabled=False)
        customer = cls.env["res.partner"].create({"name": "W" * 90})
        # views draw themselves fully where there is something to draw
        cls.env["customer.feedback"].create(
            {
                "partner_id": customer.id,
                "kind": "complaint",
                "subject": "The parcel arrived open",
                "date_due": fields.Date.today(),
            }
        )
        cls.env["customer.touchpoint"].create(
            {"partner_id": customer.id, "kind": "call", "note": "Asked for the parcel"}
        )

    def _menus(self, login):
        user = self.env["res.users"].search([("login", "=", login)])
        menus = self.env["ir.ui.menu"].with_user(user).load_menus(False)
        root = self.env.ref("customer_value.customer_value_menu")
        return menus, menus[root.id]

    def _screens(self, login):
        """``[menu, action id, view types]`` of every item below our application."""
        menus, root = self._menus(login)
        screens, waiting = [], list(root["children"])
        while waiting:
            menu = menus[waiting.pop(0)]
            waiting.extend(menu["children"])
            if menu["action_id"]:
                action = self.env[menu["action_model"]].browse(menu["action_id"])
                modes = [None]
                if action._name == "ir.actions.act_window":
                    modes = action.view_mode.split(",")
                    modes = [mode for mode in modes if mode != "form"] or modes
                screens.append([menu["name"], action.id, modes])
        return screens

    def test_every_screen_opens_for_a_seller(self):
        self._open_all("screens_seller")

    def test_every_screen_opens_for_a_manager(self):
        self._open_all("screens_manager")

    def _open_all(self, login):
        screens = self._screens(login)
        self.assertGreater(len(screens), 20)
        self.browser_js(
            "/odoo",
            OPEN_ALL % json.dumps(screens),
            "odoo.isReady === true",
            login=login,
            timeout=240,
            success_signal="every screen opened",
        )

    def test_few_entries_none_empty(self):
        """At most six at the top, and no heading above nothing."""
        for login in self.users:
            with self.subTest(login=login):
                menus, root = self._menus(login)
                self.assertLessEqual(len(root["children"]), 6)
                waiting = list(root["children"])
                while waiting:
                    menu = menus[waiting.pop()]
                    waiting.extend(menu["children"])
                    self.assertTrue(menu["children"] or menu["action_id"], menu["name"])
