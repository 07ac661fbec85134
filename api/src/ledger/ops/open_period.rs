//! Opens a billing month of a sector.

use domain::LedgerEvent;
use domain::kernel::{Period, Sector};
use entities::kernel::{Change, Tx};
use entities::ledger::period::{self, PeriodRow};

use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// Months open one after another; the first one may be any.
pub async fn open_period(tx: &mut Tx, month: Period, sector: Sector) -> Outcome<PeriodRow> {
    let any =
        period::list(tx, Some(vec![sector.code().to_owned()]), entities::kernel::Page::new(Some(1), None))
            .await?;
    if let Some(latest) = any.rows.first() {
        if month <= latest.period() {
            refuse!(Refusal::new("PERIOD_EXISTS").at("period").with("period", month));
        }
        if month != latest.period().next() {
            refuse!(Refusal::new("PERIOD_NOT_NEXT").at("period").with("period", latest.period().next()));
        }
    }
    let Some(row) = period::open(tx, month, sector).await? else {
        refuse!(Refusal::new("PERIOD_EXISTS").at("period").with("period", month));
    };
    tx.audit(Change::bulk("period", "open", serde_json::json!({ "period": month, "sector": sector })));
    tx.emit(LedgerEvent::PeriodOpened { period: month, sector });
    Ok(Ok(row))
}
