-- What stands on the batch and keeps it from being taken back: code and count.
SELECT 'BILLS' AS code, count(*) AS count
FROM billing.charge_line l
JOIN subscribers.residency r ON r.id = l.residency_id AND r.account_id = l.account_id
JOIN billing.run n ON n.id = l.run_id AND n.state NOT IN ('reversed', 'failed')
WHERE r.import_batch_id = $1
UNION ALL
SELECT 'CHANGES', count(*) FROM subscribers.residency r WHERE r.import_batch_id = $1 AND NOT upper_inf(r.recorded)
