-- One row = what was owed of one age in a district and sector on the past day $4: of items that were there by then, less what had settled
-- them by the payer's date.
WITH issued AS MATERIALIZED (
    SELECT r.id, (SELECT e.posted_on FROM ledger.entry e WHERE e.source = 'run' AND e.source_id = r.id LIMIT 1) AS day
    FROM billing.run r WHERE r.state = 'issued'
),
item AS (
    SELECT o.account_id, o.id, o.sector, a.district_id, o.component, o.due_on,
           o.amount - coalesce((SELECT sum(s.amount) FROM ledger.settlement s
                                WHERE s.account_id = o.account_id AND s.open_item_id = o.id AND s.valid_on <= $4), 0) AS rest
    FROM ledger.open_item o
    JOIN subscribers.account a ON a.id = o.account_id
    LEFT JOIN issued i ON o.source = 'run' AND i.id = o.source_id
    WHERE {scope} AND o.amount > 0
      AND CASE o.source
              WHEN 'run' THEN i.day <= $4
              ELSE (SELECT min(e.posted_on) FROM ledger.entry e
                    WHERE e.account_id = o.account_id AND e.source = o.source AND e.source_id = o.source_id) <= $4
          END
)
SELECT o.sector, o.district_id, width_bucket($4::date - o.due_on, $5::int[]) AS bucket,
       count(DISTINCT o.account_id) AS accounts, sum(o.rest)::bigint AS owed,
       coalesce(sum(o.rest) FILTER (WHERE o.component IN ('charge', 'imbalance')), 0)::bigint AS principal,
       coalesce(sum(o.rest) FILTER (WHERE o.component = 'penalty'), 0)::bigint AS penalty,
       coalesce(sum((SELECT sum(d.amount) FROM debt.dispute d
                     WHERE d.account_id = o.account_id AND d.open_item_id = o.id AND d.opened_on <= $4
                       AND coalesce(d.decided_on > $4, true))), 0)::bigint AS disputed,
       coalesce(sum((SELECT least(sum(i.amount), o.rest) FROM debt.claim_item i JOIN debt.claim c ON c.id = i.claim_id
                     WHERE i.account_id = o.account_id AND i.open_item_id = o.id AND c.prepared_on <= $4
                       AND coalesce(c.ended_on > $4, true) HAVING count(*) > 0)), 0)::bigint AS claimed
FROM item o WHERE o.rest > 0
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
