//! The picture of the city: equal to the ledger at every step, within the caller's scope, pushed when it changes.

use aiscra_tests::{Flat, TestApp, for_each_bus, march};
use api::billing::ops;
use api::platform::graphql::Gid;
use api::platform::outbox::relay;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::Tx;
use serde_json::{Value as Json, json};

use crate::platform::ws::{Socket, token};

const SUMS: &str =
    "period sums { charged paid owed overdue advance readingsAccepted readingsDoubtful readingsRejected }";

async fn sums(city: &TestApp, role: Role) -> Json {
    while relay::pump(&city.app).await.unwrap() > 0 {}
    let answer = city.graphql(&format!("{{ cityPicture {{ {SUMS} }} }}"), json!({})).as_role(role).await;
    assert_eq!(answer.errors, [] as [Json; 0]);
    answer.data["cityPicture"]["sums"].clone()
}

/// The sums of money that are not nothing.
fn told(sums: &Json) -> Json {
    sums.as_object()
        .unwrap()
        .iter()
        .filter(|(_, v)| v.is_string() && **v != "0.00")
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}

async fn issued(city: &TestApp) {
    let run = ops::run_now(&city.app, march(), Sector::Multi, Some(2)).await.unwrap().unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::issue_run(&mut tx, RunId(run.id), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
}

async fn pay(city: &TestApp, account: i64, sum: &str) -> Json {
    let paid = city
        .graphql(
            "mutation($a: ID!, $s: Money!, $n: String!) { paymentRecord(input: { accountId: $a, amount: $s, channel: BANK,
                externalId: $n, idempotencyKey: $n }) { payment { id } errors { code } } }",
            json!({ "a": Gid(AccountId(account)).encode(), "s": sum, "n": format!("pay-{account}-{sum}") }),
        )
        .as_role(Role::Cashier)
        .await;
    assert_eq!(paid.data["paymentRecord"]["errors"], json!([]), "{paid:?}");
    paid.data["paymentRecord"]["payment"]["id"].clone()
}

async fn kept(city: &TestApp) -> (String, String) {
    let rows = |sql: &'static str| async move { city.scalar::<String>(sql).await.unwrap_or_default() };
    (
        rows(
            "SELECT coalesce(string_agg(t::text, ';' ORDER BY t::text), '') FROM (SELECT period, district_id, sector, kind,
                 sum(amount) FROM stats.turnover GROUP BY 1, 2, 3, 4 HAVING sum(amount) <> 0) t",
        )
        .await,
        rows(
            "SELECT coalesce(string_agg(r::text, ';' ORDER BY r::text), '') FROM (SELECT district_id, sector, due_on, run_id,
                 sum(owed), sum(advance) FROM stats.receivable GROUP BY 1, 2, 3, 4
                 HAVING sum(owed) <> 0 OR sum(advance) <> 0) r",
        )
        .await,
    )
}

#[tokio::test]
async fn the_sums_follow_the_ledger_through_a_month() {
    for_each_bus(async |city: TestApp| {
        city.house(&[Flat::unmetered(3), Flat::metered(2, 12_345)]).await;
        let empty = sums(&city, Role::Manager).await;
        assert_eq!(
            (told(&empty), &empty["readingsAccepted"]),
            (json!({}), &json!(2)),
            "the readings of the flat's meter"
        );

        let run = ops::run_now(&city.app, march(), Sector::Multi, Some(2)).await.unwrap().unwrap();
        let charged = Money::from_tiyn(run.gross).to_string();
        assert_eq!(
            told(&sums(&city, Role::Manager).await),
            json!({ "charged": charged }),
            "on hold: not owed yet"
        );

        let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
        ops::issue_run(&mut tx, RunId(run.id), &city.app.clock).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!(told(&sums(&city, Role::Manager).await), json!({ "charged": charged, "owed": charged }));

        // Account 1 owes 5582.79: 417.21 of this is an advance.
        pay(&city, 1, "6000.00").await;
        let owed = Money::from_tiyn(run.gross - 558_279).to_string();
        let paid = json!({ "charged": charged, "paid": "6000.00", "owed": owed, "advance": "417.21" });
        assert_eq!(told(&sums(&city, Role::Manager).await), paid);

        city.app.clock.set_today(Some("2026-06-30".parse().unwrap()));
        assert_eq!(
            sums(&city, Role::Manager).await["overdue"],
            owed.as_str(),
            "past its due day, and no fact said so"
        );

        // Adding up and counting anew change nothing.
        let before = kept(&city).await;
        city.sql("SELECT stats.fold()").await;
        assert_eq!(kept(&city).await, before);
        entities::stats::rebuild(&city.app.db).await.unwrap();
        assert_eq!(kept(&city).await, before);
        assert!(before.0.contains("payment") && before.1.contains("multi"), "{before:?}");
    })
    .await;
}

#[tokio::test]
async fn a_reversed_run_and_a_reversed_payment_leave_no_rest() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3)]).await;
    let run = ops::run_now(&city.app, march(), Sector::Multi, Some(1)).await.unwrap().unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::reverse_run(&mut tx, RunId(run.id), None, city.app.clock.today()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!(told(&sums(&city, Role::Manager).await), json!({}));
    assert_eq!(kept(&city).await, (String::new(), String::new()));
}

#[tokio::test]
async fn the_picture_ends_at_the_callers_scope() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3)]).await;
    issued(&city).await;
    assert_eq!(sums(&city, Role::OperatorMulti).await, sums(&city, Role::Manager).await);
    assert_eq!(told(&sums(&city, Role::OperatorPrivate).await), json!({}));
    let cashier = city.graphql("{ cityPicture { period } }", json!({})).as_role(Role::Cashier).await;
    assert_eq!(cashier.codes(), ["FORBIDDEN"]);
    let parts = city
        .graphql("{ cityPicture { parts { district { code } sector sums { charged } } months { period charged } ages { months owed } } }", json!({}))
        .as_role(Role::Auditor)
        .await;
    assert_eq!(
        parts.data["cityPicture"],
        json!({
            "parts": [{ "district": { "code": "test" }, "sector": "MULTI", "sums": { "charged": "5582.79" } }],
            "months": [{ "period": "2026-03", "charged": "5582.79" }],
            "ages": [{ "months": 0, "owed": "5582.79" }],
        })
    );
}

#[tokio::test]
async fn a_payment_moves_every_open_picture() {
    for_each_bus(async |city: TestApp| {
        city.house(&[Flat::unmetered(3)]).await;
        issued(&city).await;
        while relay::pump(&city.app).await.unwrap() > 0 {}
        let served = city.serve().await;
        let mut socket = Socket::signed_in(&served, &token(&city, Role::Manager).await).await;
        socket.subscribe(&format!("subscription {{ cityPicture {{ {SUMS} }} }}"), json!({})).await;
        let paid = |message: Json| message["payload"]["data"]["cityPicture"]["sums"]["paid"].clone();
        assert_eq!(paid(socket.next().await.unwrap()), "0.00");
        pay(&city, 1, "1000.00").await;
        while relay::pump(&city.app).await.unwrap() > 0 {}
        assert_eq!(paid(socket.next().await.unwrap()), "1000.00");
    })
    .await;
}
