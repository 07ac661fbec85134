use async_graphql::{Context, InputObject, Object, SimpleObject};
use domain::access::Permission;
use domain::kernel::{DocumentId, ImportBatchId};
use futures_util::FutureExt;

use super::ops::{start_commit, undo};
use super::types::ImportBatch;
use crate::access::SecondSignature;
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
    /// The document that a committed file is taken back on; a checked one needs none (основание).
    pub document_id: Option<Gid<DocumentId>>,
}

payload!(
    /// What became of a file.
    ImportBatchPayload {
        /// The file as it is now; watch it through `importProgress`.
        import_batch: ImportBatch
    }
);

/// What became of the wish to take a file back (итог отмены загрузки).
#[derive(SimpleObject)]
pub struct ImportUndoPayload {
    /// The file that was put away at once: it was only checked (загрузка).
    pub import_batch: Option<ImportBatch>,
    /// What waits for a second person: the file was committed (запрос второй подписи).
    pub signature: Option<SecondSignature>,
    /// Why nothing was done; empty when it was.
    pub errors: Vec<UserError>,
}

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

    /// Asks to take a committed file back as a whole, on a document, unless something stands on it; done once a second person agrees
    /// (отменить загрузку). A checked file is put away at once: none of its rows is written, and the same file may be uploaded again.
    #[graphql(guard = "can_any([Permission::ImportCommit, Permission::ImportMoney])")]
    async fn import_undo(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which file.")] input: ImportUndoInput,
    ) -> Result<ImportUndoPayload> {
        let app = cx.app().clone();
        let document = input.document_id.map(|id| id.0);
        let done =
            cx.write(move |tx| async move { undo(&app, tx, input.id.0, document).await }.boxed()).await?;
        let (away, asked, errors) = match done {
            Ok((away, asked)) => (away, asked, Vec::new()),
            Err(refusal) => (None, None, vec![UserError::of(&refusal, cx.language())]),
        };
        Ok(ImportUndoPayload { import_batch: away.map(Into::into), signature: asked.map(Into::into), errors })
    }
}
