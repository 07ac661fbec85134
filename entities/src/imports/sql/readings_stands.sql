-- What stands on the batch and keeps it from being taken back: code and count.
SELECT 'BILLS' AS code, count(*) AS count
FROM consumption.month m
JOIN readings.reading r ON r.id = m.reading_id AND r.account_id = m.account_id
WHERE r.import_batch_id = $1
UNION ALL
SELECT 'CLOSED', count(*)
FROM readings.reading r
JOIN subscribers.account a ON a.id = r.account_id
JOIN ledger.period l ON l.period = r.period AND l.sector = a.sector AND l.status = 'closed'
WHERE r.import_batch_id = $1
