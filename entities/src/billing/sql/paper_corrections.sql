-- One row = what a correction posted in the month of a bill, before the bill was made, changed for a service of an earlier month.
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
ORDER BY b.account_id, b.period, c.id, l.period, l.service, l.component
