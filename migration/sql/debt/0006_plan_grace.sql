-- For a demo that was loaded before the setting existed; a real installation proposes and confirms its own.
INSERT INTO tariffs.setting (code, value, valid, source, proposed_by, confirmed_by, confirmed_at, demo)
SELECT 'debt.plan_grace_days', '"3"', order_of.valid, 'not read in any order, to be confirmed', order_of.proposed_by,
       order_of.confirmed_by, now(), true
FROM tariffs.setting order_of
WHERE order_of.code = 'payments.allocation_order' AND order_of.demo AND order_of.confirmed_by IS NOT NULL
  AND upper_inf(order_of.recorded)
  AND NOT EXISTS (SELECT FROM tariffs.setting s WHERE s.code = 'debt.plan_grace_days');
