//! The queue of background work: rows in PostgreSQL, enqueued inside [`Tx`], taken with SKIP LOCKED.

use domain::kernel::JobId;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;
use serde_json::Value as Json;

use super::{Db, Page, Result, Slice, Tx, sql};

/// One job as everybody may see it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Job {
    pub id: i64,
    pub kind: String,
    pub args: Json,
    pub state: String,
    pub attempts: i32,
    pub max_attempts: i32,
    pub done: i64,
    pub total: i64,
    pub message: Option<String>,
    pub error: Option<String>,
    pub cancel_requested: bool,
    pub created_by: String,
    pub created_at: chrono::DateTime<chrono::Utc>,
    pub finished_at: Option<chrono::DateTime<chrono::Utc>>,
}

const COLUMNS: &str = "id, kind, args, state, attempts, max_attempts, done, total, message, error, cancel_requested, \
     created_by, created_at, finished_at";

/// Queues a job; while one with the same kind and unique key is waiting or running, that one is returned instead.
pub async fn enqueue(
    tx: &mut Tx,
    kind: &str,
    args: &impl Serialize,
    unique_key: Option<&str>,
) -> Result<JobId> {
    let args = serde_json::to_value(args).expect("arguments are plain data");
    let actor = tx.actor().label.clone();
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO platform.job (kind, args, unique_key, created_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT (kind, unique_key) WHERE state IN ('queued', 'running') DO NOTHING RETURNING id",
        [kind.into(), args.into(), unique_key.into(), actor.into()],
    )
    .await?;
    let id = match id {
        Some(id) => id,
        None => sql::scalar(
            tx,
            "SELECT id FROM platform.job WHERE kind = $1 AND unique_key = $2 AND state IN ('queued', 'running')",
            [kind.into(), unique_key.into()],
        )
        .await?
        .ok_or_else(|| sea_orm::DbErr::RecordNotFound("the job ended while it was joined; try again".into()))?,
    };
    tx.emit(domain::JobsEvent::Queued { job: JobId(id) });
    Ok(JobId(id))
}

/// The same of work that nobody may stop: half way in the books it goes on to its end.
pub async fn enqueue_lasting(
    tx: &mut Tx,
    kind: &str,
    args: &impl Serialize,
    unique_key: &str,
) -> Result<JobId> {
    let job = enqueue(tx, kind, args, Some(unique_key)).await?;
    sql::run(tx, "UPDATE platform.job SET lasting = true WHERE id = $1", [job.0.into()]).await?;
    Ok(job)
}

/// Whether nobody may stop the job.
pub async fn is_lasting(tx: &Tx, id: i64) -> Result<bool> {
    let lasting = sql::scalar(tx, "SELECT lasting FROM platform.job WHERE id = $1", [id.into()]).await?;
    Ok(lasting.unwrap_or_default())
}

/// Queues a job that is due later, once per unique key.
pub async fn enqueue_later(
    tx: &mut Tx,
    kind: &str,
    args: &impl Serialize,
    unique_key: &str,
    seconds: i32,
) -> Result<()> {
    let args = serde_json::to_value(args).expect("arguments are plain data");
    let actor = tx.actor().label.clone();
    sql::run(
        tx,
        "INSERT INTO platform.job (kind, args, unique_key, created_by, run_after)
         VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))
         ON CONFLICT (kind, unique_key) WHERE state IN ('queued', 'running') DO NOTHING",
        [kind.into(), args.into(), unique_key.into(), actor.into(), f64::from(seconds).into()],
    )
    .await
    .map(drop)
}

/// Takes the next due job of a kind this worker knows; also one whose worker has been silent for a minute.
pub async fn take(db: &Db, worker: &str, kinds: &[String]) -> Result<Option<Job>> {
    sql::one(
        db,
        &format!(
            "UPDATE platform.job SET state = 'running', attempts = attempts + 1, locked_by = $1, heartbeat = now(), error = NULL
             WHERE id = (
                 SELECT id FROM platform.job
                 WHERE kind = ANY ($2)
                   AND ((state = 'queued' AND run_after <= now())
                        OR (state = 'running' AND heartbeat < now() - interval '60 seconds'))
                 ORDER BY run_after, id LIMIT 1 FOR UPDATE SKIP LOCKED)
             RETURNING {COLUMNS}"
        ),
        [worker.into(), kinds.to_vec().into()],
    )
    .await
}

/// Shows progress and life; `true` means that somebody asked to stop.
pub async fn beat(
    db: &impl ConnectionTrait,
    id: i64,
    done: i64,
    total: i64,
    message: Option<&str>,
) -> Result<bool> {
    let cancel: Option<bool> = sql::scalar(
        db,
        "UPDATE platform.job SET heartbeat = now(), done = $2, total = $3, message = coalesce($4, message) WHERE id = $1
         RETURNING cancel_requested",
        [id.into(), done.into(), total.into(), message.into()],
    )
    .await?;
    Ok(cancel.unwrap_or(true))
}

/// The end of an attempt: done, cancelled, or failed — again later with growing pauses while attempts are left.
pub async fn finish(
    tx: &Tx,
    job: &Job,
    outcome: std::result::Result<(), &str>,
    cancelled: bool,
) -> Result<String> {
    let state: Option<String> = sql::scalar(
        tx,
        "UPDATE platform.job SET
             state = CASE WHEN $3 THEN 'cancelled' WHEN $2::text IS NULL THEN 'done'
                          WHEN attempts < max_attempts THEN 'queued' ELSE 'failed' END,
             run_after = now() + make_interval(secs => least(300, power(3, attempts))),
             error = $2, heartbeat = NULL, locked_by = NULL,
             finished_at = CASE WHEN $3 OR $2::text IS NULL OR attempts >= max_attempts THEN now() END
         WHERE id = $1 RETURNING state",
        [job.id.into(), outcome.err().map(str::to_owned).into(), cancelled.into()],
    )
    .await?;
    Ok(state.unwrap_or_default())
}

pub async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Option<Job>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM platform.job WHERE id = $1"), [id.into()]).await
}

/// Many at once, for edges.
pub async fn by_ids(db: &Db, ids: Vec<i64>) -> Result<Vec<Job>> {
    sql::all(db, &format!("SELECT {COLUMNS} FROM platform.job WHERE id = ANY ($1)"), [ids.into()]).await
}

/// Newest first.
pub async fn list(db: &Db, state: Option<String>, page: Page) -> Result<Slice<Job>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM platform.job WHERE ($1::text IS NULL OR state = $1) AND ($2::bigint IS NULL OR id < $2)
             ORDER BY id DESC LIMIT $3"
        ),
        [state.into(), page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// A waiting job ends at once, a running one at its next beat.
pub async fn cancel(tx: &Tx, id: i64) -> Result<bool> {
    let touched = sql::run(
        tx,
        "UPDATE platform.job SET cancel_requested = true,
             state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
             finished_at = CASE WHEN state = 'queued' THEN now() END
         WHERE id = $1 AND state IN ('queued', 'running') AND NOT lasting",
        [id.into()],
    )
    .await?;
    Ok(touched == 1)
}

/// A failed or cancelled job waits again.
pub async fn retry(tx: &Tx, id: i64) -> Result<bool> {
    let touched = sql::run(
        tx,
        "UPDATE platform.job SET state = 'queued', attempts = 0, cancel_requested = false, run_after = now(), error = NULL,
             finished_at = NULL
         WHERE id = $1 AND state IN ('failed', 'cancelled')",
        [id.into()],
    )
    .await?;
    Ok(touched == 1)
}

/// Life without progress.
pub async fn touch(db: &impl ConnectionTrait, id: i64) -> Result<()> {
    sql::run(db, "UPDATE platform.job SET heartbeat = now() WHERE id = $1", [id.into()]).await?;
    Ok(())
}
