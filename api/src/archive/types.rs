use async_graphql::{InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use domain::archive::DocumentKind;
use domain::kernel::DocumentId;
use entities::archive::Document as Row;

use super::http::path_of;
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
    /// Its file, once it was attached (файл документа). Brought by `POST /files/documents/{id}?filename=…`: PDF, JPEG or PNG of
    /// 20 MiB at most, once and for ever.
    pub file: Option<DocumentFile>,
}

/// The file of an official document (файл документа).
#[derive(SimpleObject, Clone)]
pub struct DocumentFile {
    /// Its name (имя файла).
    pub name: String,
    /// Media type, told by the content (тип).
    pub content_type: String,
    /// Size in bytes (размер).
    pub bytes: i32,
    /// SHA-256 of the file as it came, in hex (контрольная сумма).
    pub sha256: String,
    /// Who attached it (кто приложил).
    pub attached_by: String,
    /// When it was attached (когда приложен).
    pub attached_at: DateTime<Utc>,
    /// Where it is got, with the same access token; each look is in the trail (адрес).
    pub url: String,
}

impl DocumentFile {
    fn of(row: &Row) -> Option<Self> {
        Some(Self {
            name: row.file_name.clone()?,
            content_type: row.file_type.clone()?,
            bytes: i32::try_from(row.file_bytes?).ok()?,
            sha256: hex::encode(row.file_sha256.as_ref()?),
            attached_by: row.file_attached_by.clone()?,
            attached_at: row.file_attached_at?,
            url: path_of(DocumentId(row.id)),
        })
    }
}

impl From<Row> for Document {
    fn from(row: Row) -> Self {
        Self {
            file: DocumentFile::of(&row),
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
