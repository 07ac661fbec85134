//! Soft close: from now on only those who run the month write into it; everybody else's money goes to the next one. `reopen_period`
//! takes it back.

use chrono::NaiveDate;
use domain::LedgerEvent;
use domain::kernel::{Period, Sector};
use domain::ledger::{PeriodStatus, has_begun};
use entities::kernel::{Change, Tx};
use entities::ledger::period::{self, PeriodRow};

use super::open_period::begin_next;
use crate::platform::{Outcome, Refusal};
use crate::refuse;

pub async fn soft_close_period(
    tx: &mut Tx,
    month: Period,
    sector: Sector,
    today: NaiveDate,
) -> Outcome<PeriodRow> {
    let Some(row) = super::lock(tx, month, sector).await? else { refuse!("NO_SUCH_PERIOD") };
    match row.status() {
        PeriodStatus::Open => {}
        PeriodStatus::SoftClosed => {
            tx.nothing_new("softly closed already");
            return Ok(Ok(row));
        }
        PeriodStatus::Closed => refuse!("PERIOD_CLOSED"),
    }
    if !has_begun(month, today) {
        refuse!(Refusal::new("PERIOD_NOT_BEGUN").at("period").with("period", month));
    }
    let row = period::soft_close(tx, month, sector).await?;
    tx.audit(Change::bulk("period", "soft_close", serde_json::json!({ "period": month, "sector": sector })));
    tx.emit(LedgerEvent::PeriodSoftClosed { period: month, sector });
    begin_next(tx, month, sector).await?;
    Ok(Ok(row))
}
