//! The run itself: sets at the edges, one rule in the middle. Snapshot → shards { COPY out → charge → COPY in → done } → sums.
//! Killed anywhere, it is called again and finds what is done; a shard is one transaction.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use domain::BillingEvent;
use domain::access::Actor;
use domain::billing::{charge, line_hash};
use domain::kernel::*;
use domain::ledger::{Charged, post_charge};
use domain::tariffs::TariffBook;
use entities::billing::input::{self, Case};
use entities::billing::run::{self, Run, Shard, ShardTotals};
use entities::billing::write::Batch;
use entities::imbalance::reckoning;
use entities::kernel::{Broken, Change, Db, Result, Tx};
use entities::ledger::{item, period};
use entities::tariffs;
use futures_util::{StreamExt, stream};

use super::start_run;
use crate::app::App;
use crate::imbalance::ops::{Purpose, reckon_houses};
use crate::payments::ops::offset_advances;
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// How many shards are worked on at the same time.
const WORKERS: usize = 2;

/// Pause before shards that somebody else holds are looked at again.
const HELD: Duration = Duration::from_millis(100);

/// Starts and runs a month to its end in this call: the seed, the benchmark and the tests use it; people start a job.
pub async fn run_now(app: &Arc<App>, month: Period, sector: Sector, shards: Option<i32>) -> Outcome<Run> {
    let mut tx = Tx::begin(&app.db, Actor::system("system")).await?;
    let started = start_run(&mut tx, month, sector, shards, &app.clock).await?;
    let Ok(run) = started else { return Ok(started) };
    tx.commit().await?;
    run_cycle(app, run.run_id(), &|_, _| {}).await.map(Ok)
}

/// Brings a started run to `posted`. `on_progress` hears (accounts done, accounts).
pub async fn run_cycle(app: &Arc<App>, id: RunId, on_progress: &(dyn Fn(i64, i64) + Sync)) -> Result<Run> {
    let missing = || Broken::RecordNotFound(format!("run {id}"));
    let mut run = run::find(&app.db, id).await?.ok_or_else(missing)?;
    if run.state == "snapshot" {
        input::know_facts(&app.db).await?;
        take_snapshot(app, &run).await?;
        input::know_snapshot(&app.db).await?;
        run = run::find(&app.db, id).await?.ok_or_else(missing)?;
    }
    if run.state != "running" {
        return Ok(run);
    }

    let month = run.period();
    let book = tariffs::book_of(&app.db, month, run.known_at).await?;
    let (done, total) = run::progress(&app.db, id).await?;
    let done = AtomicI64::new(done);
    on_progress(done.load(Ordering::Relaxed), total);
    if run.sector() == Sector::Multi {
        // What the houses' meters show above their flats is shared out before any account is charged.
        let purpose = Purpose::Run(run.run_id());
        reckon_houses(app, purpose, run.period(), run.known_at, &|_, _| {}).await?;
    }
    if run.sector() == Sector::Legal {
        let tx = Tx::begin(&app.db, Actor::system("billing")).await?;
        reckoning::take_over(&tx, run.period(), run.run_id(), run.known_at).await?;
        tx.commit_silently("what the houses come to was told by the run of the flats").await?;
    }
    let (run_ref, book_ref, done_ref) = (&run, &book, &done);
    loop {
        let shards = run::unfinished_shards(&app.db, id).await?;
        if shards.is_empty() {
            break;
        }
        let before = done.load(Ordering::Relaxed);
        let work = |shard: Shard| async move {
            let accounts = work_shard(app, run_ref, book_ref, &shard).await?;
            let done = done_ref.fetch_add(accounts, Ordering::Relaxed) + accounts;
            on_progress(done, total);
            Ok::<_, Broken>(())
        };
        // After a failure no shard is begun; those under way come to their end, for a connection that is left in the middle of a COPY is
        // no good to whoever gets it next.
        let failed = AtomicBool::new(false);
        let wanted = stream::iter(shards).take_while(|_| ready(!failed.load(Ordering::Relaxed)));
        let mut worked = std::pin::pin!(wanted.map(work).buffer_unordered(WORKERS));
        let mut outcome = Ok(());
        while let Some(done) = worked.next().await {
            failed.fetch_or(done.is_err(), Ordering::Relaxed);
            outcome = outcome.and(done);
        }
        outcome?;
        if done.load(Ordering::Relaxed) == before {
            // The rest is held by somebody else, or by a transaction that died and is not rolled back yet: never leave it.
            tokio::time::sleep(HELD).await;
        }
    }
    finish(app, id).await
}

async fn take_snapshot(app: &App, run: &Run) -> Result<()> {
    let mut tx = Tx::begin(&app.db, Actor::system("billing")).await?;
    // Two workers may have taken the job after a silence; the second finds nothing to do.
    let Some(run) = run::lock(&tx, run.run_id()).await?.filter(|run| run.state == "snapshot") else {
        return tx.rollback().await;
    };
    let rows = input::snapshot(&mut tx, run.period(), run.sector(), run.run_id(), run.known_at).await?;
    run::make_shards(&tx, &run).await?;
    tx.audit(Change::new("run", run.id, "snapshot").after(serde_json::json!({ "rows": rows })));
    tx.commit_silently("the start of the run was told already").await
}

/// Charges and posts one shard in one transaction; how many accounts.
async fn work_shard(app: &App, run: &Run, book: &TariffBook, shard: &Shard) -> Result<i64> {
    let mut tx = Tx::begin(&app.db, Actor::system("billing")).await?;
    if !run::take_shard(&tx, run.run_id(), shard.shard).await? {
        tx.rollback().await?;
        return Ok(0);
    }
    if period::open_for(&tx, run.period(), run.sector()).await?.is_none() {
        return Err(Broken::Custom("the period is not open".to_owned()));
    }
    let totals = charge_shard(&mut tx, run, book, shard, app.clock.today()).await?;
    tx.audit(Change::new("run", run.id, "shard").after(serde_json::json!({
        "shard": shard.shard, "accounts": totals.accounts, "lines": totals.lines,
        "gross": totals.gross, "hash": format!("{:032x}", totals.hash),
    })));
    tx.commit_silently("progress is told by the run, not by the shard").await?;
    Ok(totals.accounts)
}

/// Charges a run of few accounts whose facts are taken, and issues it, all in the transaction of the act that wants it. An account that the
/// registers do not let be charged stops the act by the code `failed`, for what is issued is never taken back.
pub(super) async fn charge_and_issue(
    tx: &mut Tx,
    app: &App,
    run: &Run,
    failed: &'static str,
) -> Outcome<Run> {
    let (id, today) = (run.run_id(), app.clock.today());
    let Some(open) = period::open_for(tx, run.period(), run.sector()).await? else {
        refuse!("PERIOD_NOT_OPEN")
    };
    let book = tariffs::book_of(tx, run.period(), run.known_at).await?;
    run::make_shards(tx, run).await?;
    for shard in run::unfinished_shards(tx, id).await? {
        charge_shard(tx, run, &book, &shard, today).await?;
    }
    run::finish(tx, id).await?;
    if let Some((number, detail)) = run::first_failure(tx, id).await? {
        refuse!(Refusal::new(failed).with("number", number).with("detail", detail));
    }
    run::mark_issued(tx, id).await?;
    let ahead = item::accounts_with_advance(tx, id).await?;
    offset_advances(tx, &open, ahead, today, app.clock.now()).await?;
    run::find(tx, id).await?.map(Ok).ok_or_else(|| Broken::RecordNotFound(format!("run {id}")))
}

/// Charges the accounts of a shard by the facts that its run kept, and writes what follows.
pub(super) async fn charge_shard(
    tx: &mut Tx,
    run: &Run,
    book: &TariffBook,
    shard: &Shard,
    today: chrono::NaiveDate,
) -> Result<ShardTotals> {
    let mut batch = Batch::new(run, today);
    let mut totals = ShardTotals::default();
    let range = shard.from_account..shard.to_account;
    input::shard(tx, run.sector(), run.period(), run.run_id(), range, |case| {
        charge_one(&mut batch, &mut totals, &case, book)
    })
    .await?;
    batch.write(tx).await?;
    run::finish_shard(tx, run.run_id(), shard.shard, &totals).await?;
    Ok(totals)
}

/// The rule and what follows from it for one account: the same `charge` as preview and explanation.
fn charge_one(batch: &mut Batch<'_>, totals: &mut ShardTotals, case: &Case, book: &TariffBook) -> Result<()> {
    let (inputs, account) = (&case.inputs, case.inputs.account);
    totals.accounts += 1;
    let charges = match charge(inputs, book) {
        Ok(charges) => charges,
        Err(missing) => {
            totals.failures += 1;
            batch.failure(account, missing.code(), &missing.to_string());
            return Ok(());
        }
    };
    if charges.excuse.is_some() {
        totals.excused += 1;
    }
    for (number, line) in charges.lines.iter().enumerate() {
        batch.line(account, number + 1, line)?;
        totals.net += line.net;
    }
    for (point, carried) in inputs.carry(&charges.lines) {
        batch.month(account, point, &carried);
    }
    let sums = charges.totals();
    for sum in sums.iter().filter(|sum| !sum.gross.is_zero()) {
        batch.item(account, sum);
    }
    let charged: Vec<Charged> = sums
        .iter()
        .map(|sum| Charged { service: sum.service, component: sum.component, net: sum.net, vat: sum.vat })
        .collect();
    for entry in post_charge(account, &charged) {
        batch.entry(account, &entry);
    }
    batch.bill(case, &charges);
    totals.lines += charges.lines.len() as i64;
    totals.gross += charges.gross();
    totals.hash = totals.hash.wrapping_add(line_hash(account, &charges.lines));
    Ok(())
}

async fn finish(app: &App, id: RunId) -> Result<Run> {
    let mut tx = Tx::begin(&app.db, Actor::system("billing")).await?;
    let locked = run::lock(&tx, id).await?.ok_or_else(|| Broken::RecordNotFound(format!("run {id}")))?;
    if locked.state != "running" || !run::unfinished_shards(&tx, id).await?.is_empty() {
        tx.rollback().await?;
        return Ok(locked);
    }
    let run = run::finish(&tx, id).await?;
    tx.audit(Change::new("run", run.id, "post").after(serde_json::json!({
        "accounts": run.accounts, "lines": run.lines, "gross": Money::from_tiyn(run.gross), "hash": run.hash,
    })));
    tx.emit(BillingEvent::RunPosted { run: id });
    tx.commit().await?;
    Ok(run)
}

/// Shows that a run stands still because of an error; the job tries again.
pub(crate) async fn show_error(db: &Db, id: RunId, error: &str) -> Result<()> {
    run::mark_failed(db, id, error).await.map(drop)
}
