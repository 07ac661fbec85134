//! Another method in a scenario: houses are reckoned anew within it, and the bills differ by what they bear.

use aiscra_tests::{TestApp, march};
use api::billing::ops::run_now;
use api::platform::graphql::Gid;
use domain::access::Role;
use domain::kernel::*;
use serde_json::{Value as Json, json};

use super::city;

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
    let wish = json!({ "i": { "name": value, "period": "2026-03", "sectors": ["MULTI"], "changes": method(value), "keepAccounts": false,
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
