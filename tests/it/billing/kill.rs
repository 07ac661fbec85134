//! A correction that is killed half way in the books goes on by itself, to the same sums; nobody stops it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aiscra_tests::TestApp;
use api::platform::graphql::Gid;
use domain::access::Role;
use domain::kernel::*;
use serde_json::{Value as Json, json};

use super::killed;
use super::recalculate::{CORRECTED, city, named, open, prepared, whole};

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
    due_again(city).await;
    posted(city).await
}

/// The worker is dead: its job is due again, as if a person had asked for it where it was given up.
async fn due_again(city: &TestApp) {
    city.sql(
        "UPDATE platform.job SET heartbeat = now() - interval '2 minutes', run_after = now(), attempts = 0,
             state = CASE state WHEN 'failed' THEN 'queued' ELSE state END
         WHERE state IN ('running', 'queued', 'failed')",
    )
    .await;
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
    let total: Option<i64> = city.scalar(&format!("SELECT sum(amount)::bigint FROM {CORRECTED}")).await;
    assert_eq!(json!(Money::from_tiyn(total.unwrap()).to_string()), batch["gross"], "once, not twice");
}

/// The process itself is killed by SIGKILL, again and again, before and between and within its steps.
#[tokio::test(flavor = "multi_thread")]
async fn killed_by_a_signal_it_goes_on_to_the_same_sums() {
    if killed::worked().await {
        return;
    }
    let city = city(1_300).await;
    let batch = waiting(&city).await;
    let changed = batch["changed"].as_i64().unwrap();
    let (mut signals, mut half_way) = (0, 0);
    for turn in 0_u64.. {
        if open(&city, &batch["id"]).await["state"] == "POSTED" {
            break;
        }
        assert!(turn < 200, "it never ends");
        let before = posted(&city).await;
        let name = "billing::kill::killed_by_a_signal_it_goes_on_to_the_same_sums";
        let mut process = killed::worker(&city, name);
        // The first ones die by the clock, wherever they are; then each once a quarter more is in the books.
        let (begun, early) = (Instant::now(), turn < 6);
        let life = Duration::from_millis(if early { 150 + 100 * turn } else { 120_000 });
        while begun.elapsed() < life
            && (early || posted(&city).await < before + changed / 4)
            && process.try_wait().expect("a process").is_none()
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        signals += usize::from(killed::kill(process, Duration::ZERO).await);
        half_way += usize::from((1..changed).contains(&posted(&city).await));
        whole(&city).await;
        due_again(&city).await;
    }
    assert!(signals >= 5 && half_way >= 1, "{signals} signals, {half_way} of them half way");
    // Every account once, to the sum that was looked at.
    assert_eq!(posted(&city).await, changed);
    let books: Option<i64> = city.scalar(&format!("SELECT sum(amount)::bigint FROM {CORRECTED}")).await;
    assert_eq!(Money::from_tiyn(books.unwrap()).to_string(), batch["gross"].as_str().unwrap());
    let other: Option<i64> = city
        .scalar(
            &format!(
                "SELECT count(*) FROM billing.correction_account w FULL JOIN {CORRECTED} USING (account_id)
                 WHERE CASE WHEN w.outcome = 'posted' THEN w.gross ELSE 0 END <> coalesce(corrected.amount, 0)"
            ),
        )
        .await;
    assert_eq!(other, Some(0), "accounts whose books say something else than the batch");
    let entries: Option<i64> =
        city.scalar("SELECT count(*) FROM ledger.entry WHERE source = 'correction'").await;
    assert!(entries >= batch["entries"].as_i64(), "{entries:?}");
    whole(&city).await;
}
