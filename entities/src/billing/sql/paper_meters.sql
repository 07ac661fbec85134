-- One output row = one meter's stay at a point of a bill's account in the month, as the run saw it.
SELECT i.account_id, i.period, i.run_id, m.meter_id, me.serial, i.hot, m.digits, m.verified_until,
       m.prev_id, m.prev_day, m.prev_liters, m.last_id, m.last_day, m.last_liters
FROM unnest($1::bigint[], $2::date[], $3::bigint[]) AS b (account_id, period, run_id)
JOIN billing.run_input i ON i.account_id = b.account_id AND i.period = b.period AND i.run_id = b.run_id
CROSS JOIN LATERAL unnest(i.meter_id, i.meter_digits, i.meter_verified_until, i.prev_id, i.prev_day, i.prev_liters,
                          i.last_id, i.last_day, i.last_liters)
    AS m (meter_id, digits, verified_until, prev_id, prev_day, prev_liters, last_id, last_day, last_liters)
JOIN meters.meter me ON me.id = m.meter_id
ORDER BY i.account_id, i.period, i.hot, i.point_id, m.meter_id
