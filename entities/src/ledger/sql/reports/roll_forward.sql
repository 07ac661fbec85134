-- One row per service and component of the sector: what the month $1 began with, what moved it and what it ended with, in tiyn.
-- It begins with the frozen end of the month before, where there is one.
WITH last AS MATERIALIZED (
    SELECT f.figures FROM ledger.close_figures f
    JOIN ledger.period p ON p.period = f.period AND p.sector = f.sector AND p.status = 'closed'
    WHERE f.report = 'roll_forward' AND f.sector = $2 AND f.period = ($1::date - interval '1 month')::date
    ORDER BY f.version DESC LIMIT 1
),
entry AS (
    SELECT 'past' AS source, debit, credit, amount, service, component FROM ledger.entry
    WHERE sector = $2 AND period < $1::date AND (SELECT count(*) FROM last) = 0
    UNION ALL
    SELECT source, debit, credit, amount, service, component FROM ledger.entry WHERE sector = $2 AND period = $1::date
),
moved AS (
    SELECT CASE WHEN s.account = 'advance' THEN '' ELSE coalesce(e.service, '') END AS service,
           CASE WHEN s.account = 'advance' THEN 'advance' ELSE coalesce(e.component, 'charge') END AS component,
           e.source, s.amount
    FROM entry e CROSS JOIN LATERAL (VALUES (e.debit, e.amount), (e.credit, -e.amount)) s(account, amount)
    WHERE s.account IN ('receivable', 'advance')
    UNION ALL
    SELECT x.service, x.component, 'past', x.closing
    FROM last CROSS JOIN LATERAL jsonb_to_recordset(last.figures) AS x(service text, component text, closing bigint)
)
SELECT service, component,
       coalesce(sum(amount) FILTER (WHERE source = 'past'), 0)::bigint AS opening,
       coalesce(sum(amount) FILTER (WHERE source = 'opening'), 0)::bigint AS taken_over,
       coalesce(sum(amount) FILTER (WHERE source IN ('run', 'run_reversal')), 0)::bigint AS charged,
       coalesce(sum(amount) FILTER (WHERE source = 'penalty'), 0)::bigint AS penalty,
       coalesce(sum(amount) FILTER (WHERE source IN ('correction', 'one_off', 'cost', 'write_off', 'transfer')), 0)::bigint AS corrected,
       coalesce(-sum(amount) FILTER (WHERE source IN ('payment', 'payment_reversal', 'refund')), 0)::bigint AS paid,
       coalesce(sum(amount) FILTER (WHERE source = 'advance'), 0)::bigint AS covered,
       coalesce(sum(amount), 0)::bigint AS closing
FROM moved GROUP BY service, component ORDER BY service = '', service DESC, component
