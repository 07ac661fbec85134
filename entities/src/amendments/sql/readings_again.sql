-- Of the months and points of removed readings $1 that have no reading any more that counts: the last one that was replaced counts
-- again. One row = one such reading.
WITH gone AS (
    SELECT DISTINCT r.account_id, r.period, r.point_id FROM readings.reading r WHERE r.id = ANY ($1)
),
best AS (
    SELECT DISTINCT ON (r.account_id, r.period, r.point_id) r.account_id, r.period, r.id
    FROM readings.reading r JOIN gone USING (account_id, period, point_id)
    WHERE r.act IS NULL AND r.verdict = 'superseded'
      AND NOT EXISTS (SELECT FROM readings.reading s
                      WHERE s.account_id = r.account_id AND s.period = r.period AND s.point_id = r.point_id AND s.act IS NULL
                        AND s.verdict = 'accepted')
    ORDER BY r.account_id, r.period, r.point_id, r.taken_on DESC, r.id DESC
)
UPDATE readings.reading r SET verdict = 'accepted', superseded_by = NULL
FROM best b WHERE r.account_id = b.account_id AND r.period = b.period AND r.id = b.id
RETURNING r.point_id, r.id
