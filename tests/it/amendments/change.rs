//! A list of changes: each line goes through or says why it does not; issued bills are left to a correction.

use aiscra_tests::{Flat, TestApp};
use domain::access::Role;
use domain::kernel::*;
use serde_json::json;

use super::{act, asked, bill_ahead, facts, named, open, prepared, reverse};
use crate::payments::record::issued;

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_list_changes_residents_amenity_and_readings() {
    let city = TestApp::new().await;
    city.house(&[
        Flat::unmetered(3),
        Flat::unmetered(2),
        Flat::unmetered(2),
        Flat::metered(1, 2_000),
        Flat::unmetered(1),
    ])
    .await;
    let list = "account;fact;value;day
1000001;residents;4;2026-03-01
1000002;residents;2;2026-03-01
1000003;amenity;dilapidated;2026-03-01
1000004;reading;106.000;20.03.2026
1000001;residents;5;2026-03-01
9999999;residents;5;2026-03-01
1000005;residents;2;2019-01-01
1000005;reading;7;2026-03-20
1000004;reading;99;2026-03-21";
    let was = facts(&city).await;
    let (accountant, chief) = (named(Role::Accountant, "alia"), named(Role::ChiefAccountant, "berik"));
    let batch = prepared(&city, &accountant, json!({ "changes": list })).await;
    let rows = batch["rows"]["nodes"].as_array().unwrap();
    let said: Vec<String> = rows
        .iter()
        .map(|row| {
            let said = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
            format!("{} {} {} -> {}", said("outcome"), said("refusal"), said("was"), said("value"))
        })
        .collect();
    assert_eq!(
        said,
        [
            "READY - 3 -> 4",
            "REFUSED SAME 2 -> 2",
            "READY - household -> dilapidated",
            "READY - 102.000 -> 106.000",
            "REFUSED TWICE 3 -> 5",
            "REFUSED NOT_FOUND - -> 5",
            "REFUSED ACCOUNT_CLOSED - -> 2",
            "REFUSED METER_UNCLEAR - -> 7.000",
            // Less than the reading of February: the intake rejects it.
            "REFUSED REJECTED - -> 99.000",
        ],
        "{batch}"
    );
    assert_eq!(batch["ahead"].as_i64(), Some(3), "{batch}");
    assert_eq!(facts(&city).await, was);
    let mut expected = std::collections::BTreeMap::new();
    for effect in batch["effects"]["nodes"].as_array().unwrap() {
        let number: i64 = effect["account"]["number"].as_str().unwrap().parse().unwrap();
        expected.insert(number - 1_000_000, effect["after"].as_str().unwrap().to_owned());
    }
    assert_eq!(act(&city, "amendmentSave", &accountant, &batch).await, [""; 0]);
    if open(&city, &batch["id"]).await["state"] == "WAITING" {
        assert_eq!(act(&city, "amendmentConfirm", &chief, &batch).await, [""; 0]);
    }
    assert_eq!(open(&city, &batch["id"]).await["state"], "APPLIED");
    for (account, bill) in expected {
        assert_eq!(bill_ahead(&city, account).await, bill, "account {account}");
    }
    assert_eq!(reverse(&city, &chief, &batch).await, [""; 0]);
    let back: Vec<String> =
        facts(&city).await.into_iter().filter(|fact| !fact.ends_with("withdrawn")).collect();
    assert_eq!(back, was, "the reading that came instead stays visible as withdrawn");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issued_bill_is_left_to_a_correction_in_the_name_of_who_prepared_it() {
    let city = issued().await;
    // Account 2 was billed 12.345 m³ by its meter; 10 m³ is right.
    let (accountant, chief) = (named(Role::Accountant, "alia"), named(Role::ChiefAccountant, "berik"));
    let batch =
        prepared(&city, &accountant, json!({ "changes": "1000002;reading;110.000;2026-03-20" })).await;
    assert_eq!((batch["issued"].as_i64(), batch["ahead"].as_i64()), (Some(1), Some(0)), "{batch}");
    assert_eq!(act(&city, "amendmentSave", &accountant, &batch).await, [""; 0]);
    assert_eq!(act(&city, "amendmentConfirm", &chief, &batch).await, [""; 0]);
    let saved = open(&city, &batch["id"]).await;
    let correction = &saved["correction"];
    assert_eq!(
        (&correction["state"], &correction["createdBy"]),
        (&json!("PREVIEWED"), &json!("alia")),
        "{saved}"
    );
    let owed: Option<i64> = city.scalar("SELECT owed_less FROM billing.correction").await;
    assert_eq!(json!(Money::from_tiyn(owed.unwrap()).to_string()), batch["owedLess"]);
    let charged: Option<i64> =
        city.scalar("SELECT count(*) FROM billing.charge_line WHERE liters = 12345").await;
    assert!(charged.unwrap() > 0, "what was billed stays");
    // Another batch stands on it until it is withdrawn.
    assert_eq!(reverse(&city, &chief, &batch).await, ["AMENDMENT_CORRECTED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_not_understood_says_where() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3)]).await;
    let accountant = named(Role::Accountant, "alia");
    let wrong = json!({ "changes": "1000001;residents;4;2026-03-01\n1000001;resident;4;2026-03-01" });
    assert_eq!(asked(&city, &accountant, &wrong).await, Err(vec!["AMENDMENT_LINE".to_owned()]));
    assert_eq!(asked(&city, &accountant, &json!({})).await, Err(vec!["AMENDMENT_EMPTY".to_owned()]));
    assert_eq!(asked(&city, &accountant, &json!({ "reason": " " })).await, Err(vec!["EMPTY".to_owned()]));
}
