-- Settings, prices, terms, calendars, rights and people changed in the month by the audit trail; facts of the registers recorded in it for
-- the days before it, by kind, person and day; readings and payments of earlier days. A document stands where all of a row have the same.
WITH span AS (SELECT $1::date::timestamp AT TIME ZONE 'Asia/Almaty' AS since,
                     ($1::date + interval '1 month') AT TIME ZONE 'Asia/Almaty' AS upto),
-- Versions that began or ended to be known in the month: `key` is what they are of, `said` what they say of it.
version AS MATERIALIZED (
    SELECT row_number() OVER () AS n, v.* FROM (
        SELECT 'residency' AS entity, r.account_id AS key, r.account_id, NULL::bigint AS point_id, r.valid, r.recorded, r.recorded_by AS who,
               r.document_id, jsonb_build_array(r.residents, r.source) AS said
        FROM subscribers.residency r
        UNION ALL
        SELECT 'holder', r.account_id, r.account_id, NULL, r.valid, r.recorded, r.recorded_by, r.document_id, jsonb_build_array(r.party_id)
        FROM subscribers.holder r
        UNION ALL
        SELECT 'owner', r.account_id, r.account_id, NULL, r.valid, r.recorded, r.recorded_by, r.document_id,
               jsonb_build_array(r.party_id, r.numerator, r.denominator)
        FROM subscribers.owner r
        UNION ALL
        SELECT 'account_point', r.point_id, r.account_id, r.point_id, r.valid, r.recorded, r.recorded_by, r.document_id,
               jsonb_build_array(r.account_id)
        FROM subscribers.account_point r
        UNION ALL
        SELECT 'consumer_group', r.account_id, r.account_id, NULL, r.valid, r.recorded, r.recorded_by, r.document_id,
               jsonb_build_array(r.consumer_group)
        FROM subscribers.consumer_group r
        UNION ALL
        SELECT 'supply', r.point_id, NULL, r.point_id, r.valid, r.recorded, r.recorded_by, r.document_id,
               jsonb_build_array(r.water, r.sewerage, r.amenity)
        FROM premises.point_service r
        UNION ALL
        SELECT 'plot', r.point_id, NULL, r.point_id, r.valid, r.recorded, r.recorded_by, r.document_id, jsonb_build_array(r.area_dm2)
        FROM premises.plot r
        UNION ALL
        SELECT 'bulk_billing', r.building_id, NULL, NULL, r.valid, r.recorded, r.recorded_by, r.document_id,
               jsonb_build_array(r.payer_id)
        FROM premises.bulk_billing r
        UNION ALL
        SELECT 'special', r.account_id, r.account_id, r.point_id, r.valid, r.recorded, r.recorded_by, r.document_id,
               jsonb_build_array(r.point_id, r.kind, r.people, r.diameter_mm, r.last_check_on)
        FROM consumption.special r
        UNION ALL
        SELECT 'sharing', r.point_id, r.account_id, r.point_id, r.valid, r.recorded, r.recorded_by, r.document_id,
               jsonb_build_array(r.meter_point_id, r.account_id, r.parts)
        FROM consumption.sharing r
        UNION ALL
        SELECT 'installation', r.meter_id, NULL, r.point_id, r.valid, r.recorded, r.recorded_by, r.document_id,
               jsonb_build_array(r.point_id, r.seal)
        FROM meters.installation r
        UNION ALL
        -- A verification is of its day.
        SELECT 'verification', r.meter_id, NULL, (SELECT i.point_id FROM meters.installation i
                                                  WHERE i.meter_id = r.meter_id AND upper_inf(i.recorded) ORDER BY lower(i.valid) DESC LIMIT 1),
               daterange(r.verified_on, NULL), r.recorded, r.recorded_by, coalesce(r.unfit_document_id, r.document_id),
               jsonb_build_array(r.verified_on, r.valid_until)
        FROM meters.verification r
        UNION ALL
        SELECT 'contract_terms', r.account_id, r.account_id, NULL, r.valid, r.recorded, r.recorded_by, r.document_id,
               jsonb_build_array(r.number, r.kind, r.party_id, r.signed_on)
        FROM contracts.contract r
        UNION ALL
        SELECT 'agreed_volume', r.point_id, c.account_id, r.point_id, r.valid, r.recorded, r.recorded_by, r.document_id,
               jsonb_build_array(r.contract_id, r.liters)
        FROM contracts.point_volume r JOIN contracts.contract c ON c.id = r.contract_id
        UNION ALL
        SELECT 'consumption_limit', r.contract_id, c.account_id, NULL, r.valid, r.recorded, r.recorded_by, r.document_id,
               jsonb_build_array(r.premise_id, r.point_id, r.service, r.month_liters, r.year_liters)
        FROM contracts.consumption_limit r JOIN contracts.contract c ON c.id = r.contract_id
        UNION ALL
        SELECT 'heating', r.building_id, NULL, NULL, r.valid, r.recorded, r.recorded_by, r.document_id, jsonb_build_array(r.own)
        FROM imbalance.heating r
        UNION ALL
        SELECT 'exclusion', r.account_id, r.account_id, NULL, r.valid, r.recorded, r.recorded_by, r.document_id, '[]'
        FROM imbalance.exclusion r
        UNION ALL
        SELECT 'member', r.account_id, r.account_id, NULL, r.valid, r.recorded, r.recorded_by, r.document_id, '[]'
        FROM imbalance.member r
    ) v
    WHERE lower(v.valid) < $1::date
      AND (lower(v.recorded) >= $1::date::timestamp AT TIME ZONE 'Asia/Almaty'
           AND lower(v.recorded) < ($1::date + interval '1 month') AT TIME ZONE 'Asia/Almaty'
           OR upper(v.recorded) >= $1::date::timestamp AT TIME ZONE 'Asia/Almaty'
           AND upper(v.recorded) < ($1::date + interval '1 month') AT TIME ZONE 'Asia/Almaty')
),
-- Recorded in the month. What is left of a version when another one takes its place or it ends is recorded anew as it was: `rest`; where
-- it says of the days before the month what was known already, nothing was changed of them.
rest AS (
    SELECT v.n, bool_or(b.valid @> v.valid) AS rest,
           bool_or(b.valid * daterange(NULL, $1::date) = v.valid * daterange(NULL, $1::date)) AS same
    FROM version v JOIN version b ON b.entity = v.entity AND b.key = v.key AND upper(b.recorded) = lower(v.recorded) AND b.said = v.said
    GROUP BY v.n
),
recorded AS (
    SELECT v.*, coalesce(r.rest, false) AS rest, coalesce(r.same, false) AS same,
           bool_and(coalesce(r.rest, false)) OVER (PARTITION BY v.entity, v.key, lower(v.recorded)) AS ended
    FROM version v CROSS JOIN span LEFT JOIN rest r ON r.n = v.n
    WHERE lower(v.recorded) >= span.since AND lower(v.recorded) < span.upto
),
-- What was only ended bears the name of who recorded it first: who ended it the trail says.
fact AS (
    SELECT r.entity, r.key, CASE WHEN r.rest THEN '' ELSE r.who END AS who, CASE WHEN r.rest THEN NULL ELSE r.document_id END AS document_id,
           (lower(r.recorded) AT TIME ZONE 'Asia/Almaty')::date AS day,
           coalesce(a.sector, (
               SELECT o.sector FROM subscribers.account_point p JOIN subscribers.account o ON o.id = p.account_id
               WHERE p.point_id = r.point_id AND upper_inf(p.recorded) ORDER BY lower(p.valid) DESC LIMIT 1), 'multi') AS sector
    FROM recorded r LEFT JOIN subscribers.account a ON a.id = r.account_id
    WHERE NOT r.same AND (r.ended OR NOT r.rest)
)
SELECT to_char(a.at AT TIME ZONE 'Asia/Almaty', 'YYYY-MM-DD') AS day, a.actor AS who,
       -- `norm` alone is a basis of volumes to the words of reports.
       CASE a.entity WHEN 'norm' THEN 'consumption_norm' ELSE a.entity END AS entity, a.action, coalesce(d.number, '') AS document,
       count(*) AS found
FROM platform.audit_entry a CROSS JOIN span LEFT JOIN archive.document d ON d.id = a.document_id
WHERE a.at >= span.since AND a.at < span.upto
  AND (a.entity IN ('setting', 'price', 'norm', 'vat', 'band', 'role_change', 'user', 'client', 'operation', 'paid_service', 'agent', 'channel',
                    'calendar')
       OR (a.entity, a.action) IN (('registry_terms', 'set'), ('period', 'cut_off_set'), ('period', 'water_produced')))
  AND a.action NOT IN ('session_opened', 'session_revoked', 'sign_in_refused', 'vouched')
  AND coalesce(CASE a.entity WHEN 'period' THEN a.after ->> 'sector' END, $2) = $2
GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT to_char(f.day, 'YYYY-MM-DD'), f.who, f.entity, 'back_dated', CASE WHEN count(DISTINCT f.document_id) = 1 THEN max(d.number) ELSE '' END,
       count(DISTINCT f.key)
FROM fact f LEFT JOIN archive.document d ON d.id = f.document_id
WHERE f.sector = $2
GROUP BY f.day, f.who, f.entity
UNION ALL
SELECT to_char(r.received_at AT TIME ZONE 'Asia/Almaty', 'YYYY-MM-DD'), r.received_by, 'reading', 'back_dated', '', count(*)
FROM readings.reading r JOIN subscribers.account a ON a.id = r.account_id CROSS JOIN span
WHERE a.sector = $2 AND r.period = $1::date AND r.act IS NULL AND r.taken_on < ($1::date - interval '1 month')
  AND r.received_at >= span.since AND r.received_at < span.upto
GROUP BY 1, 2
UNION ALL
-- Money that came in the month with a payer's day before it.
SELECT to_char(p.received_at AT TIME ZONE 'Asia/Almaty', 'YYYY-MM-DD'), p.received_by, 'payment', 'back_dated', '', count(*)
FROM payments.payment p
WHERE p.sector = $2 AND p.period = $1::date AND p.paid_on < $1::date AND p.reverses IS NULL
GROUP BY 1, 2
ORDER BY day, who, entity, action, document
