//! A person's word on a doubtful reading.

use domain::ReadingsEvent;
use domain::kernel::*;
use domain::readings::Verdict;
use entities::kernel::{Change, Tx};
use entities::readings::{self, Reading};
use entities::subscribers::account;

use super::{is_closed, reload};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

#[derive(Debug, Clone)]
pub struct Decide {
    pub id: ReadingId,
    pub accept: bool,
    pub document: Option<DocumentId>,
}

/// Accepted, it takes the place of the one that stands for the month; the reasons of the doubt stay with it.
pub async fn decide(tx: &mut Tx, cmd: Decide) -> Outcome<Reading> {
    let Some(reading) = readings::find(tx, tx.scope(), cmd.id).await? else {
        refuse!(Refusal::new("NOT_FOUND").at("id"))
    };
    readings::lock_points(tx, &[reading.point_id]).await?;
    let reading = reload(tx, reading.id).await?;
    if reading.verdict != Verdict::Doubtful {
        refuse!("READING_NOT_DOUBTFUL");
    }
    let sector = account::find(tx, tx.scope(), reading.account_id).await?.map(|account| account.sector);
    if is_closed(tx, sector, reading.period()).await? {
        refuse!("PERIOD_CLOSED");
    }

    let verdict = if cmd.accept { Verdict::Accepted } else { Verdict::Rejected };
    readings::decide(tx, cmd.id, verdict).await?;
    let after = reload(tx, cmd.id).await?;
    let document = cmd.document.map(|id| id.0);
    tx.audit(Change::new("reading", cmd.id, "decide").before(&reading).after(&after).document(document));
    tx.emit(ReadingsEvent::Taken {
        reading: cmd.id,
        account: reading.account_id,
        verdict: verdict.code().to_owned(),
    });
    Ok(Ok(after))
}
