-- One row per desk and day of its shifts in tiyn: what the orders of the cash book moved the drawer by, what Z says of it, and what the
-- bank's statements say of the bags that the collectors took. A drawer is one for all sectors; of_sector is what came of this one's
-- subscribers. A shift belongs to the day of its Z, one that has none to the day it was opened on
-- and has nothing yet that the book could differ from.
WITH shift AS MATERIALIZED (
    SELECT s.id, s.desk_id, coalesce(s.closed_on, s.opened_on) AS day, s.z FROM cashdesk.shift s
    WHERE coalesce(s.closed_on, s.opened_on) >= $1::date AND coalesce(s.closed_on, s.opened_on) < ($1::date + interval '1 month')
),
book AS (
    SELECT o.shift_id, sum(CASE o.kind WHEN 'receipt' THEN o.amount ELSE -o.amount END) AS amount
    FROM cashdesk.cash_order o WHERE o.shift_id IN (SELECT id FROM shift) GROUP BY 1
),
-- Sums of Z are tenge, as domain::cashdesk::Turnover writes them.
z AS (
    SELECT s.id AS shift_id, sum(100 * (k.sums ->> 'cash')::numeric
        * CASE WHEN k.kind IN ('sales', 'pay_ins', 'taken_over', 'surpluses') THEN 1
               WHEN k.kind IN ('voids', 'refunds', 'pay_outs', 'collections', 'handed_over', 'shortages') THEN -1 END)::bigint AS amount
    FROM shift s CROSS JOIN LATERAL jsonb_each(s.z) AS k (kind, sums) WHERE k.kind <> 'opening' GROUP BY 1
),
own AS (
    SELECT o.shift_id, sum(CASE o.kind WHEN 'sale' THEN l.cash ELSE -l.cash END) AS amount
    FROM cashdesk.operation o JOIN cashdesk.operation_line l ON l.operation_id = o.id
    WHERE o.shift_id IN (SELECT id FROM shift) AND l.sector = $2 GROUP BY 1
),
deposit AS MATERIALIZED (
    SELECT l.amount, l.day, l.document, l.purpose
    FROM payments.statement s JOIN payments.statement_line l ON l.statement_id = s.id
    WHERE s.state <> 'failed' AND s.to_day >= $1::date AND s.from_day < ($1::date + interval '2 months')
      AND l.amount > 0 AND l.state <> 'duplicate'
),
-- The bank names the bag, in the document or in the purpose, and counted what it was said to hold.
bag AS (
    SELECT x.shift_id, sum(x.collected) AS collected, sum(coalesce(x.banked, 0)) AS banked
    FROM (SELECT DISTINCT ON (o.id) o.shift_id, -o.cash AS collected, d.amount AS banked
          FROM cashdesk.operation o
          LEFT JOIN deposit d ON d.amount = -o.cash AND d.day BETWEEN o.on_day AND o.on_day + 30
               AND (d.document = o.bag OR position(o.bag IN d.purpose) > 0)
          WHERE o.kind = 'collection' AND o.shift_id IN (SELECT id FROM shift)
          ORDER BY o.id, d.day) x
    GROUP BY 1
)
SELECT to_char(s.day, 'YYYY-MM-DD') AS day,
       jsonb_build_object('kk', d.code || ' ' || d.name_kk, 'ru', d.code || ' ' || d.name_ru, 'en', d.code || ' ' || d.name_en) AS desk,
       count(*) AS shifts, count(*) FILTER (WHERE s.z IS NULL) AS without_z,
       coalesce(sum(own.amount), 0)::bigint AS of_sector, coalesce(sum(book.amount), 0)::bigint AS book,
       coalesce(sum(z.amount), 0)::bigint AS z, (coalesce(sum(book.amount) FILTER (WHERE s.z IS NOT NULL), 0) - coalesce(sum(z.amount), 0))::bigint AS difference,
       coalesce(sum(bag.collected), 0)::bigint AS collected, coalesce(sum(bag.banked), 0)::bigint AS banked,
       (coalesce(sum(bag.collected), 0) - coalesce(sum(bag.banked), 0))::bigint AS on_way
FROM shift s
JOIN cashdesk.desk d ON d.id = s.desk_id
LEFT JOIN book ON book.shift_id = s.id
LEFT JOIN z ON z.shift_id = s.id
LEFT JOIN own ON own.shift_id = s.id
LEFT JOIN bag ON bag.shift_id = s.id
GROUP BY s.day, d.id ORDER BY s.day, d.code
