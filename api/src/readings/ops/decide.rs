//! A person's word on a doubtful reading.

use domain::ReadingsEvent;
use domain::kernel::*;
use domain::readings::Verdict;
use entities::archive;
use entities::kernel::{Change, Tx};
use entities::readings::{self, Reading};
use entities::subscribers::account;

use super::{is_closed, reload};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// Characters of a reason.
const LONGEST: usize = 300;

#[derive(Debug, Clone)]
pub struct Decide {
    pub id: ReadingId,
    pub accept: bool,
    pub document: Option<DocumentId>,
    /// Why, in words; a rejection wants them.
    pub why: Option<String>,
}

/// Accepted, it takes the place of the one that stands for the month; the reasons of the doubt stay with it.
pub async fn decide(tx: &mut Tx, cmd: Decide) -> Outcome<Reading> {
    let Some(reading) = readings::find(tx, tx.scope(), cmd.id).await? else {
        refuse!(Refusal::new("NOT_FOUND").at("id"))
    };
    readings::lock_points(tx, &[reading.point_id]).await?;
    let reading = reload(tx, reading.id).await?;
    let why = cmd.why.as_deref().map(str::trim).filter(|why| !why.is_empty());
    if reading.verdict != Verdict::Doubtful {
        refuse!("READING_NOT_DOUBTFUL");
    }
    if !cmd.accept && why.is_none() {
        refuse!(Refusal::new("READING_REASON_MISSING").at("why"));
    }
    if why.is_some_and(|why| why.chars().count() > LONGEST) {
        refuse!(Refusal::new("READING_REASON_LONG").at("why").with("most", LONGEST));
    }
    let sector = account::find(tx, tx.scope(), reading.account_id).await?.map(|account| account.sector);
    // On a document also in a closed month: its bill stands, and a correction reckons it anew.
    if is_closed(tx, sector, reading.period()).await? {
        let Some(document) = cmd.document else { refuse!("PERIOD_CLOSED") };
        if archive::find(tx, document.0).await?.is_none() {
            refuse!(Refusal::new("NO_SUCH_DOCUMENT").at("documentId"));
        }
    }

    let verdict = if cmd.accept { Verdict::Accepted } else { Verdict::Rejected };
    readings::decide(tx, cmd.id, verdict, why).await?;
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
