-- One row: the account $1 with its holder, address and contract on the day $2.
SELECT a.number, a.sector, h.party_id, h.name AS holder, h.kind = 'organisation' AS organisation, h.identification,
       s.name_kk AS street_kk, s.name_ru AS street_ru, bu.house, p.number AS flat,
       c.number AS contract, c.signed_on AS contract_signed_on
FROM subscribers.account a
JOIN premises.premise p ON p.id = a.premise_id
JOIN premises.building bu ON bu.id = a.building_id
JOIN premises.street s ON s.id = bu.street_id
LEFT JOIN LATERAL (
    SELECT h.party_id, t.name, t.kind, t.identification
    FROM subscribers.holder h JOIN subscribers.party t ON t.id = h.party_id
    WHERE h.account_id = a.id AND upper_inf(h.recorded) AND lower(h.valid) <= $2
    ORDER BY lower(h.valid) DESC LIMIT 1
) h ON true
LEFT JOIN LATERAL (
    SELECT c.number, c.signed_on FROM contracts.contract c
    WHERE c.account_id = a.id AND upper_inf(c.recorded) AND c.kind = 'individual' AND c.valid @> $2::date
    ORDER BY lower(c.valid) DESC LIMIT 1
) c ON true
WHERE a.id = $1
