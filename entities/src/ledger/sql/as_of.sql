-- One row = what account $1 owed for a service and component on day $2 as known at $3, in tiyn; without a service what it had paid
-- ahead, as a negative sum. A run counts from its issue on, one that was reversed never did.
SELECT x.service, x.component, sum(x.amount)::bigint AS amount
FROM (
    SELECT CASE s.side WHEN 'receivable' THEN e.service END AS service,
           CASE s.side WHEN 'receivable' THEN e.component END AS component, s.sign * e.amount AS amount
    FROM ledger.entry e
    CROSS JOIN LATERAL (VALUES (e.debit, 1), (e.credit, -1)) AS s (side, sign)
    LEFT JOIN billing.run r ON e.source IN ('run', 'run_reversal') AND r.id = e.source_id
    WHERE e.account_id = $1 AND e.posted_on <= $2 AND e.recorded_at <= $3 AND s.side IN ('receivable', 'advance')
      AND (r.id IS NULL OR r.issued_at <= $3)
) x
GROUP BY 1, 2 HAVING sum(x.amount) <> 0 ORDER BY 1 NULLS LAST, 2
