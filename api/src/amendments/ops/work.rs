//! Brings a batch as far as it goes without a person: to its preview, into the registers, or out of them. Each is one transaction:
//! killed, it begins anew and finds nothing half done.

use domain::AmendmentsEvent;
use domain::access::Actor;
use domain::amendments::{AmendmentOutcome, AmendmentState as State};
use domain::kernel::*;
use entities::amendments::batch::{self, Batch};
use entities::billing::correction::{NewCorrection, Selection};
use entities::kernel::{Broken, Change, Result, Tx};
use serde_json::json;

use super::perform::{Performed, perform};
use super::take_back::put_back;
use crate::app::App;
use crate::billing::ops::create_correction;
use crate::platform::Refusal;

pub async fn work(app: &App, id: AmendmentId, actor: &Actor) -> Result<()> {
    let missing = || Broken::RecordNotFound(format!("amendment {id}"));
    let found = batch::find(&app.db, id).await?.ok_or_else(missing)?;
    match found.state {
        State::Reckoning => reckon(app, &found, actor).await,
        State::Applying => apply(app, id, actor).await,
        State::Reversing => take_back(app, id, actor).await,
        _ => Ok(()),
    }
}

async fn reckon(app: &App, found: &Batch, actor: &Actor) -> Result<()> {
    let id = found.amendment_id();
    let mut rehearsal = Tx::begin(&app.db, actor.clone()).await?;
    let done = perform(&mut rehearsal, &app.clock, found).await?;
    rehearsal.rollback().await?;

    let mut tx = Tx::begin(&app.db, actor.clone()).await?;
    if batch::lock(&tx, id).await?.is_none_or(|now| now.state != State::Reckoning) {
        return tx.rollback().await;
    }
    let Performed { rows, effects, sums, .. } = match done {
        Ok(done) => done,
        Err(refusal) => {
            tx.rollback().await?;
            return give_back(app, id, &refusal, State::Stale).await;
        }
    };
    batch::write_rows(&tx, id, &rows).await?;
    batch::finish_preview(&tx, id, &effects, &sums).await?;
    tx.audit(Change::new("amendment", id, "previewed").after(json!({
        "ready": sums.ready, "refused": sums.refused, "owed_more": sums.owed_more, "owed_less": sums.owed_less,
        "hash": sums.hash,
    })));
    tx.emit(AmendmentsEvent::Previewed { amendment: id });
    tx.commit().await
}

async fn apply(app: &App, id: AmendmentId, actor: &Actor) -> Result<()> {
    let mut tx = Tx::begin(&app.db, actor.clone()).await?;
    let Some(found) = batch::lock(&tx, id).await?.filter(|now| now.state == State::Applying) else {
        return tx.rollback().await;
    };
    let mut done = match perform(&mut tx, &app.clock, &found).await? {
        Ok(done) => done,
        Err(refusal) => {
            tx.rollback().await?;
            return give_back(app, id, &refusal, State::Stale).await;
        }
    };
    if found.hash.as_ref() != Some(&done.sums.hash) {
        tx.rollback().await?;
        return give_back(app, id, &Refusal::new("PREVIEW_STALE"), State::Stale).await;
    }
    for row in done.rows.iter_mut().filter(|row| row.outcome == AmendmentOutcome::Ready) {
        row.outcome = AmendmentOutcome::Applied;
    }
    batch::write_rows(&tx, id, &done.rows).await?;
    let correction = match prepare_correction(app, &mut tx, &found, &done).await? {
        Ok(correction) => correction,
        Err(refusal) => {
            tx.rollback().await?;
            return give_back(app, id, &refusal, State::Stale).await;
        }
    };
    batch::finish_applying(&tx, id, done.at, correction).await?;
    tx.audit(
        Change::new("amendment", id, "finish")
            .after(json!({ "rows": done.sums.ready, "hash": done.sums.hash, "correction": correction }))
            .document(Some(found.document_id)),
    );
    tx.emit(AmendmentsEvent::Applied { amendment: id });
    tx.commit().await
}

/// Issued bills are not edited: their differences are a correction of its own, in the name of whoever prepared the batch.
async fn prepare_correction(
    app: &App,
    tx: &mut Tx,
    found: &Batch,
    done: &Performed,
) -> crate::platform::Outcome<Option<CorrectionId>> {
    let Some((from, to)) = done.months.filter(|_| !done.issued.is_empty()) else { return Ok(Ok(None)) };
    let new = NewCorrection {
        document: DocumentId(found.document_id),
        reason: found.reason.clone(),
        from,
        to,
        stages: 1,
        known_at: app.clock.now(),
    };
    let accounts = done.issued.iter().map(|account| account.0).collect();
    let selection = Selection { accounts, ..Selection::default() };
    let own = tx.actor().clone();
    tx.act_as(Actor { label: found.created_by.clone(), ..own.clone() });
    let made = create_correction(tx, new, selection, app.clock.today()).await?;
    tx.act_as(own);
    Ok(made.map(Some))
}

async fn take_back(app: &App, id: AmendmentId, actor: &Actor) -> Result<()> {
    let mut tx = Tx::begin(&app.db, actor.clone()).await?;
    let Some(found) = batch::lock(&tx, id).await?.filter(|now| now.state == State::Reversing) else {
        return tx.rollback().await;
    };
    let applied =
        found.applied_at.ok_or_else(|| Broken::Custom(format!("amendment {id} was never saved")))?;
    let rows = match put_back(&mut tx, &app.clock, &found, applied).await? {
        Ok(rows) => rows,
        Err(refusal) => {
            tx.rollback().await?;
            return give_back(app, id, &refusal, State::Applied).await;
        }
    };
    batch::write_rows(&tx, id, &rows).await?;
    batch::finish_reversal(&tx, id).await?;
    tx.audit(Change::new("amendment", id, "finish").after(json!({ "rows": rows.len() })));
    tx.emit(AmendmentsEvent::Reversed { amendment: id });
    tx.commit().await
}

/// Nothing was written; the batch says why.
async fn give_back(app: &App, id: AmendmentId, refusal: &Refusal, state: State) -> Result<()> {
    let mut tx = Tx::begin(&app.db, Actor::system("worker")).await?;
    batch::show_error(&tx, id, refusal.code, Some(state)).await?;
    tx.audit(Change::new("amendment", id, "stale").after(json!({ "code": refusal.code })));
    tx.emit(AmendmentsEvent::Previewed { amendment: id });
    tx.commit().await
}
