//! What recalculations change of the flats' water is the house's; a house is compared from its first day, and for a while by average.

use aiscra_tests::march;
use domain::access::Role;
use domain::kernel::*;
use serde_json::json;

use super::{INLET, city, look, read_house, set};
use crate::billing::recalculate::{self, act, more_residents, named, open, prepared, reverse};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_recalculation_takes_off_a_flat_enters_the_next_difference_of_its_house() {
    let city = recalculate::city(300).await;
    let (accountant, chief) = (named(Role::Accountant, "alia"), named(Role::ChiefAccountant, "berik"));
    let found: Option<String> = city
        .scalar(
            "SELECT min(a.id || ' ' || a.building_id) FROM subscribers.account a
             JOIN imbalance.house h ON h.building_id = a.building_id AND h.period = '2026-02-01' AND h.compared_by = 'meter'
             JOIN imbalance.reckoning k ON k.id = h.reckoning_id AND k.purpose = 'run'
             WHERE a.sector = 'multi' AND 3 = (
                 SELECT count(DISTINCT l.period) FILTER (WHERE l.basis = 'norm' AND l.meter_id IS NULL AND l.residents > 2)
                        * (CASE WHEN bool_and(l.basis = 'norm') THEN 1 ELSE 0 END)
                 FROM billing.charge_line l
                 WHERE l.account_id = a.id AND l.period BETWEEN '2025-12-01' AND '2026-02-01' AND l.component = 'charge')",
        )
        .await;
    let found = found.expect("a flat by norm in a house with a meter");
    let (account, building) = found.split_once(' ').unwrap();
    let account: i64 = account.parse().unwrap();
    let compared: i64 = city
        .scalar(&format!(
            "SELECT count(*) FROM imbalance.house h
             JOIN imbalance.reckoning k ON k.id = h.reckoning_id AND k.purpose = 'run'
             WHERE h.building_id = {building} AND h.period BETWEEN '2025-12-01' AND '2026-02-01' AND h.compared_by IS NOT NULL"
        ))
        .await
        .unwrap();
    let row = format!(
        "SELECT corrected || ' ' || (gap + normed) FROM imbalance.house WHERE building_id = {building}
         AND period = '2026-03-01'"
    );
    look(&city).await;
    let before = city.scalar::<String>(&row).await.unwrap();
    let (corrected, gap) = before.split_once(' ').unwrap();
    let gap: i64 = gap.parse().unwrap();
    assert_eq!(corrected, "0");

    // A person less, from long ago: 15 m³ a month, of the months that the house was compared in.
    more_residents(&city, account, -1).await;
    let batch = prepared(
        &city,
        &accountant,
        json!({ "accounts": [api::platform::graphql::Gid(AccountId(account)).encode()] }),
    )
    .await;
    look(&city).await;
    assert_eq!(city.scalar::<String>(&row).await.unwrap(), format!("0 {gap}"), "nothing is posted yet");
    assert_eq!(act(&city, "correctionPost", &accountant, &batch).await, [""; 0]);
    assert_eq!(act(&city, "correctionConfirm", &chief, &batch).await, [""; 0]);
    assert_eq!(open(&city, &batch["id"]).await["state"], "POSTED");
    look(&city).await;
    let back = 15_000 * compared;
    assert_eq!(city.scalar::<String>(&row).await.unwrap(), format!("{} {}", -back, gap + back));

    assert_eq!(reverse(&city, &chief, &batch).await, [""; 0]);
    look(&city).await;
    assert_eq!(city.scalar::<String>(&row).await.unwrap(), format!("0 {gap}"));
}

/// The flats' readings are of 25 February to 20 March; the house meter stands since 10 March.
#[tokio::test(flavor = "multi_thread")]
async fn a_house_meter_put_in_mid_month_is_compared_with_the_days_since() {
    let city = city(None).await;
    city.sql(&format!("DELETE FROM readings.reading WHERE point_id = {INLET}")).await;
    city.sql(&format!(
        "UPDATE meters.installation SET valid = daterange('2026-03-10', NULL) WHERE point_id = {INLET}"
    ))
    .await;
    city.sql(&format!(
        "INSERT INTO readings.reading (period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, act, received_by)
         VALUES ('2026-03-01', 0, {INLET}, {INLET}, '2026-03-10', 7000, 'telemetry', 'accepted', 'initial', 'test')"
    ))
    .await;
    read_house(&city, "2026-03-01", "2026-03-24", 20_000).await;
    look(&city).await;
    // Eleven of the flats' 24 days: 5.5 of 12, 3.667 of 8 and 1.833 of 4 m³.
    let row = "SELECT measured || ' ' || metered || ' ' || gap || ' ' || from_day FROM imbalance.house";
    assert_eq!(city.scalar::<String>(row).await.as_deref(), Some("13000 11000 2000 2026-03-10"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_house_meter_is_stood_for_by_its_last_months_as_long_as_the_setting_says() {
    let city = city(Some(25_000)).await;
    let run = api::billing::ops::run_now(&city.app, march(), Sector::Multi, None).await.unwrap().unwrap();
    assert_eq!(run.failures, 0);
    city.sql("UPDATE meters.verification SET valid_until = '2026-04-20' WHERE meter_id = 900").await;
    let mut tx =
        entities::kernel::Tx::begin(&city.app.db, domain::access::Actor::system("test")).await.unwrap();
    api::billing::ops::issue_run(&mut tx, run.run_id(), &city.app.clock).await.unwrap().unwrap();
    let april = march().next();
    api::ledger::ops::open_period(&mut tx, april, Sector::Multi, april.last_day()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    for (account, liters) in [(1, 118_000), (2, 111_000), (3, 105_000)] {
        city.reading(account, "2026-04-01", "2026-04-20", liters).await;
    }
    // 25 m³ in the 28 days of March's readings: 26.786 in the 30 days of April, of which the flats used ten.
    let month = async || {
        let purpose = api::imbalance::ops::Purpose::Look;
        api::imbalance::ops::reckon_houses(&city.app, purpose, april, city.app.clock.now(), &|_, _| {})
            .await
            .unwrap();
        city.scalar::<String>(
            "SELECT coalesce(compared_by, '-') || ' ' || coalesce(measured, 0) || ' ' || gap || ' ' || from_day
             FROM imbalance.house WHERE period = '2026-04-01'",
        )
        .await
        .unwrap()
    };
    assert_eq!(month().await, "average 26786 16786 2026-04-01");
    set(&city, "imbalance.average_days", "10").await;
    assert_eq!(month().await.split(' ').next(), Some("-"), "eleven days of April are more than ten");
    set(&city, "imbalance.average_days", "11").await;
    assert_eq!(month().await.split(' ').next(), Some("average"));
}
