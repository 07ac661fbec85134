//! Queues the writing of a checked file.

use domain::imports::ImportState;
use domain::kernel::ImportBatchId;
use entities::imports::{Batch, batch};
use entities::kernel::{Change, Tx, jobs};

use crate::imports::jobs::{Args, COMMIT, right};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

pub async fn start_commit(tx: &mut Tx, id: ImportBatchId) -> Outcome<Batch> {
    let Some(found) = batch::lock(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if !tx.actor().may(right(found.kind)) {
        refuse!("FORBIDDEN");
    }
    if found.state != ImportState::Checked {
        refuse!(Refusal::new("IMPORT_WRONG_STATE").with("state", found.state.to_string()));
    }
    if found.rows_ok + found.rows_warning == 0 {
        refuse!("IMPORT_NOTHING_RIGHT");
    }

    let args = Args::new(id, tx.actor());
    let job = jobs::enqueue(tx, COMMIT, &args, Some(&id.to_string())).await?;
    batch::set_state(tx, id, ImportState::Committing, Some(job)).await?;
    tx.audit(Change::new("import_batch", id, "commit"));
    Ok(Ok(Batch { state: ImportState::Committing, job_id: Some(job), ..found }))
}
