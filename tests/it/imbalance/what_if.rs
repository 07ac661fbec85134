//! Another method in a scenario: houses are reckoned anew within it, and the bills differ by what they bear.

use aiscra_tests::{TestApp, march};
use api::billing::ops::run_now;
use api::platform::graphql::Gid;
use domain::access::Role;
use domain::kernel::*;
use serde_json::{Value as Json, json};

use super::{INLET, city};

const CREATE: &str = "mutation($i: ScenarioCreateInput!) { scenarioCreate(input: $i) { scenario { id } errors { code message } } }";
const OPEN: &str = "query($id: ID!) { scenario(id: $id) { status failures
    total { before { gross volume } after { gross volume } difference gainers losers }
    largest { account { number } difference } } }";
const OF_ACCOUNT: &str = "query($a: ID!, $c: [ScenarioChangeInput!]!) {
    scenarioOfAccount(account: $a, period: \"2026-03\", changes: $c) {
      comparison { before after difference } errors { code message } } }";

fn method(value: &str) -> Json {
    json!([{ "setting": { "code": "imbalance.method", "from": "2026-03-01", "value": value } }])
}

async fn reckon(city: &TestApp, value: &str, key: &str) -> Json {
    tried(city, method(value), key).await
}

async fn tried(city: &TestApp, changes: Json, key: &str) -> Json {
    let wish = json!({ "i": { "name": key, "period": "2026-03", "sectors": ["MULTI"], "changes": changes, "keepAccounts": false,
        "idempotencyKey": key } });
    let asked = city.graphql(CREATE, wish).as_role(Role::Accountant).await;
    assert_eq!(asked.refusals(), [""; 0], "{asked:?}");
    let id = asked.text("/scenarioCreate/scenario/id").to_owned();
    city.run_jobs().await;
    let opened = city.graphql(OPEN, json!({ "id": id })).as_role(Role::Auditor).await;
    let said = opened.ok()["scenario"].clone();
    assert_eq!(said["status"], "DONE", "{said}");
    said
}

/// 1.001 m³ by people are 501, 250, 250 litres, equally 334, 334, 333; by 124.062 tenge per m³ of water and sewerage with VAT.
/// 501: 38.36 + 23.80, 334: 25.57 + 15.87, 250: 19.14 + 11.88, 333: 25.49 + 15.82.
#[tokio::test(flavor = "multi_thread")]
async fn another_method_shares_the_same_difference_otherwise() {
    let city = city(Some(25_001)).await;
    for (key, ran) in [("ahead", false), ("behind", true)] {
        if ran {
            run_now(&city.app, march(), Sector::Multi, Some(2)).await.unwrap().unwrap();
        }
        let same = reckon(&city, "by_registered", &format!("{key}-same")).await;
        assert_eq!(same["total"]["before"], same["total"]["after"], "{key}");
        assert_eq!(same["total"]["losers"], json!(0));
        let other = reckon(&city, "equal", &format!("{key}-other")).await;
        assert_eq!(
            other["total"]["before"]["volume"], other["total"]["after"]["volume"],
            "{key}: not a litre is lost"
        );
        let mut largest: Vec<String> = other["largest"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                format!(
                    "{} {}",
                    one["account"]["number"].as_str().unwrap(),
                    one["difference"].as_str().unwrap()
                )
            })
            .collect();
        largest.sort();
        assert_eq!(largest, ["1000001 -20.72", "1000002 10.42", "1000003 10.29"], "{key}");

        let one = city
            .graphql(OF_ACCOUNT, json!({ "a": Gid(AccountId(1)).encode(), "c": method("equal") }))
            .as_role(Role::Accountant)
            .await;
        assert_eq!(one.at("/scenarioOfAccount/comparison/difference"), &json!("-20.72"), "{key}: {one:?}");
    }
    let runs = "SELECT count(*) FROM imbalance.reckoning WHERE purpose = 'run'";
    assert_eq!(city.scalar::<i64>(runs).await, Some(1), "a scenario writes its own");
}

/// A reading of March that showed so many litres since February, until the month's last one replaced it.
async fn replaced(city: &TestApp, meter: i64, day: &str, used: i64) {
    city.sql(&format!(
        "INSERT INTO readings.reading (period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, superseded_by, received_by)
         SELECT m.period, m.account_id, m.point_id, m.meter_id, '{day}', f.liters + {used}, m.channel, 'superseded', m.id, 'test'
         FROM readings.reading m JOIN readings.reading f ON f.meter_id = m.meter_id AND f.period = '2026-02-01'
         WHERE m.meter_id = {meter} AND m.period = '2026-03-01' AND m.verdict = 'accepted'"
    ))
    .await;
}

/// As of the 15th the flats had shown 3 + 2 + 1 m³ and their house 6.100: 100 litres are 50, 25 and 25. By 76.56 tenge per m³ of water
/// and 47.502 of sewerage with VAT: 229.68 + 142.51 + 3.83 + 2.38 = 378.40, 153.12 + 95.00 + 1.91 + 1.19 = 251.22 and
/// 76.56 + 47.50 + 1.91 + 1.19 = 127.16. In the whole month, by 12 + 8 + 4 m³ and 501, 250 and 250 litres: 1550.90, 1023.52 and 527.27.
#[tokio::test(flavor = "multi_thread")]
async fn up_to_a_day_flats_and_their_house_have_the_readings_that_counted_then() {
    let city = city(Some(25_001)).await;
    for (meter, used) in [(1, 3_000), (2, 2_000), (3, 1_000)] {
        replaced(&city, meter, "2026-03-10", used).await;
    }
    replaced(&city, INLET, "2026-03-12", 6_100).await;
    let freeze = json!([{ "freeze": { "day": "2026-03-15" } }]);
    for (key, ran) in [("ahead", false), ("behind", true)] {
        if ran {
            run_now(&city.app, march(), Sector::Multi, Some(2)).await.unwrap().unwrap();
        }
        let said = tried(&city, freeze.clone(), &format!("{key}-frozen")).await;
        let total = &said["total"];
        assert_eq!(
            (&total["before"]["gross"], &total["after"]["gross"]),
            (&json!("3101.69"), &json!("756.78")),
            "{key}: {said}"
        );
        let largest: Vec<&str> = said["largest"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["difference"].as_str().unwrap())
            .collect();
        assert_eq!(largest, ["-1172.50", "-772.30", "-400.11"], "{key}");

        let one = city
            .graphql(OF_ACCOUNT, json!({ "a": Gid(AccountId(1)).encode(), "c": freeze }))
            .as_role(Role::Accountant)
            .await;
        assert_eq!(one.at("/scenarioOfAccount/comparison/after"), &json!("378.40"), "{key}: {one:?}");
    }
}
