-- One row when the payment is written, none when somebody else took its number meanwhile. Everything a payment moves in one statement,
-- each part only where the number is ours.
WITH key AS (
    INSERT INTO payments.payment_key (channel, external_id, payment_id, input_hash, answer)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING payment_id AS id
),
payment AS (
    INSERT INTO payments.payment (id, account_id, sector, period, channel, external_id, amount, paid_on, received_by, agent_id, paid_at, notes)
    SELECT key.id, $6, $7, $8, $1, $2, $9, $10, $11, $12, $13, $14 FROM key RETURNING id
),
settled AS (
    INSERT INTO ledger.settlement (account_id, open_item_id, period, valid_on, amount, source, source_id)
    SELECT $6, s.item, $8, $10, s.amount, 'payment', key.id FROM key, unnest($15::bigint[], $16::bigint[]) AS s (item, amount)
),
moved AS (
    UPDATE ledger.open_item o SET settled = o.settled + s.amount
    FROM key, unnest($15::bigint[], $16::bigint[]) AS s (item, amount) WHERE o.account_id = $6 AND o.id = s.item
),
advance AS (
    INSERT INTO ledger.open_item (account_id, sector, component, origin, due_on, amount, source, source_id)
    SELECT $6, $7, 'advance', $8, $10, -$17::bigint, 'payment', key.id FROM key WHERE $17::bigint > 0
),
posted AS (
    INSERT INTO ledger.entry (period, sector, account_id, posted_on, debit, credit, amount, service, component, agent_id, source, source_id)
    SELECT $8, $7, $6, $10, e.debit, e.credit, e.amount, e.service, e.component, $12, 'payment', key.id
    FROM key, unnest($18::text[], $19::text[], $20::bigint[], $21::text[], $22::text[]) AS e (debit, credit, amount, service, component)
),
total AS (
    INSERT INTO ledger.account_total (account_id, period, sector, kind, amount)
    SELECT $6, $8, $7, 'payment', -$9::bigint FROM key
    ON CONFLICT (account_id, period, kind) DO UPDATE SET amount = account_total.amount + excluded.amount
),
incident AS (
    INSERT INTO payments.incident (channel, external_id, kind, payment_id)
    SELECT $1, $2, n.kind, p.id FROM payment p, unnest($23::text[]) AS n (kind)
),
audited AS (
    INSERT INTO platform.audit_entry (actor_kind, actor_id, actor, session, entity, entity_id, action, after)
    SELECT $24, $25, $11, $26, $27, $28, $29, $30 FROM key
),
told AS (
    INSERT INTO platform.outbox (topic, name, account_id, event, actor)
    SELECT $31, $32, $6, $33, $11 FROM key
)
SELECT id FROM key
