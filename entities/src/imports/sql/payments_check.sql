INSERT INTO problem
SELECT line, 'NOT_POSITIVE', 'amount', 'rejected' FROM stage WHERE amount <= 0
UNION ALL
SELECT s.line, 'FUTURE_DAY', 'paid_on', 'rejected' FROM stage s, param p WHERE s.paid_on > p.today
UNION ALL
SELECT line, 'ACCOUNT_CLOSED', 'account', 'warning' FROM stage WHERE closed_on IS NOT NULL
UNION ALL
SELECT s.line, CASE WHEN same THEN 'ALREADY_THERE' ELSE 'ALREADY_TAKEN' END, 'external_id', CASE WHEN same THEN 'duplicate' ELSE 'rejected' END
-- A number without a payment is that of money which went back or was divided.
FROM (SELECT s.line, coalesce(t.account_id = s.account_id AND t.amount = s.amount, false) AS same
      FROM stage s
      JOIN payments.payment_key k ON k.channel = s.channel AND k.external_id = s.external_id
      LEFT JOIN payments.payment t ON t.id = k.payment_id
      WHERE s.account_id IS NOT NULL) s;

-- Rows of the file against each other: a wrong row takes nothing from a right one.
INSERT INTO problem
SELECT line, CASE WHEN same THEN 'REPEATED_IN_FILE' ELSE 'ALREADY_TAKEN' END, 'external_id', CASE WHEN same THEN 'duplicate' ELSE 'rejected' END
FROM (SELECT line, row_number() OVER key AS place, (account, amount) = first_value((account, amount)) OVER key AS same
      FROM stage s WHERE NOT EXISTS (SELECT FROM problem p WHERE p.line = s.line AND p.level = 'rejected')
      WINDOW key AS (PARTITION BY channel, external_id ORDER BY line)) rows
WHERE place > 1;
