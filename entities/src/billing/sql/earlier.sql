-- One row = an account and a meter with the reading of a month that counted on a day of it, as known at a moment: the accepted one, or one
-- that had been accepted until a reading taken after the day replaced it. Who shares a meter of another account has that one's readings.
WITH counted AS NOT MATERIALIZED (
    SELECT r.account_id, r.point_id, r.meter_id, r.id, r.taken_on, r.liters
    FROM readings.reading r
    LEFT JOIN readings.reading b ON b.account_id = r.account_id AND b.period = {period} AND b.id = r.superseded_by
    WHERE r.period = {period} AND r.meter_id IS NOT NULL AND r.received_at <= {known_at} AND r.taken_on <= {upto}
      AND (r.verdict = 'accepted'
           OR (r.verdict = 'superseded' AND b.taken_on > {upto}
               -- What was doubtful and nobody had decided on did not count before it was replaced either.
               AND (r.decided_by IS NOT NULL OR NOT r.reasons && ARRAY['above_capacity', 'unusual_jump', 'verification_expired'])))
)
SELECT DISTINCT ON (r.account_id, r.meter_id) r.account_id, r.meter_id, r.id, r.taken_on, r.liters
FROM (
    SELECT c.account_id, c.meter_id, c.id, c.taken_on, c.liters FROM counted c
    UNION ALL
    SELECT s.account_id, c.meter_id, c.id, c.taken_on, c.liters
    FROM consumption.sharing s JOIN counted c ON c.point_id = s.meter_point_id
    WHERE s.meter_point_id <> s.point_id AND s.recorded @> {known_at} AND s.valid @> {period}
) r
WHERE {whose}
ORDER BY r.account_id, r.meter_id, r.taken_on DESC, r.id DESC
