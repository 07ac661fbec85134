//! Takes a reading back while its month still takes facts; on a document also later.

use chrono::NaiveDate;
use domain::ReadingsEvent;
use domain::access::Principal;
use domain::kernel::*;
use domain::readings::{Stays, WithdrawCase, withdrawable_on_document, withdrawable_until};
use entities::kernel::{Change, Tx};
use entities::readings::{self, Reading};
use entities::subscribers::account;

use super::{is_closed, reload};
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Until the cut-off of its month; a subscriber takes back only what came from the cabinet. What it had replaced counts again. Staff
/// take a wrong one back on a document afterwards too, out of a closed month as well: its bill stands, a correction reckons it anew,
/// and the next reading is judged by the last one that counts.
pub async fn withdraw(
    tx: &mut Tx,
    today: NaiveDate,
    id: ReadingId,
    document: Option<DocumentId>,
) -> Outcome<Reading> {
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
    let late = match withdrawable_until(&case, &methods, &moved) {
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.code)),
        Ok(Err(Stays::NotYours)) => refuse!("READING_NOT_YOURS"),
        Ok(Err(Stays::NotStanding)) => refuse!("READING_NOT_STANDING"),
        Ok(Err(Stays::TooLate)) => true,
        Ok(Ok(_)) => false,
    };
    if late {
        let Some(document) = document.filter(|_| withdrawable_on_document(&case)) else {
            refuse!("READING_TOO_LATE")
        };
        allow!(unless(readings::taken_back(tx, &reading, document).await, &[])?);
    }

    readings::withdraw(tx, id).await?;
    let after = reload(tx, id).await?;
    // In time nobody asks for a paper.
    let document = document.filter(|_| late).map(|id| id.0);
    tx.audit(Change::new("reading", id, "withdraw").before(&reading).after(&after).document(document));
    tx.emit(ReadingsEvent::Withdrawn { reading: id, account: reading.account_id });
    Ok(Ok(after))
}
