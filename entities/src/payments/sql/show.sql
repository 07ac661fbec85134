-- One row = what a payer may see of the account with the number $1 (its own or an older one); with last readings if $2.
WITH account AS MATERIALIZED (
    SELECT a.id, a.status, a.premise_id FROM subscribers.account a WHERE a.number = $1
    UNION ALL
    SELECT a.id, a.status, a.premise_id
    FROM subscribers.old_number o JOIN subscribers.account a ON a.id = o.account_id WHERE o.number = $1
    LIMIT 1
),
item AS (
    SELECT o.service, o.amount - o.settled AS rest FROM ledger.open_item o
    WHERE o.account_id = (SELECT id FROM account) AND o.amount <> o.settled
      AND NOT EXISTS (SELECT FROM ledger.hold h WHERE h.source = o.source AND h.source_id = o.source_id)
)
SELECT a.status, p.name AS holder, coalesce(p.kind = 'person', true) AS person,
       s.name_kk AS street_kk, s.name_ru AS street_ru, b.house, r.number AS premise,
       (SELECT coalesce(sum(rest), 0)::bigint FROM item) AS balance,
       (SELECT coalesce(jsonb_object_agg(service, rest), '{}') FROM (
            SELECT service, sum(rest)::bigint AS rest FROM item WHERE rest > 0 AND service IS NOT NULL GROUP BY service) x) AS services,
       CASE WHEN $2 THEN (SELECT coalesce(jsonb_agg(jsonb_build_object('liters', x.liters, 'on', x.taken_on) ORDER BY x.meter_id), '[]') FROM (
            SELECT DISTINCT ON (meter_id) meter_id, liters, taken_on FROM readings.reading
            WHERE account_id = a.id AND verdict = 'accepted' AND meter_id IS NOT NULL
            ORDER BY meter_id, taken_on DESC, id DESC) x) ELSE '[]' END AS readings
FROM account a
LEFT JOIN LATERAL (
    SELECT h.party_id FROM subscribers.holder h
    WHERE h.account_id = a.id AND upper_inf(h.recorded) ORDER BY upper_inf(h.valid) DESC, lower(h.valid) DESC LIMIT 1) h ON true
LEFT JOIN subscribers.party p ON p.id = h.party_id
LEFT JOIN premises.premise r ON r.id = a.premise_id
LEFT JOIN premises.building b ON b.id = r.building_id
LEFT JOIN premises.street s ON s.id = b.street_id
