-- One row = one fact that import $4 brought and that still counts, within the scope; at most $5.
SELECT * FROM (
    SELECT 'reading' AS fact, r.id FROM readings.reading r JOIN subscribers.account a ON a.id = r.account_id
    WHERE r.import_batch_id = $4 AND r.verdict IN ('accepted', 'doubtful') AND {scope}
    UNION ALL
    SELECT 'payment', p.id FROM payments.payment p JOIN subscribers.account a ON a.id = p.account_id
    WHERE p.import_batch_id = $4 AND p.reverses IS NULL AND {scope}
      AND NOT EXISTS (SELECT FROM payments.payment o WHERE o.reverses = p.id)
    UNION ALL
    SELECT 'residents', s.id FROM subscribers.residency s JOIN subscribers.account a ON a.id = s.account_id
    WHERE s.import_batch_id = $4 AND upper_inf(s.recorded) AND {scope}
) found ORDER BY 1, 2 LIMIT $5
