//! Penalty of a month of a sector: reckoned, looked at, posted, taken back. What is posted is always the difference between what the
//! rule says now and what the books say, of every month up to the day: so a repeat posts nothing, and a payment that comes late
//! with an earlier date mends the months that were accrued before.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use domain::DebtEvent;
use domain::access::Actor;
use domain::debt::{AccrualState, penalty};
use domain::kernel::*;
use domain::ledger::AdjustmentSource;
use domain::tariffs::{PenaltyTerms, TariffBook};
use entities::debt::accrual::{self, Accrual, Sums};
use entities::debt::penalty::{self as rows, Changed, Look, Moratorium};
use entities::kernel::{Broken, Change, Db, Result, Tx};
use entities::ledger::{item, period};
use entities::tariffs;
use serde_json::json;

use super::{due_on, missing, sees_all_of};
use crate::app::App;
use crate::payments::ops::{Adjustment, adjust};
use crate::platform::clock::Clock;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Accounts in one transaction.
const SHARD: usize = 1_000;
/// A credit that lessens a debt lessens the penalty on it: so often it is looked again. Each look is a few percent of the one before.
const ROUNDS: usize = 8;

/// Asks for the penalty of a month up to a day; nothing is posted yet.
pub async fn reckon(
    tx: &mut Tx,
    month: Period,
    sector: Sector,
    up_to: Option<NaiveDate>,
    clock: &Clock,
) -> Outcome<Accrual> {
    let (today, known_at) = (clock.today(), clock.now());
    if !sees_all_of(tx.scope(), sector) {
        refuse!(Refusal::new("NOT_FOUND").at("sector"));
    }
    let up_to = up_to.unwrap_or_else(|| month.last_day().min(today));
    if up_to > today || !month.contains(up_to) {
        refuse!(Refusal::new("PENALTY_DAY").at("upTo"));
    }
    if let Some(reached) = accrual::reached(tx, sector).await?
        && up_to < reached
    {
        refuse!(Refusal::new("PENALTY_DAY_TOO_EARLY").at("upTo").with("day", reached));
    }
    if accrual::at_work(tx, sector).await?.is_some() {
        refuse!("PENALTY_AT_WORK");
    }
    let book = book(tx, up_to, known_at).await?;
    allow!(terms_are_known(&book, sector, up_to, today));
    let since = accrual::touched_since(tx, sector).await?;
    let row = accrual::create(tx, month, sector, up_to, known_at, since).await?;
    tx.audit(Change::new("penalty_accrual", row.id, "reckoned").after(&row));
    tx.emit(DebtEvent::PenaltyAdvanced { accrual: row.accrual_id(), done: 0, total: 0 });
    Ok(Ok(row))
}

/// Has what was reckoned posted.
pub async fn post(tx: &mut Tx, id: AccrualId) -> Outcome<Accrual> {
    let row = allow!(locked(tx, id).await?);
    if row.state() != AccrualState::Ready {
        refuse!("PENALTY_NOT_READY");
    }
    accrual::set_state(tx, id, AccrualState::Posting).await?;
    tx.audit(Change::new("penalty_accrual", id, "posted").before(&row));
    tx.emit(DebtEvent::PenaltyAdvanced { accrual: id, done: 0, total: row.accounts });
    allow_row(tx, id).await
}

/// Has a posted accrual taken back as a whole, on a document.
pub async fn reverse(tx: &mut Tx, id: AccrualId, document: DocumentId) -> Outcome<Accrual> {
    let row = allow!(locked(tx, id).await?);
    if row.state() != AccrualState::Posted {
        refuse!("PENALTY_NOT_POSTED");
    }
    if accrual::at_work(tx, row.sector()).await?.is_some() {
        refuse!("PENALTY_AT_WORK");
    }
    allow!(crate::platform::refusal::unless(accrual::cite(tx, id, document).await, &[])?);
    accrual::set_state(tx, id, AccrualState::Reversing).await?;
    tx.audit(Change::new("penalty_accrual", id, "reversed").before(&row).document(Some(document.0)));
    tx.emit(DebtEvent::PenaltyAdvanced { accrual: id, done: 0, total: row.accounts });
    allow_row(tx, id).await
}

/// Puts a reckoned one away.
pub async fn drop_accrual(tx: &mut Tx, id: AccrualId) -> Outcome<Accrual> {
    let row = allow!(locked(tx, id).await?);
    if row.state() != AccrualState::Ready && !(row.state() == AccrualState::Reckoning && row.error.is_some())
    {
        refuse!("PENALTY_NOT_READY");
    }
    accrual::set_state(tx, id, AccrualState::Dropped).await?;
    tx.audit(Change::new("penalty_accrual", id, "dropped").before(&row));
    tx.emit(DebtEvent::PenaltyAdvanced { accrual: id, done: 0, total: 0 });
    allow_row(tx, id).await
}

async fn locked(tx: &Tx, id: AccrualId) -> Outcome<Accrual> {
    match accrual::lock(tx, id).await? {
        Some(row) if sees_all_of(tx.scope(), row.sector()) => Ok(Ok(row)),
        _ => refuse!("NOT_FOUND"),
    }
}

async fn allow_row(tx: &Tx, id: AccrualId) -> Outcome<Accrual> {
    Ok(Ok(accrual::find(tx, id).await?.ok_or(Broken::RecordNotUpdated)?))
}

async fn book(tx: &Tx, up_to: NaiveDate, known_at: DateTime<Utc>) -> Result<TariffBook> {
    let ever = NaiveDate::from_ymd_opt(1900, 1, 1).expect("a day");
    tariffs::book(tx, ever, up_to.succ_opt().unwrap_or(up_to), known_at).await
}

/// Everything that the rule will ask for on the last day is there: a missing one is said before the work.
fn terms_are_known(
    book: &TariffBook,
    sector: Sector,
    up_to: NaiveDate,
    today: NaiveDate,
) -> std::result::Result<(), Refusal> {
    let terms = book.methods.debt.penalty_terms(sector);
    terms.since(up_to).map_err(missing)?;
    terms.first_day(up_to).map_err(missing)?;
    terms.grace_days(up_to).map_err(missing)?;
    terms.rate(up_to).map_err(missing)?;
    book.methods.due_day(today.min(up_to)).map_err(missing).map(drop)
}

/// What an accrual reckons with.
struct Reckoner {
    accrual: Accrual,
    book: TariffBook,
    terms: PenaltyTerms,
    moratoria: Vec<Moratorium>,
    look: Look,
}

impl Reckoner {
    async fn of(db: &Db, id: AccrualId) -> Result<Self> {
        let missing = || Broken::RecordNotFound(format!("accrual {id}"));
        let accrual = accrual::find(db, id).await?.ok_or_else(missing)?;
        let sector = accrual.sector();
        let until = accrual.up_to.succ_opt().unwrap_or(accrual.up_to);
        let ever = NaiveDate::from_ymd_opt(1900, 1, 1).expect("a day");
        let book = tariffs::book(db, ever, until, accrual.known_at).await?;
        let before = rows::last_look(db, sector).await?;
        let look = Look { sector, until, touched_since: accrual.touched_since, before };
        let terms = book.methods.debt.penalty_terms(sector);
        Ok(Self { accrual, book, terms, moratoria: rows::moratoria(db, false).await?, look })
    }

    /// What differs from the books, of accounts `first..=last`.
    async fn differences(&self, tx: &mut Tx, range: (i64, i64)) -> Result<Vec<Changed>> {
        let mut changed = Vec::new();
        let until = self.look.until;
        rows::cases(tx, &self.look, range, |mut case| {
            let moratoria = self.moratoria.iter();
            let covering = moratoria.filter(|m| m.covers(case.account, self.look.sector, case.group));
            case.item.suspended = covering.map(Moratorium::span).collect();
            let months = penalty(&case.item, &self.terms, until)
                .map_err(|error| Broken::Custom(format!("account {}: {error}", case.account)))?;
            let mut accrued: BTreeMap<Period, Money> = case.accrued.into_iter().collect();
            let mut change = |month, total: Money, amount: Money, slices| {
                if !amount.is_zero() {
                    let (account, item, service) = (case.account, case.id, case.service);
                    changed.push(Changed { account, item, month, service, amount, total, slices });
                }
            };
            for month in months {
                let before = accrued.remove(&month.month).unwrap_or_default();
                let slices = serde_json::to_value(&month.slices).map_err(|e| Broken::Json(e.to_string()))?;
                change(month.month, month.amount, month.amount - before, slices);
            }
            for (month, before) in accrued {
                change(month, Money::ZERO, -before, json!([]));
            }
            Ok(())
        })
        .await?;
        Ok(changed)
    }
}

fn add(sums: &mut Sums, changed: &[Changed]) {
    sums.accounts += changed.iter().map(|row| row.account).collect::<BTreeSet<_>>().len() as i64;
    sums.items += changed.iter().map(|row| (row.account, row.item)).collect::<BTreeSet<_>>().len() as i64;
    for row in changed {
        if row.amount.is_negative() {
            sums.taken_back -= row.amount;
        } else {
            sums.added += row.amount;
        }
    }
}

/// Reckons and keeps the sums; writes nothing else. `go_on` hears (done, all).
pub async fn run_reckon(app: &App, id: AccrualId, go_on: impl Fn(i64, i64) + Send + Sync) -> Result<()> {
    let reckoner = Reckoner::of(&app.db, id).await?;
    if reckoner.accrual.state() != AccrualState::Reckoning {
        return Ok(());
    }
    let accounts = rows::accounts(&app.db, &reckoner.look).await?;
    let (mut sums, mut done) = (Sums::default(), 0);
    for shard in accounts.chunks(SHARD) {
        let mut tx = Tx::begin(&app.db, Actor::system("debt")).await?;
        let changed = reckoner.differences(&mut tx, (shard[0], shard[shard.len() - 1])).await?;
        tx.rollback().await?;
        add(&mut sums, &changed);
        done += shard.len() as i64;
        go_on(done, accounts.len() as i64);
    }
    let mut tx = Tx::begin(&app.db, Actor::system("debt")).await?;
    accrual::ready(&tx, id, &sums).await?;
    let total = accounts.len() as i64;
    tx.emit(DebtEvent::PenaltyAdvanced { accrual: id, done: total, total });
    tx.commit().await
}

/// Posts what differs now, a shard in a transaction; taken again after a crash it goes on, since what is posted differs no more.
pub async fn run_post(
    app: &App,
    actor: &Actor,
    id: AccrualId,
    go_on: impl Fn(i64, i64) + Send + Sync,
) -> Outcome<()> {
    let reckoner = Reckoner::of(&app.db, id).await?;
    if reckoner.accrual.state() != AccrualState::Posting {
        return Ok(Ok(()));
    }
    let accounts = rows::accounts(&app.db, &reckoner.look).await?;
    let mut done = 0;
    for shard in accounts.chunks(SHARD) {
        let mut tx = Tx::begin(&app.db, actor.clone()).await?;
        allow!(post_shard(&mut tx, &reckoner, shard, app.clock.today(), app.clock.now()).await?);
        done += shard.len() as i64;
        accrual::advance(&tx, id, done).await?;
        tx.commit_silently("the end of the accrual tells of all shards").await?;
        go_on(done, accounts.len() as i64);
    }
    let mut tx = Tx::begin(&app.db, actor.clone()).await?;
    let row = accrual::posted(&tx, id).await?;
    tx.audit(Change::new("penalty_accrual", id, "in_books").after(&row));
    tx.emit(DebtEvent::PenaltyPosted { accrual: id });
    tx.commit().await?;
    Ok(Ok(()))
}

async fn post_shard(
    tx: &mut Tx,
    reckoner: &Reckoner,
    shard: &[i64],
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<()> {
    let (sector, id) = (reckoner.look.sector, reckoner.accrual.accrual_id());
    let Some(open) = period::posting_period(tx, today, sector).await? else { refuse!("NO_OPEN_PERIOD") };
    let due_on = allow!(due_on(tx, &reckoner.book, open.period, today.min(reckoner.accrual.up_to)).await?);
    item::lock_all_of(tx, shard).await?;
    for _ in 0..ROUNDS {
        let changed = reckoner.differences(tx, (shard[0], shard[shard.len() - 1])).await?;
        if changed.is_empty() {
            break;
        }
        rows::keep(tx, id, open.period, &changed).await?;
        let mut sums: BTreeMap<(AccountId, Period, Service), Money> = BTreeMap::new();
        for row in &changed {
            *sums.entry((row.account, row.month, row.service)).or_default() += row.amount;
        }
        let adjustments: Vec<Adjustment> = sums
            .into_iter()
            .map(|((account, origin, service), net)| Adjustment {
                account,
                sector,
                service,
                component: Component::Penalty,
                origin,
                due_on,
                net,
                vat: Money::ZERO,
            })
            .collect();
        allow!(adjust(tx, AdjustmentSource::Penalty, id.0, &adjustments, today, known_at).await?);
        if !changed.iter().any(|row| row.amount.is_negative()) {
            break;
        }
    }
    Ok(Ok(()))
}

/// Takes an accrual back, a number of accounts in a transaction; how far it came is kept with them.
pub async fn run_reverse(
    app: &App,
    actor: &Actor,
    id: AccrualId,
    go_on: impl Fn(i64, i64) + Send + Sync,
) -> Outcome<()> {
    let reckoner = Reckoner::of(&app.db, id).await?;
    if reckoner.accrual.state() != AccrualState::Reversing {
        return Ok(Ok(()));
    }
    let (sector, today) = (reckoner.look.sector, app.clock.today());
    let (mut after, mut done) = (reckoner.accrual.done, 0);
    loop {
        let posted = rows::posted_by(&app.db, id, after, SHARD as i64).await?;
        let Some(last) = posted.last().map(|row| row.account_id) else { break };
        let mut tx = Tx::begin(&app.db, actor.clone()).await?;
        let Some(open) = period::posting_period(&tx, today, sector).await? else { refuse!("NO_OPEN_PERIOD") };
        let due_on =
            allow!(due_on(&tx, &reckoner.book, open.period, today.min(reckoner.accrual.up_to)).await?);
        let adjustments: Vec<Adjustment> = posted
            .iter()
            .filter_map(|row| {
                Some(Adjustment {
                    account: AccountId(row.account_id),
                    sector,
                    service: Service::from_code(&row.service)?,
                    component: Component::Penalty,
                    origin: Period::of(row.month),
                    due_on,
                    net: Money::from_tiyn(-row.amount),
                    vat: Money::ZERO,
                })
            })
            .collect();
        let known_at = app.clock.now();
        allow!(adjust(&mut tx, AdjustmentSource::Penalty, id.0, &adjustments, today, known_at).await?);
        accrual::advance(&tx, id, last).await?;
        tx.commit_silently("the end of the reversal tells of all accounts").await?;
        done += posted.iter().map(|row| row.account_id).collect::<BTreeSet<_>>().len() as i64;
        go_on(done, reckoner.accrual.accounts);
        after = last;
    }
    let mut tx = Tx::begin(&app.db, actor.clone()).await?;
    accrual::set_state(&tx, id, AccrualState::Reversed).await?;
    tx.audit(Change::new("penalty_accrual", id, "out_of_books").after(json!({ "accounts": done })));
    tx.emit(DebtEvent::PenaltyReversed { accrual: id });
    tx.commit().await?;
    Ok(Ok(()))
}
