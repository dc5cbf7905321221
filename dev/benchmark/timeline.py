"""What the timeline costs to open, and what closeness costs to compute.

The population has orders, tills, invoices, payments, opportunities and calls. Mails and
meetings are added here, and the greatest account gets :data:`GREAT` orders and many
mails, half of them of the salesperson who may read no others.
"""

import statistics

from odoo.tools import SQL

GREAT = 10_000
OPENED = 30
LIMIT = 40


def measure(env, seconds):
    """Yield ``(name, value, unit)``."""
    seller = make_seller(env)
    great = fill(env, seller)
    yield "documents", documents(env), "documents"
    yield "great_documents", great_documents(env, great), "documents"
    usual = customers(env, OPENED)
    everyone = env["res.partner"].browse(usual), env["res.partner"].browse([great])
    for who, user in (("root", env.user), ("seller", seller)):
        for what, partners in zip(("typical", "greatest"), everyone, strict=True):
            first, following, queries = opened(env, partners.with_user(user), seconds)
            yield f"{who}_{what}_first_ms", 1000 * first, "ms"
            if following:
                yield f"{who}_{what}_next_ms", 1000 * following, "ms"
            yield f"{who}_{what}_queries", queries, "queries"
    yield from closeness(env, seconds)


def make_seller(env):
    """A salesperson who reads own documents only."""
    groups = (
        "sales_team.group_sale_salesman",
        "account.group_account_readonly",
        "point_of_sale.group_pos_user",
    )
    return env["res.users"].create(
        {
            "name": "Seller",
            "login": "bench seller",
            "group_ids": [(4, env.ref(name).id) for name in groups],
            "company_ids": [(6, 0, env["res.company"].search([]).ids)],
        }
    )


def fill(env, seller):
    """Mails and meetings for every third customer; the id of the greatest account."""
    env.flush_all()
    cr = env.cr
    cr.execute(
        "SELECT partner_id FROM customer_value_score ORDER BY score DESC LIMIT 1"
    )
    [great] = cr.fetchone()
    cr.execute(
        """
        UPDATE sale_order SET partner_id = %(great)s, partner_invoice_id = %(great)s,
               company_id = %(company)s,
               user_id = CASE WHEN id %% 2 = 0 THEN %(seller)s ELSE user_id END
         WHERE id IN (SELECT id FROM sale_order ORDER BY id DESC LIMIT %(count)s)
        """,
        {
            "great": great,
            "seller": seller.id,
            "count": GREAT,
            "company": env.company.id,
        },
    )
    parameters = {
        "great": great,
        "seller": seller.partner_id.id,
        "count": GREAT // 3,
        "user": seller.id,
    }
    cr.execute(
        """
        CREATE TEMPORARY TABLE bench_talk ON COMMIT DROP AS
            SELECT partner_id, NOW() AT TIME ZONE 'UTC'
                       - INTERVAL '1 day' * (1 + id %% 900) AS moment
              FROM customer_value_score WHERE partner_id %% 3 = 0
             UNION ALL
            SELECT %(great)s, NOW() AT TIME ZONE 'UTC' - INTERVAL '1 hour' * number
              FROM GENERATE_SERIES(1, %(count)s) number
        """,
        parameters,
    )
    cr.execute(
        """
        WITH received AS (
            INSERT INTO mail_message (model, res_id, author_id, message_type, date,
                                      subject, body, is_internal)
                 SELECT 'res.partner', partner_id, partner_id, 'email', moment,
                        'An answer', '<p>An answer</p>', FALSE
                   FROM bench_talk
        ), sent AS (
            INSERT INTO mail_message (model, res_id, author_id, message_type, date,
                                      subject, body, is_internal)
                 SELECT 'res.partner', partner_id, %(seller)s, 'comment',
                        moment - INTERVAL '1 day', 'A word', '<p>A word</p>', FALSE
                   FROM bench_talk
              RETURNING id, res_id
        )
        INSERT INTO mail_notification (mail_message_id, res_partner_id,
                                       notification_type, notification_status, is_read)
             SELECT id, res_id, 'email', 'sent', TRUE FROM sent
        """,
        parameters,
    )
    cr.execute(
        """
        WITH met AS (
            INSERT INTO calendar_event (name, start, stop, active, user_id, privacy,
                                        show_as, description, location)
                 SELECT 'Visit', moment, moment + INTERVAL '1 hour', TRUE, %(user)s,
                        'public', 'busy', NULL, partner_id::text
                   FROM bench_talk WHERE partner_id %% 2 = 0
              RETURNING id, location::int AS partner_id
        ), guests AS (
            INSERT INTO calendar_event_res_partner_rel
                        (calendar_event_id, res_partner_id)
                 SELECT id, partner_id FROM met
              RETURNING 1
        )
        INSERT INTO calendar_attendee (event_id, partner_id, state)
             SELECT id, partner_id, 'accepted' FROM met
        """,
        parameters,
    )
    cr.commit()
    vacuum(env)
    env.invalidate_all()
    return great


def vacuum(env):
    connection = env.cr._cnx
    connection.autocommit = True
    env.cr.execute("VACUUM ANALYZE")
    connection.autocommit = False


def documents(env):
    tables = ("sale_order", "pos_order", "account_move", "crm_lead", "mail_activity")
    tables += ("mail_message", "calendar_event", "account_payment")
    total = 0
    for table in tables:
        env.cr.execute(SQL("SELECT COUNT(*) FROM %s", SQL.identifier(table)))
        total += env.cr.fetchone()[0]
    return total


def great_documents(env, great):
    env.cr.execute(
        "SELECT (SELECT COUNT(*) FROM sale_order WHERE partner_id = %(great)s) "
        "+ (SELECT COUNT(*) FROM mail_message WHERE author_id = %(great)s) "
        "+ (SELECT COUNT(*) FROM mail_notification WHERE res_partner_id = %(great)s)",
        {"great": great},
    )
    return env.cr.fetchone()[0]


def customers(env, count):
    env.cr.execute(
        "SELECT partner_id FROM customer_value_score ORDER BY HASHINT4(partner_id) "
        "LIMIT %s",
        [count],
    )
    return [row[0] for row in env.cr.fetchall()]


def opened(env, partners, seconds):
    """Median seconds of the first page and the next one, and most queries."""
    firsts, following, queries = [], [], 0
    partners[:1].value_timeline(limit=LIMIT)  # who asks is known from the second on
    for partner in partners if len(partners) > 1 else [partners] * 7:
        env.invalidate_all()
        before = env.cr.sql_log_count
        page = {}
        firsts.append(
            seconds(
                lambda partner=partner, page=page: page.update(
                    partner.value_timeline(limit=LIMIT)
                )
            )
        )
        queries = max(queries, env.cr.sql_log_count - before)
        if page["after"]:
            env.invalidate_all()
            following.append(
                seconds(
                    lambda partner=partner, page=page: partner.value_timeline(
                        {}, page["after"], LIMIT
                    )
                )
            )
    return (
        statistics.median(firsts),
        statistics.median(following) if following else None,
        queries,
    )


def closeness(env, seconds):
    """Everybody, from nothing and again, against a statement written by hand."""
    rows = env["customer.closeness"]
    companies = rows._companies()

    def compute():
        for company in companies:
            as_of = env["customer.value.model"].search(
                [("company_id", "=", company.id)], limit=1
            )
            rows._update(company, as_of._today())
        env.cr.commit()

    def by_hand():
        for company in companies:
            env.cr.execute(FLOOR, {"company": company.id, "tz": company.value_tz})
        env.cr.commit()

    ours, floor = [], []
    for __ in range(3):
        env.cr.execute("TRUNCATE customer_closeness, customer_closeness_tie")
        floor.append(seconds(by_hand))
        env.cr.execute("TRUNCATE customer_closeness, customer_closeness_tie")
        ours.append(seconds(compute))
    again = min(seconds(compute) for __ in range(3))
    env.cr.execute("SELECT COUNT(*) FROM customer_closeness")
    yield "closeness_rows", env.cr.fetchone()[0], "rows"
    yield "closeness_s", min(ours), "s"
    yield "closeness_floor_s", min(floor), "s"
    yield "closeness_over_floor", min(ours) / min(floor), "ratio"
    yield "closeness_unchanged_s", again, "s"
    some = customers(env, 20)
    taken = [
        seconds(lambda one=one: rows._update(companies[0], env.cr.now().date(), {one}))
        for one in some
    ]
    yield "closeness_of_one_ms", 1000 * statistics.median(taken), "ms"


FLOOR = """
WITH made AS MATERIALIZED (
    SELECT person.commercial_partner_id AS who, made.user_id, made.date, made.came,
           made.went, made.depth,
           (made.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day
      FROM (
            SELECT activity.res_id AS partner_id, NULL::int AS company_id,
                   activity.user_id, activity.date_done + TIME '12:00' AS date,
                   TRUE AS came, TRUE AS went, 3 AS depth
              FROM mail_activity activity
             WHERE activity.res_model = 'res.partner' AND NOT activity.active
               AND activity.date_done IS NOT NULL
             UNION ALL
            SELECT guest.partner_id, NULL, event.user_id, event.start, TRUE, TRUE, 4
              FROM calendar_attendee guest
              JOIN calendar_event event ON event.id = guest.event_id
             WHERE guest.state <> 'declined' AND event.active
               AND event.stop <= NOW() AT TIME ZONE 'UTC'
             UNION ALL
            SELECT author_id, record_company_id, NULL, date, TRUE, FALSE, 1
              FROM mail_message WHERE message_type = 'email'
             UNION ALL
            SELECT sent.res_partner_id, message.record_company_id, users.id,
                   message.date, FALSE, TRUE, 1
              FROM mail_notification sent
              JOIN mail_message message ON message.id = sent.mail_message_id
              JOIN res_users users ON users.partner_id = message.author_id
             WHERE message.message_type = 'comment'
           ) made
      JOIN res_partner person ON person.id = made.partner_id
     WHERE person.partner_share
       AND COALESCE(made.company_id, person.company_id, %(company)s) = %(company)s
), measured AS (
    SELECT who, user_id, GROUPING(user_id) = 1 AS overall, MAX(date) AS last_date,
           CURRENT_DATE - MAX(day) AS silence,
           COUNT(DISTINCT day) FILTER (WHERE day > CURRENT_DATE - 365) AS days,
           COUNT(DISTINCT day) FILTER (WHERE day > CURRENT_DATE - 365 AND came)
               AS days_in,
           COUNT(DISTINCT day) FILTER (WHERE day > CURRENT_DATE - 365 AND went)
               AS days_out,
           COALESCE(MAX(depth) FILTER (WHERE day > CURRENT_DATE - 365), 0) AS depth
      FROM made GROUP BY GROUPING SETS ((who), (who, user_id))
), scored AS (
    SELECT *, FLOOR(100 * POWER(2.0, -silence / 90.0)
               * (0.5 * (1 - POWER(2.0, -days / 6.0))
                  + 0.3 * (1 - POWER(2.0, -LEAST(days_in, days_out) / 3.0))
                  + 0.2 * depth / 4.0) + 0.5)::int AS score
      FROM measured
), everyone AS (
    INSERT INTO customer_closeness (partner_id, company_id, score, days, days_in,
                                    days_out, depth, last_date)
         SELECT who, %(company)s, score, days, days_in, days_out, depth, last_date
           FROM scored WHERE overall
)
INSERT INTO customer_closeness_tie (partner_id, company_id, user_id, score, days,
                                    days_in, days_out, depth, last_date)
     SELECT who, %(company)s, user_id, score, days, days_in, days_out, depth, last_date
       FROM scored WHERE NOT overall AND user_id IS NOT NULL
"""
