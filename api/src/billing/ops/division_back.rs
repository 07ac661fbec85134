//! A division taken back as a whole, in one transaction that two people stand for: the accounts that it closed live on with all that
//! is owed, those opened for it never were. Their final bills stand, as every issued bill does: the days of their month that are left
//! are charged by a correction once that month is issued.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use domain::ReadingsEvent;
use domain::billing::DivisionState;
use domain::kernel::*;
use domain::payments::TransferState;
use domain::subscribers::AccountStatus;
use entities::billing::division::{self, Division, Plan};
use entities::billing::run;
use entities::kernel::{Broken, Change, Tx, bitemporal};
use entities::ledger::item;
use entities::payments::transfer;
use entities::readings;
use entities::subscribers::account::{self, POINT};
use entities::subscribers::successor;

use super::division::{found, told};
use crate::app::App;
use crate::payments::ops::return_carried;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::subscribers::ops::{annul, live_on, open_day};
use crate::{allow, refuse};

/// Asks to take a division back. It is tried as a whole at once, so that nobody is asked to confirm what can't be done.
pub async fn ask_division_back(
    tx: &mut Tx,
    app: &Arc<App>,
    id: DivisionId,
    document: DocumentId,
    reason: &str,
) -> Outcome<Division> {
    if reason.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    let (before, plan) = allow!(found(tx, id).await?);
    if before.state != DivisionState::Done {
        refuse!("DIVISION_NOT_DONE");
    }
    if entities::archive::find(tx, document.0).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_DOCUMENT").at("documentId"));
    }
    let mut trial = Tx::begin(&app.db, tx.actor().clone()).await?;
    let tried = take_back(&mut trial, app, &before, &plan, document).await;
    trial.rollback().await?;
    allow!(tried?);
    allow!(unless(division::ask_back(tx, id, document, reason.trim()).await, &[])?);
    told(tx, id, "back_asked", document).await.map(Ok)
}

/// Takes back what somebody else asked for, or leaves the division as it was done.
pub(super) async fn decide_back(
    tx: &mut Tx,
    app: &Arc<App>,
    before: &Division,
    plan: &Plan,
    agreed: bool,
) -> Outcome<Division> {
    let asked = before.back_document_id.zip(before.back_asked_by.as_ref());
    let (document, by) = asked.ok_or_else(|| Broken::Custom(format!("nobody asked for {before:?}")))?;
    if *by == tx.actor().label {
        refuse!("SAME_PERSON");
    }
    let (id, document) = (DivisionId(before.id), DocumentId(document));
    if agreed {
        allow!(take_back(tx, app, before, plan, document).await?);
    }
    division::back_decided(tx, id, agreed).await?;
    told(tx, id, if agreed { "returned" } else { "declined" }, document).await.map(Ok)
}

/// The taking back itself; a trial of it is rolled back.
async fn take_back(
    tx: &mut Tx,
    app: &Arc<App>,
    done: &Division,
    plan: &Plan,
    document: DocumentId,
) -> Outcome<()> {
    let (day, since) = (done.on_day, done.decided_at.unwrap_or(done.proposed_at));
    let mut all = plan.accounts();
    all.sort_unstable();
    let sectors: Vec<Sector> =
        account::by_ids(tx, all.clone()).await?.into_iter().map(|row| row.sector).collect();
    run::beside(tx, &sectors).await?;
    let mut accounts = Vec::with_capacity(all.len());
    for id in all {
        let Some(row) = account::lock(tx, id).await? else { refuse!("NO_SUCH_ACCOUNT") };
        accounts.push(row);
    }
    let of = |id: AccountId| accounts.iter().find(|row| row.id == id).cloned();
    let known = |id: AccountId| of(id).ok_or_else(|| Broken::RecordNotFound(format!("account {id}")));
    let takers: Vec<AccountId> = plan.to.iter().map(|one| one.account).collect();
    let givers: Vec<AccountId> = plan.from.iter().map(|one| one.account).collect();

    allow!(nothing_billed(tx, &accounts, &takers, day).await?);
    let moments = allow!(givers_as_left(tx, &givers, &known, day, since).await?);
    for taker in &plan.to {
        let row = known(taker.account)?;
        let now = division::taken_over(tx, taker.account, day, since).await?;
        let points: BTreeSet<PointId> = taker.points.iter().copied().collect();
        if row.status != AccountStatus::Active || now.into_iter().collect::<BTreeSet<_>>() != points {
            refuse!(Refusal::new("DIVISION_CHANGED").with("number", row.number));
        }
    }
    let points: Vec<PointId> = plan.to.iter().flat_map(|one| one.points.clone()).collect();
    let read = division::read_since(tx, &takers, &points, day).await?;
    if read > 0 {
        refuse!(Refusal::new("DIVISION_READ").with("count", read));
    }

    if let Some(id) = done.transfer_id.map(TransferId) {
        // The sums may have been taken back alone before.
        if transfer::find(tx, id).await?.is_some_and(|row| row.state == TransferState::Posted) {
            allow!(return_carried(tx, id, document, &app.clock).await?);
        }
    }
    let last_day = day.pred_opt().unwrap_or(day);
    let why = done.back_reason.as_deref().unwrap_or(&done.reason);
    for (reading, account) in readings::unbegin(tx, &takers, &points, last_day, why).await? {
        tx.audit(Change::new("reading", reading, "withdraw").document(Some(document.0)));
        tx.emit(ReadingsEvent::Withdrawn { reading, account });
    }
    let at = bitemporal::moment(tx).await?;
    for taker in &plan.to {
        for point in &taker.points {
            POINT.end(tx, [taker.account.0.into(), point.0.into()], day, at).await?;
        }
        if !division::had_others(tx, taker.account, &taker.points, day).await? {
            let row = known(taker.account)?;
            allow!(nothing_left(tx, &row).await?);
            annul(tx, &row, document).await?;
        }
    }
    for (giver, moment) in givers.iter().zip(moments) {
        live_on(tx, &known(*giver)?, moment, document).await?;
    }
    successor::forget(tx, &givers, &takers, day).await?;
    Ok(Ok(()))
}

/// What was billed stands: of the accounts that took over nothing is, of no sector of theirs a run waits, and the day is of a month
/// that is open.
async fn nothing_billed(
    tx: &Tx,
    accounts: &[account::Model],
    takers: &[AccountId],
    day: NaiveDate,
) -> Outcome<()> {
    for sector in accounts.iter().map(|row| row.sector).collect::<BTreeSet<_>>() {
        allow!(open_day(tx, Some(sector), day, "id").await?);
        if let Some(period) = division::run_waiting(tx, sector, day).await? {
            refuse!(Refusal::new("RUN_IN_THE_WAY").at("id").with("period", period));
        }
    }
    if let Some((number, period)) = division::billed_since(tx, takers, day).await? {
        let period = Period::of(period);
        refuse!(Refusal::new("DIVISION_BILLED").with("number", number).with("period", period));
    }
    Ok(Ok(()))
}

/// The accounts that gave are as the division left them; when each was ended.
async fn givers_as_left(
    tx: &Tx,
    givers: &[AccountId],
    known: &impl Fn(AccountId) -> Result<account::Model, Broken>,
    day: NaiveDate,
    since: DateTime<Utc>,
) -> Outcome<Vec<DateTime<Utc>>> {
    let mut moments = Vec::with_capacity(givers.len());
    for &id in givers {
        let row = known(id)?;
        let as_left = row.status == AccountStatus::Closed && row.closed_on == Some(day);
        match division::ended_at(tx, id, since).await? {
            Some(moment) if as_left => moments.push(moment),
            _ => refuse!(Refusal::new("DIVISION_CHANGED").with("number", row.number)),
        }
    }
    Ok(Ok(moments))
}

/// Nobody loses money on a number that never was: what was paid on it is given back or moved first.
async fn nothing_left(tx: &Tx, row: &account::Model) -> Outcome<()> {
    let open = item::lock_payable(tx, &[row.id.0]).await?;
    let Some(left) = open.first() else { return Ok(Ok(())) };
    let sum = Money::from_tiyn(left.amount - left.settled);
    refuse!(Refusal::new("DIVISION_LEFT").with("number", &row.number).with("sum", sum.abs()))
}
