//! What if: a scenario asked for, and what it comes to for one account or for the city. The same facts and the same rule as the
//! run, reckoned twice; nothing but the scenario's own rows is written.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission, Scope};
use domain::billing::{
    ChargeError, Charges, Comparison, Inputs, ScenarioBook, ScenarioChange, WrongChange, apply, charge,
};
use domain::consumption::ReadingRef;
use domain::imbalance::Share;
use domain::kernel::*;
use domain::tariffs::{TariffBook, WrongSetting};
use entities::billing::input::{self, Earlier};
use entities::billing::run::{self, Run};
use entities::billing::scenario::{self, Kept, New, Scenario};
use entities::imbalance::reckoning;
use entities::kernel::{Broken, Change, Db, Result, Tx, jobs};
use entities::subscribers::account;
use entities::tariffs;
use serde_json::json;
use tokio::sync::mpsc;

use crate::app::App;
use crate::imbalance::ops::{reckon_under, shares_under};
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Accounts that are handed over at once, and between two looks at whether somebody asked to stop.
const BATCH: usize = 500;
/// Batches that may wait for the second worker: beyond them the first one reckons itself, so that memory stays flat.
const WAITING: usize = 4;
/// Differences that are copied in at once.
const KEPT: u64 = 20_000;

/// Keeps a wish; the job reckons it.
pub async fn create_scenario(tx: &mut Tx, new: New, known_at: DateTime<Utc>) -> Outcome<Scenario> {
    let named = new.name.trim().chars().count();
    if !(1..=200).contains(&named) || new.name.chars().any(char::is_control) {
        refuse!(Refusal::new("SCENARIO_NAME").at("name"));
    }
    if new.note.chars().count() > 2_000 {
        refuse!(Refusal::new("SCENARIO_NOTE").at("note"));
    }
    if new.sectors.is_empty() {
        refuse!(Refusal::new("SCENARIO_SECTORS").at("sectors"));
    }
    let book = tariffs::book_of(tx, new.period, known_at).await?;
    allow!(apply(&book, new.period, &new.changes).map_err(|(at, wrong)| refused(at, &wrong)));
    let row = scenario::create(tx, &new, known_at).await?;
    tx.audit(Change::new("scenario", row.id, "created").after(json!({
        "name": row.name, "period": new.period, "sectors": row.sectors, "changes": row.changes, "keeps_accounts": row.keeps_accounts,
    })));
    Ok(Ok(row))
}

/// Asks for it again with the facts as known now; at work it is left as it is, and so is what somebody else made.
pub async fn repeat_scenario(
    tx: &mut Tx,
    id: ScenarioId,
    keeps_accounts: Option<bool>,
    known_at: DateTime<Utc>,
) -> Outcome<Scenario> {
    let row = allow!(own(tx, id).await?);
    if at_work(tx, &row).await? {
        refuse!("SCENARIO_AT_WORK");
    }
    scenario::again(tx, id, keeps_accounts.unwrap_or(row.keeps_accounts), known_at).await?;
    tx.audit(Change::new("scenario", id, "repeated").after(json!({ "known_at": known_at })));
    Ok(Ok(row))
}

/// Deletes a scenario with everything kept of it. One at work is stopped first, by its job.
pub async fn delete_scenario(tx: &mut Tx, id: ScenarioId) -> Outcome<ScenarioId> {
    let row = allow!(own(tx, id).await?);
    if at_work(tx, &row).await? {
        refuse!("SCENARIO_AT_WORK");
    }
    reckoning::forget_scenario(tx, id).await?;
    scenario::delete(tx, id).await?;
    tx.audit(
        Change::new("scenario", id, "deleted").before(json!({ "name": row.name, "changes": row.changes })),
    );
    tx.nothing_new("nobody watches scenarios but by opening them");
    Ok(Ok(id))
}

/// Locks a scenario that the caller may do away with: what somebody found out stays until he or the chief says otherwise.
async fn own(tx: &Tx, id: ScenarioId) -> Outcome<Scenario> {
    let Some(row) = scenario::lock(tx, id).await? else { refuse!("SCENARIO_NOT_FOUND") };
    if row.created_by != tx.actor().label && !tx.actor().may(Permission::ScenarioOthers) {
        refuse!("SCENARIO_NOT_YOURS");
    }
    Ok(Ok(row))
}

/// Whether a worker has it, or will: a job that was stopped while it waited leaves its scenario behind.
async fn at_work(tx: &Tx, row: &Scenario) -> Result<bool> {
    let Some(job) = row.job_id.filter(|_| row.at_work()) else { return Ok(false) };
    let job = jobs::find(tx, job).await?;
    Ok(job.is_some_and(|job| matches!(job.state.as_str(), "queued" | "running")))
}

fn refused(at: usize, wrong: &WrongChange) -> Refusal {
    let refusal = Refusal::new(wrong.code()).at("changes").with("number", at + 1);
    match wrong {
        WrongChange::NoEffect(code) | WrongChange::Setting(WrongSetting::UnknownCode(code)) => {
            refusal.with("code", code)
        }
        WrongChange::Setting(WrongSetting::Value { code, value }) => {
            refusal.with("code", code).with("value", value)
        }
        _ => refusal,
    }
}

/// The run whose facts a scenario stands on: that of the month, once it is posted.
async fn run_of(db: &Db, month: Period, sector: Sector) -> Result<Option<Run>> {
    let live = run::live(db, month, sector).await?;
    Ok(live.filter(|run| matches!(run.state.as_str(), "posted" | "issued")))
}

/// An account's month under both books.
pub struct BothBooks {
    pub before: Charges,
    pub after: Charges,
}

/// One account at once. `None` when it is not active in the month; the inner error is what the registers lack.
pub async fn scenario_of_account(
    db: &Db,
    of: &account::Model,
    month: Period,
    changes: &[ScenarioChange],
    now: DateTime<Utc>,
) -> Outcome<Option<std::result::Result<BothBooks, ChargeError>>> {
    let run = run_of(db, month, of.sector).await?;
    let known_at = run.as_ref().map_or(now, |run| run.known_at);
    let book = tariffs::book_of(db, month, known_at).await?;
    let world = allow!(apply(&book, month, changes).map_err(|(at, wrong)| refused(at, &wrong)));
    let inputs = match &run {
        Some(run) => input::kept(db, of.sector, month, run.run_id(), of.id).await?,
        None => input::preview(db, month, of.sector, known_at, &[of.id]).await?.pop(),
    };
    let Some(mut inputs) = inputs else { return Ok(Ok(None)) };
    let earlier = match world.freeze {
        Some(day) => input::earlier(db, month, known_at, day, &[of.id]).await?.remove(&of.id),
        None => None,
    };
    let houses = world.moves_houses(&book) && of.sector != Sector::Private;
    let mut shares = Vec::new();
    if houses {
        let flats = run_of(db, month, Sector::Multi).await?;
        let (known_at, flats) =
            (flats.as_ref().map_or(known_at, |run| run.known_at), flats.map(|run| run.run_id()));
        let place = (of.building_id, of.id);
        if flats.is_none() {
            inputs.shares = shares_under(db, month, known_at, None, book.clone(), None, place).await?;
        }
        let (book, upto) = (world.book.clone(), world.freeze);
        shares = shares_under(db, month, known_at, flats, book, upto, place).await?;
    }
    let earlier = earlier.unwrap_or_default();
    let (before, after) = Books { book, world, houses }.both(inputs, shares, &earlier).1;
    let both = before.and_then(|before| after.map(|after| BothBooks { before, after }));
    Ok(Ok(Some(both)))
}

struct Books {
    book: TariffBook,
    world: ScenarioBook,
    /// The houses were reckoned anew for the scenario.
    houses: bool,
}

type Both = (std::result::Result<Charges, ChargeError>, std::result::Result<Charges, ChargeError>);

impl Books {
    /// `shares` are the account's by the scenario, `earlier` its readings up to the scenario's day.
    fn both(
        &self,
        mut inputs: Inputs,
        shares: Vec<Share>,
        earlier: &[(MeterId, ReadingRef)],
    ) -> (Inputs, Both) {
        let before = charge(&inputs, &self.book);
        if self.houses {
            inputs.shares = shares;
        }
        self.world.freeze(&mut inputs, earlier);
        let after = charge(&inputs, &self.world.book);
        (inputs, (before, after))
    }
}

/// An account's facts, its district, its share by the scenario, and its readings up to the scenario's day.
type Case = (Inputs, DistrictId, Option<Share>, Earlier);

/// What one worker has reckoned, and where differences go.
struct Worker {
    books: Arc<Books>,
    result: Comparison,
    keeping: Option<(ScenarioId, Kept, mpsc::UnboundedSender<Kept>)>,
}

impl Worker {
    fn new(books: &Arc<Books>, keeping: Option<(ScenarioId, mpsc::UnboundedSender<Kept>)>) -> Self {
        let keeping = keeping.map(|(id, to)| (id, Kept::default(), to));
        Self { books: books.clone(), result: Comparison::default(), keeping }
    }

    fn take(&mut self, batch: Vec<Case>) {
        for (inputs, district, share, earlier) in batch {
            let shares = share.into_iter().collect();
            let (inputs, (before, after)) = self.books.both(inputs, shares, &earlier);
            let difference = self.result.add(&inputs, district, before, after);
            let Some(one) = difference.filter(|one| one.before != one.after) else { continue };
            if let Some((id, kept, to)) = &mut self.keeping {
                kept.push(*id, &one);
                if kept.count() == KEPT {
                    // A writer that is gone has its error told where it is waited for.
                    to.send(std::mem::take(kept)).ok();
                }
            }
        }
    }

    fn end(self) -> Comparison {
        if let Some((_, kept, to)) = self.keeping {
            to.send(kept).ok();
        }
        self.result
    }
}

/// Brings a scenario to its end. `go_on` hears how many accounts are done and says whether to go on; `None` when it said no, or
/// when the scenario was deleted meanwhile. Taken again after a crash it begins from the start.
pub async fn run_scenario(
    app: &App,
    id: ScenarioId,
    go_on: impl Fn(i64) -> bool + Send + Sync,
) -> Result<Option<Scenario>> {
    let db = &app.db;
    let Some(row) = scenario::find(db, &Scope::City, id).await? else { return Ok(None) };
    let (month, changes) = (row.period(), row.changes()?);
    let mut accounts = 0;
    for sector in row.sectors() {
        accounts += input::count(db, month, sector).await?;
    }
    scenario::begin(db, id, accounts).await?;
    input::know_facts(db).await?;

    let done = AtomicI64::new(0);
    let mut result = Comparison::default();
    let (mut houses, mut base): (Option<i64>, Option<i64>) = (None, None);
    for sector in row.sectors() {
        let run = run_of(db, month, sector).await?;
        let known_at = run.as_ref().map_or(row.known_at, |run| run.known_at);
        let book = tariffs::book_of(db, month, known_at).await?;
        let world = apply(&book, month, &changes).map_err(|(_, wrong)| Broken::Custom(wrong.to_string()))?;
        let moved = sector != Sector::Private && world.moves_houses(&book);
        if moved && houses.is_none() {
            // Houses are those of the flats, whoever bears their shares.
            let flats = run_of(db, month, Sector::Multi).await?;
            let known_at = flats.as_ref().map_or(row.known_at, |run| run.known_at);
            let flats = flats.map(|run| run.run_id());
            if flats.is_none() {
                // Nothing was shared out yet: both sides are.
                let plain = ScenarioId(-id.0);
                base = Some(reckon_under(app, plain, month, known_at, None, book.clone(), None).await?.id);
            }
            let (book, upto) = (world.book.clone(), world.freeze);
            houses = Some(reckon_under(app, id, month, known_at, flats, book, upto).await?.id);
        }
        let pass = Pass {
            db,
            month,
            sector,
            run: run.as_ref().map(Run::run_id),
            known_at,
            books: Arc::new(Books { book, world, houses: moved }),
            base: base.filter(|_| moved),
            houses: houses.filter(|_| moved),
            keep: row.keeps_accounts.then_some(id),
        };
        let Some(part) =
            pass.reckon(|accounts| go_on(done.fetch_add(accounts, Ordering::Relaxed) + accounts)).await?
        else {
            return Ok(None);
        };
        result.merge(part);
    }
    let mut tx = Tx::begin(db, Actor::system("billing")).await?;
    let Some(done) = scenario::finish(&tx, id, &result).await? else {
        tx.rollback().await?;
        return Ok(None);
    };
    let all = result.all();
    tx.audit(Change::new("scenario", id, "reckoned").after(json!({
        "accounts": result.accounts, "before": all.before.gross, "after": all.after.gross, "hash": done.hash_before,
    })));
    tx.commit_silently("the job tells its watchers").await?;
    Ok(Some(done))
}

/// A sector's facts through both books.
struct Pass<'a> {
    db: &'a Db,
    month: Period,
    sector: Sector,
    run: Option<RunId>,
    known_at: DateTime<Utc>,
    books: Arc<Books>,
    keep: Option<ScenarioId>,
    /// The reckoning of the houses as things stand, where no run has one.
    base: Option<i64>,
    /// The scenario's own reckoning of the houses.
    houses: Option<i64>,
}

impl Pass<'_> {
    /// Two workers: one reads and hands batches over, and reckons itself whatever the other has no room for.
    async fn reckon(&self, go_on: impl Fn(i64) -> bool + Send + Sync) -> Result<Option<Comparison>> {
        let (kept, mut to_keep) = mpsc::unbounded_channel::<Kept>();
        let (hand_over, mut waiting) = mpsc::channel::<Vec<Case>>(WAITING);
        let worker = || Worker::new(&self.books, self.keep.map(|id| (id, kept.clone())));
        let (mut own, mut second) = (worker(), worker());
        drop(kept);
        let helper = tokio::spawn(async move {
            while let Some(batch) = waiting.recv().await {
                second.take(batch);
                tokio::task::yield_now().await;
            }
            second.end()
        });
        let writing = async {
            while let Some(kept) = to_keep.recv().await {
                kept.write(self.db).await?;
            }
            Ok::<_, Broken>(())
        };
        let reading = async {
            let mut batch = Vec::with_capacity(BATCH);
            let mut stopped = false;
            let read = scenario::facts(
                self.db,
                self.month,
                self.sector,
                self.run,
                self.known_at,
                self.base,
                self.houses,
                self.books.world.freeze,
                |inputs, district, share, earlier| {
                    batch.push((inputs, district, share, earlier));
                    if batch.len() < BATCH {
                        return Ok(());
                    }
                    if !go_on(BATCH as i64) {
                        stopped = true;
                        return Err(Broken::Custom("stopped".to_owned()));
                    }
                    let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                    if let Err(refused) = hand_over.try_send(full) {
                        own.take(refused.into_inner());
                    }
                    Ok(())
                },
            )
            .await;
            let rest = i64::try_from(batch.len()).unwrap_or_default();
            if !stopped && rest > 0 {
                stopped = !go_on(rest);
            }
            own.take(batch);
            drop(hand_over);
            (stopped, read, own.end())
        };
        let ((stopped, read, mut result), written) = tokio::join!(reading, writing);
        let helped = helper.await.map_err(|error| Broken::Custom(error.to_string()))?;
        if stopped {
            return Ok(None);
        }
        read?;
        written?;
        result.merge(helped);
        Ok(Some(result))
    }
}
