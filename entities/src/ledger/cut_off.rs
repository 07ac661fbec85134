//! Days of closing a month: those set by hand, and when each step was done.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::*;
use domain::ledger::CutOffStep;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Result, Tx, sql};

/// A day that was set by hand.
#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Set {
    pub step: CutOffStep,
    pub due_on: NaiveDate,
    pub reason: String,
    pub set_by: String,
    pub set_at: DateTime<Utc>,
}

pub async fn of_month(db: &impl ConnectionTrait, period: Period, sector: Sector) -> Result<Vec<Set>> {
    sql::all(
        db,
        "SELECT step, due_on, reason, set_by, set_at FROM ledger.cut_off WHERE period = $1 AND sector = $2",
        [period.first_day().into(), sector.code().into()],
    )
    .await
}

pub async fn set(
    tx: &Tx,
    period: Period,
    sector: Sector,
    step: CutOffStep,
    due_on: NaiveDate,
    reason: &str,
) -> Result<u64> {
    sql::run(
        tx,
        "INSERT INTO ledger.cut_off (period, sector, step, due_on, reason, set_by) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (period, sector, step) DO UPDATE SET due_on = excluded.due_on, reason = excluded.reason,
             set_by = excluded.set_by, set_at = now()",
        [
            period.first_day().into(),
            sector.code().into(),
            step.code().into(),
            due_on.into(),
            reason.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await
}

/// When the steps were done, in their order.
#[derive(Debug, Clone, Default, FromQueryResult)]
pub struct Done {
    pub readings_in: Option<DateTime<Utc>>,
    pub run: Option<DateTime<Utc>>,
    pub issue: Option<DateTime<Utc>>,
    pub soft_close: Option<DateTime<Utc>>,
    pub hard_close: Option<DateTime<Utc>>,
}

impl Done {
    pub fn at(&self, step: CutOffStep) -> Option<DateTime<Utc>> {
        match step {
            CutOffStep::ReadingsIn => self.readings_in,
            CutOffStep::Run => self.run,
            CutOffStep::Issue => self.issue,
            CutOffStep::SoftClose => self.soft_close,
            CutOffStep::HardClose => self.hard_close,
        }
    }
}

/// Readings are in once the run of the month took them; final bills and those of latecomers are no run of it.
pub async fn done(db: &impl ConnectionTrait, period: Period, sector: Sector) -> Result<Done> {
    let row = sql::one(
        db,
        "SELECT r.started_at AS readings_in, r.posted_at AS run, r.issued_at AS issue,
                coalesce(p.soft_closed_at, p.closed_at) AS soft_close, p.closed_at AS hard_close
         FROM ledger.period p
         LEFT JOIN billing.run r ON r.period = p.period AND r.sector = p.sector AND r.account_id IS NULL
              AND NOT r.late AND r.state NOT IN ('reversed', 'failed')
         WHERE p.period = $1 AND p.sector = $2",
        [period.first_day().into(), sector.code().into()],
    )
    .await?;
    Ok(row.unwrap_or_default())
}
