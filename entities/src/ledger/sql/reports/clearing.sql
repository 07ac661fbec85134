-- One row per clearing account and month of its entries, oldest first: what banks, agents and cash desks took and did not hand on,
-- in tiyn.
WITH fold AS (
    SELECT account, period, debit - credit - lag(debit - credit, 1, 0::bigint) OVER (PARTITION BY account ORDER BY period) AS amount
    FROM ledger.closed_balance WHERE sector = $2 AND account IN ('bank_clearing', 'cash_clearing', 'agent_clearing', 'suspense', 'transfer')
),
newest AS MATERIALIZED (SELECT max(period) AS period FROM ledger.closed_balance WHERE sector = $2),
moved AS (
    SELECT account, period, amount FROM fold WHERE period <= $1::date
    UNION ALL
    SELECT account, period, debit - credit FROM ledger.trial_balance
    WHERE sector = $2 AND period <= $1::date AND period > coalesce((SELECT period FROM newest), '-infinity')
      AND account IN ('bank_clearing', 'cash_clearing', 'agent_clearing', 'suspense', 'transfer')
)
SELECT account, to_char(period, 'YYYY-MM') AS month,
       (extract(year FROM age($1::date, period)) * 12 + extract(month FROM age($1::date, period)))::int AS months,
       sum(amount)::bigint AS amount
FROM moved GROUP BY account, period HAVING sum(amount) <> 0 ORDER BY account, period
