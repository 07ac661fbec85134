-- Payments of the channel $2 on its business day $3 (in its zone $4) that no registry of it has, as rows of registry $1. The day of a
-- payment without a moment is the payer's; what somebody looked into stays looked into.
INSERT INTO payments.registry_row (registry_id, line, external_id, account_raw, account_id, amount, paid_at, paid_on, state, payment_id)
SELECT $1, -row_number() OVER (ORDER BY p.id)::int - $5::int, p.external_id, a.number, p.account_id, p.amount, p.paid_at, p.paid_on,
       'missing_theirs', p.id
FROM payments.payment p JOIN subscribers.account a ON a.id = p.account_id
WHERE p.channel = $2 AND p.paid_on BETWEEN $3::date - 1 AND $3::date + 1 AND p.reverses IS NULL
  AND coalesce((p.paid_at AT TIME ZONE $4)::date, p.paid_on) = $3::date
  AND NOT EXISTS (SELECT FROM payments.payment b WHERE b.reverses = p.id)
  -- Worked off from money without an account: it stands in a registry under the number of the whole.
  AND NOT EXISTS (SELECT FROM payments.suspense s WHERE s.payment_id = p.id)
  AND NOT EXISTS (
      SELECT FROM payments.registry_row r JOIN payments.registry g ON g.id = r.registry_id
      WHERE r.external_id = p.external_id AND g.channel_id = (SELECT channel_id FROM payments.registry WHERE id = $1)
        AND g.state IN ('matching', 'matched') AND (r.line > 0 OR r.decision IS NOT NULL))
