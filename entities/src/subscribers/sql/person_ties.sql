-- One row: what keeps a person ($1) from being erased on a day ($2). The debt follows the person: of an account only the
-- items of the months count in which the person held it.
WITH held AS (
    SELECT account_id, valid FROM subscribers.holder WHERE party_id = $1 AND upper_inf(recorded)),
items AS (
    SELECT i.amount - i.settled AS rest
    FROM ledger.open_item i
    WHERE i.amount <> i.settled
      AND EXISTS (SELECT FROM held h WHERE h.account_id = i.account_id
                    AND h.valid && daterange(i.origin, (i.origin + interval '1 month')::date)))
SELECT (SELECT count(*) FROM held WHERE valid @> $2::date OR lower(valid) > $2) AS accounts,
       (SELECT coalesce(sum(rest) FILTER (WHERE rest > 0), 0)::bigint FROM items) AS debt,
       (SELECT coalesce(-sum(rest) FILTER (WHERE rest < 0), 0)::bigint FROM items) AS credit;
