-- One output row = one bill with its account, holder, address and contract, as known now.
SELECT b.id, b.period, b.account_id, b.run_id, b.opening, b.charged, b.penalty, b.corrected, b.paid, b.closing, b.due_on, b.excuse, r.known_at,
       a.number, r.sector, a.district_id,
       h.name AS holder, h.kind = 'organisation' AS organisation, h.identification, h.held_since,
       s.name_kk AS street_kk, s.name_ru AS street_ru, bu.house, p.number AS flat,
       c.number AS contract, c.signed_on AS contract_signed_on, n.residents
FROM billing.bill b
JOIN billing.run r ON r.id = b.run_id
JOIN subscribers.account a ON a.id = b.account_id
JOIN premises.premise p ON p.id = a.premise_id
JOIN premises.building bu ON bu.id = a.building_id
JOIN premises.street s ON s.id = bu.street_id
LEFT JOIN LATERAL (
    SELECT t.name, t.kind, t.identification, lower(h.valid) AS held_since
    FROM subscribers.holder h JOIN subscribers.party t ON t.id = h.party_id
    WHERE h.account_id = b.account_id AND upper_inf(h.recorded)
      AND lower(h.valid) < (b.period + interval '1 month')::date
    ORDER BY lower(h.valid) DESC LIMIT 1
) h ON true
LEFT JOIN LATERAL (
    SELECT c.number, c.signed_on FROM contracts.contract c
    WHERE c.account_id = b.account_id AND upper_inf(c.recorded) AND c.kind = 'individual'
      AND c.valid && daterange(b.period, (b.period + interval '1 month')::date)
    ORDER BY upper(c.valid) DESC NULLS FIRST LIMIT 1
) c ON true
LEFT JOIN LATERAL (
    SELECT i.residency_count[array_upper(i.residency_count, 1)] AS residents FROM billing.run_input i
    WHERE i.account_id = b.account_id AND i.period = b.period AND i.run_id = b.run_id LIMIT 1
) n ON true
WHERE b.id = ANY ($1)
ORDER BY b.id
