"""Benchmark: `dev/bench score|history|timeline|care|map|relations [options]`.

Builds a population by SQL, then measures the engine against hand-written SQL that
computes the same (`benchmark/floor.py`), and what people notice: confirming an order,
the sorted list, the contact form, the till's start. Ratios, not seconds, are what to
compare between machines. Every figure is taken in this one process.
"""

import argparse
import json
import os
import resource
import statistics
import time
from contextlib import contextmanager

from benchmark import (
    care,
    floor,
    history,
    map_view,
    population,
    relations,
    scheme,
    timeline,
)

REPEATS = 3
UNCHANGED_REPEATS = 6
SCREEN_REPEATS = 40
DIRTY = (1, 100, 10_000)
TO_SCORE = [("res_model", "!=", "stage")]


def main():
    arguments = parse_arguments()
    with environment() as env:
        if arguments.what in SMALL:
            for name, value, unit in SMALL[arguments.what](env, arguments):
                show(arguments.json, name, value, unit)
            return
        population.build(env, population.Size(arguments.partners, arguments.orders))
        env.cr.commit()
        vacuum(env)
        models = scheme.make(env)
        env.cr.commit()
        for name, value, unit in FIGURES[arguments.what](env, models):
            show(arguments.json, name, value, unit)


def parse_arguments():
    parser = argparse.ArgumentParser(prog="dev/bench", description=__doc__)
    parser.add_argument("what", choices=[*FIGURES, *SMALL])
    parser.add_argument("--partners", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument(
        "--lines",
        type=int,
        nargs="+",
        default=relations.SIZES,
        help="relations: how many lines there are in all (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="one object per line")
    return parser.parse_args()


def show(as_json, name, value, unit):
    if as_json:
        line = json.dumps({"name": name, "value": round(value, 3), "unit": unit})
    else:
        line = f"{name:<28}{value:>12.3f}  {unit}"
    print(line, flush=True)


@contextmanager
def environment():
    """A superuser environment on the database that ODOO_RC names."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-c", os.environ["ODOO_RC"]])
    [name] = config["db_name"]
    with Registry(name).cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})


def vacuum(env):
    """As the database's own housekeeping would have left it after a while."""
    connection = env.cr._cnx
    connection.autocommit = True
    env.cr.execute("VACUUM ANALYZE")
    connection.autocommit = False


# ------------------------------------------------------------------------- figures


def measure(env, models):
    """Yield ``(name, value, unit)``."""
    idle = peak_memory()
    written_before = rows_updated(env)
    runs = env["customer.value.run"]
    yield "first_run_s", seconds(lambda: score_all(env, models)), "s"
    full, by_hand = [], []
    for __ in range(REPEATS):
        forget_scores(env)
        by_hand.append(seconds(lambda: run_floor(env, models)))
        forget_scores(env)
        full.append(seconds(lambda: score_all(env, models)))
    forget_scores(env)
    queries = env.cr.sql_log_count
    score_all(env, models)
    yield "full_run_queries", env.cr.sql_log_count - queries, "queries"
    yield "full_run_s", min(full), "s"
    yield "floor_s", min(by_hand), "s"
    yield "full_over_floor", min(full) / min(by_hand), "ratio"
    reading, again = [], []
    for __ in range(UNCHANGED_REPEATS):
        reading.append(seconds(lambda: aggregate(env, models)))
        again.append(seconds(lambda: score_all(env, models)))
    reading, again = min(reading), min(again)
    yield "aggregation_s", reading, "s"
    yield "unchanged_s", again, "s"
    yield "unchanged_over_aggregation", again / reading, "ratio"
    yield from incremental(env, models)
    yield "partner_rows_updated", rows_updated(env) - written_before, "rows"
    yield "peak_memory_mb", peak_memory() - idle, "MB"
    env.cr.commit()
    yield "customers", env["customer.value.score"].search_count([]), "customers"
    runs.search([]).unlink()
    yield from screens(env)


def measure_history(env, models):
    """Yield what the history costs."""
    score_all(env, models)
    yield from history.measure(env, models, score_all, forget_scores, seconds, REPEATS)


def measure_timeline(env, models):
    """Yield what the timeline and closeness cost."""
    score_all(env, models)
    yield from timeline.measure(env, seconds)


def measure_care(env, models):
    """Yield what the care rules and My Day cost."""
    score_all(env, models)
    yield from care.measure(env, models, score_all, forget_scores, seconds, make_seller)


FIGURES = {
    "score": measure,
    "history": measure_history,
    "timeline": measure_timeline,
    "care": measure_care,
}
SMALL = {
    "map": lambda env, arguments: map_view.measure(env),
    "relations": lambda env, arguments: relations.measure(env, arguments.lines),
}
"""What makes its own few records, and needs no population."""


def seconds(action):
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def score_all(env, models):
    """A full run of each company, as the worker does it, in one transaction."""
    runs = env["customer.value.run"]._start(models)
    runs._work_through()
    assert set(runs.mapped("state")) == {"done"}, runs.mapped("message")
    env.flush_all()
    env.cr.commit()


def run_floor(env, models):
    env.cr.execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
    for model in models:
        floor.run(env, model, model._today())
    env.cr.commit()


def forget_scores(env, history=True):
    """So that everybody is scored as for the first time; the past may be kept."""
    env.cr.execute("TRUNCATE customer_value_score CASCADE")
    past = "WHERE NOT is_replayed" if not history else ""
    env.cr.execute(f"DELETE FROM customer_value_history {past}")
    env.cr.commit()
    env.invalidate_all()


def aggregate(env, models):
    """The reading part alone: every aggregate of every customer, nothing compared."""
    from odoo.tools import SQL

    from odoo.addons.customer_value.models.scoring_plan import EVERYBODY
    from odoo.addons.customer_value.models.scoring_sql import ScoringSql

    for model in models:
        plan = env["customer.value.engine"]._plan(model, model._today(), EVERYBODY)
        statement = ScoringSql(plan).measured()
        env.cr.execute(SQL("SELECT COUNT(part) FROM (%s) AS part", statement))
    env.cr.commit()


def incremental(env, models):
    """Marks on some customers, scored as the scheduled action does."""
    dirty = env["customer.value.dirty"]
    dirty.search([]).unlink()
    env.cr.execute("SELECT partner_id FROM customer_value_score ORDER BY random()")
    customers = [row[0] for row in env.cr.fetchall()]
    for size in DIRTY:
        taken, staged = [], []
        for turn in range(1 if size > 1000 else 10):
            chosen = customers[turn * size : (turn + 1) * size]
            dirty._mark("res.partner", chosen)
            env.flush_all()
            env.cr.precommit.run()
            env.cr.commit()
            taken.append(seconds(lambda: work_off_marks(env, TO_SCORE)))
            staged.append(seconds(lambda: work_off_marks(env, [])))
        yield f"incremental_{size}_ms", 1000 * statistics.median(taken), "ms"
        yield f"loyalty_{size}_ms", 1000 * statistics.median(staged), "ms"


def work_off_marks(env, domain):
    """Until no such mark is left; who was scored is marked for the loyalty stage."""
    dirty = env["customer.value.dirty"]
    while dirty.search_count(domain, limit=1):
        dirty._score_batch()
    env.cr.commit()


def rows_updated(env):
    """Rows of contacts updated since the server began to count."""
    env.cr.commit()
    env.cr.execute("SELECT pg_stat_clear_snapshot()")
    env.cr.execute(
        "SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'res_partner'"
    )
    [(count,)] = env.cr.fetchall()
    return count


def peak_memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# ------------------------------------------------------------------------- screens


def screens(env):
    """With the module over without it; the two take turns, medians are compared."""
    partners = env["res.partner"].with_context(lang="en_US")
    yield "confirm_ratio", confirm_ratio(env), "ratio"
    columns = {"display_name": {}, "email": {}, "value_score": {}}

    def sorted_by(order):
        env.invalidate_all()
        partners.web_search_read([], columns, limit=80, order=order)

    yield (
        "list_sort_ratio",
        ratio(
            lambda: seconds(lambda: sorted_by("value_score desc, id")),
            lambda: seconds(lambda: sorted_by("complete_name, id")),
        ),
        "ratio",
    )
    views = partners.get_views([(False, "form")])
    names = views["models"]["res.partner"]["fields"]
    ours = {name for name in names if name.startswith("value_")}
    scored = env["customer.value.score"].search([], limit=1).partner_id

    def opened(wanted):
        env.invalidate_all()
        scored.web_read({name: {} for name in wanted})

    yield (
        "form_open_ratio",
        ratio(
            lambda: seconds(lambda: opened(names)),
            lambda: seconds(lambda: opened(set(names) - ours)),
        ),
        "ratio",
    )
    yield "pos_load_ratio", pos_load_ratio(env), "ratio"


def ratio(with_module, without, repeats=SCREEN_REPEATS):
    """Median seconds with over without, after one warm-up each.

    They take turns at going first: who does is slower. Each returns its seconds.
    """
    with_module(), without()
    taken = {with_module: [], without: []}
    for turn in range(repeats):
        pair = (with_module, without) if turn % 2 else (without, with_module)
        for action in pair:
            taken[action].append(action())
    return statistics.median(taken[with_module]) / statistics.median(taken[without])


def confirm_ratio(env):
    """A salesperson confirms an order, to the end of the transaction: marks or none."""
    registry_class = env.registry["base"]
    watched = registry_class._value_watched_routes
    seller = make_seller(env)
    order = env["sale.order"].search(
        [("state", "=", "sale"), ("company_id", "=", seller.company_id.id)],
        limit=1,
        order="id desc",
    )

    def timed(marking):
        draft = order.copy({"user_id": seller.id}).with_user(seller)
        env.cr.commit()
        registry_class._value_watched_routes = watched if marking else lambda self: {}
        try:
            return seconds(lambda: (draft.action_confirm(), env.cr.commit()))
        finally:
            registry_class._value_watched_routes = watched

    return ratio(lambda: timed(True), lambda: timed(False))


def make_seller(env):
    groups = ("base.group_user", "sales_team.group_sale_salesman_all_leads")
    return env["res.users"].create(
        {
            "name": "Seller",
            "login": "seller",
            "email": "seller@example.com",
            "group_ids": [(6, 0, [env.ref(name).id for name in groups])],
        }
    )


def pos_load_ratio(env):
    """All that the till loads at its start, the badge among the contacts or not."""
    partner_class = env.registry["res.partner"]
    fields_of = partner_class._load_pos_data_fields
    cashier = env["res.users"].search([("login", "=", "admin")])
    config = env["pos.config"].with_user(cashier).search([], limit=1)
    config.open_ui()
    session = config.current_session_id

    def load(with_badge):
        env.invalidate_all()
        if not with_badge:
            partner_class._load_pos_data_fields = lambda self, config: [
                name for name in fields_of(self, config) if name != "value_badge"
            ]
        try:
            session.load_data([])
        finally:
            partner_class._load_pos_data_fields = fields_of

    return ratio(
        lambda: seconds(lambda: load(True)),
        lambda: seconds(lambda: load(False)),
        repeats=10,
    )


if __name__ == "__main__":
    main()
