//! The number of SQL statements of a list does not grow with its length.

use aiscra_tests::{Flat, TestApp, count_statements, march};
use api::billing::ops;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::Tx;
use serde_json::json;

const LIST: &str = "query($n: Int!) { accounts(first: $n) { nodes { number balance owed dueOn
    bills(first: 5) { nodes { period charged left lines { service gross } } }
    payments(first: 5) { nodes { amount allocations { amount openItem { service } } } } } } }";

#[tokio::test]
async fn accounts_with_bills_lines_payments_and_what_they_settled() {
    let city = TestApp::new().await;
    let accounts = city.house(&[Flat::unmetered(2); 30]).await;
    let run = ops::run_now(&city.app, march(), Sector::Multi, None).await.unwrap().unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::issue_run(&mut tx, RunId(run.id), &city.app.clock).await.unwrap().unwrap();
    let payments: Vec<_> = accounts
        .iter()
        .map(|&account| api::payments::ops::NewPayment {
            account,
            sector: Sector::Multi,
            channel: "bank".to_owned(),
            external_id: format!("p{account}"),
            amount: Money::from_tiyn(100_000),
            paid_on: city.app.clock.today(),
            import_batch: None,
            paid_at: None,
            target: None,
        })
        .collect();
    let known_at = city.app.clock.now();
    api::payments::ops::record_many(&mut tx, &payments, known_at).await.unwrap().unwrap();
    tx.commit().await.unwrap();

    let ((), few) = count_statements(async {
        let reply = city.graphql(LIST, json!({ "n": 2 })).as_role(Role::Auditor).await;
        assert_eq!(reply.data["accounts"]["nodes"].as_array().map(Vec::len), Some(2), "{reply:?}");
    })
    .await;
    let ((), many) = count_statements(async {
        let reply = city.graphql(LIST, json!({ "n": 30 })).as_role(Role::Auditor).await;
        let nodes = reply.data["accounts"]["nodes"].as_array().unwrap_or_else(|| panic!("{reply:?}")).clone();
        assert_eq!(nodes.len(), 30);
        for node in nodes {
            assert_eq!(node["bills"]["nodes"][0]["lines"].as_array().map(Vec::len), Some(2));
            assert_eq!(node["payments"]["nodes"][0]["allocations"].as_array().map(Vec::len), Some(2));
        }
    })
    .await;
    assert_eq!(few, many);
    assert!(many < 12, "{many} statements");
}

/// The new holder sees nothing of the old one: no bill, no payment, no debt.
#[tokio::test]
async fn who_moved_in_sees_nothing_of_who_moved_out() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(2)]).await;
    let run = ops::run_now(&city.app, march(), Sector::Multi, None).await.unwrap().unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::issue_run(&mut tx, RunId(run.id), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    const MINE: &str = "{ me { account { balance bills { nodes { id } } openItems { nodes { rest } } } } }";
    let before = city.graphql(MINE, json!({})).as_subscriber(AccountId(1)).await;
    assert_eq!(
        before.data["me"]["account"]["bills"]["nodes"].as_array().map(Vec::len),
        Some(1),
        "{before:?}"
    );
    let bill = before.data["me"]["account"]["bills"]["nodes"][0]["id"].clone();

    city.sql(
        "UPDATE subscribers.holder SET valid = daterange(lower(valid), '2026-04-01') WHERE account_id = 1",
    )
    .await;
    city.sql("INSERT INTO subscribers.party (id, kind, name) VALUES (77, 'person', 'Новый жилец')").await;
    city.sql(
        "INSERT INTO subscribers.holder (account_id, party_id, valid, recorded_by)
         VALUES (1, 77, daterange('2026-04-01', NULL), 'test')",
    )
    .await;
    city.app.clock.set_today(chrono::NaiveDate::from_ymd_opt(2026, 4, 10));
    let after = city.graphql(MINE, json!({})).as_subscriber(AccountId(1)).await;
    let nothing = json!({ "balance": "0.00", "bills": { "nodes": [] }, "openItems": { "nodes": [] } });
    assert_eq!(after.data["me"]["account"], nothing, "{after:?}");
    let old = city
        .graphql("query($id: ID!) { bill(id: $id) { charged } }", json!({ "id": bill }))
        .as_subscriber(AccountId(1))
        .await;
    assert_eq!(old.data["bill"], json!(null), "{old:?}");
}

/// A printed bill stays as it was; what is left of it goes down with each payment.
#[tokio::test]
async fn what_is_left_of_a_bill_goes_down_with_payments() {
    let city = TestApp::new().await;
    let accounts = city.house(&[Flat::unmetered(2)]).await;
    let run = ops::run_now(&city.app, march(), Sector::Multi, None).await.unwrap().unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::issue_run(&mut tx, RunId(run.id), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let pay = async |key: &str, tiyn: i64| {
        let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
        let payment = api::payments::ops::NewPayment {
            account: accounts[0],
            sector: Sector::Multi,
            channel: "bank".to_owned(),
            external_id: key.to_owned(),
            amount: Money::from_tiyn(tiyn),
            paid_on: city.app.clock.today(),
            import_batch: None,
            paid_at: None,
            target: None,
        };
        api::payments::ops::record_many(&mut tx, &[payment], city.app.clock.now()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
    };
    const MINE: &str = "{ me { account { bills { nodes { closing left } } } } }";
    let mine = async || {
        let reply = city.graphql(MINE, json!({})).as_subscriber(accounts[0]).await;
        let sum = |field: &str| -> Money {
            let text = reply.text(&format!("/me/account/bills/nodes/0/{field}")).replace('.', "");
            Money::from_tiyn(text.parse().expect("a sum"))
        };
        (sum("closing"), sum("left"))
    };
    let (closing, left) = mine().await;
    assert_eq!(left, closing);
    pay("a", 100_000).await;
    assert_eq!(mine().await, (closing, Money::from_tiyn(closing.tiyn() - 100_000)));
    pay("b", closing.tiyn()).await;
    assert_eq!(
        mine().await,
        (closing, Money::ZERO),
        "more than was owed is an advance and not a negative rest"
    );
}
