"""What the care rules cost: every night, in a preview, for one customer, on My Day.

Two months of history are added, a row for each week and customer: some customers fell
in them, some rose, some lost their tier, most did nothing worth a case. There is a
rule of each kind of trigger, the ready ones as they are delivered.
"""

import statistics
from itertools import pairwise

WEEKS = 9
FULL_RUNS = 2
ROUNDS = 5
ONE_BY_ONE = 10
PAGE = 80
MY_CASES = 500
COMPLAINTS = 300
READY = (
    "key_customer_fell",
    "tier_lost",
    "became_at_risk",
    "complaint_open",
    "risen",
)
COLUMNS = (
    "kind",
    "partner_id",
    "tier_id",
    "tier_color",
    "name",
    "detail",
    "date",
    "is_gain",
    "value_at_stake",
    "currency_id",
    "res_model",
)


def measure(env, models, score_all, forget_scores, seconds, make_seller):
    """Yield ``(name, value, unit)``; the first run of the models has been made."""
    companies = models.company_id
    fill(env, companies)
    full = []
    for __ in range(FULL_RUNS):
        forget_scores(env, history=False)
        full.append(seconds(lambda: score_all(env, models)))
    ready = rules(env, models)
    env.cr.execute("SELECT COUNT(*) FROM customer_value_history")
    yield "history_rows", env.cr.fetchone()[0], "rows"
    yield "full_run_s", min(full), "s"
    yield "care_first_s", seconds(lambda: evaluate(env, companies)), "s"
    yield "care_cases", env["customer.care.case"].search_count([]), "cases"
    nightly = min(
        seconds(lambda: evaluate(env, companies)) for __ in range(FULL_RUNS + 1)
    )
    yield "care_evaluate_s", nightly, "s"
    yield "care_over_full_run", nightly / min(full), "ratio"
    for trigger, rule in ready.items():
        taken = min(seconds(rule._preview) for __ in range(2))
        yield f"care_preview_{trigger}_ms", 1000 * taken, "ms"
    yield "care_one_customer_ms", 1000 * one_customer(env, companies, seconds), "ms"
    yield from my_day(env, make_seller(env), seconds)


def evaluate(env, companies):
    for company in companies:
        env["customer.care.engine"]._evaluate(company)
        env.cr.commit()
    env.invalidate_all()


# ------------------------------------------------------------------------ filling


def fill(env, companies):
    """Where everybody stood in the weeks before, and the stages of most."""
    env.cr.execute(
        """
        INSERT INTO customer_value_history
               (partner_id, company_id, model_id, date, recorded, is_step, former_id,
                is_replayed, cause, score, computed_score, tier_id, coverage, raw,
                basis, points, states)
        SELECT partner_id, company_id, told.model_id, CURRENT_DATE - 7 * week, NOW(),
               FALSE, 0, TRUE, 'evidence', LEAST(GREATEST(score + change, 0), 100),
               LEAST(GREATEST(computed_score + change, 0), 100),
               CASE WHEN change > 9 THEN COALESCE(above.id, told.tier_id)
                    ELSE told.tier_id END,
               coverage, raw, basis,
               CASE WHEN change > 9 THEN ARRAY[100::float8] || points[2:]
                    ELSE points END,
               states
          FROM (SELECT score.*, week,
                       CASE WHEN lot < 3 AND week > 1 THEN 15
                            WHEN lot BETWEEN 3 AND 4 AND week > 2 THEN -20
                            ELSE ABS(HASHINT4(partner_id + week)) %% 3 END AS change
                  FROM (SELECT *, ABS(HASHINT4(partner_id)) %% 100 AS lot
                          FROM customer_value_score) score,
                       GENERATE_SERIES(1, %s) week) told
          JOIN customer_value_tier own ON own.id = told.tier_id
     LEFT JOIN customer_value_tier above ON above.model_id = own.model_id
           AND above.sequence = own.sequence - 1
            ON CONFLICT DO NOTHING
        """,
        [WEEKS],
    )
    for company in companies:
        env["customer.loyalty.history"]._update(company, today(company))
    env.flush_all()
    env.cr.execute(
        """
        INSERT INTO customer_loyalty_history
               (partner_id, company_id, former_id, date, stage_id, recorded)
        SELECT partner_id, company_id, 0, date - 200, %s, NOW()
          FROM customer_loyalty_history
        """,
        [env.ref("customer_value.loyalty_stage_loyal").id],
    )
    complain(env, companies)
    override(env)
    env.cr.commit()
    for table in ("customer_value_history", "customer_loyalty_history"):
        env.cr.execute(f"ANALYZE {table}")
    env.cr.commit()
    env.invalidate_all()


def complain(env, companies):
    for company in companies:
        env["customer.feedback"].create(
            [
                {
                    "kind": "complaint",
                    "subject": "Late",
                    "partner_id": partner_id,
                    "company_id": company.id,
                }
                for partner_id in customers(env, company, COMPLAINTS)
            ]
        )
    env.flush_all()
    env.cr.execute("UPDATE customer_feedback SET date = date - INTERVAL '1 day' * 10")


def override(env):
    """Words of a manager that expired this week."""
    env.cr.execute(
        """
        INSERT INTO customer_value_override
               (partner_id, company_id, date_from, date_to, reason, sets_score, score,
                active)
        SELECT partner_id, company_id, CURRENT_DATE - 40, CURRENT_DATE - 3, 'Known',
               TRUE, 90, TRUE
          FROM customer_value_score WHERE ABS(HASHINT4(partner_id)) % 300 = 7
        """
    )


def customers(env, company, count):
    env.cr.execute(
        "SELECT partner_id FROM customer_value_score WHERE company_id = %s "
        "ORDER BY HASHINT4(partner_id) LIMIT %s",
        [company.id, count],
    )
    return [row[0] for row in env.cr.fetchall()]


def today(company):
    return company.env["customer.value.model"].new({"company_id": company.id})._today()


# -------------------------------------------------------------------------- rules


def rules(env, models):
    """The ready rules of each company, active, and one of each kind for previews."""
    delivered = env["customer.care.rule"].with_context(active_test=False).search([])
    delivered.active = False
    of_first = {}
    for model in models:
        own = [adapted(env, model, code) for code in READY]
        for rule in own:
            rule.action_activate()
            of_first.setdefault(rule.trigger, rule)
    first = models[:1]
    sales = first.indicator_ids[:1]
    for trigger, vals in (
        ("band", {"indicator_id": sales.id, "band_id": sales.band_ids[-1:].id}),
        ("override", {}),
    ):
        of_first[trigger] = env["customer.care.rule"].create(
            {
                "name": trigger,
                "trigger": trigger,
                "days": 7,
                "company_id": first.company_id.id,
                **vals,
            }
        )
    env.cr.commit()
    return of_first


def adapted(env, model, code):
    """A ready rule, of the population's value model."""
    ready = env.ref(f"customer_value.care_rule_{code}")
    return ready.copy(
        {
            "company_id": model.company_id.id,
            "code": f"bench_{code}",
            "active": True,
            "tier_ids": [(6, 0, model.tier_ids[:1].ids if ready.tier_ids else [])],
        }
    )


# ----------------------------------------------------------------------- evaluating


def one_customer(env, companies, seconds):
    """Median seconds to look at somebody who has just been scored."""
    dirty = env["customer.value.dirty"]
    engine = env["customer.care.engine"]
    taken = []
    company = companies[:1]
    for partner_id in customers(env, company, ONE_BY_ONE):
        dirty._mark("res.partner", [partner_id])
        env.flush_all()
        env.cr.precommit.run()
        while dirty._score_batch():
            pass
        env.cr.commit()
        env.invalidate_all()
        partner = env["res.partner"].browse(partner_id)
        taken.append(
            seconds(
                lambda partner=partner: engine._evaluate(
                    company, partner=partner, tells=False
                )
            )
        )
        env.cr.commit()
    return statistics.median(taken)


def my_day(env, seller, seconds):
    """A salesperson with hundreds of cases opens the first page of My Day."""
    company = seller.company_id
    cases = env["customer.care.case"].search(
        [("company_id", "=", company.id), ("state", "!=", "closed")], limit=MY_CASES
    )
    cases.user_id = seller
    waiting = cases.filtered(lambda case: case.state == "waiting")
    yield (
        "care_give_out_s",
        seconds(lambda: (waiting._start(today(company), False), env.flush_all())),
        "s",
    )
    env.cr.commit()
    env.cr.execute("ANALYZE customer_care_case, mail_activity")
    columns = {name: {} for name in COLUMNS}
    day = env["customer.my.day"].with_user(seller).with_company(company)
    taken, queries = [], [env.cr.sql_log_count]
    for __ in range(ROUNDS):
        env.invalidate_all()
        taken.append(seconds(lambda: day.web_search_read([], columns, limit=PAGE)))
        queries.append(env.cr.sql_log_count)
    yield "my_day_lines", day.search_count([]), "lines"
    yield "my_day_ms", 1000 * statistics.median(taken), "ms"
    yield "my_day_queries", min(b - a for a, b in pairwise(queries)), "queries"
