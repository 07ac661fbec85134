//! Opens a billing month of a sector.

use chrono::NaiveDate;
use domain::LedgerEvent;
use domain::kernel::{Period, Sector};
use domain::ledger::{PeriodStatus, may_open_until};
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::period::{self, PeriodRow};

use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// Months open one after another, the next one at most; the first one may be any.
pub async fn open_period(tx: &mut Tx, month: Period, sector: Sector, today: NaiveDate) -> Outcome<PeriodRow> {
    if !tx.scope().has_sector(sector) {
        refuse!("NO_SUCH_PERIOD");
    }
    let any =
        period::list(tx, Some(vec![sector.code().to_owned()]), entities::kernel::Page::new(Some(1), None))
            .await?;
    if let Some(latest) = any.rows.first() {
        if month == latest.period() && latest.status() == PeriodStatus::Open {
            tx.nothing_new("open already");
            return Ok(Ok(latest.clone()));
        }
        if month <= latest.period() {
            refuse!(Refusal::new("PERIOD_EXISTS").at("period").with("period", month));
        }
        if month != latest.period().next() {
            refuse!(Refusal::new("PERIOD_NOT_NEXT").at("period").with("period", latest.period().next()));
        }
    }
    if month > may_open_until(today) {
        refuse!(Refusal::new("PERIOD_TOO_FAR").at("period").with("period", may_open_until(today)));
    }
    let Some(row) = begin(tx, month, sector).await? else {
        refuse!(Refusal::new("PERIOD_EXISTS").at("period").with("period", month));
    };
    Ok(Ok(row))
}

/// Opens the month after one that takes no more money from the desk, if nobody has: money always has a month.
pub(super) async fn begin_next(tx: &mut Tx, month: Period, sector: Sector) -> Result<(), Broken> {
    begin(tx, month.next(), sector).await.map(drop)
}

async fn begin(tx: &mut Tx, month: Period, sector: Sector) -> Result<Option<PeriodRow>, Broken> {
    let row = period::open(tx, month, sector).await?;
    if row.is_some() {
        tx.audit(Change::bulk("period", "open", serde_json::json!({ "period": month, "sector": sector })));
        tx.emit(LedgerEvent::PeriodOpened { period: month, sector });
    }
    Ok(row)
}
