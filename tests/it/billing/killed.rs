//! A run whose process is killed by SIGKILL, and whose database cuts every connection, again and again: the same hash, every row equal.
//! `aiscra bench killed` does the same to a larger city, with the database itself killed.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aiscra_tests::{TestApp, march, program_on};
use api::billing::jobs::{RUN_CYCLE, RunArgs};
use api::billing::ops::{run_now, start_run};
use api::platform::jobs::run_once;
use api::seed::{self, Wish};
use domain::access::Actor;
use domain::kernel::Sector;
use entities::bench;
use entities::billing::run;
use entities::kernel::{Tx, jobs, sql};

/// Where the process that a test starts and kills finds its database.
const WORKS: &str = "AISCRA_TEST_RUN_OF";

const SHARDS: i32 = 40;
/// Shards that one process finds free before it is killed.
const SHARDS_OF_A_LIFE: i32 = 4;

/// A process of its own that works off the jobs of the city: the test of this name, which begins with [`worked`].
pub fn worker(city: &TestApp, name: &str) -> Child {
    Command::new(std::env::current_exe().expect("a program"))
        .args(["--exact", name, "--nocapture"])
        .env(WORKS, &city.database.url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process of its own")
}

/// Whether this process is such a worker, which has then done its work.
pub async fn worked() -> bool {
    let Ok(url) = std::env::var(WORKS) else { return false };
    let works = api::wiring::jobs::works();
    while run_once(&program_on(&url).await, &works, "killed").await.unwrap_or(false) {}
    true
}

/// Kills a worker after a while; whether it was killed and not over before.
pub async fn kill(mut process: Child, after: Duration) -> bool {
    tokio::time::sleep(after).await;
    process.kill().expect("a signal");
    process.wait().expect("its end").signal() == Some(9)
}

#[tokio::test]
async fn at_any_moment_it_comes_to_the_same_rows() {
    if worked().await {
        return;
    }
    let city = TestApp::new().await;
    let app = &city.app;
    seed::run(app, Wish { accounts: 400, months: 1, current: march() }).await.expect("a city");
    let begun = Instant::now();
    let whole = run_now(app, march(), Sector::Multi, Some(SHARDS)).await.expect("works").expect("a run");
    let undisturbed = begun.elapsed();
    let begin = async || Tx::begin(&app.db, Actor::system("test")).await.expect("a transaction");
    let tx = begin().await;
    bench::keep(&tx, &whole).await.expect("a copy");
    bench::forget(&tx, &whole).await.expect("a clean month");
    tx.commit_silently("test").await.expect("commits");

    let mut tx = begin().await;
    let started =
        start_run(&mut tx, march(), Sector::Multi, Some(SHARDS), &app.clock).await.unwrap().unwrap();
    let key = started.id.to_string();
    jobs::enqueue(&mut tx, RUN_CYCLE, &RunArgs { run: started.id }, Some(&key)).await.expect("a job");
    tx.commit().await.expect("commits");

    let state = async || loop {
        // Our own connections are cut as well: the first answer may be that they are gone.
        if let Ok(found) = run::find(&app.db, started.run_id()).await {
            break found.expect("the run").state;
        }
    };
    let (mut killed, mut cut) = (0, 0);
    for turn in 0u32.. {
        let standing = state().await;
        if standing == "posted" {
            break;
        }
        assert!(turn < 400, "it never ends: {standing}");
        // However fast the machine, one life never comes to the end of the run alone.
        let held = begin().await;
        let holder = hold_all_but(&held, started.id, SHARDS_OF_A_LIFE).await;
        // Every part of the run is hit: some die before they are connected, some when their share is done.
        let life = if standing == "snapshot" {
            Duration::from_millis(100) + Duration::from_millis(30) * turn
        } else {
            Duration::from_millis(100) + undisturbed.mul_f64(f64::from(turn % 8) / 20.0)
        };
        let process = worker(&city, "billing::killed::at_any_moment_it_comes_to_the_same_rows");
        tokio::time::sleep(life).await;
        if turn % 4 == 3 {
            cut += i64::from(cut_connections(&city, holder).await > 0);
        }
        killed += usize::from(kill(process, Duration::ZERO).await);
        held.rollback().await.expect("ends");
        while bench::orphan_job(&app.db, RUN_CYCLE, &key).await.is_err() {}
    }
    assert!(killed >= 5 && cut >= 1, "killed {killed} times, cut {cut} times");
    let done = run::find(&app.db, started.run_id()).await.unwrap().unwrap();
    assert_eq!((done.hash.as_ref(), done.gross, done.lines), (whole.hash.as_ref(), whole.gross, whole.lines));
    let tx = begin().await;
    assert_eq!(bench::differences(&tx, &done).await.expect("compares"), []);
    tx.rollback().await.unwrap();
}

/// Keeps a run's shards from its workers, but for the next few; the process that keeps them.
async fn hold_all_but(tx: &Tx, run: i64, few: i32) -> i32 {
    sql::run(
        tx,
        "SELECT FROM billing.run_shard
         WHERE run_id = $1 AND shard IN (
             SELECT shard FROM billing.run_shard WHERE run_id = $1 AND done_at IS NULL ORDER BY shard OFFSET $2)
         FOR UPDATE",
        [run.into(), few.into()],
    )
    .await
    .expect("locks");
    sql::scalar(tx, "SELECT pg_backend_pid()", []).await.expect("answers").expect("a process")
}

/// Every connection to the city's database but our own and the one that holds; how many there were.
async fn cut_connections(city: &TestApp, holder: i32) -> i64 {
    city.scalar(&format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), {holder})"
    ))
    .await
    .unwrap_or_default()
}
