-- What `bench read` asks the API for, as the API's own statements: one account by its number, its balance, its last bills.
\set id random(:first, :last)
SELECT a.* FROM subscribers.account a
WHERE a.number = (1000000 + :id)::text OR a.id = (SELECT account_id FROM subscribers.old_number WHERE number = (1000000 + :id)::text)
ORDER BY a.number = (1000000 + :id)::text DESC LIMIT 1;
SELECT o.account_id, sum(o.amount - o.settled)::bigint AS balance,
       coalesce(sum(o.amount - o.settled) FILTER (WHERE o.amount > 0), 0)::bigint AS owed,
       coalesce(-sum(o.amount - o.settled) FILTER (WHERE o.amount < 0), 0)::bigint AS advance,
       min(o.due_on) FILTER (WHERE o.amount > o.settled) AS due_on
FROM unnest(ARRAY[:id::bigint], ARRAY['1900-01-01'::date]) AS k (id, since)
JOIN ledger.open_item o ON o.account_id = k.id AND o.amount <> o.settled
     AND o.origin >= date_trunc('month', k.since::timestamp)::date
WHERE NOT EXISTS (SELECT FROM ledger.hold h WHERE h.source = o.source AND h.source_id = o.source_id)
GROUP BY o.account_id;
SELECT x.* FROM unnest(ARRAY[:id::bigint]) AS a (id)
CROSS JOIN LATERAL (
    SELECT b.id, b.period, b.account_id, b.run_id, r.sector, b.opening, b.charged, b.paid, b.closing, b.due_on, b.excuse,
           b.reversed, r.issued_at
    FROM billing.bill b JOIN billing.run r ON r.id = b.run_id
    WHERE b.account_id = a.id AND NOT b.reversed AND r.state IN ('posted', 'issued')
    ORDER BY b.period DESC LIMIT 13
) x
ORDER BY x.account_id, x.period DESC;
