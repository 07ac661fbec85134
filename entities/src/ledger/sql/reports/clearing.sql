-- One row per clearing account, of agents per agent, and month of its entries, oldest first: what banks, agents and cash desks took and
-- did not hand on, in tiyn. The fold of closed months knows no agents: of them the last close's own figures say it, where it told agents.
WITH fold AS (
    SELECT account, period, debit - credit - lag(debit - credit, 1, 0::bigint) OVER (PARTITION BY account ORDER BY period) AS amount
    FROM ledger.closed_balance WHERE sector = $2 AND account IN ('bank_clearing', 'cash_clearing', 'suspense', 'transfer')
),
newest AS MATERIALIZED (SELECT max(period) AS period FROM ledger.closed_balance WHERE sector = $2),
last AS MATERIALIZED (
    SELECT f.figures FROM ledger.close_figures f
    JOIN ledger.period p ON p.period = f.period AND p.sector = f.sector AND p.status = 'closed'
    WHERE f.report = 'clearing' AND f.sector = $2 AND f.period = ($1::date - interval '1 month')::date
    ORDER BY f.version DESC LIMIT 1
),
told AS MATERIALIZED (
    SELECT figures FROM last
    WHERE NOT EXISTS (SELECT FROM jsonb_to_recordset(last.figures) AS x(account text, agent_id bigint)
                      WHERE x.account = 'agent_clearing' AND x.agent_id IS NULL)
),
moved AS (
    SELECT account, NULL::bigint AS agent_id, period, amount FROM fold WHERE period <= $1::date
    UNION ALL
    SELECT account, NULL, period, debit - credit FROM ledger.trial_balance
    WHERE sector = $2 AND period <= $1::date AND period > coalesce((SELECT period FROM newest), '-infinity')
      AND account IN ('bank_clearing', 'cash_clearing', 'suspense', 'transfer')
    UNION ALL
    SELECT x.account, x.agent_id, to_date(x.month, 'YYYY-MM'), x.amount
    FROM told CROSS JOIN LATERAL jsonb_to_recordset(told.figures) AS x(account text, agent_id bigint, month text, amount bigint)
    WHERE x.account = 'agent_clearing'
    UNION ALL
    SELECT 'agent_clearing', agent_id, period, debit - credit FROM ledger.agent_turnover
    WHERE sector = $2 AND period < $1::date AND (SELECT count(*) FROM told) = 0
    UNION ALL
    SELECT 'agent_clearing', agent_id, period, debit - credit FROM ledger.agent_turnover WHERE sector = $2 AND period = $1::date
)
SELECT m.account, m.agent_id,
       CASE WHEN a.id IS NOT NULL THEN jsonb_build_object('kk', a.name_kk, 'ru', a.name_ru, 'en', a.name_en) END AS agent,
       to_char(m.period, 'YYYY-MM') AS month,
       (extract(year FROM age($1::date, m.period)) * 12 + extract(month FROM age($1::date, m.period)))::int AS months,
       sum(m.amount)::bigint AS amount
FROM moved m LEFT JOIN payments.agent a ON a.id = m.agent_id
GROUP BY m.account, m.agent_id, a.id, m.period HAVING sum(m.amount) <> 0 ORDER BY m.account, m.agent_id, m.period
