//! The same payment twice is one payment, whatever key it comes under; taken back twice it is taken back once.

use aiscra_tests::{Flat, TestApp, actor_of, march};
use api::billing::ops;
use api::payments::ops::{NewPayment, Recorded, record_many};
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::{Tx, sql};
use entities::ledger::{close, item};
use serde_json::{Value as Json, json};

use super::reconcile::paid_for;

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

#[tokio::test]
async fn a_number_is_taken_last_as_a_channel_takes_it() {
    let city = issued().await;
    // A payment of a channel that holds its items and takes its number next: whoever holds the number waits for nothing of it.
    let channel = Tx::begin(&city.app.db, bank()).await.unwrap();
    item::lock_payable(&channel, &[1]).await.unwrap();
    let (late, ()) = tokio::join!(paid_for(&city, "TX-9", "100.00", None), async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let key = "INSERT INTO payments.payment_key (channel, external_id, payment_id, input_hash) VALUES ('bank', 'TX-9', 999, '')";
        sql::run(&channel, key, []).await.unwrap();
        channel.commit_silently("a test").await.unwrap();
    });
    assert_eq!(late.unwrap_err().code, "PAYMENT_KEY_CONFLICT");
    assert_eq!(city.scalar::<i64>("SELECT count(*) FROM payments.payment").await, Some(0));
}

#[tokio::test]
async fn of_a_number_that_is_twice_in_a_batch_one_is_recorded() {
    let city = issued().await;
    let one = |number: &str, amount: &str| NewPayment {
        account: AccountId(1),
        sector: Sector::Multi,
        channel: "bank".into(),
        external_id: number.into(),
        amount: Money::tenge(amount).unwrap(),
        paid_on: "2026-03-25".parse().unwrap(),
        paid_at: None,
        import_batch: None,
        target: None,
    };
    let record = async |batch: &[NewPayment]| {
        let mut tx = Tx::begin(&city.app.db, bank()).await.unwrap();
        let done = record_many(&mut tx, batch, city.app.clock.now()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        done
    };
    let batch = [one("A", "10.00"), one("A", "10.00"), one("A", "10.01"), one("B", "5.00")];
    let told = record(&batch).await;
    let [Recorded::New(a), _, _, Recorded::New(b)] = told[..] else { panic!("{told:?}") };
    assert_eq!(told[1..3], [Recorded::Replayed(a), Recorded::KeyConflict(a)]);
    let again = record(&[one("B", "5.00"), one("C", "1.00"), one("A", "10.01")]).await;
    let [Recorded::Replayed(same), Recorded::New(_), Recorded::KeyConflict(other)] = again[..] else {
        panic!("{again:?}")
    };
    assert_eq!((same, other), (b, a));
    let paid: Option<i64> = city.scalar("SELECT sum(amount)::bigint FROM payments.payment").await;
    assert_eq!(paid, Some(1_600));
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

async fn foreseen(city: &TestApp, id: &Json, role: Role) -> aiscra_tests::Reply {
    let query = "query($id: ID!) { paymentReversePreview(id: $id) {
        period advance balance owedAgain { amount openItem { service origin } } errors { code } } }";
    city.graphql(query, json!({ "id": id })).as_role(role).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_taking_back_would_do_is_what_it_does_and_nothing_is_written_before() {
    let city = issued().await;
    let paid = bring(&city, "6000.00", "TX-3", "pay-ahead").await;
    let id = &paid["payment"]["id"];
    let rows = "SELECT (SELECT count(*) FROM payments.payment) + (SELECT count(*) FROM ledger.settlement)
                     + (SELECT count(*) FROM ledger.entry) + (SELECT count(*) FROM platform.audit_entry)";
    let before: Option<i64> = city.scalar(rows).await;
    let reply = foreseen(&city, id, Role::ChiefAccountant).await;
    let seen = reply.at("/paymentReversePreview");
    assert_eq!(city.scalar::<i64>(rows).await, before, "a look leaves no trace");
    assert_eq!(
        (&seen["period"], &seen["advance"], &seen["balance"]),
        (&json!("2026-03"), &json!("417.21"), &json!("5582.79"))
    );
    let again: Money = seen["owedAgain"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["amount"].as_str().unwrap().parse::<Money>().unwrap())
        .sum();
    assert_eq!(again.to_string(), "5582.79");

    assert_eq!(reverse(&city, id, "typed wrongly", "take-back-3").await, [""; 0]);
    let owed = city.graphql(
        "query($id: ID!) { account(id: $id) { balance advance } }",
        json!({ "id": Gid(AccountId(1)).encode() }),
    );
    assert_eq!(
        owed.as_role(Role::ChiefAccountant).await.at("/account"),
        &json!({ "balance": "5582.79", "advance": "0.00" })
    );
    let reply = foreseen(&city, id, Role::ChiefAccountant).await;
    assert_eq!(reply.at("/paymentReversePreview/errors"), &json!([{ "code": "PAYMENT_REVERSED" }]));
    for role in [Role::Cashier, Role::OperatorMulti, Role::Accountant] {
        assert_eq!(foreseen(&city, id, role).await.codes(), ["FORBIDDEN"], "{role}");
    }
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
