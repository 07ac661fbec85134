-- The limits of one payment are settings. A demo that was loaded before they existed gets its values, marked as the demo's;
-- a real installation proposes and confirms its own.
INSERT INTO tariffs.setting (code, value, valid, source, proposed_by, confirmed_by, confirmed_at, demo)
SELECT limits.code, limits.value, order_of.valid, 'practice, to be confirmed', order_of.proposed_by, order_of.confirmed_by, now(), true
FROM tariffs.setting order_of
CROSS JOIN (VALUES ('payments.max_amount', '"5000000"'::jsonb), ('payments.desk_back_days', '"3"'::jsonb)) AS limits (code, value)
WHERE order_of.code = 'payments.allocation_order' AND order_of.demo AND order_of.confirmed_by IS NOT NULL
  AND upper_inf(order_of.recorded)
  AND NOT EXISTS (SELECT FROM tariffs.setting s WHERE s.code = limits.code);
