//! Takes a soft close back: everybody writes into the month again. The next one stays open.

use domain::LedgerEvent;
use domain::kernel::{Period, Sector};
use domain::ledger::PeriodStatus;
use entities::kernel::{Change, Tx};
use entities::ledger::period::{self, PeriodRow};
use entities::ledger::reopening::is_reopened;

use crate::platform::Outcome;
use crate::refuse;

pub async fn reopen_period(tx: &mut Tx, month: Period, sector: Sector) -> Outcome<PeriodRow> {
    let Some(row) = super::lock(tx, month, sector).await? else { refuse!("NO_SUCH_PERIOD") };
    match row.status() {
        // Opened again by two people for those who run the month, and for nobody else.
        PeriodStatus::SoftClosed if is_reopened(&row) => refuse!("PERIOD_WAS_CLOSED"),
        PeriodStatus::SoftClosed => {}
        PeriodStatus::Open => {
            tx.nothing_new("open already");
            return Ok(Ok(row));
        }
        PeriodStatus::Closed => refuse!("PERIOD_CLOSED"),
    }
    let row = period::reopen(tx, month, sector).await?;
    tx.audit(Change::bulk("period", "reopen", serde_json::json!({ "period": month, "sector": sector })));
    tx.emit(LedgerEvent::PeriodReopened { period: month, sector });
    Ok(Ok(row))
}
