import json
import os
import re
import subprocess
import sys
from pathlib import Path

from odoo.tests import BaseCase, tagged
from odoo.tools import config

from .test_minimal_install import ABSENT

SCENARIO = Path(__file__).with_name("install_scenario.py")
COMPLAINT = re.compile(r" (WARNING|ERROR|CRITICAL) ")
DATABASE = "CUSTOMER_VALUE_BARE_DATABASE"
COUNTED = ("events_attended", "mailings_opened", "ratings", "surveys_completed")
"""Indicators of the ready model of consumers, by what is installed later."""


@tagged("-standard", "customer_value_install")
class TestInstall(BaseCase):
    """Installed, used, updated, removed, installed again: on a database of its own.

    `dev/test` makes the database, without the module, and names it. Odoo forbids module
    operations inside of a test: they are done by processes, as administrators do.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.begun = cls.shell("begin")
        cls.odoo("-u", "customer_value", "--stop-after-init")
        cls.ended = cls.shell("end")

    @classmethod
    def shell(cls, step):
        script = f"{SCENARIO.read_text()}\n\nplay(env, {step!r})\n"
        return json.loads(cls.odoo(command="shell", script=script).splitlines()[-1])

    @classmethod
    def odoo(cls, *arguments, command="server", script=""):
        """Run Odoo to its end; what it warns of is an error."""
        done = subprocess.run(
            [
                *(sys.executable, "-m", "odoo", command, "-d", os.environ[DATABASE]),
                *("--no-http", "--log-level=warn", *arguments),
            ],
            env={**os.environ, "ODOO_RC": config["config"]},
            input=script,
            capture_output=True,
            text=True,
        )
        if done.returncode or COMPLAINT.search(done.stderr):
            raise AssertionError(f"{command} {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def test_update_keeps_what_is_there(self):
        """Scores, history, overrides, runs and what the company configured."""
        for what, before in self.begun["state"].items():
            with self.subTest(what=what):
                self.assertEqual(self.ended["state"][what], before)

    def test_there_was_something_to_keep(self):
        for what, rows in self.begun["state"].items():
            with self.subTest(what=what):
                self.assertEqual(bool(rows), what != "marks")

    def test_removal_leaves_nothing(self):
        """Neither tables, columns, indexes nor records: all is as it was before."""
        for what, before in self.begun["inventory"].items():
            before, after = (
                set(map(tuple, rows))
                for rows in (before, self.ended["inventory"][what])
            )
            with self.subTest(what=what):
                self.assertEqual(sorted(after - before), [], "left behind")
                self.assertEqual(sorted(before - after), [], "taken along")

    def test_screens_open_without_the_module_and_with_it_again(self):
        self.assertTrue(self.ended["screens"])
        self.assertEqual(self.ended["screens"], self.ended["screens_again"])

    def test_installed_again_it_scores(self):
        scores = self.begun["state"]["customer_value_score"]
        self.assertGreaterEqual(self.ended["scored_again"], len(scores))

    def test_what_comes_later_is_known(self):
        """Events, surveys, ratings ... are installed after the module."""
        before, woken, after = (
            self.ended["later"][name] for name in ("before", "woken", "after")
        )
        self.assertEqual(set(before["waiting"]), ABSENT)
        self.assertTrue(before["reasons"])
        self.assertEqual(woken["waiting"], [])
        for code in COUNTED:
            with self.subTest(indicator=code):
                self.assertEqual(before["measures"][code], "unavailable")
                self.assertEqual(after["measures"][code], "measured")
        self.assertEqual(after["measures"]["cards_shared"], "none")
        told = {"registration", "survey", "rating"}
        self.assertFalse(told & set(before["told"]))
        self.assertLess(told, set(after["told"]))

    def test_a_low_rating_becomes_a_complaint_by_itself(self):
        complaint = self.ended["later"]["complaint"]
        self.assertEqual(complaint, [["complaint", "Too late"]])

    def test_a_coupon_can_be_the_reward(self):
        later = self.ended["later"]
        self.assertFalse(later["before"]["program"])
        self.assertEqual(later["woken"]["program"], "loyalty.program")
        self.assertEqual(later["reward"], {"state": "rewarded", "coupon": True})

    def test_screens_open_with_what_comes_later(self):
        self.assertEqual(self.ended["later"]["screens"], self.ended["screens"])
