//! Takes a file in: its lines are kept as they came, the dry run is queued.

use domain::ImportsEvent;
use domain::imports::{ImportKind, ImportState};
use domain::kernel::ImportBatchId;
use entities::imports::{batch, row};
use entities::kernel::crypto::Vault;
use entities::kernel::{Broken, Change, Tx, jobs};

use crate::imports::file::{self, Layout, ReadError, Sheet};
use crate::imports::jobs::{Args, CHECK};
use crate::imports::spool::Spooled;
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// Lines in memory at a time, kept by one COPY.
const CHUNK: usize = 5_000;

pub struct Upload {
    pub kind: ImportKind,
    pub filename: String,
    pub file: Spooled,
}

/// The same file again gives the same batch, unless that one was taken back.
pub async fn upload(tx: &mut Tx, vault: &Vault, cmd: Upload) -> Outcome<ImportBatchId> {
    let (sha256, legacy_encoding) = (cmd.file.sha256.clone(), cmd.file.legacy_encoding);
    let mut sheet = match Sheet::open(cmd.kind, cmd.file.text()) {
        Ok(sheet) => sheet,
        Err(error) => return unreadable(error),
    };
    let missing = file::missing(cmd.kind, &sheet.header);
    if !sheet.header.is_empty() && !missing.is_empty() {
        refuse!(Refusal::new("IMPORT_MISSING_COLUMN").with("detail", missing.join(", ")));
    }

    let new = batch::NewBatch {
        kind: cmd.kind,
        filename: &cmd.filename,
        sha256: &sha256,
        header: &sheet.header,
        delimiter: sheet.delimiter,
        legacy_encoding,
    };
    let (id, fresh) = batch::create(tx, new).await?;
    if !fresh {
        tx.nothing_new("the same file again");
        return Ok(Ok(id));
    }
    let layout = Layout::new(cmd.kind, &sheet.header);
    let mut count = 0;
    loop {
        let lines = match sheet.lines(CHUNK) {
            Ok(lines) => lines,
            Err(error) => return unreadable(error),
        };
        if lines.is_empty() {
            break;
        }
        count += lines.len();
        let lines: Vec<_> =
            lines.into_iter().map(|(line, fields)| layout.kept(vault, line, fields)).collect();
        row::keep(tx, id, &lines).await?;
    }
    if count == 0 {
        refuse!("IMPORT_EMPTY");
    }
    if let Some(control) = sheet.control {
        batch::set_control(tx, id, control).await?;
    }
    batch::recount(tx, id).await?;
    let args = Args::new(id, tx.actor());
    let job = jobs::enqueue(tx, CHECK, &args, Some(&id.to_string())).await?;
    batch::set_state(tx, id, ImportState::Checking, Some(job)).await?;
    let summary = serde_json::json!({ "kind": cmd.kind, "file": cmd.filename, "rows": count });
    tx.audit(Change::new("import_batch", id, "upload").after(summary));
    tx.emit(ImportsEvent::Uploaded { batch: id });
    Ok(Ok(id))
}

fn unreadable(error: ReadError) -> Outcome<ImportBatchId> {
    match error {
        ReadError::LineTooLong(line) => refuse!(Refusal::new("IMPORT_LINE_TOO_LONG").with("detail", line)),
        other => Err(Broken::Custom(format!("the file can't be read: {other}"))),
    }
}
