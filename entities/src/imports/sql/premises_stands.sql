-- What stands on the batch and keeps it from being taken back: code and count.
SELECT 'ACCOUNTS' AS code, count(*) AS count
FROM subscribers.account a JOIN premises.premise p ON p.id = a.premise_id WHERE p.import_batch_id = $1
UNION ALL
SELECT 'METERS', count(*)
FROM meters.installation i JOIN premises.point p ON p.id = i.point_id
WHERE p.import_batch_id = $1 AND upper_inf(i.recorded)
UNION ALL
-- A reading that was taken back holds nothing.
SELECT 'READINGS', count(*)
FROM readings.reading r JOIN premises.point p ON p.id = r.point_id
WHERE p.import_batch_id = $1 AND r.verdict <> 'withdrawn'
