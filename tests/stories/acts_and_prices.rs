//! A torn seal from the act to the re-sealing, as the office charges it and the resident reads it; a price that changes in mid-month.

use aiscra_tests::{DECIDE_SIGNATURE, Flat, TestApp};
use api::platform::graphql::id::encode;
use domain::access::Role;
use domain::kernel::*;
use serde_json::json;

use crate::office::{act, bill_month, close_month, lines, on, paper};

#[tokio::test]
async fn a_torn_seal_until_it_is_sealed_again() {
    let city = TestApp::new().await;
    // 10 m³ between 24 February and 20 March.
    city.house(&[Flat::metered(2, 10_000)]).await;
    on(&city, "2026-03-16");
    let torn = paper(&city, "АКТ-17", "2026-03-16").await;
    let input = json!({ "accountId": encode("Account", 1), "pointId": encode("Point", 1), "kind": "TORN_SEAL", "from": "2026-03-02",
        "diameterMm": 15, "documentId": torn });
    let special = act(&city, Role::OperatorMulti, "specialRecord", input, "special { id }").await;

    // From the last check on 2 March to the month's end: 30 days x 18.321768 m³ = 549.653, less what the meter is billed for 19 of its
    // 24 days: 10 x 19/24 = 7.917. 541.736 x 66 x 1.16. Sewerage is not charged by capacity.
    on(&city, "2026-03-31");
    bill_month(&city, "2026-03", Sector::Multi).await;
    assert_eq!(
        lines(&city, 1).await,
        [
            "water metered 02-25..03-20 10.000 = 765.60",
            "water capacity 03-02..03-31 541.736 = 41475.31",
            "sewerage_cold metered 02-25..03-20 10.000 = 475.02",
        ]
    );
    close_month(&city, "2026-03", Sector::Multi).await;

    // Sealed again on 9 April: 8 days more, 146.574, less 8/30 of the average that April is billed by. March's flood is no part of it.
    on(&city, "2026-04-09");
    let sealed = paper(&city, "АКТ-21", "2026-04-09").await;
    let end =
        json!({ "id": special.text("/specialRecord/special/id"), "on": "2026-04-08", "documentId": sealed });
    act(&city, Role::OperatorMulti, "specialEnd", end, "special { to }").await;
    on(&city, "2026-04-30");
    bill_month(&city, "2026-04", Sector::Multi).await;
    assert_eq!(
        lines(&city, 1).await,
        [
            "water average 04-01..04-30 10.000 = 765.60",
            "water capacity 04-01..04-08 143.907 = 11017.52",
            "sewerage_cold average 04-01..04-30 10.000 = 475.02",
        ]
    );

    // The resident reads how it came about, down to the act.
    let mine = city
        .graphql(
            "{ me { account { bills(first: 1) { nodes { explanation { lines { tree { children { kind label children { kind value label
                 children { kind value source } } } } } } } } } } }",
            json!({}),
        )
        .as_subscriber(AccountId(1))
        .await;
    let read = mine.at("/me/account/bills/nodes/0/explanation/lines/1/tree").to_string();
    for word in ["CAPACITY_PER_DAY", "18.321768", "BILLED_BEFORE", "2.667", "АКТ-17"] {
        assert!(read.contains(word), "{word} is not in {read}");
    }
}

#[tokio::test]
async fn a_price_changes_in_the_middle_of_a_month() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(2), Flat::metered(2, 12_000)]).await;
    on(&city, "2026-03-10");
    let order = paper(&city, "Приказ 15", "2026-03-10").await;
    let price = json!({ "service": "WATER", "consumerGroup": "POPULATION", "net": "80", "from": "2026-03-16", "source": "приказ",
        "documentId": order });
    let proposed = act(&city, Role::Accountant, "pricePropose", price, "proposal { id }").await;
    let input = json!({ "id": proposed.text("/pricePropose/proposal/id") });
    act(&city, Role::ChiefAccountant, "tariffConfirm", input, "").await;
    on(&city, "2026-03-31");
    bill_month(&city, "2026-03", Sector::Multi).await;
    // By norm 30 m³: 15 and 16 of 31 days. By the meter 12 m³ on the 24 days to 20 March: 19 before the change, 5 after.
    assert_eq!(
        lines(&city, 1).await,
        [
            "water norm 03-01..03-15 14.516 = 1111.34",
            "water norm 03-16..03-31 15.484 = 1436.92",
            "sewerage_cold norm 03-01..03-31 30.000 = 1425.06",
        ]
    );
    assert_eq!(
        lines(&city, 2).await,
        [
            "water metered 02-25..03-15 9.500 = 727.32",
            "water metered 03-16..03-20 2.500 = 232.00",
            "sewerage_cold metered 02-25..03-20 12.000 = 570.02",
        ]
    );
}

/// The act was of another flat: charged and issued in March, the case is taken back in April by two people, and a recalculation brings
/// March to what the neighbour pays, who never had it.
#[tokio::test(flavor = "multi_thread")]
async fn a_seal_that_was_never_torn_costs_nothing_in_the_end() {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 10_000), Flat::metered(2, 10_000)]).await;
    on(&city, "2026-03-16");
    let torn = paper(&city, "АКТ-17", "2026-03-16").await;
    let input = json!({ "accountId": encode("Account", 1), "pointId": encode("Point", 1), "kind": "TORN_SEAL", "from": "2026-03-02",
        "to": "2026-03-15", "diameterMm": 15, "documentId": torn });
    let special = act(&city, Role::OperatorMulti, "specialRecord", input, "special { id }").await;
    on(&city, "2026-03-31");
    bill_month(&city, "2026-03", Sector::Multi).await;
    close_month(&city, "2026-03", Sector::Multi).await;
    let owed = async |account: i64| -> i64 {
        let sum =
            "SELECT coalesce(sum(amount - settled), 0)::bigint FROM ledger.open_item WHERE account_id =";
        city.scalar(&format!("{sum} {account}")).await.unwrap()
    };
    // 14 days x 18.321768 m³ less 14 of the 24 days of 10 m³: 250.672 x 66 x 1.16.
    assert_eq!(owed(1).await - owed(2).await, 1_919_145);

    on(&city, "2026-04-06");
    let order = paper(&city, "АКТ-23", "2026-04-03").await;
    let input = json!({ "id": special.text("/specialRecord/special/id"), "documentId": order });
    let asked = act(&city, Role::Accountant, "specialTakeBack", input, "signature { id }").await;
    let wish = json!({ "id": asked.at("/specialTakeBack/signature/id"), "yes": true });
    let agreed = city.graphql(DECIDE_SIGNATURE, wish).as_role(Role::ChiefAccountant).await;
    assert_eq!(agreed.at("/secondSignatureDecide/signature/state"), "AGREED", "{agreed:?}");
    assert_eq!(owed(1).await - owed(2).await, 1_919_145, "an act alone moves no money");

    let input = json!({ "accounts": [encode("Account", 1)], "from": "2026-03", "to": "2026-03", "documentId": order,
        "reason": "акт другой квартиры", "idempotencyKey": "never torn" });
    let asked = act(&city, Role::Accountant, "correctionCreate", input, "correction { id }").await;
    city.run_jobs().await;
    let query = "query($id: ID!) { correction(id: $id) { id hash owedLess owedMore } }";
    let id = json!({ "id": asked.at("/correctionCreate/correction/id") });
    let seen = city.graphql(query, id).as_role(Role::Auditor).await.at("/correction").clone();
    assert_eq!((&seen["owedLess"], &seen["owedMore"]), (&json!("19191.45"), &json!("0.00")), "{seen}");
    for (name, role) in [("correctionPost", Role::Accountant), ("correctionConfirm", Role::ChiefAccountant)] {
        let query =
            format!("mutation($i: CorrectionPostInput!) {{ {name}(input: $i) {{ errors {{ code }} }} }}");
        let input =
            json!({ "id": seen["id"], "hash": seen["hash"], "idempotencyKey": format!("{name} torn") });
        let reply = city.graphql(&query, json!({ "i": input })).as_role(role).await;
        assert_eq!(reply.refusals(), [""; 0], "{reply:?}");
        city.run_jobs().await;
    }
    assert_eq!(owed(1).await, owed(2).await, "as if it never was");
}
