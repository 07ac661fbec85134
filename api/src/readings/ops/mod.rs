mod decide;
mod intake;
mod submit;
mod withdraw;

pub use decide::{Decide, decide};
pub use intake::{Incoming, Intake, Judged, SettingMissing};
pub use submit::{Answer, MOST, Submit, submit, submit_many};
pub use withdraw::withdraw;

use std::collections::HashMap;

use domain::kernel::{Period, ReadingId, Sector};
use domain::ledger::PeriodStatus;
use entities::kernel::{Broken, Tx};
use entities::readings::{self, Reading};

/// The reading as it is after a write.
async fn reload(tx: &Tx, id: ReadingId) -> Result<Reading, Broken> {
    let found = reload_many(tx, vec![id]).await?.remove(&id);
    found.ok_or_else(|| Broken::RecordNotFound("the reading that was just written".into()))
}

async fn reload_many(tx: &Tx, ids: Vec<ReadingId>) -> Result<HashMap<ReadingId, Reading>, Broken> {
    Ok(readings::by_ids(tx, ids).await?.into_iter().map(|reading| (reading.id, reading)).collect())
}

/// Whether the month of a reading may still change. The house meter's readings belong to no sector: theirs may.
async fn is_closed(tx: &Tx, sector: Option<Sector>, period: Period) -> Result<bool, Broken> {
    let statuses = readings::period_statuses(tx).await?;
    Ok(sector.is_some_and(|sector| statuses.get(&(sector, period)) == Some(&PeriodStatus::Closed)))
}
