"""`dev/bench relations`: lines between people, ours beside OCA partner_multi_relation.

How to use: `dev/bench relations` fetches `odoo-addon-partner_multi_relation` (19.0)
from the package index and installs it beside ours; where it cannot be had our own
figures come alone. `--lines 20000` is a quick trial.

How it works: the same persons and the same pairs are written by SQL for both sides, in
accounts of 20 persons with a line to each of the next ones; then one person with 10
lines, and one with 1,000, are opened. What the two do differs: theirs lists relations
of any kind between any contacts, ours opens the map of one account with weights,
coverage and proposals. Where their features meet they do the same.
"""

import time

from odoo.tools import SQL

ROOM = 20
SIZES = (100_000, 1_000_000)
THEIRS = "res.partner.relation"


def measure(env, sizes=SIZES):
    """``(name, value, unit)``; everything is rolled back."""
    for size in sizes:
        with env.cr.savepoint(flush=True) as savepoint:
            yield from _measure_size(env, size)
            savepoint.rollback()
        env.invalidate_all()


def _measure_size(env, size):
    _Ours(env).build(size)
    sides = [_Ours(env)]
    if THEIRS in env:
        _Theirs(env).build()
        sides.append(_Theirs(env))
    few = _hub(env, "few", 10)
    many = _hub(env, "many", 1000)
    for side in sides:
        for hub in (few, many):
            side.add_hub(*hub)
        env.cr.execute("ANALYZE")
        at = f"{side.name}, {size:,} lines"
        for words, (hub, __) in (("10", few), ("1,000", many)):
            yield f"{at}: form of a person with {words}", *_ms(env, side.form, hub)
            yield f"{at}: all about a person with {words}", *_ms(env, side.open, hub)
        yield f"{at}: three steps away", *_ms(env, side.three_steps, few[0])
        yield f"{at}: circles", side.circle(), "refused"
        for name, value in side.merged(few[0]).items():
            yield f"{at}: merge, {name}", value, "lines"


def _ms(env, action, *arguments, repeats=5):
    """The median, with cold caches of records."""
    taken = []
    for __ in range(repeats):
        env.invalidate_all()
        start = time.perf_counter()
        action(*arguments)
        taken.append(1000 * (time.perf_counter() - start))
    return round(sorted(taken)[repeats // 2], 1), "ms"


def _hub(env, name, count):
    """A person of an account of her own, and as many colleagues."""
    account = env["res.partner"].create({"name": f"Hub {name}", "is_company": True})
    people = env["res.partner"].create(
        [{"name": f"{name} {at}", "parent_id": account.id} for at in range(count + 1)]
    )
    return people[0], people[1:]


class _Ours:
    name = "customer.influence"

    def __init__(self, env):
        self.env = env

    def build(self, size):
        """Persons, seats and lines; each seat has five lines."""
        accounts = size // (5 * ROOM)
        self.env.cr.execute(
            SQL(
                """
                WITH account AS (
                    INSERT INTO res_partner (name, complete_name, is_company, active,
                                             type, autopost_bills)
                    SELECT 'bench ' || n, 'bench ' || n, TRUE, TRUE, 'contact', 'ask'
                      FROM GENERATE_SERIES(1, %(accounts)s) n RETURNING id),
                itself AS (
                    INSERT INTO customer_influence_map (account_id, company_id)
                    SELECT id, %(company)s FROM account RETURNING id, account_id),
                person AS (
                    INSERT INTO res_partner (name, complete_name, active, type,
                                             parent_id, commercial_partner_id,
                                             autopost_bills)
                    SELECT 'bench', 'bench', TRUE, 'contact', id, id, 'ask'
                      FROM account, GENERATE_SERIES(1, %(room)s)
                 RETURNING id, parent_id)
                INSERT INTO customer_key_contact
                       (account_id, company_id, map_id, partner_id, employer_id,
                        stance, power, active)
                SELECT account_id, %(company)s, itself.id, person.id, account_id,
                       'neutral', 3, TRUE
                  FROM person JOIN itself ON itself.account_id = person.parent_id
                """,
                accounts=accounts,
                company=self.env.company.id,
                room=ROOM,
            )
        )
        self.env.cr.execute("""
            UPDATE res_partner SET commercial_partner_id = id
             WHERE commercial_partner_id IS NULL AND name LIKE 'bench %'
        """)
        self.env.cr.execute(
            SQL(
                """
                WITH placed AS (
                    SELECT id, map_id, account_id, company_id,
                           ROW_NUMBER() OVER (PARTITION BY map_id ORDER BY id) AS at
                      FROM customer_key_contact)
                INSERT INTO customer_influence (source_id, target_id, map_id,
                                                account_id, company_id, kind, strength)
                SELECT one.id, other.id, one.map_id, one.account_id, one.company_id,
                       'influences', 3
                  FROM placed one
                  JOIN placed other ON other.map_id = one.map_id
                   AND (other.at - one.at + %(room)s) %% %(room)s BETWEEN 1 AND 5
                """,
                room=ROOM,
            )
        )
        self.env.invalidate_all()

    def add_hub(self, hub, others):
        seats = self.env["customer.key.contact"].create(
            [
                {"account_id": hub.commercial_partner_id.id, "partner_id": person.id}
                for person in hub | others
            ]
        )
        self.env["customer.influence"].create(
            [{"source_id": seats[0].id, "target_id": one.id} for one in seats[1:]]
        )
        self.env.flush_all()

    def seat(self, person):
        return self.env["customer.key.contact"].search([("partner_id", "=", person.id)])

    def form(self, person):
        person.web_read({"influence_map_state": {}, "influence_seat_count": {}})

    def open(self, person):
        self.env["customer.key.contact"].map_data(person.id)

    def three_steps(self, person):
        step = "outgoing_ids.target_id"
        self.env["customer.key.contact"].search(
            [(f"{step}.{step}.{step}.partner_id", "=", person.id)], limit=80
        )

    def circle(self):
        """Reporting lines in a circle: 1 if refused."""
        seats = self.env["customer.key.contact"]
        one = seats.search([], limit=1, order="id desc")
        here = [("map_id", "=", one.map_id.id), ("id", "!=", one.id)]
        other = seats.search(here, limit=1)
        (one | other).manager_id = False
        other.manager_id = one
        return _refused(self.env, lambda: one.write({"manager_id": other.id}))

    def merged(self, hub):
        return _merge(self.env, hub, "customer_influence", ("source_id", "target_id"))


class _Theirs:
    name = "partner_multi_relation"

    def __init__(self, env):
        self.env = env
        self.type = env["res.partner.relation.type"].search(
            [("name", "=", "bench")]
        ) or env["res.partner.relation.type"].create(
            {"name": "bench", "name_inverse": "is benched by"}
        )

    def build(self):
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO res_partner_relation
                       (left_partner_id, right_partner_id, type_id, active)
                SELECT one.partner_id, other.partner_id, %s, TRUE
                  FROM customer_influence line
                  JOIN customer_key_contact one ON one.id = line.source_id
                  JOIN customer_key_contact other ON other.id = line.target_id
                """,
                self.type.id,
            )
        )

    def add_hub(self, hub, others):
        self.env[THEIRS].create(
            [
                {
                    "left_partner_id": hub.id,
                    "right_partner_id": one.id,
                    "type_id": self.type.id,
                }
                for one in others
            ]
        )
        self.env.flush_all()

    def form(self, person):
        person.web_read({"relation_count": {}})

    def open(self, person):
        """What its button opens, all rows of it."""
        self.env[THEIRS].with_context(current_partner_id=person.id).web_search_read(
            [
                "|",
                ("left_partner_id", "=", person.id),
                ("right_partner_id", "=", person.id),
            ],
            {
                "this_partner_id": {"fields": {"display_name": {}}},
                "type_id_display": {},
                "other_partner_id": {"fields": {"display_name": {}}},
                "date_start": {},
                "date_end": {},
            },
        )

    def three_steps(self, person):
        step = "relation_left_ids.right_partner_id"
        self.env["res.partner"].search(
            [(f"{step}.{step}.{step}", "=", person.id)], limit=80
        )

    def circle(self):
        one, other = (
            self.env[THEIRS]
            .search([], limit=1, order="id")
            .mapped(lambda line: line.left_partner_id | line.right_partner_id)
        )
        return _refused(
            self.env,
            lambda: self.env[THEIRS].create(
                {
                    "left_partner_id": other.id,
                    "right_partner_id": one.id,
                    "type_id": self.type.id,
                }
            ),
        )

    def merged(self, hub):
        return _merge(
            self.env,
            hub,
            "res_partner_relation",
            ("left_partner_id", "right_partner_id"),
        )


def _refused(env, action):
    try:
        with env.cr.savepoint():
            action()
            env.flush_all()
    except Exception:  # noqa: BLE001 - whatever it is refused by
        env.invalidate_all()
        return 1
    return 0


def _merge(env, hub, table, ends):
    """Two of a hub's colleagues become one: what was lost, doubled, leads to itself.

    Both had a line from the hub, which becomes one and the same.
    """
    others = env["res.partner"].search(
        [("parent_id", "=", hub.parent_id.id), ("id", "!=", hub.id)], limit=2
    )
    one, other = map(SQL.identifier, ends)
    count = SQL(
        "SELECT COUNT(*), COUNT(DISTINCT (%s, %s)), COUNT(*) FILTER (WHERE %s = %s) "
        "FROM %s",
        one,
        other,
        one,
        other,
        SQL.identifier(table),
    )
    [[__, before, __]] = env.execute_query(count)
    with env.cr.savepoint() as savepoint:
        wizard = env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge(others.ids, others[0], False)
        env.flush_all()
        [[lines, after, selfish]] = env.execute_query(count)
        savepoint.rollback()
    env.invalidate_all()
    return {
        "lost": before - 1 - after,
        "doubled": lines - after,
        "to itself": selfish,
    }
