UPDATE stage s SET model_id = m.id, digits = m.digits,
       valid_until = coalesce(s.verified_until,
           (s.verified_on + make_interval(months => CASE WHEN s.hot THEN m.interval_hot_months ELSE m.interval_cold_months END))::date)
FROM (SELECT DISTINCT model FROM stage) written
JOIN meters.model m ON platform.fold(m.name) = platform.fold(written.model)
WHERE written.model = s.model;
UPDATE stage s SET meter_id = m.id FROM meters.meter m WHERE m.model_id = s.model_id AND m.serial = s.serial;

-- The inlet of the account, or the house meter's place; the one where this very meter stands comes first, then a free one.
UPDATE stage s SET point_id = found.id
FROM (
    SELECT DISTINCT ON (s.line) s.line, t.id
    FROM stage s
    JOIN LATERAL (
        SELECT t.id FROM subscribers.account_point o JOIN premises.point t ON t.id = o.point_id
        WHERE o.account_id = s.account_id AND upper_inf(o.recorded) AND t.hot = s.hot
          AND (o.valid @> s.installed_on OR lower(o.valid) > s.installed_on)
        UNION ALL
        SELECT t.id FROM premises.point t
        WHERE s.account IS NULL AND t.building_id = s.building_id AND t.premise_id IS NULL AND t.hot = s.hot
    ) t ON true
    LEFT JOIN meters.installation i
        ON i.point_id = t.id AND upper_inf(i.recorded) AND i.valid && daterange(s.installed_on, NULL)
    ORDER BY s.line, i.meter_id = s.meter_id DESC NULLS LAST, i.id IS NULL DESC, t.id
) found
WHERE found.line = s.line;

INSERT INTO problem
SELECT line, 'REQUIRED', 'account', 'rejected' FROM stage WHERE account IS NULL AND house IS NULL
UNION ALL
SELECT line, 'ACCOUNT_CLOSED', 'account', 'rejected' FROM stage WHERE closed_on <= installed_on
UNION ALL
SELECT line, 'UNKNOWN_MODEL', 'model', 'rejected' FROM stage WHERE model IS NOT NULL AND model_id IS NULL
UNION ALL
SELECT line, 'UNKNOWN_POINT', CASE WHEN account IS NULL THEN 'house' ELSE 'hot' END, 'rejected' FROM stage
WHERE point_id IS NULL AND (account_id IS NOT NULL OR (account IS NULL AND building_id IS NOT NULL))
UNION ALL
SELECT s.line, 'FUTURE_DAY', 'installed_on', 'rejected' FROM stage s, param p WHERE s.installed_on > p.today
UNION ALL
SELECT line, 'BAD_VOLUME', 'initial_m3', 'rejected' FROM stage
WHERE initial_m3 < 0 OR initial_m3 >= power(10, digits)::bigint * 1000
UNION ALL
SELECT line, 'ENDS_BEFORE_START', 'verified_until', 'rejected' FROM stage WHERE valid_until <= verified_on
UNION ALL
SELECT s.line, 'VERIFICATION_EXPIRED', 'verified_until', 'warning' FROM stage s, param p WHERE s.valid_until <= p.today
UNION ALL
SELECT DISTINCT s.line, CASE WHEN i.point_id = s.point_id AND lower(i.valid) = s.installed_on THEN 'ALREADY_THERE' ELSE 'ALREADY_TAKEN' END,
       'serial', CASE WHEN i.point_id = s.point_id AND lower(i.valid) = s.installed_on THEN 'duplicate' ELSE 'rejected' END
FROM stage s JOIN meters.installation i ON i.meter_id = s.meter_id
WHERE upper_inf(i.recorded) AND i.valid && daterange(s.installed_on, NULL)
UNION ALL
SELECT DISTINCT s.line, 'OVERLAP', 'installed_on', 'rejected'
FROM stage s JOIN meters.installation i ON i.point_id = s.point_id
WHERE upper_inf(i.recorded) AND i.valid && daterange(s.installed_on, NULL) AND i.meter_id IS DISTINCT FROM s.meter_id;

-- Rows of the file against each other: a wrong row takes nothing from a right one.
INSERT INTO problem
SELECT line, 'REPEATED_IN_FILE', 'serial', 'duplicate'
FROM (SELECT line, row_number() OVER (PARTITION BY model_id, serial ORDER BY line) AS place
      FROM stage s WHERE NOT EXISTS (SELECT FROM problem p WHERE p.line = s.line AND p.level = 'rejected')) rows
WHERE place > 1;
INSERT INTO problem
SELECT line, 'OVERLAP', 'serial', 'rejected'
FROM (SELECT line, row_number() OVER (PARTITION BY point_id ORDER BY line) AS place
      FROM stage s WHERE NOT EXISTS (SELECT FROM problem p WHERE p.line = s.line AND p.level <> 'warning')) rows
WHERE place > 1;
