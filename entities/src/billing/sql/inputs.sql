-- One output row = one point of supply that an account pays for in the month, with every dated fact that decides its volume;
-- an account without points is one row with point 0. Facts are those known at {known_at}. {accounts} narrows a preview. An account
-- that got its final bill in the month is nobody's any more: only {finals} asks for it.
-- {days} is the month as a constant, {last} its last day: the planner knows how many rows live in it, and joins whole registers by
-- hash. {eve} has the last day before it too, {past} all of them. What is looked up point by point takes longer the larger the city:
-- only what few points have is. What every account or point has is sorted once and gathered as it comes: an aggregate that sorts for
-- itself would do so for each of its columns.
WITH month AS (
    SELECT {period}::date AS from_day, ({period}::date + interval '1 month')::date AS to_day
),
-- Not kept apart: the planner knows how many accounts a number stands for only as long as it sees their table.
billed AS NOT MATERIALIZED (
    SELECT a.id, a.consumer_group, a.opened_on, a.closed_on, a.building_id,
           a.sector = 'multi' AND EXISTS (
               SELECT FROM premises.bulk_billing k
               WHERE k.building_id = a.building_id AND k.recorded @> {known_at}::timestamptz AND k.valid @> {period}::date) AS in_bulk
    FROM subscribers.account a
    WHERE a.sector = {sector} AND a.opened_on <= {last} AND (a.closed_on IS NULL OR a.closed_on > {period}::date)
      AND ({finals} OR (a.final_upto > {period}::date AND a.final_upto <= {last} + 1) IS NOT TRUE)
      AND {accounts}
),
-- The last time that a house was billed in bulk, in whole months: those whose first day lies in it.
unbulked AS (
    SELECT DISTINCT ON (k.building_id) k.building_id, (date_trunc('month', lower(k.valid) - 1) + interval '1 month')::date AS since,
           (date_trunc('month', upper(k.valid) - 1) + interval '1 month')::date AS upto
    FROM premises.bulk_billing k
    WHERE {sector} = 'multi' AND k.recorded @> {known_at}::timestamptz AND upper(k.valid) <= {period}::date
    ORDER BY k.building_id, k.valid DESC
),
-- Parts of shared meters, of all accounts that are active in the month, in the order of their numbers.
sharing AS MATERIALIZED (
    SELECT s.account_id, s.point_id, s.meter_point_id, s.by_residents, s.since, (row_number() OVER g - 1)::int AS at,
           array_agg(s.weight) OVER (PARTITION BY s.meter_point_id ORDER BY s.number, s.point_id
                                     ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS weights
    FROM (
        SELECT s.account_id, s.point_id, s.meter_point_id, a.number, s.parts IS NULL AS by_residents, lower(s.valid) AS since,
               CASE WHEN s.parts IS NOT NULL THEN s.parts ELSE coalesce((
                   SELECT r.residents FROM subscribers.residency r
                   WHERE r.account_id = s.account_id AND r.recorded @> {known_at}::timestamptz AND r.valid @> (month.to_day - 1)), 0)
               END::bigint AS weight
        FROM consumption.sharing s
        CROSS JOIN month
        JOIN subscribers.account a ON a.id = s.account_id
            AND a.opened_on < month.to_day AND (a.closed_on IS NULL OR a.closed_on > month.from_day)
        WHERE s.recorded @> {known_at}::timestamptz AND s.valid @> month.from_day
    ) s
    WINDOW g AS (PARTITION BY s.meter_point_id ORDER BY s.number, s.point_id)
),
-- One row of each point, held from a day to a day: who left and came back on the same day holds it without a gap.
points AS MATERIALIZED (
    SELECT b.id AS account_id, p.id AS point_id, p.hot, s.water, s.sewerage, s.amenity,
           -- The days between two readings may lie in months that other versions are of.
           NOT s.valid @> {days} OR EXISTS (
               SELECT FROM premises.point_service o
               WHERE o.point_id = s.point_id AND o.recorded @> {known_at}::timestamptz AND upper(o.valid) <= {period}::date) AS changes,
           CASE WHEN lower(ap.valid) <= month.from_day THEN lower(ap.valid) ELSE (
               SELECT min(lower(o.valid)) FROM subscribers.account_point o
               WHERE o.account_id = ap.account_id AND o.point_id = ap.point_id AND o.recorded @> {known_at}::timestamptz AND o.valid && {days})
           END AS held_from,
           upper(ap.valid) AS held_to,
           coalesce(h.meter_point_id, p.id) AS meter_point, h.meter_point_id <> p.id AS guest, h.by_residents, h.since, h.weights, h.at,
           p.premise_id IS NULL AS inlet
    FROM billed b
    CROSS JOIN month
    JOIN subscribers.account_point ap
      ON ap.account_id = b.id AND ap.recorded @> {known_at}::timestamptz AND ap.valid && {days}
      -- Of one that goes beyond the month nothing comes after it: nobody looks.
      AND (NOT upper_inf(ap.valid) AND upper(ap.valid) < month.to_day AND EXISTS (
          SELECT FROM subscribers.account_point o
          WHERE o.account_id = ap.account_id AND o.point_id = ap.point_id AND o.recorded @> {known_at}::timestamptz
            AND o.valid && {days} AND lower(o.valid) >= upper(ap.valid))) IS NOT TRUE
    JOIN premises.point p ON p.id = ap.point_id
    JOIN premises.point_service s
      ON s.point_id = p.id AND s.recorded @> {known_at}::timestamptz AND s.valid && {past}
      AND (NOT upper_inf(s.valid) AND upper(s.valid) < month.to_day AND EXISTS (
          SELECT FROM premises.point_service o
          WHERE o.point_id = s.point_id AND o.recorded @> {known_at}::timestamptz
            AND o.valid && {past} AND lower(o.valid) >= upper(s.valid))) IS NOT TRUE
    LEFT JOIN sharing h ON h.point_id = p.id AND h.account_id = b.id
),
residents AS (
    SELECT r.account_id, array_agg(r.id) AS ids, array_agg(lower(r.valid)) AS froms, array_agg(upper(r.valid)) AS tos,
           array_agg(r.residents) AS counts
    FROM (
        SELECT r.account_id, r.id, r.valid, r.residents
        FROM subscribers.residency r
        JOIN billed b ON b.id = r.account_id
        -- Of all the past: the days between two readings may lie in other months. A constant, which the planner can weigh: of a range of
        -- the CTE it expects a handful of rows and joins them one by one.
        WHERE r.recorded @> {known_at}::timestamptz AND r.valid && {past}
        ORDER BY r.account_id, r.valid
    ) r
    GROUP BY r.account_id
),
-- Readings of months before that were taken back on a document after the cut-off, each with the last one that counts instead: few.
taken_back AS MATERIALIZED (
    SELECT t.reading_id, g.id, g.taken_on, g.liters
    FROM readings.taken_back t
    LEFT JOIN LATERAL (
        SELECT r.id, r.taken_on, r.liters FROM readings.reading r
        WHERE r.point_id = t.point_id AND r.meter_id = t.meter_id AND r.account_id IN (t.account_id, 0) AND r.verdict = 'accepted'
          AND r.period < {period}::date AND r.received_at <= {known_at}::timestamptz
        ORDER BY r.taken_on DESC, r.id DESC LIMIT 1
    ) g ON true
    WHERE t.period < {period}::date
),
-- Groups of consumers, of the few accounts whose group was ever changed on a document; the one before the first document has no
-- first day. Of all the past, like residents.
grouped AS (
    SELECT g.account_id, array_agg(g.consumer_group ORDER BY g.valid) AS codes,
           array_agg(CASE WHEN g.document_id IS NOT NULL THEN lower(g.valid) END ORDER BY g.valid) AS froms,
           array_agg(upper(g.valid) ORDER BY g.valid) AS tos,
           (array_agg(g.consumer_group ORDER BY g.valid) FILTER (WHERE upper_inf(g.valid) OR upper(g.valid) > {period}::date))[1] AS first
    FROM subscribers.consumer_group g
    WHERE g.recorded @> {known_at}::timestamptz AND g.valid && {past}
    GROUP BY g.account_id
),
-- A month that handed on a reading which was taken back since goes on from the last one that counts; what it billed by it is put right
-- by its correction.
before AS (
    SELECT c.account_id, c.point_id, c.meter_id, c.months_without_reading, c.provisional, c.history, c.history_period,
           CASE WHEN t.reading_id IS NULL THEN c.reading_id ELSE t.id END AS reading_id,
           CASE WHEN t.reading_id IS NULL THEN c.reading_day ELSE t.taken_on END AS reading_day,
           CASE WHEN t.reading_id IS NULL THEN c.reading_liters ELSE t.liters END AS reading_liters
    FROM consumption.month c
    JOIN billed b ON b.id = c.account_id
    CROSS JOIN month
    LEFT JOIN taken_back t ON t.reading_id = c.reading_id
    WHERE c.period = ({period}::date - interval '1 month')::date
),
-- Whose reading it is matters where one account follows another in the month; a shared meter's is nobody's own.
latest AS (
    SELECT DISTINCT ON (r.account_id, r.point_id, r.meter_id) r.account_id, r.point_id, r.meter_id, r.id, r.taken_on, r.liters
    FROM (
        SELECT r.account_id, r.point_id, r.meter_id, r.id, r.taken_on, r.liters, r.act
        FROM readings.reading r
        WHERE r.period = {period}::date AND r.verdict = 'accepted' AND r.meter_id IS NOT NULL
          AND r.account_id IN (SELECT id FROM billed) AND r.received_at <= {known_at}::timestamptz
        UNION ALL
        -- A shared meter is read by the account where it stands. What a house meter showed before its payer was recorded is nobody's.
        SELECT p.account_id, r.point_id, r.meter_id, r.id, r.taken_on, r.liters, r.act
        FROM (SELECT meter_point, CASE WHEN bool_or(guest) THEN 0 ELSE min(account_id) END AS account_id
              FROM points WHERE guest OR inlet GROUP BY meter_point) p
        JOIN readings.reading r ON r.point_id = p.meter_point AND (p.account_id = 0 OR r.account_id = 0)
        WHERE r.period = {period}::date AND r.verdict = 'accepted' AND r.meter_id IS NOT NULL AND r.received_at <= {known_at}::timestamptz
    ) r
    -- Where nobody is let to the meter, only an act says what it shows.
    WHERE NOT EXISTS (
        SELECT FROM consumption.special s
        WHERE s.kind = 'no_access' AND s.point_id = r.point_id AND s.recorded @> {known_at}::timestamptz
          AND r.act IS NULL AND r.account_id IN (s.account_id, 0) AND s.valid @> r.taken_on)
    ORDER BY r.account_id, r.point_id, r.meter_id, r.taken_on DESC, r.id DESC
),
-- What happened at the points, each full capacity with what earlier months charged and billed for its days. A capacity comes up
-- until its last day is charged, however long ago it was. A month that is issued charges only what its own run has charged: what was
-- recorded later is charged by a later month, and by no recalculation once more.
special AS (
    SELECT pt.point_id, pt.account_id,
           array_agg(s.id ORDER BY s.id) AS ids, array_agg(s.kind ORDER BY s.id) AS kinds,
           -- What happened before the account had the point is not its own.
           array_agg(greatest(lower(s.valid), pt.held_from) ORDER BY s.id) AS froms,
           array_agg(c.until ORDER BY s.id) AS tos,
           array_agg(s.people ORDER BY s.id) AS people, array_agg(s.diameter_mm ORDER BY s.id) AS diameters,
           -- Days that a case has no more are not charged, whatever was billed for them.
           array_agg(CASE WHEN u.upto > c.until THEN c.until ELSE u.upto END ORDER BY s.id) AS uptos, array_agg(coalesce(e.liters, 0) ORDER BY s.id) AS billed,
           array_agg(coalesce(e.unread, 0) ORDER BY s.id) AS unread
    FROM consumption.special s
    CROSS JOIN month
    -- Its cap ends a full capacity that goes on.
    CROSS JOIN LATERAL (SELECT least(upper(s.valid), s.charged_until) AS until) c
    JOIN points pt ON pt.account_id = s.account_id AND (s.point_id IS NULL OR s.point_id = pt.point_id)
    LEFT JOIN before b ON b.account_id = pt.account_id AND b.point_id = pt.point_id
    LEFT JOIN LATERAL (
        SELECT max(l.to_day) FILTER (WHERE l.period < {period}) AS upto, bool_or(l.period = {period}) AS here
        FROM billing.charge_line l JOIN billing.run r ON r.id = l.run_id AND r.state = 'issued'
        WHERE s.diameter_mm > 0 AND l.account_id = s.account_id AND l.special_id = s.id AND l.period <= {period}
    ) u ON true
    LEFT JOIN LATERAL (
        SELECT sum((2 * l.liters * (least(l.to_day, d.until) - greatest(l.from_day, d.since)) + (l.to_day - l.from_day))
                   / (2 * (l.to_day - l.from_day)))::bigint AS liters,
               -- Of it what the next reading of the standing meter would settle.
               (sum((2 * l.liters * greatest(0, least(l.to_day, d.until) - greatest(l.from_day, d.since, b.reading_day))
                     + (l.to_day - l.from_day)) / (2 * (l.to_day - l.from_day)))
                FILTER (WHERE l.meter_id = b.meter_id AND l.reading_last IS NULL
                          AND l.basis IN ('average', 'norm', 'contract', 'over_limit')))::bigint AS unread
        FROM (SELECT greatest(lower(s.valid), u.upto) AS since, least(c.until, month.to_day) AS until) d
        JOIN billing.charge_line l ON l.account_id = s.account_id AND l.point_id = pt.point_id AND l.period < {period}
            AND l.service = 'water' AND l.component = 'charge' AND l.special_id IS DISTINCT FROM s.id
            -- Capacities of a point never meet: another one on these days was taken back, and a recalculation gives it back.
            AND l.basis <> 'capacity' AND d.since < d.until AND l.from_day < d.until AND l.to_day > d.since
        JOIN billing.run r ON r.id = l.run_id AND r.state = 'issued'
        WHERE s.diameter_mm > 0
    ) e ON true
    WHERE s.recorded @> {known_at}::timestamptz
      AND (s.valid && {days} OR (s.diameter_mm > 0 AND lower(s.valid) < month.to_day))
      AND (s.diameter_mm = 0 OR coalesce(u.here, false) OR NOT EXISTS (
          SELECT FROM billing.run r WHERE r.period = {period} AND r.sector = {sector} AND r.account_id IS NULL
            AND r.state = 'issued'))
    GROUP BY pt.point_id, pt.account_id
),
-- When meters were off for repair or verification.
away AS (
    SELECT i.point_id, array_agg(upper(i.valid) ORDER BY i.valid) AS froms, array_agg(b.back ORDER BY i.valid) AS tos
    FROM meters.installation i
    CROSS JOIN month
    LEFT JOIN LATERAL (
        SELECT min(lower(o.valid)) AS back FROM meters.installation o
        WHERE o.point_id = i.point_id AND o.recorded @> {known_at}::timestamptz AND lower(o.valid) >= upper(i.valid)
    ) b ON true
    WHERE i.removal IN ('verification', 'fault') AND i.point_id IN (SELECT meter_point FROM points)
      AND i.recorded @> {known_at}::timestamptz AND upper(i.valid) < month.to_day
      AND (b.back > month.from_day AND b.back > upper(i.valid)) IS NOT FALSE
    GROUP BY i.point_id
),
plot AS (
    SELECT pt.account_id, o.point_id, array_agg(o.id ORDER BY o.id) AS ids, array_agg(lower(o.valid) ORDER BY o.id) AS froms,
           array_agg(upper(o.valid) ORDER BY o.id) AS tos, array_agg(o.area_dm2 ORDER BY o.id) AS areas
    FROM points pt
    JOIN premises.plot o ON o.point_id = pt.point_id AND o.recorded @> {known_at}::timestamptz AND o.valid && {days}
    GROUP BY pt.account_id, o.point_id
),
-- What the contract lets a point use: of each service the narrowest limit, its own, its object's or the contract's. Limits are of
-- whole months; one of a year is less by what was issued for the months of the year before this one, whichever version it had then.
capped AS (
    SELECT w.account_id, w.point_id, array_agg(w.id ORDER BY w.service) AS ids, array_agg(w.service ORDER BY w.service) AS services,
           array_agg(w.month_liters ORDER BY w.service) AS months, array_agg(w.year_liters ORDER BY w.service) AS years,
           array_agg(coalesce(u.liters, 0) ORDER BY w.service) AS used
    FROM (
        SELECT DISTINCT ON (pt.account_id, pt.point_id, l.service) pt.account_id, pt.point_id, l.id, l.contract_id, l.premise_id,
               l.point_id AS of_point, l.service, l.month_liters, l.year_liters
        FROM points pt
        CROSS JOIN month
        JOIN premises.point p ON p.id = pt.point_id
        JOIN contracts.contract c ON c.account_id = pt.account_id
        JOIN contracts.consumption_limit l ON l.contract_id = c.id
            AND CASE WHEN l.point_id IS NOT NULL THEN l.point_id = pt.point_id ELSE l.premise_id IS NULL OR l.premise_id = p.premise_id END
        WHERE {sector} = 'legal' AND l.recorded @> {known_at}::timestamptz AND l.valid && {days}
        ORDER BY pt.account_id, pt.point_id, l.service, l.point_id, l.premise_id, lower(l.valid) DESC
    ) w
    LEFT JOIN LATERAL (
        SELECT sum(h.liters)::bigint AS liters
        FROM contracts.consumption_limit o
        JOIN billing.charge_line h ON h.account_id = w.account_id AND h.limit_id = o.id
            AND h.period >= date_trunc('year', {period}::date)::date AND h.period < {period}::date
        JOIN billing.run r ON r.id = h.run_id AND r.state = 'issued'
        WHERE w.year_liters IS NOT NULL AND o.contract_id = w.contract_id AND o.service = w.service
          AND o.premise_id IS NOT DISTINCT FROM w.premise_id AND o.point_id IS NOT DISTINCT FROM w.of_point
    ) u ON true
    GROUP BY w.account_id, w.point_id
),
metering AS (
    SELECT account_id, point_id, array_agg(meter_id) AS meters, array_agg(digits) AS digits, array_agg(from_day) AS froms,
           array_agg(to_day) AS tos, array_agg(verified) AS verified,
           CASE WHEN count(since) > 0 THEN array_agg(since) END AS lapsed_from,
           CASE WHEN count(since) > 0 THEN array_agg(CASE WHEN since IS NOT NULL THEN verified_on END) END AS lapsed_to,
           array_agg(prev_id) AS prev_ids, array_agg(prev_day) AS prev_days, array_agg(prev_liters) AS prev_liters,
           array_agg(last_id) AS last_ids, array_agg(last_day) AS last_days, array_agg(last_liters) AS last_liters,
           bool_or(again) AS again
    FROM (
        SELECT pt.account_id, pt.point_id, i.meter_id, mo.digits,
               -- A meter that counts again does so from its verification, or after the reading that it begins with: the norm goes up to it.
               CASE WHEN NOT s.again OR f.taken_on <= lower(i.valid) THEN lower(i.valid)
                    WHEN f.id <> coalesce(e.id, l.id) THEN f.taken_on + 1
                    ELSE greatest(v.verified_on, lower(i.valid)) END AS from_day,
               upper(i.valid) AS to_day, coalesce(v.valid_until, lower(i.valid)) AS verified, g.since, v.verified_on,
               CASE WHEN s.known AND NOT s.again THEN b.reading_id ELSE f.id END AS prev_id,
               CASE WHEN s.known AND NOT s.again THEN b.reading_day ELSE f.taken_on END AS prev_day,
               CASE WHEN s.known AND NOT s.again THEN b.reading_liters ELSE f.liters END AS prev_liters,
               coalesce(e.id, l.id) AS last_id, coalesce(e.taken_on, l.taken_on) AS last_day, coalesce(e.liters, l.liters) AS last_liters,
               s.again
        FROM points pt
        CROSS JOIN month
        JOIN meters.installation i
          ON i.point_id = pt.meter_point AND i.recorded @> {known_at}::timestamptz AND i.valid && {eve}
        JOIN meters.meter m ON m.id = i.meter_id
        JOIN meters.model mo ON mo.id = m.model_id
        LEFT JOIN LATERAL (
            SELECT v.verified_on, v.valid_until FROM meters.verification v
            -- What was verified after the month says nothing of its days.
            WHERE v.meter_id = i.meter_id AND v.recorded @> {known_at}::timestamptz AND v.verified_on < month.to_day
            ORDER BY v.valid_until DESC LIMIT 1
        ) v ON true
        -- A meter that was away and is back in this month: each stay has readings of its own.
        LEFT JOIN LATERAL (
            SELECT upper(o.valid) AS since FROM meters.installation o
            WHERE lower(i.valid) >= month.from_day AND o.point_id = i.point_id AND o.meter_id = i.meter_id
              AND o.recorded @> {known_at}::timestamptz AND upper(o.valid) <= lower(i.valid)
            LIMIT 1
        ) away ON true
        LEFT JOIN before b ON b.point_id = pt.point_id AND b.account_id = pt.account_id
        -- Until when it was verified before: asked only of a meter that was not read since.
        LEFT JOIN LATERAL (
            SELECT max(o.valid_until) AS until FROM meters.verification o
            WHERE (b.reading_day IS NULL OR b.reading_day < v.verified_on)
              AND o.meter_id = i.meter_id AND o.recorded @> {known_at}::timestamptz AND o.valid_until < v.valid_until
        ) prior ON true
        -- Whether the chain of months knows the meter, and whether the meter counts again after a gap between two verifications that
        -- reaches into billed months: the norm of that gap is final.
        CROSS JOIN LATERAL (
            SELECT b.meter_id IS NOT DISTINCT FROM i.meter_id AND away.since IS NULL AS known,
                   coalesce((b.reading_day IS NULL OR b.reading_day < v.verified_on)
                            AND coalesce(prior.until, lower(i.valid)) < least(v.verified_on, month.from_day), false) AS again
        ) s
        -- One that was verified again in the month in which it ran out has the norm for the days between.
        LEFT JOIN LATERAL (
            SELECT max(o.valid_until) AS since FROM meters.verification o
            WHERE v.verified_on > month.from_day AND o.meter_id = i.meter_id AND o.recorded @> {known_at}::timestamptz
              AND o.valid_until < v.verified_on AND o.verified_on < v.verified_on
        ) g ON NOT s.again AND g.since >= month.from_day
        -- A meter that the chain does not know yet starts at the first reading of its stay that is this account's (or nobody's:
        -- before there was an account), never at one that somebody else was billed from; one that stood there before the account came
        -- starts at the last reading before that, one that was away at the first one of its new stay; one that counts again starts at the
        -- first reading after the new verification. Any other goes on from where it is billed up to, an expired one too. Who shares a
        -- meter of another account begins where that one was read last before.
        LEFT JOIN LATERAL (
            SELECT r.id, r.taken_on, r.liters FROM readings.reading r
            CROSS JOIN LATERAL (
                SELECT CASE WHEN pt.guest THEN r.period < pt.since ELSE r.taken_on < pt.held_from END AS before
            ) q
            WHERE (NOT s.known OR (s.again AND r.taken_on >= v.verified_on))
              AND r.point_id = i.point_id AND r.meter_id = i.meter_id AND r.verdict = 'accepted'
              AND CASE WHEN pt.guest THEN r.period >= (pt.since - interval '1 month')::date ELSE r.account_id IN (pt.account_id, 0) END
              AND r.period <= {period}::date AND (away.since IS NULL OR r.taken_on >= lower(i.valid))
            -- Whoever comes after somebody begins at what is recorded so, not at what the meter showed when it was put in.
            ORDER BY r.account_id = pt.account_id AND coalesce(r.act, '') = 'initial' AND (pt.guest IS TRUE OR r.taken_on >= pt.held_from) DESC,
                     CASE WHEN q.before THEN DATE '2000-01-01' - r.taken_on ELSE r.taken_on - DATE '1800-01-01' END,
                     CASE WHEN q.before THEN -r.id ELSE r.id END LIMIT 1
        ) f ON true
        LEFT JOIN latest l ON l.account_id = CASE WHEN pt.guest THEN 0 ELSE pt.account_id END
            AND l.point_id = i.point_id AND l.meter_id = i.meter_id AND (away.since IS NULL OR l.taken_on >= lower(i.valid))
        -- A stay that ended in the month is read for the last time on the day of its end; the same meter may be back since.
        LEFT JOIN LATERAL (
            SELECT r.id, r.taken_on, r.liters FROM readings.reading r
            WHERE upper(i.valid) < month.to_day AND l.taken_on > upper(i.valid)
              AND r.period = {period}::date AND r.verdict = 'accepted' AND r.received_at <= {known_at}::timestamptz
              AND r.point_id = i.point_id AND r.meter_id = i.meter_id AND (pt.guest OR r.account_id = pt.account_id)
              AND r.taken_on <= upper(i.valid)
            ORDER BY r.taken_on DESC, r.id DESC LIMIT 1
        ) e ON true
        -- A meter that was taken off on the first day was read for the last time on it.
        WHERE (upper(i.valid) <= month.from_day) IS NOT TRUE OR l.id IS NOT NULL
        ORDER BY pt.point_id, pt.account_id, i.valid
    ) x
    GROUP BY point_id, account_id
),
-- Where services or the amenity changed, every version of them.
supplies AS (
    SELECT pt.account_id, pt.point_id,
           array_agg(lower(s.valid) ORDER BY s.valid) AS froms, array_agg(upper(s.valid) ORDER BY s.valid) AS tos,
           array_agg(s.water ORDER BY s.valid) AS water, array_agg(s.sewerage ORDER BY s.valid) AS sewerage,
           array_agg(s.amenity ORDER BY s.valid) AS amenities
    FROM points pt
    JOIN premises.point_service s ON s.point_id = pt.point_id AND s.recorded @> {known_at}::timestamptz AND s.valid && {past}
    WHERE pt.changes
    GROUP BY pt.account_id, pt.point_id
)
SELECT {period}::date AS period, b.id AS account_id, coalesce(pt.point_id, 0) AS point_id, {run}::bigint AS run_id,
       coalesce(g.first, b.consumer_group) AS consumer_group, greatest(b.opened_on, pt.held_from), least(b.closed_on, pt.held_to),
       coalesce(pt.hot, false), coalesce(pt.water, false), coalesce(pt.sewerage, false), coalesce(pt.amenity, 'household'),
       y.froms, y.tos, y.water, y.sewerage, y.amenities,
       cv.liters,
       r.ids, r.froms, r.tos, r.counts,
       m.meters, m.digits, m.froms, m.tos, m.verified, m.lapsed_from, m.lapsed_to,
       m.prev_ids, m.prev_days, m.prev_liters, m.last_ids, m.last_days, m.last_liters,
       w.froms, w.tos,
       coalesce(c.history, '{}'), coalesce(c.history_period, '{}'), coalesce(c.months_without_reading, 0),
       CASE WHEN m.again THEN 0 ELSE coalesce(c.provisional, 0) END,
       x.ids, x.kinds, x.froms, x.tos, x.people, x.diameters, x.uptos, x.billed, x.unread,
       o.ids, o.froms, o.tos, o.areas, b.in_bulk,
       -- What a house meter counted before its payer had the inlet was the flats'. Days that follow each other without a gap are one
       -- time of holding, on however many documents.
       CASE WHEN pt.inlet THEN DATE '1900-01-01' ELSE u.since END,
       CASE WHEN pt.inlet THEN (
           SELECT max(lower(o.valid)) FROM subscribers.account_point o
           WHERE o.account_id = b.id AND o.point_id = pt.point_id AND o.recorded @> {known_at}::timestamptz AND lower(o.valid) <= pt.held_from
             AND NOT EXISTS (
                 SELECT FROM subscribers.account_point e
                 WHERE e.account_id = o.account_id AND e.point_id = o.point_id AND e.recorded @> {known_at}::timestamptz
                   AND upper(e.valid) = lower(o.valid))
       ) ELSE u.upto END,
       l.ids, l.services, l.months, l.years, l.used,
       CASE WHEN pt.at IS NOT NULL THEN pt.meter_point END, pt.by_residents, pt.weights, pt.at,
       g.codes, g.froms, g.tos
FROM billed b
CROSS JOIN month
LEFT JOIN points pt ON pt.account_id = b.id
LEFT JOIN residents r ON r.account_id = b.id
LEFT JOIN grouped g ON g.account_id = b.id
LEFT JOIN unbulked u ON u.building_id = b.building_id
LEFT JOIN metering m ON m.point_id = pt.point_id AND m.account_id = b.id
LEFT JOIN special x ON x.point_id = pt.point_id AND x.account_id = b.id
LEFT JOIN away w ON w.point_id = pt.meter_point
LEFT JOIN plot o ON o.point_id = pt.point_id AND o.account_id = b.id
LEFT JOIN before c ON c.point_id = pt.point_id AND c.account_id = b.id
LEFT JOIN capped l ON l.point_id = pt.point_id AND l.account_id = b.id
LEFT JOIN contracts.point_volume cv
  ON cv.point_id = pt.point_id AND cv.recorded @> {known_at}::timestamptz AND cv.valid && {days}
  AND (NOT upper_inf(cv.valid) AND upper(cv.valid) < month.to_day AND EXISTS (
      SELECT FROM contracts.point_volume o
      WHERE o.point_id = cv.point_id AND o.recorded @> {known_at}::timestamptz
        AND o.valid && {days} AND lower(o.valid) >= upper(cv.valid))) IS NOT TRUE
LEFT JOIN supplies y ON y.point_id = pt.point_id AND y.account_id = b.id
