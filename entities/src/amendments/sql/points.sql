-- One row = one point that the account of a wished change pays for on the day, with its meter and the reading that counts for the month
-- of the day.
SELECT w.n, ap.point_id, s.amenity, m.serial, l.id AS standing_id, l.verdict AS standing_verdict, l.liters AS standing
FROM unnest($1::int[], $2::bigint[], $3::date[]) AS w (n, account_id, day)
JOIN subscribers.account_point ap ON ap.account_id = w.account_id AND upper_inf(ap.recorded) AND ap.valid @> w.day
LEFT JOIN premises.point_service s ON s.point_id = ap.point_id AND upper_inf(s.recorded) AND s.valid @> w.day
LEFT JOIN meters.installation i ON i.point_id = ap.point_id AND upper_inf(i.recorded) AND i.valid @> w.day
LEFT JOIN meters.meter m ON m.id = i.meter_id
LEFT JOIN LATERAL (
    SELECT r.id, r.verdict, r.liters FROM readings.reading r
    WHERE r.account_id = w.account_id AND r.point_id = ap.point_id AND r.act IS NULL AND r.verdict IN ('accepted', 'doubtful')
      AND r.taken_on = w.day
    ORDER BY r.verdict, r.id DESC LIMIT 1
) l ON true
ORDER BY w.n, ap.point_id
