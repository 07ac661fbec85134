-- One row: how many accounts pay twice for days of one meter and service. Two readings of one day share that day; nothing
-- else may overlap, in whatever months the lines stand.
SELECT count(DISTINCT account_id)
FROM (
    SELECT l.account_id, l.from_day,
           max(l.to_day) OVER (PARTITION BY l.account_id, l.point_id, l.service, l.meter_id
                               ORDER BY l.from_day, l.to_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS billed_to
    FROM billing.charge_line l JOIN billing.run r ON r.id = l.run_id
    WHERE l.basis = 'metered' AND r.state IN ('posted', 'issued')
) line
WHERE from_day + 1 < billed_to
