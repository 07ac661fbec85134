//! What somebody has to look at about payments of channels.

use chrono::{DateTime, Utc};
use domain::kernel::*;
use domain::payments::channel::IncidentKind;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value as Json;

use crate::kernel::{Db, Page, Result, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub struct Incident {
    pub id: i64,
    pub channel: String,
    pub external_id: String,
    pub kind: IncidentKind,
    /// None where the number is that of money without an account.
    pub payment_id: Option<i64>,
    pub said: Json,
    pub times: i32,
    pub first_at: DateTime<Utc>,
    pub last_at: DateTime<Utc>,
    pub done: bool,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub note: Option<String>,
}

const COLUMNS: &str = "id, channel, external_id, kind, payment_id, said, times, first_at, last_at, state = 'done' AS done, \
     decided_by, decided_at, note";

/// Its id, and whether it is a new one: said again, it is counted, and open again.
pub async fn open(
    tx: &Tx,
    channel: &str,
    number: &str,
    kind: IncidentKind,
    payment: Option<PaymentId>,
    said: Json,
) -> Result<(IncidentId, bool)> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        fresh: bool,
    }
    let row: Option<Row> = sql::one(
        tx,
        "INSERT INTO payments.incident (channel, external_id, kind, payment_id, said) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (channel, external_id, kind, said) DO UPDATE
             SET times = incident.times + 1, last_at = now(), state = 'open', decided_by = NULL, decided_at = NULL
         RETURNING id, times = 1 AS fresh",
        [channel.into(), number.into(), kind.code().into(), payment.map(|id| id.0).into(), said.into()],
    )
    .await?;
    row.map(|row| (IncidentId(row.id), row.fresh)).ok_or(crate::kernel::Broken::RecordNotInserted)
}

/// Newest first.
pub async fn list(
    db: &Db,
    channel: Option<String>,
    open: Option<bool>,
    page: Page,
) -> Result<Slice<Incident>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM payments.incident
             WHERE ($1::text IS NULL OR channel = $1) AND ($2::boolean IS NULL OR (state = 'open') = $2)
               AND ($3::bigint IS NULL OR id < $3) ORDER BY id DESC LIMIT $4"
        ),
        [channel.into(), open.into(), page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

pub async fn find(db: &impl ConnectionTrait, id: IncidentId) -> Result<Option<Incident>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM payments.incident WHERE id = $1"), [id.0.into()]).await
}

/// `false` when it was decided already.
pub async fn decide(tx: &Tx, id: IncidentId, note: &str) -> Result<bool> {
    let touched = sql::run(
        tx,
        "UPDATE payments.incident SET state = 'done', decided_by = $2, decided_at = now(), note = $3
         WHERE id = $1 AND state = 'open'",
        [id.0.into(), tx.actor().label.clone().into(), note.into()],
    )
    .await?;
    Ok(touched == 1)
}
