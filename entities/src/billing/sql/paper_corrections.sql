-- One row = what a correction posted in the month of a bill, before the bill was made, changed for a service of an earlier month; or
-- a paid service charged or taken back in it (its id below zero).
SELECT b.account_id, b.period, c.id AS correction_id, c.from_period, c.to_period, d.number, d.issued_on, e.gross AS posted,
       l.period AS month, l.service, l.component,
       sum(CASE l.side WHEN 'plus' THEN l.liters ELSE -l.liters END)::bigint AS liters,
       sum(CASE l.side WHEN 'plus' THEN l.gross ELSE -l.gross END)::bigint AS gross
FROM unnest($1::bigint[], $2::date[], $3::bigint[]) AS b (account_id, period, run_id)
JOIN billing.run r ON r.id = b.run_id
CROSS JOIN LATERAL (
    SELECT e.source_id, sum(CASE WHEN e.debit = 'receivable' THEN e.amount ELSE -e.amount END)::bigint AS gross
    FROM ledger.entry e
    WHERE e.account_id = b.account_id AND e.period = b.period AND e.source = 'correction'
      AND 'receivable' IN (e.debit, e.credit) AND 'advance' NOT IN (e.debit, e.credit)
    GROUP BY e.source_id
) e
JOIN billing.correction c ON c.id = e.source_id AND c.posted_at < r.posted_at
JOIN archive.document d ON d.id = c.document_id
JOIN billing.correction_line l ON l.correction_id = c.id AND l.account_id = b.account_id
WHERE e.gross <> 0
GROUP BY b.account_id, b.period, c.id, d.id, e.gross, l.period, l.service, l.component
HAVING sum(CASE l.side WHEN 'plus' THEN l.gross ELSE -l.gross END) <> 0
UNION ALL
SELECT b.account_id, b.period, -2 * o.id + (w.sign < 0)::int, m.month, m.month, d.number, d.issued_on, w.sign * o.gross, m.month,
       p.service, 'one_off', 0, w.sign * o.gross
FROM unnest($1::bigint[], $2::date[], $3::bigint[]) AS b (account_id, period, run_id)
JOIN billing.run r ON r.id = b.run_id
JOIN billing.one_off o ON o.account_id = b.account_id AND b.period IN (o.period, o.reversed_in)
JOIN billing.paid_service p ON p.id = o.paid_service_id
CROSS JOIN LATERAL (VALUES
    (1, o.period, o.recorded_at, o.document_id), (-1, o.reversed_in, o.reversed_at, o.reversal_document_id)
) AS w (sign, period, at, document_id)
CROSS JOIN LATERAL (SELECT date_trunc('month', o.performed_on)::date AS month) m
JOIN archive.document d ON d.id = w.document_id
WHERE w.period = b.period AND w.at < r.posted_at
ORDER BY 1, 2, 3, 9, 10, 11
