"""What the history costs: writing it, and opening a customer's in a large table."""

import statistics
from contextlib import contextmanager

ROWS = 1_000_000
OPENED = 30


def measure(env, models, score_all, forget_scores, seconds, repeats):
    """Yield ``(name, value, unit)``; the first run of the models has been made."""
    fill(env)
    yield "history_rows", count(env), "rows"
    with_history, without = [], []
    for __ in range(repeats):
        forget_scores(env, history=False)
        with_history.append(seconds(lambda: score_all(env, models)))
        with untold(env):
            forget_scores(env, history=False)
            without.append(seconds(lambda: score_all(env, models)))
    share = (min(with_history) - min(without)) / min(without)
    yield "full_run_s", min(with_history), "s"
    yield "full_run_untold_s", min(without), "s"
    yield "history_share_of_full_run", share, "ratio"
    for name, method in (("course", "value_history"), ("change", "value_change")):
        yield f"history_open_{name}_ms", 1000 * opened(env, method, seconds), "ms"


def fill(env):
    """Months' ends of the past for every customer, until there are enough."""
    env.cr.execute(
        """
        INSERT INTO customer_value_history
               (partner_id, company_id, model_id, date, recorded, is_step, former_id,
                is_replayed, cause, score, computed_score, tier_id, coverage, raw,
                basis, points, states)
        SELECT partner_id, company_id, model_id,
               (DATE_TRUNC('month', now()) - month * INTERVAL '1 month')::date - 1,
               now(), FALSE, 0, TRUE, 'time', GREATEST(score - month, 0),
               GREATEST(computed_score - month, 0), tier_id, coverage, raw, basis,
               points, states
          FROM customer_value_score,
               GENERATE_SERIES(1, %s / (SELECT COUNT(*) FROM customer_value_score) + 1)
                   AS month
            ON CONFLICT DO NOTHING
        """,
        [ROWS],
    )
    env.cr.execute("ANALYZE customer_value_history")
    env.cr.commit()


def count(env):
    env.cr.execute("SELECT COUNT(*) FROM customer_value_history")
    return env.cr.fetchone()[0]


@contextmanager
def untold(env):
    """Scoring that records nothing."""
    from odoo.tools import SQL

    engine = env.registry["customer.value.engine"]
    told = engine._told_sql
    engine._told_sql = lambda self, plan: SQL("SELECT 1")
    env.registry.clear_cache("stable")
    try:
        yield
    finally:
        engine._told_sql = told
        env.registry.clear_cache("stable")


def opened(env, method, seconds):
    """Median seconds until a customer's history is there, nothing read before."""
    env.cr.execute(
        "SELECT partner_id FROM customer_value_score WHERE company_id = %s "
        "ORDER BY random() LIMIT %s",
        [env.company.id, OPENED],
    )
    arguments = {"value_history": [], "value_change": ["2000-01-01"]}[method]
    taken = []
    for (partner_id,) in env.cr.fetchall():
        env.invalidate_all()
        partner = env["res.partner"].browse(partner_id)
        taken.append(
            seconds(lambda partner=partner: getattr(partner, method)(*arguments))
        )
    return statistics.median(taken)
