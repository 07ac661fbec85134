INSERT INTO problem
SELECT line, 'ACCOUNT_CLOSED', 'account', 'rejected' FROM stage WHERE closed_on <= "from"
UNION ALL
SELECT line, 'BAD_NUMBER', 'residents', 'rejected' FROM stage WHERE residents NOT BETWEEN 0 AND 99
UNION ALL
SELECT s.line, 'BACK_DATED', 'from', 'warning'
FROM stage s WHERE EXISTS (
    SELECT FROM ledger.period l WHERE l.sector = s.sector AND l.status = 'closed' AND l.period >= date_trunc('month', s."from"))
UNION ALL
SELECT s.line, 'ALREADY_THERE', 'residents', 'duplicate'
FROM stage s JOIN subscribers.residency r ON r.account_id = s.account_id
WHERE upper_inf(r.recorded) AND r.valid @> s."from" AND r.residents = s.residents AND r.source = s.source;

-- Rows of the file against each other: a wrong row takes nothing from a right one.
INSERT INTO problem
SELECT line, 'REPEATED_IN_FILE', 'account', 'duplicate'
FROM (SELECT line, row_number() OVER (PARTITION BY account_id, "from" ORDER BY line) AS place
      FROM stage s WHERE NOT EXISTS (SELECT FROM problem p WHERE p.line = s.line AND p.level = 'rejected')) rows
WHERE place > 1;
