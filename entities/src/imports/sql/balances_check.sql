-- The month that takes a balance: the present one while it is open, else the nearest open one after it, else before it.
UPDATE stage s SET into_month = open.period
FROM (SELECT DISTINCT ON (l.sector) l.sector, l.period FROM ledger.period l, param p WHERE l.status = 'open'
      ORDER BY l.sector, l.period < date_trunc('month', p.today), abs(l.period - date_trunc('month', p.today)::date)) open
WHERE open.sector = s.sector;
UPDATE stage SET component = coalesce(component, 'charge'), "month" = coalesce("month", (into_month - interval '1 month')::date);
-- Money paid ahead belongs to no service.
UPDATE stage SET service = NULL, component = 'advance' WHERE amount < 0;

INSERT INTO problem
SELECT line, 'ZERO_SUM', 'amount', 'rejected' FROM stage WHERE amount = 0
UNION ALL
SELECT line, 'REQUIRED', 'service', 'rejected' FROM stage 
WHERE amount > 0 AND service IS NULL AND NOT EXISTS (SELECT FROM problem p WHERE p.line = stage.line AND p.col = 'service')
UNION ALL
SELECT line, 'NO_OPEN_MONTH', 'account', 'rejected' FROM stage WHERE account_id IS NOT NULL AND into_month IS NULL
UNION ALL
SELECT line, 'MONTH_NOT_BEFORE', 'month', 'rejected' FROM stage WHERE "month" >= into_month
UNION ALL
SELECT line, 'ACCOUNT_CLOSED', 'account', 'warning' FROM stage WHERE closed_on IS NOT NULL
UNION ALL
SELECT s.line, 'ALREADY_BILLED', 'account', 'rejected' FROM stage s
WHERE EXISTS (SELECT FROM billing.bill b WHERE b.account_id = s.account_id AND NOT b.reversed)
UNION ALL
SELECT s.line, CASE WHEN o.amount = s.amount THEN 'ALREADY_THERE' ELSE 'BALANCE_DIFFERS' END, 'account',
       CASE WHEN o.amount = s.amount THEN 'duplicate' ELSE 'rejected' END
FROM stage s
JOIN ledger.open_item o ON o.account_id = s.account_id AND o.source = 'opening' AND o.amount <> 0 AND o.origin = s."month"
    AND o.service IS NOT DISTINCT FROM s.service AND o.component = s.component;

-- Rows of the file against each other: a wrong row takes nothing from a right one.
INSERT INTO problem
SELECT line, CASE WHEN same THEN 'REPEATED_IN_FILE' ELSE 'BALANCE_DIFFERS' END, 'account', CASE WHEN same THEN 'duplicate' ELSE 'rejected' END
FROM (SELECT line, row_number() OVER key AS place, amount = first_value(amount) OVER key AS same
      FROM stage s WHERE NOT EXISTS (SELECT FROM problem p WHERE p.line = s.line AND p.level = 'rejected')
      WINDOW key AS (PARTITION BY account_id, service, component, "month" ORDER BY line)) rows
WHERE place > 1;
