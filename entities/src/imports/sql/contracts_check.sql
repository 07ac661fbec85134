UPDATE stage s SET party_id = h.party_id
FROM subscribers.holder h WHERE h.account_id = s.account_id AND upper_inf(h.recorded) AND h.valid @> s."from";
UPDATE stage s SET point_id = (
    SELECT min(t.id) FROM subscribers.account_point o JOIN premises.point t ON t.id = o.point_id AND NOT t.hot
    WHERE o.account_id = s.account_id AND upper_inf(o.recorded) AND o.valid @> s."from")
WHERE s.account_id IS NOT NULL;

INSERT INTO problem
SELECT line, 'ACCOUNT_CLOSED', 'account', 'rejected' FROM stage WHERE closed_on <= "from"
UNION ALL
SELECT line, 'ENDS_BEFORE_START', 'to', 'rejected' FROM stage WHERE "to" < "from"
UNION ALL
SELECT line, 'NO_HOLDER', 'account', 'rejected' FROM stage WHERE account_id IS NOT NULL AND party_id IS NULL
UNION ALL
SELECT line, 'BAD_VOLUME', 'monthly_m3', 'rejected' FROM stage WHERE monthly_m3 < 0
UNION ALL
SELECT line, 'UNKNOWN_POINT', 'monthly_m3', 'rejected' FROM stage
WHERE monthly_m3 IS NOT NULL AND account_id IS NOT NULL AND point_id IS NULL
UNION ALL
SELECT s.line, 'HAS_METER', 'monthly_m3', 'warning' FROM stage s
WHERE s.monthly_m3 IS NOT NULL AND EXISTS (
    SELECT FROM meters.installation i WHERE i.point_id = s.point_id AND upper_inf(i.recorded) AND i.valid @> s."from")
UNION ALL
SELECT s.line, CASE WHEN same THEN 'ALREADY_THERE' ELSE 'ALREADY_TAKEN' END, 'number',
       CASE WHEN same THEN 'duplicate' ELSE 'rejected' END
FROM (SELECT s.line, c.account_id = s.account_id AND lower(c.valid) = s."from" AS same
      FROM stage s JOIN contracts.contract c ON c.number = s.number WHERE s.account_id IS NOT NULL) s
UNION ALL
SELECT DISTINCT s.line, 'OVERLAP', 'from', 'rejected'
FROM stage s JOIN contracts.contract c ON c.account_id = s.account_id
WHERE upper_inf(c.recorded) AND c.number <> s.number AND c.valid && daterange(s."from", greatest(s."to", s."from"), '[]');

-- Rows of the file against each other: a wrong row takes nothing from a right one.
INSERT INTO problem
SELECT line, 'REPEATED_IN_FILE', 'number', 'duplicate'
FROM (SELECT line, row_number() OVER (PARTITION BY number ORDER BY line) AS place
      FROM stage s WHERE NOT EXISTS (SELECT FROM problem p WHERE p.line = s.line AND p.level = 'rejected')) rows
WHERE place > 1;
INSERT INTO problem
SELECT line, 'OVERLAP', 'account', 'rejected'
FROM (SELECT line, row_number() OVER (PARTITION BY account_id ORDER BY line) AS place
      FROM stage s WHERE NOT EXISTS (SELECT FROM problem p WHERE p.line = s.line AND p.level <> 'warning')) rows
WHERE place > 1;
