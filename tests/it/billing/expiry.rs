//! A meter whose verification expires, stays without one, and is verified again: no day is billed by it twice.

use aiscra_tests::{Flat, Meter, TestApp};
use api::billing::ops;
use domain::access::Actor;
use domain::kernel::*;
use entities::kernel::Tx;

/// Runs, issues and closes a month, whether it may be closed or not; its lines of water as (basis, from, to, m³).
pub async fn month(city: &TestApp, period: &str) -> Vec<(String, String, String, String)> {
    let period: Period = period.parse().unwrap();
    city.app.clock.set_today(Some(period.last_day()));
    city.sql(&format!(
        "INSERT INTO ledger.period (period, sector, status, opened_by) VALUES ('{}', 'multi', 'open', 'test') ON CONFLICT DO NOTHING",
        period.first_day()
    ))
    .await;
    let run = ops::run_now(&city.app, period, Sector::Multi, Some(2)).await.unwrap().unwrap();
    assert_eq!(run.failures, 0);
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::issue_run(&mut tx, RunId(run.id), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    city.sql(&format!("UPDATE ledger.period SET status = 'closed' WHERE period = '{}'", run.period)).await;

    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        basis: String,
        from_day: String,
        to_day: String,
        volume: String,
    }
    let rows: Vec<Row> = entities::kernel::sql::all(
        &city.app.db,
        "SELECT basis, from_day::text, to_day::text, (liters / 1000.0)::numeric(12, 3)::text AS volume
         FROM billing.charge_line WHERE period = $1 AND service = 'water' ORDER BY line",
        [run.period.into()],
    )
    .await
    .unwrap();
    rows.into_iter().map(|row| (row.basis, row.from_day, row.to_day, row.volume)).collect()
}

pub fn line(basis: &str, from: &str, to: &str, volume: &str) -> (String, String, String, String) {
    (basis.to_owned(), from.to_owned(), to.to_owned(), volume.to_owned())
}

async fn expiring(days: &str) -> TestApp {
    let city = TestApp::new().await;
    city.sql("SELECT platform.ensure_partitions(m::date) FROM generate_series('2025-12-01', '2026-06-01', interval '1 month') m").await;
    let meter = Meter { initial: 100_000, march: Some(112_345), verified_until: "2030-01-01" };
    city.house(&[Flat { residents: 2, meter: Some(meter) }]).await;
    city.sql("DELETE FROM ledger.period").await;
    city.sql(&format!("UPDATE meters.verification SET valid_until = '{days}'")).await;
    for (period, day, liters) in [("2025-12-01", "2025-12-20", 60_000), ("2026-01-01", "2026-01-20", 91_000)]
    {
        city.reading(1, period, day, liters).await;
    }
    city
}

#[tokio::test]
async fn after_the_expiry_the_norm_alone_whatever_readings_come() {
    let city = expiring("2026-02-10").await;
    assert_eq!(month(&city, "2026-01").await[0].0, "metered");
    // 20 January to 24 February are 35 days, 20 of them before the expiry.
    assert_eq!(
        month(&city, "2026-02").await,
        [
            line("metered", "2026-01-21", "2026-02-10", "5.143"),
            line("expired_norm", "2026-02-10", "2026-03-01", "20.357")
        ]
    );
    assert_eq!(month(&city, "2026-03").await, [line("expired_norm", "2026-03-01", "2026-04-01", "30.000")]);
    city.reading(1, "2026-04-01", "2026-04-20", 125_000).await;
    assert_eq!(month(&city, "2026-04").await, [line("expired_norm", "2026-04-01", "2026-05-01", "30.000")]);

    // Verified again in May: from the first reading after it, and every day before stays with the norm.
    city.sql("INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by) VALUES (1, '2026-05-05', '2032-05-05', 'test')").await;
    for (day, liters) in [("2026-05-05", 131_000), ("2026-05-25", 137_000)] {
        city.reading(1, "2026-05-01", day, liters).await;
    }
    assert_eq!(
        month(&city, "2026-05").await,
        [
            line("norm", "2026-05-01", "2026-05-06", "4.839"),
            line("metered", "2026-05-06", "2026-05-26", "6.000")
        ]
    );
    city.reading(1, "2026-06-01", "2026-06-25", 140_000).await;
    assert_eq!(month(&city, "2026-06").await, [line("metered", "2026-05-26", "2026-06-26", "3.000")]);
    assert_eq!(entities::billing::metered_twice(&city.app.db).await.unwrap(), 0);
}

/// It ran out on 5 March and was verified again on the 12th: the seven days between go by the norm, 2 x 15 x 7/31. The reading of
/// 20 March is of 24 days; 17 of them have their part of 12.345 m³.
#[tokio::test]
async fn between_two_verifications_of_a_month_the_norm_stands() {
    let city = expiring("2026-03-05").await;
    month(&city, "2026-01").await;
    month(&city, "2026-02").await;
    city.sql("INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by) VALUES (1, '2026-03-12', '2032-03-12', 'test')").await;
    assert_eq!(
        month(&city, "2026-03").await,
        [
            line("metered", "2026-02-25", "2026-03-05", "4.115"),
            line("expired_norm", "2026-03-05", "2026-03-12", "6.774"),
            line("metered", "2026-03-12", "2026-03-21", "4.629"),
        ]
    );
    city.reading(1, "2026-04-01", "2026-04-20", 120_000).await;
    // What it shows next is of all the days since; the price is another one from April on.
    assert_eq!(
        month(&city, "2026-04").await,
        [
            line("metered", "2026-03-21", "2026-04-01", "2.716"),
            line("metered", "2026-04-01", "2026-04-21", "4.939")
        ]
    );
    assert_eq!(entities::billing::metered_twice(&city.app.db).await.unwrap(), 0);
}

#[tokio::test]
async fn a_verification_after_the_month_says_nothing_of_it() {
    let city = expiring("2026-02-10").await;
    month(&city, "2026-01").await;
    month(&city, "2026-02").await;
    // March is run in April, when the meter has been verified again.
    city.sql("INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by) VALUES (1, '2026-04-02', '2032-04-02', 'test')").await;
    assert_eq!(month(&city, "2026-03").await, [line("expired_norm", "2026-03-01", "2026-04-01", "30.000")]);
}

#[tokio::test]
async fn what_was_billed_before_a_meter_counts_again_is_not_settled_by_it() {
    let city = expiring("2026-02-10").await;
    month(&city, "2026-01").await;
    month(&city, "2026-02").await;
    city.sql("DELETE FROM readings.reading WHERE period = '2026-03-01'").await;
    city.sql("INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by) VALUES (1, '2026-03-02', '2032-04-02', 'test')").await;
    // Nobody reads it in March: the average of what was measured before. It is read for the first time on 20 April.
    let march = month(&city, "2026-03").await;
    assert_eq!(march[0], line("norm", "2026-03-01", "2026-03-02", "0.968"));
    assert_eq!(march[1].0, "average", "{march:?}");
    city.reading(1, "2026-04-01", "2026-04-20", 130_000).await;
    month(&city, "2026-04").await;
    city.reading(1, "2026-05-01", "2026-05-20", 150_000).await;
    let may = month(&city, "2026-05").await;
    // Ten days of April's average are days of the next reading.
    let of_april: i64 = city
        .scalar("SELECT liters FROM billing.charge_line WHERE period = '2026-04-01' AND service = 'water'")
        .await
        .unwrap();
    let left = 20_000 - (2 * of_april * 10 + 30) / 60;
    assert_eq!(may, [line("metered", "2026-04-21", "2026-05-21", &format!("{:.3}", left as f64 / 1000.0))]);
}

#[tokio::test]
async fn the_days_before_the_first_reading_of_a_meter_that_counts_again_have_the_norm() {
    let city = expiring("2026-02-10").await;
    month(&city, "2026-01").await;
    month(&city, "2026-02").await;
    city.sql("DELETE FROM readings.reading WHERE period = '2026-03-01'").await;
    city.sql("INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by) VALUES (1, '2026-03-05', '2032-03-05', 'test')").await;
    // Verified on the 5th, read for the first time on the 9th: between them nothing says what was used.
    for (day, liters) in [("2026-03-09", 131_000), ("2026-03-25", 137_000)] {
        city.reading(1, "2026-03-01", day, liters).await;
    }
    assert_eq!(
        month(&city, "2026-03").await,
        [
            line("norm", "2026-03-01", "2026-03-10", "8.710"),
            line("metered", "2026-03-10", "2026-03-26", "6.000")
        ]
    );
}

#[tokio::test]
async fn an_expiry_late_in_a_month_is_one_too() {
    // Most of February is metered: the chain of months calls it so.
    let city = expiring("2026-02-24").await;
    month(&city, "2026-01").await;
    assert_eq!(month(&city, "2026-02").await[0].0, "metered");
    assert_eq!(month(&city, "2026-03").await, [line("expired_norm", "2026-03-01", "2026-04-01", "30.000")]);
}

#[tokio::test]
async fn a_meter_verified_before_the_old_verification_ends_goes_on() {
    let city = expiring("2026-02-10").await;
    city.sql("INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by) VALUES (1, '2026-02-03', '2032-02-03', 'test')").await;
    month(&city, "2026-01").await;
    assert_eq!(month(&city, "2026-02").await, [line("metered", "2026-01-21", "2026-02-25", "9.000")]);
    assert_eq!(month(&city, "2026-03").await, [line("metered", "2026-02-25", "2026-03-21", "12.345")]);
}

#[tokio::test]
async fn a_day_billed_by_meter_twice_is_seen() {
    let city = expiring("2030-01-01").await;
    month(&city, "2026-01").await;
    month(&city, "2026-02").await;
    assert_eq!(entities::billing::metered_twice(&city.app.db).await.unwrap(), 0);
    city.sql("ALTER TABLE billing.charge_line DISABLE TRIGGER USER").await;
    city.sql("UPDATE billing.charge_line SET from_day = from_day - 2 WHERE period = '2026-02-01' AND service = 'water'").await;
    assert_eq!(entities::billing::metered_twice(&city.app.db).await.unwrap(), 1);
}
