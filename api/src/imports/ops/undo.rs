//! Queues the taking back of a whole file; one that was only checked is put away at once.

use domain::ImportsEvent;
use domain::imports::ImportState;
use domain::kernel::ImportBatchId;
use entities::imports::{Batch, batch, stage};
use entities::kernel::{Change, Tx, jobs};

use crate::imports::engine::stands_on;
use crate::imports::jobs::{Args, UNDO, right};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// Refused at once, with the reason, when something stands on the batch; the job asks once more.
pub async fn start_undo(tx: &mut Tx, id: ImportBatchId) -> Outcome<Batch> {
    let Some(found) = batch::lock(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if !tx.actor().may(right(found.kind)) {
        refuse!("FORBIDDEN");
    }
    if found.state == ImportState::Checked {
        // Nothing of it is written: the rows keep their verdicts, and the same file may come again.
        batch::close(tx, id, ImportState::Undone).await?;
        tx.audit(Change::new("import_batch", id, "discard"));
        tx.emit(ImportsEvent::Undone { batch: id });
        return Ok(Ok(batch::lock(tx, id).await?.unwrap_or(found)));
    }
    if found.state != ImportState::Committed {
        refuse!(Refusal::new("IMPORT_WRONG_STATE").with("state", found.state.to_string()));
    }
    if let Some(stands) = stage::stands(tx, found.kind, id).await?.first() {
        refuse!(stands_on(stands));
    }

    let args = Args::new(id, tx.actor());
    let job = jobs::enqueue(tx, UNDO, &args, Some(&id.to_string())).await?;
    batch::set_state(tx, id, ImportState::Undoing, Some(job)).await?;
    tx.audit(Change::new("import_batch", id, "undo"));
    Ok(Ok(Batch { state: ImportState::Undoing, job_id: Some(job), ..found }))
}
