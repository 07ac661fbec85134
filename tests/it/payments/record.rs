//! The same payment twice is one payment, whatever key it comes under; taken back twice it is taken back once.

use aiscra_tests::{Flat, TestApp, actor_of, march};
use api::billing::ops;
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::Tx;
use entities::ledger::close;
use serde_json::{Value as Json, json};

pub fn bank() -> Actor {
    actor_of(Role::Integration)
}

/// A house whose March is issued: account 1 owes 5582.79.
pub async fn issued() -> TestApp {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3), Flat::metered(2, 12_345)]).await;
    let run = ops::run_now(&city.app, march(), Sector::Multi, Some(2)).await.unwrap().unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::issue_run(&mut tx, run.run_id(), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    city
}

async fn bring(city: &TestApp, sum: &str, external: &str, key: &str) -> Json {
    let paid = city
        .graphql(
            "mutation($a: ID!, $s: Money!, $e: String!, $k: String!) { paymentRecord(input: { accountId: $a, amount: $s,
                channel: BANK, externalId: $e, idempotencyKey: $k }) { payment { id } errors { code field } } }",
            json!({ "a": Gid(AccountId(1)).encode(), "s": sum, "e": external, "k": key }),
        )
        .as_actor(bank())
        .await;
    assert!(paid.errors.is_empty(), "{paid:?}");
    paid.data["paymentRecord"].clone()
}

#[tokio::test]
async fn the_same_payment_under_another_key_is_the_same_payment() {
    let city = issued().await;
    let first = bring(&city, "100.00", "TX-1", "first-key").await;
    assert_eq!(bring(&city, "100.00", "TX-1", "other-key").await, first);
    assert_eq!(bring(&city, "100.00", "TX-1", "other-key").await, first, "and once more");
    let other = bring(&city, "101.00", "TX-1", "third-key").await;
    assert_eq!(other["errors"][0]["code"], "PAYMENT_KEY_CONFLICT");
    let paid: Option<i64> = city.scalar("SELECT count(*) FROM payments.payment").await;
    assert_eq!(paid, Some(1));
}

async fn reverse(city: &TestApp, id: &Json, reason: &str, key: &str) -> Vec<String> {
    let done = city
        .graphql(
            "mutation($id: ID!, $r: String!, $k: String!) { paymentReverse(input: { id: $id, reason: $r, idempotencyKey: $k }) {
                payment { reversed } errors { code } } }",
            json!({ "id": id, "r": reason, "k": key }),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    done.refusals().into_iter().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn taken_back_twice_it_is_taken_back_once_and_says_so() {
    let city = issued().await;
    // More than is owed: the rest is an advance, which the second reversal once took for one that had been used.
    let paid = bring(&city, "6000.00", "TX-2", "pay-ahead").await;
    let id = &paid["payment"]["id"];
    assert_eq!(reverse(&city, id, "   ", "no-reason").await, ["EMPTY"]);
    let (one, two) = tokio::join!(
        reverse(&city, id, "typed twice", "take-back-1"),
        reverse(&city, id, "typed twice", "take-back-2")
    );
    let mut both = [one, two];
    both.sort();
    assert_eq!(both, [vec![], vec!["PAYMENT_REVERSED".to_owned()]]);
    assert_eq!(reverse(&city, id, "typed twice", "take-back-3").await, ["PAYMENT_REVERSED"]);
    let said: Option<String> = city
        .scalar(
            "SELECT after ->> 'reason' FROM platform.audit_entry WHERE entity = 'payment' AND action = 'reverse'",
        )
        .await;
    assert_eq!(said.as_deref(), Some("typed twice"));
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
}
