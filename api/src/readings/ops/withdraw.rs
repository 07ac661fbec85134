//! Takes a reading back while its month still takes facts.

use chrono::NaiveDate;
use domain::ReadingsEvent;
use domain::access::Principal;
use domain::kernel::*;
use domain::readings::{Channel, Verdict, counts_for};
use entities::kernel::{Change, Tx};
use entities::readings::{self, Reading};
use entities::subscribers::account;

use super::{is_closed, reload};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// Until the cut-off of its month; a subscriber takes back only what came from the cabinet. What it had replaced counts again.
pub async fn withdraw(tx: &mut Tx, today: NaiveDate, id: ReadingId) -> Outcome<Reading> {
    let Some(reading) = readings::find(tx, tx.scope(), id).await? else {
        refuse!(Refusal::new("NOT_FOUND").at("id"))
    };
    readings::lock_points(tx, &[reading.point_id]).await?;
    let reading = reload(tx, reading.id).await?;
    let own = matches!(tx.actor().principal, Principal::Subscriber(_));
    if reading.act.is_some() || (own && reading.channel != Channel::Portal) {
        refuse!("READING_NOT_YOURS");
    }
    if !matches!(reading.verdict, Verdict::Accepted | Verdict::Doubtful) {
        refuse!("READING_NOT_STANDING");
    }
    let sector = account::find(tx, tx.scope(), reading.account_id).await?.map(|account| account.sector);
    let now = match counts_for(today, &readings::methods(tx).await?) {
        Ok(period) => period,
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.code)),
    };
    if reading.period() < now || is_closed(tx, sector, reading.period()).await? {
        refuse!("READING_TOO_LATE");
    }

    readings::withdraw(tx, id).await?;
    let after = reload(tx, id).await?;
    tx.audit(Change::new("reading", id, "withdraw").before(&reading).after(&after));
    tx.emit(ReadingsEvent::Withdrawn { reading: id, account: reading.account_id });
    Ok(Ok(after))
}
