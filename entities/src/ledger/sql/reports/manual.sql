-- What people changed by hand in the month: entries by what they come from, acts by who did them and on what document, and how
-- often somebody confirmed his own proposal: never.
WITH span AS (SELECT $1::date::timestamp AT TIME ZONE 'Asia/Almaty' AS since,
                     ($1::date + interval '1 month') AT TIME ZONE 'Asia/Almaty' AS upto)
SELECT 1 AS place, 'entries' AS what, '' AS who, e.source AS action, '' AS document, count(*) AS found, sum(e.amount)::bigint AS amount
FROM ledger.entry e
WHERE e.sector = $2 AND e.period = $1::date AND e.source NOT IN ('run', 'payment', 'advance') GROUP BY e.source
UNION ALL
SELECT 2, 'act', a.actor, a.entity || '.' || a.action, coalesce(d.number, ''), count(*), NULL
FROM platform.audit_entry a CROSS JOIN span LEFT JOIN archive.document d ON d.id = a.document_id
WHERE a.at >= span.since AND a.at < span.upto AND a.actor_kind <> 'system'
  AND (a.entity, a.action) IN (('payment', 'reverse'), ('run', 'reverse'), ('balance', 'import'), ('balance', 'import_undo'),
                               ('reading', 'decide'), ('reading', 'withdraw'), ('period', 'reopen'))
GROUP BY a.actor, a.entity, a.action, d.number
UNION ALL
SELECT 3, 'self_approved', '', '', '', (
    SELECT count(*) FROM tariffs.setting s CROSS JOIN span
    WHERE s.confirmed_by = s.proposed_by AND NOT s.demo AND s.confirmed_at >= span.since AND s.confirmed_at < span.upto) + (
    SELECT count(*) FROM tariffs.proposal p CROSS JOIN span
    WHERE p.state = 'confirmed' AND p.decided_by = p.proposed_by AND p.decided_at >= span.since AND p.decided_at < span.upto), NULL
ORDER BY place, who, action
