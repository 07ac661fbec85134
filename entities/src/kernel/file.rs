//! Files made by jobs, kept in pieces so that neither maker nor reader holds one whole.

use chrono::{DateTime, Utc};
use domain::kernel::{FileId, JobId};
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{Db, Result, Tx, sql};

/// A file of a job; without `ready_at` it is still being made.
#[derive(Debug, Clone, FromQueryResult)]
pub struct File {
    pub id: FileId,
    pub job_id: JobId,
    pub name: String,
    pub content_type: String,
    pub made_for: String,
    pub bytes: i64,
    pub ready_at: Option<DateTime<Utc>>,
    pub expires_at: DateTime<Utc>,
}

const COLUMNS: &str = "id, job_id, name, content_type, made_for, bytes, ready_at, expires_at";

/// The place of a job's file, kept for so many days; expired ones of others go.
pub async fn create(
    tx: &Tx,
    job: JobId,
    name: &str,
    content_type: &str,
    now: DateTime<Utc>,
    days: i64,
) -> Result<()> {
    sql::run(tx, "DELETE FROM platform.file WHERE expires_at < $1", [now.into()]).await?;
    sql::run(
        tx,
        "INSERT INTO platform.file (job_id, name, content_type, made_for, expires_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (job_id) DO NOTHING",
        [
            job.0.into(),
            name.into(),
            content_type.into(),
            tx.actor().label.clone().into(),
            (now + chrono::Duration::days(days)).into(),
        ],
    )
    .await?;
    Ok(())
}

/// Files of jobs, for edges.
pub async fn of_jobs(db: &impl ConnectionTrait, jobs: Vec<JobId>) -> Result<Vec<File>> {
    let jobs: Vec<i64> = jobs.into_iter().map(|job| job.0).collect();
    sql::all(db, &format!("SELECT {COLUMNS} FROM platform.file WHERE job_id = ANY ($1)"), [jobs.into()]).await
}

/// A finished file that was made for somebody.
pub async fn find(db: &Db, id: FileId, made_for: &str, now: DateTime<Utc>) -> Result<Option<File>> {
    sql::one(
        db,
        &format!(
            "SELECT {COLUMNS} FROM platform.file
             WHERE id = $1 AND made_for = $2 AND ready_at IS NOT NULL AND expires_at > $3"
        ),
        [id.0.into(), made_for.into(), now.into()],
    )
    .await
}

/// Numbers of the drafts that are there.
pub async fn drafts(db: &Db, id: FileId) -> Result<Vec<i32>> {
    #[derive(FromQueryResult)]
    struct Row {
        part: i32,
    }
    let rows: Vec<Row> =
        sql::all(db, "SELECT part FROM platform.file_part WHERE file_id = $1 AND draft", [id.0.into()])
            .await?;
    Ok(rows.into_iter().map(|row| row.part).collect())
}

/// Keeps a piece; one that another worker kept meanwhile is the same.
pub async fn put(db: &impl ConnectionTrait, id: FileId, draft: bool, part: i32, data: Vec<u8>) -> Result<()> {
    sql::run(
        db,
        "INSERT INTO platform.file_part (file_id, draft, part, data) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        [id.0.into(), draft.into(), part.into(), data.into()],
    )
    .await?;
    Ok(())
}

pub async fn part(db: &impl ConnectionTrait, id: FileId, draft: bool, part: i32) -> Result<Option<Vec<u8>>> {
    sql::scalar(
        db,
        "SELECT data FROM platform.file_part WHERE file_id = $1 AND draft = $2 AND part = $3",
        [id.0.into(), draft.into(), part.into()],
    )
    .await
}

/// Throws away what a try before put together.
pub async fn begin(db: &Db, id: FileId) -> Result<()> {
    sql::run(db, "DELETE FROM platform.file_part WHERE file_id = $1 AND NOT draft", [id.0.into()]).await?;
    Ok(())
}

/// The pieces are whole: the file can be had, the drafts go.
pub async fn ready(tx: &Tx, id: FileId, bytes: i64, now: DateTime<Utc>) -> Result<()> {
    sql::run(tx, "DELETE FROM platform.file_part WHERE file_id = $1 AND draft", [id.0.into()]).await?;
    sql::run(
        tx,
        "UPDATE platform.file SET ready_at = $2, bytes = $3 WHERE id = $1",
        [id.0.into(), now.into(), bytes.into()],
    )
    .await?;
    Ok(())
}
