//! Closed months that are opened again, and those that never will be because their declaration was handed in.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::*;
use domain::ledger::{PeriodStatus, ReopenFacts, ReopeningState};
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::period::PeriodRow;
use crate::kernel::{Broken, Result, Tx, sql};

/// A wish to open a closed month again.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Reopening {
    pub id: i64,
    pub period: NaiveDate,
    pub sector: String,
    pub state: String,
    pub reason: String,
    pub document_id: i64,
    pub requested_by: String,
    pub requested_at: DateTime<Utc>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
}

/// The declaration of a month was handed in.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Filing {
    pub document_id: i64,
    pub filed_by: String,
    pub filed_at: DateTime<Utc>,
    /// Tiyn that the declaration bears, where somebody said it.
    pub vat: Option<i64>,
}

const COLUMNS: &str =
    "id, period, sector, state, reason, document_id, requested_by, requested_at, decided_by, decided_at";

pub async fn filing(db: &impl ConnectionTrait, period: Period, sector: Sector) -> Result<Option<Filing>> {
    sql::one(
        db,
        "SELECT document_id, filed_by, filed_at, vat FROM ledger.filing WHERE period = $1 AND sector = $2",
        [period.first_day().into(), sector.code().into()],
    )
    .await
}

pub async fn file(
    tx: &Tx,
    period: Period,
    sector: Sector,
    document: DocumentId,
    vat: Option<Money>,
) -> Result<u64> {
    sql::run(
        tx,
        "INSERT INTO ledger.filing (period, sector, document_id, filed_by, vat) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        [
            period.first_day().into(),
            sector.code().into(),
            document.0.into(),
            tx.actor().label.clone().into(),
            vat.map(Money::tiyn).into(),
        ],
    )
    .await
}

/// VAT that the ledger of a month owes, in tiyn.
pub async fn vat_of_month(db: &impl ConnectionTrait, period: Period, sector: Sector) -> Result<i64> {
    let vat: Option<i64> = sql::scalar(
        db,
        "SELECT coalesce(sum(credit - debit), 0)::bigint FROM ledger.trial_balance
         WHERE period = $1 AND sector = $2 AND account = 'vat_payable'",
        [period.first_day().into(), sector.code().into()],
    )
    .await?;
    Ok(vat.unwrap_or_default())
}

/// Wishes of a month, newest first.
pub async fn of_month(db: &impl ConnectionTrait, period: Period, sector: Sector) -> Result<Vec<Reopening>> {
    sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM ledger.reopening WHERE period = $1 AND sector = $2 ORDER BY id DESC LIMIT 100"
        ),
        [period.first_day().into(), sector.code().into()],
    )
    .await
}

/// The one that waits, locked.
pub async fn waiting(tx: &Tx, period: Period, sector: Sector) -> Result<Option<Reopening>> {
    sql::one(
        tx,
        &format!(
            "SELECT {COLUMNS} FROM ledger.reopening WHERE period = $1 AND sector = $2 AND state = 'requested' FOR UPDATE"
        ),
        [period.first_day().into(), sector.code().into()],
    )
    .await
}

pub async fn request(
    tx: &Tx,
    period: Period,
    sector: Sector,
    reason: &str,
    document: DocumentId,
) -> Result<Reopening> {
    let row = sql::one(
        tx,
        &format!(
            "INSERT INTO ledger.reopening (period, sector, reason, document_id, requested_by) VALUES ($1, $2, $3, $4, $5)
             RETURNING {COLUMNS}"
        ),
        [
            period.first_day().into(),
            sector.code().into(),
            reason.trim().into(),
            document.0.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    row.ok_or(Broken::RecordNotInserted)
}

pub async fn decide(tx: &Tx, id: i64, state: ReopeningState) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE ledger.reopening SET state = $2, decided_by = $3, decided_at = now() WHERE id = $1 AND state = 'requested'",
        [id.into(), state.code().into(), tx.actor().label.clone().into()],
    )
    .await
}

/// What decides whether the month may be opened again.
pub async fn facts(db: &impl ConnectionTrait, row: &PeriodRow) -> Result<ReopenFacts> {
    #[derive(FromQueryResult)]
    struct Found {
        filed: bool,
        later_closed: bool,
        next_run: bool,
    }
    let found: Option<Found> = sql::one(
        db,
        "SELECT EXISTS (SELECT FROM ledger.filing WHERE period = $1 AND sector = $2) AS filed,
                EXISTS (SELECT FROM ledger.period WHERE period > $1 AND sector = $2 AND status = 'closed') AS later_closed,
                EXISTS (SELECT FROM billing.run WHERE period = $3 AND sector = $2 AND state NOT IN ('reversed', 'failed')) AS next_run",
        [row.period.into(), row.sector.clone().into(), row.period().next().first_day().into()],
    )
    .await?;
    let found = found.ok_or_else(|| Broken::RecordNotFound("facts".to_owned()))?;
    Ok(ReopenFacts {
        status: row.status(),
        filed: found.filed,
        later_closed: found.later_closed,
        next_run: found.next_run,
    })
}

/// Opens the closed month for those who run it: its fold is superseded, what it carried over is carried anew by the next close.
pub async fn reopen(tx: &Tx, period: Period, sector: Sector, id: i64) -> Result<()> {
    let keys = || [period.first_day().into(), sector.code().into()];
    sql::run(
        tx,
        "UPDATE ledger.period SET status = 'soft_closed', soft_closed_at = now() WHERE period = $1 AND sector = $2",
        keys(),
    )
    .await?;
    let [month, of] = keys();
    sql::run(
        tx,
        "INSERT INTO ledger.superseded_balance (reopening_id, period, sector, account, debit, credit)
         SELECT $3, period, sector, account, debit, credit FROM ledger.closed_balance WHERE period = $1 AND sector = $2",
        [month, of, id.into()],
    )
    .await?;
    sql::run(tx, "DELETE FROM ledger.closed_balance WHERE period = $1 AND sector = $2", keys())
        .await
        .map(drop)
}

/// Whether the month was closed before and opened again.
pub async fn was_closed(db: &impl ConnectionTrait, period: Period, sector: Sector) -> Result<bool> {
    let was: Option<bool> = sql::scalar(
        db,
        "SELECT EXISTS (SELECT FROM ledger.reopening WHERE period = $1 AND sector = $2 AND state = 'confirmed')",
        [period.first_day().into(), sector.code().into()],
    )
    .await?;
    Ok(was.unwrap_or_default())
}

/// Whether the row says that a hard close was taken back.
pub fn is_reopened(row: &PeriodRow) -> bool {
    row.closed_at.is_some() && row.status() != PeriodStatus::Closed
}
