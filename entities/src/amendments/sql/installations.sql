-- One row = the last known installation of a meter of $4, at a point of an account within the scope, or at one that nobody pays for in
-- a district of it: the inlet of a house. With every reading that stands on it.
SELECT DISTINCT ON (i.meter_id) i.meter_id, i.id AS row_id, i.point_id, a.id AS account_id, lower(i.valid) AS day,
       m.serial || ' – ' || lower(i.valid) AS was, upper_inf(i.valid) AS stands,
       coalesce(lower(i.valid) < (SELECT max(p.period) + interval '1 month' FROM ledger.period p
                                  WHERE p.status = 'closed' AND (a.id IS NULL OR p.sector = a.sector)), false) AS closed,
       EXISTS (SELECT FROM imbalance.inlet n
               JOIN imbalance.reckoning r ON r.id = n.reckoning_id AND r.purpose = 'run' AND r.done_at IS NOT NULL
               JOIN billing.run u ON u.id = r.purpose_id AND u.state NOT IN ('reversed', 'failed')
               WHERE n.point_id = i.point_id AND n.meter_id = i.meter_id) AS reckoned,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'verdict', r.verdict) ORDER BY r.id), '[]')
        FROM readings.reading r
        WHERE r.point_id = i.point_id AND r.meter_id = i.meter_id AND r.taken_on >= lower(i.valid)
          AND r.verdict IN ('accepted', 'doubtful')) AS readings
FROM meters.installation i
JOIN meters.meter m ON m.id = i.meter_id
JOIN premises.point o ON o.id = i.point_id
JOIN premises.building h ON h.id = o.building_id
LEFT JOIN subscribers.account_point ap ON ap.point_id = i.point_id AND upper_inf(ap.recorded) AND ap.valid @> lower(i.valid)
LEFT JOIN subscribers.account a ON a.id = ap.account_id
WHERE i.meter_id = ANY ($4) AND upper_inf(i.recorded)
  AND CASE WHEN a.id IS NOT NULL THEN ({scope})
           ELSE $3::bigint[] IS NULL AND ($2::bigint[] IS NULL OR h.district_id = ANY ($2)) END
ORDER BY i.meter_id, lower(i.valid) DESC, i.id DESC
