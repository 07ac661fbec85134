//! Acts on periods.

mod calendar;
mod close_period;
mod open_period;
mod reopen_period;
mod reopening;
mod set_cut_off;
mod soft_close_period;
mod water;

use domain::kernel::{Period, Sector};
use entities::kernel::{Result, Tx};
use entities::ledger::period::{self, PeriodRow};

pub use calendar::{NewDay, due_on, set_calendar_day};
pub use close_period::close_period;
pub use open_period::open_period;
pub use reopen_period::reopen_period;
pub use reopening::{decide_reopening, file_period, request_reopening};
pub use set_cut_off::{cut_offs, set_cut_off};
pub use soft_close_period::soft_close_period;
pub use water::record_produced;

/// A month alone; one of a sector that the caller does not see does not exist.
async fn lock(tx: &Tx, month: Period, sector: Sector) -> Result<Option<PeriodRow>> {
    if !tx.scope().has_sector(sector) {
        return Ok(None);
    }
    period::lock(tx, month, sector).await
}
