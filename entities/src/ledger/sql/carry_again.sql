-- Makes the opening totals of the month $3 what the month $1 ends with now, and what was taken over in $3 itself.
WITH wanted AS (
    SELECT account_id, sum(amount)::bigint AS amount FROM (
        SELECT account_id, amount FROM ledger.account_total WHERE period = $1 AND sector = $2
        UNION ALL
        SELECT account_id, CASE WHEN credit = 'opening' THEN amount ELSE -amount END FROM ledger.entry
        WHERE period = $3 AND sector = $2 AND source = 'opening' AND 'opening' IN (debit, credit)) x
    GROUP BY account_id HAVING sum(amount) <> 0
),
gone AS (
    DELETE FROM ledger.account_total t
    WHERE t.period = $3 AND t.sector = $2 AND t.kind = 'opening' AND t.account_id NOT IN (SELECT account_id FROM wanted)
)
INSERT INTO ledger.account_total AS t (account_id, period, sector, kind, amount)
SELECT account_id, $3, $2, 'opening', amount FROM wanted
ON CONFLICT (account_id, period, kind) DO UPDATE SET amount = excluded.amount WHERE t.amount <> excluded.amount
