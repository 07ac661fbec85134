//! A house that is shared by area waits for an area that nobody knows.

use aiscra_tests::{Reply, TestApp, march};
use api::imbalance::ops::{Purpose, reckon_houses};
use api::platform::graphql::id::encode;
use domain::access::Role;
use serde_json::json;

use super::{city, look, reckon, set, shares};

async fn set_area(city: &TestApp, account: i64, meters: &str, document: i64, role: Role) -> Reply {
    let query = "mutation($input: PremiseAreaInput!) { premiseAreaSet(input: $input) { building { id } errors { code field } } }";
    let input = json!({ "accountId": encode("Account", account), "squareMeters": meters, "documentId": encode("Document", document) });
    city.graphql(query, json!({ "input": input })).as_role(role).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_area_holds_the_house_until_it_is_set() {
    let city = city(Some(25_001)).await;
    set(&city, "imbalance.method", "by_area").await;
    let before = city.app.clock.now();
    look(&city).await;
    let house = "SELECT concat_ws(' ', state, reason, carried_out) FROM imbalance.house";
    assert_eq!(city.texts(house).await, ["held area_unknown 1001"]);
    let bench = "query($b: ID!) { imbalanceHouse(building: $b, period: \"2026-03\") { areaUnknown withoutArea { number } } }";
    let at = json!({ "b": encode("Building", 1) });
    let seen = city.graphql(bench, at.clone()).as_role(Role::OperatorMulti).await;
    assert_eq!(seen.at("/imbalanceHouse/areaUnknown"), 3);
    assert_eq!(seen.at("/imbalanceHouse/withoutArea/2/number"), "1000003");

    let multi = Role::OperatorMulti;
    for wrong in ["0", "0.99", "52.305", "a lot", "1000000.01"] {
        assert_eq!(set_area(&city, 1, wrong, 500, multi).await.refusals(), ["AREA_WRONG"], "{wrong}");
    }
    assert_eq!(set_area(&city, 1, "40", 99, multi).await.refusals(), ["NO_SUCH_DOCUMENT"]);
    assert_eq!(set_area(&city, 1, "40", 500, Role::Cashier).await.codes(), ["FORBIDDEN"]);
    for (account, meters) in [(1, "40"), (2, "60.00"), (3, "100.5"), (3, "100.50")] {
        set_area(&city, account, meters, 500, multi).await.ok();
    }
    let kept = "SELECT count(*) FROM premises.area_set";
    assert_eq!(city.scalar::<i64>(kept).await, Some(3), "the same area once more is nothing new");

    // 1001 litres by 40, 60 and 100.5 m²: 199.70, 299.55 and 501.75.
    let made = reckon(&city, Purpose::Scenario(1)).await;
    assert_eq!(shares(&city, &made).await, [(1, 200), (2, 299), (3, 502)]);
    let seen = city.graphql(bench, at).as_role(multi).await;
    assert_eq!(seen.at("/imbalanceHouse/areaUnknown"), 3, "the look knows what was known then");
    let made = reckon_houses(&city.app, Purpose::Scenario(2), march(), before, &|_, _| {}).await.unwrap();
    assert_eq!(shares(&city, &made).await, []);
}
