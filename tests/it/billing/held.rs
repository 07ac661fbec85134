//! Who pays for a point from when to when, and a meter that was away: every day once, by whoever it is of.

use aiscra_tests::{Flat, Meter, TestApp};

use super::expiry::{line, month};

/// A flat of two with a meter, read on 24 February; nothing of March yet.
pub async fn flat() -> TestApp {
    let city = TestApp::new().await;
    city.sql("SELECT platform.ensure_partitions(m::date) FROM generate_series('2026-01-01', '2026-06-01', interval '1 month') m").await;
    let meter = Meter { initial: 100_000, march: None, verified_until: "2030-01-01" };
    city.house(&[Flat { residents: 2, meter: Some(meter) }]).await;
    city.sql("DELETE FROM ledger.period").await;
    month(&city, "2026-02").await;
    // Nothing of February's norm is left to settle.
    city.sql("UPDATE consumption.month SET provisional = 0").await;
    city
}

/// Ends the account's hold of its point on a day, and lets somebody hold it from a day on.
async fn held(city: &TestApp, until: &str, account: i64, from: &str) {
    city.sql(&format!(
        "UPDATE subscribers.account_point SET valid = daterange('2020-01-01', '{until}') WHERE account_id = 1"
    ))
    .await;
    city.sql(&format!(
        "INSERT INTO subscribers.account_point (account_id, point_id, valid, recorded_by) VALUES ({account}, 1, daterange('{from}', NULL), 'test')"
    ))
    .await;
}

/// A reading of the first point by an account, by an act where one is told.
pub async fn read(city: &TestApp, account: i64, day: &str, liters: i64, act: &str) {
    city.sql(&format!(
        "INSERT INTO readings.reading (period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, received_by, act)
         VALUES (date_trunc('month', '{day}'::date), {account}, 1, 1, '{day}', {liters}, 'operator', 'accepted', 'test', nullif('{act}', ''))"
    ))
    .await;
}

async fn of_account(city: &TestApp, account: i64, period: &str) -> Vec<String> {
    city.texts(&format!(
        "SELECT concat_ws(' ', basis, from_day, to_day, (liters / 1000.0)::numeric(12, 3)) FROM billing.charge_line
         WHERE account_id = {account} AND period = '{period}-01' AND service = 'water' ORDER BY line"
    ))
    .await
}

#[tokio::test]
async fn who_leaves_and_comes_back_on_one_day_is_charged_once() {
    let city = flat().await;
    held(&city, "2026-03-10", 1, "2026-03-10").await;
    read(&city, 1, "2026-03-20", 110_000, "").await;
    assert_eq!(month(&city, "2026-03").await, [line("metered", "2026-02-25", "2026-03-21", "10.000")]);
}

#[tokio::test]
async fn one_account_after_another_in_one_month_pays_each_its_own() {
    let city = flat().await;
    city.sql(
        "INSERT INTO subscribers.account (id, number, sector, consumer_group, district_id, building_id, premise_id, opened_on)
         VALUES (2, '1000002', 'multi', 'population', 1, 1, 1, '2026-03-11')",
    )
    .await;
    city.sql("UPDATE subscribers.account SET closed_on = '2026-03-11', status = 'closed' WHERE id = 1").await;
    held(&city, "2026-03-11", 2, "2026-03-11").await;
    read(&city, 1, "2026-03-11", 106_000, "").await;
    read(&city, 2, "2026-03-11", 106_000, "initial").await;
    read(&city, 2, "2026-03-25", 109_000, "").await;
    month(&city, "2026-03").await;
    assert_eq!(of_account(&city, 1, "2026-03").await, ["metered 2026-02-25 2026-03-12 6.000"]);
    assert_eq!(of_account(&city, 2, "2026-03").await, ["metered 2026-03-12 2026-03-26 3.000"]);
    assert_eq!(entities::billing::metered_twice(&city.app.db).await.unwrap(), 0);
}

/// What was billed before a gap is not billed again after it, and the days of the gap are nobody's.
#[tokio::test]
async fn after_a_gap_the_meter_goes_on_from_its_last_reading() {
    let city = flat().await;
    read(&city, 1, "2026-03-10", 106_000, "").await;
    city.sql("UPDATE subscribers.account SET closed_on = '2026-03-11', status = 'closed' WHERE id = 1").await;
    city.sql("UPDATE subscribers.account_point SET valid = daterange('2020-01-01', '2026-03-11') WHERE account_id = 1").await;
    assert_eq!(month(&city, "2026-03").await, [line("metered", "2026-02-25", "2026-03-11", "6.000")]);
    month(&city, "2026-04").await;
    // Held again since 16 May; not read in May.
    city.sql("UPDATE subscribers.account SET closed_on = NULL, status = 'active' WHERE id = 1").await;
    held(&city, "2026-03-11", 1, "2026-05-16").await;
    let may = month(&city, "2026-05").await;
    assert_eq!(may, [line("norm", "2026-05-16", "2026-06-01", "15.484")], "2 x 15 x 16/31");
    read(&city, 1, "2026-06-25", 126_000, "").await;
    let june = month(&city, "2026-06").await;
    // 126 less 106, less the 15.484 of May; April has another price.
    let parts = [
        line("metered", "2026-03-11", "2026-04-01", "0.886"),
        line("metered", "2026-04-01", "2026-06-26", "3.630"),
    ];
    assert_eq!(june, parts);
}

/// Taken off on the 11th, put in again on the 21st: each stay has readings of its own, the days between them go by the average.
#[tokio::test]
async fn a_meter_that_comes_back_is_not_billed_twice() {
    let city = flat().await;
    city.sql("UPDATE meters.installation SET valid = daterange('2020-01-01', '2026-03-11')").await;
    city.sql(
        "INSERT INTO meters.installation (meter_id, point_id, valid, recorded_by) VALUES (1, 1, daterange('2026-03-21', NULL), 'test')",
    )
    .await;
    city.sql("UPDATE consumption.month SET history = '{9300}', history_period = '{2026-02-01}'").await;
    read(&city, 1, "2026-03-11", 106_000, "final").await;
    read(&city, 1, "2026-03-21", 106_000, "initial").await;
    read(&city, 1, "2026-03-31", 108_000, "").await;
    assert_eq!(
        month(&city, "2026-03").await,
        [
            line("metered", "2026-02-25", "2026-03-11", "6.000"),
            line("average", "2026-03-11", "2026-03-21", "3.000"),
            line("metered", "2026-03-21", "2026-04-01", "2.000")
        ]
    );
    // And so the next month goes on from the second stay.
    read(&city, 1, "2026-04-20", 111_000, "").await;
    assert_eq!(month(&city, "2026-04").await, [line("metered", "2026-04-01", "2026-04-21", "3.000")]);
}

/// The house paid for March and April as one: the flat's own days are those before and after.
#[tokio::test]
async fn a_house_that_leaves_bulk_billing_pays_for_none_of_its_months_again() {
    let city = flat().await;
    city.sql("INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by) VALUES ('act', 'B-1', '2026-03-01', 'test', 'test', 'test')").await;
    city.sql("INSERT INTO premises.bulk_billing (building_id, valid, document_id, recorded_by) SELECT 1, '[2026-03-01,2026-05-01)', max(id), 'test' FROM archive.document").await;
    assert_eq!(month(&city, "2026-03").await, []);
    read(&city, 1, "2026-04-20", 155_000, "").await;
    assert_eq!(month(&city, "2026-04").await, []);
    // 85 m³ in 85 days, 61 of them in bulk.
    read(&city, 1, "2026-05-20", 185_000, "").await;
    assert_eq!(
        month(&city, "2026-05").await,
        [
            line("metered", "2026-02-25", "2026-03-01", "4.000"),
            line("metered", "2026-05-01", "2026-05-21", "20.000")
        ]
    );
    let left: i64 =
        city.scalar("SELECT count(*) FROM consumption.month WHERE months_without_reading > 1").await.unwrap();
    assert_eq!(left, 0, "nobody waits for readings of a house that pays in bulk");
}
