-- One row = one reading that counts or waits in a month that is not closed; at most $11.
SELECT 'reading' AS fact, r.id FROM readings.reading r JOIN subscribers.account a ON a.id = r.account_id
WHERE {scope} AND ($4::text IS NULL OR a.sector = $4) AND ($5::bigint IS NULL OR a.district_id = $5)
  AND ($6::bigint IS NULL OR a.building_id = $6) AND ($7::text IS NULL OR r.channel = $7) AND ($8::text IS NULL OR r.received_by = $8)
  AND ($9::date IS NULL OR r.received_at >= $9) AND ($10::date IS NULL OR r.received_at < $10 + 1)
  AND r.verdict IN ('accepted', 'doubtful') AND r.act IS NULL
  AND EXISTS (SELECT FROM ledger.period p WHERE p.period = r.period AND p.sector = a.sector AND p.status <> 'closed')
ORDER BY r.id LIMIT $11
