//! Settings that decide money: proposed on a document by one person, confirmed by another.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::{DocumentId, SettingId};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Db, Page, Register, Result, Slice, Tx, sql};

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
    /// Who ended the proposal without effect: somebody else, or who made it.
    pub declined_by: Option<String>,
    pub decline_reason: Option<String>,
    pub demo: bool,
}

const COLUMNS: &str = "id, code, value #>> '{}' AS value, lower(valid) AS from, upper(valid) AS to, source, document_id, \
     proposed_by, confirmed_by, confirmed_at, declined_by, decline_reason, demo";

/// Versions known now and proposals that came to nothing, newest first.
pub async fn list(db: &Db, code: Option<String>, page: Page) -> Result<Slice<Setting>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM tariffs.setting
             WHERE (upper_inf(recorded) OR declined_by IS NOT NULL) AND ($1::text IS NULL OR code = $1) AND ($2::bigint IS NULL OR id < $2)
             ORDER BY id DESC LIMIT $3"
        ),
        [code.into(), page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// Confirmed versions in force on a day, of these codes.
pub async fn on(db: &impl ConnectionTrait, day: NaiveDate, codes: &[&str]) -> Result<Vec<Setting>> {
    let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
    sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM tariffs.setting
             WHERE upper_inf(recorded) AND confirmed_by IS NOT NULL AND valid @> $1::date AND code = ANY ($2)"
        ),
        [day.into(), codes.into()],
    )
    .await
}

pub async fn find(db: &impl ConnectionTrait, id: SettingId) -> Result<Option<Setting>> {
    sql::one(
        db,
        &format!("SELECT {COLUMNS} FROM tariffs.setting WHERE id = $1 AND (upper_inf(recorded) OR declined_by IS NOT NULL)"),
        [id.0.into()],
    )
    .await
}

/// A value proposed by the caller; it decides nothing until somebody else confirms it.
pub async fn propose(
    tx: &Tx,
    code: &str,
    value: &str,
    from: NaiveDate,
    to: Option<NaiveDate>,
    source: &str,
    document: DocumentId,
) -> Result<SettingId> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO tariffs.setting (code, value, valid, source, document_id, proposed_by)
         VALUES ($1, to_jsonb($2::text), daterange($3, $4), $5, $6, $7) RETURNING id",
        [
            code.into(),
            value.into(),
            from.into(),
            to.into(),
            source.into(),
            document.0.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    id.map(SettingId).ok_or(sea_orm::DbErr::RecordNotInserted)
}

/// The same, confirmed by the caller at a moment: what was confirmed for its days gives way to it.
pub async fn confirm(tx: &Tx, setting: &Setting, at: DateTime<Utc>) -> Result<()> {
    CONFIRMED.make_room(tx, [setting.code.clone().into()], setting.from, setting.to, at).await?;
    sql::run(
        tx,
        "UPDATE tariffs.setting SET confirmed_by = $2, confirmed_at = $3, recorded = tstzrange($3, NULL) WHERE id = $1",
        [setting.id.0.into(), tx.actor().label.clone().into(), at.into()],
    )
    .await?;
    Ok(())
}

/// Ends a proposal without effect, by the caller.
pub async fn decline(tx: &Tx, id: SettingId, reason: Option<String>) -> Result<()> {
    sql::run(
        tx,
        "UPDATE tariffs.setting SET declined_by = $2, decline_reason = $3,
             recorded = tstzrange(lower(recorded), greatest(clock_timestamp(), lower(recorded)))
         WHERE id = $1",
        [id.0.into(), tx.actor().label.clone().into(), reason.into()],
    )
    .await?;
    Ok(())
}

/// Locks the versions of a code against other writers until the end of the transaction.
pub async fn lock(tx: &Tx) -> Result<()> {
    sql::run(tx, "SELECT pg_advisory_xact_lock(hashtext('tariffs'))", []).await?;
    Ok(())
}
