-- A whole billing run of one month and sector as one statement: the facts, the rule of charging, and everything that the run
-- posts. A second, independent writing of the rule, for two uses only: the measure that the run is held against, and the oracle
-- that the run's lines must equal. It knows tariffs that do not change within the month and bands of the mode `whole`.
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
           (SELECT (value #>> '{}')::int FROM tariffs.setting WHERE code = 'consumption.zero_residents_as'
             AND valid @> {period}::date AND recorded @> {known_at}::timestamptz AND confirmed_by IS NOT NULL) AS nobody_counts_as
),
fact AS MATERIALIZED (
    SELECT i.account_id, i.point_id, i.consumer_group, i.hot, i.water, i.sewerage, i.amenity, i.contract_liters,
           i.residency_id, i.residency_from, i.residency_to, i.residency_count,
           i.history, i.history_period, i.months_without_reading, i.provisional,
           coalesce(cardinality(i.meter_id), 0) AS meters,
           greatest(i.active_from, t.first) AS day_from, least(coalesce(i.active_to, t.next), t.next) AS day_to
    FROM input i CROSS JOIN term t
),
-- What each meter shows for the month.
shown AS (
    SELECT i.account_id, i.point_id, m.*,
           CASE
               WHEN m.prev_id IS NULL OR m.last_id IS NULL OR m.last_id = m.prev_id OR m.last_day < m.prev_day
                    OR m.prev_day >= m.verified THEN NULL
               WHEN m.last_day <= m.verified THEN d.liters
               ELSE (2 * d.liters * (m.verified - m.prev_day) + (m.last_day - m.prev_day)) / (2 * (m.last_day - m.prev_day))
           END AS liters
    FROM input i
    CROSS JOIN LATERAL unnest(i.meter_id, i.meter_digits, i.meter_from, i.meter_to, i.meter_verified_until, i.prev_id, i.prev_day,
                              i.prev_liters, i.last_id, i.last_day, i.last_liters) WITH ORDINALITY
        AS m (meter_id, digits, stands_from, stands_to, verified, prev_id, prev_day, prev_liters, last_id, last_day, last_liters, n)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN m.last_liters >= m.prev_liters THEN m.last_liters - m.prev_liters
                    ELSE m.last_liters + (10 ^ m.digits)::bigint * 1000 - m.prev_liters END AS liters
    ) d
),
meter AS MATERIALIZED (
    SELECT s.*, s.liters - least(s.liters, greatest(least(s.total, f.provisional) - s.before, 0)) AS volume,
           s.total < f.provisional AS unsettled
    FROM (
        SELECT s.*, coalesce(sum(liters) OVER (PARTITION BY account_id, point_id), 0)::bigint AS total,
               coalesce(sum(liters) OVER (PARTITION BY account_id, point_id ORDER BY n
                                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS before
        FROM shown s
    ) s
    JOIN fact f USING (account_id, point_id)
),
-- Days with one source of the volume.
bound AS (
    SELECT account_id, point_id, day_from AS day FROM fact WHERE point_id <> 0 AND day_from < day_to
    UNION
    SELECT m.account_id, m.point_id, d.day
    FROM meter m
    JOIN fact f USING (account_id, point_id)
    CROSS JOIN LATERAL (VALUES (m.stands_from), (m.stands_to), (m.verified)) d (day)
    WHERE d.day > f.day_from AND d.day < f.day_to
),
segment AS (
    SELECT b.account_id, b.point_id, b.day AS from_day,
           lead(b.day, 1, f.day_to) OVER (PARTITION BY b.account_id, b.point_id ORDER BY b.day) AS to_day
    FROM bound b JOIN fact f USING (account_id, point_id)
),
sourced AS (
    SELECT s.account_id, s.point_id, s.from_day, s.to_day, w.source,
           CASE WHEN w.source IN ('contract', 'zero') THEN NULL ELSE m.n END AS n
    FROM segment s
    JOIN fact f USING (account_id, point_id)
    CROSS JOIN term t
    LEFT JOIN meter m ON f.meters > 0 AND m.account_id = s.account_id AND m.point_id = s.point_id
        AND m.stands_from <= s.from_day AND (m.stands_to IS NULL OR s.from_day < m.stands_to)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN {sector} <> 'legal' THEN 'norm' WHEN f.contract_liters IS NOT NULL THEN 'contract' ELSE 'zero' END AS source
    ) o
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN s.from_day >= m.verified THEN CASE o.source WHEN 'norm' THEN 'expired_norm' ELSE o.source END
            WHEN m.volume IS NOT NULL THEN 'metered'
            WHEN (m.n IS NOT NULL OR (f.meters > 1 AND EXISTS (
                     SELECT FROM meter g WHERE g.account_id = s.account_id AND g.point_id = s.point_id AND g.stands_to <= s.from_day)
                  AND EXISTS (
                     SELECT FROM meter g WHERE g.account_id = s.account_id AND g.point_id = s.point_id AND g.stands_from > s.from_day)))
                 AND f.months_without_reading < t.average_limit AND cardinality(f.history) > 0 THEN 'average'
            ELSE o.source
        END AS source
    ) w
),
numbered AS (
    SELECT s.*, count(*) FILTER (WHERE changed) OVER (PARTITION BY account_id, point_id ORDER BY from_day) AS island
    FROM (
        SELECT s.*, (s.source, s.n) IS DISTINCT FROM
                    (lag(s.source) OVER w, lag(s.n) OVER w) AS changed
        FROM sourced s WINDOW w AS (PARTITION BY account_id, point_id ORDER BY from_day)
    ) s
),
stretch AS (
    SELECT account_id, point_id, source, n, min(from_day) AS from_day, max(to_day) AS to_day, false AS gone
    FROM numbered GROUP BY account_id, point_id, source, n, island
    UNION ALL
    -- A meter that no day of the month belongs to still owes what it showed.
    SELECT m.account_id, m.point_id, 'metered', m.n, f.day_from, f.day_to, true
    FROM meter m
    JOIN fact f USING (account_id, point_id)
    WHERE m.volume IS NOT NULL AND f.day_from < f.day_to
      AND NOT EXISTS (SELECT FROM sourced s WHERE s.account_id = m.account_id AND s.point_id = m.point_id
                      AND s.source = 'metered' AND s.n = m.n)
),
-- Volumes by norm are cut where the number of residents changes.
cut AS (
    SELECT s.account_id, s.point_id, s.source, s.n, s.gone, d.day AS from_day,
           lead(d.day, 1, s.to_day) OVER (PARTITION BY s.account_id, s.point_id, s.source, s.n, s.from_day, s.gone ORDER BY d.day) AS to_day
    FROM stretch s
    JOIN fact f USING (account_id, point_id)
    CROSS JOIN LATERAL (
        SELECT s.from_day AS day
        UNION
        SELECT r.day FROM unnest(f.residency_from || f.residency_to) r (day)
        WHERE s.source IN ('norm', 'expired_norm') AND r.day > s.from_day AND r.day < s.to_day
    ) d
),
part AS (
    SELECT c.*, f.consumer_group, f.contract_liters, f.history, v.service, v.ordinal, r.id AS residency_id,
           CASE WHEN c.source IN ('norm', 'expired_norm') THEN coalesce(nullif(r.count, 0), t.nobody_counts_as) END AS residents,
           norm.id AS norm_id, norm.liters AS norm
    FROM cut c
    JOIN fact f USING (account_id, point_id)
    CROSS JOIN term t
    CROSS JOIN LATERAL (
        SELECT 'water' AS service, 0 AS ordinal WHERE f.water
        UNION ALL
        SELECT CASE WHEN f.hot THEN 'sewerage_hot' ELSE 'sewerage_cold' END, 1 WHERE f.sewerage
    ) v
    LEFT JOIN LATERAL (
        SELECT r.id, r.count
        FROM unnest(f.residency_id, f.residency_from, f.residency_to, f.residency_count) r (id, from_day, to_day, count)
        WHERE c.source IN ('norm', 'expired_norm') AND r.from_day <= c.from_day AND (r.to_day IS NULL OR c.from_day < r.to_day)
        LIMIT 1
    ) r ON true
    LEFT JOIN tariffs.norm norm ON c.source IN ('norm', 'expired_norm') AND norm.amenity = f.amenity AND norm.service = v.service
        AND norm.valid @> t.first AND norm.recorded @> {known_at}::timestamptz
),
weighed AS (
    SELECT p.*, w.weight, sum(w.weight) OVER whole::bigint AS weights
    FROM part p
    CROSS JOIN LATERAL (SELECT (p.to_day - p.from_day) * coalesce(p.norm * p.residents, 1) AS weight) w
    WINDOW whole AS (PARTITION BY p.account_id, p.point_id, p.service, p.source, p.n, p.gone)
),
whole AS (
    SELECT w.*, m.meter_id, m.unsettled,
           CASE WHEN w.source = 'metered' THEN m.prev_id END AS reading_prev,
           CASE WHEN w.source = 'metered' THEN m.last_id END AS reading_last,
           CASE w.source
               WHEN 'metered' THEN m.volume
               WHEN 'average' THEN (2 * h.sum * w.weights + h.count * t.days) / (2 * h.count * t.days)
               WHEN 'contract' THEN (2 * w.contract_liters * w.weights + t.days) / (2 * t.days)
               WHEN 'zero' THEN 0
               ELSE (2 * w.weights + t.days) / (2 * t.days)
           END AS liters
    FROM weighed w
    CROSS JOIN term t
    LEFT JOIN meter m ON m.account_id = w.account_id AND m.point_id = w.point_id AND m.n = w.n
    LEFT JOIN LATERAL (
        SELECT sum(l)::bigint AS sum, count(*) AS count FROM unnest(w.history[1:t.average_months]) l
    ) h ON w.source = 'average'
),
-- Whole litres by largest remainder.
shared AS (
    SELECT s.*, s.share + CASE WHEN row_number() OVER (g ORDER BY s.rest DESC, s.from_day) <= s.liters - sum(s.share) OVER g
                               THEN 1 ELSE 0 END AS volume
    FROM (
        SELECT w.*, (w.liters * w.weight) / w.weights AS share, (w.liters * w.weight) % w.weights AS rest FROM whole w
    ) s
    WINDOW g AS (PARTITION BY s.account_id, s.point_id, s.service, s.source, s.n, s.gone)
),
-- Accounts whose every part has no basis are excused, not charged nothing.
charged AS (
    SELECT s.*, bool_and(s.source = 'zero') OVER account AS excused,
           sum(s.volume) FILTER (WHERE s.service = 'water') OVER account AS water
    FROM shared s WINDOW account AS (PARTITION BY s.account_id)
),
band AS MATERIALIZED (
    SELECT b.id, b.bands FROM tariffs.band b CROSS JOIN term t
    WHERE b.valid @> t.first AND b.recorded @> {known_at}::timestamptz
),
-- People times days of the accounts, where bands are counted by them.
person AS MATERIALIZED (
    SELECT f.account_id,
           coalesce(sum((least(coalesce(r.to_day, f.day_to), f.day_to) - greatest(r.from_day, f.day_from))
                        * (coalesce(nullif(r.count, 0), f.nobody_counts_as) - f.nobody_counts_as)), 0)
           + (min(f.day_to) - min(f.day_from)) * min(f.nobody_counts_as) AS days
    FROM (
        SELECT DISTINCT ON (f.account_id) f.*, t.nobody_counts_as FROM fact f CROSS JOIN term t
        WHERE EXISTS (SELECT FROM band) ORDER BY f.account_id, f.point_id
    ) f
    LEFT JOIN LATERAL unnest(f.residency_from, f.residency_to, f.residency_count) r (from_day, to_day, count)
        ON r.from_day < f.day_to AND coalesce(r.to_day, f.day_to) > f.day_from
    GROUP BY f.account_id
),
line AS MATERIALIZED (
    SELECT c.account_id, row_number() OVER (PARTITION BY c.account_id ORDER BY c.point_id, c.ordinal, c.from_day, c.gone)::int AS line,
           c.point_id, c.service, CASE WHEN c.source = 'metered' AND c.unsettled THEN 'unsettled' ELSE c.source END AS basis,
           c.from_day, c.to_day, c.volume::bigint AS liters, (price.net * 10000)::bigint AS price,
           (coalesce(step.coefficient, 1) * 10000)::bigint AS coefficient, (vat.rate * 10000)::int AS vat_rate,
           price.id AS tariff_id, vat.id AS vat_id, band.id AS band_id, c.norm_id, c.residency_id, c.residents, c.meter_id,
           c.reading_prev, c.reading_last, money.net, money.gross
    FROM charged c
    CROSS JOIN term t
    JOIN tariffs.price price ON price.service = c.service AND price.consumer_group = c.consumer_group
        AND price.valid @> t.first AND price.recorded @> {known_at}::timestamptz
    JOIN tariffs.vat vat ON vat.valid @> t.first AND vat.recorded @> {known_at}::timestamptz
    LEFT JOIN band ON c.service = 'water' AND c.consumer_group = 'population' AND {sector} <> 'legal'
    LEFT JOIN person ON band.id IS NOT NULL AND person.account_id = c.account_id
    LEFT JOIN LATERAL (
        SELECT (s.step ->> 'coefficient')::numeric AS coefficient
        FROM jsonb_array_elements(band.bands) WITH ORDINALITY s (step, n)
        WHERE s.step ->> 'upto_liters' IS NULL OR c.water * t.days <= (s.step ->> 'upto_liters')::bigint * person.days
        ORDER BY s.n LIMIT 1
    ) step ON true
    CROSS JOIN LATERAL (
        SELECT (round(c.volume * price.net * coalesce(step.coefficient, 1) / 1000, 2) * 100)::bigint AS net,
               (round(c.volume * price.net * coalesce(step.coefficient, 1) * (1 + vat.rate) / 1000, 2) * 100)::bigint AS gross
    ) money
    WHERE NOT c.excused
),
lines AS (
    INSERT INTO billing.charge_line (period, account_id, run_id, line, point_id, service, component, basis, from_day, to_day, liters,
        price, coefficient, vat_rate, tariff_id, vat_id, band_id, norm_id, residency_id, residents, meter_id, reading_prev,
        reading_last, net, vat, gross)
    SELECT {period}, account_id, {run}, line, point_id, service, 'charge', basis, from_day, to_day, liters, price, coefficient,
           vat_rate, tariff_id, vat_id, band_id, norm_id, residency_id, residents, meter_id, reading_prev, reading_last, net,
           gross - net, gross
    FROM line
),
-- What the month hands over to the next one.
used AS (
    SELECT l.account_id, l.point_id, sum(l.liters)::bigint AS liters,
           coalesce(sum(l.liters) FILTER (WHERE l.basis = 'metered'), 0)::bigint AS measured,
           coalesce(sum(l.liters) FILTER (WHERE l.basis IN ('average', 'norm')), 0)::bigint AS unread,
           bool_or(l.basis = 'metered') AS read,
           (array_agg(l.basis ORDER BY l.liters DESC, l.line DESC))[1] AS basis
    FROM line l JOIN fact f USING (account_id, point_id)
    WHERE (l.service = 'water') = f.water
    GROUP BY l.account_id, l.point_id
),
months AS (
    INSERT INTO consumption.month (period, account_id, point_id, run_id, liters, basis, meter_id, reading_id, reading_day,
        reading_liters, months_without_reading, provisional, history, history_period)
    SELECT {period}, f.account_id, f.point_id, {run}, coalesce(u.liters, 0), coalesce(u.basis, 'zero'), m.meter_id,
           CASE WHEN u.read THEN coalesce(m.last_id, m.prev_id) ELSE coalesce(m.prev_id, m.last_id) END,
           CASE WHEN u.read THEN coalesce(m.last_day, m.prev_day) ELSE coalesce(m.prev_day, m.last_day) END,
           CASE WHEN u.read THEN coalesce(m.last_liters, m.prev_liters) ELSE coalesce(m.prev_liters, m.last_liters) END,
           CASE WHEN u.read OR f.meters = 0 THEN 0 ELSE f.months_without_reading + 1 END,
           CASE WHEN u.read OR f.meters = 0 THEN 0 ELSE f.provisional + coalesce(u.unread, 0) END,
           (CASE WHEN u.read THEN u.measured || f.history ELSE f.history END)[1:24],
           (CASE WHEN u.read THEN {period}::date || f.history_period ELSE f.history_period END)[1:24]
    FROM fact f
    LEFT JOIN used u USING (account_id, point_id)
    LEFT JOIN meter m ON m.account_id = f.account_id AND m.point_id = f.point_id AND m.n = f.meters
    WHERE f.point_id <> 0
),
total AS MATERIALIZED (
    SELECT account_id, service, sum(net)::bigint AS net, sum(gross)::bigint AS gross FROM line GROUP BY account_id, service
),
items AS (
    INSERT INTO ledger.open_item (account_id, sector, service, component, origin, due_on, amount, source, source_id)
    SELECT account_id, {sector}, service, 'charge', {period}, {due_on}, gross, 'run', {run} FROM total WHERE gross <> 0
),
entries AS (
    INSERT INTO ledger.entry (period, sector, account_id, posted_on, debit, credit, amount, service, component, origin, source, source_id)
    SELECT {period}, {sector}, s.account_id, {posted_on}, 'receivable', e.credit, e.amount, s.service, 'charge', {period}, 'run', {run}
    FROM total s
    CROSS JOIN LATERAL (VALUES
        (CASE s.service WHEN 'water' THEN 'revenue_water' ELSE 'revenue_sewerage' END, s.net), ('vat_payable', s.gross - s.net)
    ) e (credit, amount)
    WHERE e.amount > 0
),
bill AS MATERIALIZED (
    SELECT a.account_id, coalesce(o.amount, 0) AS opening, coalesce(-p.amount, 0) AS paid, coalesce(s.gross, 0) AS charged,
           CASE
               WHEN s.account_id IS NOT NULL THEN NULL
               WHEN NOT a.active THEN 'not_active'
               WHEN NOT a.points THEN 'no_points'
               WHEN NOT a.supplied THEN 'nothing_supplied'
               WHEN {sector} = 'legal' THEN 'no_contract_volume'
               ELSE 'no_residents_no_meter'
           END AS excuse
    FROM (
        SELECT account_id, bool_or(day_from < day_to) AS active, bool_or(point_id <> 0) AS points, bool_or(water OR sewerage) AS supplied
        FROM fact GROUP BY account_id
    ) a
    LEFT JOIN (SELECT account_id, sum(gross)::bigint AS gross FROM total GROUP BY account_id) s USING (account_id)
    LEFT JOIN ledger.account_total o ON o.account_id = a.account_id AND o.period = {period} AND o.kind = 'opening'
    LEFT JOIN ledger.account_total p ON p.account_id = a.account_id AND p.period = {period} AND p.kind = 'payment'
),
bills AS (
    INSERT INTO billing.bill (period, account_id, run_id, opening, charged, paid, closing, due_on, excuse)
    SELECT {period}, account_id, {run}, opening, charged, paid, opening + charged - paid, {due_on}, excuse FROM bill
),
totals AS (
    INSERT INTO ledger.account_total (account_id, period, sector, kind, amount)
    SELECT account_id, {period}, {sector}, 'charge', charged FROM bill
)
SELECT (SELECT count(*) FROM line) AS lines, (SELECT coalesce(sum(gross), 0)::bigint FROM line) AS gross,
       (SELECT coalesce(sum(net), 0)::bigint FROM line) AS net, (SELECT count(*) FROM bill) AS accounts,
       (SELECT count(*) FROM bill WHERE excuse IS NOT NULL) AS excused
