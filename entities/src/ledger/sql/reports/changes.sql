-- Settings, prices, rights and people changed in the month by the audit trail, and facts recorded in it for the days before it.
WITH span AS (SELECT $1::date::timestamp AT TIME ZONE 'Asia/Almaty' AS since,
                     ($1::date + interval '1 month') AT TIME ZONE 'Asia/Almaty' AS upto)
(SELECT to_char(a.at AT TIME ZONE 'Asia/Almaty', 'YYYY-MM-DD') AS day, a.actor AS who,
        -- `norm` alone is a basis of volumes to the words of reports.
        CASE a.entity WHEN 'norm' THEN 'consumption_norm' ELSE a.entity END AS entity, a.action, coalesce(d.number, '') AS document,
        count(*) AS found
 FROM platform.audit_entry a CROSS JOIN span LEFT JOIN archive.document d ON d.id = a.document_id
 WHERE a.at >= span.since AND a.at < span.upto
   AND a.entity IN ('setting', 'price', 'norm', 'vat', 'band', 'role_change', 'user', 'client', 'operation')
   AND a.action NOT IN ('session_opened', 'session_revoked', 'sign_in_refused')
 GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4 LIMIT 1000)
UNION ALL
SELECT to_char(lower(r.recorded) AT TIME ZONE 'Asia/Almaty', 'YYYY-MM-DD'), r.recorded_by, 'residency', 'back_dated', '', count(*)
FROM subscribers.residency r JOIN subscribers.account a ON a.id = r.account_id CROSS JOIN span
WHERE a.sector = $2 AND lower(r.recorded) >= span.since AND lower(r.recorded) < span.upto AND lower(r.valid) < $1::date
  AND a.opened_on < $1::date
GROUP BY 1, 2
UNION ALL
SELECT to_char(r.received_at AT TIME ZONE 'Asia/Almaty', 'YYYY-MM-DD'), r.received_by, 'reading', 'back_dated', '', count(*)
FROM readings.reading r JOIN subscribers.account a ON a.id = r.account_id CROSS JOIN span
WHERE a.sector = $2 AND r.period = $1::date AND r.act IS NULL AND r.taken_on < ($1::date - interval '1 month')
  AND r.received_at >= span.since AND r.received_at < span.upto
GROUP BY 1, 2
