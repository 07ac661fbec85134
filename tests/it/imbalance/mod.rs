//! Acts of `imbalance`, on a house of flats with a meter of its own.

mod areas;
mod bulk;
mod corrected;
mod decide;
mod reckon;
mod told;
mod what_if;

use aiscra_tests::{Flat, TestApp, march};
use api::imbalance::ops::{Purpose, reckon_houses};
use domain::kernel::*;
use entities::imbalance::reckoning::Reckoning;

/// The point of the house meter.
const INLET: i64 = 900;
const DOCUMENT: i64 = 500;

/// Three flats that account for 12 + 8 + 4 m³ of two, one and one people; the house meter showed so many litres by 23 March.
pub async fn city(shown: Option<i64>) -> TestApp {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 12_000), Flat::metered(1, 8_000), Flat::metered(1, 4_000)]).await;
    house_meter(&city, shown).await;
    city
}

pub async fn house_meter(city: &TestApp, shown: Option<i64>) {
    let since = "daterange('2024-01-01', NULL)";
    for statement in [
        format!(
            "INSERT INTO archive.document (id, kind, number, issued_on, issuer, subject, registered_by) OVERRIDING SYSTEM VALUE
             VALUES ({DOCUMENT}, 'order', '№ 7', '2026-03-01', 'Дом', 'Протокол', 'test')"
        ),
        format!("INSERT INTO premises.point (id, building_id) VALUES ({INLET}, 1)"),
        format!(
            "INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded_by)
             VALUES ({INLET}, true, true, 'household', {since}, 'test')"
        ),
        format!("INSERT INTO meters.meter (id, model_id, serial) VALUES ({INLET}, 1, 'HOUSE')"),
        format!(
            "INSERT INTO meters.installation (meter_id, point_id, valid, recorded_by) VALUES ({INLET}, {INLET}, {since}, 'test')"
        ),
        format!(
            "INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by)
             VALUES ({INLET}, '2024-01-01', '2030-01-01', 'test')"
        ),
    ] {
        city.sql(&statement).await;
    }
    read_house(city, "2026-02-01", "2026-02-23", 1_000_000).await;
    if let Some(shown) = shown {
        read_house(city, "2026-03-01", "2026-03-23", 1_000_000 + shown).await;
    }
}

/// The account of a condominium, number 8000, with its office in a house of its own and nothing to pay for yet.
pub async fn condominium(city: &TestApp) {
    for statement in [
        "INSERT INTO premises.building (id, district_id, street_id, house, kind) VALUES (2, 1, 1, '12', 'non_residential')",
        "INSERT INTO premises.premise (id, building_id, number, kind) VALUES (80, 2, '', 'non_residential')",
        "INSERT INTO subscribers.account (id, number, sector, consumer_group, district_id, building_id, premise_id, opened_on)
         VALUES (80, '8000', 'legal', 'other', 1, 2, 80, '2020-01-01')",
    ] {
        city.sql(statement).await;
    }
}

pub async fn read_house(city: &TestApp, period: &str, day: &str, liters: i64) {
    city.sql(&format!(
        "INSERT INTO readings.reading (period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, received_by)
         VALUES ('{period}', 0, {INLET}, {INLET}, '{day}', {liters}, 'telemetry', 'accepted', 'test')"
    ))
    .await;
}

pub async fn set(city: &TestApp, code: &str, value: &str) {
    city.sql(&format!("UPDATE tariffs.setting SET value = '\"{value}\"' WHERE code = '{code}'")).await;
}

pub async fn look(city: &TestApp) -> Reckoning {
    reckon(city, Purpose::Look).await
}

pub async fn reckon(city: &TestApp, purpose: Purpose) -> Reckoning {
    reckon_houses(&city.app, purpose, march(), city.app.clock.now(), &|_, _| {}).await.unwrap()
}

/// Litres of each account's share.
pub async fn shares(city: &TestApp, reckoning: &Reckoning) -> Vec<(i64, i64)> {
    let id = ReckoningId(reckoning.id);
    let found = entities::imbalance::share::shares_in(&city.app.db, reckoning.period(), id, 0..i64::MAX)
        .await
        .unwrap();
    found.into_iter().map(|(account, share)| (account.0, share.volume.liters())).collect()
}
