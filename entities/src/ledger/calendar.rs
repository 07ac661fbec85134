//! Days that are worked on, or not, against their weekday.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::{CalendarDayKind, DocumentId, Workdays};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Result, Tx, sql};

#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct CalendarDay {
    pub day: NaiveDate,
    pub kind: CalendarDayKind,
    pub name: String,
    pub source: String,
    pub document_id: Option<i64>,
    pub demo: bool,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
}

const COLUMNS: &str = "day, kind, name, source, document_id, demo, recorded_by, recorded_at";

/// Those of some days, both ends included.
pub async fn between(db: &impl ConnectionTrait, from: NaiveDate, to: NaiveDate) -> Result<Vec<CalendarDay>> {
    sql::all(
        db,
        &format!("SELECT {COLUMNS} FROM ledger.calendar_day WHERE day BETWEEN $1 AND $2 ORDER BY day"),
        [from.into(), to.into()],
    )
    .await
}

/// What is worked on around some days: far enough behind them to find the next working one.
pub async fn workdays(db: &impl ConnectionTrait, from: NaiveDate, to: NaiveDate) -> Result<Workdays> {
    let days = between(db, from, to + chrono::Days::new(31)).await?;
    Ok(days.into_iter().map(|row| (row.day, row.kind)).collect())
}

pub async fn set(
    tx: &Tx,
    day: NaiveDate,
    kind: CalendarDayKind,
    name: &str,
    source: &str,
    document: DocumentId,
) -> Result<u64> {
    sql::run(
        tx,
        "INSERT INTO ledger.calendar_day (day, kind, name, source, document_id, recorded_by) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (day) DO UPDATE SET kind = excluded.kind, name = excluded.name, source = excluded.source,
             document_id = excluded.document_id, demo = false, recorded_by = excluded.recorded_by, recorded_at = now()",
        [
            day.into(),
            kind.code().into(),
            name.into(),
            source.into(),
            document.0.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await
}

/// The day is what its weekday says.
pub async fn drop(tx: &Tx, day: NaiveDate) -> Result<u64> {
    sql::run(tx, "DELETE FROM ledger.calendar_day WHERE day = $1", [day.into()]).await
}
