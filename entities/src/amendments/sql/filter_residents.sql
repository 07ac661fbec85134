-- One row = one count of residents as known now that was entered since the last close; at most $11.
SELECT 'residents' AS fact, s.id FROM subscribers.residency s JOIN subscribers.account a ON a.id = s.account_id
WHERE {scope} AND ($4::text IS NULL OR a.sector = $4) AND ($5::bigint IS NULL OR a.district_id = $5)
  AND ($6::bigint IS NULL OR a.building_id = $6) AND ($7::text IS NULL OR s.source = $7) AND ($8::text IS NULL OR s.recorded_by = $8)
  AND ($9::date IS NULL OR lower(s.recorded) >= $9) AND ($10::date IS NULL OR lower(s.recorded) < $10 + 1)
  AND upper_inf(s.recorded)
  AND lower(s.recorded) > coalesce((SELECT max(p.closed_at) FROM ledger.period p WHERE p.sector = a.sector), '-infinity')
ORDER BY s.id LIMIT $11
