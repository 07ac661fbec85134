-- One row = one meter whose last installation was entered since the last close and still stands; at most $11.
SELECT 'installation' AS fact, i.meter_id AS id
FROM meters.installation i
JOIN premises.point o ON o.id = i.point_id
JOIN premises.building h ON h.id = o.building_id
LEFT JOIN subscribers.account_point ap ON ap.point_id = i.point_id AND upper_inf(ap.recorded) AND ap.valid @> lower(i.valid)
LEFT JOIN subscribers.account a ON a.id = ap.account_id
WHERE upper_inf(i.recorded) AND upper_inf(i.valid)
  AND CASE WHEN a.id IS NOT NULL THEN ({scope})
           ELSE $3::bigint[] IS NULL AND ($2::bigint[] IS NULL OR h.district_id = ANY ($2)) END
  AND ($4::text IS NULL OR a.sector = $4) AND ($5::bigint IS NULL OR h.district_id = $5)
  AND ($6::bigint IS NULL OR h.id = $6) AND $7::text IS NULL AND ($8::text IS NULL OR i.recorded_by = $8)
  AND ($9::date IS NULL OR lower(i.recorded) >= $9) AND ($10::date IS NULL OR lower(i.recorded) < $10 + 1)
  AND lower(i.recorded) > coalesce((SELECT max(p.closed_at) FROM ledger.period p WHERE a.id IS NULL OR p.sector = a.sector), '-infinity')
ORDER BY i.meter_id LIMIT $11
