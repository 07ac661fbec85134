-- One number: what the desks' books say subscribers paid, less what the ledger says of the very payments that desks recorded.
WITH ours AS (
    SELECT coalesce(sum(CASE WHEN credit = 'subscribers' THEN amount ELSE -amount END), 0) AS amount
    FROM cashdesk.entry WHERE 'subscribers' IN (debit, credit)),
recorded AS (
    SELECT DISTINCT p.id FROM payments.payment p
    WHERE EXISTS (SELECT FROM cashdesk.operation_line l WHERE l.cash_payment_id = p.id)
       OR EXISTS (SELECT FROM cashdesk.operation_line l WHERE l.card_payment_id = p.id)),
theirs AS (
    SELECT coalesce(sum(CASE WHEN p.reverses IS NULL THEN p.amount ELSE -p.amount END), 0) AS amount
    FROM payments.payment p
    WHERE p.id IN (SELECT id FROM recorded) OR p.reverses IN (SELECT id FROM recorded))
SELECT (ours.amount - theirs.amount)::bigint FROM ours, theirs
