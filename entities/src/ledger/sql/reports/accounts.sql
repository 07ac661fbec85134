-- Active accounts of the month, those billed, those excused by reason, and those neither: the first is the sum of the rest.
WITH active AS (
    SELECT a.id FROM subscribers.account a
    WHERE a.sector = $2 AND a.opened_on < ($1::date + interval '1 month') AND (a.closed_on IS NULL OR a.closed_on > $1::date)
),
bill AS (
    SELECT b.account_id, b.excuse, b.charged FROM billing.bill b JOIN billing.run r ON r.id = b.run_id
    WHERE b.period = $1::date AND NOT b.reversed AND r.state IN ('posted', 'issued') AND b.account_id IN (SELECT id FROM active)
)
SELECT 1 AS place, 'active' AS what, count(*) AS accounts, NULL::bigint AS amount FROM active
UNION ALL
SELECT 2, 'billed', count(*), coalesce(sum(charged), 0)::bigint FROM bill WHERE excuse IS NULL
UNION ALL
SELECT 3, excuse, count(*), 0 FROM bill WHERE excuse IS NOT NULL GROUP BY excuse
UNION ALL
SELECT 4, 'without', count(*), NULL FROM active WHERE id NOT IN (SELECT account_id FROM bill)
ORDER BY place, what
