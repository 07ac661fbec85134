//! Takes a whole file back: one that was only checked is put away at once, a committed one by two people.

use domain::ImportsEvent;
use domain::imports::ImportState;
use domain::kernel::{DocumentId, ImportBatchId};
use entities::access::signature::Signature;
use entities::imports::{Batch, batch, stage};
use entities::kernel::{Change, Tx, jobs};

use crate::access::ops::ask_second;
use crate::app::App;
use crate::imports::engine::stands_on;
use crate::imports::jobs::{Args, UNDO, right};
use crate::imports::signed::FileUndo;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// The file that was put away, or what waits for a second person.
pub async fn undo(
    app: &App,
    tx: &mut Tx,
    id: ImportBatchId,
    document: Option<DocumentId>,
) -> Outcome<(Option<Batch>, Option<Signature>)> {
    if let Some(away) = allow!(put_away(tx, id).await?) {
        return Ok(Ok((Some(away), None)));
    }
    let Some(document) = document else { refuse!(Refusal::new("EMPTY").at("documentId")) };
    let asked = allow!(ask_second(app, tx, &FileUndo { batch: id }, document).await?);
    Ok(Ok((None, Some(asked))))
}

/// Of a file that was only checked nothing is written: its rows keep their verdicts, and the same file may come again. `None` of one
/// that is further.
async fn put_away(tx: &mut Tx, id: ImportBatchId) -> Outcome<Option<Batch>> {
    let Some(found) = batch::lock(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if found.state != ImportState::Checked {
        return Ok(Ok(None));
    }
    if !tx.actor().may(right(found.kind)) {
        refuse!("FORBIDDEN");
    }
    batch::close(tx, id, ImportState::Undone).await?;
    tx.audit(Change::new("import_batch", id, "discard"));
    tx.emit(ImportsEvent::Undone { batch: id });
    Ok(Ok(Some(batch::lock(tx, id).await?.unwrap_or(found))))
}

/// Has a committed file taken back, on a document. Refused at once, with the reason, when something stands on it; the job asks once
/// more. Whose right it is, the second signature says.
pub async fn start_undo(tx: &mut Tx, id: ImportBatchId, document: DocumentId) -> Outcome<Batch> {
    let Some(found) = batch::lock(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if found.state != ImportState::Committed {
        refuse!(Refusal::new("IMPORT_WRONG_STATE").with("state", found.state.to_string()));
    }
    if let Some(stands) = stage::stands(tx, found.kind, id).await?.first() {
        refuse!(stands_on(stands));
    }

    let args = Args::new(id, tx.actor());
    let job = jobs::enqueue(tx, UNDO, &args, Some(&id.to_string())).await?;
    batch::set_state(tx, id, ImportState::Undoing, Some(job)).await?;
    tx.audit(Change::new("import_batch", id, "undo").document(Some(document.0)));
    Ok(Ok(Batch { state: ImportState::Undoing, job_id: Some(job), ..found }))
}
