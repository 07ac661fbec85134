-- What `bench list` asks the API for, as one statement by hand: a page of twenty accounts (and one more, to know whether there is
-- a next page) with the holder's name, the address and the balance.
\set id random(:first, :last)
SELECT a.number, p.name AS holder, s.name_ru AS street, b.house, r.number AS flat, i.balance
FROM (SELECT * FROM subscribers.account WHERE number > (1000000 + :id)::text ORDER BY number LIMIT 21) a
JOIN premises.premise r ON r.id = a.premise_id
JOIN premises.building b ON b.id = r.building_id
JOIN premises.street s ON s.id = b.street_id
LEFT JOIN subscribers.holder h ON h.account_id = a.id AND h.valid @> date '2026-03-26' AND upper_inf(h.recorded)
LEFT JOIN subscribers.party p ON p.id = h.party_id
LEFT JOIN LATERAL (
    SELECT sum(o.amount - o.settled)::bigint AS balance FROM ledger.open_item o
    WHERE o.account_id = a.id AND o.amount <> o.settled
      AND NOT EXISTS (SELECT FROM ledger.hold l WHERE l.source = o.source AND l.source_id = o.source_id)
) i ON true
ORDER BY a.number;
