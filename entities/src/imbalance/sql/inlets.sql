-- One row = a stay of a meter at a cold inlet of a house in the month $1..$2, with the readings that it is reckoned between, as
-- known at $3. An inlet that an account pays for is that account's. Houses of $4. Where a day $5 is given, readings taken after it do
-- not count, and what they had replaced does.
SELECT p.building_id, p.id AS point_id, i.meter_id, mo.digits, lower(i.valid) AS from_day, upper(i.valid) AS to_day,
       coalesce(v.valid_until, lower(i.valid)) AS verified_until,
       prev.id AS prev_id, prev.taken_on AS prev_day, prev.liters AS prev_liters,
       last.id AS last_id, last.taken_on AS last_day, last.liters AS last_liters
FROM premises.point p
JOIN meters.installation i
  ON i.point_id = p.id AND i.recorded @> $3::timestamptz AND i.valid && daterange($1::date - 1, $2)
JOIN meters.meter m ON m.id = i.meter_id
JOIN meters.model mo ON mo.id = m.model_id
LEFT JOIN LATERAL (
    SELECT v.valid_until, v.verified_on FROM meters.verification v
    -- What was verified after the month says nothing of its days.
    WHERE v.meter_id = i.meter_id AND v.recorded @> $3::timestamptz AND v.verified_on < $2
    ORDER BY v.valid_until DESC LIMIT 1
) v ON true
-- Up to where the runs before have reckoned the house: a reading that came late for a month that is past is not lost.
LEFT JOIN LATERAL (
    SELECT h.last_id AS id, h.last_day AS taken_on, h.last_liters AS liters,
           h.state IN ('expired', 'absent') AND h.last_day < v.verified_on AS over
    FROM imbalance.inlet h
    JOIN imbalance.reckoning k ON k.id = h.reckoning_id AND k.purpose = 'run' AND k.period < $1 AND k.done_at IS NOT NULL
    JOIN billing.run r ON r.id = k.purpose_id AND r.state IN ('posted', 'issued')
    WHERE h.point_id = p.id AND h.meter_id = i.meter_id AND h.last_id IS NOT NULL
    ORDER BY k.period DESC LIMIT 1
) chain ON true
-- A meter that no run has reckoned with goes on from the last reading before the month, a new one from that of its installation.
LEFT JOIN LATERAL (
    SELECT r.id, r.taken_on, r.liters FROM readings.reading r
    WHERE chain.id IS NULL AND r.point_id = p.id AND r.meter_id = i.meter_id AND r.verdict = 'accepted'
      AND r.received_at <= $3::timestamptz AND (r.period < $1 OR (r.period = $1 AND r.act = 'initial'))
    ORDER BY r.period < $1 DESC, r.taken_on DESC, r.id DESC LIMIT 1
) before ON true
-- Up to when an account paid for the inlet: what it showed until then is on that account's bills.
LEFT JOIN LATERAL (
    SELECT max(upper(ap.valid)) AS upto FROM subscribers.account_point ap
    WHERE ap.point_id = p.id AND ap.recorded @> $3::timestamptz AND upper(ap.valid) <= $1
) paid ON true
CROSS JOIN LATERAL (
    SELECT greatest(CASE WHEN chain.over THEN v.verified_on END,
                    CASE WHEN coalesce(chain.taken_on, before.taken_on) < paid.upto - 1 THEN paid.upto - 1 END) AS since
) fresh
-- One that was verified again after months that compared nothing starts anew: their water was shared out by nobody. So does one whose
-- house was billed in bulk, with the first reading since.
LEFT JOIN LATERAL (
    SELECT r.id, r.taken_on, r.liters FROM readings.reading r
    WHERE fresh.since IS NOT NULL AND r.point_id = p.id AND r.meter_id = i.meter_id AND r.verdict = 'accepted' AND r.period <= $1
      AND r.received_at <= $3::timestamptz AND r.taken_on >= fresh.since
    ORDER BY r.taken_on, r.id LIMIT 1
) anew ON true
CROSS JOIN LATERAL (
    SELECT CASE WHEN fresh.since IS NOT NULL THEN anew.id ELSE coalesce(chain.id, before.id) END AS id,
           CASE WHEN fresh.since IS NOT NULL THEN anew.taken_on ELSE coalesce(chain.taken_on, before.taken_on) END AS taken_on,
           CASE WHEN fresh.since IS NOT NULL THEN anew.liters ELSE coalesce(chain.liters, before.liters) END AS liters
) prev
LEFT JOIN LATERAL (
    SELECT r.id, r.taken_on, r.liters FROM readings.reading r
    WHERE r.point_id = p.id AND r.meter_id = i.meter_id AND r.period <= $1
      AND r.received_at <= $3::timestamptz AND ($5::date IS NULL OR r.taken_on <= $5::date)
      AND (r.verdict = 'accepted'
           OR ($5::date IS NOT NULL AND r.verdict = 'superseded'
               AND (r.decided_by IS NOT NULL OR NOT r.reasons && ARRAY['above_capacity', 'unusual_jump', 'verification_expired'])
               AND EXISTS (SELECT FROM readings.reading b
                           WHERE b.account_id = r.account_id AND b.period = r.period AND b.id = r.superseded_by
                             AND b.taken_on > $5::date)))
    ORDER BY r.taken_on DESC, r.id DESC LIMIT 1
) last ON true
WHERE p.building_id = ANY ($4) AND p.premise_id IS NULL AND NOT p.hot
  -- A meter that was taken off on the first day was read for the last time on it.
  AND ((upper(i.valid) <= $1) IS NOT TRUE OR last.taken_on >= $1)
  -- Asked point by point: a plan made once for any month would read all points of the city for each inlet.
  AND NOT EXISTS (SELECT FROM subscribers.account_point ap
                  WHERE ap.point_id = p.id AND ap.recorded @> $3::timestamptz AND ap.valid && daterange($1, $2) OFFSET 0)
ORDER BY p.building_id, p.id, lower(i.valid)
