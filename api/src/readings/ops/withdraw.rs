//! Takes a reading back while its month still takes facts.

use chrono::NaiveDate;
use domain::ReadingsEvent;
use domain::access::Principal;
use domain::kernel::*;
use domain::readings::{Stays, WithdrawCase, withdrawable_until};
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
    let sector = account::find(tx, tx.scope(), reading.account_id).await?.map(|account| account.sector);
    let case = WithdrawCase {
        period: reading.period(),
        sector,
        closed: is_closed(tx, sector, reading.period()).await?,
        verdict: reading.verdict,
        channel: reading.channel,
        act: reading.act.is_some(),
        by_subscriber: matches!(tx.actor().principal, Principal::Subscriber(_)),
        today,
    };
    let (methods, moved) = (readings::methods(tx).await?, readings::moved_cut_offs(tx).await?);
    match withdrawable_until(&case, &methods, &moved) {
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.code)),
        Ok(Err(Stays::NotYours)) => refuse!("READING_NOT_YOURS"),
        Ok(Err(Stays::NotStanding)) => refuse!("READING_NOT_STANDING"),
        Ok(Err(Stays::TooLate)) => refuse!("READING_TOO_LATE"),
        Ok(Ok(_)) => {}
    }

    readings::withdraw(tx, id).await?;
    let after = reload(tx, id).await?;
    tx.audit(Change::new("reading", id, "withdraw").before(&reading).after(&after));
    tx.emit(ReadingsEvent::Withdrawn { reading: id, account: reading.account_id });
    Ok(Ok(after))
}
