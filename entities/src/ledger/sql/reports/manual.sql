-- What people changed by hand in the month: entries by what they come from, acts that move or credit money by who did them, who agreed to
-- what was proposed, and on what document; and how often somebody agreed to his own proposal: never.
WITH span AS (SELECT $1::date::timestamp AT TIME ZONE 'Asia/Almaty' AS since,
                     ($1::date + interval '1 month') AT TIME ZONE 'Asia/Almaty' AS upto),
-- Whatever one person proposes and another one agrees to.
pair (author, approver, at) AS (
    SELECT proposed_by, confirmed_by, confirmed_at FROM tariffs.setting WHERE NOT demo
    UNION ALL SELECT proposed_by, decided_by, decided_at FROM tariffs.proposal WHERE state = 'confirmed'
    UNION ALL SELECT proposed_by::text, decided_by::text, decided_at FROM access.role_change WHERE state = 'approved'
    UNION ALL SELECT created_by, confirmed_by, posted_at FROM billing.correction
    UNION ALL SELECT asked_by, confirmed_by, posted_at FROM billing.correction WHERE asked_by IS DISTINCT FROM created_by
    UNION ALL SELECT created_by, confirmed_by, applied_at FROM amendments.batch
    UNION ALL SELECT asked_by, confirmed_by, applied_at FROM amendments.batch WHERE asked_by IS DISTINCT FROM created_by
    UNION ALL SELECT proposed_by, decided_by, decided_at FROM billing.paid_service WHERE state = 'confirmed'
    UNION ALL SELECT proposed_by, decided_by, decided_at FROM billing.division WHERE state <> 'declined'
    UNION ALL SELECT back_asked_by, back_decided_by, back_decided_at FROM billing.division WHERE state IN ('returning', 'returned')
    UNION ALL SELECT proposed_by, decided_by, decided_at FROM debt.write_off WHERE state = 'posted'
    UNION ALL SELECT proposed_by, decided_by, decided_at FROM debt.campaign WHERE state <> 'declined'
    UNION ALL SELECT proposed_by, decided_by, decided_at FROM payments.refund WHERE state <> 'declined'
    UNION ALL SELECT proposed_by, decided_by, decided_at FROM payments.transfer WHERE state <> 'declined'
    UNION ALL SELECT proposed_by, decided_by, decided_at FROM payments.suspense WHERE state = 'returned'
    UNION ALL SELECT proposed_by, decided_by, decided_at FROM imbalance.decision WHERE state = 'confirmed'
    UNION ALL SELECT requested_by, decided_by, decided_at FROM ledger.reopening WHERE state = 'confirmed'
)
SELECT 1 AS place, 'entries' AS what, '' AS who, '' AS approver, '' AS entity, e.source AS action, '' AS document, count(*) AS found,
       sum(e.amount)::bigint AS amount
FROM ledger.entry e
WHERE e.sector = $2 AND e.period = $1::date AND e.source NOT IN ('run', 'payment', 'advance') GROUP BY e.source
UNION ALL
SELECT 2, 'act', a.actor, coalesce(c.actor, ''), a.entity, a.action, coalesce(d.number, ''), count(*), NULL
FROM platform.audit_entry a CROSS JOIN span LEFT JOIN archive.document d ON d.id = a.document_id
-- What is next said of a proposal: that it is agreed to, or another thing.
LEFT JOIN LATERAL (
    SELECT n.actor, n.action FROM platform.audit_entry n
    WHERE a.action IN ('proposed', 'back_asked') AND n.entity = a.entity AND n.entity_id = a.entity_id AND n.id > a.id
    ORDER BY n.id LIMIT 1) n ON true
LEFT JOIN LATERAL (SELECT n.actor WHERE n.action IN ('confirmed', 'posted', 'started', 'returned')) c ON true
WHERE a.at >= span.since AND a.at < span.upto AND a.actor_kind <> 'system'
  AND (a.entity, a.action) IN (
      ('balance', 'open'), ('import_batch', 'commit'), ('import_batch', 'undo'),
      ('payment', 'reverse'), ('payment', 'reallocate'), ('earmark', 'tied'), ('earmark', 'untied'),
      ('transfer', 'proposed'), ('transfer', 'posted'), ('transfer', 'confirmed'), ('transfer', 'reversed'),
      ('refund', 'proposed'), ('refund', 'posted'), ('refund', 'confirmed'), ('refund', 'paid'), ('refund', 'came_back'),
      ('suspense', 'proposed'), ('suspense', 'posted'), ('suspense', 'confirmed'), ('suspense', 'sent_back'), ('suspense', 'split'),
      ('registry', 'posted'), ('registry', 'suspended'), ('statement', 'posted'), ('statement', 'suspended'),
      ('cash_operation', 'refund'), ('cash_operation', 'void'), ('cash_operation', 'pay_in'), ('cash_operation', 'pay_out'),
      ('cash_operation', 'shortage'), ('cash_operation', 'surplus'),
      ('run', 'reverse'), ('run', 'give_up'), ('run', 'final'), ('reading', 'decide'), ('reading', 'withdraw'),
      ('correction', 'proposed'), ('correction', 'confirmed'), ('correction', 'post'), ('correction', 'reverse'),
      ('amendment', 'save'), ('amendment', 'proposed'), ('amendment', 'confirmed'), ('amendment', 'reverse'),
      ('one_off', 'charged'), ('one_off', 'reversed'),
      ('division', 'proposed'), ('division', 'confirmed'), ('division', 'back_asked'), ('division', 'returned'),
      ('imbalance_decision', 'proposed'), ('imbalance_decision', 'confirmed'),
      ('penalty_accrual', 'posted'), ('penalty_accrual', 'reversed'), ('moratorium', 'recorded'), ('moratorium', 'withdrawn'),
      ('dispute', 'opened'), ('dispute', 'decided'), ('plan', 'agreed'), ('plan', 'cancelled'),
      ('write_off', 'proposed'), ('write_off', 'posted'), ('write_off', 'revived'),
      ('campaign', 'proposed'), ('campaign', 'started'), ('campaign', 'applied'), ('campaign', 'given'), ('campaign', 'revived'),
      ('campaign', 'ended'),
      ('claim', 'charged'), ('claim', 'reversed'),
      ('period', 'reopen'), ('period', 'reopening_requested'), ('period', 'reopened')
  )
GROUP BY a.actor, c.actor, a.entity, a.action, d.number
UNION ALL
SELECT 3, 'self_approved', '', '', '', '', '', (
    SELECT count(*) FROM pair p CROSS JOIN span WHERE p.approver = p.author AND p.at >= span.since AND p.at < span.upto), NULL
ORDER BY place, who, entity, action
