//! Reckonings: of a run, of its preview, of a scenario, of a look.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::kernel::{Result, Tx, sql};

/// One reckoning of the houses of a month.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Reckoning {
    pub id: i64,
    pub period: NaiveDate,
    pub sector: Sector,
    pub purpose: String,
    pub purpose_id: i64,
    pub known_at: DateTime<Utc>,
    pub done_at: Option<DateTime<Utc>>,
}

impl Reckoning {
    pub fn period(&self) -> Period {
        Period::of(self.period)
    }

    /// The run whose kept facts it stands on.
    pub fn run(&self) -> Option<RunId> {
        (self.purpose == "run").then_some(RunId(self.purpose_id))
    }
}

const COLUMNS: &str = "id, period, sector, purpose, purpose_id, known_at, done_at";

pub async fn find(db: &impl ConnectionTrait, id: ReckoningId) -> Result<Option<Reckoning>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM imbalance.reckoning WHERE id = $1"), [id.0.into()]).await
}

/// The finished reckoning of a run, preview or scenario.
pub async fn of(db: &impl ConnectionTrait, purpose: &str, purpose_id: i64) -> Result<Option<Reckoning>> {
    sql::one(
        db,
        &format!(
            "SELECT {COLUMNS} FROM imbalance.reckoning
             WHERE purpose = $1 AND purpose_id = $2 AND sector = 'multi' AND done_at IS NOT NULL"
        ),
        [purpose.into(), purpose_id.into()],
    )
    .await
}

/// What a month is shown by: the reckoning of its run, else the newest of any other.
pub async fn shown(db: &impl ConnectionTrait, period: Period) -> Result<Option<Reckoning>> {
    sql::one(
        db,
        &format!(
            "SELECT {COLUMNS} FROM imbalance.reckoning k
             WHERE k.period = $1 AND k.sector = 'multi' AND k.done_at IS NOT NULL AND k.purpose <> 'scenario'
               AND (k.purpose <> 'run' OR EXISTS (
                    SELECT FROM billing.run r WHERE r.id = k.purpose_id AND r.state NOT IN ('reversed', 'failed')))
             ORDER BY k.purpose = 'run' DESC, k.done_at DESC LIMIT 1"
        ),
        [period.first_day().into()],
    )
    .await
}

/// Whether the month was run: then decisions about it come too late.
pub async fn has_run(db: &impl ConnectionTrait, period: Period) -> Result<bool> {
    let found: Option<i32> = sql::scalar(
        db,
        "SELECT 1 FROM billing.run WHERE period = $1 AND sector = 'multi' AND account_id IS NULL AND state NOT IN ('reversed', 'failed')",
        [period.first_day().into()],
    )
    .await?;
    Ok(found.is_some())
}

/// The reckoning of a purpose, its row locked until the end of the transaction: a second worker waits here.
pub async fn begin(
    tx: &Tx,
    period: Period,
    purpose: &str,
    purpose_id: i64,
    known_at: DateTime<Utc>,
) -> Result<Reckoning> {
    let row = sql::one(
        tx,
        &format!(
            "INSERT INTO imbalance.reckoning (period, sector, purpose, purpose_id, known_at) VALUES ($1, 'multi', $2, $3, $4)
             ON CONFLICT (purpose, purpose_id, sector) DO UPDATE SET purpose = excluded.purpose RETURNING {COLUMNS}"
        ),
        [period.first_day().into(), purpose.into(), purpose_id.into(), known_at.into()],
    )
    .await?;
    row.ok_or(DbErr::RecordNotInserted)
}

/// Takes back what a look showed before.
pub async fn empty(tx: &Tx, id: i64, known_at: DateTime<Utc>) -> Result<()> {
    sql::run(tx, "DELETE FROM imbalance.inlet WHERE reckoning_id = $1", [id.into()]).await?;
    sql::run(tx, "DELETE FROM imbalance.house WHERE reckoning_id = $1", [id.into()]).await?;
    sql::run(tx, "UPDATE imbalance.reckoning SET known_at = $2 WHERE id = $1", [id.into(), known_at.into()])
        .await
        .map(drop)
}

/// Says that everything is written.
pub async fn finish(tx: &Tx, id: i64) -> Result<Reckoning> {
    let row = sql::one(
        tx,
        &format!(
            "UPDATE imbalance.reckoning SET done_at = clock_timestamp() WHERE id = $1 RETURNING {COLUMNS}"
        ),
        [id.into()],
    )
    .await?;
    row.ok_or(DbErr::RecordNotUpdated)
}
