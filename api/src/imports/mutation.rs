use async_graphql::{Context, InputObject, Object};
use domain::access::Permission;
use domain::kernel::ImportBatchId;
use futures_util::FutureExt;

use super::ops::{start_commit, start_undo};
use super::types::{ImportBatch, worded};
use crate::payload;
use crate::platform::graphql::*;

/// A file to write to the registers.
#[derive(InputObject)]
pub struct ImportCommitInput {
    /// The checked file.
    pub id: Gid<ImportBatchId>,
}

/// A file to take back.
#[derive(InputObject)]
pub struct ImportUndoInput {
    /// The committed file, or a checked one that nobody is going to write.
    pub id: Gid<ImportBatchId>,
}

payload!(
    /// What became of a file.
    ImportBatchPayload {
        /// The file as it is now; watch it through `importProgress`.
        import_batch: ImportBatch
    }
);

#[derive(Default)]
pub struct ImportsMutation;

#[Object]
impl ImportsMutation {
    /// Writes the right rows of a checked file; a file of money needs the right to it (провести загрузку).
    #[graphql(guard = "can_any([Permission::ImportCommit, Permission::ImportMoney])")]
    async fn import_commit(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which file.")] input: ImportCommitInput,
    ) -> Result<ImportBatchPayload> {
        let done = cx.write(move |tx| start_commit(tx, input.id.0).boxed()).await?;
        Ok(ImportBatchPayload::of(done, cx.language()))
    }

    /// Takes a committed file back as a whole, unless something stands on it (отменить загрузку). A checked file is put away: none
    /// of its rows is written, and the same file may be uploaded again.
    #[graphql(guard = "can_any([Permission::ImportCommit, Permission::ImportMoney])")]
    async fn import_undo(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which file.")] input: ImportUndoInput,
    ) -> Result<ImportBatchPayload> {
        let language = cx.language();
        let done = cx.write(move |tx| start_undo(tx, input.id.0).boxed()).await?;
        Ok(ImportBatchPayload::of(done.map_err(|refusal| worded(refusal, language)), language))
    }
}
