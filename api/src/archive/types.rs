use async_graphql::{InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use domain::archive::DocumentKind;
use domain::kernel::DocumentId;
use entities::archive::Document as Row;

use crate::platform::graphql::*;
use crate::{edge, payload};

/// A registered official document (официальный документ).
#[derive(SimpleObject, Clone)]
pub struct Document {
    /// Node id.
    pub id: Gid<DocumentId>,
    /// What it is (вид).
    pub kind: DocumentKind,
    /// Its own number (номер).
    pub number: String,
    /// Its date (дата документа).
    pub issued_on: Date,
    /// Who issued it (кем выдан).
    pub issuer: String,
    /// What it is about (содержание).
    pub subject: String,
    /// Who registered it here (кто зарегистрировал).
    pub registered_by: String,
    /// When it was registered here (когда зарегистрирован).
    pub registered_at: DateTime<Utc>,
}

impl From<Row> for Document {
    fn from(row: Row) -> Self {
        Self {
            id: Gid(DocumentId(row.id)),
            kind: row.kind,
            number: row.number,
            issued_on: row.issued_on.into(),
            issuer: row.issuer,
            subject: row.subject,
            registered_by: row.registered_by,
            registered_at: row.registered_at,
        }
    }
}

payload! {
    /// The answer to a registration.
    DocumentPayload {
        /// The registered document.
        document: Document
    }
}

/// A document to register.
#[derive(InputObject)]
pub struct DocumentRegisterInput {
    /// What it is (вид).
    pub kind: DocumentKind,
    /// Its own number (номер).
    pub number: String,
    /// Its date, not in the future (дата документа).
    pub issued_on: Date,
    /// Who issued it (кем выдан).
    pub issuer: String,
    /// What it is about (содержание).
    pub subject: String,
}

edge!(
    /// A document by id.
    DocumentById(DocumentId) => Row, |app, ids| async {
        let rows = entities::archive::by_ids(&app.db, ids.into_iter().map(|id| id.0).collect()).await?;
        Ok(rows.into_iter().map(|row| (DocumentId(row.id), row)).collect())
    }
);
