//! A correction from its preview to the books and back: prepared by one, looked at, confirmed by another where that is due.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::BillingEvent;
use domain::access::Actor;
use domain::billing::{
    CorrectionOutcome, CorrectionState as State, SecondPersonReason, postable, second_person, staged,
};
use domain::kernel::*;
use domain::ledger::AdjustmentSource;
use entities::billing::correction::{self, Correction, Member, NewCorrection, Selection, Step};
use entities::billing::run;
use entities::kernel::{Broken, Change, Result, Tx, jobs};
use entities::ledger::alone::done_alone;
use entities::ledger::period;
use entities::tariffs;
use serde_json::json;

use super::recalculate::Desk;
use crate::app::App;
use crate::billing::jobs::{CORRECTION, CorrectionArgs};
use crate::ledger::ops::due_on;
use crate::payments::ops::{Adjustment, adjust};
use crate::platform::clock::Clock;
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// Accounts of one transaction.
const STEP: i64 = 500;
/// The longest span of a batch: as far back as claims go.
const MOST_MONTHS: u32 = 36;

/// Registers a batch and sends it to be reckoned. Nothing is posted by this.
pub async fn create_correction(
    tx: &mut Tx,
    new: NewCorrection,
    mut selection: Selection,
    today: NaiveDate,
) -> Outcome<CorrectionId> {
    if new.reason.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    if new.to < new.from || new.to.since(new.from) >= MOST_MONTHS || new.to > Period::of(today) {
        refuse!(Refusal::new("CORRECTION_MONTHS").at("to").with("months", MOST_MONTHS));
    }
    if entities::archive::find(tx, new.document.0).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_DOCUMENT").at("documentId"));
    }
    let book = tariffs::book_of(tx, Period::of(today), new.known_at).await?;
    match book.methods.credit_stages(today) {
        Ok(most) if new.stages <= most.value => {}
        Ok(most) => refuse!(Refusal::new("TOO_MANY_STAGES").at("stages").with("most", most.value)),
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.code)),
    }
    selection.numbers.iter_mut().for_each(|number| *number = number.trim().to_owned());
    selection.numbers.retain(|number| !number.is_empty());
    let unknown = correction::unknown_numbers(tx, selection.numbers.clone()).await?;
    if !unknown.is_empty() {
        refuse!(Refusal::new("NUMBERS_UNKNOWN").at("numbers").with("numbers", unknown.join(", ")));
    }
    let id = correction::create(tx, &new).await?;
    let accounts = correction::take_in(tx, id, selection, today).await?;
    if accounts == 0 {
        refuse!("NO_ACCOUNTS");
    }
    enqueue(tx, id, State::Reckoning).await?;
    tx.audit(
        Change::new("correction", id, "created")
            .after(json!({ "from": new.from, "to": new.to, "reason": new.reason, "accounts": accounts }))
            .document(Some(new.document.0)),
    );
    tx.emit(BillingEvent::CorrectionAdvanced { correction: id, done: 0, total: accounts as i64 });
    Ok(Ok(id))
}

/// A job for each thing to do: the one before may not have said yet that it is done.
async fn enqueue(tx: &mut Tx, id: CorrectionId, what: State) -> Result<()> {
    let key = format!("{id} {what}");
    let args = CorrectionArgs { correction: id.0 };
    let job = match what {
        State::Reckoning => jobs::enqueue(tx, CORRECTION, &args, Some(&key)).await?,
        // Half way in the books it is not stopped: the batch would hang, and all others behind it.
        _ => jobs::enqueue_lasting(tx, CORRECTION, &args, &key).await?,
    };
    correction::set_job(tx, id, job).await.map(drop)
}

/// Sends a preview that was looked at to be posted; where one person is not enough, it waits for the second.
pub async fn post_correction(
    tx: &mut Tx,
    id: CorrectionId,
    hash: &str,
    clock: &Clock,
) -> Outcome<CorrectionId> {
    let Some(batch) = found(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if let Err(refusal) = as_seen(&batch, hash, State::Previewed) {
        return Ok(Err(refusal));
    }
    if batch.changed == 0 {
        refuse!("NOTHING_TO_CORRECT");
    }
    if let Some(refusal) = in_the_way(tx, id).await? {
        return Ok(Err(refusal));
    }
    let today = clock.today();
    let reasons = match reasons(tx, &batch, today, clock.now()).await? {
        Ok(reasons) => reasons,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code()).collect();
    correction::asked(tx, id, today, &codes).await?;
    let state = if reasons.is_empty() { State::Posting } else { State::Waiting };
    if !correction::move_on(tx, id, &[State::Previewed], state).await? {
        refuse!("CONFLICT");
    }
    if state == State::Posting {
        enqueue(tx, id, State::Posting).await?;
    }
    tx.audit(
        Change::new("correction", id, if state == State::Posting { "post" } else { "proposed" })
            .after(json!({ "hash": hash, "owed_more": Money::from_tiyn(batch.owed_more),
                "owed_less": Money::from_tiyn(batch.owed_less), "second": codes }))
            .document(Some(batch.document_id)),
    );
    tx.emit(BillingEvent::CorrectionPreviewed { correction: id });
    Ok(Ok(id))
}

/// Why one person is not enough, by what the same person did before in the month.
async fn reasons(
    tx: &Tx,
    batch: &Correction,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Vec<SecondPersonReason>> {
    let month = Period::of(today);
    let book = tariffs::book_of(tx, month, known_at).await?;
    let limit = match book.methods.correction_alone(today) {
        Ok(limit) => limit.value,
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.code)),
    };
    let already = done_alone(tx, &tx.actor().label, month).await?;
    let (less, more) = (Money::from_tiyn(batch.owed_less), Money::from_tiyn(batch.owed_more));
    Ok(Ok(second_person(less, more, batch.staff > 0, already, limit)))
}

/// Confirms what somebody else prepared.
pub async fn confirm_correction(tx: &mut Tx, id: CorrectionId, hash: &str) -> Outcome<CorrectionId> {
    let Some(batch) = found(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if let Err(refusal) = as_seen(&batch, hash, State::Waiting) {
        return Ok(Err(refusal));
    }
    let who = &tx.actor().label;
    if batch.created_by == *who || batch.asked_by.as_ref() == Some(who) {
        refuse!("SAME_PERSON");
    }
    if let Some(refusal) = in_the_way(tx, id).await? {
        return Ok(Err(refusal));
    }
    if !correction::move_on(tx, id, &[State::Waiting], State::Posting).await? {
        refuse!("CONFLICT");
    }
    correction::confirmed(tx, id).await?;
    enqueue(tx, id, State::Posting).await?;
    tx.audit(
        Change::new("correction", id, "confirmed")
            .after(json!({ "hash": hash }))
            .document(Some(batch.document_id)),
    );
    tx.emit(BillingEvent::CorrectionPreviewed { correction: id });
    Ok(Ok(id))
}

/// Posts the next part of a credit that is spread over months.
pub async fn stage_correction(tx: &mut Tx, id: CorrectionId, today: NaiveDate) -> Outcome<CorrectionId> {
    let Some(batch) = found(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if batch.state() != State::Posted || batch.stages_done >= batch.stages {
        refuse!("CORRECTION_STATE");
    }
    if batch.stage_period.is_some_and(|month| Period::of(month) >= Period::of(today)) {
        refuse!("STAGE_TOO_EARLY");
    }
    if let Some(refusal) = in_the_way(tx, id).await? {
        return Ok(Err(refusal));
    }
    if !correction::move_on(tx, id, &[State::Posted], State::Posting).await? {
        refuse!("CONFLICT");
    }
    enqueue(tx, id, State::Posting).await?;
    tx.audit(Change::new("correction", id, "post").after(json!({ "stage": batch.stages_done + 1 })));
    tx.emit(BillingEvent::CorrectionPreviewed { correction: id });
    Ok(Ok(id))
}

/// Takes a posted batch back as a whole: the same sums the other way round, into the open month.
pub async fn reverse_correction(
    tx: &mut Tx,
    id: CorrectionId,
    document: DocumentId,
) -> Outcome<CorrectionId> {
    let Some(batch) = found(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if batch.state() == State::Reversed {
        tx.nothing_new("taken back already");
        return Ok(Ok(id));
    }
    if batch.state() != State::Posted {
        refuse!("CORRECTION_STATE");
    }
    if batch.created_by == tx.actor().label {
        refuse!("SAME_PERSON");
    }
    if entities::archive::find(tx, document.0).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_DOCUMENT").at("documentId"));
    }
    if let Some(later) = correction::corrected_again(tx, id).await? {
        refuse!(Refusal::new("CORRECTED_AGAIN").with("correction", later.to_string()));
    }
    if let Some(month) = correction::run_since(tx, id).await? {
        refuse!(Refusal::new("RUN_STANDS_ON_CORRECTION").with("period", Period::of(month)));
    }
    if let Some(refusal) = in_the_way(tx, id).await? {
        return Ok(Err(refusal));
    }
    if !correction::move_on(tx, id, &[State::Posted], State::Reversing).await? {
        refuse!("CONFLICT");
    }
    correction::begin_reversal(tx, id, Some(document)).await?;
    enqueue(tx, id, State::Reversing).await?;
    tx.audit(
        Change::new("correction", id, "reverse")
            .before(json!({ "gross": Money::from_tiyn(batch.gross), "hash": batch.hash }))
            .document(Some(document.0)),
    );
    tx.emit(BillingEvent::CorrectionPreviewed { correction: id });
    Ok(Ok(id))
}

/// Gives a batch up before it was posted.
pub async fn withdraw_correction(tx: &mut Tx, id: CorrectionId) -> Outcome<CorrectionId> {
    let Some(batch) = found(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    let open = [State::Reckoning, State::Previewed, State::Waiting, State::Stale];
    if !correction::move_on(tx, id, &open, State::Withdrawn).await? {
        refuse!("CORRECTION_STATE");
    }
    tx.audit(
        Change::new("correction", id, "withdrawn")
            .before(json!({ "state": batch.state, "hash": batch.hash })),
    );
    tx.emit(BillingEvent::CorrectionPreviewed { correction: id });
    Ok(Ok(id))
}

/// Under a lock, and only for who reaches all of its accounts.
async fn found(tx: &Tx, id: CorrectionId) -> Result<Option<Correction>> {
    if correction::visible_to(tx, tx.scope(), id).await?.is_none() {
        return Ok(None);
    }
    correction::lock(tx, id).await
}

fn as_seen(batch: &Correction, hash: &str, state: State) -> std::result::Result<(), Refusal> {
    if batch.state() == State::Stale {
        return Err(Refusal::new("PREVIEW_STALE"));
    }
    if batch.state() != state {
        return Err(Refusal::new("CORRECTION_STATE"));
    }
    match batch.hash.as_deref() {
        Some(known) if known == hash => Ok(()),
        _ => Err(Refusal::new("PREVIEW_STALE")),
    }
}

/// A run that is not issued stands on what would change; another batch may be writing. Alone until the caller has said that it writes: no
/// run starts meanwhile, and no second batch.
async fn in_the_way(tx: &Tx, id: CorrectionId) -> Result<Option<Refusal>> {
    run::alone(tx, Sector::ALL).await?;
    if let Some(month) = correction::run_not_issued(tx, id).await? {
        return Ok(Some(Refusal::new("RUN_IN_THE_WAY").with("period", Period::of(month))));
    }
    for &sector in Sector::ALL {
        if correction::at_work(tx, sector).await? {
            return Ok(Some(Refusal::new("CORRECTION_AT_WORK")));
        }
    }
    Ok(None)
}

/// Brings a batch as far as it goes without a person: to its preview, into the books, or out of them. Killed anywhere, it is
/// called again and finds what is done. `on_progress` hears (accounts done, accounts).
pub async fn work_correction(
    app: &App,
    id: CorrectionId,
    on_progress: &(dyn Fn(i64, i64) + Sync),
) -> Result<Correction> {
    let missing = || Broken::RecordNotFound(format!("correction {id}"));
    let batch = correction::find(&app.db, id).await?.ok_or_else(missing)?;
    match batch.state() {
        State::Reckoning => reckon(app, &batch, on_progress).await?,
        State::Posting => post(app, &batch, on_progress).await?,
        State::Reversing => take_back(app, &batch, on_progress).await?,
        _ => {}
    }
    correction::find(&app.db, id).await?.ok_or_else(missing)
}

async fn reckon(app: &App, batch: &Correction, on_progress: &(dyn Fn(i64, i64) + Sync)) -> Result<()> {
    let id = batch.correction_id();
    let desk = Desk::open(&app.db, batch.months(), batch.known_at).await?;
    // Where it stands is only remembered here: what is done is passed over again by whoever takes the job after a kill.
    let mut after = 0;
    loop {
        let queued = Some(CorrectionOutcome::Queued);
        let members = correction::members(&app.db, id, queued, after, STEP).await?;
        let Some(last) = members.last() else { break };
        after = last.account_id;
        let mut step = Step::default();
        for reckoned in desk.reckon(&mut app.db.clone(), &members).await? {
            let account = reckoned.found.account;
            let kept = reckoned.found.outcome == CorrectionOutcome::Changed;
            for month in &reckoned.months {
                step.month(&month.inputs, &month.causes, month.before, month.after)?;
                for (at, (side, line)) in month.pairs.each().enumerate() {
                    step.line(id, (account, month.inputs.period, at + 1), side, line)?;
                }
            }
            if kept {
                for (month, run, point, carried) in &reckoned.handed {
                    step.chain(account, *month, *run, *point, carried);
                }
            }
            step.account(reckoned.found);
        }
        let mut tx = Tx::begin(&app.db, Actor::system("billing")).await?;
        if correction::lock(&tx, id).await?.is_none_or(|now| now.state() != State::Reckoning) {
            return tx.rollback().await;
        }
        let done = step.write(&mut tx, id).await?;
        tx.commit_silently("progress is told by the job").await?;
        on_progress(done, batch.accounts);
    }
    let mut tx = Tx::begin(&app.db, Actor::system("billing")).await?;
    if correction::lock(&tx, id).await?.is_none_or(|now| now.state() != State::Reckoning) {
        return tx.rollback().await;
    }
    let done = correction::finish_preview(&tx, id).await?;
    tx.audit(Change::new("correction", id, "previewed").after(json!({
        "changed": done.changed, "skipped": done.skipped, "owed_more": Money::from_tiyn(done.owed_more),
        "owed_less": Money::from_tiyn(done.owed_less), "hash": done.hash,
    })));
    tx.emit(BillingEvent::CorrectionPreviewed { correction: id });
    tx.commit().await
}

/// Whether the batch says now what it said in its preview.
async fn still_holds(app: &App, batch: &Correction) -> Result<bool> {
    let desk = Desk::open(&app.db, batch.months(), app.clock.now()).await?;
    let (mut after, mut hash) = (0, 0_u128);
    loop {
        let members = correction::members(&app.db, batch.correction_id(), None, after, STEP).await?;
        let Some(last) = members.last() else { break };
        after = last.account_id;
        for reckoned in desk.reckon(&mut app.db.clone(), &members).await? {
            hash = hash.wrapping_add(reckoned.found.hash);
        }
    }
    Ok(batch.hash.as_deref() == Some(&format!("{hash:032x}")))
}

async fn post(app: &App, batch: &Correction, on_progress: &(dyn Fn(i64, i64) + Sync)) -> Result<()> {
    let (id, stage) = (batch.correction_id(), batch.stages_done.unsigned_abs() + 1);
    let begun = correction::count(&app.db, id, CorrectionOutcome::Posted, 1).await? > 0;
    if !begun && !still_holds(app, batch).await? {
        let mut tx = Tx::begin(&app.db, Actor::system("billing")).await?;
        correction::move_on(&tx, id, &[State::Posting], State::Stale).await?;
        tx.audit(Change::new("correction", id, "stale").before(json!({ "hash": batch.hash })));
        tx.emit(BillingEvent::CorrectionPreviewed { correction: id });
        return tx.commit().await;
    }
    let mut done = correction::count(&app.db, id, CorrectionOutcome::Posted, stage).await?;
    let mut after = 0;
    loop {
        let mut tx = Tx::begin(&app.db, Actor::system("billing")).await?;
        let members = correction::lock_unposted(&tx, id, stage, after, STEP).await?;
        let Some(last) = members.last() else {
            tx.rollback().await?;
            break;
        };
        after = last.account_id;
        let accounts: Vec<i64> = members.iter().map(|member| member.account_id).collect();
        let adjustments = adjustments(app, &mut tx, batch, &members, |member, sum| {
            part_of(sum, member.gross, batch.stages, stage)
        })
        .await?;
        write(app, &mut tx, id, &adjustments).await?;
        if stage == 1 {
            correction::move_chain(&tx, id, accounts.clone()).await?;
        }
        correction::mark_posted(&tx, id, accounts, stage).await?;
        audit_step(&mut tx, id, "shard", members.len(), &adjustments);
        tx.commit_silently("progress is told by the job").await?;
        done += members.len() as i64;
        on_progress(done, batch.changed);
    }
    let mut tx = Tx::begin(&app.db, Actor::system("billing")).await?;
    correction::finish_posting(&tx, id, stage, Period::of(app.clock.today())).await?;
    tx.audit(Change::new("correction", id, "finish").after(json!({
        "stage": stage, "accounts": batch.changed, "gross": Money::from_tiyn(batch.gross), "hash": batch.hash,
    })));
    tx.emit(BillingEvent::CorrectionPosted { correction: id });
    tx.commit().await
}

/// A credit goes in parts where the batch says so, what is owed more at once.
fn part_of(sum: Money, of_account: i64, stages: i32, stage: u32) -> Money {
    match (of_account < 0 && stages > 1, stage) {
        (true, stage) => staged(sum, stages.unsigned_abs())[stage as usize - 1],
        (false, 1) => sum,
        (false, _) => Money::ZERO,
    }
}

async fn take_back(app: &App, batch: &Correction, on_progress: &(dyn Fn(i64, i64) + Sync)) -> Result<()> {
    let id = batch.correction_id();
    let mut done = correction::count(&app.db, id, CorrectionOutcome::Reversed, 0).await?;
    let mut after = 0;
    loop {
        let mut tx = Tx::begin(&app.db, Actor::system("billing")).await?;
        let members = correction::lock_posted(&tx, id, after, STEP).await?;
        let Some(last) = members.last() else {
            tx.rollback().await?;
            break;
        };
        after = last.account_id;
        let accounts: Vec<i64> = members.iter().map(|member| member.account_id).collect();
        let adjustments = adjustments(app, &mut tx, batch, &members, |member, sum| {
            let parts = 1..=member.stage.unsigned_abs();
            -parts.map(|stage| part_of(sum, member.gross, batch.stages, stage)).sum::<Money>()
        })
        .await?;
        write(app, &mut tx, id, &adjustments).await?;
        correction::move_chain_back(&tx, id, accounts.clone()).await?;
        correction::mark_reversed(&tx, id, accounts).await?;
        audit_step(&mut tx, id, "shard", members.len(), &adjustments);
        tx.commit_silently("progress is told by the job").await?;
        done += members.len() as i64;
        on_progress(done, batch.changed);
    }
    let mut tx = Tx::begin(&app.db, Actor::system("billing")).await?;
    correction::finish_reversal(&tx, id).await?;
    tx.audit(
        Change::new("correction", id, "finish").after(json!({ "gross": -Money::from_tiyn(batch.gross) })),
    );
    tx.emit(BillingEvent::CorrectionReversed { correction: id });
    tx.commit().await
}

fn audit_step(tx: &mut Tx, id: CorrectionId, action: &'static str, accounts: usize, rows: &[Adjustment]) {
    let gross: Money = rows.iter().map(Adjustment::gross).sum();
    tx.audit(Change::new("correction", id, action).after(json!({ "accounts": accounts, "gross": gross })));
}

/// The pairs of accounts added up, each sum as `share` says; due with the bills of the month that they are posted in.
async fn adjustments(
    app: &App,
    tx: &mut Tx,
    batch: &Correction,
    members: &[Member],
    share: impl Fn(&Member, Money) -> Money,
) -> Result<Vec<Adjustment>> {
    let today = app.clock.today();
    let mut due: HashMap<Sector, NaiveDate> = HashMap::new();
    for member in members {
        let sector = member.sector();
        if due.contains_key(&sector) {
            continue;
        }
        let Some(open) = period::posting_period(tx, today, sector).await? else {
            return Err(Broken::Custom("no month is open".to_owned()));
        };
        let book = tariffs::book_of(tx, open.period, app.clock.now()).await?;
        let day = due_on(tx, &book.methods, open.period, open.period.first_day()).await?;
        due.insert(sector, day.map_err(|missing| Broken::Custom(missing.to_string()))?);
    }
    let by_account: HashMap<i64, &Member> =
        members.iter().map(|member| (member.account_id, member)).collect();
    let accounts = members.iter().map(|member| member.account_id).collect();
    let mut found = Vec::new();
    for row in correction::postings(tx, batch.correction_id(), accounts).await? {
        let unknown = || Broken::Custom(format!("correction {} has unknown codes", batch.id));
        let member = by_account.get(&row.account_id).ok_or_else(unknown)?;
        let (net, vat) = (share(member, Money::from_tiyn(row.net)), share(member, Money::from_tiyn(row.vat)));
        for (net, vat) in postable(net, vat) {
            found.push(Adjustment {
                account: AccountId(row.account_id),
                sector: member.sector(),
                service: Service::from_code(&row.service).ok_or_else(unknown)?,
                component: Component::from_code(&row.component).ok_or_else(unknown)?,
                origin: Period::of(row.period),
                due_on: due[&member.sector()],
                net,
                vat,
            });
        }
    }
    Ok(found)
}

async fn write(app: &App, tx: &mut Tx, id: CorrectionId, rows: &[Adjustment]) -> Result<()> {
    let (today, now) = (app.clock.today(), app.clock.now());
    match adjust(tx, AdjustmentSource::Correction, id.0, rows, today, now).await? {
        Ok(_) => Ok(()),
        Err(refusal) => Err(Broken::Custom(format!("the books refuse the correction: {}", refusal.code))),
    }
}
