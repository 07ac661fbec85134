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

/// The newest month that has something to show.
pub async fn newest(db: &impl ConnectionTrait) -> Result<Option<Period>> {
    let day: Option<Option<NaiveDate>> = sql::scalar(
        db,
        "SELECT max(k.period) FROM imbalance.reckoning k
         WHERE k.sector = 'multi' AND k.done_at IS NOT NULL AND k.purpose <> 'scenario'
           AND (k.purpose <> 'run' OR EXISTS (
                SELECT FROM billing.run r WHERE r.id = k.purpose_id AND r.state NOT IN ('reversed', 'failed')))",
        [],
    )
    .await?;
    Ok(day.flatten().map(Period::of))
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

/// What the run of legal entities charges of the houses: their shares by the run of the flats, under a reckoning of its own, so that
/// its bills can be made again whatever becomes of that run. Done once.
pub async fn take_over(tx: &Tx, period: Period, run: RunId, known_at: DateTime<Utc>) -> Result<()> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO imbalance.reckoning (period, sector, purpose, purpose_id, known_at, done_at)
         VALUES ($1, 'legal', 'run', $2, $3, clock_timestamp()) ON CONFLICT (purpose, purpose_id, sector) DO NOTHING RETURNING id",
        [period.first_day().into(), run.0.into(), known_at.into()],
    )
    .await?;
    let Some(id) = id else { return Ok(()) };
    sql::run(
        tx,
        &format!(
            "INSERT INTO imbalance.share (period, {COLUMNS_OF_SHARE}, reckoning_id)
             SELECT s.period, {}, $2 FROM imbalance.share s
             JOIN subscribers.account a ON a.id = s.account_id AND a.sector = 'legal'
             JOIN imbalance.reckoning k ON k.id = s.reckoning_id AND k.purpose = 'run' AND k.sector = 'multi' AND k.done_at IS NOT NULL
             JOIN billing.run r ON r.id = k.purpose_id AND r.state IN ('posted', 'issued')
             WHERE s.period = $1",
            COLUMNS_OF_SHARE.split(", ").map(|column| format!("s.{column}")).collect::<Vec<_>>().join(", ")
        ),
        [period.first_day().into(), id.into()],
    )
    .await
    .map(drop)
}

const COLUMNS_OF_SHARE: &str = "account_id, building_id, point_id, meter_id, reading_prev, reading_last, from_day, to_day, liters, \
     whole, weight, weights";

/// Whether legal entities stand on a list of a condominium in the month: their run waits for that of the flats.
pub async fn has_members(db: &impl ConnectionTrait, period: Period, known_at: DateTime<Utc>) -> Result<bool> {
    let found: Option<bool> = sql::scalar(
        db,
        "SELECT EXISTS (SELECT FROM imbalance.member WHERE recorded @> $3::timestamptz AND valid && daterange($1, $2))",
        [period.first_day().into(), period.next().first_day().into(), known_at.into()],
    )
    .await?;
    Ok(found.unwrap_or_default())
}

/// Whether an account stands on a list of a condominium in the month, as known now.
pub async fn is_member(db: &impl ConnectionTrait, account: AccountId, period: Period) -> Result<bool> {
    let found: Option<bool> = sql::scalar(
        db,
        "SELECT EXISTS (SELECT FROM imbalance.member
                        WHERE account_id = $1 AND upper_inf(recorded) AND valid && daterange($2, $3))",
        [account.0.into(), period.first_day().into(), period.next().first_day().into()],
    )
    .await?;
    Ok(found.unwrap_or_default())
}

/// Whether the run of legal entities charges shares of the houses of a month: they stand on the run of the flats.
pub async fn legal_bears(db: &impl ConnectionTrait, period: Period) -> Result<bool> {
    let found: Option<bool> = sql::scalar(
        db,
        "SELECT EXISTS (
             SELECT FROM billing.run r
             JOIN imbalance.reckoning k ON k.purpose = 'run' AND k.purpose_id = r.id AND k.sector = 'legal'
             WHERE r.period = $1 AND r.sector = 'legal' AND r.state NOT IN ('reversed', 'failed')
               AND EXISTS (SELECT FROM imbalance.share s WHERE s.period = r.period AND s.reckoning_id = k.id))",
        [period.first_day().into()],
    )
    .await?;
    Ok(found.unwrap_or_default())
}

/// Leaves nothing of what a scenario made of the houses.
pub async fn forget_scenario(tx: &Tx, scenario: ScenarioId) -> Result<()> {
    // What it compares with has the number with a minus.
    let of = "(SELECT id FROM imbalance.reckoning WHERE purpose = 'scenario' AND abs(purpose_id) = $1)";
    for table in ["share", "inlet", "house"] {
        sql::run(
            tx,
            &format!("DELETE FROM imbalance.{table} WHERE reckoning_id IN {of}"),
            [scenario.0.into()],
        )
        .await?;
    }
    let sql = "DELETE FROM imbalance.reckoning WHERE purpose = 'scenario' AND abs(purpose_id) = $1";
    sql::run(tx, sql, [scenario.0.into()]).await.map(drop)
}

/// Takes back what a look or a scenario showed before.
pub async fn empty(tx: &Tx, id: i64, known_at: DateTime<Utc>) -> Result<()> {
    sql::run(tx, "DELETE FROM imbalance.share WHERE reckoning_id = $1", [id.into()]).await?;
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
