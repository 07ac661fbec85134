-- One row = a house with a meter in the month $1..$2, as known at $3: what it is, what the months before left, what was decided
-- about the month, what its meter showed in its last months, and what recalculations since the reckoning before changed of months
-- that were compared with something. $4 narrows it to some houses.
WITH since AS (
    SELECT k.known_at FROM imbalance.reckoning k
    JOIN billing.run r ON r.id = k.purpose_id AND r.state IN ('posted', 'issued')
    WHERE k.purpose = 'run' AND k.sector = 'multi' AND k.done_at IS NOT NULL AND k.period < $1
    ORDER BY k.period DESC LIMIT 1
),
-- Only of months that were compared with something: the others were shared out by nobody. Of the house where the point is: a legal
-- entity may have others elsewhere.
corrected AS MATERIALIZED (
    SELECT p.building_id,
           sum(l.liters * w.sign * CASE l.side WHEN 'plus' THEN 1 ELSE -1 END) FILTER (WHERE l.service = 'water')::bigint AS cold,
           sum(l.liters * w.sign * CASE l.side WHEN 'plus' THEN 1 ELSE -1 END) FILTER (WHERE l.service = 'sewerage_hot')::bigint AS hot
    FROM since
    CROSS JOIN billing.correction c
    CROSS JOIN LATERAL (VALUES (1, c.posted_at), (-1, c.reversed_at)) AS w (sign, at)
    JOIN billing.correction_account m ON m.correction_id = c.id AND m.outcome IN ('posted', 'reversed')
    JOIN subscribers.account a ON a.id = m.account_id AND a.sector IN ('multi', 'legal')
    JOIN billing.correction_line l ON l.correction_id = c.id AND l.account_id = a.id AND l.component = 'charge' AND l.period < $1
    JOIN premises.point p ON p.id = l.point_id
    JOIN imbalance.house h ON h.building_id = p.building_id AND h.period = l.period AND h.compared_by IS NOT NULL
    JOIN imbalance.reckoning k ON k.id = h.reckoning_id AND k.purpose = 'run' AND k.done_at IS NOT NULL
    JOIN billing.run r ON r.id = k.purpose_id AND r.state IN ('posted', 'issued')
    WHERE w.at > since.known_at AND w.at <= $3::timestamptz AND ($4::bigint[] IS NULL OR p.building_id = ANY ($4))
    GROUP BY p.building_id
)
SELECT b.id AS building_id, b.district_id,
       coalesce((SELECT h.own FROM imbalance.heating h
                 WHERE h.building_id = b.id AND h.recorded @> $3::timestamptz AND h.valid && daterange($1, $2)
                 ORDER BY upper(h.valid) DESC NULLS FIRST LIMIT 1), false) AS heats,
       coalesce(before.carried_out, 0) AS carried_in,
       (before.compared_by = 'meter' AND before.period >= $1::date - interval '1 month') IS NOT TRUE AS begins,
       coalesce(corrected.cold, 0) AS corrected, coalesce(corrected.hot, 0) AS corrected_hot,
       k.id IS NOT NULL AS in_bulk, usual.liters AS usual, usual.days AS usual_days, d.id AS decision_id, d.kind AS decision, d.method AS decision_method
FROM premises.building b
LEFT JOIN LATERAL (
    SELECT h.carried_out, h.compared_by, h.period FROM imbalance.house h
    JOIN imbalance.reckoning k ON k.id = h.reckoning_id AND k.purpose = 'run' AND k.done_at IS NOT NULL
    JOIN billing.run r ON r.id = k.purpose_id AND r.state IN ('posted', 'issued')
    WHERE h.building_id = b.id AND h.period < $1
    ORDER BY h.period DESC LIMIT 1
) before ON true
LEFT JOIN LATERAL (
    SELECT sum(m.measured)::bigint AS liters, sum(m.to_day - m.from_day)::bigint AS days
    FROM (
        SELECT h.measured, h.from_day, h.to_day FROM imbalance.house h
        JOIN imbalance.reckoning k ON k.id = h.reckoning_id AND k.purpose = 'run' AND k.done_at IS NOT NULL
        JOIN billing.run r ON r.id = k.purpose_id AND r.state IN ('posted', 'issued')
        WHERE h.building_id = b.id AND h.period < $1 AND h.compared_by = 'meter' AND h.measured IS NOT NULL
        ORDER BY h.period DESC LIMIT 3
    ) m
) usual ON true
LEFT JOIN corrected ON corrected.building_id = b.id
-- By whole months, like its flats' bills.
LEFT JOIN premises.bulk_billing k ON k.building_id = b.id AND k.recorded @> $3::timestamptz AND k.valid @> $1::date
LEFT JOIN LATERAL (
    SELECT d.id, d.kind, d.method FROM imbalance.decision d
    WHERE d.building_id = b.id AND d.period = $1 AND d.state = 'confirmed' AND d.decided_at <= $3::timestamptz
    ORDER BY d.decided_at DESC LIMIT 1
) d ON true
WHERE ($4::bigint[] IS NULL OR b.id = ANY ($4))
  AND EXISTS (SELECT FROM premises.point p
              JOIN meters.installation i
                ON i.point_id = p.id AND i.recorded @> $3::timestamptz AND i.valid && daterange($1, $2)
              WHERE p.building_id = b.id AND p.premise_id IS NULL AND NOT p.hot
                AND (k.id IS NOT NULL
                     OR NOT EXISTS (SELECT FROM subscribers.account_point ap
                                    WHERE ap.point_id = p.id AND ap.recorded @> $3::timestamptz
                                      AND ap.valid && daterange($1, $2) OFFSET 0)))
ORDER BY b.id
