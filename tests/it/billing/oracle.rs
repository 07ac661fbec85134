//! The run's rule is written a second time, in SQL: on a city with every kind of month both must write the same rows.

use aiscra_tests::TestApp;
use api::billing::ops::{Leaving, make_final_bill, run_cycle, start_run};
use api::seed::{self, Wish};
use domain::access::Actor;
use domain::kernel::{AccountId, DocumentId, Period, Sector};
use entities::bench;
use entities::kernel::Tx;

/// Runs the current month both ways and compares every row of every table that a run fills.
async fn both_ways(accounts: u64, months: u32, current: Period) {
    let test = TestApp::with(|config| config.business_date = Some(current.last_day())).await;
    let app = &test.app;
    seed::run(app, Wish { accounts, months, current }).await.expect("a city");
    for statement in ODD_CASES {
        test.sql(&statement.replace("{month}", &current.first_day().to_string())).await;
    }
    for sector in [Sector::Multi, Sector::Private] {
        move_out(&test, sector, current).await;
    }
    let begin = async || Tx::begin(&app.db, Actor::system("test")).await.expect("a transaction");

    let mut bases = 0;
    for &sector in Sector::ALL {
        let mut tx = begin().await;
        let run =
            start_run(&mut tx, current, sector, Some(3), &app.clock).await.expect("works").expect("starts");
        tx.commit().await.expect("commits");
        bear(&test, run.id).await;
        let run = run_cycle(app, run.run_id(), &|_, _| {}).await.expect("runs");
        assert_eq!(run.failures, 0, "{sector}");
        let tx = begin().await;
        bench::keep(&tx, &run).await.expect("a copy");
        bench::forget(&tx, &run).await.expect("a clean month");
        tx.commit_silently("test").await.expect("commits");

        let mut tx = begin().await;
        let twin =
            start_run(&mut tx, current, sector, Some(1), &app.clock).await.expect("works").expect("starts");
        tx.commit().await.expect("commits");
        bear(&test, twin.id).await;
        let mut tx = begin().await;
        let sums =
            bench::run_in_one_statement(&mut tx, &twin, app.clock.today()).await.expect("the statement runs");
        assert!(sums.lines > 0, "{sector}: nothing was charged");
        let differences = bench::some_differences(&tx, &twin).await.expect("compares");
        assert!(differences.is_empty(), "{sector} of {current}:\n{}", differences.join("\n"));
        assert_eq!(
            (sums.lines, sums.net, sums.gross, sums.accounts, sums.excused),
            (run.lines, run.net, run.gross, run.accounts, run.excused),
            "{sector} of {current}"
        );
        assert_eq!(bench::differences(&tx, &twin).await.expect("compares"), [], "{sector} of {current}");
        // A comparison that can't find a tiyn proves nothing.
        tamper(&tx).await;
        assert_eq!(bench::differences(&tx, &twin).await.expect("compares"), [("billing.charge_line", 2)]);
        tx.commit_silently("test").await.expect("commits");
        bases += test
            .scalar::<i64>(&format!(
                "SELECT count(DISTINCT basis) FROM billing.charge_line WHERE run_id = {}",
                twin.id
            ))
            .await
            .unwrap_or_default();
    }
    // Both could share a mistake of the facts they stand on: no day of a meter is paid for twice in the whole history.
    assert_eq!(entities::billing::metered_twice(&app.db).await.expect("counts"), 0);
    let above = "SELECT count(*) FROM billing.charge_line WHERE basis = 'over_limit' AND coefficient = 15000";
    assert!(test.scalar::<i64>(above).await.unwrap_or_default() > 0, "no limit was exceeded");
    let given_back = "SELECT count(*) FROM billing.charge_line WHERE basis = 'metered' AND liters < 0";
    assert!(test.scalar::<i64>(given_back).await.unwrap_or_default() > 0, "nothing was given back");
    let elsewhere = "SELECT count(*) FROM billing.charge_line WHERE basis = 'norm_elsewhere'";
    assert!(test.scalar::<i64>(elsewhere).await.unwrap_or_default() > 0, "no inlet left its norm to another");
    assert!(bases >= 6, "the city is too plain to prove anything: {bases} bases over the sectors");
}

/// Some move out in the middle of the month, with final bills: neither writing charges them.
async fn move_out(test: &TestApp, sector: Sector, month: Period) {
    let found = test
        .texts(&format!(
            "SELECT concat_ws(' ', id, version) FROM subscribers.account
             WHERE sector = '{sector}' AND status = 'active' AND opened_on < '{}' ORDER BY id DESC LIMIT 8",
            month.first_day()
        ))
        .await;
    assert_eq!(found.len(), 8);
    let document = DocumentId(test.scalar("SELECT max(id) FROM archive.document").await.expect("a document"));
    for (n, row) in (5..).zip(found) {
        let (account, version) = row.split_once(' ').expect("two numbers");
        let leaving = Leaving {
            account: AccountId(account.parse().expect("an id")),
            version: version.parse().expect("a version"),
            day: month.first_day() + chrono::Days::new(n),
            document,
            readings: Vec::new(),
            unread: true,
            seen: false,
        };
        let mut tx = Tx::begin(&test.app.db, Actor::system("test")).await.expect("a transaction");
        let left = make_final_bill(&mut tx, &test.app, leaving).await.expect("works").expect("leaves");
        assert!(left.bill.is_some_and(|bill| bill.is_final));
        tx.commit().await.expect("commits");
    }
}

/// Everything that may happen at a point, at many points of the seeded city: alone, together, over the ends of the month.
const ODD_CASES: &[&str] = &[
    "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
     VALUES ('act', 'A-1', '{month}', 'test', 'test', 'test')",
    "INSERT INTO consumption.special (account_id, point_id, kind, valid, people, diameter_mm, document_id, recorded_by, recorded)
     SELECT p.account_id, CASE WHEN k.kind IN ('absence', 'no_service') AND p.n % 2 = 0 THEN NULL ELSE p.point_id END, k.kind,
            daterange('{month}'::date + k.since + (p.n % 9)::int, '{month}'::date + k.until + (p.n % 9 + p.n % 4)::int), k.people, k.diameter,
            (SELECT max(id) FROM archive.document), 'test', tstzrange('2020-01-01', NULL)
     FROM (SELECT account_id, min(point_id) AS point_id, row_number() OVER (ORDER BY account_id) AS n
           FROM subscribers.account_point GROUP BY account_id) p
     JOIN (VALUES ('absence', -10, 5, 1, 0, 3), ('absence', 2, 12, 1, 0, 5), ('absence', -40, 60, 9, 0, 23),
                  ('no_service', -3, 6, 0, 0, 7), ('no_service', 11, 14, 0, 0, 10), ('no_service', -40, 60, 0, 0, 29),
                  ('stopped', 3, 12, 0, 0, 6), ('stopped', -20, 9, 0, 0, 11),
                  ('torn_seal', -70, 4, 0, 15, 8), ('tampering', 2, 9, 0, 25, 13), ('leak', -5, 40, 0, 20, 19))
          AS k (kind, since, until, people, diameter, nth) ON p.n % k.nth = 0
     ON CONFLICT DO NOTHING",
    "INSERT INTO premises.plot (point_id, area_dm2, valid, recorded_by, recorded)
     SELECT ap.point_id, 10000 + (ap.point_id % 7)::int * 6173, w.valid, 'test', tstzrange('2020-01-01', NULL)
     FROM subscribers.account_point ap JOIN subscribers.account a ON a.id = ap.account_id AND a.sector <> 'multi'
     CROSS JOIN (VALUES (daterange('2020-01-01', '{month}'::date + 9)), (daterange('{month}'::date + 9, NULL))) w (valid)
     ON CONFLICT DO NOTHING",
    "INSERT INTO premises.bulk_billing (building_id, valid, document_id, recorded_by, recorded)
     SELECT min(building_id), daterange('2020-01-01', NULL), (SELECT max(id) FROM archive.document), 'test', tstzrange('2020-01-01', NULL)
     FROM subscribers.account WHERE sector = 'multi' ON CONFLICT DO NOTHING",
    // Houses that were billed in bulk until this month, or the one before.
    "INSERT INTO premises.bulk_billing (building_id, valid, document_id, recorded_by, recorded)
     SELECT b.building_id, daterange('{month}'::date - 75, '{month}'::date - 20 * b.n), (SELECT max(id) FROM archive.document), 'test',
            tstzrange('2020-01-01', NULL)
     FROM (SELECT building_id, row_number() OVER (ORDER BY building_id DESC)::int AS n
           FROM subscribers.account WHERE sector = 'multi' GROUP BY building_id) b
     WHERE b.n <= 3 ON CONFLICT DO NOTHING",
    // Contracts of several objects, most of them by volume; some limits are of everything, some of one point.
    "INSERT INTO premises.point (building_id, premise_id)
     SELECT a.building_id, a.premise_id FROM subscribers.account a, generate_series(1, 4) WHERE a.sector = 'legal' AND a.id % 2 = 0",
    "INSERT INTO subscribers.account_point (account_id, point_id, valid, recorded, recorded_by)
     SELECT a.id, p.id, daterange('2020-01-01', NULL), tstzrange('2020-01-01', NULL), 'test'
     FROM premises.point p JOIN subscribers.account a ON a.premise_id = p.premise_id AND a.sector = 'legal'
     WHERE NOT EXISTS (SELECT FROM subscribers.account_point o WHERE o.point_id = p.id)",
    "INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded, recorded_by)
     SELECT p.id, true, p.id % 3 > 0, 'household', daterange('2020-01-01', NULL), tstzrange('2020-01-01', NULL), 'test'
     FROM premises.point p WHERE NOT EXISTS (SELECT FROM premises.point_service o WHERE o.point_id = p.id)",
    // Dwellings with a second and a third inlet, without meters.
    "INSERT INTO premises.point (building_id, premise_id)
     SELECT a.building_id, a.premise_id FROM subscribers.account a, generate_series(1, 2) n
     WHERE a.sector <> 'legal' AND a.status = 'active' AND a.id % 6 = 1 AND n <= a.id % 4",
    "INSERT INTO subscribers.account_point (account_id, point_id, valid, recorded, recorded_by)
     SELECT DISTINCT ON (p.id) a.id, p.id, daterange('2020-01-01', NULL), tstzrange('2020-01-01', NULL), 'test'
     FROM premises.point p JOIN subscribers.account a ON a.premise_id = p.premise_id AND a.sector <> 'legal' AND a.status = 'active'
     WHERE NOT EXISTS (SELECT FROM subscribers.account_point o WHERE o.point_id = p.id) ORDER BY p.id, a.id DESC",
    "INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded, recorded_by)
     SELECT p.id, p.id % 11 > 0, p.id % 3 > 0, CASE WHEN p.id % 2 = 0 THEN 'dilapidated' ELSE 'household' END, daterange('2020-01-01', NULL),
            tstzrange('2020-01-01', NULL), 'test'
     FROM premises.point p WHERE NOT EXISTS (SELECT FROM premises.point_service o WHERE o.point_id = p.id)",
    // Services and amenity change before, in and at the ends of the month; some end.
    "UPDATE premises.point_service SET valid = daterange(lower(valid), '{month}'::date + (point_id % 45)::int - 20) WHERE point_id % 5 = 3 AND upper_inf(valid)",
    "INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded, recorded_by)
     SELECT s.point_id, s.water AND s.point_id % 4 > 0, NOT s.sewerage OR s.point_id % 7 = 0,
            CASE WHEN p.hot OR s.amenity <> 'household' THEN 'household' ELSE 'dilapidated' END, daterange(upper(s.valid), NULL),
            tstzrange('2020-01-01', NULL), 'test'
     FROM premises.point_service s JOIN premises.point p ON p.id = s.point_id WHERE s.point_id % 5 = 3 AND s.point_id % 3 > 0",
    // Meters are off, for as long as the average stands for them or longer; some are back in the month, some were taken off on its first day.
    "UPDATE meters.installation SET valid = daterange(lower(valid), '{month}'::date - 1 - (point_id % 110)::int),
            removal = (ARRAY['verification', 'fault', 'withdrawn'])[1 + point_id % 3]
     WHERE point_id % 9 = 4 AND upper_inf(valid) AND lower(valid) < '{month}'::date - 120",
    "INSERT INTO meters.installation (meter_id, point_id, valid, recorded, recorded_by)
     SELECT meter_id, point_id, daterange('{month}'::date + (point_id % 28)::int, NULL), tstzrange('2020-01-01', NULL), 'test'
     FROM meters.installation WHERE removal IS NOT NULL AND point_id % 2 = 0",
    "UPDATE meters.installation SET valid = daterange(lower(valid), '{month}'), removal = 'fault'
     WHERE point_id % 9 = 5 AND upper_inf(valid) AND lower(valid) < '{month}'::date - 120",
    // Meters were verified again in the month in which they ran out, some days later.
    "INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by, recorded)
     SELECT v.meter_id, '{month}'::date + 4 + (v.meter_id % 20)::int, '{month}'::date + 2000, 'test', tstzrange('2020-01-01', NULL)
     FROM meters.verification v WHERE v.meter_id % 7 = 3 AND v.valid_until > '{month}'::date + 60 AND v.verified_on < '{month}'::date",
    "UPDATE meters.verification SET valid_until = '{month}'::date + (meter_id % 4)::int
     WHERE meter_id % 7 = 3 AND valid_until BETWEEN '{month}'::date + 60 AND '{month}'::date + 1999 AND verified_on < '{month}'::date",
    // More was billed for want of readings than some show; they leave, or their meters do.
    "UPDATE consumption.month SET provisional = provisional + 40000 WHERE account_id % 5 = 2",
    "UPDATE subscribers.account SET closed_on = '{month}'::date + 17, status = 'closed' WHERE id % 10 = 7 AND opened_on < '{month}'",
    "UPDATE meters.installation SET valid = daterange(lower(valid), '{month}'::date + 20), removal = 'withdrawn'
     WHERE point_id % 9 = 7 AND upper_inf(valid) AND lower(valid) < '{month}'",
    "INSERT INTO contracts.point_volume (contract_id, point_id, liters, valid, recorded, recorded_by)
     SELECT c.id, ap.point_id, 3000 + ap.point_id % 11 * 1777, daterange('2020-01-01', NULL), tstzrange('2020-01-01', NULL), 'test'
     FROM subscribers.account_point ap JOIN contracts.contract c ON c.account_id = ap.account_id
     JOIN subscribers.account a ON a.id = ap.account_id AND a.sector = 'legal' AND ap.point_id % 5 > 0
     WHERE NOT EXISTS (SELECT FROM contracts.point_volume o WHERE o.point_id = ap.point_id)",
    "INSERT INTO contracts.consumption_limit
         (contract_id, point_id, service, month_liters, year_liters, source, document_id, recorded_by, valid, recorded)
     SELECT c.id, l.point_id, s.service, nullif(c.id % 7 * 4111, 0), CASE WHEN c.id % 3 < 2 THEN 30007 END, 'annex',
            (SELECT max(id) FROM archive.document), 'test', daterange('2020-01-01', NULL), tstzrange('2020-01-01', NULL)
     FROM contracts.contract c
     JOIN subscribers.account a ON a.id = c.account_id AND a.sector = 'legal'
     CROSS JOIN (VALUES ('water', 1), ('sewerage_cold', 2)) s (service, nth)
     CROSS JOIN LATERAL (
         SELECT NULL::bigint AS point_id
         UNION ALL (SELECT point_id FROM subscribers.account_point o WHERE o.account_id = a.id AND a.id % 4 = 0 ORDER BY 1 LIMIT 1)
     ) l
     WHERE c.id % s.nth = 0 AND (c.id % 7 > 0 OR c.id % 3 < 2)
     ON CONFLICT DO NOTHING",
    "UPDATE tariffs.setting SET value = '\"1.5\"' WHERE code = 'billing.over_limit_coefficient'",
];

/// Shares of houses for a run, as if their meters had been reckoned: some bear, some are given back.
async fn bear(test: &TestApp, run: i64) {
    test.sql(&format!(
        "INSERT INTO imbalance.reckoning (period, sector, purpose, purpose_id, known_at, done_at)
         SELECT period, sector, 'run', id, known_at, now() FROM billing.run WHERE id = {run}"
    ))
    .await;
    test.sql(&format!(
        "INSERT INTO imbalance.share (period, account_id, reckoning_id, building_id, point_id, from_day, to_day, liters, whole, weight, weights)
         SELECT r.period, a.id, r.id, a.building_id, min(p.id), r.period - 40 + (a.id % 20)::int, r.period + 20,
                CASE WHEN a.id % 4 = 0 THEN -1 ELSE 1 END * (a.id % 977), 100000, 1, 100
         FROM imbalance.reckoning r
         JOIN subscribers.account a ON a.sector = r.sector AND a.sector = 'multi' AND a.id % 3 <> 0
         JOIN subscribers.account_point ap ON ap.account_id = a.id AND upper_inf(ap.recorded)
         JOIN premises.point p ON p.id = ap.point_id AND NOT p.hot
         WHERE r.purpose = 'run' AND r.purpose_id = {run}
         GROUP BY r.id, a.id"
    ))
    .await;
}

/// One tiyn more in one line of the kept copy.
async fn tamper(tx: &Tx) {
    let one = "SELECT ctid FROM bench.billing_charge_line LIMIT 1";
    let more = format!("UPDATE bench.billing_charge_line SET gross = gross + 1 WHERE ctid = ({one})");
    assert_eq!(entities::kernel::sql::run(tx, &more, []).await.expect("the copy can be changed"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn march_2026_is_the_same_in_sql() {
    both_ways(600, 4, Period::new(2026, 3).unwrap()).await;
}

/// Bands in the mode `whole` were in force in 2025.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_with_bands_is_the_same_in_sql() {
    both_ways(400, 4, Period::new(2025, 8).unwrap()).await;
}

/// VAT changed on the first of January, between the readings.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_after_a_new_vat_is_the_same_in_sql() {
    both_ways(400, 3, Period::new(2026, 1).unwrap()).await;
}

/// Price and bands ended on the first of October, between the readings.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_after_the_bands_is_the_same_in_sql() {
    both_ways(400, 3, Period::new(2025, 10).unwrap()).await;
}
