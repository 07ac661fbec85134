-- What people changed by hand in the month: entries by what they come from, acts that move or credit money of the sector by who asked for
-- them, who agreed and on what document, with what they come to as their own registers say; and how often somebody agreed to his own
-- proposal: never. Sums in tiyn.
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
    UNION ALL SELECT asked_by, decided_by, decided_at FROM access.second_signature WHERE state = 'agreed'
),
act AS MATERIALIZED (
    SELECT a.id, a.at, a.actor, a.entity, a.entity_id, a.action, a.document_id, a.after
    FROM platform.audit_entry a CROSS JOIN span
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
),
-- Whose rows an act is of, a sector a row, and what it comes to. An act without a row is of every sector.
part AS (
    SELECT act.id, o.sector, o.amount FROM act CROSS JOIN LATERAL (
        SELECT p.sector, CASE act.action WHEN 'reallocate' THEN (
                   SELECT sum(r.moved) FROM payments.reallocation r WHERE r.payment_id = p.id AND r.done_at = act.at) ELSE p.amount END AS amount
        FROM payments.payment p WHERE act.entity = 'payment' AND p.id = act.entity_id
        UNION ALL
        SELECT p.sector, sum(p.amount) FROM payments.payment p
        WHERE act.entity = 'import_batch' AND p.import_batch_id = act.entity_id AND p.reverses IS NULL GROUP BY p.sector
        UNION ALL
        SELECT NULL, b.control_sum FROM imports.batch b
        WHERE act.entity = 'import_batch' AND b.id = act.entity_id
          AND NOT EXISTS (SELECT FROM payments.payment p WHERE p.import_batch_id = b.id)
        UNION ALL
        SELECT a.sector, sum(coalesce(i.amount, x.amount))
        FROM payments.earmark e JOIN subscribers.account a ON a.id = e.account_id
        LEFT JOIN payments.earmark_item i ON i.earmark_id = e.id
        LEFT JOIN ledger.open_item x ON x.account_id = i.account_id AND x.id = i.open_item_id
        WHERE act.entity = 'earmark' AND e.id = act.entity_id GROUP BY a.sector
        UNION ALL
        SELECT a.sector, sum(abs(t.amount)) FROM payments.transfer_part t JOIN subscribers.account a ON a.id = t.from_account
        WHERE act.entity = 'transfer' AND t.transfer_id = act.entity_id GROUP BY a.sector
        UNION ALL
        SELECT p.sector, p.amount FROM payments.transfer t JOIN payments.payment p ON p.id = t.payment_id
        WHERE act.entity = 'transfer' AND t.id = act.entity_id
          AND NOT EXISTS (SELECT FROM payments.transfer_part x WHERE x.transfer_id = t.id)
        UNION ALL
        SELECT r.sector, r.amount FROM payments.refund r WHERE act.entity = 'refund' AND r.id = act.entity_id
        UNION ALL
        SELECT s.sector, s.amount FROM payments.suspense s WHERE act.entity = 'suspense' AND s.id = act.entity_id
        UNION ALL
        SELECT a.sector, sum(r.amount) FROM payments.registry_row r LEFT JOIN subscribers.account a ON a.id = r.account_id
        WHERE act.entity = 'registry' AND r.registry_id = act.entity_id AND r.decision = act.action AND r.decided_at = act.at
        GROUP BY a.sector
        UNION ALL
        SELECT a.sector, sum(abs(l.amount)) FROM payments.statement_line l LEFT JOIN subscribers.account a ON a.id = l.account_id
        WHERE act.entity = 'statement' AND l.statement_id = act.entity_id AND l.decision = act.action AND l.decided_at = act.at
        GROUP BY a.sector
        UNION ALL
        SELECT l.sector, sum(l.cash + l.card) FROM cashdesk.operation_line l
        WHERE act.entity = 'cash_operation' AND l.operation_id = act.entity_id GROUP BY l.sector
        UNION ALL
        SELECT NULL, abs(o.cash + o.card) FROM cashdesk.operation o
        WHERE act.entity = 'cash_operation' AND o.id = act.entity_id
          AND NOT EXISTS (SELECT FROM cashdesk.operation_line l WHERE l.operation_id = o.id)
        UNION ALL
        SELECT r.sector, r.gross FROM billing.run r WHERE act.entity = 'run' AND r.id = act.entity_id
        UNION ALL
        SELECT a.sector, NULL FROM readings.reading r JOIN subscribers.account a ON a.id = r.account_id
        WHERE act.entity = 'reading' AND r.id = act.entity_id
        UNION ALL
        SELECT c.sector, sum(c.gross) FROM billing.correction_account c
        WHERE act.entity = 'correction' AND c.correction_id = act.entity_id AND c.outcome IN ('changed', 'posted', 'reversed')
        GROUP BY c.sector
        UNION ALL
        SELECT a.sector, sum(x.owed)
        FROM (SELECT e.account_id, CASE e.stage WHEN 'paid' THEN e.before - e.after ELSE e.after - e.before END AS owed
              FROM amendments.effect e WHERE e.batch_id = act.entity_id
              UNION ALL SELECT r.account_id, NULL FROM amendments.row r WHERE r.batch_id = act.entity_id) x
        JOIN subscribers.account a ON a.id = x.account_id
        WHERE act.entity = 'amendment' GROUP BY a.sector
        UNION ALL
        SELECT a.sector, o.gross FROM billing.one_off o JOIN subscribers.account a ON a.id = o.account_id
        WHERE act.entity = 'one_off' AND o.id = act.entity_id
        UNION ALL
        SELECT a.sector, sum(abs(t.amount))
        FROM billing.division d JOIN payments.transfer_part t ON t.transfer_id = d.transfer_id
        JOIN subscribers.account a ON a.id = t.from_account
        WHERE act.entity = 'division' AND d.id = act.entity_id GROUP BY a.sector
        UNION ALL
        -- Houses are of flats.
        SELECT 'multi', NULL WHERE act.entity = 'imbalance_decision'
        UNION ALL
        SELECT c.sector, c.added - c.taken_back FROM debt.accrual c WHERE act.entity = 'penalty_accrual' AND c.id = act.entity_id
        UNION ALL
        SELECT coalesce(m.sector, a.sector), NULL FROM debt.moratorium m LEFT JOIN subscribers.account a ON a.id = m.account_id
        WHERE act.entity = 'moratorium' AND m.id = act.entity_id
        UNION ALL
        SELECT a.sector, d.amount FROM debt.dispute d JOIN subscribers.account a ON a.id = d.account_id
        WHERE act.entity = 'dispute' AND d.id = act.entity_id
        UNION ALL
        SELECT a.sector, p.amount FROM debt.plan p JOIN subscribers.account a ON a.id = p.account_id
        WHERE act.entity = 'plan' AND p.id = act.entity_id
        UNION ALL
        SELECT a.sector, sum(w.amount) FROM debt.write_off_item w JOIN subscribers.account a ON a.id = w.account_id
        WHERE act.entity = 'write_off' AND act.action <> 'revived' AND w.write_off_id = act.entity_id GROUP BY a.sector
        UNION ALL
        -- What is given back of an order or applied for in a campaign names its account.
        SELECT a.sector, NULL FROM subscribers.account a
        WHERE (act.entity, act.action) IN (('write_off', 'revived'), ('campaign', 'applied'))
          AND a.id = CASE WHEN act.after ->> 'account' ~ '^[0-9]{1,18}$' THEN (act.after ->> 'account')::bigint END
        UNION ALL
        SELECT m.sector, sum(m.penalty) FROM debt.campaign_account m
        WHERE act.entity = 'campaign' AND act.action IN ('started', 'ended') AND m.campaign_id = act.entity_id GROUP BY m.sector
        UNION ALL
        SELECT a.sector, sum(c.amount) FROM debt.claim_cost c JOIN subscribers.account a ON a.id = c.account_id
        WHERE act.entity = 'claim' AND c.claim_id = act.entity_id
          AND act.document_id = CASE act.action WHEN 'charged' THEN c.document_id ELSE c.reversal_document_id END
        GROUP BY a.sector) o
)
SELECT 1 AS place, 'entries' AS what, '' AS who, '' AS approver, '' AS entity, e.source AS action, '' AS document, count(*) AS found,
       sum(e.amount)::bigint AS amount
FROM ledger.entry e
WHERE e.sector = $2 AND e.period = $1::date AND e.source NOT IN ('run', 'payment', 'advance') GROUP BY e.source
UNION ALL
SELECT 2, 'act', coalesce(s.asked_by, t.actor), coalesce(s.decided_by, c.actor, r.decided_by, ''), t.entity, t.action, coalesce(d.number, ''),
       count(DISTINCT t.id),
       -- Of what has no register of its own, the sum that the trail says.
       sum(coalesce(p.amount, CASE WHEN t.after ->> 'sum' ~ '^-?[0-9]{1,15}[.][0-9]{2}$' THEN (t.after ->> 'sum')::numeric * 100 END))::bigint
FROM act t LEFT JOIN part p ON p.id = t.id LEFT JOIN archive.document d ON d.id = t.document_id
-- What two people signed is done in the very transaction of the second signature: its moment is that of the trail.
LEFT JOIN access.second_signature s
       ON s.state = 'agreed' AND s.decided_at = t.at AND s.decided_by = t.actor AND s.document_id = t.document_id
-- What is next said of a proposal: that it is agreed to, or another thing.
LEFT JOIN LATERAL (
    SELECT n.actor, n.action FROM platform.audit_entry n
    WHERE t.action IN ('proposed', 'back_asked') AND n.entity = t.entity AND n.entity_id = t.entity_id AND n.id > t.id
    ORDER BY n.id LIMIT 1) n ON true
LEFT JOIN LATERAL (SELECT n.actor WHERE n.action IN ('confirmed', 'posted', 'started', 'returned')) c ON true
LEFT JOIN ledger.reopening r
       ON t.action = 'reopening_requested' AND r.state = 'confirmed' AND r.requested_at = t.at AND r.requested_by = t.actor
WHERE coalesce(p.sector, t.after ->> 'sector', $2) = $2
GROUP BY 3, 4, 5, 6, 7
UNION ALL
SELECT 3, 'self_approved', '', '', '', '', '', (
    SELECT count(*) FROM pair p CROSS JOIN span WHERE p.approver = p.author AND p.at >= span.since AND p.at < span.upto), NULL
ORDER BY place, who, entity, action, document, approver
