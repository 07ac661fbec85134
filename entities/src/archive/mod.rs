//! The register of official documents.

use chrono::{DateTime, NaiveDate, Utc};
use domain::archive::DocumentKind;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Broken, Db, Page, Result, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub struct Document {
    pub id: i64,
    pub kind: DocumentKind,
    pub number: String,
    pub issued_on: NaiveDate,
    pub issuer: String,
    pub subject: String,
    pub registered_by: String,
    pub registered_at: DateTime<Utc>,
    pub file_name: Option<String>,
    pub file_type: Option<String>,
    pub file_bytes: Option<i64>,
    pub file_sha256: Option<Vec<u8>>,
    pub file_attached_by: Option<String>,
    pub file_attached_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, kind, number, issued_on, issuer, subject, registered_by, registered_at, file_name, file_type, \
     file_bytes, file_sha256, file_attached_by, file_attached_at";

pub async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Option<Document>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM archive.document WHERE id = $1"), [id.into()]).await
}

/// One act on a document at a time.
pub async fn lock(tx: &Tx, id: i64) -> Result<Option<Document>> {
    sql::one(tx, &format!("SELECT {COLUMNS} FROM archive.document WHERE id = $1 FOR UPDATE"), [id.into()])
        .await
}

/// Many at once, for edges.
pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<Document>> {
    sql::all(db, &format!("SELECT {COLUMNS} FROM archive.document WHERE id = ANY ($1)"), [ids.into()]).await
}

/// Newest first; the search looks at number, issuer and subject.
pub async fn list(db: &Db, search: Option<String>, page: Page) -> Result<Slice<Document>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM archive.document
             WHERE ($1::text IS NULL
                    OR strpos(platform.fold(number || '|' || issuer || '|' || subject), platform.fold($1)) > 0)
               AND ($2::bigint IS NULL OR id < $2)
             ORDER BY id DESC LIMIT $3"
        ),
        [search.into(), page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// A document to register.
pub struct New<'a> {
    pub kind: DocumentKind,
    pub number: &'a str,
    pub issued_on: NaiveDate,
    pub issuer: &'a str,
    pub subject: &'a str,
}

/// `None` when the same document is registered already.
pub async fn insert(tx: &Tx, new: New<'_>) -> Result<Option<i64>> {
    sql::scalar(
        tx,
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id",
        [
            new.kind.code().into(),
            new.number.into(),
            new.issued_on.into(),
            new.issuer.into(),
            new.subject.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await
}

/// A file to attach, its pieces kept already.
pub struct NewFile<'a> {
    pub name: &'a str,
    pub content_type: &'a str,
    pub bytes: i64,
    pub sha256: Vec<u8>,
}

/// The document with its file, from now on for ever.
pub async fn attach(tx: &Tx, id: i64, file: NewFile<'_>) -> Result<Document> {
    let by = tx.actor().label.clone();
    let document = sql::one(
        tx,
        &format!(
            "UPDATE archive.document SET file_name = $2, file_type = $3, file_bytes = $4, file_sha256 = $5,
                    file_attached_by = $6, file_attached_at = now()
             WHERE id = $1 RETURNING {COLUMNS}"
        ),
        [
            id.into(),
            file.name.into(),
            file.content_type.into(),
            file.bytes.into(),
            file.sha256.into(),
            by.into(),
        ],
    )
    .await?;
    document.ok_or_else(|| Broken::RecordNotFound(format!("document {id}")))
}

pub async fn put_part(tx: &Tx, id: i64, part: i32, data: Vec<u8>) -> Result<()> {
    sql::run(
        tx,
        "INSERT INTO archive.document_part (document_id, part, data) VALUES ($1, $2, $3)",
        [id.into(), part.into(), data.into()],
    )
    .await?;
    Ok(())
}

/// A piece of a document's file; none after the last.
pub async fn part(db: &Db, id: i64, part: i32) -> Result<Option<Vec<u8>>> {
    sql::scalar(
        db,
        "SELECT data FROM archive.document_part WHERE document_id = $1 AND part = $2",
        [id.into(), part.into()],
    )
    .await
}
