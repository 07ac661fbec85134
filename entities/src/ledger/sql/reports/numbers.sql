-- What must be there once and in a row: how often it is not.
SELECT 'bill_twice' AS what, count(*) AS found FROM (
    SELECT b.account_id FROM billing.bill b JOIN billing.run r ON r.id = b.run_id
    WHERE b.period = $1::date AND r.sector = $2 AND NOT b.reversed AND r.state IN ('posted', 'issued')
    GROUP BY b.account_id HAVING count(*) > 1) x
UNION ALL
SELECT 'payment_twice', count(*) FROM (
    SELECT 1 FROM payments.payment p WHERE p.period = $1::date AND p.sector = $2 AND p.reverses IS NULL
    GROUP BY p.channel, p.external_id HAVING count(*) > 1) x
UNION ALL
SELECT 'payment_without_key', count(*) FROM payments.payment p
WHERE p.period = $1::date AND p.sector = $2 AND p.reverses IS NULL
  AND NOT EXISTS (SELECT FROM payments.payment_key k WHERE k.channel = p.channel AND k.external_id = p.external_id)
UNION ALL
SELECT 'document_twice', count(*) FROM (
    SELECT 1 FROM archive.document d WHERE d.issued_on >= $1::date AND d.issued_on < ($1::date + interval '1 month')
    GROUP BY d.kind, d.number, d.issued_on HAVING count(*) > 1) x
UNION ALL
SELECT 'document_gap', coalesce(sum(missing), 0)::bigint FROM (
    SELECT max(n) - min(n) + 1 - count(DISTINCT n) AS missing FROM (
        SELECT d.kind, d.number::bigint AS n FROM archive.document d
        WHERE d.issued_on >= $1::date AND d.issued_on < ($1::date + interval '1 month') AND d.number ~ '^[0-9]{1,15}$') d
    GROUP BY d.kind) x
UNION ALL
-- Numbers that have no gaps by design: each that is missing is told with the paper after it.
SELECT 'order_gap', coalesce(sum(missing), 0)::bigint FROM (
    SELECT on_day, number - lag(number, 1, 0) OVER (PARTITION BY desk_id, kind ORDER BY number) - 1 AS missing
    FROM cashdesk.cash_order WHERE year = extract(year FROM $1::date)::int) x
WHERE on_day >= $1::date AND on_day < ($1::date + interval '1 month')
UNION ALL
SELECT 'shift_gap', coalesce(sum(missing), 0)::bigint FROM (
    SELECT opened_on, number - lag(number, 1, 0) OVER (PARTITION BY desk_id ORDER BY number) - 1 AS missing FROM cashdesk.shift) x
WHERE opened_on >= $1::date AND opened_on < ($1::date + interval '1 month')
UNION ALL
SELECT 'certificate_gap', coalesce(sum(missing), 0)::bigint FROM (
    SELECT on_day, number - lag(number, 1, 0) OVER (ORDER BY number) - 1 AS missing
    FROM debt.certificate WHERE year = extract(year FROM $1::date)::int) x
WHERE on_day >= $1::date AND on_day < ($1::date + interval '1 month')
