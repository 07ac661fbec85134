//! The register of official documents.

use chrono::{DateTime, NaiveDate, Utc};
use domain::archive::DocumentKind;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Db, Page, Result, Slice, Tx, sql};

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
}

const COLUMNS: &str = "id, kind, number, issued_on, issuer, subject, registered_by, registered_at";

pub async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Option<Document>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM archive.document WHERE id = $1"), [id.into()]).await
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
