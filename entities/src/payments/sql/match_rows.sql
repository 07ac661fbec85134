-- How each undecided row of registry $1 of the channel $2 stands to our journal. A number counts once: where it first came.
WITH own AS (
    SELECT r.line, r.external_id, r.account_id, r.amount,
           row_number() OVER (PARTITION BY r.external_id ORDER BY r.line) AS place
    FROM payments.registry_row r WHERE r.registry_id = $1 AND r.line > 0 AND r.decision IS NULL
),
earlier AS (
    SELECT DISTINCT r.external_id
    FROM payments.registry g JOIN payments.registry_row r ON r.registry_id = g.id AND r.line > 0
    WHERE g.channel_id = (SELECT channel_id FROM payments.registry WHERE id = $1) AND r.state <> 'duplicate'
      AND (g.id < $1 AND g.state = 'matched' OR g.id = $1 AND r.decision IS NOT NULL)
      AND r.external_id IN (SELECT external_id FROM own)
),
ours AS (
    SELECT k.external_id, p.id, p.account_id, p.amount,
           EXISTS (SELECT FROM payments.payment b WHERE b.reverses = p.id) AS reversed
    FROM payments.payment_key k JOIN payments.payment p ON p.id = k.payment_id
    WHERE k.channel = $2 AND k.external_id IN (SELECT external_id FROM own)
)
UPDATE payments.registry_row r SET
    state = CASE
        WHEN o.place > 1 OR e.external_id IS NOT NULL THEN 'duplicate'
        WHEN p.id IS NULL THEN 'missing_ours'
        WHEN p.reversed THEN 'reversed'
        WHEN p.account_id IS DISTINCT FROM o.account_id THEN 'diff_account'
        WHEN p.amount <> o.amount THEN 'diff_sum'
        ELSE 'matched'
    END,
    payment_id = p.id,
    ours_amount = CASE WHEN p.amount <> o.amount THEN p.amount END,
    ours_account = CASE WHEN p.account_id IS DISTINCT FROM o.account_id THEN p.account_id END
FROM own o
LEFT JOIN earlier e ON e.external_id = o.external_id
LEFT JOIN ours p ON p.external_id = o.external_id
WHERE r.registry_id = $1 AND r.line = o.line
