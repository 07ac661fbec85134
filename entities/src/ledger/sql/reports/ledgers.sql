-- One row per account of the general ledger in tiyn; then open items beside receivables and advances of all months so far: equal.
WITH upto AS MATERIALIZED (SELECT max(period) AS period FROM ledger.closed_balance WHERE sector = $2 AND period < $1::date),
newest AS MATERIALIZED (SELECT max(period) AS period FROM ledger.closed_balance WHERE sector = $2),
side AS (
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
SELECT 'general_ledger', 0, 0, 0,
       coalesce((SELECT sum(debit - credit) FROM ledger.closed_balance
                 WHERE sector = $2 AND period = (SELECT period FROM newest) AND account IN ('receivable', 'advance')), 0)::bigint
       + coalesce((SELECT sum(debit - credit) FROM ledger.trial_balance
                   WHERE sector = $2 AND period > coalesce((SELECT period FROM newest), '-infinity')
                     AND account IN ('receivable', 'advance')), 0)::bigint
UNION ALL
SELECT 'sub_ledger', 0, 0, 0,
       (SELECT coalesce(sum(amount - settled), 0) FROM ledger.open_item WHERE sector = $2 AND amount <> settled)::bigint
ORDER BY 1
