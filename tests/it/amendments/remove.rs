//! Facts that are removed end in a visible state; the preview is what comes, taken back everything is as before.

use aiscra_tests::{Flat, TestApp};
use api::payments::ops::{Adjustment, adjust};
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use domain::ledger::AdjustmentSource;
use entities::kernel::Tx;
use entities::ledger::close;
use serde_json::{Value as Json, json};

use super::{act, balance, bill_ahead, facts, named, open, prepared, reverse};
use crate::payments::record::issued;

fn minus(a: &str, b: &str) -> String {
    (a.parse::<Money>().unwrap() - b.parse::<Money>().unwrap()).to_string()
}

/// A flat whose 5 m³ of March were typed again as 75.
async fn typed_wrongly() -> (TestApp, String) {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 5_000), Flat::unmetered(3)]).await;
    city.reading(1, "2026-03-01", "2026-03-24", 175_000).await;
    city.sql(
        "UPDATE readings.reading SET verdict = 'superseded', superseded_by = (SELECT max(id) FROM readings.reading)
         WHERE taken_on = '2026-03-20'",
    )
    .await;
    let wrong: Option<i64> = city.scalar("SELECT id FROM readings.reading WHERE liters = 175000").await;
    (city, Gid(ReadingId(wrong.unwrap())).encode())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_reading_goes_and_the_one_before_counts_again_until_it_is_taken_back() {
    let (city, wrong) = typed_wrongly().await;
    let (accountant, chief) = (named(Role::Accountant, "alia"), named(Role::ChiefAccountant, "berik"));
    let (was, bill) = (facts(&city).await, bill_ahead(&city, 1).await);
    let batch = prepared(&city, &accountant, json!({ "readings": [wrong, wrong] })).await;
    assert_eq!(batch["state"], "PREVIEWED", "{batch}");
    assert_eq!((batch["ready"].as_i64(), batch["refused"].as_i64()), (Some(1), Some(1)), "{batch}");
    assert_eq!(batch["rows"]["nodes"][1]["refusal"], "TWICE");
    assert_eq!((batch["ahead"].as_i64(), batch["issued"].as_i64()), (Some(1), Some(0)), "{batch}");
    let effect = &batch["effects"]["nodes"][0];
    assert_eq!((&effect["before"], &effect["stage"]), (&json!(bill), &json!("AHEAD")));
    let after = effect["after"].as_str().unwrap().to_owned();
    assert_eq!(batch["owedLess"], json!(minus(&bill, &after)));
    assert_eq!(facts(&city).await, was, "a preview changes nothing");
    assert_eq!(bill_ahead(&city, 1).await, bill);

    // It lessens what somebody owes: never alone.
    assert_eq!(act(&city, "amendmentSave", &accountant, &batch).await, [""; 0]);
    let waiting = open(&city, &batch["id"]).await;
    assert_eq!((&waiting["state"], &waiting["second"]), (&json!("WAITING"), &json!(["CREDIT"])));
    let same = named(Role::ChiefAccountant, "alia");
    assert_eq!(act(&city, "amendmentConfirm", &same, &batch).await, ["SAME_PERSON"]);
    let other = json!({ "id": batch["id"], "hash": "00" });
    assert_eq!(act(&city, "amendmentConfirm", &chief, &other).await, ["PREVIEW_STALE"]);
    assert_eq!(act(&city, "amendmentConfirm", &chief, &batch).await, [""; 0]);
    let saved = open(&city, &batch["id"]).await;
    assert_eq!((&saved["state"], &saved["confirmedBy"]), (&json!("APPLIED"), &json!("berik")), "{saved}");
    assert_eq!(saved["correction"], Json::Null, "no bill is issued");
    assert_eq!(bill_ahead(&city, 1).await, after, "what was looked at is what came");
    let kept: Option<String> = city
        .scalar(
            "SELECT verdict || ' ' || decided_why || ' ' || (amendment_id IS NOT NULL) FROM readings.reading WHERE liters = 175000",
        )
        .await;
    assert_eq!(kept.as_deref(), Some("withdrawn typed wrongly true"));

    assert_eq!(reverse(&city, &named(Role::ChiefAccountant, "alia"), &batch).await, ["SAME_PERSON"]);
    assert_eq!(reverse(&city, &chief, &batch).await, [""; 0]);
    assert_eq!(open(&city, &batch["id"]).await["state"], "REVERSED");
    assert_eq!((facts(&city).await, bill_ahead(&city, 1).await), (was, bill));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_of_residents_goes_and_what_it_had_replaced_counts_again() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3), Flat::unmetered(3)]).await;
    let right = bill_ahead(&city, 1).await;
    let typed = city
        .graphql(
            "mutation($a: ID!) { residentsRecord(input: { accountId: $a, residents: 7, source: DOCUMENT, from: \"2026-03-01\" }) {
                residency { id } errors { code } } }",
            json!({ "a": Gid(AccountId(1)).encode() }),
        )
        .as_role(Role::OperatorMulti)
        .await;
    let (id, wrong) = (typed.at("/residentsRecord/residency/id").clone(), bill_ahead(&city, 1).await);
    assert_ne!(right, wrong);
    let was = facts(&city).await;
    let accountant = named(Role::Accountant, "alia");
    let batch = prepared(&city, &accountant, json!({ "residencies": [id] })).await;
    let effect = &batch["effects"]["nodes"][0];
    assert_eq!((&effect["before"], &effect["after"]), (&json!(wrong), &json!(right)), "{batch}");
    assert_eq!(act(&city, "amendmentSave", &accountant, &batch).await, [""; 0]);
    let chief = named(Role::ChiefAccountant, "berik");
    assert_eq!(act(&city, "amendmentConfirm", &chief, &batch).await, [""; 0]);
    assert_eq!(bill_ahead(&city, 1).await, right);
    assert_eq!(reverse(&city, &chief, &batch).await, [""; 0]);
    assert_eq!((facts(&city).await, bill_ahead(&city, 1).await), (was, wrong));
}

/// The books are whole: debits, credits and items agree.
async fn whole(city: &TestApp) {
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_goes_though_its_advance_has_covered_something_since() {
    let city = issued().await;
    // 5582.79 is owed; 6000.00 come, 417.21 are ahead; a fee of 100.00 takes its part of them.
    let paid = city
        .graphql(
            "mutation($a: ID!) { paymentRecord(input: { accountId: $a, amount: \"6000.00\", channel: BANK, externalId: \"TX-9\",
                idempotencyKey: \"pay-once-9\" }) { payment { id } errors { code } } }",
            json!({ "a": Gid(AccountId(1)).encode() }),
        )
        .as_role(Role::Integration)
        .await;
    let payment = paid.at("/paymentRecord/payment/id").clone();
    let (today, now) = (city.app.clock.today(), city.app.clock.now());
    let fee = Adjustment {
        account: AccountId(1),
        sector: Sector::Multi,
        service: Service::Water,
        component: Component::Charge,
        origin: Period::of(today),
        due_on: today,
        net: "100.00".parse().unwrap(),
        vat: Money::ZERO,
    };
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    adjust(&mut tx, AdjustmentSource::OneOff, 1, &[fee], today, now).await.unwrap().unwrap();
    tx.commit_silently("test").await.unwrap();
    assert_eq!(balance(&city, 1).await, "-317.21");

    let chief = named(Role::ChiefAccountant, "berik");
    let batch = prepared(&city, &chief, json!({ "payments": [payment] })).await;
    assert_eq!((&batch["paidBack"], &batch["owedMore"]), (&json!("6000.00"), &json!("6000.00")), "{batch}");
    assert_eq!(balance(&city, 1).await, "-317.21", "a preview moves nothing");
    assert_eq!(act(&city, "amendmentSave", &chief, &batch).await, [""; 0]);
    let saved = open(&city, &batch["id"]).await;
    assert_eq!((&saved["state"], &saved["second"]), (&json!("APPLIED"), &json!([])), "{saved}");
    assert_eq!(balance(&city, 1).await, "5682.79", "all of it is owed again");
    whole(&city).await;
    let entries: Option<i64> =
        city.scalar("SELECT count(*) FROM ledger.entry WHERE source = 'payment_reversal'").await;
    assert_eq!(batch["entries"].as_i64(), entries);

    let other = named(Role::ChiefAccountant, "dana");
    assert_eq!(reverse(&city, &other, &batch).await, [""; 0]);
    assert_eq!(balance(&city, 1).await, "-317.21");
    whole(&city).await;
    let again: Option<String> = city
        .scalar("SELECT channel || ' ' || amount || ' ' || paid_on FROM payments.payment ORDER BY id DESC LIMIT 1")
        .await;
    assert_eq!(again.as_deref(), Some("bank 600000 2026-03-26"), "the same money on the payer's day");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_import_and_what_a_filter_finds() {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 5_000), Flat::metered(1, 2_000), Flat::metered(1, 3_000)]).await;
    city.sql(
        "UPDATE readings.reading SET import_batch_id = 7 WHERE period = '2026-03-01' AND account_id < 3",
    )
    .await;
    let accountant = named(Role::Accountant, "alia");
    let batch = prepared(&city, &accountant, json!({ "importId": Gid(ImportBatchId(7)).encode() })).await;
    assert_eq!((batch["rowCount"].as_i64(), batch["ready"].as_i64()), (Some(2), Some(2)), "{batch}");
    let filter = json!({ "filter": { "fact": "READING", "enteredBy": "test", "sector": "MULTI" } });
    let batch = prepared(&city, &accountant, filter).await;
    assert_eq!(batch["rowCount"].as_i64(), Some(3), "February is not open: {batch}");
    let none = json!({ "filter": { "fact": "READING", "enteredBy": "nobody" } });
    assert_eq!(super::asked(&city, &accountant, &none).await, Err(vec!["AMENDMENT_EMPTY".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_goes_and_the_meter_counts_no_longer() {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 5_000)]).await;
    city.sql("UPDATE meters.verification SET valid_until = '2025-01-01'").await;
    city.sql(
        "INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by) VALUES (1, '2024-12-01', '2031-01-01', 'test')",
    )
    .await;
    let was = facts(&city).await;
    let (by_meter, chief) = (bill_ahead(&city, 1).await, named(Role::ChiefAccountant, "berik"));
    let batch = prepared(&city, &chief, json!({ "verifications": [Gid(MeterId(1)).encode()] })).await;
    let by_norm = batch["effects"]["nodes"][0]["after"].as_str().unwrap().to_owned();
    assert!(minus(&by_norm, &by_meter).parse::<Money>().unwrap().is_positive(), "{batch}");
    assert_eq!(act(&city, "amendmentSave", &chief, &batch).await, [""; 0]);
    assert_eq!(bill_ahead(&city, 1).await, by_norm);
    assert_eq!(reverse(&city, &named(Role::ChiefAccountant, "dana"), &batch).await, [""; 0]);
    assert_eq!((facts(&city).await, bill_ahead(&city, 1).await), (was, by_meter));
}
