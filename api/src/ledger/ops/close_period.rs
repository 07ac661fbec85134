//! Closes a month: checks every condition, freezes the auditor's figures, carries balances over, makes it immutable, opens the next one.

use domain::LedgerEvent;
use domain::kernel::{Period, Sector};
use domain::ledger::{PeriodStatus, may_close};
use entities::kernel::{Change, Tx};
use entities::ledger::period::{self, PeriodRow};
use entities::ledger::{close, report};

use super::open_period::begin_next;
use crate::platform::{Outcome, Refusal};
use crate::refuse;

pub async fn close_period(tx: &mut Tx, month: Period, sector: Sector) -> Outcome<PeriodRow> {
    // Alone: every writer of the month has committed or is not begun.
    let Some(row) = super::lock(tx, month, sector).await? else { refuse!("NO_SUCH_PERIOD") };
    if row.status() == PeriodStatus::Closed {
        tx.nothing_new("closed already");
        return Ok(Ok(row));
    }
    let figures = close::conditions(tx, month, sector).await?;
    let broken = may_close(&figures);
    if !broken.is_empty() {
        let codes = broken.iter().map(|b| b.condition.code()).collect::<Vec<_>>().join(", ");
        refuse!(Refusal::new("CLOSE_CONDITIONS_BROKEN").with("conditions", codes));
    }
    report::freeze(tx, month, sector).await?;
    let row = period::close(tx, month, sector).await?;
    tx.audit(Change::bulk(
        "period",
        "close",
        serde_json::json!({ "period": month, "sector": sector, "figures": figures }),
    ));
    tx.emit(LedgerEvent::PeriodClosed { period: month, sector });
    begin_next(tx, month, sector).await?;
    Ok(Ok(row))
}
