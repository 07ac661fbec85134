-- One row = one fact of the registers that would change a bill of run $1 (month $2, sector $3, facts known at $4) and that the
-- run has not seen: recorded, corrected or decided after it looked. Account 0 is the whole sector. Readings are compared by
-- themselves, not by their time: a doubtful one received before the run counts from the moment somebody accepts it.
WITH month AS (
    SELECT daterange($2::date, ($2::date + interval '1 month')::date) AS days
),
seen AS MATERIALIZED (
    SELECT i.account_id, i.point_id, i.meter_id AS meters, i.last_id AS last_ids FROM billing.run_input i WHERE i.run_id = $1 AND i.period = $2
),
accounts AS MATERIALIZED (
    SELECT a.id FROM subscribers.account a, month
    WHERE a.sector = $3 AND a.opened_on < upper(month.days) AND (a.closed_on IS NULL OR a.closed_on > lower(month.days))
      -- Whoever got the final bill of the month is not the run's.
      AND (a.final_upto > lower(month.days) AND a.final_upto <= upper(month.days)) IS NOT TRUE
),
latest AS (
    SELECT DISTINCT ON (r.point_id, r.meter_id) r.account_id, r.point_id, r.meter_id, r.id, r.received_at
    FROM readings.reading r
    WHERE r.period = $2 AND r.verdict = 'accepted' AND r.meter_id IS NOT NULL AND r.account_id IN (SELECT id FROM accounts)
      -- What nobody was let to the meter for is not believed by a run either.
      AND NOT EXISTS (
          SELECT FROM consumption.special s
          WHERE s.kind = 'no_access' AND s.point_id = r.point_id AND upper_inf(s.recorded) AND r.act IS NULL
            AND s.account_id = r.account_id AND s.valid @> r.taken_on)
    ORDER BY r.point_id, r.meter_id, r.taken_on DESC, r.id DESC
),
used AS (
    SELECT s.account_id, s.point_id, u.reading_id
    FROM seen s CROSS JOIN LATERAL unnest(s.last_ids) AS u (reading_id) WHERE u.reading_id IS NOT NULL
),
points AS MATERIALIZED (
    SELECT ap.account_id, ap.point_id FROM subscribers.account_point ap, month
    WHERE ap.account_id IN (SELECT id FROM accounts) AND upper_inf(ap.recorded) AND ap.valid && month.days
)
SELECT 'reading' AS kind, l.account_id, l.received_at AS at
FROM latest l WHERE NOT EXISTS (SELECT FROM used u WHERE u.point_id = l.point_id AND u.reading_id = l.id)
  -- Only at a point that the run knew: others are told as points.
  AND EXISTS (SELECT FROM seen s WHERE s.point_id = l.point_id AND l.meter_id = ANY (s.meters))
UNION ALL
SELECT 'reading', u.account_id, r.received_at
FROM used u JOIN readings.reading r ON r.id = u.reading_id AND r.account_id = u.account_id AND r.period = $2
WHERE r.verdict <> 'accepted' AND NOT EXISTS (SELECT FROM latest l WHERE l.point_id = u.point_id AND l.meter_id = r.meter_id)
UNION ALL
-- Readings of a shared meter are of everybody who shares it.
SELECT 'reading', h.account_id, n.received_at
FROM consumption.sharing h
CROSS JOIN month
CROSS JOIN LATERAL (
    SELECT r.id, r.received_at FROM readings.reading r
    WHERE r.point_id = h.meter_point_id AND r.period = $2 AND r.verdict = 'accepted' AND r.meter_id IS NOT NULL
      AND NOT EXISTS (
          SELECT FROM consumption.special s
          WHERE s.kind = 'no_access' AND s.point_id = r.point_id AND upper_inf(s.recorded) AND r.act IS NULL AND s.valid @> r.taken_on)
    ORDER BY r.taken_on DESC, r.id DESC LIMIT 1
) n
WHERE h.account_id IN (SELECT id FROM accounts) AND h.point_id <> h.meter_point_id AND upper_inf(h.recorded)
  AND h.valid @> lower(month.days) AND NOT EXISTS (SELECT FROM used u WHERE u.point_id = h.point_id AND u.reading_id = n.id)
UNION ALL
SELECT 'account', a.id, NULL FROM accounts a WHERE NOT EXISTS (SELECT FROM seen s WHERE s.account_id = a.id)
UNION ALL
SELECT 'account', s.account_id, NULL
FROM (SELECT DISTINCT account_id FROM seen) s WHERE s.account_id NOT IN (SELECT id FROM accounts)
UNION ALL
SELECT 'residents', r.account_id, greatest(lower(r.recorded), upper(r.recorded))
FROM subscribers.residency r, month
WHERE r.account_id IN (SELECT id FROM accounts) AND r.valid && daterange(NULL, upper(month.days))
  AND (lower(r.recorded) > $4 OR upper(r.recorded) > $4)
UNION ALL
SELECT 'group', g.account_id, greatest(lower(g.recorded), upper(g.recorded))
FROM subscribers.consumer_group g, month
WHERE g.account_id IN (SELECT id FROM accounts) AND g.valid && daterange(NULL, upper(month.days))
  AND (lower(g.recorded) > $4 OR upper(g.recorded) > $4)
UNION ALL
SELECT 'point', ap.account_id, greatest(lower(ap.recorded), upper(ap.recorded))
FROM subscribers.account_point ap, month
WHERE ap.account_id IN (SELECT id FROM accounts) AND ap.valid && month.days
  AND (lower(ap.recorded) > $4 OR upper(ap.recorded) > $4)
UNION ALL
SELECT 'point', p.account_id, greatest(lower(s.recorded), upper(s.recorded))
FROM premises.point_service s JOIN points p USING (point_id), month
WHERE s.valid && daterange(NULL, upper(month.days)) AND (lower(s.recorded) > $4 OR upper(s.recorded) > $4)
UNION ALL
SELECT 'volume', p.account_id, greatest(lower(v.recorded), upper(v.recorded))
FROM contracts.point_volume v JOIN points p USING (point_id), month
WHERE v.valid && month.days AND (lower(v.recorded) > $4 OR upper(v.recorded) > $4)
UNION ALL
SELECT 'volume', c.account_id, greatest(lower(l.recorded), upper(l.recorded))
FROM contracts.consumption_limit l JOIN contracts.contract c ON c.id = l.contract_id, month
WHERE c.account_id IN (SELECT id FROM accounts) AND l.valid && month.days AND (lower(l.recorded) > $4 OR upper(l.recorded) > $4)
UNION ALL
SELECT 'meter', p.account_id, greatest(lower(i.recorded), upper(i.recorded))
FROM meters.installation i JOIN points p USING (point_id), month
WHERE (i.valid && month.days OR upper(i.valid) = lower(month.days) OR i.removal IN ('verification', 'fault') AND upper(i.valid) < upper(month.days))
  AND (lower(i.recorded) > $4 OR upper(i.recorded) > $4)
UNION ALL
SELECT 'meter', p.account_id, greatest(lower(v.recorded), upper(v.recorded))
FROM meters.verification v
JOIN meters.installation i ON i.meter_id = v.meter_id AND upper_inf(i.recorded)
JOIN points p USING (point_id), month
WHERE i.valid && month.days AND (lower(v.recorded) > $4 OR upper(v.recorded) > $4)
UNION ALL
SELECT 'special', s.account_id, greatest(lower(s.recorded), upper(s.recorded))
FROM consumption.special s, month
WHERE s.account_id IN (SELECT id FROM accounts) AND lower(s.valid) < upper(month.days)
  AND (lower(s.recorded) > $4 OR upper(s.recorded) > $4)
UNION ALL
SELECT 'special', p.account_id, greatest(lower(o.recorded), upper(o.recorded))
FROM premises.plot o JOIN points p USING (point_id), month
WHERE o.valid && month.days AND (lower(o.recorded) > $4 OR upper(o.recorded) > $4)
UNION ALL
SELECT 'special', h.account_id, greatest(lower(h.recorded), upper(h.recorded))
FROM consumption.sharing h, month
WHERE h.account_id IN (SELECT id FROM accounts) AND h.valid @> lower(month.days) AND (lower(h.recorded) > $4 OR upper(h.recorded) > $4)
UNION ALL
SELECT 'special', a.id, greatest(lower(k.recorded), upper(k.recorded))
FROM premises.bulk_billing k JOIN subscribers.account a ON a.building_id = k.building_id, month
WHERE a.id IN (SELECT id FROM accounts) AND k.valid @> lower(month.days) AND (lower(k.recorded) > $4 OR upper(k.recorded) > $4)
UNION ALL
-- What the month before hands on is not dated: a correction wrote it anew, or took that back.
SELECT 'chain', h.account_id, a.moved_at
FROM billing.correction_account a
JOIN billing.correction_chain h ON h.correction_id = a.correction_id AND h.account_id = a.account_id
CROSS JOIN month
WHERE a.account_id IN (SELECT id FROM accounts) AND a.moved_at > $4 AND h.period = (lower(month.days) - interval '1 month')::date
UNION ALL
-- The month before ends at a reading that was taken back since, whoever reads the meter.
SELECT 'chain', m.account_id, t.recorded_at
FROM readings.taken_back t
CROSS JOIN month
JOIN consumption.month m ON m.period = (lower(month.days) - interval '1 month')::date AND m.reading_id = t.reading_id
WHERE m.account_id IN (SELECT id FROM accounts) AND t.recorded_at > $4
UNION ALL
-- What the imbalance of a house is made of beside the facts of its accounts: it changes the bill of everybody who bears a share.
SELECT 'house', a.id, h.at
FROM (
    SELECT g.building_id, greatest(lower(g.recorded), upper(g.recorded)) AS at
    FROM imbalance.heating g, month
    WHERE g.valid && month.days AND (lower(g.recorded) > $4 OR upper(g.recorded) > $4)
    UNION ALL
    SELECT o.building_id, greatest(lower(x.recorded), upper(x.recorded))
    FROM (SELECT account_id, valid, recorded FROM imbalance.exclusion UNION ALL SELECT account_id, valid, recorded FROM imbalance.member) x
    JOIN subscribers.account o ON o.id = x.account_id
    CROSS JOIN month
    WHERE x.valid && month.days AND (lower(x.recorded) > $4 OR upper(x.recorded) > $4)
    UNION ALL
    -- Shares by area, where a house is shared out by it.
    SELECT p.building_id, s.recorded_at
    FROM premises.area_set s
    JOIN premises.premise p ON p.id = s.premise_id
    JOIN imbalance.house w ON w.building_id = p.building_id AND w.method = 'by_area'
    JOIN imbalance.reckoning k ON k.id = w.reckoning_id AND k.purpose = 'run' AND k.purpose_id = $1
    WHERE s.recorded_at > $4
    UNION ALL
    SELECT d.building_id, d.decided_at FROM imbalance.decision d WHERE d.period = $2 AND d.state = 'confirmed' AND d.decided_at > $4
    UNION ALL
    SELECT i.building_id, r.received_at
    FROM imbalance.reckoning k
    JOIN imbalance.inlet i ON i.reckoning_id = k.id
    JOIN readings.reading r ON r.point_id = i.point_id AND r.meter_id = i.meter_id AND r.verdict = 'accepted' AND r.period <= $2
    WHERE k.purpose = 'run' AND k.purpose_id = $1 AND k.sector = $3 AND r.received_at > $4
) h
JOIN subscribers.account a ON a.building_id = h.building_id AND a.id IN (SELECT id FROM accounts)
WHERE $3 IN ('multi', 'legal')
UNION ALL
SELECT 'tariff', 0, t.at
FROM month, (
    SELECT valid, greatest(lower(recorded), upper(recorded)) AS at, recorded FROM tariffs.price
    UNION ALL SELECT valid, greatest(lower(recorded), upper(recorded)), recorded FROM tariffs.norm
    UNION ALL SELECT valid, greatest(lower(recorded), upper(recorded)), recorded FROM tariffs.vat
    UNION ALL SELECT valid, greatest(lower(recorded), upper(recorded)), recorded FROM tariffs.band
    UNION ALL SELECT valid, greatest(lower(recorded), upper(recorded)), recorded FROM tariffs.setting
    WHERE confirmed_by IS NOT NULL AND (code LIKE 'billing.%' OR code LIKE 'consumption.%' OR code LIKE 'imbalance.%')
) t
WHERE t.valid && month.days AND (lower(t.recorded) > $4 OR upper(t.recorded) > $4)
