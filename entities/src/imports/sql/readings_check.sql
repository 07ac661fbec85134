-- The point of each reading: by the meter's serial number, else the account's only inlet of that kind with a meter, else its
-- only inlet of that kind; a row that names a house instead of an account is of the house meter. Whether the reading counts is judged by the rule of readings, not here.
UPDATE stage s SET point_id = found.point_id, points = found.points
FROM (
    SELECT line, count(DISTINCT point_id) AS points, min(point_id) AS point_id
    FROM (
        SELECT s.line, t.id AS point_id, i.id IS NOT NULL AS metered, bool_or(i.id IS NOT NULL) OVER (PARTITION BY s.line) AS any_metered
        FROM (
            SELECT s.line, s.day, s.hot, s.serial, o.point_id
            FROM stage s
            JOIN subscribers.account_point o ON o.account_id = s.account_id AND upper_inf(o.recorded) AND o.valid @> s.day
            UNION ALL
            SELECT s.line, s.day, s.hot, s.serial, t.id
            FROM stage s JOIN premises.point t ON t.building_id = s.building_id AND t.premise_id IS NULL
            WHERE s.account IS NULL
        ) s
        JOIN premises.point t ON t.id = s.point_id AND t.hot = s.hot
        LEFT JOIN meters.installation i ON i.point_id = t.id AND upper_inf(i.recorded) AND i.valid @> s.day
        LEFT JOIN meters.meter m ON m.id = i.meter_id
        WHERE s.serial IS NULL OR m.serial = s.serial
    ) fits
    WHERE metered OR NOT any_metered
    GROUP BY line
) found
WHERE found.line = s.line;

INSERT INTO problem
SELECT line, 'REQUIRED', 'account', 'rejected' FROM stage WHERE account IS NULL AND house IS NULL
UNION ALL
SELECT line, CASE WHEN serial IS NOT NULL THEN 'UNKNOWN_METER' ELSE 'UNKNOWN_POINT' END,
       CASE WHEN serial IS NOT NULL THEN 'serial' WHEN account IS NULL THEN 'house' ELSE 'hot' END, 'rejected'
FROM stage
WHERE point_id IS NULL AND day IS NOT NULL AND (account_id IS NOT NULL OR (account IS NULL AND building_id IS NOT NULL))
UNION ALL
SELECT line, 'AMBIGUOUS', 'serial', 'rejected' FROM stage WHERE points > 1
UNION ALL
SELECT s.line, 'ALREADY_THERE', 'account', 'duplicate'
FROM stage s
WHERE EXISTS (
    SELECT FROM readings.reading r
    WHERE r.point_id = s.point_id AND r.taken_on = s.day AND r.liters = s.value_m3
      AND r.channel = coalesce(s.channel, 'import') AND r.verdict IN ('accepted', 'doubtful', 'superseded'));

-- Rows of the file against each other: a wrong row takes nothing from a right one.
INSERT INTO problem
SELECT line, 'REPEATED_IN_FILE', 'account', 'duplicate'
FROM (SELECT line, row_number() OVER (PARTITION BY point_id, day, value_m3 ORDER BY line) AS place
      FROM stage s WHERE NOT EXISTS (SELECT FROM problem p WHERE p.line = s.line AND p.level = 'rejected')) rows
WHERE place > 1;
