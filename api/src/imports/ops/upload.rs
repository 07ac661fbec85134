//! Takes a file in: its lines are kept as they came, the dry run is queued.

use domain::ImportsEvent;
use domain::imports::{ImportKind, ImportState};
use domain::kernel::ImportBatchId;
use entities::imports::{batch, row};
use entities::kernel::crypto::Vault;
use entities::kernel::{Change, Tx, jobs};
use sha2::{Digest, Sha256};

use crate::imports::file::{self, Layout};
use crate::imports::jobs::{Args, CHECK};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// Lines kept by one COPY.
const CHUNK: usize = 20_000;

pub struct Upload {
    pub kind: ImportKind,
    pub filename: String,
    pub bytes: Vec<u8>,
}

/// The same file again gives the same batch, unless that one was taken back.
pub async fn upload(tx: &mut Tx, vault: &Vault, cmd: Upload) -> Outcome<ImportBatchId> {
    let (text, legacy_encoding) = file::decode(&cmd.bytes);
    let Ok(mut sheet) = file::read(cmd.kind, &text) else { refuse!("IMPORT_EMPTY") };
    if sheet.lines.is_empty() {
        refuse!("IMPORT_EMPTY");
    }
    let missing = file::missing(cmd.kind, &sheet.header);
    if !missing.is_empty() {
        refuse!(Refusal::new("IMPORT_MISSING_COLUMN").with("detail", missing.join(", ")));
    }

    let new = batch::NewBatch {
        kind: cmd.kind,
        filename: &cmd.filename,
        sha256: &Sha256::digest(&cmd.bytes),
        header: &sheet.header,
        delimiter: sheet.delimiter,
        legacy_encoding,
        control: sheet.control,
    };
    let (id, fresh) = batch::create(tx, new).await?;
    if !fresh {
        tx.nothing_new("the same file again");
        return Ok(Ok(id));
    }
    let layout = Layout::new(cmd.kind, &sheet.header);
    for lines in sheet.lines.chunks_mut(CHUNK) {
        lines.iter_mut().for_each(|(_, fields)| layout.seal(vault, fields));
        row::keep(tx, id, lines).await?;
    }
    batch::recount(tx, id).await?;
    let args = Args::new(id, tx.actor());
    let job = jobs::enqueue(tx, CHECK, &args, Some(&id.to_string())).await?;
    batch::set_state(tx, id, ImportState::Checking, Some(job)).await?;
    let summary = serde_json::json!({ "kind": cmd.kind, "file": cmd.filename, "rows": sheet.lines.len() });
    tx.audit(Change::new("import_batch", id, "upload").after(summary));
    tx.emit(ImportsEvent::Uploaded { batch: id });
    Ok(Ok(id))
}
