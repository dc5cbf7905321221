"""Plays the plan through Odoo's own flows, then scores everybody.

How to use: ``generate(env)``, once, in a database with the demo files loaded before
``generate.xml``. Odoo calls it when it loads the demo data. All days are relative to
today; on the same day the same documents come out.

How it works: ``plan`` and ``stories`` tell who buys what and when, without Odoo. A
``Scene`` holds the company, its people and products, and today. One file per room
writes the documents: ``partners``, ``orders``, ``till``, ``relations``, ``touch``,
``asked``.
"""

import logging
import time
from datetime import timedelta

from ..hooks import READY_MODELS
from . import (
    asked,
    campaign,
    care,
    feedback,
    influence,
    orders,
    partners,
    profile,
    referral,
    relations,
    till,
    touch,
)
from .plan import Plan
from .scene import Scene
from .stories import STORIES

_logger = logging.getLogger(__name__)

SCORED_MONTHS = 24
STAGED_MONTHS = 24
"""How far back it is told where customers stood."""


def generate(env, scale=1.0):
    """Make the demo company's customers and documents; returns the plan."""
    return Generator(env, scale).run()


class Generator:
    def __init__(self, env, scale):
        self.scene = Scene(env)
        self.plan = Plan(self.scene.catalogue(), STORIES, scale)
        self.started = time.monotonic()

    def run(self):
        scene, plan = self.scene, self.plan
        partners.write_rates(scene)
        partners.write_partners(scene, plan)
        scene.settle()
        self.log("%d customers", len(plan.customers))
        for done, total in orders.write_orders(scene, plan):
            self.log("%d of %d orders", done, total)
        for done, total in till.write_till(scene, plan):
            self.log("%d of %d till orders", done, total)
        self.log("%d opportunities", relations.write_deals(scene, plan))
        self.log("%d activities done", relations.write_activities(scene, plan))
        self.log("%d meetings", relations.write_meetings(scene, plan))
        self.log("%d messages", relations.write_messages(scene, plan))
        self.log("%d touches", touch.write_touches(scene, plan))
        for what, count in asked.write_asked(scene, plan).items():
            self.log("asked %d times by %s", count, what)
        self.log("%d rivals' promotions", feedback.write_rivals(scene))
        self.log("%d pieces of feedback", feedback.write_feedback(scene))
        self.log("%d referrals", referral.write_referrals(scene, plan))
        self.log("%d key contacts", influence.write_maps(scene))
        self.log("%d profile facts", profile.write_facts(scene, plan))
        self.log("%d campaign sheets", campaign.write_sheets(scene))
        self.score()
        return plan

    def log(self, message, *values):
        seconds = time.monotonic() - self.started
        _logger.info("Demo data: " + message + " (%.0f s)", *values, seconds)

    # ------------------------------------------------------------------ scoring

    def score(self):
        env = self.scene.env
        models = env["customer.value.model"]
        models._activate_ready(READY_MODELS)
        self.scene.settle()
        active = models.search([("state", "=", "active")])
        env["customer.value.run"]._start(active)._work_through()
        self.write_override()
        self.reconstruct_past()
        self.log("%d scores", env["customer.value.score"].search_count([]))
        env["customer.closeness"]._update(self.scene.company, self.scene.today)
        self.log("%d care cases", care.write_cases(self.scene))

    def reconstruct_past(self):
        """Where the demo company's customers stood at the ends of past months."""
        env, company = self.scene.env, self.scene.company
        models = env["customer.value.model"].search(
            [("state", "=", "active"), ("company_id", "=", company.id)]
        )
        env["customer.value.run"]._start_replay(models, SCORED_MONTHS)._work_through()
        self.log("scores of %d months", SCORED_MONTHS)
        env["customer.loyalty.history"]._replay_months(company, STAGED_MONTHS)
        self.log("loyalty of %d months", STAGED_MONTHS)

    def write_override(self):
        """A manager knows what no document tells yet."""
        scene = self.scene
        saltmarsh = scene.ref("saltmarsh")
        score = saltmarsh.value_score_id
        if not score:
            return
        scene.env["customer.value.override"].with_user(scene.mia).create(
            {
                "partner_id": saltmarsh.id,
                "tier_id": score.model_id.tier_ids[0].id,
                "reason": "Signs with Northgate Foods in spring: their 40 shops will "
                "buy through Saltmarsh. Treat as a top account until then.",
                "date_from": scene.date(6),
                "date_to": scene.today + timedelta(days=120),
            }
        )
