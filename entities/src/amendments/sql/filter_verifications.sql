-- One row = one meter whose last verification was entered since the last close; at most $11.
SELECT 'verification' AS fact, v.meter_id AS id
FROM (SELECT DISTINCT ON (meter_id) * FROM meters.verification WHERE upper_inf(recorded) ORDER BY meter_id, valid_until DESC, id DESC) v
JOIN meters.installation i ON i.meter_id = v.meter_id AND upper_inf(i.recorded) AND upper_inf(i.valid)
JOIN subscribers.account_point ap ON ap.point_id = i.point_id AND upper_inf(ap.recorded) AND upper_inf(ap.valid)
JOIN subscribers.account a ON a.id = ap.account_id
WHERE {scope} AND ($4::text IS NULL OR a.sector = $4) AND ($5::bigint IS NULL OR a.district_id = $5)
  AND ($6::bigint IS NULL OR a.building_id = $6) AND $7::text IS NULL AND ($8::text IS NULL OR v.recorded_by = $8)
  AND ($9::date IS NULL OR lower(v.recorded) >= $9) AND ($10::date IS NULL OR lower(v.recorded) < $10 + 1)
  AND lower(v.recorded) > coalesce((SELECT max(p.closed_at) FROM ledger.period p WHERE p.sector = a.sector), '-infinity')
ORDER BY v.meter_id LIMIT $11
