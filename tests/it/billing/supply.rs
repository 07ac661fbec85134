//! What a point is supplied with changes in the middle of a month; an account with two inlets; a torn seal found too late.

use aiscra_tests::{Flat, TestApp};

use super::expiry::{line, month};
use super::held::{flat, read};

async fn lines(city: &TestApp, service: &str, period: &str) -> Vec<String> {
    city.texts(&format!(
        "SELECT concat_ws(' ', point_id, basis, from_day, to_day, (liters / 1000.0)::numeric(12, 3)) FROM billing.charge_line
         WHERE period = '{period}-01' AND service = '{service}' ORDER BY line"
    ))
    .await
}

/// Another version of what the first point is supplied with from a day on.
async fn supplied(city: &TestApp, day: &str, sewerage: bool, amenity: &str) {
    city.sql(&format!(
        "UPDATE premises.point_service SET valid = daterange(lower(valid), '{day}') WHERE point_id = 1 AND upper_inf(valid)"
    ))
    .await;
    city.sql(&format!(
        "INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded_by)
         VALUES (1, true, {sewerage}, '{amenity}', daterange('{day}', NULL), 'test')"
    ))
    .await;
}

#[tokio::test]
async fn sewers_are_paid_for_on_the_days_that_have_them() {
    let city = flat().await;
    supplied(&city, "2026-03-11", false, "household").await;
    read(&city, 1, "2026-04-20", 155_000, "").await;
    // Not read in March: the norm of two, of sewers for ten days.
    let march = ["1 norm 2026-03-01 2026-03-11 9.677", "1 norm 2026-03-11 2026-04-01 20.323"];
    month(&city, "2026-03").await;
    assert_eq!(lines(&city, "water", "2026-03").await, march);
    assert_eq!(lines(&city, "sewerage_cold", "2026-03").await, march[..1]);
    // 55 m³ in 55 days, 30 of them billed: 25 are left, by days. April has another price.
    month(&city, "2026-04").await;
    let water = lines(&city, "water", "2026-04").await;
    let cut = [
        "1 metered 2026-02-25 2026-03-11 6.364",
        "1 metered 2026-03-11 2026-04-01 9.545",
        "1 metered 2026-04-01 2026-04-21 9.091",
    ];
    assert_eq!(water, cut);
    assert_eq!(lines(&city, "sewerage_cold", "2026-04").await, cut[..1]);
    // And the water is read on.
    read(&city, 1, "2026-05-20", 165_000, "").await;
    assert_eq!(month(&city, "2026-05").await, [line("metered", "2026-04-21", "2026-05-21", "10.000")]);
}

#[tokio::test]
async fn a_house_declared_dilapidated_has_its_norm_from_that_day() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(1)]).await;
    city.sql("DELETE FROM ledger.period").await;
    supplied(&city, "2026-03-16", true, "dilapidated").await;
    let march = [
        line("norm", "2026-03-01", "2026-03-16", "7.258"),
        line("norm", "2026-03-16", "2026-04-01", "2.772"),
    ];
    assert_eq!(month(&city, "2026-03").await, march);
}

#[tokio::test]
async fn two_inlets_of_a_dwelling_bear_one_norm() {
    let city = TestApp::new().await;
    city.sql("SELECT platform.ensure_partitions(DATE '2026-04-01')").await;
    city.house(&[Flat::unmetered(3)]).await;
    city.sql("DELETE FROM ledger.period").await;
    for statement in [
        "INSERT INTO premises.point (id, building_id, premise_id) VALUES (9001, 1, 1)",
        "INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded_by)
         VALUES (9001, true, true, 'household', daterange('2020-01-01', NULL), 'test')",
        "INSERT INTO subscribers.account_point (account_id, point_id, valid, recorded_by)
         VALUES (1, 9001, daterange('2020-01-01', NULL), 'test')",
    ] {
        city.sql(statement).await;
    }
    let march = [
        line("norm", "2026-03-01", "2026-04-01", "45.000"),
        line("norm_elsewhere", "2026-03-01", "2026-04-01", "0.000"),
    ];
    assert_eq!(month(&city, "2026-03").await, march);
    city.sql("UPDATE tariffs.setting SET value = '\"every_inlet\"' WHERE code = 'consumption.norm_inlets'")
        .await;
    let april = month(&city, "2026-04").await;
    let each = line("norm", "2026-04-01", "2026-05-01", "45.000");
    assert_eq!(april, [each.clone(), each]);
}

/// February and March went by the norm for want of a reading; then an act says that the seal was torn all March. Its days cost the
/// capacity of the pipe; what was billed for them is taken off that, and not once more off what the meter shows in May.
#[tokio::test]
async fn an_average_under_a_torn_seal_settles_nothing_later() {
    let city = flat().await;
    month(&city, "2026-03").await;
    city.sql("INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by) VALUES ('act', 'T-1', '2026-04-02', 't', 't', 't')").await;
    city.sql(
        "INSERT INTO consumption.special (account_id, point_id, kind, valid, people, diameter_mm, document_id, recorded_by)
         VALUES (1, 1, 'torn_seal', daterange('2026-03-01', '2026-04-01'), 0, 15, (SELECT max(id) FROM archive.document), 'test')",
    )
    .await;
    // 31 days of 18.3218 m³ are 567.975, less the 30 of March.
    let april = month(&city, "2026-04").await;
    assert_eq!(april[1], line("capacity", "2026-03-01", "2026-04-01", "537.975"));
    let left: i64 =
        city.scalar("SELECT provisional FROM consumption.month WHERE period = '2026-04-01'").await.unwrap();
    assert_eq!(left, 30_000, "April's own");
    // 65 m³ since 24 February; 31 of the 85 days are paid for as capacity, of the rest 30 were billed.
    read(&city, 1, "2026-05-20", 185_000, "").await;
    let may = month(&city, "2026-05").await;
    let liters: i64 = city.scalar("SELECT sum(liters)::bigint FROM billing.charge_line WHERE period = '2026-05-01' AND service = 'water'").await.unwrap();
    assert_eq!(liters, 85_000 * 54 / 85 - 30_000, "{may:?}");
}
