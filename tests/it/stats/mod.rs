//! The picture of the city: equal to the ledger at every step, within the caller's scope, pushed when it changes.

use aiscra_tests::{Flat, TestApp, for_each_bus, march};
use api::app::App;
use api::billing::ops;
use api::platform::cache::infographic::{Infographic, watch};
use api::platform::graphql::Gid;
use api::platform::outbox::relay;
use domain::access::{Actor, Role, Scope};
use domain::kernel::*;
use domain::{JobsEvent, Topic};
use entities::kernel::{Broken, ScopeArgs, Tx};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
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
        .as_role(Role::Integration)
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
        .graphql("{ cityPicture { parts { district { code } sector sums { charged } } months { period charged parts { sector charged } }
                ages { months owed parts { sector owed } } } }", json!({}))
        .as_role(Role::Auditor)
        .await;
    assert_eq!(
        parts.data["cityPicture"],
        json!({
            "parts": [{ "district": { "code": "test" }, "sector": "MULTI", "sums": { "charged": "5582.79" } }],
            "months": [{ "period": "2026-03", "charged": "5582.79", "parts": [{ "sector": "MULTI", "charged": "5582.79" }] }],
            "ages": [{ "months": 0, "owed": "5582.79", "parts": [{ "sector": "MULTI", "owed": "5582.79" }] }],
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

/// A picture that shows how often it was drawn for its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Drawn(i64);

#[async_trait::async_trait]
impl Infographic for Drawn {
    const NAME: &'static str = "test.drawn";
    const DEPENDS_ON: &'static [Topic] = &[Topic::Jobs];
    type Of = String;

    async fn draw(app: &App, _: &ScopeArgs, of: &String) -> Result<Self, Broken> {
        Ok(Self(app.bus.add(&format!("drawn:{of}"), 1, 60).await.unwrap()))
    }
}

async fn a_job_ends(city: &TestApp) {
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    tx.emit(JobsEvent::Finished { job: JobId(1) });
    tx.commit().await.unwrap();
    while relay::pump(&city.app).await.unwrap() > 0 {}
}

#[tokio::test]
async fn many_who_watch_share_one_drawing() {
    for_each_bus(async |city: TestApp| {
        // Names of their own: the tests share one Redis.
        let [one, other] = [(); 2].map(|()| uuid::Uuid::new_v4().to_string());
        let look = |of: &String| watch::<Drawn>(&city.app, Scope::City, of.clone());
        let mut listeners = Vec::new();
        for _ in 0..20 {
            listeners.push(Box::pin(look(&one).await.unwrap()));
        }
        let mut alone = Box::pin(look(&other).await.unwrap());
        for seen in [1, 2, 3] {
            for listener in &mut listeners {
                assert_eq!(**listener.next().await.unwrap().as_ref().unwrap(), Drawn(seen));
            }
            assert_eq!(
                *alone.next().await.unwrap().unwrap(),
                Drawn(seen),
                "another picture, drawn by itself"
            );
            a_job_ends(&city).await;
        }
        // Whoever comes later sees what is shown already, and the last one who leaves ends the drawing.
        assert_eq!(city.app.watching.count(), 2);
        listeners.truncate(1);
        assert_eq!(*listeners[0].next().await.unwrap().unwrap(), Drawn(4));
        assert_eq!(*Box::pin(look(&one).await.unwrap()).next().await.unwrap().unwrap(), Drawn(4));
        drop((listeners, alone));
        let empty = async {
            while city.app.watching.count() > 0 {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(5), empty).await.expect("nobody watches");
        let mut again = Box::pin(look(&one).await.unwrap());
        assert_eq!(*again.next().await.unwrap().unwrap(), Drawn(4), "kept on the bus");
        a_job_ends(&city).await;
        assert_eq!(*again.next().await.unwrap().unwrap(), Drawn(5));
    })
    .await;
}
