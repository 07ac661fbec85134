-- One row per account of the list: its number and where it is, in both languages.
SELECT a.id AS account_id, a.number, s.name_kk AS street_kk, s.name_ru AS street_ru, b.house, p.number AS flat, p.kind AS premise
FROM subscribers.account a
JOIN premises.building b ON b.id = a.building_id
JOIN premises.street s ON s.id = b.street_id
JOIN premises.premise p ON p.id = a.premise_id
WHERE a.id = ANY ($1)
