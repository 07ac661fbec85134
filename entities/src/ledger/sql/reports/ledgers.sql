-- One row per account of the general ledger in tiyn; then open items beside receivables and advances, as the month ended: equal.
WITH {items},
upto AS MATERIALIZED (SELECT max(period) AS period FROM ledger.closed_balance WHERE sector = $2 AND period < $1::date),
side AS MATERIALIZED (
    SELECT account, debit - credit AS opening, 0::bigint AS debit, 0::bigint AS credit FROM ledger.closed_balance
    WHERE sector = $2 AND period = (SELECT period FROM upto)
    UNION ALL
    SELECT account, debit - credit, 0, 0 FROM ledger.trial_balance
    WHERE sector = $2 AND period < $1::date AND period > coalesce((SELECT period FROM upto), '-infinity')
    UNION ALL
    SELECT account, 0, debit, credit FROM ledger.trial_balance WHERE sector = $2 AND period = $1::date
)
SELECT account, sum(opening)::bigint AS opening, sum(debit)::bigint AS debit, sum(credit)::bigint AS credit,
       sum(opening + debit - credit)::bigint AS closing
FROM side GROUP BY account
UNION ALL
SELECT 'general_ledger', 0, 0, 0, coalesce(sum(opening + debit - credit), 0)::bigint FROM side WHERE account IN ('receivable', 'advance')
UNION ALL
SELECT 'sub_ledger', 0, 0, 0, coalesce(sum(rest), 0)::bigint FROM item
ORDER BY 1
