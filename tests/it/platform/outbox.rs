//! Facts reach every listener in order, none lost, none repeated.

use std::time::Duration;

use aiscra_tests::{BusKind, TestApp, for_each_bus};
use api::platform::outbox::{follow, follow_from, relay};
use domain::JobsEvent;
use domain::access::Actor;
use domain::kernel::JobId;
use entities::kernel::outbox::Sent;
use entities::kernel::{Tx, outbox};
use futures_util::{Stream, StreamExt};

async fn tell(test: &TestApp, job: i64) {
    let mut tx = Tx::begin(&test.app.db, Actor::system("test")).await.unwrap();
    tx.emit(JobsEvent::Queued { job: JobId(job) });
    tx.commit().await.unwrap();
}

async fn take(facts: &mut (impl Stream<Item = Sent> + Unpin), count: usize) -> Vec<Sent> {
    let all = facts.take(count).collect();
    tokio::time::timeout(Duration::from_secs(20), all).await.expect("the facts arrive")
}

fn jobs(facts: &[Sent]) -> Vec<i64> {
    facts.iter().map(|fact| fact.event["fact"]["job"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn parallel_writers_and_relays_lose_repeat_and_disorder_nothing() {
    for_each_bus(async |test: TestApp| {
        let mut facts = follow(&test.app, |_| true).await.unwrap();
        let writers = futures_util::future::join_all((0..6).map(|writer| {
            let test = &test;
            async move {
                for n in 0..20 {
                    tell(test, writer * 100 + n).await;
                }
            }
        }));
        let relays = futures_util::future::join_all((0..3).map(|_| async {
            for _ in 0..60 {
                relay::pump(&test.app).await.unwrap();
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }));
        let ((_, _), got) = tokio::join!(async { tokio::join!(writers, relays) }, take(&mut facts, 120));
        while relay::pump(&test.app).await.unwrap() > 0 {}
        assert!(got.windows(2).all(|pair| pair[0].seq < pair[1].seq), "in order");
        let mut seen = jobs(&got);
        seen.sort_unstable();
        let told: Vec<i64> = (0..6).flat_map(|writer| (0..20).map(move |n| writer * 100 + n)).collect();
        assert_eq!(seen, told);
        let again = tokio::time::timeout(Duration::from_millis(300), facts.next()).await;
        assert!(again.is_err(), "nothing comes twice");
    })
    .await;
}

#[tokio::test]
async fn what_the_bus_lost_is_found_in_the_table() {
    for_each_bus(async |test: TestApp| {
        let mut facts = follow(&test.app, |_| true).await.unwrap();
        tell(&test, 1).await;
        // Numbered but never published, as when the relay dies between the two.
        assert_eq!(outbox::number(&test.app.db, 10).await.unwrap().len(), 1);
        tell(&test, 2).await;
        relay::pump(&test.app).await.unwrap();
        assert_eq!(jobs(&take(&mut facts, 2).await), [1, 2]);
        tell(&test, 3).await;
        outbox::number(&test.app.db, 10).await.unwrap();
        assert_eq!(jobs(&take(&mut facts, 1).await), [3], "also when nothing follows");
    })
    .await;
}

#[tokio::test]
async fn a_listener_resumes_where_it_stopped() {
    for_each_bus(async |test: TestApp| {
        for job in 1..=5 {
            tell(&test, job).await;
        }
        relay::pump(&test.app).await.unwrap();
        let mut facts = follow_from(&test.app, Some(2), |_| true).await.unwrap();
        tell(&test, 6).await;
        relay::pump(&test.app).await.unwrap();
        let got = take(&mut facts, 4).await;
        assert_eq!((jobs(&got), got[0].seq), (vec![3, 4, 5, 6], 3));
    })
    .await;
}

#[tokio::test]
async fn one_process_tells_the_other_and_the_epoch_moves() {
    let test = TestApp::on(BusKind::Redis).await;
    let neighbour = test.neighbour(BusKind::Redis).await;
    let mut facts = follow(&neighbour.app, |fact| fact.topic == "jobs").await.unwrap();
    tell(&test, 9).await;
    relay::pump(&test.app).await.unwrap();
    let began = std::time::Instant::now();
    assert_eq!(jobs(&take(&mut facts, 1).await), [9]);
    assert!(began.elapsed() < Duration::from_millis(1500), "over the bus, not by looking into the table");
    assert_eq!(neighbour.app.bus.get("epoch:jobs").await.unwrap().as_deref(), Some("1"));
}

#[tokio::test]
async fn the_relay_wakes_by_itself() {
    for_each_bus(async |test: TestApp| {
        let mut facts = follow(&test.app, |_| true).await.unwrap();
        let stop = test.app.closing.clone();
        let running = tokio::spawn(relay::run(test.app.clone(), stop.clone()));
        tell(&test, 4).await;
        assert_eq!(jobs(&take(&mut facts, 1).await), [4]);
        stop.cancel();
        tokio::time::timeout(Duration::from_secs(5), running).await.expect("it stops when told").unwrap();
    })
    .await;
}
