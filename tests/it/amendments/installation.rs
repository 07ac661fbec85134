//! A meter that was never put there: its installation goes with the readings that stand on it, of a flat and of a house.

use aiscra_tests::{Flat, TestApp, actor_of};
use api::platform::graphql::Gid;
use domain::access::{Actor, Role, Scope};
use domain::kernel::*;
use serde_json::{Value as Json, json};

use super::{act, asked, bill_ahead, named, open, prepared, reverse};
use crate::imbalance::look;

/// What the registers say of meters and their readings.
async fn stays(city: &TestApp) -> Vec<String> {
    city.texts(
        "SELECT concat_ws(' ', 'stays', meter_id, point_id, valid) FROM meters.installation WHERE upper_inf(recorded)
         UNION ALL SELECT concat_ws(' ', 'reading', point_id, taken_on, liters, verdict) FROM readings.reading ORDER BY 1",
    )
    .await
}

/// How many houses have a difference, by what is known now.
async fn houses(city: &TestApp) -> i64 {
    let look = look(city).await.id;
    city.scalar(&format!("SELECT count(*) FROM imbalance.house WHERE reckoning_id = {look}")).await.unwrap()
}

async fn installed(city: &TestApp, serial: &str) -> String {
    let input = json!({ "pointId": Gid(PointId(1)).encode(), "modelId": Gid(MeterModelId(1)).encode(), "serial": serial,
        "installedOn": "2026-03-05", "value": "100.000", "verifiedUntil": "2030-01-01" });
    let done = city
        .graphql(
            "mutation($i: MeterInstallInput!) { meterInstall(input: $i) { meter { id } errors { code } } }",
            json!({ "i": input }),
        )
        .as_role(Role::OperatorMulti)
        .await;
    assert_eq!(done.refusals(), [""; 0], "{done:?}");
    done.text("/meterInstall/meter/id").to_owned()
}

/// A flat of three without a meter, then with one that was entered for it by mistake and read once.
async fn entered_wrongly() -> (TestApp, String) {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3), Flat::metered(2, 5_000)]).await;
    city.sql("SELECT setval(pg_get_serial_sequence('meters.meter', 'id'), 1000)").await;
    let meter = installed(&city, "X-1").await;
    let read = city
        .graphql(
            "mutation($i: ReadingSubmitInput!) { readingSubmit(input: $i) { reading { verdict } errors { code } } }",
            json!({ "i": { "pointId": Gid(PointId(1)).encode(), "value": "104.000", "takenOn": "2026-03-24" } }),
        )
        .as_role(Role::OperatorMulti)
        .await;
    assert_eq!(read.at("/readingSubmit/reading/verdict"), "ACCEPTED", "{read:?}");
    (city, meter)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_installation_goes_with_its_readings_until_it_is_taken_back() {
    let (city, meter) = entered_wrongly().await;
    let (accountant, chief) = (named(Role::Accountant, "alia"), named(Role::ChiefAccountant, "berik"));
    let (was, wrong) = (stays(&city).await, bill_ahead(&city, 1).await);
    let batch = prepared(&city, &accountant, json!({ "installations": [meter] })).await;
    let row = &batch["rows"]["nodes"][0];
    assert_eq!((&row["fact"], &row["was"]), (&json!("INSTALLATION"), &json!("X-1 – 2026-03-05")), "{batch}");
    let effect = &batch["effects"]["nodes"][0];
    // Three people by the norm: 45 m³ × 66.00 × 1.16 = 3445.20 and × 40.95 × 1.16 = 2137.59.
    assert_eq!((&effect["before"], &effect["after"]), (&json!(wrong), &json!("5582.79")), "{batch}");
    assert_eq!(stays(&city).await, was, "a preview changes nothing");

    assert_eq!(act(&city, "amendmentSave", &accountant, &batch).await, [""; 0]);
    let saved = open(&city, &batch["id"]).await;
    assert_eq!((&saved["state"], &saved["second"]), (&json!("APPLIED"), &json!([])), "more is owed: {saved}");
    assert_eq!(bill_ahead(&city, 1).await, "5582.79");
    let gone: Vec<String> = was
        .iter()
        .filter(|row| !row.starts_with("stays 1001 "))
        .map(|row| match row.starts_with("reading 1 ") {
            true => row.replace("accepted", "withdrawn"),
            false => row.clone(),
        })
        .collect();
    assert_eq!(stays(&city).await, gone);
    // It does not stand any more.
    let again = prepared(&city, &accountant, json!({ "installations": [meter] })).await;
    assert_eq!(again["rows"]["nodes"][0]["refusal"], "NOT_FOUND");

    assert_eq!(reverse(&city, &chief, &batch).await, [""; 0]);
    assert_eq!(open(&city, &batch["id"]).await["state"], "REVERSED");
    assert_eq!((stays(&city).await, bill_ahead(&city, 1).await), (was, wrong));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_does_not_come_back_where_another_meter_stands_by_now() {
    let (city, meter) = entered_wrongly().await;
    let (accountant, chief) = (named(Role::Accountant, "alia"), named(Role::ChiefAccountant, "berik"));
    let batch = prepared(&city, &accountant, json!({ "installations": [meter] })).await;
    assert_eq!(act(&city, "amendmentSave", &accountant, &batch).await, [""; 0]);
    installed(&city, "X-2").await;
    let was = stays(&city).await;
    reverse(&city, &chief, &batch).await;
    let kept = open(&city, &batch["id"]).await;
    assert_eq!((&kept["state"], stays(&city).await), (&json!("APPLIED"), was), "{kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_of_a_house_goes_too_unless_its_difference_is_in_a_run() {
    let city = crate::imbalance::city(Some(30_000)).await;
    let chief = named(Role::ChiefAccountant, "berik");
    let meter = Gid(MeterId(900)).encode();
    assert_eq!(houses(&city).await, 1);
    // Of another district, and of one's own accounts only: not there.
    let elsewhere = Scope::Part { sectors: Default::default(), districts: [DistrictId(2)].into() };
    for scope in [elsewhere, Scope::Own([AccountId(1)].into())] {
        let who = Actor { scope, ..chief.clone() };
        let id = asked(&city, &who, &json!({ "installations": [meter] })).await.expect("a batch");
        city.run_jobs().await;
        assert_eq!(open(&city, &id).await["rows"]["nodes"][0]["refusal"], "NOT_FOUND");
    }
    let was = stays(&city).await;
    let batch = prepared(&city, &chief, json!({ "installations": [meter] })).await;
    assert_eq!((batch["ready"].as_i64(), batch["accounts"].as_i64()), (Some(1), Some(0)), "{batch}");
    // Who works in another district does not see the batch either.
    let far = Scope::Part { sectors: Default::default(), districts: [DistrictId(2)].into() };
    let far = Actor { scope: far, ..actor_of(Role::ChiefAccountant) };
    let query = "query($id: ID!) { amendment(id: $id) { id } }";
    let hidden = city.graphql(query, json!({ "id": batch["id"] })).as_actor(far).await;
    assert!(hidden.data["amendment"] == Json::Null || hidden.codes() == ["NOT_FOUND"], "{hidden:?}");
    assert_eq!(act(&city, "amendmentSave", &chief, &batch).await, [""; 0]);
    assert_eq!(open(&city, &batch["id"]).await["state"], "APPLIED");
    assert_eq!(houses(&city).await, 0, "a house without a meter has no difference");
    assert_eq!(reverse(&city, &named(Role::ChiefAccountant, "alia"), &batch).await, [""; 0]);
    assert_eq!(stays(&city).await, was);
    assert_eq!(houses(&city).await, 1);

    api::billing::ops::run_now(&city.app, aiscra_tests::march(), Sector::Multi, Some(1))
        .await
        .unwrap()
        .unwrap();
    let late = prepared(&city, &chief, json!({ "installations": [meter] })).await;
    assert_eq!(late["rows"]["nodes"][0]["refusal"], "RECKONED", "{late}");
}
