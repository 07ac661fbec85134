-- Whose account each row of registry $1 names: by its number, else by the number it had before.
UPDATE payments.registry_row r SET account_id = x.account
FROM (
    SELECT y.line, coalesce(a.id, o.account_id) AS account
    FROM payments.registry_row y
    LEFT JOIN subscribers.account a ON a.number = btrim(y.account_raw)
    LEFT JOIN subscribers.old_number o ON a.id IS NULL AND o.number = btrim(y.account_raw)
    WHERE y.registry_id = $1 AND y.line > 0 AND y.decision IS NULL
) x
WHERE r.registry_id = $1 AND r.line = x.line
