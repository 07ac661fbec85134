-- Accepted readings of each asked meter at its point up to the month, the newest $4 of them: the one that stands for the month
-- itself, the one before, and those that make the usual consumption.
SELECT n, id, period, taken_on, liters, channel, consumption, act
FROM (
    SELECT q.n, r.id, r.period, r.taken_on, r.liters, r.channel, r.consumption, r.act,
           row_number() OVER (PARTITION BY q.n ORDER BY r.taken_on DESC, r.id DESC) AS place
    FROM unnest($1::bigint[], $2::bigint[], $3::date[]) WITH ORDINALITY AS q (point_id, meter_id, period, n)
    JOIN readings.reading r ON r.point_id = q.point_id AND r.meter_id = q.meter_id AND r.period <= q.period
    WHERE r.verdict = 'accepted'
) known
WHERE place <= $4
ORDER BY n, place
