-- One row = one payment that stands in a month that is not closed; at most $11.
SELECT 'payment' AS fact, p.id FROM payments.payment p JOIN subscribers.account a ON a.id = p.account_id
WHERE {scope} AND ($4::text IS NULL OR a.sector = $4) AND ($5::bigint IS NULL OR a.district_id = $5)
  AND ($6::bigint IS NULL OR a.building_id = $6) AND ($7::text IS NULL OR p.channel = $7) AND ($8::text IS NULL OR p.received_by = $8)
  AND ($9::date IS NULL OR p.received_at >= $9) AND ($10::date IS NULL OR p.received_at < $10 + 1)
  AND p.reverses IS NULL AND NOT EXISTS (SELECT FROM payments.payment o WHERE o.reverses = p.id)
  AND EXISTS (SELECT FROM ledger.period m WHERE m.period = p.period AND m.sector = p.sector AND m.status <> 'closed')
ORDER BY p.id LIMIT $11
