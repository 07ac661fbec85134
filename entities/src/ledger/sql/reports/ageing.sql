-- What was owed at the month's end by the age of its due day, what was owed to subscribers, what the utility's own people owed; then of the
-- same debt what could not be claimed any more and what soon would not, by the days that its limitation expires on. Tiyn.
WITH {items},
debt AS (
    SELECT account_id, id, due_on, source, rest, CASE WHEN late <= 0 THEN 1 WHEN late <= 30 THEN 2 WHEN late <= 90 THEN 3 WHEN late <= 365 THEN 4
                                  WHEN late <= 1095 THEN 5 ELSE 6 END AS place
    FROM item WHERE rest > 0
),
limitation AS (
    SELECT (($1::date + interval '1 month')::date - 1) AS ended, (
        SELECT make_interval(years => (s.value #>> '{}')::int) FROM tariffs.setting s
        WHERE s.code = 'debt.limitation_years' AND s.confirmed_by IS NOT NULL AND upper_inf(s.recorded)
          AND s.valid @> (($1::date + interval '1 month')::date - 1)) AS span
),
-- What interrupted an item, on its account and, where it was moved, on those it stood on before.
interrupted AS (
    SELECT d.account_id, d.id, d.due_on, i.on_day
    FROM debt d JOIN debt.interruption i ON i.account_id = d.account_id AND (i.open_item_id IS NULL OR i.open_item_id = d.id)
    WHERE i.withdrawn_at IS NULL
    UNION
    SELECT d.account_id, d.id, d.due_on, x.on_day
    FROM debt d CROSS JOIN LATERAL (
        WITH RECURSIVE stood AS (
            SELECT d.account_id, d.id, 'infinity'::date AS until
            UNION
            SELECT p.from_account, p.open_item_id, CASE WHEN p.to_account = t.account_id THEN least(s.until, (
                SELECT min(e.posted_on) FROM ledger.entry e
                WHERE e.account_id = t.account_id AND e.source = t.source AND e.source_id = t.source_id)) ELSE s.until END
            FROM stood s
            JOIN ledger.open_item t ON t.account_id = s.account_id AND t.id = s.id AND t.source = 'transfer'
            JOIN payments.transfer_part p ON p.transfer_id = t.source_id AND t.account_id IN (p.to_account, p.from_account)
                 AND p.service = t.service AND p.component = t.component AND p.origin = t.origin)
        SELECT i.on_day FROM stood s JOIN debt.interruption i ON i.account_id = s.account_id
        WHERE i.withdrawn_at IS NULL AND i.on_day <= s.until AND (i.open_item_id IS NULL OR i.open_item_id = s.id)) x
    WHERE d.source = 'transfer'
),
-- What came while the time still ran begins it anew; what came too late, and whatever came after that, revives nothing.
anew AS (
    SELECT y.account_id, y.id, max(y.on_day) AS on_day
    FROM (SELECT x.*, bool_or(x.too_late) OVER (PARTITION BY x.account_id, x.id ORDER BY x.on_day) AS lapsed
          FROM (SELECT i.account_id, i.id, i.on_day, i.on_day > coalesce(lag(i.on_day) OVER w, i.due_on) + l.span AS too_late
                FROM interrupted i CROSS JOIN limitation l WHERE i.on_day > i.due_on AND i.on_day <= l.ended
                WINDOW w AS (PARTITION BY i.account_id, i.id ORDER BY i.on_day)) x) y
    WHERE NOT y.lapsed GROUP BY 1, 2
),
running AS (
    SELECT d.account_id, d.rest, (coalesce(a.on_day, d.due_on) + l.span)::date - l.ended AS days
    FROM debt d CROSS JOIN limitation l LEFT JOIN anew a ON a.account_id = d.account_id AND a.id = d.id
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
UNION ALL
SELECT 9 + r.place, (ARRAY['expired', 'expires_90', 'expires_365'])[r.place + 1], count(DISTINCT r.account_id), sum(r.rest)::bigint
FROM (SELECT account_id, rest, CASE WHEN days <= 0 THEN 0 WHEN days <= 90 THEN 1 WHEN days <= 365 THEN 2 END AS place FROM running) r
WHERE r.place IS NOT NULL GROUP BY r.place
ORDER BY place
