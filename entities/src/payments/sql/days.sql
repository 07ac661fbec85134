-- One row per business day $1..$2 of channels with terms: what our journal, the registries and the bank say of it, in tiyn. Money
-- whose account is not known is in our journal too.
WITH span AS (
    SELECT t.channel_id, c.code, c.zone, d.day::date AS day
    FROM payments.registry_terms t JOIN payments.channel c ON c.id = t.channel_id
    CROSS JOIN generate_series($1::date, $2::date, interval '1 day') AS d (day)
    WHERE NOT c.sandbox AND ($3::bigint IS NULL OR t.channel_id = $3) AND d.day::date >= t.since
),
journal AS (
    SELECT p.channel, p.paid_at, p.paid_on, p.amount FROM payments.payment p
    WHERE p.paid_on BETWEEN $1::date - 1 AND $2::date + 1 AND p.reverses IS NULL
      AND NOT EXISTS (SELECT FROM payments.payment b WHERE b.reverses = p.id)
      AND p.channel IN (SELECT code FROM span)
    UNION ALL
    SELECT s.channel, s.paid_at, s.paid_on, s.amount FROM payments.suspense s
    WHERE s.paid_on BETWEEN $1::date - 1 AND $2::date + 1 AND s.state IN ('open', 'returning', 'returned')
),
ours AS (
    SELECT c.id AS channel_id, coalesce((j.paid_at AT TIME ZONE c.zone)::date, j.paid_on) AS day, count(*) AS count,
           sum(j.amount)::bigint AS sum
    FROM journal j JOIN payments.channel c ON c.code = j.channel
    GROUP BY 1, 2
),
theirs AS (
    SELECT g.channel_id, g.business_date AS day, count(DISTINCT g.id) AS files,
           count(r.line) FILTER (WHERE r.line > 0 AND r.state <> 'duplicate') AS count,
           coalesce(sum(r.amount) FILTER (WHERE r.line > 0 AND r.state <> 'duplicate'), 0)::bigint AS sum,
           coalesce(sum(r.fee) FILTER (WHERE r.line > 0 AND r.state <> 'duplicate'), 0)::bigint AS fee,
           count(*) FILTER (WHERE r.decision IS NULL AND r.state IN ('missing_ours', 'missing_theirs', 'diff_sum', 'diff_account', 'reversed'))
               AS undecided,
           bool_or(g.state = 'matching') AS matching
    FROM payments.registry g LEFT JOIN payments.registry_row r ON r.registry_id = g.id
    WHERE g.business_date BETWEEN $1 AND $2 AND g.state IN ('matching', 'matched') AND ($3::bigint IS NULL OR g.channel_id = $3)
    GROUP BY 1, 2
),
bank AS (
    SELECT l.channel_id, l.business_date AS day, count(*) AS lines, sum(l.amount)::bigint AS sum
    FROM payments.statement_line l
    WHERE l.business_date BETWEEN $1 AND $2 AND l.state = 'remittance' AND ($3::bigint IS NULL OR l.channel_id = $3)
    GROUP BY 1, 2
)
SELECT s.channel_id, s.day, coalesce(o.count, 0) AS ours_count, coalesce(o.sum, 0) AS ours_sum, coalesce(t.files, 0) AS files,
       coalesce(t.count, 0) AS theirs_count, coalesce(t.sum, 0) AS theirs_sum, coalesce(t.fee, 0) AS fee,
       coalesce(t.undecided, 0) AS undecided, coalesce(t.matching, false) AS matching,
       coalesce(b.lines, 0) AS bank_lines, coalesce(b.sum, 0) AS bank_sum
FROM span s
LEFT JOIN ours o USING (channel_id, day)
LEFT JOIN theirs t USING (channel_id, day)
LEFT JOIN bank b USING (channel_id, day)
ORDER BY s.day DESC, s.code
