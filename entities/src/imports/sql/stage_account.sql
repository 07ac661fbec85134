-- Finds the account of each row, under its present or an old number, among the rows that the importer may see.
UPDATE stage s SET account_id = a.id, sector = a.sector, premise_id = a.premise_id, closed_on = a.closed_on
FROM (
    SELECT number, id FROM subscribers.account
    UNION ALL
    SELECT o.number, o.account_id FROM subscribers.old_number o
    WHERE NOT EXISTS (SELECT FROM subscribers.account a WHERE a.number = o.number)
) known, subscribers.account a, param p
WHERE known.number = s.account AND a.id = known.id
  AND (p.sectors IS NULL OR a.sector = ANY (p.sectors))
  AND (p.districts IS NULL OR a.district_id = ANY (p.districts));

INSERT INTO problem
SELECT line, 'UNKNOWN_ACCOUNT', 'account', 'rejected' FROM stage WHERE account IS NOT NULL AND account_id IS NULL;
