//! The number of SQL statements of a list does not grow with its length.

use aiscra_tests::{Flat, TestApp, count_statements, march};
use api::billing::ops;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::Tx;
use serde_json::json;

const LIST: &str = "query($n: Int!) { accounts(first: $n) { nodes { number balance owed dueOn
    bills(first: 5) { nodes { period charged lines { service gross } } }
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
