//! How much water the city produced in a month: the report of water puts it beside what was billed.

use domain::access::Scope;
use domain::kernel::{DocumentId, Period, Volume};
use entities::kernel::{Change, Tx};
use entities::ledger::water::{self, Produced};
use serde_json::json;

use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Records it on a document, in the place of what was known of the month. Pumping stations know no sectors, so that it is for those who see
/// all of them; where every sector has closed the month its reports are frozen, and nothing is recorded any more.
pub async fn record_produced(
    tx: &mut Tx,
    month: Period,
    volume: Volume,
    document: DocumentId,
) -> Outcome<Produced> {
    if *tx.scope() != Scope::City {
        refuse!("FORBIDDEN");
    }
    if volume.liters() < 0 {
        refuse!(Refusal::new("VOLUME_WRONG").at("volume"));
    }
    match water::sectors_open(tx, month).await? {
        None => refuse!(Refusal::new("NO_SUCH_PERIOD").at("period")),
        Some(0) => refuse!(Refusal::new("PERIOD_CLOSED").at("period")),
        Some(_) => {}
    }
    let before = water::produced(tx, month).await?;
    if let Some(known) = &before
        && known.liters == volume.liters()
        && known.document_id == document.0
    {
        tx.nothing_new("so it is known already");
        return Ok(Ok(known.clone()));
    }
    allow!(unless(water::record(tx, month, volume, document).await, &[])?);
    tx.audit(
        Change::bulk(
            "period",
            "water_produced",
            json!({ "period": month, "volume": volume, "before": before.map(|row| Volume::from_liters(row.liters)) }),
        )
        .document(Some(document.0)),
    );
    tx.nothing_new("a figure of a report: nobody waits for it");
    match water::produced(tx, month).await? {
        Some(row) => Ok(Ok(row)),
        None => refuse!("CONFLICT"),
    }
}
