-- One row per asked point and day: who pays for the point on that day and which meter measures it. Where none stands on the
-- day, the next one to be installed tells that the reading came too early.
SELECT q.n, t.id AS point_id, t.premise_id IS NULL AS whole_building, a.id AS account_id, a.sector,
       i.meter_id, mo.digits, mo.diameter_mm, lower(i.valid) AS installed_on, v.valid_until AS verified_until
FROM unnest($4::bigint[], $5::date[]) WITH ORDINALITY AS q (point_id, day, n)
JOIN premises.point t ON t.id = q.point_id
JOIN premises.building b ON b.id = t.building_id
LEFT JOIN subscribers.account_point o ON o.point_id = t.id AND upper_inf(o.recorded) AND o.valid @> q.day
LEFT JOIN subscribers.account a ON a.id = o.account_id
LEFT JOIN LATERAL (
    SELECT i.meter_id, i.valid FROM meters.installation i
    WHERE i.point_id = t.id AND upper_inf(i.recorded) AND (upper(i.valid) IS NULL OR upper(i.valid) > q.day)
    ORDER BY lower(i.valid) LIMIT 1
) i ON true
LEFT JOIN meters.meter m ON m.id = i.meter_id
LEFT JOIN meters.model mo ON mo.id = m.model_id
LEFT JOIN LATERAL (
    SELECT max(v.valid_until) AS valid_until FROM meters.verification v WHERE v.meter_id = i.meter_id AND upper_inf(v.recorded)
) v ON true
WHERE {scope}
ORDER BY q.n
