-- One row = a house with a meter in the month $1..$2, as known at $3: what it is, what the months before left, what was decided
-- about the month. $4 narrows it to some houses.
SELECT b.id AS building_id, b.district_id,
       coalesce((SELECT h.own FROM imbalance.heating h
                 WHERE h.building_id = b.id AND h.recorded @> $3::timestamptz AND h.valid && daterange($1, $2)
                 ORDER BY upper(h.valid) DESC NULLS FIRST LIMIT 1), false) AS heats,
       coalesce(before.carried_out, 0) AS carried_in, d.id AS decision_id, d.kind AS decision, d.method AS decision_method
FROM premises.building b
LEFT JOIN LATERAL (
    SELECT h.carried_out FROM imbalance.house h
    JOIN imbalance.reckoning k ON k.id = h.reckoning_id AND k.purpose = 'run' AND k.done_at IS NOT NULL
    JOIN billing.run r ON r.id = k.purpose_id AND r.state IN ('posted', 'issued')
    WHERE h.building_id = b.id AND h.period < $1
    ORDER BY h.period DESC LIMIT 1
) before ON true
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
                AND NOT EXISTS (SELECT FROM subscribers.account_point ap
                                WHERE ap.point_id = p.id AND ap.recorded @> $3::timestamptz
                                  AND ap.valid && daterange($1, $2) OFFSET 0))
ORDER BY b.id
