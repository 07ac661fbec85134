//! Acts that decide by which runs there are wait for one another: of two at the same moment the second sees what the first has done.

use std::time::Duration;

use aiscra_tests::{TestApp, actor_of, march};
use api::billing::ops::{self, Leaving};
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::Tx;
use serde_json::json;
use tokio::task::JoinHandle;

use super::final_bill::house;
use super::recalculate::{by_norm, city, document, more_residents, named, open, prepared, whole};

/// Long enough for an act that does not wait to be over.
const A_WHILE: Duration = Duration::from_millis(700);

async fn leaving(city: &TestApp) -> Leaving {
    let document = Gid::<DocumentId>::decode(&document(city).await).unwrap().0;
    Leaving {
        account: AccountId(2),
        version: 1,
        day: "2026-03-16".parse().unwrap(),
        document,
        readings: Vec::new(),
        unread: true,
        seen: false,
    }
}

async fn still_waits<T>(other: &JoinHandle<T>) {
    tokio::time::sleep(A_WHILE).await;
    assert!(!other.is_finished(), "it went by what was not committed yet");
}

#[tokio::test]
async fn a_run_that_starts_beside_a_final_bill_knows_that_the_account_is_closed() {
    let city = house().await;
    let mut tx = Tx::begin(&city.app.db, actor_of(Role::OperatorMulti)).await.unwrap();
    let left = ops::make_final_bill(&mut tx, &city.app, leaving(&city).await).await.unwrap().unwrap();
    assert!(left.bill.is_some());
    let app = city.app.clone();
    let run = tokio::spawn(async move { ops::run_now(&app, march(), Sector::Multi, Some(2)).await });
    still_waits(&run).await;
    tx.commit().await.unwrap();
    let run = run.await.unwrap().unwrap().unwrap();
    assert_eq!((run.state.as_str(), run.accounts, run.failures), ("posted", 2, 0));
    let runs = "SELECT count(*) FROM consumption.month WHERE account_id = 2";
    assert_eq!(city.scalar::<i64>(runs).await, Some(1), "only the final bill has billed it");
}

#[tokio::test]
async fn a_final_bill_beside_the_start_of_a_run_sees_the_run() {
    let city = house().await;
    let leaving = leaving(&city).await;
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::start_run(&mut tx, march(), Sector::Multi, Some(2), &city.app.clock).await.unwrap().unwrap();
    let app = city.app.clone();
    let bill = tokio::spawn(async move {
        let mut tx = Tx::begin(&app.db, actor_of(Role::OperatorMulti)).await.unwrap();
        ops::make_final_bill(&mut tx, &app, leaving).await.unwrap().map(drop)
    });
    still_waits(&bill).await;
    tx.commit().await.unwrap();
    assert_eq!(bill.await.unwrap().unwrap_err().code, "RUN_IN_THE_WAY");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_does_not_start_while_a_correction_is_sent_and_one_that_read_the_old_chain_is_not_issued() {
    let city = city(200).await;
    let accountant = named(Role::Accountant, "alia");
    let account = by_norm(&city).await;
    more_residents(&city, account, 1).await;
    let batch = prepared(&city, &accountant, json!({ "accounts": [Gid(AccountId(account)).encode()] })).await;
    let id = Gid::<CorrectionId>::decode(batch["id"].as_str().unwrap()).unwrap().0;
    let mut tx = Tx::begin(&city.app.db, accountant).await.unwrap();
    let hash = batch["hash"].as_str().unwrap();
    ops::post_correction(&mut tx, id, hash, &city.app.clock).await.unwrap().unwrap();
    let app = city.app.clone();
    let start = tokio::spawn(async move {
        let mut tx = Tx::begin(&app.db, Actor::system("test")).await.unwrap();
        ops::start_run(&mut tx, march(), Sector::Multi, Some(2), &app.clock).await.unwrap().map(drop)
    });
    still_waits(&start).await;
    tx.commit().await.unwrap();
    assert_eq!(start.await.unwrap().unwrap_err().code, "CORRECTION_AT_WORK");
    city.run_jobs().await;
    assert_eq!(open(&city, &batch["id"]).await["state"], "POSTED");

    // The chain of February was written before this run looked; then as if it had been written after.
    let run = ops::run_now(&city.app, march(), Sector::Multi, Some(2)).await.unwrap().unwrap();
    let newer = async || {
        let asked = city
            .graphql(
                "{ period(period: \"2026-03\", sector: MULTI) { run { newer { nodes { kind } } } } }",
                json!({}),
            )
            .as_role(Role::ChiefAccountant)
            .await;
        asked.at("/period/run/newer/nodes").clone()
    };
    assert_eq!(newer().await, json!([]));
    city.sql("UPDATE billing.correction_account SET moved_at = clock_timestamp() WHERE moved_at IS NOT NULL")
        .await;
    assert_eq!(newer().await, json!([{ "kind": "CHAIN" }]));
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let refused = ops::issue_run(&mut tx, run.run_id(), &city.app.clock).await.unwrap();
    assert_eq!(refused.unwrap_err().code, "RUN_FACTS_NEWER");
    drop(tx);
    whole(&city).await;
}
