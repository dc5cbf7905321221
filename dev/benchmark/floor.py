"""The floor: what the bench model computes, as one would write it by hand in SQL.

One statement for a company: the same customers, the same twelve measures with the same
meaning (a sale counts once, what was taken back in full is no purchase, contacts roll
up, each document at its own rate), points, score, tier, and an upsert into the same
table. Nothing is general: no source or indicator can be changed, none may be broken,
there is no trend, no override, no history, no chunk. ``compare`` shows that it computes
the same as the engine, or it would measure nothing.
"""

import json

from dateutil.relativedelta import relativedelta

STATEMENT = """
WITH who AS MATERIALIZED (
    SELECT id, industry_id
      FROM res_partner
     WHERE active AND customer_rank > 0 AND (is_company OR parent_id IS NULL)
       AND (company_id = %(company)s OR company_id IS NULL)
), contact AS MATERIALIZED (
    SELECT contact.id, who.id AS entity
      FROM res_partner contact
      JOIN who ON who.id = contact.commercial_partner_id
), piece AS (
    SELECT move.partner_id,
           (move.invoice_date::timestamp AT TIME ZONE %(tz)s) AT TIME ZONE 'UTC'
               AS moment,
           move.amount_untaxed_signed AS amount,
           move.move_type = 'out_invoice' AS billed,
           move.move_type = 'out_refund' AS returned
      FROM account_move move
     WHERE move.company_id = %(company)s AND move.state = 'posted'
       AND move.move_type IN ('out_invoice', 'out_refund')
       AND move.invoice_date >= %(year_before)s AND move.invoice_date < %(after)s
     UNION ALL
    SELECT till.partner_id, till.date_order,
           (till.amount_total - till.amount_tax) / till.currency_rate,
           NOT COALESCE(till.is_refund OR till.amount_total < 0, FALSE),
           COALESCE(till.is_refund OR till.amount_total < 0, FALSE)
      FROM pos_order till
     WHERE till.company_id = %(company)s AND till.state IN ('paid', 'done')
       AND till.partner_id IS NOT NULL
       AND CASE WHEN till.account_move IS NULL THEN TRUE
                ELSE (SELECT move.state <> 'posted' FROM account_move move
                       WHERE move.id = till.account_move) END
       AND till.date_order >= %(year_before_utc)s AND till.date_order < %(after_utc)s
     UNION ALL
    SELECT sale.partner_invoice_id, sale.date_order,
           (CASE WHEN line.is_downpayment
                 THEN -COALESCE(line.untaxed_amount_invoiced, 0)
                 WHEN line.price_subtotal >= 0
                 THEN line.price_subtotal
                      - LEAST(line.price_subtotal, COALESCE(done.amount, 0))
                 ELSE line.price_subtotal
                      - GREATEST(line.price_subtotal, COALESCE(done.amount, 0))
             END) / sale.currency_rate,
           FALSE, FALSE
      FROM sale_order sale
      JOIN sale_order_line line ON line.order_id = sale.id
 LEFT JOIN LATERAL (
            SELECT SUM(item.price_subtotal) AS amount
              FROM sale_order_line_invoice_rel link
              JOIN account_move_line item ON item.id = link.invoice_line_id
              JOIN account_move move ON move.id = item.move_id
             WHERE link.order_line_id = line.id AND move.state = 'posted'
               AND move.move_type = 'out_invoice') done ON TRUE
     WHERE sale.company_id = %(company)s AND sale.state = 'sale'
       AND line.display_type IS NULL
       AND (line.is_downpayment
            OR ABS(COALESCE(line.untaxed_amount_invoiced, 0))
               < ABS(line.price_subtotal))
       AND sale.date_order >= %(year_before_utc)s AND sale.date_order < %(after_utc)s
), sale AS (
    SELECT entity,
           SUM(amount) FILTER (WHERE moment >= %(year_utc)s) AS sales,
           SUM(amount) FILTER (WHERE moment < %(year_utc)s) AS sales_before,
           COUNT(*) FILTER (WHERE returned AND moment >= %(year_utc)s) AS returns,
           COUNT(*) FILTER (WHERE billed AND moment >= %(year_utc)s) AS billed
      FROM piece JOIN contact ON contact.id = piece.partner_id
  GROUP BY entity
), reversed AS (
    SELECT line.order_id
      FROM account_move move
      JOIN account_move_line item ON item.move_id = move.id
      JOIN sale_order_line_invoice_rel link ON link.invoice_line_id = item.id
      JOIN sale_order_line line ON line.id = link.order_line_id
     WHERE move.company_id = %(company)s AND move.state = 'posted'
       AND move.move_type = 'out_invoice' AND move.payment_state = 'reversed'
  GROUP BY line.order_id
), kept AS (
    SELECT line.order_id
      FROM reversed
      JOIN sale_order_line line ON line.order_id = reversed.order_id
      JOIN sale_order_line_invoice_rel link ON link.order_line_id = line.id
      JOIN account_move_line item ON item.id = link.invoice_line_id
      JOIN account_move move ON move.id = item.move_id
     WHERE move.state = 'posted' AND move.move_type = 'out_invoice'
       AND move.payment_state <> 'reversed'
), back AS MATERIALIZED (
    SELECT back.refunded_orderline_id AS line_id, SUM(ABS(back.qty)) AS qty
      FROM pos_order_line back
      JOIN pos_order till ON till.id = back.order_id
     WHERE back.refunded_orderline_id IS NOT NULL AND till.state IN ('paid', 'done')
  GROUP BY back.refunded_orderline_id
), taken_back AS (
    SELECT sold.order_id
      FROM pos_order_line sold
 LEFT JOIN back ON back.line_id = sold.id
     WHERE sold.qty > 0 AND sold.order_id IN (
            SELECT touched.order_id
              FROM back JOIN pos_order_line touched ON touched.id = back.line_id)
  GROUP BY sold.order_id
    HAVING BOOL_AND(COALESCE(back.qty, 0) >= sold.qty)
), bought AS (
    SELECT sale.partner_invoice_id AS partner_id, sale.date_order AS moment
      FROM sale_order sale
     WHERE sale.company_id = %(company)s AND sale.state = 'sale'
       AND sale.date_order < %(after_utc)s
       AND (sale.id NOT IN (SELECT order_id FROM reversed)
            OR sale.id IN (SELECT order_id FROM kept))
     UNION ALL
    SELECT till.partner_id, till.date_order
      FROM pos_order till
     WHERE till.company_id = %(company)s AND till.state IN ('paid', 'done')
       AND till.partner_id IS NOT NULL AND till.is_refund IS NOT TRUE
       AND till.amount_total >= 0 AND till.date_order < %(after_utc)s
       AND till.id NOT IN (SELECT order_id FROM taken_back)
     UNION ALL
    SELECT move.partner_id,
           (move.invoice_date::timestamp AT TIME ZONE %(tz)s) AT TIME ZONE 'UTC'
      FROM account_move move
 LEFT JOIN pos_order till ON till.account_move = move.id
     WHERE move.company_id = %(company)s AND move.state = 'posted'
       AND move.move_type = 'out_invoice' AND move.payment_state <> 'reversed'
       AND move.invoice_date < %(after)s AND till.id IS NULL
       AND NOT EXISTS (
            SELECT FROM account_move_line item
              JOIN sale_order_line_invoice_rel link ON link.invoice_line_id = item.id
             WHERE item.move_id = move.id)
), purchase AS (
    SELECT entity,
           %(as_of)s::date
               - ((MAX(moment) AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date
               AS recency,
           COUNT(*) FILTER (WHERE moment >= %(year_utc)s) AS frequency,
           COUNT(DISTINCT DATE_TRUNC('month',
               ((moment AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date))
               FILTER (WHERE moment >= %(year_utc)s) AS months
      FROM bought JOIN contact ON contact.id = bought.partner_id
  GROUP BY entity
), assortment AS (
    SELECT entity, COUNT(DISTINCT template.categ_id) AS categories
      FROM pos_order till
      JOIN contact ON contact.id = till.partner_id
      JOIN pos_order_line line ON line.order_id = till.id
      JOIN product_product product ON product.id = line.product_id
      JOIN product_template template ON template.id = product.product_tmpl_id
     WHERE till.company_id = %(company)s AND line.company_id = %(company)s
       AND till.state IN ('paid', 'done')
       AND till.date_order >= %(year_before_utc)s AND till.date_order < %(after_utc)s
       AND line.qty > 0 AND line.refunded_orderline_id IS NULL
  GROUP BY entity
), instalment AS (
    SELECT entity,
           COUNT(*) FILTER (WHERE item.date_maturity >= %(year_before)s
                              AND item.date_maturity < %(after)s) AS due,
           COUNT(*) FILTER (WHERE item.date_maturity >= %(year_before)s
                              AND item.date_maturity < %(after)s
                              AND item.reconciled AND paid.day IS NOT NULL
                              AND paid.day - item.date_maturity <= 7) AS on_time,
           SUM(item.amount_residual) FILTER (WHERE item.amount_residual > 0
                              AND item.date_maturity + 1 < %(after)s) AS overdue
      FROM account_move_line item
      JOIN account_move move ON move.id = item.move_id
      JOIN account_account account ON account.id = item.account_id
      JOIN contact ON contact.id = move.partner_id
 LEFT JOIN (SELECT debit_move_id, MAX(max_date) AS day
              FROM account_partial_reconcile GROUP BY debit_move_id) paid
           ON paid.debit_move_id = item.id
     WHERE item.company_id = %(company)s AND move.state = 'posted'
       AND move.move_type = 'out_invoice'
       AND account.account_type = 'asset_receivable'
       AND item.date_maturity < %(after)s
  GROUP BY entity
), opportunity AS (
    SELECT entity, COUNT(*) AS decided,
           COUNT(*) FILTER (WHERE won_status = 'won') AS won
      FROM crm_lead lead JOIN contact ON contact.id = lead.partner_id
     WHERE (lead.company_id = %(company)s OR lead.company_id IS NULL)
       AND lead.type = 'opportunity' AND lead.won_status IN ('won', 'lost')
       AND lead.date_closed >= %(year_before_utc)s AND lead.date_closed < %(after_utc)s
  GROUP BY entity
), talk AS (
    SELECT entity, SUM(POWER(0.5, (%(as_of)s::date - day)::numeric / 180)) AS contacts
      FROM (SELECT document.id AS partner_id, activity.date_done AS day,
                   document.company_id
              FROM mail_activity activity
              JOIN res_partner document ON document.id = activity.res_id
             WHERE activity.res_model = 'res.partner' AND activity.active IS NOT TRUE
             UNION ALL
            SELECT document.partner_id, activity.date_done, document.company_id
              FROM mail_activity activity
              JOIN crm_lead document ON document.id = activity.res_id
             WHERE activity.res_model = 'crm.lead' AND activity.active IS NOT TRUE
             UNION ALL
            SELECT document.partner_id, activity.date_done, document.company_id
              FROM mail_activity activity
              JOIN sale_order document ON document.id = activity.res_id
             WHERE activity.res_model = 'sale.order' AND activity.active IS NOT TRUE
           ) done
      JOIN contact ON contact.id = done.partner_id
     WHERE (company_id = %(company)s OR company_id IS NULL)
       AND day >= %(year_before)s AND day < %(after)s
  GROUP BY entity
), measured AS MATERIALIZED (
    SELECT id, industry_id::text AS industry,
           ROUND(COALESCE(sales, 0), 6)::float8 AS sales,
           ROUND(CASE WHEN sales_before > 0
                      THEN 100 * (COALESCE(sales, 0) - sales_before) / sales_before
                 END, 6)::float8 AS growth,
           recency::float8, COALESCE(frequency, 0)::float8 AS frequency,
           COALESCE(months, 0)::float8 AS months,
           COALESCE(categories, 0)::float8 AS categories,
           NULLIF(billed, 0)::float8 AS billed,
           ROUND(CASE WHEN billed > 0 THEN LEAST(100.0 * returns / billed, 100)
                 END, 6)::float8 AS returns,
           NULLIF(due, 0)::float8 AS due,
           ROUND(CASE WHEN due > 0 THEN 100.0 * on_time / due END, 6)::float8
               AS on_time,
           ROUND(COALESCE(overdue, 0), 6)::float8 AS overdue,
           NULLIF(decided, 0)::float8 AS decided,
           ROUND(CASE WHEN decided > 0 THEN 100.0 * won / decided END, 6)::float8
               AS won,
           ROUND(COALESCE(contacts, 0), 6)::float8 AS contacts
      FROM who
 LEFT JOIN sale ON sale.entity = who.id
 LEFT JOIN purchase ON purchase.entity = who.id
 LEFT JOIN assortment ON assortment.entity = who.id
 LEFT JOIN instalment ON instalment.entity = who.id
 LEFT JOIN opportunity ON opportunity.entity = who.id
 LEFT JOIN talk ON talk.entity = who.id
), pointed AS MATERIALIZED (
    SELECT measured.*,
           (CASE WHEN sales >= %(sales_80)s THEN 100 WHEN sales >= %(sales_60)s THEN 80
                 WHEN sales >= %(sales_40)s THEN 60 WHEN sales >= %(sales_20)s THEN 40
                 ELSE 20 END)::float8 AS s1,
           (CASE WHEN growth >= 25 THEN 100 WHEN growth >= 0 THEN 50
                 ELSE 0 END)::float8 AS s2,
           (CASE WHEN recency IS NULL THEN 0 WHEN recency >= 720 THEN 0
                 WHEN recency >= 180 THEN 30 + -30.0 / 540 * (recency - 180)
                 WHEN recency >= 30 THEN 80 + -50.0 / 150 * (recency - 30)
                 WHEN recency >= 0 THEN 100 + -20.0 / 30 * recency
                 ELSE 100 END)::float8 AS s3,
           (CASE WHEN frequency >= %(frequency_80)s THEN 100
                 WHEN frequency >= %(frequency_60)s THEN 80
                 WHEN frequency >= %(frequency_40)s THEN 60
                 WHEN frequency >= %(frequency_20)s THEN 40 ELSE 20 END)::float8 AS s4,
           (CASE WHEN months >= 6 THEN 100 WHEN months >= 2 THEN 40
                 ELSE 0 END)::float8 AS s5,
           (CASE WHEN categories >= 10 THEN 100 WHEN categories >= 3 THEN 50
                 ELSE 0 END)::float8 AS s6,
           (CASE WHEN billed > 0 THEN CASE WHEN returns >= 30 THEN 0
                 WHEN returns >= 10 THEN 50 ELSE 100 END END)::float8 AS s7,
           (CASE WHEN due > 0 THEN CASE WHEN on_time >= 90 THEN 100
                 WHEN on_time >= 50 THEN 40 ELSE 0 END END)::float8 AS s8,
           (CASE WHEN overdue >= 1000 THEN 0 WHEN overdue >= 1 THEN 40
                 WHEN overdue >= 0 THEN 100 ELSE 0 END)::float8 AS s9,
           (CASE WHEN decided > 0 THEN CASE WHEN won >= 50 THEN 100
                 ELSE 20 END END)::float8 AS s10,
           (CASE WHEN contacts >= 2 THEN 100 ELSE 50 * contacts END)::float8 AS s11,
           (CASE WHEN industry IS NOT NULL
                 THEN COALESCE((%(industries)s::jsonb ->> industry)::float8, 0)
            END)::float8 AS s12
      FROM measured
), scored AS MATERIALIZED (
    SELECT pointed.*,
           72 + 5 * (s7 IS NOT NULL)::int + 8 * (s8 IS NOT NULL)::int
              + 5 * (s10 IS NOT NULL)::int + 5 * (s12 IS NOT NULL)::int
              + 5 AS evidenced,
           8 + (s7 IS NOT NULL)::int + (s8 IS NOT NULL)::int
             + (s10 IS NOT NULL)::int + (s12 IS NOT NULL)::int AS evidence_count,
           20 * s1 + 5 * s2 + 15 * s3 + 15 * s4 + 5 * s5 + 5 * s6
           + 5 * COALESCE(s7, 0) + 8 * COALESCE(s8, 0) + 5 * s9
           + 5 * COALESCE(s10, 0) + 7 * s11 + 5 * COALESCE(s12, 0) AS gained
      FROM pointed
), valued AS MATERIALIZED (
    SELECT scored.*, ROUND((gained / evidenced)::numeric, 6)::float8 AS score,
           ROUND((100.0 * evidenced / 100)::numeric, 6)::float8 AS coverage
      FROM scored
), result AS (
    SELECT valued.*,
           CASE WHEN sales >= %(cut)s THEN %(top)s
                WHEN FLOOR(score + 0.5) >= 40 THEN %(middle)s
                ELSE %(base)s END AS tier_id,
           ARRAY[sales, growth, recency, frequency, months, categories, returns,
                 on_time, overdue, won, contacts, NULL]::float8[] AS raw,
           ARRAY[NULL, NULL, NULL, NULL, NULL, NULL, billed, due, NULL, decided, NULL,
                 NULL]::float8[] AS basis,
           ARRAY[s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12]::float8[] AS points,
           ARRAY[1, 1, 1, 1, 1, 1, (s7 IS NOT NULL)::int, (s8 IS NOT NULL)::int, 1,
                 (s10 IS NOT NULL)::int, 1, (s12 IS NOT NULL)::int]::smallint[]
               AS states
      FROM valued
)
INSERT INTO customer_value_score AS old
            (partner_id, company_id, model_id, score, score_band, computed_score,
             tier_id, computed_tier_id, trend, trend_points, realised, potential,
             reference, coverage, evidence_count, indicator_count, is_flagged,
             is_overridden, raw, basis, points, states,
             create_uid, create_date, write_uid, write_date)
     SELECT id, %(company)s, %(model)s, score,
            (LEAST(FLOOR((score + 0.5) / 10), 9) * 10)::int::varchar, score,
            tier_id, tier_id, 'new', 0, score, 0, 0, coverage, evidence_count, 12,
            FALSE, FALSE, raw, basis, points, states, 1, %(now)s, 1, %(now)s
       FROM result
ON CONFLICT (partner_id, company_id) DO UPDATE
        SET score = EXCLUDED.score, score_band = EXCLUDED.score_band,
            computed_score = EXCLUDED.computed_score, tier_id = EXCLUDED.tier_id,
            computed_tier_id = EXCLUDED.computed_tier_id,
            realised = EXCLUDED.realised, coverage = EXCLUDED.coverage,
            evidence_count = EXCLUDED.evidence_count, raw = EXCLUDED.raw,
            basis = EXCLUDED.basis, points = EXCLUDED.points,
            states = EXCLUDED.states, write_date = EXCLUDED.write_date
      WHERE (old.score, old.tier_id, old.raw, old.basis, old.points, old.states)
            IS DISTINCT FROM (EXCLUDED.score, EXCLUDED.tier_id, EXCLUDED.raw,
                              EXCLUDED.basis, EXCLUDED.points, EXCLUDED.states)
"""


def run(env, model, as_of):
    """Score a company's customers by the statement; returns the rows written."""
    env.cr.execute(STATEMENT, parameters(model, as_of))
    return env.cr.rowcount


def parameters(model, as_of):
    """The days and the cuts; all else stands in the statement."""
    from odoo.addons.customer_value.tools.window import start_of_day_utc

    company = model.company_id
    tiers = {tier.code: tier for tier in model.tier_ids}
    year = as_of - relativedelta(months=12) + relativedelta(days=1)
    year_before = as_of - relativedelta(months=24) + relativedelta(days=1)
    after = as_of + relativedelta(days=1)
    values = {
        "company": company.id,
        "model": model.id,
        "tz": company.value_tz,
        "now": model.env.cr.now(),
        "as_of": as_of,
        "year": year,
        "year_before": year_before,
        "after": after,
        "top": tiers["top"].id,
        "middle": tiers["middle"].id,
        "base": tiers["base"].id,
        "cut": tiers["top"].rule_ids.cut,
        "industries": _industries(model),
    }
    for name in ("year", "year_before", "after"):
        values[f"{name}_utc"] = start_of_day_utc(values[name], company.value_tz)
    for indicator in model.indicator_ids.filtered(lambda i: i.scale == "quantile"):
        for band in indicator.band_ids:
            cut = float("inf") if band.unreachable else band.threshold
            values[f"{indicator.code}_{band.percentile:g}"] = cut
    return values


def _industries(model):
    [industry] = model.indicator_ids.filtered(lambda i: i.code == "industry")
    return json.dumps({band.match_value: band.points for band in industry.band_ids})
