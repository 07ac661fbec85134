-- A whole billing run of one month and sector as one statement: the facts, the rule of charging, and everything that the run
-- posts. A second, independent writing of the rule, for two uses only: the measure that the run is held against, and the oracle
-- that the run's lines must equal. It knows bands of the mode `whole`.
-- The first CTE is the run's own snapshot.
WITH input AS (
    INSERT INTO billing.run_input ({columns}) {inputs} RETURNING *
),
term AS (
    SELECT {period}::date AS first, ({period}::date + interval '1 month')::date AS next,
           (({period}::date + interval '1 month')::date - {period}::date) AS days,
           (SELECT (value #>> '{}')::int FROM tariffs.setting WHERE code = 'consumption.average_months'
             AND valid @> {period}::date AND recorded @> {known_at}::timestamptz AND confirmed_by IS NOT NULL) AS average_months,
           (SELECT (value #>> '{}')::int FROM tariffs.setting WHERE code = 'consumption.average_limit_months'
             AND valid @> {period}::date AND recorded @> {known_at}::timestamptz AND confirmed_by IS NOT NULL) AS average_limit,
           (SELECT (value #>> '{}')::int FROM tariffs.setting WHERE code = 'consumption.meter_away_months'
             AND valid @> {period}::date AND recorded @> {known_at}::timestamptz AND confirmed_by IS NOT NULL) AS away_months,
           (SELECT value #>> '{}' FROM tariffs.setting WHERE code = 'consumption.legal_unmeasured'
             AND valid @> {period}::date AND recorded @> {known_at}::timestamptz AND confirmed_by IS NOT NULL) AS legal_unmeasured,
           (SELECT value #>> '{}' FROM tariffs.setting WHERE code = 'consumption.norm_inlets'
             AND valid @> {period}::date AND recorded @> {known_at}::timestamptz AND confirmed_by IS NOT NULL) AS norm_inlets,
           (SELECT (value #>> '{}')::int FROM tariffs.setting WHERE code = 'consumption.zero_residents_as'
             AND valid @> {period}::date AND recorded @> {known_at}::timestamptz AND confirmed_by IS NOT NULL) AS nobody_counts_as,
           (SELECT value #>> '{}' FROM tariffs.setting WHERE code = 'consumption.pipe_velocity'
             AND valid @> {period}::date AND recorded @> {known_at}::timestamptz AND confirmed_by IS NOT NULL)::numeric AS velocity,
           (SELECT value #>> '{}' FROM tariffs.setting WHERE code = 'consumption.capacity_covers'
             AND valid @> {period}::date AND recorded @> {known_at}::timestamptz AND confirmed_by IS NOT NULL) AS capacity_covers,
           (SELECT value #>> '{}' FROM tariffs.setting WHERE code = 'billing.bands_also'
             AND valid @> {period}::date AND recorded @> {known_at}::timestamptz AND confirmed_by IS NOT NULL) AS bands_also,
           (SELECT value #>> '{}' FROM tariffs.setting WHERE code = 'billing.over_limit_coefficient'
             AND valid @> {period}::date AND recorded @> {known_at}::timestamptz AND confirmed_by IS NOT NULL)::numeric AS over_limit,
           (to_char({period}::date, 'YYYY-') || split_part((SELECT value #>> '{}' FROM tariffs.setting WHERE code = 'consumption.watering_season'
             AND valid @> {period}::date AND recorded @> {known_at}::timestamptz AND confirmed_by IS NOT NULL), '..', 1))::date AS season_from,
           (to_char({period}::date, 'YYYY-') || split_part((SELECT value #>> '{}' FROM tariffs.setting WHERE code = 'consumption.watering_season'
             AND valid @> {period}::date AND recorded @> {known_at}::timestamptz AND confirmed_by IS NOT NULL), '..', 2))::date + 1 AS season_to
),
fact AS MATERIALIZED (
    SELECT i.account_id, i.point_id, i.consumer_group, i.hot, i.water, i.amenity, i.contract_liters,
           CASE WHEN i.supply_from IS NULL THEN i.water ELSE true = ANY (i.supply_water) END AS ever_water,
           CASE WHEN i.supply_from IS NULL THEN i.sewerage ELSE true = ANY (i.supply_sewerage) END AS ever_sewerage,
           i.supply_from, i.supply_to, i.supply_water, i.supply_sewerage, i.supply_amenity, i.away_from, i.away_to,
           i.residency_id, i.residency_from, i.residency_to, i.residency_count,
           i.history, i.history_period, i.months_without_reading,
           -- Days that are charged at full capacity now are settled with it.
           CASE WHEN i.special_id IS NULL THEN i.provisional
                ELSE greatest(0, i.provisional - (SELECT sum(u) FROM unnest(i.special_unread) u)::bigint) END AS provisional,
           i.special_id, i.special_kind, i.special_from, i.special_to, i.special_people, i.special_diameter, i.special_upto,
           i.special_billed, i.plot_id, i.plot_from, i.plot_to, i.plot_area, i.in_bulk, i.bulk_from, i.bulk_to,
           coalesce(cardinality(i.meter_id), 0) AS meters, d.day_from,
           -- A house billed in bulk has no day of its own.
           CASE WHEN i.in_bulk THEN d.day_from ELSE d.day_to END AS day_to, d.day_from < d.day_to AS active,
           i.active_to <= t.next AS leaves
    FROM input i
    CROSS JOIN term t
    CROSS JOIN LATERAL (
        SELECT greatest(i.active_from, t.first) AS day_from, least(coalesce(i.active_to, t.next), t.next) AS day_to
    ) d
),
house AS MATERIALIZED (
    SELECT h.* FROM imbalance.share h
    WHERE h.period = {period} AND h.reckoning_id = (
        SELECT id FROM imbalance.reckoning WHERE purpose = 'run' AND purpose_id = {run} AND done_at IS NOT NULL)
),
-- What each meter shows for the month, and on which days it was used: a reading closes its day, that of the installation opens it.
shown AS (
    SELECT i.account_id, i.point_id, m.*, u.used_from, v.valid_to AS used_to,
           -- Days that an earlier month charged at full capacity, or the house paid in bulk, do not count again.
           CASE WHEN x.days IS NULL THEN l.liters
                ELSE (2 * l.liters * (v.valid_to - u.used_from - least(x.days, v.valid_to - u.used_from)) + (v.valid_to - u.used_from))
                     / (2 * (v.valid_to - u.used_from)) END AS liters,
           CASE WHEN l.liters IS NULL THEN 0
                ELSE v.valid_to - u.used_from - least(coalesce(x.days, 0), v.valid_to - u.used_from) END AS measured_days, u.used_to AS read_to
    FROM input i
    CROSS JOIN LATERAL unnest(i.meter_id, i.meter_digits, i.meter_from, i.meter_to, i.meter_verified_until, i.meter_lapsed_from,
                              i.meter_lapsed_to, i.prev_id, i.prev_day,
                              i.prev_liters, i.last_id, i.last_day, i.last_liters) WITH ORDINALITY
        AS m (meter_id, digits, stands_from, stands_to, verified, lapsed_from, lapsed_to, prev_id, prev_day, prev_liters, last_id, last_day, last_liters, n)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN m.last_liters >= m.prev_liters THEN m.last_liters - m.prev_liters
                    ELSE m.last_liters + (10 ^ m.digits)::bigint * 1000 - m.prev_liters END AS liters
    ) d
    CROSS JOIN LATERAL (SELECT least(m.last_day + 1, m.stands_to) AS used_to) e
    CROSS JOIN LATERAL (
        SELECT least(CASE WHEN m.prev_day <= m.stands_from THEN m.stands_from ELSE m.prev_day + 1 END, e.used_to - 1) AS used_from,
               e.used_to
    ) u
    CROSS JOIN LATERAL (SELECT least(u.used_to, m.verified) AS valid_to) v
    LEFT JOIN LATERAL (
        SELECT nullif(sum(greatest(0, least(s.upto, v.valid_to) - greatest(s.since, u.used_from))), 0) AS days
        FROM (
            SELECT since, upto FROM unnest(i.special_diameter, i.special_from, i.special_upto) s (diameter, since, upto)
            WHERE s.diameter > 0 AND s.upto IS NOT NULL
            UNION ALL
            SELECT i.bulk_from, i.bulk_to WHERE i.bulk_from IS NOT NULL
            UNION ALL
            SELECT m.lapsed_from, m.lapsed_to WHERE m.lapsed_from IS NOT NULL
        ) s
    ) x ON i.special_id IS NOT NULL OR i.bulk_from IS NOT NULL OR m.lapsed_from IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT CASE
               WHEN m.prev_id IS NULL OR m.last_id IS NULL OR m.last_id = m.prev_id OR m.last_day < m.prev_day
                    OR u.used_from >= m.verified THEN NULL
               WHEN u.used_to <= m.verified THEN d.liters
               ELSE (2 * d.liters * (m.verified - u.used_from) + (u.used_to - u.used_from)) / (2 * (u.used_to - u.used_from))
           END AS liters
    ) whole
    -- Of a shared meter the account's part, by largest remainder, the lowest number first.
    LEFT JOIN LATERAL (
        SELECT p.liters
        FROM (
            SELECT w.at, whole.liters * w.weight / w.all + CASE WHEN row_number() OVER (ORDER BY whole.liters * w.weight % w.all DESC, w.at)
                       <= whole.liters - sum(whole.liters * w.weight / w.all) OVER () THEN 1 ELSE 0 END AS liters
            FROM (
                SELECT w.at, CASE WHEN sum(w.weight) OVER () = 0 THEN 1 ELSE w.weight END AS weight,
                       CASE WHEN sum(w.weight) OVER () = 0 THEN count(*) OVER () ELSE sum(w.weight) OVER ()::bigint END AS all
                FROM unnest(i.share_weights) WITH ORDINALITY w (weight, at)
            ) w
        ) p
        WHERE p.at = i.share_at + 1
    ) own ON i.share_at IS NOT NULL
    CROSS JOIN LATERAL (SELECT CASE WHEN i.share_at IS NULL THEN whole.liters ELSE own.liters END AS liters) l
),
meter AS MATERIALIZED (
    SELECT s.*, s.liters - CASE WHEN c.closing AND s.total < f.provisional AND s.n = s.last_shown THEN f.provisional - s.before
                           ELSE least(s.liters, greatest(least(s.total, f.provisional) - s.before, 0)) END AS volume,
           s.total < f.provisional AND NOT c.closing AS unsettled
    FROM (
        SELECT s.*, coalesce(sum(liters) OVER (PARTITION BY account_id, point_id), 0)::bigint AS total,
               coalesce(sum(liters) OVER (PARTITION BY account_id, point_id ORDER BY n
                                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS before,
               max(n) FILTER (WHERE liters IS NOT NULL) OVER (PARTITION BY account_id, point_id) AS last_shown,
               sum(measured_days) OVER (PARTITION BY account_id, point_id)::bigint AS all_days,
               min(used_from) FILTER (WHERE liters IS NOT NULL) OVER (PARTITION BY account_id, point_id) AS span_from,
               max(read_to) FILTER (WHERE liters IS NOT NULL) OVER (PARTITION BY account_id, point_id) AS span_to,
               -- Until when a meter stands there.
               max(coalesce(stands_to, 'infinity')) OVER (PARTITION BY account_id, point_id) AS stood_to
        FROM shown s
    ) s
    JOIN fact f USING (account_id, point_id)
    -- No later reading can settle what was billed too much: it is given back.
    CROSS JOIN LATERAL (SELECT coalesce(f.leaves, false) OR s.stood_to <= f.day_to AS closing) c
),
-- Days with one source of the volume.
bound AS (
    SELECT account_id, point_id, day_from AS day FROM fact WHERE point_id <> 0 AND day_from < day_to
    UNION
    SELECT m.account_id, m.point_id, d.day
    FROM meter m
    JOIN fact f USING (account_id, point_id)
    CROSS JOIN LATERAL (VALUES (m.stands_from), (m.stands_to), (m.verified), (m.lapsed_from), (m.lapsed_to)) d (day)
    WHERE d.day > f.day_from AND d.day < f.day_to
    UNION
    SELECT f.account_id, f.point_id, d.day
    FROM fact f
    CROSS JOIN LATERAL unnest(f.special_kind, f.special_from, f.special_to) x (kind, since, until)
    CROSS JOIN LATERAL (VALUES (x.since), (x.until)) d (day)
    WHERE f.special_id IS NOT NULL AND x.kind IN ('stopped', 'no_service') AND d.day > f.day_from AND d.day < f.day_to
    UNION
    SELECT f.account_id, f.point_id, d.day
    FROM fact f
    CROSS JOIN term t
    CROSS JOIN LATERAL unnest(f.away_from, f.away_to) w (since, until)
    CROSS JOIN LATERAL (VALUES (w.since), (w.until), ((w.since + make_interval(months => t.away_months))::date)) d (day)
    WHERE f.away_from IS NOT NULL AND d.day > f.day_from AND d.day < f.day_to
),
segment AS (
    SELECT b.account_id, b.point_id, b.day AS from_day,
           lead(b.day, 1, f.day_to) OVER (PARTITION BY b.account_id, b.point_id ORDER BY b.day) AS to_day
    FROM bound b JOIN fact f USING (account_id, point_id)
),
-- Where several meters stood: a day between two of them goes by the average.
stays AS MATERIALIZED (
    SELECT account_id, point_id, min(stands_to) AS first_gone, max(stands_from) AS last_come
    FROM meter GROUP BY account_id, point_id HAVING count(*) > 1
),
sourced AS (
    SELECT s.account_id, s.point_id, s.from_day, s.to_day, y.source, y.source = 'metered' AND NOT m.unsettled AS settled,
           -- What is agreed stands in for a reading while the meter is good, for good after that.
           CASE WHEN y.source IN ('zero', 'no_service') OR y.source IN ('contract', 'average') AND e.expired THEN NULL ELSE m.n END AS n,
           CASE y.source WHEN 'stopped' THEN z.stopped WHEN 'no_service' THEN z.unserved END AS k
    FROM segment s
    JOIN fact f USING (account_id, point_id)
    CROSS JOIN term t
    LEFT JOIN meter m ON f.meters > 0 AND m.account_id = s.account_id AND m.point_id = s.point_id
        AND m.stands_from <= s.from_day AND (m.stands_to IS NULL OR s.from_day < m.stands_to)
    LEFT JOIN stays h ON h.account_id = s.account_id AND h.point_id = s.point_id
    CROSS JOIN LATERAL (
        SELECT s.from_day >= m.verified OR coalesce(m.lapsed_from <= s.from_day AND s.from_day < m.lapsed_to, false) AS expired
    ) e
    CROSS JOIN LATERAL (
        SELECT CASE WHEN {sector} <> 'legal' THEN 'norm' WHEN f.contract_liters IS NOT NULL THEN 'contract'
                    WHEN t.legal_unmeasured = 'average' AND cardinality(f.history) > 0 THEN 'average' ELSE 'zero' END AS source
    ) o
    LEFT JOIN LATERAL (
        SELECT min(x.k) FILTER (WHERE x.kind = 'stopped') AS stopped, min(x.k) FILTER (WHERE x.kind = 'no_service') AS unserved
        FROM unnest(f.special_kind, f.special_from, f.special_to) WITH ORDINALITY x (kind, since, until, k)
        WHERE x.since <= s.from_day AND (x.until IS NULL OR s.from_day < x.until)
    ) z ON f.special_id IS NOT NULL
    LEFT JOIN LATERAL (
        SELECT s.from_day < (w.since + make_interval(months => t.away_months))::date AS averaged
        FROM unnest(f.away_from, f.away_to) w (since, until)
        WHERE w.since <= s.from_day AND (w.until IS NULL OR s.from_day < w.until) LIMIT 1
    ) a ON f.away_from IS NOT NULL AND m.n IS NULL
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN m.n IS NOT NULL AND z.stopped IS NOT NULL AND cardinality(f.history) > 0 THEN 'stopped'
            WHEN e.expired THEN CASE o.source WHEN 'norm' THEN 'expired_norm' ELSE o.source END
            WHEN m.volume IS NOT NULL THEN 'metered'
            WHEN a.averaged IS NOT NULL THEN CASE WHEN a.averaged AND cardinality(f.history) > 0 THEN 'average' ELSE o.source END
            WHEN (m.n IS NOT NULL OR (h.first_gone <= s.from_day AND h.last_come > s.from_day))
                 AND f.months_without_reading < t.average_limit AND cardinality(f.history) > 0 THEN 'average'
            ELSE o.source
        END AS source
    ) w
    CROSS JOIN LATERAL (
        SELECT CASE WHEN z.unserved IS NOT NULL AND w.source NOT IN ('metered', 'zero') THEN 'no_service' ELSE w.source END AS source
    ) y
),
numbered AS (
    SELECT s.*, count(*) FILTER (WHERE changed) OVER (PARTITION BY account_id, point_id ORDER BY from_day) AS island
    FROM (
        SELECT s.*, (s.source, s.n, s.k) IS DISTINCT FROM
                    (lag(s.source) OVER w, lag(s.n) OVER w, lag(s.k) OVER w) AS changed
        FROM sourced s WINDOW w AS (PARTITION BY account_id, point_id ORDER BY from_day)
    ) s
),
-- What is measured lies on the days between the readings, everything else on days of the month.
stretch AS (
    SELECT account_id, point_id, source, n, k, min(from_day) AS from_day, max(to_day) AS to_day, false AS gone, false AS settled,
           NULL::date AS last_day
    FROM numbered WHERE NOT coalesce(settled, false) GROUP BY account_id, point_id, source, n, k, island
    UNION ALL
    SELECT m.account_id, m.point_id, 'metered', m.n, NULL, d.from_day, d.to_day, false, true, m.used_to
    FROM meter m
    JOIN fact f USING (account_id, point_id)
    -- Not on days that the house paid in bulk or that lie between two verifications, unless there are no others.
    CROSS JOIN LATERAL (
        SELECT m.used_from AS from_day, m.used_to AS to_day WHERE f.bulk_from IS NULL AND m.lapsed_from IS NULL
        UNION ALL
        SELECT lower(d.days), upper(d.days)
        FROM (SELECT datemultirange(daterange(m.used_from, m.used_to)) AS days) u
        CROSS JOIN LATERAL (
            SELECT u.days - datemultirange(CASE WHEN f.bulk_from IS NULL THEN 'empty' ELSE daterange(f.bulk_from, f.bulk_to) END,
                                           CASE WHEN m.lapsed_from IS NULL THEN 'empty' ELSE daterange(m.lapsed_from, m.lapsed_to) END) AS days
        ) o
        CROSS JOIN LATERAL unnest(CASE WHEN isempty(o.days) THEN u.days ELSE o.days END) d (days)
        WHERE f.bulk_from IS NOT NULL OR m.lapsed_from IS NOT NULL
    ) d
    WHERE m.volume IS NOT NULL AND NOT m.unsettled AND f.day_from < f.day_to
    UNION ALL
    -- A meter without a day in the month has its zero of an unsettled month all the same.
    SELECT m.account_id, m.point_id, 'metered', m.n, NULL, f.day_from, f.day_to, true, false, NULL
    FROM meter m
    JOIN fact f USING (account_id, point_id)
    WHERE m.volume IS NOT NULL AND m.unsettled AND f.day_from < f.day_to
      AND NOT EXISTS (SELECT FROM sourced s WHERE s.account_id = m.account_id AND s.point_id = m.point_id
                      AND s.source = 'metered' AND s.n = m.n)
),
price AS MATERIALIZED (
    SELECT p.id, p.service, p.consumer_group, p.net, p.valid FROM tariffs.price p CROSS JOIN term t
    WHERE p.recorded @> {known_at}::timestamptz AND p.valid && daterange(NULL, t.next)
),
vat AS MATERIALIZED (
    SELECT v.id, v.rate, v.valid FROM tariffs.vat v CROSS JOIN term t
    WHERE v.recorded @> {known_at}::timestamptz AND v.valid && daterange(NULL, t.next)
),
norm AS MATERIALIZED (
    SELECT n.id, n.amenity, n.service, n.liters, n.valid FROM tariffs.norm n CROSS JOIN term t
    WHERE n.recorded @> {known_at}::timestamptz AND n.valid && daterange(t.first, t.next)
),
band AS MATERIALIZED (
    SELECT b.id, b.bands, b.valid FROM tariffs.band b CROSS JOIN term t
    WHERE NOT b.suspended AND b.recorded @> {known_at}::timestamptz AND b.valid && daterange(NULL, t.next) AND {sector} <> 'legal'
),
-- The first day that has a price and a rate.
since AS MATERIALIZED (
    SELECT service, consumer_group, greatest(min(lower(valid)), (SELECT min(lower(valid)) FROM vat)) AS day
    FROM price GROUP BY service, consumer_group
),
-- Days on which the money side of a service changes, as far back as this month's readings reach. Bands are counted by months.
change AS MATERIALIZED (
    SELECT DISTINCT s.service, s.consumer_group, d.day
    FROM since s
    CROSS JOIN term t
    CROSS JOIN LATERAL (
        SELECT unnest(ARRAY[lower(p.valid), upper(p.valid)]) AS day FROM price p
        WHERE p.service = s.service AND p.consumer_group = s.consumer_group
        UNION ALL
        SELECT unnest(ARRAY[lower(v.valid), upper(v.valid)]) FROM vat v
        UNION ALL
        SELECT unnest(ARRAY[lower(b.valid), upper(b.valid)]) FROM band b WHERE s.service = 'water' AND s.consumer_group = 'population'
        UNION ALL
        SELECT m.day::date FROM band b
        CROSS JOIN LATERAL generate_series(date_trunc('month', lower(b.valid)), least(upper(b.valid), t.next), interval '1 month') m (day)
        WHERE s.service = 'water' AND s.consumer_group = 'population' AND b.valid @> m.day::date
    ) d
    WHERE d.day < t.next AND d.day > (
        SELECT least((SELECT min(used_from) FROM meter), (SELECT first FROM term), (SELECT min(from_day) FROM house),
                     (SELECT min(x.since) FROM fact f CROSS JOIN LATERAL unnest(f.special_diameter, f.special_from) x (diameter, since)
                      WHERE f.special_id IS NOT NULL AND x.diameter > 0)))
),
supplied AS (
    SELECT s.account_id, s.point_id, s.source, s.n, s.k, s.gone, u.to_day, f.consumer_group, u.amenity, f.contract_liters, f.history, f.hot,
           CASE WHEN s.settled AND e.day < s.to_day THEN greatest(s.from_day, e.day) ELSE u.from_day END AS from_day,
           CASE WHEN s.settled THEN f.supply_from END AS supply_from, f.supply_to, f.supply_water, f.supply_sewerage,
           CASE WHEN s.settled THEN s.n ELSE 0 END AS rank, v.service, v.ordinal,
           f.residency_id, f.residency_from, f.residency_to, f.residency_count,
           f.special_id, f.special_kind, f.special_from, f.special_to, f.special_people
    FROM stretch s
    JOIN fact f USING (account_id, point_id)
    CROSS JOIN LATERAL (
        SELECT 'water' AS service, 0 AS ordinal WHERE f.ever_water
        UNION ALL
        SELECT CASE WHEN f.hot THEN 'sewerage_hot' ELSE 'sewerage_cold' END, 1 WHERE f.ever_sewerage
    ) v
    -- The days with the service, apart where another version of what is supplied begins; what is measured is divided first.
    CROSS JOIN LATERAL (
        SELECT s.from_day, s.to_day, f.amenity WHERE f.supply_from IS NULL OR s.settled
        UNION ALL
        SELECT greatest(s.from_day, y.since), least(s.to_day, y.until), y.amenity
        FROM unnest(f.supply_from, f.supply_to, f.supply_water, f.supply_sewerage, f.supply_amenity) y (since, until, water, sewerage, amenity)
        WHERE NOT s.settled AND y.since < s.to_day AND (y.until IS NULL OR y.until > s.from_day)
          AND CASE WHEN v.service = 'water' THEN y.water ELSE y.sewerage END
    ) u
    LEFT JOIN since e ON e.service = v.service AND e.consumer_group = f.consumer_group
    -- Days before the register of prices begins, of a meter that has later ones.
    WHERE (s.settled AND s.to_day <= e.day AND e.day < s.last_day) IS NOT TRUE
),
-- Of several inlets of one water without meters the first one bears the norm of the account's people.
elsewhere AS MATERIALIZED (
    SELECT s.account_id, s.point_id, s.service, range_agg(daterange(o.from_day, o.to_day)) AS days
    FROM (SELECT account_id, hot FROM fact GROUP BY account_id, hot HAVING count(*) > 1) f
    JOIN (SELECT DISTINCT account_id, hot, point_id, service FROM supplied WHERE source IN ('norm', 'expired_norm')) s USING (account_id, hot)
    JOIN supplied o USING (account_id, hot, service)
    CROSS JOIN term t
    -- The next reading of a meter takes back the norm that stood in for it.
    WHERE t.norm_inlets = 'once' AND o.point_id < s.point_id AND (o.source = 'expired_norm' OR o.source = 'norm' AND o.n IS NULL)
    GROUP BY s.account_id, s.point_id, s.service
),
served AS (
    SELECT s.*, CASE WHEN s.source IN ('norm', 'expired_norm') THEN e.days END AS elsewhere
    FROM supplied s LEFT JOIN elsewhere e USING (account_id, point_id, service)
),
-- Cut where the money side changes; by norm also where the number of residents or the norm changes.
cut AS (
    SELECT s.*, d.day AS cut_from,
           lead(d.day, 1, s.to_day) OVER (PARTITION BY s.account_id, s.point_id, s.service, s.source, s.n, s.k, s.from_day, s.gone
                                          ORDER BY d.day) AS cut_to
    FROM served s
    CROSS JOIN LATERAL (
        SELECT s.from_day AS day
        UNION
        SELECT c.day FROM change c
        WHERE c.service = s.service AND c.consumer_group = s.consumer_group AND c.day > s.from_day AND c.day < s.to_day
        UNION
        SELECT r.day FROM unnest(s.residency_from || s.residency_to) r (day)
        WHERE s.source IN ('norm', 'expired_norm') AND r.day > s.from_day AND r.day < s.to_day
        UNION
        SELECT x.day FROM unnest(s.special_kind || s.special_kind, s.special_from || s.special_to) x (kind, day)
        WHERE s.source IN ('norm', 'expired_norm') AND s.special_id IS NOT NULL AND x.kind = 'absence'
          AND x.day > s.from_day AND x.day < s.to_day
        UNION
        SELECT y.day FROM unnest(s.supply_from || s.supply_to) y (day) WHERE s.supply_from IS NOT NULL AND y.day > s.from_day AND y.day < s.to_day
        UNION
        SELECT x.day FROM unnest(s.elsewhere) r CROSS JOIN LATERAL (VALUES (lower(r)), (upper(r))) x (day)
        WHERE s.elsewhere IS NOT NULL AND x.day > s.from_day AND x.day < s.to_day
        UNION
        SELECT lower(n.valid) FROM norm n
        WHERE s.source IN ('norm', 'expired_norm') AND n.amenity = s.amenity AND n.service = s.service
          AND lower(n.valid) > s.from_day AND lower(n.valid) < s.to_day
    ) d
),
part AS (
    SELECT c.account_id, c.point_id, c.source, c.n, c.k, c.gone, c.rank, c.cut_from AS from_day, c.cut_to AS to_day,
           c.consumer_group, c.contract_liters, c.history, c.service, c.ordinal, r.id AS residency_id, c.special_id[c.k] AS special_id,
           w.elsewhere, (c.supply_from IS NULL OR EXISTS (
               SELECT FROM unnest(c.supply_from, c.supply_to, c.supply_water, c.supply_sewerage) y (since, until, water, sewerage)
               WHERE y.since <= c.cut_from AND (y.until IS NULL OR c.cut_from < y.until) AND CASE WHEN c.service = 'water' THEN y.water ELSE y.sewerage END)) AS served,
           CASE WHEN c.source IN ('norm', 'expired_norm') AND NOT w.elsewhere THEN
               CASE WHEN a.away > 0 THEN greatest(coalesce(r.count, 0) - a.away, 0)
                    ELSE coalesce(nullif(r.count, 0), t.nobody_counts_as) END END AS residents,
           norm.id AS norm_id, norm.liters AS norm
    FROM cut c
    CROSS JOIN term t
    CROSS JOIN LATERAL (SELECT coalesce(c.elsewhere @> c.cut_from, false) AS elsewhere) w
    LEFT JOIN LATERAL (
        SELECT r.id, r.count
        FROM unnest(c.residency_id, c.residency_from, c.residency_to, c.residency_count) r (id, from_day, to_day, count)
        WHERE c.source IN ('norm', 'expired_norm') AND NOT w.elsewhere
          AND r.from_day <= c.cut_from AND (r.to_day IS NULL OR c.cut_from < r.to_day)
        LIMIT 1
    ) r ON true
    LEFT JOIN LATERAL (
        SELECT sum(x.people)::int AS away
        FROM unnest(c.special_kind, c.special_from, c.special_to, c.special_people) x (kind, since, until, people)
        WHERE x.kind = 'absence' AND x.since <= c.cut_from AND (x.until IS NULL OR c.cut_from < x.until)
    ) a ON c.special_id IS NOT NULL AND c.source IN ('norm', 'expired_norm')
    LEFT JOIN norm ON c.source IN ('norm', 'expired_norm') AND NOT w.elsewhere AND norm.amenity = c.amenity AND norm.service = c.service
        AND norm.valid @> c.cut_from
),
weighed AS (
    SELECT p.*, w.weight, sum(w.weight) OVER whole::bigint AS weights
    FROM part p
    CROSS JOIN LATERAL (SELECT CASE WHEN p.elsewhere THEN 0 ELSE (p.to_day - p.from_day) * coalesce(p.norm * p.residents, 1) END AS weight) w
    WINDOW whole AS (PARTITION BY p.account_id, p.point_id, p.service, p.source, p.n, p.k, p.gone)
),
whole AS (
    SELECT w.*, m.meter_id, m.unsettled,
           CASE WHEN w.source = 'metered' THEN m.prev_id END AS reading_prev,
           CASE WHEN w.source = 'metered' THEN m.last_id END AS reading_last,
           CASE WHEN w.source = 'metered' AND NOT m.unsettled AND w.weights > 0
                THEN (2 * (m.liters - m.volume) * w.weight + w.weights) / (2 * w.weights) ELSE 0 END AS settled,
           CASE
               WHEN w.source = 'metered' THEN m.volume
               WHEN w.source IN ('average', 'stopped') THEN (2 * h.sum * w.weights + h.count * t.days) / (2 * h.count * t.days)
               WHEN w.source = 'contract' THEN (2 * w.contract_liters * w.weights + t.days) / (2 * t.days)
               WHEN w.source IN ('zero', 'no_service') THEN 0
               ELSE (2 * w.weights + t.days) / (2 * t.days)
           END AS liters
    FROM weighed w
    CROSS JOIN term t
    LEFT JOIN meter m ON m.account_id = w.account_id AND m.point_id = w.point_id AND m.n = w.n
    LEFT JOIN LATERAL (
        SELECT sum(l)::bigint AS sum, count(*) AS count FROM unnest(w.history[1:t.average_months]) l
    ) h ON w.source IN ('average', 'stopped')
),
-- Whole litres by largest remainder; what is given back is less than nothing.
shared AS (
    SELECT * FROM (
        SELECT s.*, sign(s.liters)::int * (s.share + CASE WHEN row_number() OVER (g ORDER BY s.rest DESC, s.from_day)
                                                           <= abs(s.liters) - sum(s.share) OVER g THEN 1 ELSE 0 END) AS volume
        FROM (
            SELECT w.*, coalesce((abs(w.liters) * w.weight) / nullif(w.weights, 0), 0) AS share,
                   coalesce((abs(w.liters) * w.weight) % nullif(w.weights, 0), 0) AS rest FROM whole w
        ) s
        WINDOW g AS (PARTITION BY s.account_id, s.point_id, s.service, s.source, s.n, s.k, s.gone)
    ) s
    WHERE served
),
-- A plot is watered in the season by the norm per sotka, on days that no meter counts.
watered AS (
    SELECT w.*, w.share + CASE WHEN row_number() OVER (g ORDER BY w.rest DESC, w.from_day, w.k) <= w.liters - sum(w.share) OVER g
                               THEN 1 ELSE 0 END AS volume
    FROM (
        SELECT w.*, w.liters * w.weight / w.weights AS share, w.liters * w.weight % w.weights AS rest
        FROM (
            SELECT w.*, sum(w.weight) OVER g::bigint AS weights,
                   (2 * sum(w.weight) OVER g::bigint + 10000 * t.days) / (2 * 10000 * t.days) AS liters
            FROM (
                SELECT d.*, p.k, n.id AS norm_id, (d.to_day - d.from_day) * n.liters * p.area AS weight
                FROM (
                    SELECT s.account_id, s.point_id, s.consumer_group, d.day AS from_day,
                           lead(d.day, 1, s.to_day) OVER (PARTITION BY s.account_id, s.point_id, s.from_day ORDER BY d.day) AS to_day,
                           f.plot_from, f.plot_to, f.plot_area
                    FROM served s
                    CROSS JOIN term t
                    JOIN fact f USING (account_id, point_id)
                    CROSS JOIN LATERAL (
                        SELECT s.from_day AS day
                        UNION
                        SELECT c.day FROM change c
                        WHERE c.service = s.service AND c.consumer_group = s.consumer_group AND c.day > s.from_day AND c.day < s.to_day
                        UNION
                        SELECT x.day FROM unnest(f.plot_from || f.plot_to || ARRAY[t.season_from, t.season_to]) x (day)
                        WHERE x.day > s.from_day AND x.day < s.to_day
                        UNION
                        SELECT lower(n.valid) FROM norm n
                        WHERE n.amenity = 'watering' AND n.service = 'water' AND lower(n.valid) > s.from_day AND lower(n.valid) < s.to_day
                    ) d
                    WHERE f.plot_id IS NOT NULL AND s.service = 'water' AND s.source IN ('norm', 'expired_norm') AND {sector} <> 'legal'
                ) d
                CROSS JOIN term t
                CROSS JOIN LATERAL unnest(d.plot_from, d.plot_to, d.plot_area) WITH ORDINALITY p (since, until, area, k)
                JOIN norm n ON n.amenity = 'watering' AND n.service = 'water' AND n.valid @> d.from_day
                WHERE p.since <= d.from_day AND (p.until IS NULL OR d.from_day < p.until)
                  AND d.from_day >= t.season_from AND d.from_day < t.season_to
            ) w
            CROSS JOIN term t
            WINDOW g AS (PARTITION BY w.account_id, w.point_id)
        ) w
    ) w
    WINDOW g AS (PARTITION BY w.account_id, w.point_id)
),
-- Full capacities, each less what is billed for its days: by earlier months and by the parts above.
full_pipe AS MATERIALIZED (
    SELECT f.account_id, f.point_id, f.consumer_group, v.service, v.ordinal, x.special_id, x.k, x.billed, d.since, d.until,
           f.supply_from, f.supply_to, f.supply_water, f.supply_sewerage,
           round(3.14159265358979 / 4.0 * x.diameter * x.diameter * t.velocity * 86.4 * (d.until - d.since))::bigint AS full_liters
    FROM fact f
    CROSS JOIN term t
    CROSS JOIN LATERAL unnest(f.special_id, f.special_diameter, f.special_from, f.special_to, f.special_upto, f.special_billed)
        WITH ORDINALITY x (special_id, diameter, since, until, upto, billed, k)
    CROSS JOIN LATERAL (SELECT greatest(x.since, x.upto) AS since, least(x.until, f.day_to) AS until) d
    CROSS JOIN LATERAL (
        SELECT 'water' AS service, 0 AS ordinal WHERE f.ever_water
        UNION ALL
        SELECT CASE WHEN f.hot THEN 'sewerage_hot' ELSE 'sewerage_cold' END, 1
        WHERE f.ever_sewerage AND t.capacity_covers = 'water_and_sewerage'
    ) v
    WHERE f.special_id IS NOT NULL AND x.diameter > 0 AND d.since < d.until AND f.day_from < f.day_to
),
-- What is billed for the same days by the parts of this month.
beside AS MATERIALIZED (
    SELECT c.account_id, c.point_id, c.service, c.k,
           sum(round(s.volume::numeric * (least(s.to_day, c.until) - greatest(s.from_day, c.since)) / (s.to_day - s.from_day)))::bigint AS liters
    FROM full_pipe c
    JOIN shared s USING (account_id, point_id, service)
    WHERE s.from_day < c.until AND s.to_day > c.since
    GROUP BY c.account_id, c.point_id, c.service, c.k
),
capacity AS (
    SELECT c.*, d.day AS from_day, lead(d.day, 1, c.until) OVER g AS to_day
    FROM (
        SELECT c.*, c.full_liters - least(c.full_liters, c.billed + coalesce(b.liters, 0)) AS liters
        FROM full_pipe c LEFT JOIN beside b USING (account_id, point_id, service, k)
    ) c
    CROSS JOIN LATERAL (
        SELECT c.since AS day
        UNION
        SELECT e.day FROM change e
        WHERE e.service = c.service AND e.consumer_group = c.consumer_group AND e.day > c.since AND e.day < c.until
        UNION
        SELECT y.day FROM unnest(c.supply_from || c.supply_to) y (day) WHERE y.day > c.since AND y.day < c.until
    ) d
    WINDOW g AS (PARTITION BY c.account_id, c.point_id, c.service, c.k ORDER BY d.day)
),
-- What the account bears of its house.
borne AS (
    SELECT h.account_id, h.point_id, f.consumer_group, v.service, v.ordinal, h.building_id, h.meter_id, h.reading_prev, h.reading_last,
           h.liters, u.since, h.to_day AS until, d.day AS from_day, f.supply_from, f.supply_to, f.supply_water, f.supply_sewerage,
           lead(d.day, 1, h.to_day) OVER (PARTITION BY h.account_id, h.point_id, h.building_id, v.service ORDER BY d.day) AS to_day
    FROM house h
    JOIN fact f USING (account_id, point_id)
    CROSS JOIN LATERAL (
        SELECT 'water' AS service, 0 AS ordinal WHERE f.ever_water
        UNION ALL
        SELECT CASE WHEN f.hot THEN 'sewerage_hot' ELSE 'sewerage_cold' END, 1 WHERE f.ever_sewerage
    ) v
    LEFT JOIN since e ON e.service = v.service AND e.consumer_group = f.consumer_group
    CROSS JOIN LATERAL (SELECT CASE WHEN e.day < h.to_day THEN greatest(h.from_day, e.day) ELSE h.from_day END AS since) u
    CROSS JOIN LATERAL (
        SELECT u.since AS day
        UNION
        SELECT c.day FROM change c
        WHERE c.service = v.service AND c.consumer_group = f.consumer_group AND c.day > u.since AND c.day < h.to_day
        UNION
        SELECT y.day FROM unnest(f.supply_from || f.supply_to) y (day) WHERE y.day > u.since AND y.day < h.to_day
    ) d
    WHERE f.day_from < f.day_to
),
-- All parts of the bills; `place` 3 are the houses', behind everything else.
parted AS (
    SELECT account_id, point_id, consumer_group, service, ordinal, 0 AS place, 0::bigint AS k, gone, n, rank, from_day, to_day, volume,
           CASE WHEN elsewhere THEN 'norm_elsewhere' WHEN residents = 0 THEN 'zero' ELSE source END AS source, unsettled, residency_id, residents, norm_id, meter_id,
           reading_prev, reading_last, special_id, NULL::bigint AS building_id, settled
    FROM shared
    UNION ALL
    SELECT account_id, point_id, consumer_group, 'water', 0, 1, 0, false, NULL, 0, from_day, to_day, volume, 'watering', false, NULL, NULL,
           norm_id, NULL, NULL, NULL, NULL, NULL, 0
    FROM watered
    UNION ALL
    SELECT account_id, point_id, consumer_group, service, ordinal, 2, k, false, NULL, 0, from_day, to_day, volume,
           'capacity', false, NULL, NULL, NULL, NULL, NULL, NULL, special_id, NULL, 0
    FROM (
        SELECT c.*, share + CASE WHEN row_number() OVER (g ORDER BY rest DESC, from_day) <= liters - sum(share) OVER g THEN 1 ELSE 0 END AS volume
        FROM (
            SELECT c.*, liters * (to_day - from_day) / (until - since) AS share, liters * (to_day - from_day) % (until - since) AS rest
            FROM capacity c
        ) c
        WINDOW g AS (PARTITION BY account_id, point_id, service, k)
    ) c
    WHERE (c.supply_from IS NULL OR EXISTS (
               SELECT FROM unnest(c.supply_from, c.supply_to, c.supply_water, c.supply_sewerage) y (since, until, water, sewerage)
               WHERE y.since <= c.from_day AND (y.until IS NULL OR c.from_day < y.until) AND CASE WHEN c.service = 'water' THEN y.water ELSE y.sewerage END))
    UNION ALL
    SELECT account_id, point_id, consumer_group, service, ordinal, 3, 0, false, NULL, 0, from_day, to_day, volume,
           'house_share', false, NULL, NULL, NULL, meter_id, reading_prev, reading_last, NULL, building_id, 0
    FROM (
        SELECT b.*, sign(liters)::int * (share + CASE WHEN row_number() OVER (g ORDER BY rest DESC, from_day) <= abs(liters) - sum(share) OVER g
                                                      THEN 1 ELSE 0 END) AS volume
        FROM (
            SELECT b.*, abs(liters) * (to_day - from_day) / (until - since) AS share,
                   abs(liters) * (to_day - from_day) % (until - since) AS rest
            FROM borne b
        ) b
        WINDOW g AS (PARTITION BY account_id, point_id, building_id, service)
    ) b
    WHERE (b.supply_from IS NULL OR EXISTS (
               SELECT FROM unnest(b.supply_from, b.supply_to, b.supply_water, b.supply_sewerage) y (since, until, water, sewerage)
               WHERE y.since <= b.from_day AND (y.until IS NULL OR b.from_day < y.until) AND CASE WHEN b.service = 'water' THEN y.water ELSE y.sewerage END))
),
-- Accounts whose every part has no basis are excused, not charged nothing.
charged AS (
    SELECT p.*, bool_and(p.source IN ('zero', 'no_service', 'norm_elsewhere')) OVER (PARTITION BY p.account_id) AS excused,
           -- What counts for the bands besides a household's own use, the setting says.
           CASE p.place WHEN 1 THEN position('watering' IN t.bands_also) > 0 WHEN 3 THEN position('imbalance' IN t.bands_also) > 0
                        ELSE true END AS banded,
           row_number() OVER () AS part
    FROM parted p CROSS JOIN term t
),
-- The water of the accounts by the month it was used in, beside people times days, where bands are counted by them.
person AS MATERIALIZED (
    SELECT w.account_id, w.month, w.water, (w.month + interval '1 month')::date - w.month AS month_days,
           sum((upper(s.span) - lower(s.span)) * t.nobody_counts_as + coalesce(x.more, 0)) AS days
    FROM (
        SELECT c.account_id, date_trunc('month', c.from_day)::date AS month, sum(c.volume + c.settled) AS water,
               range_agg(daterange(c.from_day, c.to_day)) AS spans
        FROM charged c
        JOIN band b ON b.valid @> c.from_day
        WHERE c.service = 'water' AND c.consumer_group = 'population' AND c.banded
        GROUP BY 1, 2
    ) w
    CROSS JOIN term t
    CROSS JOIN LATERAL unnest(w.spans) s (span)
    JOIN (SELECT DISTINCT ON (account_id) * FROM fact WHERE EXISTS (SELECT FROM band) ORDER BY account_id, point_id) f USING (account_id)
    LEFT JOIN LATERAL (
        SELECT sum((least(coalesce(r.to_day, upper(s.span)), upper(s.span)) - greatest(r.from_day, lower(s.span)))
                   * (coalesce(nullif(r.count, 0), t.nobody_counts_as) - t.nobody_counts_as)) AS more
        FROM unnest(f.residency_from, f.residency_to, f.residency_count) r (from_day, to_day, count)
        WHERE r.from_day < upper(s.span) AND coalesce(r.to_day, upper(s.span)) > lower(s.span)
    ) x ON true
    GROUP BY w.account_id, w.month, w.water
),
-- The limits of contracts, shared out among everything that counts for them in proportion to the volumes.
capped AS (
    SELECT w.part, w.limit_id,
           w.share + CASE WHEN row_number() OVER (g ORDER BY w.rest DESC, w.point_id, w.ordinal, w.place, w.k, w.from_day, w.rank, w.gone, w.n)
                               <= w.allowed - sum(w.share) OVER g THEN 1 ELSE 0 END AS within
    FROM (
        SELECT w.*, coalesce(w.allowed * w.volume / nullif(w.used, 0), 0) AS share, coalesce(w.allowed * w.volume % nullif(w.used, 0), 0) AS rest
        FROM (
            SELECT c.part, c.account_id, c.point_id, c.ordinal, c.place, c.k, c.from_day, c.rank, c.gone, c.n, c.volume::bigint AS volume, l.limit_id,
                   sum(c.volume) OVER g::bigint AS used,
                   least(sum(c.volume) OVER g::bigint, l.monthly, CASE WHEN l.yearly IS NOT NULL THEN greatest(l.yearly - l.used, 0) END) AS allowed
            FROM input i
            CROSS JOIN LATERAL unnest(i.limit_id, i.limit_service, i.limit_month, i.limit_year, i.limit_used)
                AS l (limit_id, service, monthly, yearly, used)
            JOIN charged c ON c.account_id = i.account_id AND c.point_id = i.point_id AND c.service = l.service
            WHERE i.limit_id IS NOT NULL AND c.place < 2 AND c.source NOT IN ('zero', 'no_service') AND c.volume >= 0
            WINDOW g AS (PARTITION BY l.limit_id)
        ) w
    ) w
    WINDOW g AS (PARTITION BY w.limit_id)
),
line AS MATERIALIZED (
    SELECT c.account_id,
           row_number() OVER (PARTITION BY c.account_id ORDER BY c.place = 3, c.point_id, c.ordinal, c.place, c.k, c.from_day, c.rank,
                                                                  c.gone, c.n, u.above)::int AS line,
           c.point_id, c.service, CASE c.place WHEN 3 THEN 'imbalance' ELSE 'charge' END AS component, c.special_id, c.building_id,
           CASE WHEN u.above THEN 'over_limit' ELSE u.own END AS basis, u.own, cap.limit_id,
           c.from_day, c.to_day, u.volume::bigint AS liters, (price.net * 10000)::bigint AS price,
           (money.coefficient * 10000)::bigint AS coefficient, (vat.rate * 10000)::int AS vat_rate,
           price.id AS tariff_id, vat.id AS vat_id, band.id AS band_id, c.norm_id, c.residency_id, c.residents, c.meter_id,
           c.reading_prev, c.reading_last, money.net,
           money.net + CASE WHEN u.above THEN whole.gross - whole.net - money.vat_within ELSE money.vat_within END AS gross
    FROM charged c
    JOIN price ON price.service = c.service AND price.consumer_group = c.consumer_group AND price.valid @> c.from_day
    JOIN vat ON vat.valid @> c.from_day
    LEFT JOIN band ON c.service = 'water' AND c.consumer_group = 'population' AND c.banded AND band.valid @> c.from_day
    LEFT JOIN person ON band.id IS NOT NULL AND person.account_id = c.account_id
        AND person.month = date_trunc('month', c.from_day)::date
    LEFT JOIN LATERAL (
        SELECT (s.step ->> 'coefficient')::numeric AS coefficient
        FROM jsonb_array_elements(band.bands) WITH ORDINALITY s (step, n)
        WHERE s.step ->> 'upto_liters' IS NULL
           OR person.water * person.month_days <= (s.step ->> 'upto_liters')::bigint * person.days
        ORDER BY s.n LIMIT 1
    ) step ON true
    CROSS JOIN term t
    LEFT JOIN capped cap ON cap.part = c.part
    CROSS JOIN LATERAL (
        SELECT false AS above, coalesce(cap.within, c.volume) AS volume,
               CASE WHEN c.source = 'metered' AND c.unsettled THEN 'unsettled' ELSE c.source END AS own
        UNION ALL
        SELECT true, c.volume - cap.within, c.source WHERE cap.within < c.volume
    ) u
    -- What lies within the limit, or the whole line without one; and what lies above, which is rounded together with it.
    CROSS JOIN LATERAL (SELECT coalesce(cap.within, c.volume) * price.net * coalesce(step.coefficient, 1) / 1000 AS exact) low
    CROSS JOIN LATERAL (
        SELECT (round(low.exact, 2) * 100)::bigint AS net, (round(low.exact * (1 + vat.rate), 2) * 100)::bigint AS gross
    ) own
    LEFT JOIN LATERAL (
        SELECT (round(w.exact, 2) * 100)::bigint AS net, (round(w.exact * (1 + vat.rate), 2) * 100)::bigint AS gross
        FROM (SELECT low.exact + (c.volume - cap.within) * price.net * t.over_limit / 1000 AS exact) w
    ) whole ON cap.within < c.volume
    CROSS JOIN LATERAL (
        SELECT CASE WHEN u.above THEN t.over_limit ELSE coalesce(step.coefficient, 1) END AS coefficient,
               CASE WHEN u.above THEN whole.net - own.net ELSE own.net END AS net,
               least(own.gross - own.net, whole.gross - whole.net) AS vat_within
    ) money
    WHERE NOT c.excused
),
lines AS (
    INSERT INTO billing.charge_line (period, account_id, run_id, line, point_id, service, component, basis, from_day, to_day, liters,
        price, coefficient, vat_rate, tariff_id, vat_id, band_id, norm_id, residency_id, residents, meter_id, reading_prev,
        reading_last, net, vat, gross, special_id, building_id, limit_id)
    SELECT {period}, account_id, {run}, line, point_id, service, component, basis, from_day, to_day, liters, price, coefficient,
           vat_rate, tariff_id, vat_id, band_id, norm_id, residency_id, residents, meter_id, reading_prev, reading_last, net,
           gross - net, gross, special_id, building_id, limit_id
    FROM line
),
-- What the month hands over to the next one. The last meter's next volume is of the days since `since`.
-- Fenced off: behind the estimates of everything above it, the planner can no longer tell a join by hashes from one row by row.
standing AS MATERIALIZED (
    SELECT f.account_id, f.point_id, m.meter_id, m.prev_id, m.prev_day, m.prev_liters, m.last_id, m.last_day, m.last_liters,
           m.volume IS NOT NULL AS shown, m.total, m.total - coalesce(m.liters, 0) AS gone, m.all_days,
           m.all_days >= CASE WHEN m.stood_to < t.next THEN t.next ELSE m.span_to END - least(m.span_from, t.first) AS whole,
           CASE WHEN coalesce(m.prev_day, m.last_day) > m.stands_from THEN coalesce(m.prev_day, m.last_day) + 1 ELSE m.stands_from END AS since
    FROM fact f
    CROSS JOIN term t
    JOIN meter m ON m.account_id = f.account_id AND m.point_id = f.point_id AND m.n = f.meters
),
-- Days of unread lines that cost the full capacity.
drained AS MATERIALIZED (
    SELECT l.account_id, l.line, sum(greatest(0, least(l.to_day, c.until) - greatest(l.from_day, c.since, s.since))) AS days
    FROM line l
    JOIN standing s USING (account_id, point_id)
    JOIN full_pipe c USING (account_id, point_id, service)
    WHERE l.own IN ('average', 'norm', 'contract')
    GROUP BY l.account_id, l.line
),
used AS (
    SELECT l.account_id, l.point_id, sum(l.liters) FILTER (WHERE o.main)::bigint AS liters,
           coalesce(sum((2 * l.liters * greatest(0, greatest(0, l.to_day - greatest(l.from_day, s.since)) - coalesce(d.days, 0))
                         + (l.to_day - l.from_day)) / (2 * (l.to_day - l.from_day)))
                    FILTER (WHERE o.main AND l.own IN ('average', 'norm', 'contract') AND l.meter_id = s.meter_id), 0)::bigint AS unread,
           bool_or(l.own = 'metered') AS read, bool_or(l.own = 'unsettled') AS unsettled,
           (array_agg(l.own ORDER BY l.liters DESC, l.line DESC) FILTER (WHERE o.main))[1] AS basis
    FROM line l
    JOIN fact f USING (account_id, point_id)
    CROSS JOIN LATERAL (SELECT (l.service = 'water') = f.water AS main) o
    LEFT JOIN standing s USING (account_id, point_id)
    LEFT JOIN drained d ON d.account_id = l.account_id AND d.line = l.line
    WHERE l.component = 'charge'
    GROUP BY l.account_id, l.point_id
),
months AS (
    INSERT INTO consumption.month (period, account_id, point_id, run_id, liters, basis, meter_id, reading_id, reading_day,
        reading_liters, months_without_reading, provisional, history, history_period)
    SELECT {period}, f.account_id, f.point_id, {run}, coalesce(u.liters, 0), coalesce(u.basis, 'zero'), m.meter_id,
           CASE WHEN u.read AND m.shown THEN coalesce(m.last_id, m.prev_id) ELSE coalesce(m.prev_id, m.last_id) END,
           CASE WHEN u.read AND m.shown THEN coalesce(m.last_day, m.prev_day) ELSE coalesce(m.prev_day, m.last_day) END,
           CASE WHEN u.read AND m.shown THEN coalesce(m.last_liters, m.prev_liters) ELSE coalesce(m.prev_liters, m.last_liters) END,
           CASE WHEN u.read OR u.unsettled OR f.meters = 0 THEN 0 ELSE f.months_without_reading + CASE WHEN f.in_bulk THEN 0 ELSE 1 END END,
           CASE WHEN f.meters = 0 OR (u.read AND m.shown) THEN 0
                ELSE CASE WHEN u.read THEN 0 ELSE f.provisional END - CASE WHEN u.unsettled THEN m.gone ELSE 0 END + coalesce(u.unread, 0) END,
           (CASE WHEN u.read AND h.share IS NOT NULL THEN array_fill(h.share, ARRAY[r.months]) || f.history ELSE f.history END)[1:24],
           (CASE WHEN u.read AND h.share IS NOT NULL THEN ARRAY(SELECT ({period}::date - make_interval(months => n))::date FROM generate_series(0, r.months - 1) n)
                                  || f.history_period ELSE f.history_period END)[1:24]
    FROM fact f
    LEFT JOIN used u USING (account_id, point_id)
    -- A reading after months billed provisionally is the use of them too.
    CROSS JOIN LATERAL (
        SELECT CASE WHEN f.provisional > 0 AND cardinality(f.history_period) > 0
                    THEN least(24, greatest(1, (extract(year FROM age({period}::date, f.history_period[1])) * 12
                                                + extract(month FROM age({period}::date, f.history_period[1])))::int))
                    ELSE 1 END AS months
    ) r
    LEFT JOIN standing m ON m.account_id = f.account_id AND m.point_id = f.point_id
    -- A part of the month stands for the whole; of less than a half nothing is known.
    CROSS JOIN term t
    CROSS JOIN LATERAL (
        SELECT CASE WHEN m.whole THEN m.total / r.months WHEN 2 * m.all_days >= t.days THEN m.total * t.days / m.all_days END AS share
    ) h
    WHERE f.point_id <> 0
),
total AS MATERIALIZED (
    SELECT account_id, service, component, sum(net)::bigint AS net, sum(gross)::bigint AS gross
    FROM line GROUP BY account_id, service, component
),
items AS (
    INSERT INTO ledger.open_item (account_id, sector, service, component, origin, due_on, amount, source, source_id)
    SELECT account_id, {sector}, service, component, {period}, {due_on}, gross, 'run', {run} FROM total WHERE gross <> 0
),
entries AS (
    INSERT INTO ledger.entry (period, sector, account_id, posted_on, debit, credit, amount, service, component, origin, source, source_id)
    SELECT {period}, {sector}, s.account_id, {posted_on}, CASE WHEN e.amount > 0 THEN 'receivable' ELSE e.credit END,
           CASE WHEN e.amount > 0 THEN e.credit ELSE 'receivable' END, abs(e.amount), s.service, s.component, {period}, 'run', {run}
    FROM total s
    CROSS JOIN LATERAL (VALUES
        (CASE s.service WHEN 'water' THEN 'revenue_water' ELSE 'revenue_sewerage' END, s.net), ('vat_payable', s.gross - s.net)
    ) e (credit, amount)
    WHERE e.amount <> 0
),
bill AS MATERIALIZED (
    SELECT a.account_id, coalesce(o.amount, 0) AS opening, coalesce(-p.amount, 0) AS paid, coalesce(s.gross, 0) AS charged,
           coalesce(f.amount, 0) AS penalty, coalesce(c.amount, 0) AS corrected,
           CASE
               WHEN s.account_id IS NOT NULL THEN NULL
               WHEN NOT a.active THEN 'not_active'
               WHEN a.in_bulk THEN 'billed_in_bulk'
               WHEN NOT a.points THEN 'no_points'
               WHEN n.account_id IS NULL THEN 'nothing_supplied'
               WHEN n.unserved THEN 'no_service'
               WHEN {sector} = 'legal' THEN 'no_contract_volume'
               WHEN a.away THEN 'everybody_away'
               ELSE 'no_residents_no_meter'
           END AS excuse
    FROM (
        SELECT account_id, bool_or(active) AS active, bool_or(in_bulk) AS in_bulk, bool_or(point_id <> 0) AS points,
               bool_or('absence' = ANY (special_kind)) IS TRUE AS away
        FROM fact GROUP BY account_id
    ) a
    LEFT JOIN (SELECT account_id, sum(gross)::bigint AS gross FROM total GROUP BY account_id) s USING (account_id)
    LEFT JOIN (SELECT account_id, bool_or(source = 'no_service') AS unserved FROM charged WHERE excused GROUP BY account_id) n USING (account_id)
    LEFT JOIN ledger.account_total o ON o.account_id = a.account_id AND o.period = {period} AND o.kind = 'opening'
    LEFT JOIN ledger.account_total p ON p.account_id = a.account_id AND p.period = {period} AND p.kind = 'payment'
    LEFT JOIN ledger.account_total f ON f.account_id = a.account_id AND f.period = {period} AND f.kind = 'penalty'
    LEFT JOIN ledger.account_total c ON c.account_id = a.account_id AND c.period = {period} AND c.kind = 'correction'
),
bills AS (
    INSERT INTO billing.bill (period, account_id, run_id, opening, charged, penalty, corrected, paid, closing, due_on, excuse)
    SELECT {period}, account_id, {run}, opening, charged, penalty, corrected, paid, opening + charged + penalty + corrected - paid,
           {due_on}, excuse FROM bill
),
totals AS (
    INSERT INTO ledger.account_total (account_id, period, sector, kind, amount)
    SELECT account_id, {period}, {sector}, 'charge', charged FROM bill
)
SELECT (SELECT count(*) FROM line) AS lines, (SELECT coalesce(sum(gross), 0)::bigint FROM line) AS gross,
       (SELECT coalesce(sum(net), 0)::bigint FROM line) AS net, (SELECT count(*) FROM bill) AS accounts,
       (SELECT count(*) FROM bill WHERE excuse IS NOT NULL) AS excused
