//! Soft close: from now on only those who run the month write into it.

use domain::LedgerEvent;
use domain::kernel::{Period, Sector};
use domain::ledger::PeriodStatus;
use entities::kernel::{Change, Tx};
use entities::ledger::period::{self, PeriodRow};

use crate::platform::Outcome;
use crate::refuse;

pub async fn soft_close_period(tx: &mut Tx, month: Period, sector: Sector) -> Outcome<PeriodRow> {
    let Some(row) = period::lock(tx, month, sector).await? else { refuse!("NO_SUCH_PERIOD") };
    if row.status() != PeriodStatus::Open {
        refuse!("PERIOD_NOT_OPEN");
    }
    let row = period::soft_close(tx, month, sector).await?;
    tx.audit(Change::bulk("period", "soft_close", serde_json::json!({ "period": month, "sector": sector })));
    tx.emit(LedgerEvent::PeriodSoftClosed { period: month, sector });
    Ok(Ok(row))
}
