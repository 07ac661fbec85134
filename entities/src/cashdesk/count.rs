//! Money counted.

use chrono::{DateTime, Utc};
use domain::cashdesk::{CashCountKind, Counted};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::Desks;
use crate::kernel::{Broken, Result, Tx, sql};

#[derive(Debug, Clone, PartialEq, FromQueryResult, serde::Serialize)]
pub struct Count {
    pub id: i64,
    pub shift_id: i64,
    pub kind: CashCountKind,
    pub total: i64,
    pub expected: i64,
    pub upto: i64,
    pub counted_by: String,
    pub counted_at: DateTime<Utc>,
    pub witness: Option<String>,
    pub witnessed_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "c.id, c.shift_id, c.kind, c.total, c.expected, c.upto, c.counted_by, c.counted_at, c.witness, c.witnessed_at";

pub async fn visible_to(db: &impl ConnectionTrait, desks: &Desks, id: CashCountId) -> Result<Option<Count>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM cashdesk.count c JOIN cashdesk.shift s ON s.id = c.shift_id JOIN cashdesk.desk d ON d.id = s.desk_id
         WHERE {} AND c.id = $2",
        Desks::WHERE
    );
    sql::one(db, &sql, [desks.value(), id.0.into()]).await
}

pub async fn lock(tx: &Tx, id: CashCountId) -> Result<Option<Count>> {
    let sql = format!("SELECT {COLUMNS} FROM cashdesk.count c WHERE c.id = $1 FOR UPDATE");
    sql::one(tx, &sql, [id.0.into()]).await
}

/// Of shifts, newest first; a shift is counted a few times.
pub async fn of_shifts(db: &impl ConnectionTrait, shifts: Vec<i64>) -> Result<Vec<Count>> {
    let sql =
        format!("SELECT {COLUMNS} FROM cashdesk.count c WHERE c.shift_id = ANY ($1) ORDER BY c.id DESC");
    sql::all(db, &sql, [shifts.into()]).await
}

/// A count to be kept.
#[derive(Debug, Clone)]
pub struct NewCount {
    pub shift: ShiftId,
    pub kind: CashCountKind,
    pub total: Money,
    pub expected: Money,
    /// The last operation before it.
    pub upto: i64,
    pub witness: Option<String>,
    pub rows: Vec<Counted>,
}

pub async fn insert(tx: &Tx, new: NewCount) -> Result<Count> {
    let sql = format!(
        "INSERT INTO cashdesk.count AS c (shift_id, kind, total, expected, upto, counted_by, witness, witnessed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $7::text IS NOT NULL THEN clock_timestamp() END) RETURNING {COLUMNS}"
    );
    let row: Option<Count> = sql::one(
        tx,
        &sql,
        [
            new.shift.0.into(),
            new.kind.code().into(),
            new.total.tiyn().into(),
            new.expected.tiyn().into(),
            new.upto.into(),
            tx.actor().label.clone().into(),
            new.witness.into(),
        ],
    )
    .await?;
    let row = row.ok_or(Broken::RecordNotInserted)?;
    let rows: Vec<&Counted> = new.rows.iter().filter(|row| row.pieces > 0).collect();
    sql::run(
        tx,
        "INSERT INTO cashdesk.count_line (count_id, denomination_id, pieces)
         SELECT $1, * FROM unnest($2::bigint[], $3::int[])",
        [
            row.id.into(),
            rows.iter().map(|row| row.denomination.0).collect::<Vec<_>>().into(),
            rows.iter().map(|row| row.pieces as i32).collect::<Vec<_>>().into(),
        ],
    )
    .await?;
    Ok(row)
}

/// The witness signs; `None` when somebody has.
pub async fn sign(tx: &Tx, id: CashCountId) -> Result<Option<Count>> {
    let sql = format!(
        "UPDATE cashdesk.count c SET witness = $2, witnessed_at = clock_timestamp() WHERE c.id = $1 AND c.witness IS NULL
         RETURNING {COLUMNS}"
    );
    sql::one(tx, &sql, [id.0.into(), tx.actor().label.clone().into()]).await
}

/// So many of one denomination.
#[derive(Debug, Clone, PartialEq, FromQueryResult)]
pub struct CountLine {
    pub count_id: i64,
    pub kind: String,
    pub value: i64,
    pub design: String,
    pub pieces: i32,
}

pub async fn lines(db: &impl ConnectionTrait, counts: Vec<i64>) -> Result<Vec<CountLine>> {
    sql::all(
        db,
        "SELECT l.count_id, d.kind, d.value, d.design, l.pieces
         FROM cashdesk.count_line l JOIN cashdesk.denomination d ON d.id = l.denomination_id
         WHERE l.count_id = ANY ($1) ORDER BY l.count_id, d.kind DESC, d.value DESC, d.design",
        [counts.into()],
    )
    .await
}
