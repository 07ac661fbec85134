-- What stands on the batch and keeps it from being taken back: code and count.
SELECT 'READINGS' AS code, count(*) AS count
FROM readings.reading r
JOIN meters.installation i ON i.meter_id = r.meter_id AND i.point_id = r.point_id
WHERE i.import_batch_id = $1 AND r.import_batch_id IS DISTINCT FROM $1 AND r.verdict <> 'withdrawn'
UNION ALL
SELECT 'CHANGES', count(*) FROM meters.installation i WHERE i.import_batch_id = $1 AND NOT upper_inf(i.recorded)
UNION ALL
SELECT 'BILLS', count(*)
FROM billing.charge_line l
JOIN meters.installation i ON i.meter_id = l.meter_id AND i.point_id = l.point_id
JOIN billing.run n ON n.id = l.run_id AND n.state NOT IN ('reversed', 'failed')
WHERE i.import_batch_id = $1
