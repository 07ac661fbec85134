-- What moved to another account keeps the day it was due by: age and limitation had begun anew with the day of the proposal. In the order
-- of the transfers, for what moved twice; the accrual that comes next puts the penalty right.
DO $$
DECLARE
    one bigint;
BEGIN
    FOR one IN SELECT id FROM payments.transfer WHERE state <> 'declined' ORDER BY id LOOP
        UPDATE payments.transfer_part p SET due_on = o.due_on
        FROM ledger.open_item o
        WHERE p.transfer_id = one AND p.amount > 0 AND o.account_id = p.from_account AND o.id = p.open_item_id AND o.due_on <> p.due_on;
        UPDATE ledger.open_item t SET due_on = w.due_on
        FROM (SELECT a.account_id, p.service, p.component, p.origin, p.amount, min(p.due_on) AS due_on
              FROM payments.transfer_part p CROSS JOIN LATERAL (VALUES (p.from_account), (p.to_account)) AS a (account_id)
              WHERE p.transfer_id = one AND p.amount > 0 GROUP BY 1, 2, 3, 4, 5) w
        WHERE t.source = 'transfer' AND t.source_id = one AND t.account_id = w.account_id AND t.service = w.service
          AND t.component = w.component AND t.origin = w.origin AND t.amount = w.amount AND t.due_on <> w.due_on;
    END LOOP;
END $$;
