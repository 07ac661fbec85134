-- One row: how many accounts pay twice for days of one meter and service, as corrections left their months. Two readings of one day share
-- that day; nothing else may overlap, in whatever months the lines stand.
WITH corrected AS (
    SELECT c.*
    FROM billing.correction_line c
    JOIN billing.correction_account a ON a.correction_id = c.correction_id AND a.account_id = c.account_id
    WHERE a.outcome = 'posted' AND c.basis = 'metered'
),
standing AS (
    SELECT l.account_id, l.point_id, l.service, l.meter_id, l.from_day, l.to_day
    FROM billing.charge_line l JOIN billing.run r ON r.id = l.run_id
    WHERE l.basis = 'metered' AND r.state IN ('posted', 'issued')
      AND NOT EXISTS (
          SELECT FROM corrected c
          WHERE c.side = 'minus' AND c.account_id = l.account_id AND c.period = l.period AND c.point_id = l.point_id
            AND c.service = l.service AND c.meter_id = l.meter_id AND c.from_day = l.from_day AND c.to_day = l.to_day)
    UNION ALL
    SELECT l.account_id, l.point_id, l.service, l.meter_id, l.from_day, l.to_day
    FROM corrected l
    WHERE l.side = 'plus' AND NOT EXISTS (
          SELECT FROM corrected c
          WHERE c.side = 'minus' AND c.correction_id > l.correction_id AND c.account_id = l.account_id AND c.period = l.period
            AND c.point_id = l.point_id AND c.service = l.service AND c.meter_id = l.meter_id AND c.from_day = l.from_day
            AND c.to_day = l.to_day)
)
SELECT count(DISTINCT account_id)
FROM (
    SELECT l.account_id, l.from_day,
           max(l.to_day) OVER (PARTITION BY l.account_id, l.point_id, l.service, l.meter_id
                               ORDER BY l.from_day, l.to_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS billed_to
    FROM standing l
) line
WHERE from_day + 1 < billed_to
