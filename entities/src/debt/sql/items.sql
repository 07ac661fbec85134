-- One row per item that may bear penalty, of accounts {first}..{last}, with everything that happened to it by the payer's date.
-- A recalculation counts from its own day here, whatever it settled; that its sum was never owed `never_owed.sql` says. A credit of
-- penalty that money had already covered counts from that money's date. What came from another account bears penalty from the day it was
-- posted on: up to that day the account that gave it does, whose item is settled on the same day.
SELECT o.account_id, a.consumer_group, o.id, o.service, o.due_on, o.amount,
       CASE o.source
           WHEN 'write_off' THEN (
               SELECT min(b.revived_on) FROM debt.off_balance b WHERE b.write_off_id = o.source_id AND b.account_id = o.account_id)
           WHEN 'transfer' THEN (
               SELECT min(e.posted_on) FROM ledger.entry e
               WHERE e.account_id = o.account_id AND e.source = o.source AND e.source_id = o.source_id)
       END,
       moved.days, moved.sums, parked.froms, parked.tos, parked.sums, accrued.months, accrued.sums
FROM ledger.open_item o
JOIN subscribers.account a ON a.id = o.account_id
LEFT JOIN LATERAL (
    SELECT array_agg(m.day) AS days, array_agg(m.amount) AS sums
    FROM (
        SELECT s.amount,
               CASE s.source
                   WHEN 'payment' THEN p.paid_on
                   WHEN 'payment_reversal' THEN (
                       SELECT t.paid_on FROM payments.payment r JOIN payments.payment t ON t.id = r.reverses WHERE r.id = s.source_id)
                   WHEN 'correction' THEN s.valid_on
                   WHEN 'penalty' THEN coalesce((
                       SELECT max(pp.paid_on) FROM ledger.open_item pi
                       JOIN ledger.settlement ps ON ps.account_id = pi.account_id AND ps.open_item_id = pi.id AND ps.source = 'payment'
                       JOIN payments.payment pp ON pp.id = ps.source_id
                       WHERE pi.account_id = o.account_id AND pi.component = 'penalty'), posted.day)
                   WHEN 'advance' THEN CASE WHEN ahead.source IN ('payment', 'opening') THEN ahead.due_on ELSE posted.day END
                   ELSE posted.day
               END AS day
        FROM ledger.settlement s
        LEFT JOIN payments.payment p ON s.source = 'payment' AND p.id = s.source_id
        LEFT JOIN ledger.open_item ahead ON s.source = 'advance' AND ahead.account_id = s.account_id AND ahead.id = s.source_id
        LEFT JOIN LATERAL (
            SELECT min(e.posted_on) AS day FROM ledger.entry e
            WHERE e.account_id = s.account_id AND e.source = coalesce(ahead.source, s.source)
              AND e.source_id = coalesce(ahead.source_id, s.source_id)
        ) posted ON s.source IN ('penalty', 'one_off', 'cost', 'write_off', 'transfer') OR ahead.source NOT IN ('payment', 'opening')
        WHERE s.account_id = o.account_id AND s.open_item_id = o.id
    ) m
) moved ON true
LEFT JOIN LATERAL (
    SELECT array_agg(x.from_day) AS froms, array_agg(x.to_day) AS tos, array_agg(x.amount) AS sums
    FROM (
        SELECT d.opened_on AS from_day, d.decided_on AS to_day, d.amount
        FROM debt.dispute d WHERE d.account_id = o.account_id AND d.open_item_id = o.id AND d.state <> 'for'
        UNION ALL
        SELECT n.agreed_on, n.ended_on, i.amount
        FROM debt.plan_item i JOIN debt.plan n ON n.id = i.plan_id AND n.stops_penalty
        WHERE i.account_id = o.account_id AND i.open_item_id = o.id
        UNION ALL
        SELECT n.filed_on, n.ended_on, i.amount
        FROM debt.claim_item i JOIN debt.claim n ON n.id = i.claim_id AND n.stops_penalty
        WHERE i.account_id = o.account_id AND i.open_item_id = o.id
    ) x
) parked ON true
LEFT JOIN LATERAL (
    SELECT array_agg(y.month) AS months, array_agg(y.amount) AS sums
    FROM (
        SELECT n.month, sum(n.amount)::bigint AS amount
        FROM debt.penalty n JOIN debt.accrual c ON c.id = n.accrual_id AND c.state NOT IN ('reversed', 'dropped')
        WHERE n.account_id = o.account_id AND n.open_item_id = o.id GROUP BY 1
    ) y
) accrued ON true
WHERE o.account_id BETWEEN {first} AND {last} AND {candidate}
ORDER BY o.account_id, o.id
