//! Background work: tries, stops, recovers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aiscra_tests::TestApp;
use api::app::App;
use api::platform::graphql::id;
use api::platform::jobs::{Handle, Work, run_once};
use domain::access::{Actor, Role};
use entities::kernel::Tx;
use entities::kernel::jobs::{self, Job};
use serde_json::json;

/// Fails so many times, then works; asks for a stop in its middle when told to.
struct Test {
    fails: usize,
    stop: bool,
    ran: Arc<AtomicUsize>,
}

#[async_trait::async_trait]
impl Work for Test {
    fn kind(&self) -> &'static str {
        "test"
    }

    async fn run(&self, app: &Arc<App>, job: &Job, handle: &Handle) -> anyhow::Result<()> {
        let run = self.ran.fetch_add(1, Ordering::SeqCst);
        handle.progress(1, 2, Some("half")).await?;
        if self.stop {
            let mut tx = Tx::begin(&app.db, Actor::system("test")).await?;
            assert!(jobs::cancel(&tx, job.id).await?);
            tx.emit(domain::JobsEvent::Cancelled { job: handle.job });
            tx.commit().await?;
        }
        handle.progress(2, 2, None).await?;
        anyhow::ensure!(run >= self.fails, "not yet");
        Ok(())
    }
}

async fn enqueue(test: &TestApp, key: Option<&str>) -> i64 {
    let mut tx = Tx::begin(&test.app.db, Actor::system("test")).await.unwrap();
    let id = jobs::enqueue(&mut tx, "test", &json!({ "n": 1 }), key).await.unwrap();
    tx.commit().await.unwrap();
    id.0
}

fn works(fails: usize, stop: bool) -> (Vec<Box<dyn Work>>, Arc<AtomicUsize>) {
    let ran = Arc::new(AtomicUsize::new(0));
    (vec![Box::new(Test { fails, stop, ran: ran.clone() })], ran)
}

async fn state(test: &TestApp, id: i64) -> (String, i32, Option<String>) {
    let job = jobs::find(&test.app.db, id).await.unwrap().unwrap();
    (job.state, job.attempts, job.error)
}

#[tokio::test]
async fn a_failure_is_tried_again_later_and_at_last_given_up() {
    let test = TestApp::new().await;
    let id = enqueue(&test, None).await;
    let (flaky, _) = works(1, false);
    assert!(run_once(&test.app, &flaky, "w").await.unwrap());
    assert_eq!(state(&test, id).await, ("queued".into(), 1, Some("not yet".into())));
    assert!(!run_once(&test.app, &flaky, "w").await.unwrap(), "not before its pause is over");
    test.sql("UPDATE platform.job SET run_after = now()").await;
    assert!(run_once(&test.app, &flaky, "w").await.unwrap());
    assert_eq!(state(&test, id).await, ("done".into(), 2, None));

    let hopeless = enqueue(&test, None).await;
    let (broken, ran) = works(100, false);
    for _ in 0..5 {
        test.sql("UPDATE platform.job SET run_after = now()").await;
        assert!(run_once(&test.app, &broken, "w").await.unwrap());
    }
    assert_eq!(state(&test, hopeless).await.0, "failed");
    assert_eq!(ran.load(Ordering::SeqCst), 5);

    let retry =
        "mutation($id: ID!) { jobRetry(input: { id: $id }) { job { state attempts } errors { code } } }";
    let node = json!({ "id": id::encode("Job", hopeless) });
    let denied = test.graphql(retry, node.clone()).as_role(Role::Accountant).await;
    assert_eq!(denied.codes(), ["FORBIDDEN"]);
    let reply = test.graphql(retry, node.clone()).as_role(Role::ChiefAccountant).await;
    assert_eq!(reply.at("/jobRetry/job"), &json!({ "state": "QUEUED", "attempts": 0 }));
    let twice = test.graphql(retry, node).as_role(Role::ChiefAccountant).await;
    assert_eq!(twice.refusals(), ["JOB_NOT_OVER"]);
}

#[tokio::test]
async fn a_running_job_stops_at_its_next_step_and_a_waiting_one_at_once() {
    let test = TestApp::new().await;
    let id = enqueue(&test, None).await;
    let (stopped, _) = works(0, true);
    assert!(run_once(&test.app, &stopped, "w").await.unwrap());
    assert_eq!(state(&test, id).await.0, "cancelled");

    let waiting = enqueue(&test, None).await;
    let cancel = "mutation($id: ID!) { jobCancel(input: { id: $id }) { job { state } errors { code } } }";
    let node = json!({ "id": id::encode("Job", waiting) });
    let reply = test.graphql(cancel, node.clone()).as_role(Role::Administrator).await;
    assert_eq!(reply.text("/jobCancel/job/state"), "CANCELLED");
    assert_eq!(test.graphql(cancel, node).as_role(Role::Administrator).await.refusals(), ["JOB_OVER"]);
    assert!(!run_once(&test.app, &stopped, "w").await.unwrap());
}

#[tokio::test]
async fn work_of_a_dead_worker_is_taken_over() {
    let test = TestApp::new().await;
    let id = enqueue(&test, None).await;
    let kinds = ["test".to_owned()];
    assert_eq!(jobs::take(&test.app.db, "dead", &kinds).await.unwrap().map(|job| job.id), Some(id));
    let (good, ran) = works(0, false);
    assert!(!run_once(&test.app, &good, "alive").await.unwrap(), "its worker may still live");
    test.sql("UPDATE platform.job SET heartbeat = now() - interval '2 minutes'").await;
    assert!(run_once(&test.app, &good, "alive").await.unwrap());
    assert_eq!((state(&test, id).await.0.as_str(), ran.load(Ordering::SeqCst)), ("done", 1));
}

#[tokio::test]
async fn two_workers_never_take_the_same_job_and_equal_work_is_joined() {
    let test = TestApp::new().await;
    let first = enqueue(&test, Some("2026-03")).await;
    assert_eq!(enqueue(&test, Some("2026-03")).await, first);
    assert_ne!(enqueue(&test, Some("2026-04")).await, first);
    let kinds = ["test".to_owned()];
    let taken = futures_util::future::join_all((0..4).map(|_| jobs::take(&test.app.db, "w", &kinds))).await;
    let mut ids: Vec<i64> = taken.into_iter().filter_map(|job| job.unwrap().map(|job| job.id)).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 2);
    let (good, _) = works(0, false);
    test.sql("UPDATE platform.job SET heartbeat = now() - interval '2 minutes'").await;
    while run_once(&test.app, &good, "w").await.unwrap() {}
    assert_ne!(enqueue(&test, Some("2026-03")).await, first, "after its end the same work may come again");
}
