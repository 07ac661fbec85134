use chrono::{DateTime, Utc};
use domain::access::Scope;
use domain::imports::{ImportKind, ImportState};
use domain::kernel::{ImportBatchId, JobId};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Db, Page, Result, Slice, Tx, sql};

/// One file and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, serde::Serialize)]
pub struct Batch {
    pub id: ImportBatchId,
    pub kind: ImportKind,
    pub filename: String,
    pub state: ImportState,
    pub header: Vec<String>,
    pub delimiter: String,
    pub legacy_encoding: bool,
    pub rows_total: i64,
    pub rows_ok: i64,
    pub rows_warning: i64,
    pub rows_rejected: i64,
    pub rows_duplicate: i64,
    pub rows_committed: i64,
    pub control_count: Option<i64>,
    /// Tiyn.
    pub control_sum: Option<i64>,
    pub error_code: Option<String>,
    pub error_detail: Option<String>,
    pub job_id: Option<JobId>,
    pub uploaded_by: String,
    pub uploaded_at: DateTime<Utc>,
    pub committed_by: Option<String>,
    pub committed_at: Option<DateTime<Utc>>,
    pub undone_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, kind, filename, state, header, delimiter, legacy_encoding, rows_total, rows_ok, rows_warning, \
     rows_rejected, rows_duplicate, rows_committed, control_count, control_sum, error_code, error_detail, job_id, \
     uploaded_by, uploaded_at, committed_by, committed_at, undone_at";

/// A file to be kept.
#[derive(Debug, Clone)]
pub struct NewBatch<'a> {
    pub kind: ImportKind,
    pub filename: &'a str,
    pub sha256: &'a [u8],
    pub header: &'a [String],
    pub delimiter: char,
    pub legacy_encoding: bool,
}

/// A new batch, or the one that the same file made before and that still stands; `true` when it is new.
pub async fn create(tx: &Tx, new: NewBatch<'_>) -> Result<(ImportBatchId, bool)> {
    let by = tx.actor().label.clone();
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO imports.batch (kind, filename, sha256, state, header, delimiter, legacy_encoding, uploaded_by)
         VALUES ($1, $2, $3, 'uploaded', $4, $5, $6, $7)
         ON CONFLICT (kind, sha256) WHERE state NOT IN ('undone', 'failed') DO NOTHING RETURNING id",
        [
            new.kind.code().into(),
            new.filename.into(),
            new.sha256.to_vec().into(),
            new.header.to_vec().into(),
            new.delimiter.to_string().into(),
            new.legacy_encoding.into(),
            by.into(),
        ],
    )
    .await?;
    if let Some(id) = id {
        return Ok((ImportBatchId(id), true));
    }
    let id: Option<i64> = sql::scalar(
        tx,
        "SELECT id FROM imports.batch WHERE kind = $1 AND sha256 = $2 AND state NOT IN ('undone', 'failed')",
        [new.kind.code().into(), new.sha256.to_vec().into()],
    )
    .await?;
    let id =
        id.ok_or_else(|| crate::kernel::Broken::RecordNotFound("the same file just went; try again".into()))?;
    Ok((ImportBatchId(id), false))
}

/// What the closing line of a file of money says: count and sum in tiyn.
pub async fn set_control(tx: &Tx, id: ImportBatchId, (count, sum): (i64, i64)) -> Result<()> {
    sql::run(
        tx,
        "UPDATE imports.batch SET control_count = $2, control_sum = $3 WHERE id = $1",
        [id.0.into(), count.into(), sum.into()],
    )
    .await?;
    Ok(())
}

/// Files are shown to whoever sees the whole city, and to the one who brought them.
const VISIBLE: &str = "($1::text IS NULL OR uploaded_by = $1)";

fn viewer(scope: &Scope, label: &str) -> Option<String> {
    (!matches!(scope, Scope::City)).then(|| label.to_owned())
}

pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    label: &str,
    id: ImportBatchId,
) -> Result<Option<Batch>> {
    sql::one(
        db,
        &format!("SELECT {COLUMNS} FROM imports.batch WHERE {VISIBLE} AND id = $2"),
        [viewer(scope, label).into(), id.0.into()],
    )
    .await
}

/// Locks the batch: one act on it at a time.
pub async fn lock(tx: &Tx, id: ImportBatchId) -> Result<Option<Batch>> {
    let viewer = viewer(tx.scope(), &tx.actor().label);
    sql::one(
        tx,
        &format!("SELECT {COLUMNS} FROM imports.batch WHERE {VISIBLE} AND id = $2 FOR UPDATE"),
        [viewer.into(), id.0.into()],
    )
    .await
}

/// Newest first.
pub async fn list(db: &Db, scope: &Scope, label: &str, page: Page) -> Result<Slice<Batch>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM imports.batch WHERE {VISIBLE} AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3"
        ),
        [viewer(scope, label).into(), page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

pub async fn set_state(tx: &Tx, id: ImportBatchId, state: ImportState, job: Option<JobId>) -> Result<()> {
    sql::run(
        tx,
        "UPDATE imports.batch SET state = $2, job_id = coalesce($3, job_id), error_code = NULL, error_detail = NULL WHERE id = $1",
        [id.0.into(), state.code().into(), job.map(|job| job.0).into()],
    )
    .await?;
    Ok(())
}

/// An act was refused or given up: the batch goes back and shows why.
pub async fn refuse(tx: &Tx, id: ImportBatchId, state: ImportState, code: &str, detail: &str) -> Result<()> {
    sql::run(
        tx,
        "UPDATE imports.batch SET state = $2, error_code = $3, error_detail = $4 WHERE id = $1",
        [id.0.into(), state.code().into(), code.into(), detail.into()],
    )
    .await?;
    Ok(())
}

/// Counts of the rows' verdicts, after a check or a commit.
pub async fn recount(tx: &Tx, id: ImportBatchId) -> Result<()> {
    sql::run(
        tx,
        "UPDATE imports.batch b SET rows_total = c.total, rows_ok = c.ok, rows_warning = c.warning, rows_rejected = c.rejected,
             rows_duplicate = c.duplicate, rows_committed = c.committed
         FROM (SELECT count(*) AS total,
                      count(*) FILTER (WHERE verdict IN ('pending', 'ok', 'committed', 'undone') AND codes = '{}') AS ok,
                      count(*) FILTER (WHERE verdict IN ('warning', 'committed', 'undone') AND codes <> '{}') AS warning,
                      count(*) FILTER (WHERE verdict = 'rejected') AS rejected,
                      count(*) FILTER (WHERE verdict = 'duplicate') AS duplicate,
                      count(*) FILTER (WHERE verdict = 'committed') AS committed
               FROM imports.row WHERE batch_id = $1) c
         WHERE b.id = $1",
        [id.0.into()],
    )
    .await?;
    Ok(())
}

/// The end of a commit or of its undoing: state, who and when.
pub async fn close(tx: &Tx, id: ImportBatchId, state: ImportState) -> Result<()> {
    let by = tx.actor().label.clone();
    sql::run(
        tx,
        "UPDATE imports.batch SET state = $2,
             committed_by = CASE WHEN $2 = 'committed' THEN $3 ELSE committed_by END,
             committed_at = CASE WHEN $2 = 'committed' THEN now() ELSE committed_at END,
             undone_by = CASE WHEN $2 = 'undone' THEN $3 END,
             undone_at = CASE WHEN $2 = 'undone' THEN now() END
         WHERE id = $1",
        [id.0.into(), state.code().into(), by.into()],
    )
    .await?;
    Ok(())
}
