-- Active accounts of the month, those billed, those excused by reason, and those neither: the first is the sum of the rest.
WITH active AS (
    SELECT account_id AS id FROM ledger.active_accounts($1::date, $2)
),
bill AS (
    SELECT account_id, excuse, charged FROM ledger.charged_accounts($1::date, $2)
)
SELECT 1 AS place, 'active' AS what, count(*) AS accounts, NULL::bigint AS amount FROM active
UNION ALL
SELECT 2, 'billed', count(*), coalesce(sum(charged), 0)::bigint FROM bill WHERE excuse IS NULL
UNION ALL
SELECT 3, excuse, count(*), 0 FROM bill WHERE excuse IS NOT NULL GROUP BY excuse
UNION ALL
SELECT 4, 'without', count(*), NULL FROM active WHERE id NOT IN (SELECT account_id FROM bill)
ORDER BY place, what
