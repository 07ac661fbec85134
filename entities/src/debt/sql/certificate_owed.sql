-- One row per item of the account $1 that is not settled: what is left of it (negative is paid ahead), what of it is disputed.
SELECT o.due_on, o.amount - o.settled AS rest, coalesce(d.amount, 0)::bigint AS disputed
FROM ledger.open_item o
LEFT JOIN debt.dispute d ON d.account_id = o.account_id AND d.open_item_id = o.id AND d.state = 'open'
WHERE o.account_id = $1 AND o.amount <> o.settled
  AND NOT EXISTS (SELECT FROM ledger.hold h WHERE h.source = o.source AND h.source_id = o.source_id)
ORDER BY o.due_on, o.id
