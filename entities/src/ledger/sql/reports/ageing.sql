-- What was owed at the month's end by the age of its due day, what was owed to subscribers, and what the utility's own people owed, in
-- tiyn.
WITH {items},
debt AS (
    SELECT account_id, rest, CASE WHEN late <= 0 THEN 1 WHEN late <= 30 THEN 2 WHEN late <= 90 THEN 3 WHEN late <= 365 THEN 4
                                  WHEN late <= 1095 THEN 5 ELSE 6 END AS place
    FROM item WHERE rest > 0
)
SELECT place, (ARRAY['not_due', 'late_30', 'late_90', 'late_365', 'late_1095', 'late_more'])[place] AS what,
       count(DISTINCT account_id) AS accounts, sum(rest)::bigint AS amount
FROM debt GROUP BY place
UNION ALL
SELECT 7, 'credit', count(DISTINCT account_id), coalesce(sum(rest), 0)::bigint FROM item WHERE rest < 0
UNION ALL
SELECT 8, 'staff', count(DISTINCT d.account_id), coalesce(sum(d.rest), 0)::bigint
FROM debt d JOIN subscribers.holder h ON h.account_id = d.account_id AND h.valid @> $1::date AND upper_inf(h.recorded)
JOIN subscribers.party p ON p.id = h.party_id AND p.is_staff
ORDER BY place
