//! Billing months of a sector. Writers share a lock on the row, closing takes it alone: payers never queue behind each other.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Permission;
use domain::kernel::*;
use domain::ledger::PeriodStatus;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Broken, Page, Result, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub struct PeriodRow {
    pub period: NaiveDate,
    pub sector: String,
    pub status: String,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub closed_by: Option<String>,
}

const COLUMNS: &str = "period, sector, status, opened_at, closed_at, closed_by";

impl PeriodRow {
    pub fn period(&self) -> Period {
        Period::of(self.period)
    }

    pub fn sector(&self) -> Sector {
        Sector::from_code(&self.sector).unwrap_or(Sector::Multi)
    }

    pub fn status(&self) -> PeriodStatus {
        PeriodStatus::from_code(&self.status).unwrap_or(PeriodStatus::Closed)
    }
}

/// Proof that the month may be written to: held under a shared lock until the transaction ends. Only this module makes one.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct OpenPeriod {
    pub period: Period,
    pub sector: Sector,
}

/// The month, if this actor may write to it: open, or softly closed for those who run the month.
pub async fn open_for(tx: &Tx, period: Period, sector: Sector) -> Result<Option<OpenPeriod>> {
    let status: Option<String> = sql::scalar(
        tx,
        "SELECT status FROM ledger.period WHERE period = $1 AND sector = $2 FOR SHARE",
        [period.first_day().into(), sector.code().into()],
    )
    .await?;
    let accountant = tx.actor().may(Permission::BillingRun) || tx.actor().may(Permission::PeriodClose);
    Ok(match status.as_deref().and_then(PeriodStatus::from_code) {
        Some(PeriodStatus::Open) => Some(OpenPeriod { period, sector }),
        Some(PeriodStatus::SoftClosed) if accountant => Some(OpenPeriod { period, sector }),
        _ => None,
    })
}

/// The month that money of this day belongs to: its own while that is open, else the earliest open one after it.
pub async fn posting_period(tx: &Tx, day: NaiveDate, sector: Sector) -> Result<Option<OpenPeriod>> {
    let months: Vec<PeriodRow> = sql::all(
        tx,
        &format!(
            "SELECT {COLUMNS} FROM ledger.period WHERE sector = $1 AND status <> 'closed'
             ORDER BY period < $2, abs(period - $2::date) LIMIT 3"
        ),
        [sector.code().into(), Period::of(day).first_day().into()],
    )
    .await?;
    for month in months {
        if let Some(open) = open_for(tx, month.period(), sector).await? {
            return Ok(Some(open));
        }
    }
    Ok(None)
}

pub async fn find(db: &impl ConnectionTrait, period: Period, sector: Sector) -> Result<Option<PeriodRow>> {
    sql::one(
        db,
        &format!("SELECT {COLUMNS} FROM ledger.period WHERE period = $1 AND sector = $2"),
        [period.first_day().into(), sector.code().into()],
    )
    .await
}

/// The newest month that has been opened in any sector.
pub async fn newest(db: &impl ConnectionTrait) -> Result<Option<Period>> {
    let day: Option<Option<NaiveDate>> = sql::scalar(db, "SELECT max(period) FROM ledger.period", []).await?;
    Ok(day.flatten().map(Period::of))
}

/// Locks the month alone: everybody who writes into it is waited for.
pub async fn lock(tx: &Tx, period: Period, sector: Sector) -> Result<Option<PeriodRow>> {
    sql::one(
        tx,
        &format!("SELECT {COLUMNS} FROM ledger.period WHERE period = $1 AND sector = $2 FOR UPDATE"),
        [period.first_day().into(), sector.code().into()],
    )
    .await
}

/// Newest first; the key is (month, sector).
pub async fn list(
    db: &impl ConnectionTrait,
    sectors: Option<Vec<String>>,
    page: Page<(NaiveDate, String)>,
) -> Result<Slice<PeriodRow>> {
    let (after_period, after_sector) = page.after.clone().unzip();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM ledger.period
             WHERE ($1::text[] IS NULL OR sector = ANY ($1)) AND ($2::date IS NULL OR (period, sector) < ($2, $3))
             ORDER BY period DESC, sector DESC LIMIT $4"
        ),
        [sectors.into(), after_period.into(), after_sector.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

async fn ensure_partitions(tx: &Tx, period: Period) -> Result<()> {
    tx.execute_unprepared(&format!("SELECT platform.ensure_partitions('{}')", period.first_day()))
        .await
        .map(drop)
}

/// Opens the month and makes its partitions; `None` when it exists already.
pub async fn open(tx: &Tx, period: Period, sector: Sector) -> Result<Option<PeriodRow>> {
    ensure_partitions(tx, period).await?;
    sql::one(
        tx,
        &format!(
            "INSERT INTO ledger.period (period, sector, status, opened_by) VALUES ($1, $2, 'open', $3)
             ON CONFLICT DO NOTHING RETURNING {COLUMNS}"
        ),
        [period.first_day().into(), sector.code().into(), tx.actor().label.clone().into()],
    )
    .await
}

pub async fn soft_close(tx: &Tx, period: Period, sector: Sector) -> Result<PeriodRow> {
    let row = sql::one(
        tx,
        &format!(
            "UPDATE ledger.period SET status = 'soft_closed', soft_closed_by = $3, soft_closed_at = now()
             WHERE period = $1 AND sector = $2 RETURNING {COLUMNS}"
        ),
        [period.first_day().into(), sector.code().into(), tx.actor().label.clone().into()],
    )
    .await?;
    row.ok_or(Broken::RecordNotUpdated)
}

/// Takes a soft close back.
pub async fn reopen(tx: &Tx, period: Period, sector: Sector) -> Result<PeriodRow> {
    let row = sql::one(
        tx,
        &format!(
            "UPDATE ledger.period SET status = 'open', soft_closed_by = NULL, soft_closed_at = NULL
             WHERE period = $1 AND sector = $2 AND status = 'soft_closed' RETURNING {COLUMNS}"
        ),
        [period.first_day().into(), sector.code().into()],
    )
    .await?;
    row.ok_or(Broken::RecordNotUpdated)
}

/// Closes the month for ever and carries every balance into the next one.
pub async fn close(tx: &Tx, period: Period, sector: Sector) -> Result<PeriodRow> {
    ensure_partitions(tx, period.next()).await?;
    if super::reopening::was_closed(tx, period, sector).await? {
        carry_again(tx, period, sector).await?;
    } else {
        carry(tx, period, sector).await?;
    }
    fold(tx, period, sector).await?;
    let row = sql::one(
        tx,
        &format!(
            "UPDATE ledger.period SET status = 'closed', closed_by = $3, closed_at = now()
             WHERE period = $1 AND sector = $2 RETURNING {COLUMNS}"
        ),
        [period.first_day().into(), sector.code().into(), tx.actor().label.clone().into()],
    )
    .await?;
    row.ok_or(Broken::RecordNotUpdated)
}

/// Carries every balance of the month into the next one.
async fn carry(tx: &Tx, period: Period, sector: Sector) -> Result<()> {
    sql::run(
        tx,
        "INSERT INTO ledger.account_total (account_id, period, sector, kind, amount)
         SELECT account_id, $3, $2, 'opening', sum(amount) FROM ledger.account_total
         WHERE period = $1 AND sector = $2 GROUP BY account_id HAVING sum(amount) <> 0",
        [period.first_day().into(), sector.code().into(), period.next().first_day().into()],
    )
    .await
    .map(drop)
}

/// The same after the month was opened again: the next one is under way, and balances taken over in it stay beside what is carried.
async fn carry_again(tx: &Tx, period: Period, sector: Sector) -> Result<()> {
    sql::run(
        tx,
        include_str!("sql/carry_again.sql"),
        [period.first_day().into(), sector.code().into(), period.next().first_day().into()],
    )
    .await
    .map(drop)
}

/// Folds the general ledger up to the month.
async fn fold(tx: &Tx, period: Period, sector: Sector) -> Result<()> {
    // Everything since the last fold, months closed before there was one included.
    sql::run(
        tx,
        "WITH last AS (SELECT max(period) AS period, (max(period) + interval '1 month')::date AS since FROM ledger.closed_balance WHERE sector = $2 AND period < $1)
         INSERT INTO ledger.closed_balance (period, sector, account, debit, credit)
         SELECT $1, $2, account, sum(debit), sum(credit)
         FROM (SELECT account, debit, credit FROM ledger.closed_balance
               WHERE sector = $2 AND period = (SELECT period FROM last)
               UNION ALL
               SELECT account, debit, credit FROM ledger.trial_balance
               WHERE sector = $2 AND period >= coalesce((SELECT since FROM last), '-infinity') AND period <= $1) t
         GROUP BY account",
        [period.first_day().into(), sector.code().into()],
    )
    .await
    .map(drop)
}
