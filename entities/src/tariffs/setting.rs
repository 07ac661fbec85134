//! Settings that decide money: proposed on a document by one person, confirmed by another.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::{DocumentId, SettingId};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Db, Page, Register, Result, Slice, sql};

pub const CONFIRMED: Register = Register {
    table: "tariffs.setting",
    key: "code = $4 AND confirmed_by IS NOT NULL",
    says: "code, value, source, document_id, proposed_by, proposed_at, confirmed_by, confirmed_at, demo",
};

/// A version of a setting as known now; without `confirmed_by` it decides nothing yet.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, serde::Serialize)]
pub struct Setting {
    pub id: SettingId,
    pub code: String,
    pub value: String,
    pub from: NaiveDate,
    /// First day without it.
    pub to: Option<NaiveDate>,
    pub source: String,
    pub document_id: Option<DocumentId>,
    pub proposed_by: String,
    pub confirmed_by: Option<String>,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub demo: bool,
}

const COLUMNS: &str = "id, code, value #>> '{}' AS value, lower(valid) AS from, upper(valid) AS to, source, document_id, \
     proposed_by, confirmed_by, confirmed_at, demo";

/// Versions known now, newest first.
pub async fn list(db: &Db, code: Option<String>, page: Page) -> Result<Slice<Setting>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM tariffs.setting
             WHERE upper_inf(recorded) AND ($1::text IS NULL OR code = $1) AND ($2::bigint IS NULL OR id < $2)
             ORDER BY id DESC LIMIT $3"
        ),
        [code.into(), page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

pub async fn find(db: &impl ConnectionTrait, id: SettingId) -> Result<Option<Setting>> {
    sql::one(
        db,
        &format!("SELECT {COLUMNS} FROM tariffs.setting WHERE id = $1 AND upper_inf(recorded)"),
        [id.0.into()],
    )
    .await
}
