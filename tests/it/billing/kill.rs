//! A correction that is killed half way in the books goes on by itself, to the same sums; nobody stops it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aiscra_tests::TestApp;
use api::platform::graphql::Gid;
use domain::access::Role;
use domain::kernel::*;
use serde_json::{Value as Json, json};

use super::recalculate::{city, named, open, prepared, whole};

/// Half of the city has a resident more than was billed, in three closed months.
async fn waiting(city: &TestApp) -> Json {
    city.sql(
        "WITH old AS (
             UPDATE subscribers.residency SET recorded = tstzrange(lower(recorded), clock_timestamp())
             WHERE upper_inf(recorded) AND residents < 9 RETURNING account_id, residents, source, valid, upper(recorded) AS at)
         INSERT INTO subscribers.residency (account_id, residents, source, valid, recorded, recorded_by)
         SELECT account_id, residents + 1, source, valid, tstzrange(at, NULL), 'test' FROM old",
    )
    .await;
    let batch = prepared(city, &named(Role::Accountant, "alia"), json!({ "part": {} })).await;
    assert!(batch["changed"].as_i64().unwrap() > 0, "{batch}");
    for (what, who) in [
        ("correctionPost", named(Role::Accountant, "alia")),
        ("correctionConfirm", named(Role::ChiefAccountant, "berik")),
    ] {
        let asked = city
            .graphql(
                &format!("mutation($i: CorrectionPostInput!) {{ {what}(input: $i) {{ correction {{ state }} errors {{ code }} }} }}"),
                json!({ "i": { "id": batch["id"], "hash": batch["hash"], "idempotencyKey": format!("{what}-once") } }),
            )
            .as_actor(who)
            .await;
        assert_eq!(asked.refusals(), [""; 0]);
        if asked.at(&format!("/{what}/correction/state")) == "POSTING" {
            break;
        }
    }
    batch
}

async fn posted(city: &TestApp) -> i64 {
    city.scalar("SELECT count(*) FROM billing.correction_account WHERE outcome = 'posted'").await.unwrap()
}

/// Runs the job until a part of it is in the books, then cuts it off.
async fn cut_off(city: &TestApp, how: impl AsyncFn(&TestApp)) -> i64 {
    let (app, before) = (city.app.clone(), posted(city).await);
    let working = tokio::spawn(async move {
        let works = api::wiring::jobs::works();
        let _ = api::platform::jobs::run_once(&app, &works, "killed").await;
    });
    let since = Instant::now();
    while posted(city).await == before && !working.is_finished() {
        assert!(since.elapsed() < Duration::from_secs(120), "nothing is posted");
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    how(city).await;
    working.abort();
    let _ = working.await;
    // The worker is dead: its job is due again.
    city.sql("UPDATE platform.job SET heartbeat = now() - interval '2 minutes', run_after = now() WHERE state IN ('running', 'queued')")
        .await;
    posted(city).await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_posting_it_goes_on_to_the_same_sums() {
    let city = Arc::new(city(1_300).await);
    let batch = waiting(&city).await;
    let changed = batch["changed"].as_i64().unwrap();
    assert!(changed > 500, "one step would be all: {batch}");
    let job: Option<i64> = city.scalar("SELECT job_id FROM billing.correction").await;
    let stopped = city
        .graphql(
            "mutation($id: ID!) { jobCancel(input: { id: $id }) { errors { code } } }",
            json!({ "id": Gid(JobId(job.unwrap())).encode() }),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    assert_eq!(stopped.refusals(), ["JOB_LASTS"]);

    let first = cut_off(&city, async |_: &TestApp| {}).await;
    assert!((1..changed).contains(&first), "{first} of {changed}");
    assert_eq!(open(&city, &batch["id"]).await["state"], "POSTING");
    whole(&city).await;
    // Once more, by cutting the connections under it.
    cut_off(&city, async |city: &TestApp| {
        city.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL",
        )
        .await;
    })
    .await;
    city.run_jobs().await;
    let done = open(&city, &batch["id"]).await;
    assert_eq!(done["state"], "POSTED", "{done}");
    assert_eq!(posted(&city).await, changed);
    whole(&city).await;
    let total: Option<i64> =
        city.scalar("SELECT sum(amount)::bigint FROM ledger.account_total WHERE kind = 'correction'").await;
    assert_eq!(json!(Money::from_tiyn(total.unwrap()).to_string()), batch["gross"], "once, not twice");
}
