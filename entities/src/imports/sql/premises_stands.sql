-- What stands on the batch and keeps it from being taken back: code and count. Inlets that clerks added to its premises are its own.
WITH inlet AS MATERIALIZED (
    SELECT t.id FROM premises.point t WHERE t.import_batch_id = $1
    UNION
    SELECT t.id FROM premises.premise p JOIN premises.point t ON t.premise_id = p.id WHERE p.import_batch_id = $1
)
SELECT 'ACCOUNTS' AS code, count(DISTINCT a.id) AS count
FROM (
    SELECT a.id FROM subscribers.account a JOIN premises.premise p ON p.id = a.premise_id WHERE p.import_batch_id = $1
    UNION ALL
    -- An account of another premise may have taken an inlet here.
    SELECT o.account_id FROM inlet JOIN subscribers.account_point o ON o.point_id = inlet.id
) a
UNION ALL
SELECT 'METERS', count(*)
FROM meters.installation i JOIN inlet ON inlet.id = i.point_id
WHERE upper_inf(i.recorded)
UNION ALL
-- A reading that was taken back holds nothing.
SELECT 'READINGS', count(*)
FROM readings.reading r JOIN inlet ON inlet.id = r.point_id
WHERE r.verdict <> 'withdrawn'
