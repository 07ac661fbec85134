UPDATE stage s SET premise_id = p.id, premise_kind = p.kind
FROM premises.premise p WHERE p.building_id = s.building_id AND p.number = coalesce(s.premise, '');
UPDATE stage s SET account_id = a.id FROM subscribers.account a WHERE a.number = s.number;

INSERT INTO problem
SELECT line, 'BAD_NUMBER', 'number', 'rejected' FROM stage WHERE number !~ '^[0-9]{5,12}$'
UNION ALL
SELECT line, 'UNKNOWN_PREMISE', 'premise', 'rejected' FROM stage WHERE building_id IS NOT NULL AND premise_id IS NULL
UNION ALL
SELECT s.line, 'BAD_CODE', 'sector', 'rejected' FROM stage s, param p WHERE NOT s.sector = ANY (p.sectors)
UNION ALL
SELECT s.line, 'FUTURE_DAY', 'opened_on', 'rejected' FROM stage s, param p WHERE s.opened_on > p.today
UNION ALL
SELECT line, 'SECTOR_UNUSUAL', 'sector', 'warning' FROM stage
WHERE (sector = 'multi' AND premise_kind <> 'flat') OR (sector = 'private' AND premise_kind <> 'house')
UNION ALL
SELECT line, 'NO_IDENTIFICATION', 'identification', 'warning' FROM stage WHERE identification IS NULL
UNION ALL
SELECT s.line, CASE WHEN a.premise_id = s.premise_id THEN 'ALREADY_THERE' ELSE 'ALREADY_TAKEN' END, 'number',
       CASE WHEN a.premise_id = s.premise_id THEN 'duplicate' ELSE 'rejected' END
FROM stage s JOIN subscribers.account a ON a.id = s.account_id WHERE s.premise_id IS NOT NULL
UNION ALL
SELECT s.line, 'ALREADY_TAKEN', 'number', 'rejected' FROM stage s JOIN subscribers.old_number o ON o.number = s.number
UNION ALL
SELECT DISTINCT s.line, 'OVERLAP', 'premise', 'rejected'
FROM stage s
JOIN premises.point t ON t.premise_id = s.premise_id
JOIN subscribers.account_point o ON o.point_id = t.id AND upper_inf(o.recorded) AND o.valid && daterange(s.opened_on, NULL)
WHERE o.account_id IS DISTINCT FROM s.account_id
UNION ALL
SELECT DISTINCT s.line, 'HOUSE_IN_BULK', 'premise', 'rejected'
FROM stage s
JOIN premises.bulk_billing k ON k.building_id = s.building_id AND k.payer_id IS NOT NULL AND upper_inf(k.recorded)
     AND k.valid && daterange(s.opened_on, NULL)
WHERE s.sector = 'legal' AND s.premise_id IS NOT NULL AND s.account_id IS NULL;

-- Rows of the file against each other: a wrong row takes nothing from a right one.
INSERT INTO problem
SELECT line, 'REPEATED_IN_FILE', 'number', 'duplicate'
FROM (SELECT line, row_number() OVER (PARTITION BY number ORDER BY line) AS place
      FROM stage s WHERE NOT EXISTS (SELECT FROM problem p WHERE p.line = s.line AND p.level = 'rejected')) rows
WHERE place > 1;
INSERT INTO problem
SELECT line, 'OVERLAP', 'premise', 'rejected'
FROM (SELECT line, row_number() OVER (PARTITION BY premise_id ORDER BY line) AS place
      FROM stage s WHERE NOT EXISTS (SELECT FROM problem p WHERE p.line = s.line AND p.level <> 'warning')) rows
WHERE place > 1;
