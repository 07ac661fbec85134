//! What people say to a batch that was looked at: save it, confirm it, take it back, give it up.

use domain::AmendmentsEvent;
use domain::access::Permission;
use domain::amendments::AmendmentState as State;
use domain::billing::{SecondPersonReason, second_person};
use domain::kernel::*;
use entities::amendments::batch::{self, Batch};
use entities::billing::correction;
use entities::kernel::{Change, Result, Tx};
use entities::ledger::alone::done_alone;
use entities::tariffs;
use serde_json::json;

use super::prepare::enqueue;
use crate::platform::clock::Clock;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Saves what was looked at; where one person is not enough, it waits for the second.
pub async fn save(tx: &mut Tx, id: AmendmentId, hash: &str, clock: &Clock) -> Outcome<AmendmentId> {
    let found = allow!(reached(tx, id).await?);
    allow!(as_seen(&found, hash, State::Previewed));
    if found.ready == 0 {
        refuse!("NOTHING_TO_AMEND");
    }
    if found.paid_back > 0 && !tx.actor().may(Permission::PaymentReverse) {
        refuse!("AMENDMENT_MONEY");
    }
    let second = allow!(reasons(tx, &found, clock).await?);
    let codes: Vec<&str> = second.iter().map(|reason| reason.code()).collect();
    batch::asked(tx, id, clock.today(), &codes).await?;
    let state = if second.is_empty() { State::Applying } else { State::Waiting };
    if !batch::move_on(tx, id, &[State::Previewed], state).await? {
        refuse!("CONFLICT");
    }
    if state == State::Applying {
        enqueue(tx, id, State::Applying).await?;
    }
    tx.audit(
        Change::new("amendment", id, if state == State::Applying { "save" } else { "proposed" })
            .after(json!({ "hash": hash, "rows": found.ready, "owed_more": Money::from_tiyn(found.owed_more),
                "owed_less": Money::from_tiyn(found.owed_less), "second": codes }))
            .document(Some(found.document_id)),
    );
    tx.emit(AmendmentsEvent::Previewed { amendment: id });
    Ok(Ok(id))
}

/// Why one person is not enough, by what the same person amended and corrected before in the month.
async fn reasons(tx: &Tx, found: &Batch, clock: &Clock) -> Outcome<Vec<SecondPersonReason>> {
    let (today, month) = (clock.today(), Period::of(clock.today()));
    let book = tariffs::book_of(tx, month, clock.now()).await?;
    let limit = match book.methods.correction_alone(today) {
        Ok(limit) => limit.value,
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.code)),
    };
    let already = done_alone(tx, &tx.actor().label, month).await?;
    let (less, more) = (Money::from_tiyn(found.owed_less), Money::from_tiyn(found.owed_more));
    Ok(Ok(second_person(less, more, found.staff > 0, already, limit)))
}

/// Confirms what somebody else prepared; it is saved.
pub async fn confirm(tx: &mut Tx, id: AmendmentId, hash: &str) -> Outcome<AmendmentId> {
    let found = allow!(reached(tx, id).await?);
    allow!(as_seen(&found, hash, State::Waiting));
    let who = &tx.actor().label;
    if found.created_by == *who || found.asked_by.as_ref() == Some(who) {
        refuse!("SAME_PERSON");
    }
    if !batch::move_on(tx, id, &[State::Waiting], State::Applying).await? {
        refuse!("CONFLICT");
    }
    batch::confirmed(tx, id).await?;
    enqueue(tx, id, State::Applying).await?;
    tx.audit(
        Change::new("amendment", id, "confirmed")
            .after(json!({ "hash": hash }))
            .document(Some(found.document_id)),
    );
    tx.emit(AmendmentsEvent::Previewed { amendment: id });
    Ok(Ok(id))
}

/// Takes a saved batch back as a whole: every fact is as it was before.
pub async fn reverse(tx: &mut Tx, id: AmendmentId, document: DocumentId) -> Outcome<AmendmentId> {
    let found = allow!(reached(tx, id).await?);
    if found.state == State::Reversed {
        tx.nothing_new("taken back already");
        return Ok(Ok(id));
    }
    if found.state != State::Applied {
        refuse!("AMENDMENT_STATE");
    }
    if found.created_by == tx.actor().label {
        refuse!("SAME_PERSON");
    }
    if entities::archive::find(tx, document.0).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_DOCUMENT").at("documentId"));
    }
    // The correction that it prepared stands on the facts as they are now.
    if let Some(number) = found.correction_id
        && let Some(prepared) = correction::find(tx, CorrectionId(number)).await?
    {
        use domain::billing::CorrectionState;
        if !matches!(prepared.state(), CorrectionState::Withdrawn | CorrectionState::Reversed) {
            refuse!(Refusal::new("AMENDMENT_CORRECTED").with("correction", number.to_string()));
        }
    }
    if !batch::move_on(tx, id, &[State::Applied], State::Reversing).await? {
        refuse!("CONFLICT");
    }
    batch::begin_reversal(tx, id, document).await?;
    enqueue(tx, id, State::Reversing).await?;
    tx.audit(
        Change::new("amendment", id, "reverse")
            .before(json!({ "rows": found.ready, "hash": found.hash }))
            .document(Some(document.0)),
    );
    tx.emit(AmendmentsEvent::Previewed { amendment: id });
    Ok(Ok(id))
}

/// Gives a batch up before it was saved.
pub async fn give_up(tx: &mut Tx, id: AmendmentId) -> Outcome<AmendmentId> {
    let found = allow!(reached(tx, id).await?);
    let open = [State::Reckoning, State::Previewed, State::Waiting, State::Stale];
    if !batch::move_on(tx, id, &open, State::Withdrawn).await? {
        refuse!("AMENDMENT_STATE");
    }
    tx.audit(
        Change::new("amendment", id, "withdrawn").before(json!({ "state": found.state, "hash": found.hash })),
    );
    tx.emit(AmendmentsEvent::Previewed { amendment: id });
    Ok(Ok(id))
}

/// Under a lock, and only for who reaches all of its accounts.
async fn reached(tx: &Tx, id: AmendmentId) -> Result<std::result::Result<Batch, Refusal>> {
    let missing = || Refusal::new("NOT_FOUND").at("id");
    if batch::visible_to(tx, tx.scope(), id).await?.is_none() {
        return Ok(Err(missing()));
    }
    Ok(batch::lock(tx, id).await?.ok_or_else(missing))
}

fn as_seen(found: &Batch, hash: &str, state: State) -> std::result::Result<(), Refusal> {
    if found.state == State::Stale || found.state == state && found.hash.as_deref() != Some(hash) {
        return Err(Refusal::new("PREVIEW_STALE"));
    }
    if found.state != state {
        return Err(Refusal::new("AMENDMENT_STATE"));
    }
    Ok(())
}
