//! The run and the bills as they are watched, on both kinds of bus.

use std::time::Duration;

use aiscra_tests::{Flat, TestApp, actor_of, for_each_bus, march, subscriber_of};
use api::billing::ops;
use api::platform::graphql::http::{Caller, Origin};
use api::platform::graphql::id;
use api::platform::messages::Language;
use api::platform::outbox::relay;
use async_graphql::Request;
use domain::access::{Actor, Role};
use domain::kernel::{AccountId, RunId, Sector};
use entities::kernel::Tx;
use futures_util::{Stream, StreamExt};
use serde_json::Value as Json;

/// A subscription of somebody, inside this process.
fn watch(city: &TestApp, actor: Actor, query: String) -> impl Stream<Item = Json> + Unpin + use<> {
    let caller = Caller { actor: Some(actor), language: Language::En, origin: Origin::default() };
    let request = city.graph.dress(Request::new(query), &caller);
    let steps = city.graph.schema.execute_stream(request);
    Box::pin(steps.map(|step| {
        assert!(step.errors.is_empty(), "{:?}", step.errors);
        step.data.into_json().expect("JSON")
    }))
}

async fn next(steps: &mut (impl Stream<Item = Json> + Unpin)) -> Option<Json> {
    tokio::time::timeout(Duration::from_secs(15), steps.next()).await.expect("a step in time")
}

async fn tell(city: &TestApp) {
    while relay::pump(&city.app).await.expect("facts are told") > 0 {}
}

#[tokio::test]
async fn a_run_is_watched_until_its_bills_are_issued() {
    for_each_bus(async |city: TestApp| {
        city.house(&[Flat::unmetered(2), Flat::metered(1, 5_000)]).await;
        tell(&city).await;
        let run =
            ops::run_now(&city.app, march(), Sector::Multi, Some(1)).await.expect("works").expect("allowed");
        let query =
            format!("subscription {{ runProgress(id: \"{}\") {{ state }} }}", id::encode("Run", run.id));
        let mut steps = watch(&city, actor_of(Role::Accountant), query);
        assert_eq!(next(&mut steps).await.expect("the state now")["runProgress"]["state"], "POSTED");
        let own = "subscription { accountEvents { name accountId } }".to_owned();
        let mut mine = watch(&city, subscriber_of(AccountId(1)), own);
        // Started by being asked; what happens from now on is not missed.
        assert!(tokio::time::timeout(Duration::from_millis(200), mine.next()).await.is_err());

        let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
        ops::issue_run(&mut tx, RunId(run.id), &city.app.clock).await.expect("works").expect("allowed");
        tx.commit().await.unwrap();
        tell(&city).await;
        let mut last = Json::Null;
        while let Some(step) = next(&mut steps).await {
            last = step;
        }
        assert_eq!(last["runProgress"]["state"], "ISSUED", "and then the stream is over");
        assert_eq!(next(&mut mine).await.expect("a fact")["accountEvents"]["name"], "billing.run_issued");
    })
    .await;
}
