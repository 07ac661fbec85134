-- One row per payable item of the account, or one without: everything that decides a payment of the channel $1 with the number $2 for
-- the account $3, dated in the month $4, of $5 tiyn, with a look back of $6 minutes. The items are locked for the payer, the month
-- against being closed; where the number was used before, nothing is locked and nothing but that is told. Money without an account
-- that is not worked off yet holds its number too. Until the end of the transaction the number is marked as worked on: shared, so that
-- nobody who brings it waits; whoever asks what became of it sees the mark (`is_worked_on`).
WITH key AS MATERIALIZED (
    SELECT k.payment_id, k.answer, k.cancelled_at, p.account_id, coalesce(p.amount, s.amount) AS amount, p.paid_at,
           coalesce(p.received_at, s.decided_at) AS received_at, s.state = 'returned' AS sent_back, w.account_raw AS typed
    FROM payments.payment_key k
    LEFT JOIN payments.payment p ON p.id = k.payment_id LEFT JOIN payments.suspense s ON s.id = k.suspense_id
    -- It had no account until a person found one: what the payer had typed.
    LEFT JOIN payments.suspense w ON w.channel = k.channel AND w.external_id = k.external_id AND w.state = 'posted'
    WHERE k.channel = $1 AND k.external_id = $2
),
known AS MATERIALIZED (
    SELECT key.*, NULL::bigint AS held, false AS deciding FROM key
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, s.amount, s.paid_at, s.received_on::timestamptz, false, s.account_raw, s.id, s.state = 'returning'
    FROM payments.suspense s
    WHERE s.channel = $1 AND s.external_id = $2 AND s.state IN ('open', 'returning') AND s.state <> 'split' AND NOT EXISTS (SELECT FROM key)
),
account AS MATERIALIZED (
    SELECT a.id, a.sector, a.status FROM subscribers.account a WHERE a.number = $3
    UNION ALL
    SELECT a.id, a.sector, a.status
    FROM subscribers.old_number o JOIN subscribers.account a ON a.id = o.account_id WHERE o.number = $3
    LIMIT 1
),
month AS MATERIALIZED (
    SELECT m.period FROM ledger.period m
    WHERE m.sector = (SELECT sector FROM account) AND m.status = 'open' AND NOT EXISTS (SELECT FROM known)
    ORDER BY m.period < $4, abs(m.period - $4::date) LIMIT 1
    FOR SHARE
),
item AS MATERIALIZED (
    SELECT o.id, o.account_id, o.service, o.component, o.origin, o.due_on, o.amount, o.settled FROM ledger.open_item o
    WHERE o.account_id = (SELECT id FROM account) AND o.amount <> o.settled AND NOT EXISTS (SELECT FROM known)
      AND NOT EXISTS (SELECT FROM ledger.hold h WHERE h.source = o.source AND h.source_id = o.source_id)
    ORDER BY o.id FOR UPDATE OF o
),
fresh AS MATERIALIZED (
    SELECT nextval('payments.payment_id') AS id, EXISTS (
        SELECT FROM payments.payment p
        WHERE p.account_id = (SELECT id FROM account) AND p.channel = $1 AND p.amount = $5
          AND p.received_at > now() - make_interval(mins => $6) AND p.reverses IS NULL
          AND NOT EXISTS (SELECT FROM payments.payment r WHERE r.reverses = p.id)) AS recent
    FROM account WHERE NOT EXISTS (SELECT FROM known)
)
SELECT k.payment_id AS known, k.account_id AS known_account, k.amount AS known_amount, k.paid_at AS known_at,
       k.received_at AS known_received, k.answer AS known_answer, k.cancelled_at, k.sent_back, k.typed,
       a.id AS account, a.sector, a.status, m.period, f.id AS fresh, f.recent,
       i.id AS item, i.service, i.component, i.origin, i.due_on, i.amount, i.settled, k.held, k.deciding
FROM (SELECT pg_advisory_xact_lock_shared(hashtextextended($2, hashtext($1)))) one (row)
LEFT JOIN known k ON true LEFT JOIN account a ON true LEFT JOIN month m ON true LEFT JOIN fresh f ON true LEFT JOIN item i ON true
ORDER BY i.id
