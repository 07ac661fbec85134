-- What stands on the batch and keeps it from being taken back: code and count.
SELECT 'DEBTS' AS code, count(*) AS count
FROM ledger.open_item o JOIN contracts.contract c ON c.id = o.contract_id AND c.account_id = o.account_id
WHERE c.import_batch_id = $1
UNION ALL
SELECT 'CHANGES', count(*) FROM contracts.contract c WHERE c.import_batch_id = $1 AND NOT upper_inf(c.recorded)
UNION ALL
SELECT 'BILLS', count(*)
FROM billing.charge_line l
JOIN contracts.point_volume v ON v.point_id = l.point_id AND l.basis = 'contract' AND v.valid @> l.from_day
JOIN contracts.contract c ON c.id = v.contract_id
JOIN billing.run n ON n.id = l.run_id AND n.state NOT IN ('reversed', 'failed')
WHERE c.import_batch_id = $1
